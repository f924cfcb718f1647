/** The synthetic city's land as a grid of heights, as a surveyor would hand it over. */
import { frame } from '../geography/lattice.ts';
import type { Ground } from './ground.ts';

/**
 * Lines of an ESRI ASCII grid (metres, degrees of WGS 84), from the north southwards: a head of six lines, then one line a row. `cell` in degrees, 0.0015 (some
 * 150 m) by default. Each line is made when it is asked for: a whole grid takes about a second.
 */
export function* terrainLines(ground: Pick<Ground, 'height'>, cell = 0.0015): Generator<string> {
  if (!(cell >= 0.0002 && cell <= 0.02)) throw new RangeError(`cell is from 0.0002 to 0.02 degrees: ${cell}`);
  const cols = Math.floor((frame.nx * frame.width) / cell);
  const rows = Math.floor((frame.ny * frame.height) / cell);
  yield `ncols ${cols}`;
  yield `nrows ${rows}`;
  yield `xllcorner ${frame.lon}`;
  yield `yllcorner ${frame.lat}`;
  yield `cellsize ${cell}`;
  yield 'NODATA_value -9999';
  for (let row = rows - 1; row >= 0; row--)
    yield Array.from({ length: cols }, (_, col) =>
      ground.height([frame.lon + (col + 0.5) * cell, frame.lat + (row + 0.5) * cell]).toFixed(2),
    ).join(' ');
}
