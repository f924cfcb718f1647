/** What services write in addresses: boxes, instants, intervals, reference systems. */
import { Problem } from '../../platform/problem.ts';
import type { Box } from '../layer/types.ts';
import { wrongBox, wrongCrs, wrongTime } from '../problems.ts';

/** `west,south,east,north`, or six numbers with heights, which are passed over. @throws Problem map.bbox */
export function boxOfText(text: string): Box {
  const parts = text.split(',').map((p) => (/^\s*-?\d+(\.\d+)?\s*$/.test(p) ? Number(p) : Number.NaN));
  const four = parts.length === 6 ? [parts[0]!, parts[1]!, parts[3]!, parts[4]!] : parts;
  const [w, s, e, n] = four as [number, number, number, number];
  const good =
    four.length === 4 &&
    parts.every(Number.isFinite) &&
    Math.abs(w) <= 180 &&
    Math.abs(e) <= 180 &&
    Math.abs(s) <= 90 &&
    Math.abs(n) <= 90 &&
    w <= e &&
    s <= n;
  if (!good) throw new Problem(wrongBox, {}, { pointer: '/query/bbox' });
  return [w, s, e, n];
}

const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?$/i;

function instant(text: string, end: boolean): Date | null {
  if (text === '' || text === '..') return null;
  const day = !text.includes('T') && !text.includes('t');
  const date = INSTANT.test(text) ? new Date(day ? `${text}T${end ? '23:59:59.999' : '00:00:00'}Z` : text) : null;
  if (!date || Number.isNaN(date.getTime())) throw new Problem(wrongTime, {}, { pointer: '/query/datetime' });
  return date;
}

/** `datetime` of OGC API Features: an instant, `from/to`, with `..` or nothing for an open end. @throws Problem map.datetime */
export function timeOfText(text: string): { from: Date | null; to: Date | null } {
  const parts = text.split('/');
  const wrong = new Problem(wrongTime, {}, { pointer: '/query/datetime' });
  if (parts.length > 2) throw wrong;
  const from = instant(parts[0]!, false);
  const to = parts.length === 2 ? instant(parts[1]!, true) : instant(parts[0]!, true);
  if ((!from && !to) || (from && to && from > to)) throw wrong;
  return { from, to };
}

export const CRS84 = 'http://www.opengis.net/def/crs/OGC/1.3/CRS84';

/** Only CRS84 is served (Part 1 knows no other). @throws Problem map.crs */
export function checkCrs(text: string | undefined): void {
  if (text !== undefined && text !== CRS84 && text !== 'OGC:CRS84')
    throw new Problem(wrongCrs, { crs: text.slice(0, 100) });
}
