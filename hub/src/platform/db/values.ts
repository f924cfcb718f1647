/**
 * How values travel between JavaScript and PostgreSQL, the same for both engines: everything is sent as PostgreSQL's
 * own text and read from it here, so that no driver's habits (local midnight for dates, Buffers, strings for counts)
 * can make the engines differ.
 */

/** Reads a value's text form. */
export type ValueParser = (text: string) => unknown;

const integer: ValueParser = (t) => {
  const n = Number(t);
  return Number.isSafeInteger(n) ? n : BigInt(t);
};

const instant: ValueParser = (t) => {
  if (t === 'infinity' || t === '-infinity') return t;
  const m = /^(\d{4,})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d(?:\.\d+)?)(?:([+-])(\d\d)(?::?(\d\d))?)?( BC)?$/.exec(t);
  if (!m || m[10]) return t;
  const minutes = (Number(m[8] ?? 0) * 60 + Number(m[9] ?? 0)) * (m[7] === '-' ? -1 : 1);
  const at = new Date(0);
  at.setUTCFullYear(Number(m[1]), Number(m[2]) - 1, Number(m[3]));
  at.setUTCHours(Number(m[4]), Number(m[5]) - minutes, 0, Math.floor(Number(m[6]) * 1000 + 1e-6));
  return at;
};

const bytes: ValueParser = (t) => new Uint8Array(Buffer.from(t.slice(2), 'hex'));
const asText: ValueParser = (t) => t;

/** Parsers by PostgreSQL's type oid; a type that is not here stays text. */
const scalars: Record<number, ValueParser> = {
  16: (t) => t === 't' || t === 'true',
  17: bytes,
  20: integer,
  21: Number,
  23: Number,
  26: Number,
  114: JSON.parse,
  700: Number,
  701: Number,
  1082: asText,
  1083: asText,
  1114: instant,
  1184: instant,
  1186: asText,
  1266: asText,
  1700: asText,
  3802: JSON.parse,
};

/** Array types and the type of their elements. */
const arrays: Record<number, number> = {
  1000: 16,
  1001: 17,
  1016: 20,
  1005: 21,
  1007: 23,
  1028: 26,
  199: 114,
  1021: 700,
  1022: 701,
  1182: 1082,
  1183: 1083,
  1115: 1114,
  1185: 1184,
  1187: 1186,
  1270: 1266,
  1231: 1700,
  3807: 3802,
  1009: 25,
  1015: 1043,
  1014: 1042,
  1003: 19,
  2951: 2950,
};

/** Reads PostgreSQL's text form of an array, nested ones too: `{a,"b \"c\"",NULL,{d}}`. */
export function parseArray(text: string, element: ValueParser): unknown[] {
  let at = text.indexOf('{');
  const list = (): unknown[] => {
    const items: unknown[] = [];
    at += 1;
    while (text[at] !== '}') {
      if (text[at] === ',') at += 1;
      if (text[at] === '{') items.push(list());
      else if (text[at] === '"') {
        let s = '';
        for (at += 1; text[at] !== '"'; at += 1) {
          if (text[at] === '\\') at += 1;
          s += text[at];
        }
        at += 1;
        items.push(element(s));
      } else {
        const start = at;
        while (text[at] !== ',' && text[at] !== '}') at += 1;
        const s = text.slice(start, at);
        items.push(s === 'NULL' ? null : element(s));
      }
    }
    at += 1;
    return items;
  };
  return list();
}

/** Every parser by type oid, arrays included. */
export const parsers: Readonly<Record<number, ValueParser>> = {
  ...scalars,
  ...Object.fromEntries(
    Object.entries(arrays).map(([array, element]) => [
      array,
      (text: string) => parseArray(text, scalars[element] ?? asText),
    ]),
  ),
};

/**
 * A parameter as PostgreSQL's text, or null. Dates are instants in UTC, arrays PostgreSQL arrays, other objects JSON (an
 * array that is meant as JSON is given as `JSON.stringify(array)`).
 */
export function encode(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return encodeArray(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function encodeArray(values: readonly unknown[]): string {
  const items = values.map((v) => {
    if (Array.isArray(v)) return encodeArray(v);
    const text = encode(v);
    return text === null ? 'NULL' : `"${text.replace(/["\\]/g, '\\$&')}"`;
  });
  return `{${items.join(',')}}`;
}

/** What every connection is set to, so that the text forms above hold. */
export const sessionSettings: Readonly<Record<string, string>> = {
  TimeZone: 'UTC',
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'postgres',
  bytea_output: 'hex',
  extra_float_digits: '1',
};
