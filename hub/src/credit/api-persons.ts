/** Relations, natural persons and the network between them. See api.ts for conventions. */
import { z } from 'zod';
import { bilingual, cell, day, decimal, factId, flag } from './api-base.ts';

export const relationItem = z.object({
  kind: z.string(),
  title: bilingual,
  /** Node of the other end in the network; null where it cannot be walked to. */
  node: z.string().nullable(),
  person: cell.nullable(),
  organisation: z.object({ entity: z.number().int().nullable(), name: z.string() }).nullable(),
  position: z.string().nullable(),
  amount: decimal.nullable(),
  share: z.number().nullable().describe('percent'),
  validFrom: day.nullable(),
  validTo: day.nullable(),
  class: z.number().int().nullable(),
  fact: factId.nullable(),
});

export const relationsQuery = z.object({
  kind: z.string().max(40).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
  plain: flag,
});
export const relationsAnswer = z.object({
  entity: z.number().int(),
  relations: z.array(relationItem),
  total: z.number().int(),
  next: z.string().nullable(),
});

const personFields = {
  /** Whole name. */
  name: z.string().min(1).max(40).optional(),
  /** Token of an identity number, from an earlier answer. */
  token: z.string().max(60).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
};
export const personsQuery = z.object(personFields);
/** POST: also by the number itself, which must not stand in a URL. */
export const personsBody = z.object({ ...personFields, identity: z.string().min(6).max(40).optional() });

/** One natural person; without an identity token a person is known inside one enterprise only. */
export const person = z.object({
  node: z.string(),
  token: z.string().nullable(),
  name: cell,
  identity: cell,
  shareholdings: z.number().int(),
  offices: z.number().int(),
  enterprises: z.array(
    z.object({
      entity: z.number().int(),
      name: z.string(),
      uscc: z.string().nullable(),
      status: z.string().nullable(),
      relations: z.array(relationItem.omit({ node: true, person: true, organisation: true })),
    }),
  ),
});
export const personsAnswer = z.object({
  persons: z.array(person),
  /** More persons than `limit` answer to the name. */
  more: z.boolean(),
});

export const networkQuery = z.object({
  /** `e:<entity>`, `p:<token>` or `n:<entity>:<name>`, from an earlier answer. */
  node: z.string().min(3).max(120),
  depth: z.coerce.number().int().min(1).max(3).default(1),
  limit: z.coerce.number().int().min(10).max(500).default(150),
  plain: flag,
});
export const networkNode = z.object({
  id: z.string(),
  kind: z.enum(['enterprise', 'person', 'organisation']),
  label: cell,
  entity: z.number().int().nullable(),
  status: z.string().nullable(),
  /** Steps from the node asked for. */
  depth: z.number().int(),
  /** Whether it can be asked for itself. */
  walkable: z.boolean(),
  /** Whether all its relations are in this answer. */
  complete: z.boolean(),
});
export const networkEdge = z.object({
  from: z.string(),
  to: z.string(),
  kind: z.string(),
  title: bilingual,
  position: z.string().nullable(),
  amount: decimal.nullable(),
  share: z.number().nullable(),
  validFrom: day.nullable(),
  validTo: day.nullable(),
  fact: factId.nullable(),
});
export const networkAnswer = z.object({
  root: z.string(),
  nodes: z.array(networkNode),
  edges: z.array(networkEdge),
  /** True when the limit cut the answer. */
  cut: z.boolean(),
});
