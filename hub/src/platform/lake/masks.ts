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

/** Stand for 街道 and for 弄 that is no lane while a road is looked for: no folded text has these characters. */
const [OFFICE, NO_LANE] = ['chr(2)', 'chr(3)'];

/** Up to the first road, which is not the very beginning, else up to the first village or street office. */
const ROAD = '^(?:(?:[^大路街巷胡弄].*?|大(?:[^道].*?)??|胡(?:[^同].*?)??)(?:大道|路|街|巷|胡同|弄)';
const PLACE = `${ROAD}|.*?(?:村|社区|\\x02|镇|乡))`;

/** Up to the first road where only street offices, and neither 街 nor 弄, stand before it: so are most addresses. */
const USUAL = '^(?:[^大路街巷胡弄]|街道)(?:[^街弄]|街道)*?(?:大道|路|巷|胡同)';

function address(t: string, usual: string | undefined): string {
  // 街道 is a street office (a kind of town), and 弄 is a lane only before its number: neither may be taken for a road. Lanes overlap.
  const lane = (x: string) => `regexp_replace(${x}, '弄([^0-9])', ${NO_LANE} || '\\1', 'g')`;
  const offices = `replace(${t}, '街道', ${OFFICE})`;
  const found = (x: string) => `regexp_extract(${x}, ${q(PLACE)})`;
  const shown = (x: string) => `replace(${x}, ${OFFICE}, '街道') || ${q(VEIL)}`;
  return `CASE ${usual ? `WHEN ${usual} <> '' THEN ${usual} || ${q(VEIL)}` : ''}
    WHEN contains(${t}, '弄') THEN ${shown(`replace(${found(lane(lane(offices)))}, ${NO_LANE}, '弄')`)}
    ELSE ${shown(found(offices))} END`;
}

/**
 * SQL of a column that makes the mask of a format cheap where it stands beside the folded text `t`: give its name to `maskSql`.
 * Undefined: the format needs none.
 */
export const usualSql = (format: string | undefined, t: string): string | undefined =>
  format === 'address' ? `regexp_extract(${t}, ${q(USUAL)})` : undefined;

function shape(format: string | undefined, t: string, usual?: string): string {
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
      return address(t, usual);
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
 * would be reckoned as often); NULL stays NULL, blank stays blank, tokens of the vault become `***`. `usual`: a column that holds
 * `usualSql` of the same text; the mask is the same without it, at twice the time.
 */
export const maskSql = (format: string | undefined, t: string, usual?: string): string =>
  `CASE WHEN ${t} IS NULL OR ${t} = '' THEN ${t} WHEN ${t} = ${ODD} OR (strlen(${t}) = 28 AND regexp_full_match(${t}, '[cpb]~[a-z2-7]{26}')) THEN ${q(VEIL)}
    ELSE ${shape(format, t, usual)} END`;
