/** What a sketch map shows of an entity, and the counts of an area. */
import type { z } from 'zod';
import { Problem } from '../../platform/problem.ts';
import type { countsAnswer, mapAnswer } from './api-places.ts';
import { bands } from './areas.ts';
import type { LibraryDeclaration } from './declaration.ts';
import { type Reading, unknownEntity } from './read.ts';

interface Shape {
  library: number;
  entity: number;
  wkt: string;
  min_lon: number;
  min_lat: number;
  max_lon: number;
  max_lat: number;
  lon: number;
  lat: number;
  area: number | null;
  length: number | null;
}

/** Labels of entities of one library that are nobody's personal data. */
async function labelsOf(
  { lake, libraries }: Reading,
  library: number,
  entities: readonly number[],
): Promise<Map<number, string>> {
  const d = libraries.find((l) => l.declaration.number === library)?.declaration;
  const at = d ? d.attributes.findIndex((a) => a.name === d.label) : -1;
  if (!d || d.personal || at < 0 || d.attributes[at]!.protection !== 'public' || entities.length === 0)
    return new Map();
  const rows = await lake.query<{ entity: number; value: string }>(
    `SELECT entity, value FROM lib.base_value WHERE library = ${library} AND attribute = ${at + 1} AND entity IN (${entities.join(', ')})`,
  );
  return new Map(rows.map((r) => [r.entity, r.value]));
}

/** The entity's own shape, or that of what it belongs to: along relations of which there is one, at most two steps. */
async function shapeOf(
  { lake }: Reading,
  library: number,
  entity: number,
): Promise<{ shape: Shape; through: boolean } | null> {
  let at: { library: number; entity: number }[] = [{ library, entity }];
  for (let step = 0; step < 3 && at.length > 0; step++) {
    for (const one of at) {
      const shape = await lake.first<Shape & Record<string, string | number | null>>(
        'SELECT library, entity, wkt, min_lon, min_lat, max_lon, max_lat, lon, lat, area, length FROM lib.base_shape WHERE library = $library AND entity = $entity',
        one,
      );
      if (shape) return { shape, through: step > 0 };
    }
    const next: typeof at = [];
    for (const one of at) {
      next.push(
        ...(await lake.query<{ library: number; entity: number }>(
          `SELECT to_library AS library, to_entity AS entity FROM v.base_relation_v1 WHERE library = $library AND entity = $entity AND chosen AND kind IN ('dwelling', 'building') AND to_library > 0 ORDER BY kind LIMIT 3`,
          one,
        )),
      );
    }
    at = next;
  }
  return null;
}

/** What a map of an entity shows: itself and what is around it. */
export async function mapOf(
  reading: Reading,
  d: LibraryDeclaration,
  entity: number,
): Promise<z.input<typeof mapAnswer>> {
  const { lake, libraries } = reading;
  const known = await lake.first('SELECT 1 AS one FROM lib.base_record WHERE library = $library AND entity = $entity', {
    library: d.number,
    entity,
  });
  if (!known) throw new Problem(unknownEntity, { library: d.library, entity });
  const found = await shapeOf(reading, d.number, entity);
  if (!found) return { own: null, window: null, neighbours: [] };
  const { shape, through } = found;
  // A point is shown with some half a kilometre around it, an outline with a tenth of its size.
  const [w, h] = [Math.max(shape.max_lon - shape.min_lon, 0.0001), Math.max(shape.max_lat - shape.min_lat, 0.0001)];
  const point = shape.wkt.startsWith('POINT');
  const [mx, my] = point ? [0.0075, 0.0045] : [Math.max(w * 0.12, 0.0008), Math.max(h * 0.12, 0.0007)];
  const window: [number, number, number, number] = [
    shape.min_lon - mx,
    shape.min_lat - my,
    shape.max_lon + mx,
    shape.max_lat + my,
  ];
  // What is drawn is wider than high: to the left and right there is more to see.
  const spare = Math.max(0, ((window[3] - window[1]) * 3 - (window[2] - window[0])) / 2);
  const wide = window[2] - window[0];
  const number = (name: string) => libraries.find((l) => l.declaration.library === name)?.declaration.number ?? 0;
  // Outlines of about the same size, and lines and points only where they would not cover everything.
  const kinds = [
    { library: number('division'), limit: 60, size: true },
    { library: number('grid'), limit: wide < 0.06 ? 60 : 0, size: true },
    { library: number('road'), limit: wide < 0.12 ? 80 : 0, size: false },
    { library: number('water'), limit: 30, size: false },
    { library: number('building'), limit: wide < 0.05 ? 250 : 0, size: false },
    { library: number('place'), limit: wide < 0.08 ? 60 : 0, size: false },
  ].filter((k) => k.library > 0 && k.limit > 0);
  const neighbours: z.input<typeof mapAnswer>['neighbours'] = [];
  for (const k of kinds) {
    const rows = await lake.query<{ entity: number; wkt: string }>(
      `SELECT entity, wkt FROM lib.base_shape WHERE library = $library AND min_lon <= $east AND max_lon >= $west AND min_lat <= $north AND max_lat >= $south
         AND NOT (library = $own AND entity = $entity)${k.size ? ' AND max_lon - min_lon BETWEEN $low AND $high' : ''}
       ORDER BY abs(lon - $lon) + abs(lat - $lat), entity LIMIT ${k.limit}`,
      {
        ...{ library: k.library, west: window[0] - spare, south: window[1], east: window[2] + spare, north: window[3] },
        ...{ own: shape.library, entity: shape.entity, lon: shape.lon, lat: shape.lat },
        ...(k.size ? { low: wide * 0.07, high: wide * 6 } : {}),
      },
    );
    const labels = await labelsOf(
      reading,
      k.library,
      rows.map((r) => r.entity),
    );
    const name = libraries.find((l) => l.declaration.number === k.library)!.declaration.library;
    neighbours.push(
      ...rows.map((r) => ({ library: name, entity: r.entity, label: labels.get(r.entity) ?? null, wkt: r.wkt })),
    );
  }
  const own = libraries.find((l) => l.declaration.number === shape.library)!.declaration;
  return {
    own: {
      library: own.library,
      entity: shape.entity,
      label: (await labelsOf(reading, shape.library, [shape.entity])).get(shape.entity) ?? null,
      wkt: shape.wkt,
      title: own.title,
      area: shape.area,
      length: shape.length,
      longitude: shape.lon,
      latitude: shape.lat,
      through,
    },
    window,
    neighbours,
  };
}

/** Smallest group that those may see who may not look up persons. */
const SMALLEST = 5;

/**
 * Counts that hide nobody behind a small number: cells below five are null, and as many of the smallest others with them as it takes for
 * the hidden ones not to be worked out from the total: two at least, together five at least.
 */
export function keptBack(cells: readonly number[]): (number | null)[] {
  const hidden = cells.map((n) => n > 0 && n < SMALLEST);
  const held = () => cells.filter((_, i) => hidden[i]);
  const rest = [...cells.entries()].filter(([i, n]) => !hidden[i] && n > 0).sort((a, b) => a[1] - b[1]);
  for (const [i] of rest) {
    const small = held();
    if (small.length === 0 || (small.length > 1 && small.reduce((s, n) => s + n, 0) >= SMALLEST)) break;
    hidden[i] = true;
  }
  return cells.map((n, i) => (hidden[i] ? null : n));
}

/** Who and what there is in an area; `whole`: the asker may look up persons. */
export async function countsOf(
  { lake }: Reading,
  d: LibraryDeclaration,
  entity: number,
  whole: boolean,
): Promise<z.input<typeof countsAnswer>> {
  const rows = await lake.query<{ measure: string; sex: string; band: number; n: number }>(
    'SELECT measure, sex, band, n FROM v.area_count_v1 WHERE library = $library AND entity = $entity',
    { library: d.number, entity },
  );
  const of = (measure: string) => rows.filter((r) => r.measure === measure).reduce((sum, r) => sum + r.n, 0);
  const people = rows.filter((r) => r.measure === 'person');
  const froms = [...bands, ...(people.some((r) => r.band === -1) ? [-1] : [])];
  const cells = froms.flatMap((from) =>
    [['男'], ['女']].map(([sex]) =>
      people.filter((r) => r.band === from && r.sex === sex).reduce((s, r) => s + r.n, 0),
    ),
  );
  const total = people.reduce((s, r) => s + r.n, 0);
  const shown = whole ? cells : keptBack(cells);
  return {
    buildings: of('building'),
    dwellings: of('dwelling'),
    enterprises: of('enterprise'),
    places: of('place'),
    persons: {
      total: whole || total === 0 || total >= SMALLEST ? total : null,
      bands: froms.map((from, i) => ({
        from,
        to: from < 0 ? null : (bands[i + 1] ?? null),
        men: shown[2 * i]!,
        women: shown[2 * i + 1]!,
      })),
      suppressed: shown.some((n) => n === null) || (!whole && total > 0 && total < SMALLEST),
    },
  };
}
