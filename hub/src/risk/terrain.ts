/**
 * The land's heights (地形): an ESRI ASCII grid of metres in degrees of WGS 84 (`gdal_translate -of AAIGrid` makes one of any GeoTIFF),
 * `cities/<city>/terrain.asc`, or `terrain.asc` in the data folder, which is where the demonstration puts its own. Read into the
 * engine with the slope of every cell; read again when the file has changed.
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Lake } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import * as k from './problems.ts';

/** Most cells of a grid: a county at 30 m. */
const CELLS = 5_000_000;

/** Where a grid lies: its lower left corner and the size of a cell in degrees. Rows count from the south. */
export interface Terrain {
  file: string;
  hash: string;
  cols: number;
  rows: number;
  west: number;
  south: number;
  cell: number;
}

/** The file of a city's terrain, or undefined. */
export const terrainFile = (cities: string, city: string, data: string): string | undefined =>
  [join(cities, city, 'terrain.asc'), join(data, 'terrain.asc')].find((f) => existsSync(f));

/** Reads the head of a grid. Problem `risk.terrain`. */
export function terrainHead(file: string): Terrain & { nodata: number; skip: number } {
  const bytes = Buffer.alloc(2_000);
  const handle = openSync(file, 'r');
  const n = readSync(handle, bytes, 0, bytes.length, 0);
  closeSync(handle);
  const head = new Map<string, number>();
  let skip = 0;
  for (const line of bytes.toString('latin1', 0, n).split('\n')) {
    const m = /^\s*([a-z_]+)\s+(-?[\d.eE+-]+)\s*$/i.exec(line);
    if (!m) break;
    head.set(m[1]!.toLowerCase(), Number(m[2]));
    skip++;
  }
  const [cols, rows, cell] = [head.get('ncols'), head.get('nrows'), head.get('cellsize')];
  const bad = (reason: string) => new Problem(k.terrainBad, { reason });
  if (!cols || !rows || !cell || !Number.isInteger(cols) || !Number.isInteger(rows))
    throw bad('ncols, nrows, cellsize');
  if (cols * rows > CELLS || cols < 3 || rows < 3) throw bad(`${cols} × ${rows}`);
  const west = head.get('xllcorner') ?? (head.get('xllcenter') ?? Number.NaN) - cell / 2;
  const south = head.get('yllcorner') ?? (head.get('yllcenter') ?? Number.NaN) - cell / 2;
  // Metres of a projection would be taken for degrees otherwise.
  if (!(west >= -180 && west + cols * cell <= 180 && south >= -85 && south + rows * cell <= 85 && cell > 0))
    throw bad('degrees of WGS 84');
  const { mtimeMs, size } = statSync(file);
  const hash = createHash('sha256').update(`${file} ${mtimeMs} ${size}`).digest('hex');
  return { file, hash, cols, rows, west, south, cell, nodata: head.get('nodata_value') ?? -9999, skip };
}

/** Brings the engine's terrain up to the file's; answers it, null where the city has none. Problem `risk.terrain`. */
export async function takeTerrain(lake: Lake, file: string | undefined): Promise<Terrain | null> {
  if (!file) return null;
  const head = terrainHead(file);
  const known = await lake.first<{ hash: string }>('SELECT hash FROM risk.terrain_of');
  if (known?.hash === head.hash) return head;
  await lake.write('risk', async (s) => {
    await s.run(
      `CREATE OR REPLACE TEMP TABLE lines AS SELECT row_number() OVER () AS n, line FROM read_csv($file, header = false, columns = {'line': 'VARCHAR'},
         delim = '\\x1f', quote = '', escape = '', skip = ${head.skip}, auto_detect = false)`,
      { file },
    );
    await s.run(
      `CREATE OR REPLACE TEMP TABLE cells AS SELECT n, generate_subscripts(v, 1) - 1 AS col, unnest(v) AS height
       FROM (SELECT n, list_filter(string_split_regex(trim(line), '\\s+'), lambda x: x <> '')::DOUBLE[] AS v FROM lines WHERE trim(line) <> '')`,
    );
    const all = await s.first<{ n: number; rows: number }>('SELECT count(*) AS n, max(n) AS rows FROM cells');
    if (Number(all?.n) !== head.cols * head.rows) throw new Problem(k.terrainBad, { reason: `${all?.n} cells` });
    await s.run('DELETE FROM risk.terrain');
    await s.run('DELETE FROM risk.terrain_of');
    const lat = (head.south + (head.rows * head.cell) / 2) * (Math.PI / 180);
    const [dx, dy] = [2 * head.cell * 111_320 * Math.cos(lat), 2 * head.cell * 110_900];
    // Central differences; at the rim one-sided ones over half the way.
    await s.run(
      `INSERT INTO risk.terrain SELECT col, "row", lon, lat, height, degrees(atan(sqrt(((coalesce(e, height) - coalesce(w, height)) / ${dx}) ** 2
           + ((coalesce(n, height) - coalesce(z, height)) / ${dy}) ** 2)))
       FROM (SELECT col, "row", ${head.west} + (col + 0.5) * ${head.cell} AS lon, ${head.south} + ("row" + 0.5) * ${head.cell} AS lat, height,
           lead(height) OVER across AS e, lag(height) OVER across AS w, lead(height) OVER up AS n, lag(height) OVER up AS z
         FROM (SELECT col::INTEGER AS col, (${head.rows} - n)::INTEGER AS "row", height FROM cells WHERE height <> ${head.nodata})
         WINDOW across AS (PARTITION BY "row" ORDER BY col), up AS (PARTITION BY col ORDER BY "row"))`,
    );
    await s.run('INSERT INTO risk.terrain_of VALUES ($hash, $cols, $rows, $west, $south, $cell)', {
      ...{ hash: head.hash, cols: head.cols, rows: head.rows, west: head.west, south: head.south, cell: head.cell },
    });
    await s.run('DROP TABLE lines; DROP TABLE cells');
  });
  return head;
}
