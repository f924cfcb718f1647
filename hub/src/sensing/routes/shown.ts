/** Entities as they are shown. */
import type { z } from 'zod';
import type * as api from '../api.ts';
import { propertyModel, types } from '../model/types.ts';
import { unitSymbol } from '../model/units.ts';
import type { Health } from '../readings.ts';
import type { SeriesRow } from '../registry/book.ts';
import type { SensingRoom } from '../room.ts';

/** From the gravest to the least. */
const GRAVE: readonly Health[] = ['silent', 'flat', 'drifting', 'new', 'ok', 'retired'];

export const worst = (healths: readonly Health[]): Health => GRAVE.find((h) => healths.includes(h)) ?? 'new';

export const typeTitle = (type: string) => ({ zh: types[type]?.zh ?? type, en: types[type]?.en ?? type });

export const timeText = (ms: number | undefined): string | null =>
  ms === undefined ? null : new Date(ms).toISOString();

export function shownSeries(room: SensingRoom, s: SeriesRow): z.input<typeof api.series> {
  const model = propertyModel(s.type, s.property);
  const latest = room.latest(s.number);
  return {
    ...{ number: s.number, property: s.property, title: { zh: model?.zh ?? s.property, en: model?.en ?? s.property } },
    ...{ unit: s.unit, symbol: unitSymbol(s.unit), health: room.health(s.number) },
    ...{ at: timeText(latest?.at), value: latest?.value ?? null, heard: timeText(room.heard(s.number)) },
    ...{ interval: s.interval, least: s.least, most: s.most, gap: s.gap },
    ...{ flatAfter: s.flatAfter, scale: s.scale, shift: s.shift },
  };
}

export function shownEntity(room: SensingRoom, rows: readonly SeriesRow[]): z.input<typeof api.entity> {
  const [first] = rows as [SeriesRow];
  return {
    ...{ id: first.entity, type: first.type, typeTitle: typeTitle(first.type), label: first.label },
    ...{ lon: first.lon, lat: first.lat, owner: first.owner },
    health: worst(rows.map((r) => room.health(r.number))),
    series: rows.map((r) => shownSeries(room, r)),
  };
}
