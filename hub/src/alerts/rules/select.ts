/** Which series a rule watches: by type, property, entities, inside an area, near places; and the partners of further conditions. */
import { absentViews, needColumns, readSelect } from '../../platform/declared/index.ts';
import type { Lake } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Series, SeriesBook } from '../../sensing/index.ts';
import * as k from '../problems.ts';
import type { Rule, Watch } from '../pure/index.ts';

/** Most places that a rule is near to. */
const MOST_PLACES = 20_000;
/** Most partners that one further condition has. */
const MOST_PARTNERS = 50;

/** A place that a rule is near to: a risk source (危险源), a school, a reservoir. */
export interface Place {
  name: string;
  lon: number;
  lat: number;
}

/** The places of a rule's `near`; the SQL is judged before it is asked. */
export async function placesOf(lake: Lake, rule: Rule): Promise<Place[]> {
  const { near } = rule.series;
  if (!near) return [];
  const file = `rules/${rule.rule}.yaml`;
  return lake.session(async (s) => {
    const select = await readSelect(s, near.places, `${file} near.places`);
    const views = await absentViews(s, select.views);
    const place = { file, pointer: '/series/near/places' };
    if (views.length || select.usesDay) throw new Problem(k.nearColumns, { views: views.join(', ') }, place);
    await needColumns(s, select.sql, ['name', 'lon', 'lat'], place, { text: near.places });
    const rows = await s.query<{ name: unknown; lon: unknown; lat: unknown }>(
      `SELECT name::VARCHAR AS name, lon::DOUBLE AS lon, lat::DOUBLE AS lat FROM (${select.sql}) LIMIT ${MOST_PLACES}`,
    );
    return rows
      .map((r) => ({ name: String(r.name ?? ''), lon: Number(r.lon ?? Number.NaN), lat: Number(r.lat ?? Number.NaN) }))
      .filter((p) => Number.isFinite(p.lon) && Number.isFinite(p.lat));
  });
}

/** The series of a rule. */
export function seriesOf(book: SeriesBook, rule: Rule, places: readonly Place[]): Series[] {
  const { type, property, entities, within, near } = rule.series;
  const by = { ...(type ? { type } : {}), ...(property ? { property } : {}) };
  let chosen: Series[];
  if (entities)
    chosen = entities
      .flatMap((e) => book.of(e))
      .filter((s) => s.active && (!type || s.type === type) && (!property || s.property === property));
  else if (within) chosen = book.within({ type: 'Polygon', coordinates: [within.polygon] }, by);
  else chosen = book.select(by);
  if (entities && within) {
    const inside = new Set(book.within({ type: 'Polygon', coordinates: [within.polygon] }, by).map((s) => s.number));
    chosen = chosen.filter((s) => inside.has(s.number));
  }
  if (near) {
    const close = new Set(places.flatMap((p) => book.near(p.lon, p.lat, near.metres, by).map((s) => s.number)));
    chosen = chosen.filter((s) => close.has(s.number));
  }
  return [...new Map(chosen.map((s) => [s.number, s])).values()].sort((a, b) => a.number - b.number);
}

/** What the engine is told to watch. */
export function watchOf(book: SeriesBook, rule: Rule, series: readonly Series[]): Watch {
  const partners = series.map((s) =>
    rule.together.map((t) => {
      const fits = (other: Series) => other.property === t.property && (!t.type || other.type === t.type);
      if (t.metres === undefined)
        return book
          .of(s.entity)
          .filter((o) => o.active && fits(o))
          .map((o) => o.number);
      if (s.lon === null || s.lat === null) return [];
      const by = { property: t.property, ...(t.type ? { type: t.type } : {}) };
      return book
        .near(s.lon, s.lat, t.metres, by)
        .slice(0, MOST_PARTNERS)
        .map((o) => o.number);
    }),
  );
  return { series: series.map((s) => s.number), partners };
}
