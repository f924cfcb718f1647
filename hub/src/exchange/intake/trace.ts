/** The trace columns of the provincial warehouse: dsc_biz_operation and dsc_biz_timestamp. */

const OPERATIONS: Record<string, 'I' | 'U' | 'D'> = {
  i: 'I',
  insert: 'I',
  u: 'U',
  update: 'U',
  d: 'D',
  delete: 'D',
};

/** I, U or D, or null when the text says none of them. */
export const operationOf = (text: string | null): 'I' | 'U' | 'D' | null =>
  OPERATIONS[(text ?? '').trim().toLowerCase()] ?? null;

const WRITTEN =
  /^(\d{4})[-/]?(\d{2})[-/]?(\d{2})(?:[T ]?(\d{2}):?(\d{2})(?::?(\d{2})(?:\.(\d{1,6})\d*)?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/;
const SHANGHAI_MINUTES = 480;

/**
 * Microseconds since 1970 in UTC, or null when the text is no instant. Without a zone it is China's time, which is what
 * departments write.
 */
export function instantOf(text: string | null): number | null {
  const m = WRITTEN.exec((text ?? '').trim());
  if (!m) return null;
  const [, y, mo, d, h = '0', mi = '0', s = '0', fraction = '', zone] = m;
  const [year, month, day, hour, minute, second] = [y, mo, d, h, mi, s].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (hour > 23 || minute > 59 || second > 59) return null;
  const at = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  if (at.getUTCMonth() !== month - 1 || at.getUTCDate() !== day || year < 1900) return null;
  let offset = SHANGHAI_MINUTES;
  if (zone === 'Z') offset = 0;
  else if (zone) {
    const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
    offset = zone[0] === '-' ? -minutes : minutes;
  }
  return (at.getTime() - offset * 60_000) * 1000 + Number(fraction.padEnd(6, '0') || 0);
}
