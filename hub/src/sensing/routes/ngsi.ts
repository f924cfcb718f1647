/**
 * Entities by the NGSI-LD API (ETSI GS CIM 009), read access: `/ngsi-ld/v1/entities`, one entity, its history, types. Normalized, or key-values
 * with `options=keyValues`; names are those of the Smart Data Models.
 */
import { z } from 'zod';
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import { Problem } from '../../platform/problem.ts';
import { metresBetween } from '../model/place.ts';
import * as k from '../problems.ts';
import type { SeriesRow } from '../registry/book.ts';
import type { SensingRoom } from '../room.ts';

const base = '/ngsi-ld/v1';
const room = 'sensing';
const CONTEXT = [
  'https://smart-data-models.github.io/data-models/context.jsonld',
  'https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld',
];

const answer = z.record(z.string(), z.unknown());
const options = z.enum(['keyValues', 'normalized']).optional();
const query = z.object({
  id: z.string().max(2000).optional(),
  type: z.string().max(500).optional(),
  attrs: z.string().max(500).optional(),
  q: z.string().max(500).optional(),
  georel: z.string().max(60).optional(),
  geometry: z.enum(['Point']).optional(),
  coordinates: z.string().max(100).optional(),
  options,
  limit: z.coerce.number().int().min(1).max(1000).default(20),
  offset: z.coerce.number().int().min(0).max(10_000_000).default(0),
});

const bad = (zh: string, en: string): Problem => new Problem(k.badQuery, { zh, en });

/** One condition of `q`: an attribute against a number; `;` means and. */
type Condition = (rows: readonly SeriesRow[], room: SensingRoom) => boolean;
const COMPARE: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
};

/** Reads `q`. */
export function conditions(q: string | undefined): Condition[] {
  return (q ?? '')
    .split(';')
    .filter((t) => t !== '')
    .map((text) => {
      const [, name, op, value] = /^([A-Za-z]\w*)(?:(==|!=|>=|<=|>|<)(-?\d+(?:\.\d+)?))?$/.exec(text) ?? [];
      if (!name) throw bad(`看不懂条件 ${text.slice(0, 60)}`, `the condition ${text.slice(0, 60)} cannot be read`);
      return (rows, r) => {
        const s = rows.find((x) => x.property === name);
        const latest = s && r.latest(s.number);
        return latest !== undefined && (!op || COMPARE[op]!(latest.value, Number(value)));
      };
    });
}

function entityOf(
  r: SensingRoom,
  rows: readonly SeriesRow[],
  attrs: ReadonlySet<string> | null,
  plain: boolean,
): Record<string, unknown> {
  const [first] = rows as [SeriesRow];
  const out: Record<string, unknown> = { id: first.entity, type: first.type };
  const put = (name: string, value: unknown, kind = 'Property', more: object = {}) => {
    if (attrs && !attrs.has(name)) return;
    out[name] = plain ? value : { type: kind, value, ...more };
  };
  put('name', first.label.zh);
  if (first.lon !== null && first.lat !== null)
    put('location', { type: 'Point', coordinates: [first.lon, first.lat] }, 'GeoProperty');
  let newest = 0;
  for (const s of rows) {
    const latest = r.latest(s.number);
    if (!latest) continue;
    newest = Math.max(newest, latest.at);
    put(s.property, latest.value, 'Property', { observedAt: new Date(latest.at).toISOString(), unitCode: s.unit });
  }
  if (newest) {
    const at = new Date(newest).toISOString();
    put('dateObserved', plain ? at : { '@type': 'DateTime', '@value': at });
  }
  out['@context'] = CONTEXT;
  return out;
}

export function ngsiRoutes(r: SensingRoom): RouteDefinition[] {
  const one = (id: string): SeriesRow[] => {
    const rows = r.book.of(id).filter((s) => s.active);
    if (!rows.length) throw new Problem(k.unknownEntity, { id });
    return rows;
  };
  const attrsOf = (attrs: string | undefined) => (attrs ? new Set(attrs.split(',')) : null);
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/entities`, room, access: 'sensing.read', query, response: z.array(answer) },
      ...{ problems: [k.badQuery], summary: { zh: 'NGSI-LD 实体查询', en: 'NGSI-LD: entities' } },
      async handler({ query: a, reply }) {
        if (!a.type && !a.id && !a.q && !a.georel)
          throw bad('须给出 type、id、q 或 georel 之一', 'give type, id, q or georel');
        const types = a.type ? new Set(a.type.split(',')) : null;
        const ids = a.id ? new Set(a.id.split(',')) : null;
        const where = conditions(a.q);
        const near = nearOf(a);
        const groups = new Map<string, SeriesRow[]>();
        for (const s of r.book.all()) {
          if (!s.active || (types && !types.has(s.type)) || (ids && !ids.has(s.entity)) || (near && !near(s))) continue;
          const of = groups.get(s.entity);
          if (of) of.push(s);
          else groups.set(s.entity, [s]);
        }
        const found = [...groups.values()].filter((rows) => where.every((c) => c(rows, r)));
        reply.header('NGSILD-Results-Count', String(found.length));
        return found
          .slice(a.offset, a.offset + a.limit)
          .map((rows) => entityOf(r, rows, attrsOf(a.attrs), a.options === 'keyValues'));
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/entities/{id}`, room, access: 'sensing.read', response: answer },
      ...{
        params: z.object({ id: z.string().max(200) }),
        query: z.object({ attrs: z.string().max(500).optional(), options }),
      },
      ...{ problems: [k.unknownEntity], summary: { zh: 'NGSI-LD 实体', en: 'NGSI-LD: an entity' } },
      handler: async ({ params: { id }, query: a }) =>
        entityOf(r, one(id), attrsOf(a.attrs), a.options === 'keyValues'),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/temporal/entities/{id}`, room, access: 'sensing.read', response: answer },
      params: z.object({ id: z.string().max(200) }),
      query: z.object({
        timerel: z.enum(['before', 'after', 'between']).default('after'),
        timeAt: z.iso.datetime({ offset: true }).optional(),
        endTimeAt: z.iso.datetime({ offset: true }).optional(),
        attrs: z.string().max(500).optional(),
        lastN: z.coerce.number().int().min(1).max(10_000).default(1000),
      }),
      ...{
        problems: [k.unknownEntity, k.badQuery],
        summary: { zh: 'NGSI-LD 历史', en: 'NGSI-LD: history of an entity' },
      },
      async handler({ params: { id }, query: a }) {
        const now = r.now();
        const at = a.timeAt ? Date.parse(a.timeAt) : now - 86_400_000;
        if (a.timerel === 'between' && !a.endTimeAt) throw bad('between 须给出 endTimeAt', 'between needs endTimeAt');
        const [from, to] =
          a.timerel === 'before' ? [0, at] : [at, a.timerel === 'between' ? Date.parse(a.endTimeAt!) : now + 600_000];
        const attrs = attrsOf(a.attrs);
        const rows = one(id).filter((s) => !attrs || attrs.has(s.property));
        const out: Record<string, unknown> = { id, type: rows[0]?.type ?? one(id)[0]!.type };
        for (const s of rows) {
          const points = await r.history(s.number, from, to, a.lastN);
          out[s.property] = points.map((p) => ({
            ...{ type: 'Property', value: p.value, observedAt: new Date(p.at).toISOString(), unitCode: s.unit },
          }));
        }
        out['@context'] = CONTEXT;
        return out;
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/types`, room, access: 'sensing.read', response: answer },
      summary: { zh: 'NGSI-LD 实体类型', en: 'NGSI-LD: types' },
      handler: async () => {
        const typeList = [...new Set([...r.book.all()].filter((s) => s.active).map((s) => s.type))].sort();
        return { id: 'urn:ngsi-ld:EntityTypeList:hub', type: 'EntityTypeList', typeList, '@context': CONTEXT };
      },
    }),
  ];
}

/** `georel=near;maxDistance==1000&geometry=Point&coordinates=[121.2,30.1]`. */
function nearOf(a: z.output<typeof query>): ((s: SeriesRow) => boolean) | null {
  if (a.georel === undefined) return null;
  const metres = Number(/^near;maxDistance==(\d{1,7}(?:\.\d+)?)$/.exec(a.georel)?.[1]);
  const [, lon, lat] = /^\[(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)\]$/.exec((a.coordinates ?? '').replace(/\s/g, '')) ?? [];
  if (!Number.isFinite(metres) || lon === undefined || lat === undefined)
    throw bad(
      'georel 支持 near;maxDistance==米 与点坐标',
      'georel: near;maxDistance==metres with the coordinates of a point',
    );
  return (s) => s.lon !== null && s.lat !== null && metresBetween(Number(lon), Number(lat), s.lon, s.lat) <= metres;
}
