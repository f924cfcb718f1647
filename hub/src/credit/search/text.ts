/**
 * Text as search sees it. Folding makes what people type and what registers hold comparable: NFKC (full width becomes
 * half width), upper case, and only letters, digits and ideographs remain. Positions are kept so that highlights can be
 * drawn on the original text. Units are UTF-16 code units throughout.
 */

const KEEP = /[\p{L}\p{N}]/u;
const slow = new Map<number, string>();

/** What one BMP unit folds to: itself, another text, or ''. Halves of surrogate pairs stay as they are. */
function foldUnit(unit: number): string {
  let folded = slow.get(unit);
  if (folded === undefined) {
    if (unit >= 0xd800 && unit <= 0xdfff) folded = String.fromCharCode(unit);
    else {
      const wide = String.fromCharCode(unit).normalize('NFKC').toUpperCase();
      folded = [...wide].filter((c) => KEEP.test(c)).join('');
    }
    slow.set(unit, folded);
  }
  return folded;
}

const isPlain = (unit: number) =>
  (unit >= 0x4e00 && unit <= 0x9fff) || (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x30 && unit <= 0x39);

/** Folds a text. */
export function fold(text: string): string {
  let i = 0;
  while (i < text.length && isPlain(text.charCodeAt(i))) i += 1;
  if (i === text.length) return text;
  let out = text.slice(0, i);
  for (; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    out += isPlain(unit) ? text[i] : foldUnit(unit);
  }
  return out;
}

/** For each unit of fold(text): the index in `text` that it came from, and text.length at the end. */
export function foldPositions(text: string): number[] {
  const positions: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const length = isPlain(text.charCodeAt(i)) ? 1 : foldUnit(text.charCodeAt(i)).length;
    for (let k = 0; k < length; k++) positions.push(i);
  }
  positions.push(text.length);
  return positions;
}

/** Ranges of the folded text as ranges of the original. */
export function originalRanges(text: string, folded: readonly (readonly [number, number])[]): [number, number][] {
  const at = foldPositions(text);
  return folded.map(([start, end]) => [at[start] ?? 0, (at[end - 1] ?? text.length - 1) + 1]);
}

/** Longest query that is looked at. */
export const MAX_QUERY = 100;

/** What a query may be, by its characters alone. */
export interface QueryText {
  /** Trimmed, half width, spaces collapsed, control characters gone: what is echoed. */
  shown: string;
  /** Folded whole. */
  folded: string;
  /** Folded words, when there are several (at most 8). */
  words: string[];
  /** Upper-case code characters without separators, when the whole query is made of them and at least 4 long. */
  code: string | null;
  /** Lower-case letters, when the query can be read as pinyin. */
  letters: string | null;
  /** An identity or telephone number, in the form that it is kept under. */
  number: { kind: 'citizen-id' | 'phone'; value: string } | null;
}

/** Control characters, and those that show nothing or turn the direction of writing. */
const INVISIBLE = /\p{Cc}|\p{Cf}|[\u2028\u2029]/gu;

/** Reads a query. Answers an empty `folded` when nothing can be looked for. */
export function readQuery(text: string): QueryText {
  const shown = text.normalize('NFKC').replace(INVISIBLE, ' ').replace(/\s+/g, ' ').trim();
  const folded = fold(shown);
  const words = [
    ...new Set(
      shown
        .split(/[\s,，、;；|]+/)
        .map(fold)
        .filter(Boolean),
    ),
  ].slice(0, 8);
  const compact = shown.replace(/[\s-]/g, '').toUpperCase();
  let code = /^[0-9A-Z]{4,18}$/.test(compact) ? compact : null;
  // The unified code knows neither I nor O: where a whole one is typed with them, 1 and 0 are meant.
  if (code && code.length === 18) code = code.replaceAll('O', '0').replaceAll('I', '1');
  const bare = shown
    .toLowerCase()
    .replace(/[\s'’]/g, '')
    .replaceAll('ü', 'v');
  const letters = /^[a-z]{2,60}$/.test(bare) ? bare : null;
  return { shown, folded, words: words.length > 1 ? words : [], code, letters, number: personalNumber(compact) };
}

const ID_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** A citizen identity number (GB 11643; 18 places with a right check digit, or 15), or a mobile number. */
export function personalNumber(compact: string): QueryText['number'] {
  if (/^\d{17}[\dX]$/.test(compact)) {
    let sum = 0;
    for (let i = 0; i < 17; i++) sum += ID_WEIGHTS[i]! * Number(compact[i]);
    const month = Number(compact.slice(10, 12));
    if ('10X98765432'[sum % 11] === compact[17] && month >= 1 && month <= 12) {
      return { kind: 'citizen-id', value: compact };
    }
  }
  // Fifteen places, of the old form: told from a registration number by the date of birth inside.
  const old = /^[1-8]\d{5}\d{2}(\d{2})(\d{2})\d{3}$/.exec(compact);
  if (old && Number(old[1]) >= 1 && Number(old[1]) <= 12 && Number(old[2]) >= 1 && Number(old[2]) <= 31) {
    return { kind: 'citizen-id', value: compact };
  }
  const phone = /^(?:\+?86)?(1[3-9]\d{9})$/.exec(compact);
  return phone ? { kind: 'phone', value: phone[1]! } : null;
}
