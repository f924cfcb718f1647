/**
 * The network of enterprises and persons, walked step by step: one node and what is around it, to a depth and a number of
 * nodes. Persons without an identity token belong to one enterprise only, so that two of one name never become one.
 */
import type { z } from 'zod';
import type { Lake } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import type { networkAnswer, networkQuery } from './api.ts';
import type { Metadata } from './metadata.ts';
import { enterprisesOf, personGuard, qualities, type RelationRow, readRelations, walkableNode } from './persons.ts';
import { nodeInvalid, nodeUnknown, personForbidden } from './problems.ts';
import type { Viewer } from './view.ts';

type Answer = z.input<typeof networkAnswer>;
type Node = Answer['nodes'][number];

/** A node that was asked for. */
export type NodeKey =
  | { kind: 'e'; entity: number }
  | { kind: 'p'; token: string }
  | { kind: 'n'; entity: number; name: string };

/** Reads a node's id; refuses anything that is not one. */
export function readNode(id: string): NodeKey {
  const enterprise = /^e:(\d{1,10})$/.exec(id);
  if (enterprise) return { kind: 'e', entity: Number(enterprise[1]) };
  const token = /^p:([cpb]~[a-z2-7]{26})$/.exec(id);
  if (token) return { kind: 'p', token: token[1]! };
  const named = /^n:(\d{1,10}):(.{1,60})$/u.exec(id);
  if (named) return { kind: 'n', entity: Number(named[1]), name: named[2]! };
  throw new Problem(nodeInvalid, { node: id });
}

/** At most so many relations are read for one step. */
const ROWS = 3000;

/** The relations that touch any of the nodes. */
function around(lake: Lake, keys: readonly NodeKey[]): Promise<RelationRow[]> {
  const entities = keys.flatMap((k) => (k.kind === 'e' ? [k.entity] : []));
  const tokens = keys.flatMap((k) => (k.kind === 'p' ? [k.token] : []));
  const names = keys.flatMap((k) => (k.kind === 'n' ? [{ name: k.name, entity: k.entity }] : []));
  return readRelations(lake, { of: entities, to: entities, tokens, names }, ROWS);
}

/** Walks from a node. Nodes of persons need person.read and a purpose, and are audited. */
export async function network(
  lake: Lake,
  metadata: Metadata,
  viewer: Viewer,
  query: z.output<typeof networkQuery>,
): Promise<Answer> {
  const root = readNode(query.node);
  const isPerson = root.kind !== 'e';
  if (isPerson) await viewer.requirePerson(`node/${root.kind === 'p' ? root.token : root.entity}`, personForbidden);
  const mayWalkPersons = viewer.look.principal.permissions.has('person.read') && viewer.purpose !== null;
  const nodes = new Map<string, Node>();
  const edges = new Map<string, Answer['edges'][number]>();
  let cut = false;
  let frontier: NodeKey[] = [root];
  /** Adds a node unless the answer is full; answers whether it is in. */
  const put = (node: Omit<Node, 'complete'>): boolean => {
    if (nodes.has(node.id)) return true;
    if (nodes.size >= query.limit) {
      cut = true;
      return false;
    }
    nodes.set(node.id, { ...node, complete: false });
    return true;
  };
  const enterprise = (entity: number, depth: number) =>
    put({
      id: `e:${entity}`,
      kind: 'enterprise',
      label: { value: null, shown: 'plain' },
      entity,
      status: null,
      depth,
      walkable: true,
    });
  if (root.kind === 'e') enterprise(root.entity, 0);
  for (let depth = 1; depth <= query.depth && frontier.length > 0; depth++) {
    const rows = await around(lake, frontier);
    if (rows.length >= ROWS) cut = true;
    const before = new Set(nodes.keys());
    let whole = rows.length < ROWS;
    const unnamed = new Map<number, number>();
    for (const r of rows) {
      // The root person is the first node; what is found around it follows.
      const other = await otherEnd(metadata, viewer, r, depth, query.node, unnamed);
      if (!other) continue;
      if (!put(other) || !enterprise(r.entity, depth)) {
        whole = false;
        continue;
      }
      const { class: _, ...quality } = qualities(r);
      const edge = { from: other.id, to: `e:${r.entity}`, ...quality };
      edges.set([edge.from, edge.to, edge.kind, edge.position, edge.fact].join('|'), edge);
    }
    if (whole) for (const k of frontier) markComplete(nodes, idOf(k));
    frontier = [...nodes.values()]
      .filter((n) => !before.has(n.id) && n.walkable && (n.kind === 'enterprise' || mayWalkPersons))
      .map((n) => readNode(n.id));
  }
  if (isPerson && nodes.size === 0) throw new Problem(nodeUnknown, { node: query.node });
  await nameEnterprises(lake, nodes, query.node);
  await viewer.settle();
  if (isPerson || viewer.personal > 0) {
    await viewer.record('credit.network', isPerson ? `node/${idOf(root)}` : `legal-person/${root.entity}`, {
      depth: query.depth,
      nodes: nodes.size,
      personal: viewer.personal,
    });
  }
  return { root: query.node, nodes: [...nodes.values()], edges: [...edges.values()], cut };
}

const idOf = (key: NodeKey): string =>
  key.kind === 'e' ? `e:${key.entity}` : key.kind === 'p' ? `p:${key.token}` : `n:${key.entity}:${key.name}`;

function markComplete(nodes: Map<string, Node>, id: string): void {
  const node = nodes.get(id);
  if (node) node.complete = true;
}

/** The end of a relation that is not its enterprise. */
async function otherEnd(
  metadata: Metadata,
  viewer: Viewer,
  r: RelationRow,
  depth: number,
  root: string,
  unnamed: Map<number, number>,
): Promise<Omit<Node, 'complete'> | null> {
  const shared = { entity: null, status: null, depth };
  if (r.other_entity) {
    const label = { value: r.other_name, shown: 'plain' as const };
    return { ...shared, id: `e:${r.other_entity}`, kind: 'enterprise', label, entity: r.other_entity, walkable: true };
  }
  if (r.person_name) {
    const label = viewer.cell(await personGuard(metadata, r.class), 'person-name', r.person_name);
    const id = walkableNode(viewer, r, label.shown === 'plain') ?? rootOf(r, root);
    if (id) return { ...shared, id, kind: 'person', label, depth: id === root ? 0 : depth, walkable: true };
    // A person whose name is not shown: one node for each relation, that tells nothing.
    const n = (unnamed.get(r.entity) ?? 0) + 1;
    unnamed.set(r.entity, n);
    return { ...shared, id: `m:${r.entity}:${n}`, kind: 'person', label, walkable: false };
  }
  if (!r.other_name) return null;
  const label = { value: r.other_name, shown: 'plain' as const };
  return { ...shared, id: `o:${r.entity}:${r.other_name}`, kind: 'organisation', label, walkable: false };
}

/** The root's own id where the relation is the one that was asked for by name. */
const rootOf = (r: RelationRow, root: string): string | null =>
  !r.person_token && root === `n:${r.entity}:${r.person_name}` ? root : null;

/** Puts names and statuses on enterprises; an unknown root is refused. */
async function nameEnterprises(lake: Lake, nodes: Map<string, Node>, root: string): Promise<void> {
  const entities = [...nodes.values()].flatMap((n) => (n.kind === 'enterprise' ? [n.entity!] : []));
  for (const [entity, { name, status }] of await enterprisesOf(lake, entities)) {
    const node = nodes.get(`e:${entity}`)!;
    node.label = { value: name, shown: 'plain' };
    node.status = status;
  }
  if (root.startsWith('e:') && nodes.get(root)?.label.value === null) throw new Problem(nodeUnknown, { node: root });
}
