/** Entities: list, one, registration, history, calibration. */
import { sql } from 'kysely';
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import { Problem } from '../../platform/problem.ts';
import * as api from '../api.ts';
import { badPlace } from '../model/place.ts';
import { types } from '../model/types.ts';
import { unitSymbol } from '../model/units.ts';
import * as k from '../problems.ts';
import type { SeriesRow } from '../registry/book.ts';
import type { SensingRoom } from '../room.ts';
import { shownEntity, typeTitle, worst } from './shown.ts';

const base = '/api/v1/sensing';
const room = 'sensing';

/** Values of the last day by hour of the first series of each entity, for small charts. */
async function sparks(r: SensingRoom, series: readonly number[]): Promise<Map<number, number[]>> {
  if (!series.length) return new Map();
  const rows = await r.deps.lake.query<{ series: number; means: number[] }>(
    `SELECT series, list(mean ORDER BY hour) AS means FROM v.reading_hour_v1
     WHERE list_contains($series, series) AND hour >= $from::TIMESTAMP GROUP BY series`,
    { series, from: new Date(r.now() - 86_400_000).toISOString() },
  );
  return new Map(rows.map((x) => [x.series, x.means.map(Number)]));
}

export function entityRoutes(r: SensingRoom): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/entities`, room, access: 'sensing.read', query: api.entityQuery },
      ...{ response: api.entityList, summary: { zh: '感知设备', en: 'Sensors' } },
      async handler({ query }) {
        const groups = new Map<string, SeriesRow[]>();
        for (const s of r.book.all()) {
          const of = groups.get(s.entity);
          if (of) of.push(s);
          else groups.set(s.entity, [s]);
        }
        const types = new Map<string, number>();
        const healths: Record<string, number> = {};
        const owners = new Set<string>();
        const found: SeriesRow[][] = [];
        const words = query.q?.toLowerCase();
        for (const rows of groups.values()) {
          const [first] = rows as [SeriesRow];
          types.set(first.type, (types.get(first.type) ?? 0) + 1);
          if (first.owner) owners.add(first.owner);
          const health = worst(rows.map((s) => r.health(s.number)));
          healths[health] = (healths[health] ?? 0) + 1;
          if (query.type && first.type !== query.type) continue;
          if (query.health && health !== query.health) continue;
          if (query.owner && first.owner !== query.owner) continue;
          if (words && !`${first.entity} ${first.label.zh} ${first.label.en}`.toLowerCase().includes(words)) continue;
          found.push(rows);
        }
        const page = found.slice((query.page - 1) * query.size, query.page * query.size);
        const lines = await sparks(
          r,
          page.map(([first]) => first!.number),
        );
        return {
          total: found.length,
          items: page.map((rows) => ({ ...shownEntity(r, rows), spark: lines.get(rows[0]!.number) ?? [] })),
          types: [...types].map(([type, count]) => ({ type, title: typeTitle(type), count })),
          ...{ healths, owners: [...owners].sort() },
        };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/entities`, room, access: 'sensing.manage', body: api.registerBody },
      ...{ response: api.registered, problems: [k.badEntity, badPlace] },
      summary: { zh: '登记感知设备', en: 'Register sensors' },
      async handler({ body, principal }) {
        const answer = await r.registry.register(body.entities, 'console');
        await r.deps.audit.append({
          ...{ actor: principal, action: 'sensing.register', object: 'sensing-entities', outcome: 'ok' },
          detail: { ...answer, first: body.entities[0]!.id },
        });
        return answer;
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/types`, room, access: 'sensing.read', response: api.typeList },
      summary: { zh: '设备类型与监测项', en: 'Types of sensors and what they measure' },
      handler: async () => ({
        types: Object.entries(types).map(([type, { zh, en, properties }]) => ({
          ...{ type, title: { zh, en } },
          properties: Object.entries(properties).map(([name, p]) => ({
            ...{ name, title: { zh: p.zh, en: p.en }, unit: p.unit, symbol: unitSymbol(p.unit) },
            ...{ least: p.least, most: p.most },
          })),
        })),
      }),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/entities/{id}`, room, access: 'sensing.read', params: api.entityParams },
      ...{ response: api.entityDetail, problems: [k.unknownEntity] },
      summary: { zh: '一个感知设备', en: 'A sensor' },
      handler: ({ params: { id } }) => detail(r, id),
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/entities/{id}/active`, room, access: 'sensing.manage' },
      ...{ params: api.entityParams, body: api.activeBody, response: api.entityDetail, problems: [k.unknownEntity] },
      summary: { zh: '停用或启用感知设备', en: 'Take a sensor out of service or back' },
      async handler({ params: { id }, body, principal }) {
        if (!r.book.has(id)) throw new Problem(k.unknownEntity, { id });
        await r.deps.db.tx(async (trx) => {
          await r.registry.setActive(id, body.active, trx);
          const action = body.active ? 'sensing.entity-activate' : 'sensing.entity-retire';
          await r.deps.audit.append({ actor: principal, action, object: id, outcome: 'ok' }, trx);
        });
        await r.registry.load([id]);
        return detail(r, id);
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/series/{number}/history`, room, access: 'sensing.read' },
      ...{ params: api.seriesParams, query: api.historyQuery, response: api.historyAnswer },
      ...{ summary: { zh: '历史读数', en: 'History of a series' }, problems: [k.unknownSeries, k.badQuery] },
      async handler({ params: { number }, query }) {
        const s = r.book.get(number);
        if (!s) throw new Problem(k.unknownSeries);
        const [from, to] = [Date.parse(query.from), Date.parse(query.to)];
        if (!(from < to)) throw new Problem(k.badQuery, { zh: '起止时间颠倒', en: 'the times are turned round' });
        if (query.by === 'reading') {
          const points = await r.history(number, from, to, query.limit);
          return {
            ...{ by: query.by, unit: s.unit },
            points: points.map((p) => ({ at: new Date(p.at).toISOString(), value: p.value })),
          };
        }
        const points = await r.rollups(number, query.by, from, to);
        return {
          ...{ by: query.by, unit: s.unit },
          points: points.map((p) => ({
            ...{ at: new Date(p.at).toISOString(), value: p.mean, least: p.least, most: p.most, count: p.count },
          })),
        };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/series/{number}/calibration`, room, access: 'sensing.manage' },
      ...{ params: api.seriesParams, body: api.calibrationBody, response: api.entityDetail },
      ...{ summary: { zh: '校准', en: 'Calibrate a series' }, problems: [k.unknownSeries] },
      async handler({ params: { number }, body, principal }) {
        const s = r.book.get(number);
        if (!s) throw new Problem(k.unknownSeries);
        await r.deps.db.tx(async (trx) => {
          await r.registry.calibrate(number, { ...body, by: principal.login }, trx);
          const { scale, shift, certificate } = body;
          const detail = { property: s.property, scale, shift, certificate };
          await r.deps.audit.append(
            { actor: principal, action: 'sensing.calibrate', object: s.entity, outcome: 'ok', detail },
            trx,
          );
        });
        await r.registry.load([s.entity]);
        return detail(r, s.entity);
      },
    }),
  ];
}

async function detail(r: SensingRoom, id: string) {
  const { kysely } = r.deps.db;
  const found = await sql<{
    address: string | null;
    attributes: Record<string, unknown>;
    origin: string;
    active: boolean;
    version: number;
  }>`SELECT address, attributes, origin, active, version FROM sensing.entity WHERE id = ${id}`.execute(kysely);
  const rows = r.book.of(id);
  if (!found.rows[0] || !rows.length) throw new Problem(k.unknownEntity, { id });
  const set = await sql<{
    series: number;
    property: string;
    scale: number;
    shift: number;
    certificate: string;
    due: string | null;
    note: string;
    set_by: string;
    set_at: Date;
  }>`SELECT c.series, s.property, c.scale, c.shift, c.certificate, c.due::text AS due, c.note, c.set_by, c.set_at FROM sensing.calibration c
    JOIN sensing.series s ON s.number = c.series WHERE s.entity = ${id} ORDER BY c.id DESC LIMIT 100`.execute(kysely);
  return {
    ...shownEntity(r, rows),
    ...found.rows[0],
    calibrations: set.rows.map(({ set_by: by, set_at: at, ...c }) => ({ ...c, by, at: at.toISOString() })),
  };
}
