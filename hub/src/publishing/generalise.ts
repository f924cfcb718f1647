/** Generalisation in the engine: the SQL of an item as it is shown. What people write never becomes SQL: widths are numbers, names quoted. */
import { ident } from '../platform/lake/index.ts';
import { columnOf } from '../sharing/index.ts';
import type { ShownAs } from './plan.ts';

/** Towns in addresses: what ends in 街道, 镇 or 乡 behind province, city and county; null where an address names none. */
const TOWN =
  "nullif(regexp_extract(?, '^(?:[^省市区县0-9]{1,6}(?:省|市|区|县)){0,3}([^省市区县0-9]{1,6}?(?:街道|镇|乡))', 1), '')";

/** An item's column of the typed records, shown in this way. */
export function shownSql(item: string, as: ShownAs): string {
  const column = columnOf(item);
  switch (as.kind) {
    case 'plain':
      return column;
    case 'month':
      return `strftime(${column}, '%Y-%m')`;
    case 'year':
      return `year(${column})::BIGINT`;
    case 'town':
      return TOWN.replace('?', column);
    case 'band':
      return band(column, as.width);
    case 'prefix':
      return `substr(${column}, 1, ${Math.trunc(as.length)})`;
    case 'present':
      return `(${column} IS NOT NULL)`;
  }
}

function band(column: string, width: number): string {
  const w = `${width}::DECIMAL(18,4)`;
  const low = `floor(${column}::DECIMAL(18,4) / ${w}) * ${w}`;
  const text = (sql: string) => `regexp_replace((${sql})::DECIMAL(18,4)::VARCHAR, '\\.?0+$', '')`;
  // Zero has no digits left when its noughts are cut away.
  const number = (sql: string) => `coalesce(nullif(${text(sql)}, ''), '0')`;
  const whole = Number.isInteger(width);
  const edge = (sql: string) => (whole ? `(${sql})::BIGINT::VARCHAR` : number(sql));
  return `CASE WHEN ${column} IS NOT NULL THEN ${edge(low)} || '–' || ${edge(`${low} + ${w}`)} END`;
}

/** A list of quoted names. */
export const named = (names: readonly string[], of = ''): string =>
  names.map((n) => (of ? `${of}.${ident(n)}` : ident(n))).join(', ');
