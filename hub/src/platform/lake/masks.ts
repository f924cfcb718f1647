/**
 * Masks in the engine: the same as `mask` of platform/auth/protection.ts for any text, so that millions of rows are masked in the pass
 * that writes them. A property test holds both together; change neither alone.
 */
import { FOLDED, PLAIN, TRIMMED, VEIL } from '../auth/folding.ts';
import { literal } from './dialect.ts';

const q = literal;
const blanks = [...TRIMMED].map((c) => `chr(${c.codePointAt(0)})`).join(' || ');

/** Stands for a text that shows nothing: no folded text has this character. */
const ODD = 'chr(1)';
const solid = PLAIN.replace(' -~', '!-~');

/**
 * SQL of a text as masks read it (see `fold` of folding.ts), chr(1) for one with other characters. `x`: a column of texts. Nearly all
 * are as they should be already, which one expression tells.
 */
export const foldSql = (x: string): string =>
  `CASE WHEN regexp_full_match(${x}, ${q(`[${solid}](?:[${PLAIN}]*[${solid}])?`)}) THEN ${x}
    WHEN ${x} IS NOT NULL THEN list_transform([trim(translate(${x}, ${q(FOLDED.from)}, ${q(FOLDED.to)}), ${blanks})],
      lambda y: CASE WHEN regexp_full_match(y, ${q(`[${PLAIN}]*`)}) THEN y ELSE ${ODD} END)[1] END`;

const middle = (t: string, head: number, tail: number): string =>
  `left(${t}, ${head}) || repeat('*', length(${t}) - ${head + tail}) || right(${t}, ${tail})`;

function phone(t: string): string {
  const bare = `regexp_replace(${t}, '[ ()-]', '', 'g')`;
  const digits = `CASE WHEN regexp_full_match(${bare}, '\\+?861[0-9]{10}') THEN right(${bare}, 11) ELSE ${bare} END`;
  const fixed = '(0(?:10|2[0-9]|[3-9][0-9]{2}))([0-9]{7,8})';
  const ends = (d: string) => `repeat('*', length(${d}) - 2) || right(${d}, 2)`;
  return `list_transform([${digits}], lambda d: CASE WHEN regexp_full_match(d, '1[0-9]{10}') THEN left(d, 3) || '****' || right(d, 4)
    WHEN regexp_full_match(d, ${q(fixed)}) THEN regexp_extract(d, ${q(`^${fixed}$`)}, 1) || '-' || ${ends(`regexp_extract(d, ${q(`^${fixed}$`)}, 2)`)}
    WHEN regexp_full_match(d, '[0-9]{7,8}') THEN ${ends('d')} ELSE ${q(VEIL)} END)[1]`;
}

/** Where the first of some words begins and how long it is, as one number: place times four plus length; NULL: none is there. */
const first = (t: string, words: readonly string[]): string =>
  `least(${words.map((w) => `nullif(instr(${t}, ${q(w)}), 0) * 4 + ${[...w].length}`).join(', ')})`;

function address(t: string): string {
  // 街道 is a street office, and 弄 is a lane only before its number: neither may be taken for a road below. Lanes in a row overlap.
  const lane = (x: string) => `regexp_replace(${x}, '弄([^0-9])', '#\\1', 'g')`;
  const roads = `CASE WHEN contains(${t}, '弄') THEN ${lane(lane(`replace(${t}, '街道', '##')`))} ELSE replace(${t}, '街道', '##') END`;
  const road = first('n', ['大道', '路', '街', '巷', '胡同', '弄']);
  const area = first(t, ['村', '社区', '街道', '镇', '乡']);
  const until = (e: string) => `left(${t}, (${e} // 4 + ${e} % 4 - 1)::INTEGER) || ${q(VEIL)}`;
  return `list_transform([list_transform([${roads}], lambda n: ${road})[1]], lambda r: CASE WHEN r // 4 > 1 THEN ${until('r')}
    ELSE list_transform([${area}], lambda a: CASE WHEN a IS NULL THEN ${q(VEIL)} ELSE ${until('a')} END)[1] END)[1]`;
}

function shape(format: string | undefined, t: string): string {
  switch (format) {
    case 'person-name':
      return `CASE WHEN length(${t}) < 2 THEN '**' ELSE left(${t}, 1) || '**' END`;
    case 'citizen-id':
      return `CASE WHEN regexp_full_match(${t}, '[0-9]{17}[0-9Xx]|[0-9]{15}') THEN ${middle(t, 6, 2)} ELSE ${q(VEIL)} END`;
    case 'phone':
      return phone(t);
    case 'account':
      return `list_transform([regexp_replace(${t}, '[ -]', '', 'g')], lambda d: CASE WHEN regexp_full_match(d, '[0-9A-Za-z]{12,}') THEN ${middle('d', 4, 4)} ELSE ${q(VEIL)} END)[1]`;
    case 'document-number':
      return `CASE WHEN length(${t}) >= 8 THEN ${middle(t, 2, 2)} ELSE ${q(VEIL)} END`;
    case 'address':
      return address(t);
    case 'email':
      return `CASE WHEN regexp_full_match(${t}, '.{2,}@[^@]+') THEN left(${t}, 1) || ${q(VEIL)} || regexp_extract(${t}, '@[^@]+$') ELSE ${q(VEIL)} END`;
    case 'postcode':
      return `CASE WHEN regexp_full_match(${t}, '[0-9]{6}') THEN left(${t}, 2) || '****' ELSE ${q(VEIL)} END`;
    default:
      return q(VEIL);
  }
}

/**
 * SQL of the mask of a folded text. `t`: a column that holds `foldSql` of the value (it is named many times, so that an expression
 * would be reckoned as often); NULL stays NULL, blank stays blank, tokens of the vault become `***`.
 */
export const maskSql = (format: string | undefined, t: string): string =>
  `CASE WHEN ${t} IS NULL OR ${t} = '' THEN ${t} WHEN ${t} = ${ODD} OR (strlen(${t}) = 28 AND regexp_full_match(${t}, '[cpb]~[a-z2-7]{26}')) THEN ${q(VEIL)}
    ELSE ${shape(format, t)} END`;
