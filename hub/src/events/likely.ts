/**
 * What a seat asks before a report is filed: what the words speak of, and which open events look the same. And the way from an alert to its
 * event. Nothing is written; telephone numbers in the words are masked before anything looks at them.
 */
import { sql } from 'kysely';
import { z } from 'zod';
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import { eventView, receivedAnswer } from './api.ts';
import { reportBody, withoutPhones } from './intake.ts';
import { shown } from './list.ts';
import { classify } from './matters.ts';
import type { EventPorts } from './ports.ts';
import type { EventRow } from './store.ts';

const API = '/api/v1/events';
const said = reportBody.omit({ key: true, phone: true, pictures: true }).extend({ text: z.string().trim().max(2000) });
const likelyAnswer = z.object({
  /** The matter that the words speak of, where none was given, and the words that said so. */
  matter: z.string().nullable(),
  words: z.array(z.string()),
  likely: z.array(
    z.object({
      event: eventView,
      probability: z.number(),
      why: receivedAnswer.shape.why,
      /** Sure enough to be joined by itself; otherwise a person decides. */
      join: z.boolean(),
    }),
  ),
});

/** Routes that only look. */
export function likelyRoutes(ports: EventPorts): RouteDefinition[] {
  const room = 'events';
  return [
    defineRoute({
      ...{ method: 'POST', path: `${API}/likely`, reads: true, room, access: 'event.dispatch', body: said },
      response: likelyAnswer,
      summary: { zh: '登记前查找相同事件', en: 'What looks the same, before anything is filed' },
      handler: ({ body }) => likely(ports, body),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${API}/of-alert/{alert}`, room, access: 'event.read' },
      params: z.object({ alert: z.coerce.number().int().positive() }),
      response: z.object({
        event: z.object({ id: z.int(), number: z.string(), state: z.string() }).nullable(),
      }),
      summary: { zh: '预警转成的事件', en: 'The event that an alert became' },
      handler: async ({ params }) => {
        const { rows } = await sql<{ id: number; number: string; state: string }>`SELECT e.id, e.number, e.state
          FROM events.report r JOIN events.event e ON e.id = r.event
          WHERE r.channel = 'alert' AND r.key = ${`alert-${params.alert}`}`.execute(ports.db.kysely);
        return { event: rows[0] ?? null };
      },
    }),
  ];
}

async function likely(ports: EventPorts, body: z.output<typeof said>): Promise<z.output<typeof likelyAnswer>> {
  const catalogue = await ports.matters.current();
  const { text } = withoutPhones(body.text);
  const address = body.address ? withoutPhones(body.address).text : null;
  const found = body.matter ? null : classify(catalogue, text);
  const known = body.matter && catalogue.byId.has(body.matter) ? body.matter : null;
  const matter = known ?? found?.matter ?? null;
  const place = body.longitude !== undefined && body.latitude !== undefined;
  const same = ports.recent.likely({
    at: body.at ? Date.parse(body.at) : ports.clock.now().getTime(),
    ...{ lon: place ? body.longitude! : null, lat: place ? body.latitude! : null },
    ...{ matter, group: catalogue.byId.get(matter ?? '')?.group ?? null, channel: 'desk', text, address },
  });
  const { rows } = same.length
    ? await sql<EventRow>`SELECT * FROM events.event WHERE id = ANY(${same.map((l) => l.event)}::bigint[])
        AND state NOT IN ('closed', 'void', 'merged')`.execute(ports.db.kysely)
    : { rows: [] };
  const open = new Map(rows.map((e) => [e.id, e]));
  return {
    ...{ matter: found?.matter ?? null, words: found?.words ?? [] },
    likely: same.flatMap((l) => {
      const e = open.get(l.event);
      return e ? [{ event: shown(ports, e), probability: l.probability, why: l.why, join: l.join }] : [];
    }),
  };
}
