/** Routes of what recipients are to delete: their own departments', and all of them for who oversees sharing. */
import { z } from 'zod';
import { bilingual } from '../catalogue/index.ts';
import type { Principal } from '../platform/auth/principal.ts';
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import { cityDay } from '../platform/law/index.ts';
import type { SharingPorts } from './act.ts';
import { nameOf, sharedEntry } from './entries.ts';
import { acknowledgeDuty, answers, erasureDuties } from './erase.ts';
import { seesAll } from './people.ts';
import { dutyDone, unknownDuty } from './problems.ts';

const room = 'sharing';
const path = '/api/v1/sharing/erasures';

const duty = z.object({
  id: z.number().int(),
  erasure: z.number().int(),
  request: z.number().int(),
  organisation: z.object({ id: z.string(), name: bilingual }),
  title: bilingual,
  /** Numbers of the records, as they stand in the recipient's own files; only told to the recipient itself. */
  records: z.array(z.string()),
  count: z.number().int(),
  deliveries: z.array(z.number().int()),
  toldAt: z.string(),
  due: z.string().nullable(),
  overdue: z.boolean(),
  acknowledgedAt: z.string().nullable(),
  by: z.string().nullable(),
  statement: z.string().nullable(),
  mine: z.boolean(),
});

/** Officers answer for their department; who oversees sharing puts down what other hubs answered. */
const mayAnswer = (p: Principal): boolean =>
  p.permissions.has('sharing.request') || p.permissions.has('sharing.oversee');

/** All of them. */
export function erasureDutyRoutes(ports: SharingPorts): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'GET', path, room, access: 'sharing.read', response: z.object({ items: z.array(duty) }) },
      summary: { zh: '须删除的已接收记录', en: 'Delivered records that are to be deleted' },
      handler: async ({ principal }) => {
        const all = seesAll(principal);
        if (!all && principal.organisation === null) return { items: [] };
        const duties = await erasureDuties(ports.db.kysely, all ? 'all' : { organisation: principal.organisation! });
        const today = cityDay(ports.clock.now());
        return {
          items: duties.map((d) => {
            const mine = answers(d.requester, principal);
            const title = sharedEntry(ports, d.entry)?.entry.title ?? { zh: d.entry, en: d.entry };
            return {
              ...{ id: d.id, erasure: d.erasure, request: d.request, title },
              organisation: { id: d.requester, name: nameOf(ports, d.requester) },
              records: mine ? d.records : [],
              ...{ count: d.records.length, deliveries: d.deliveries, toldAt: d.told_at.toISOString(), due: d.due },
              overdue: d.acknowledged_at === null && d.due !== null && d.due < today,
              acknowledgedAt: d.acknowledged_at?.toISOString() ?? null,
              ...{ by: d.login, statement: d.statement, mine: mine && mayAnswer(principal) },
            };
          }),
        };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${path}/{id}/acknowledgement`, room, access: 'sharing.request' },
      params: z.object({ id: z.coerce.number().int().positive() }),
      body: z.strictObject({ statement: z.string().trim().min(4).max(1000) }),
      response: z.object({ ok: z.literal(true) }),
      problems: [unknownDuty, dutyDone],
      summary: { zh: '说明已删除', en: 'Say that they were deleted' },
      handler: async ({ params, body, principal }) => {
        await acknowledgeDuty(ports, params.id, body.statement, principal);
        return { ok: true as const };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${path}/{id}/answer-of-peer`, room, access: 'sharing.oversee' },
      params: z.object({ id: z.coerce.number().int().positive() }),
      body: z.strictObject({ statement: z.string().trim().min(4).max(1000) }),
      response: z.object({ ok: z.literal(true) }),
      problems: [unknownDuty, dutyDone],
      summary: { zh: '登记其他枢纽的答复', en: 'Put down what another hub answered' },
      handler: async ({ params, body, principal }) => {
        await acknowledgeDuty(ports, params.id, body.statement, principal);
        return { ok: true as const };
      },
    }),
  ];
}
