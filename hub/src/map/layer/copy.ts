/**
 * Layers over lake views are copied into the map's own schema (`map.layer_<id>`), so that a tile, a list or a feature costs a look at a
 * narrow table and not the work of a view. A copy is an index that can always be made anew; it is when its view's rows changed.
 * Columns: id, the public and internal fields, lon, lat (the feature's place), west, south, east, north, wkt (null for plain points),
 * at_from, at_to (milliseconds since 1970, of layers with a time).
 */
import type { Clock } from '../../platform/clock.ts';
import { absentViews, answeredColumns, readSelect } from '../../platform/declared/index.ts';
import { ident, type Lake, type LakeSession } from '../../platform/lake/index.ts';
import { type Logger, withoutValues } from '../../platform/log/index.ts';
import { Problem } from '../../platform/problem.ts';
import { layerAbsent } from '../problems.ts';
import { copiedFields } from './rights.ts';
import type { Box, LayerDefinition, LayerField } from './types.ts';

/** A layer's copy as it is now. */
export interface Copy {
  /** Changes exactly when a row does. */
  version: string;
  count: number;
  /** Rows of the view without a place that can be shown, or with an id that another row has. */
  left: number;
  box: Box | null;
  /** From the first instant to the last, of layers with a time: ISO 8601. */
  times: [string, string] | null;
  /** Whether the SELECT answers shapes. */
  shapes: boolean;
}

/** More than this of one layer cannot be drawn; the rest is counted as left out. */
export const MOST_FEATURES = 1_000_000;

export const copyTable = (layer: LayerDefinition): string => `map.${ident(`layer_${layer.id.replaceAll('-', '_')}`)}`;

const SQL_TYPE: Record<NonNullable<LayerField['type']>, string> = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  decimal: 'DOUBLE',
  date: 'DATE',
  instant: 'TIMESTAMPTZ',
  boolean: 'BOOLEAN',
};
/** How a field is read out of the copy: what JSON has. */
export const shownSql = (f: LayerField): string =>
  f.type === 'date'
    ? `${ident(f.name)}::VARCHAR`
    : f.type === 'instant'
      ? `strftime(${ident(f.name)}::TIMESTAMPTZ AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ')`
      : ident(f.name);

const PAIR = "'(-?[0-9][0-9.eE+-]*) +(-?[0-9][0-9.eE+-]*)'";

/** All copies of a hub's layers. */
export class LayerCopies {
  readonly #lake: Lake;
  readonly #clock: Clock;
  readonly #log: Pick<Logger, 'warn'>;
  readonly #copies = new Map<string, { copy: Copy; at: number; layer: LayerDefinition }>();
  readonly #running = new Map<string, Promise<Copy>>();
  readonly #stale = new Set<string>();

  constructor(lake: Lake, clock: Clock, log: Pick<Logger, 'warn'>) {
    this.#lake = lake;
    this.#clock = clock;
    this.#log = log;
  }

  /** Everything is looked at again when it is next asked for: the libraries changed. */
  changed(): void {
    for (const id of this.#copies.keys()) this.#stale.add(id);
  }

  /**
   * The copy of a layer over lake views, made or renewed when it must be. A copy that is merely old is answered as it is and renewed
   * behind; the first is waited for. @throws Problem map.layer-absent while its views are not there or do not answer
   */
  async of(layer: LayerDefinition): Promise<Copy> {
    if (!('select' in layer.source)) throw new Error(`${layer.id} is not over lake views`);
    const known = this.#copies.get(layer.id);
    if (!known || known.layer !== layer) return this.#renew(layer);
    const age = this.#clock.now().getTime() - known.at;
    const { refresh } = layer.source;
    if (this.#stale.has(layer.id)) return this.#renew(layer);
    if (refresh !== undefined && age >= refresh * 1000)
      this.#renew(layer).catch((error: Error) =>
        this.#log.warn({ layer: layer.id, err: error }, 'a layer could not be renewed'),
      );
    return known.copy;
  }

  #renew(layer: LayerDefinition): Promise<Copy> {
    const running = this.#running.get(layer.id);
    if (running) return running;
    this.#stale.delete(layer.id);
    const at = this.#clock.now().getTime();
    const work = this.#lake
      .write('map', (s) => this.#make(s, layer))
      .then((copy) => {
        this.#copies.set(layer.id, { copy, at, layer });
        return copy;
      })
      .catch((error: Error) => {
        if (error instanceof Problem) throw error;
        throw new Problem(layerAbsent, {
          layer: layer.id,
          reason: withoutValues(error.message.split('\n')[0]!).slice(0, 200),
        });
      })
      .finally(() => this.#running.delete(layer.id));
    this.#running.set(layer.id, work);
    return work;
  }

  async #make(s: LakeSession, layer: LayerDefinition): Promise<Copy> {
    const { select } = layer.source as { select: string };
    const file = `layer ${layer.id}`;
    const read = await readSelect(s, select, file);
    const absent = await absentViews(s, read.views);
    if (absent.length > 0) throw new Problem(layerAbsent, { layer: layer.id, reason: absent.join(', ') });
    const columns = (await answeredColumns(s, read.sql, { file }, select)).map((c) => c.toLowerCase());
    const lacking = lackingColumns(layer, columns);
    if (lacking.length > 0)
      throw new Problem(layerAbsent, { layer: layer.id, reason: `columns ${lacking.join(', ')}` });
    const shapes = columns.includes('wkt');
    const table = copyTable(layer);
    await s.run(`CREATE OR REPLACE TEMP TABLE map_new AS ${copySql(layer, read.sql, columns)}`);
    const counted = (await s.first<{ n: number; h: string | null }>(
      'SELECT count(*) AS n, bit_xor(hash(t))::VARCHAR AS h FROM map_new t',
    ))!;
    const all = (await s.first<{ n: number }>(`SELECT count(*) AS n FROM (${read.sql})`))!.n;
    const version = `${counted.n.toString(36)}-${BigInt(counted.h ?? '0').toString(36)}`;
    await s.run(`CREATE OR REPLACE TABLE ${table} AS SELECT * FROM map_new ORDER BY id; DROP TABLE map_new`);
    const box = await s.first<{
      w: number | null;
      s: number;
      e: number;
      n: number;
      a: number | null;
      b: number | null;
    }>(
      `SELECT min(west) AS w, min(south) AS s, max(east) AS e, max(north) AS n,
         ${layer.time ? 'min(at_from) AS a, max(coalesce(at_to, at_from)) AS b' : 'NULL AS a, NULL AS b'} FROM ${table}`,
    );
    const iso = (ms: number) => new Date(Number(ms)).toISOString();
    return {
      ...{ version, shapes, count: counted.n, left: all - counted.n },
      box: box && box.w !== null ? [box.w, box.s, box.e, box.n] : null,
      times: box?.a !== null && box?.b !== null && box ? [iso(box.a), iso(box.b)] : null,
    };
  }
}

/** Columns that a layer's SELECT should answer and does not. */
export function lackingColumns(layer: LayerDefinition, columns: readonly string[]): string[] {
  const there = new Set(columns);
  const needed = ['id', ...layer.fields.map((f) => f.name), ...(there.has('wkt') ? [] : ['lon', 'lat'])];
  return needed.filter((c) => !there.has(c));
}

/** SELECT of what the copy holds, without rows that have no place; of rows with the same id the first. */
function copySql(layer: LayerDefinition, select: string, columns: readonly string[]): string {
  const there = new Set(columns);
  const fields = copiedFields(layer).map(
    (f) => `try_cast(q.${ident(f.name)} AS ${SQL_TYPE[f.type ?? 'text']}) AS ${ident(f.name)}`,
  );
  const ms = (field: string) => `epoch_ms(try_cast(q.${ident(field)} AS TIMESTAMPTZ))`;
  const times = layer.time
    ? [`${ms(layer.time.from)} AS at_from`, `${layer.time.to ? ms(layer.time.to) : 'NULL::BIGINT'} AS at_to`]
    : [];
  const wkt = there.has('wkt') ? 'q.wkt::VARCHAR' : 'NULL::VARCHAR';
  const number = (name: string) => (there.has(name) ? `try_cast(q.${name} AS DOUBLE)` : 'NULL::DOUBLE');
  const axis = (n: 1 | 2) =>
    `list_transform(regexp_extract_all(${wkt}, ${PAIR}, ${n}), lambda z: try_cast(z AS DOUBLE))`;
  const edges = there.has('wkt')
    ? `list_min(xs) AS west, list_min(ys) AS south, list_max(xs) AS east, list_max(ys) AS north`
    : `own_lon AS west, own_lat AS south, own_lon AS east, own_lat AS north`;
  return `SELECT * EXCLUDE (own_lon, own_lat${there.has('wkt') ? ', xs, ys' : ''}) FROM (
      SELECT *, coalesce(own_lon, (west + east) / 2) AS lon, coalesce(own_lat, (south + north) / 2) AS lat FROM (
        SELECT *, ${edges} FROM (
          SELECT q.id::VARCHAR AS id, ${[...fields, ...times].map((c) => `${c}, `).join('')}${number('lon')} AS own_lon, ${number('lat')} AS own_lat,
            ${there.has('wkt') ? `${axis(1)} AS xs, ${axis(2)} AS ys, ` : ''}${wkt} AS wkt FROM (${select}) q)))
    WHERE id IS NOT NULL AND id <> '' AND isfinite(lon) AND isfinite(lat) AND lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90
      AND west BETWEEN -180 AND 180 AND east BETWEEN -180 AND 180 AND south BETWEEN -90 AND 90 AND north BETWEEN -90 AND 90
    QUALIFY row_number() OVER (PARTITION BY id ORDER BY west, south) = 1
    LIMIT ${MOST_FEATURES}`;
}
