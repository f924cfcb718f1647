/**
 * SQL companions: the same checks and repairs as expressions for bulk work inside an engine (DuckDB's dialect; only translate, substr, strpos,
 * regexp_full_match, try_cast and arithmetic are used). Each function takes an SQL expression of type VARCHAR and answers an expression; the
 * caller is responsible for that expression being safe (a quoted identifier). Property tests hold them equal to the functions.
 *
 * The argument is repeated many times in the result: give a column, not a long expression. A check costs about a microsecond a value, so check
 * distinct values where a code stands in many rows.
 */

import { type CharMap, digitLike, letterLike } from './characters.ts';
import { provinceCodes } from './division-known.ts';
import { MOBILE_SEGMENTS } from './phone.ts';
import { USCC_ALPHABET, USCC_WEIGHTS } from './uscc.ts';

const ID_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const ORG_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2];
const ORG_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** An SQL string literal; control characters are spelt with chr() so that the statement stays printable. */
export function sqlLiteral(text: string): string {
  const parts: string[] = [];
  let plain = '';
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const odd =
      code < 0x20 ||
      (code >= 0x7f && code <= 0xa0) ||
      code === 0xad ||
      (code >= 0x2000 && code <= 0x206f) ||
      code === 0xfeff;
    if (!odd) {
      plain += text[i] === "'" ? "''" : text[i];
      continue;
    }
    if (plain !== '') parts.push(`'${plain}'`);
    plain = '';
    parts.push(`chr(${code})`);
  }
  if (plain !== '' || parts.length === 0) parts.push(`'${plain}'`);
  return parts.length === 1 ? (parts[0] as string) : `(${parts.join(' || ')})`;
}

/** A `CharMap` as one translate() call. */
export function sqlTranslate(expression: string, map: CharMap): string {
  return `translate(${expression}, ${sqlLiteral(map.from)}, ${sqlLiteral(map.to)})`;
}

/**
 * `uscc.normalise`, `regno.normalise` and `citizenId.normalise` as SQL: width, case, spaces, hyphens, O → 0, I → 1. Clean values pass by
 * a regular expression (some sixty times faster than translate).
 */
export function sqlNormaliseDigitLike(expression: string): string {
  const clean = `regexp_full_match(${expression}, '[0-9A-HJ-NP-Z]*')`;
  return `CASE WHEN ${clean} THEN ${expression} ELSE ${sqlTranslate(expression, digitLike)} END`;
}

/** `orgcode.normalise` as SQL: width, case, spaces, hyphens; O and I only in the ninth position. */
export function sqlNormaliseOrgcode(expression: string): string {
  const plain = sqlTranslate(expression, letterLike);
  const ninth = `regexp_replace(regexp_replace(${plain}, '^([^\\n]{8})O$', '\\10'), '^([^\\n]{8})I$', '\\11')`;
  return `CASE WHEN regexp_full_match(${expression}, '[0-9A-Z]{8}[0-9X]') THEN ${expression} ELSE ${ninth} END`;
}

function weighted(
  expression: string,
  weights: readonly number[],
  characterValue: (character: string) => string,
): string {
  return weights
    .map((weight, i) => `${weight === 1 ? '' : `${weight} * `}${characterValue(`substr(${expression}, ${i + 1}, 1)`)}`)
    .join(' + ');
}

/** Value of one character in an alphabet, by position. */
const position = (alphabet: string) => (character: string) => `(strpos('${alphabet}', ${character}) - 1)`;

/** Value of one ASCII digit. */
const digit = (character: string) => `(ascii(${character}) - 48)`;

/** `uscc.check` as SQL; NULL stays NULL. */
export function sqlUsccValid(expression: string): string {
  const sum = weighted(expression, USCC_WEIGHTS, position(USCC_ALPHABET));
  return (
    `(regexp_full_match(${expression}, '[0-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}') AND ` +
    `substr('${USCC_ALPHABET}', (31 - (${sum}) % 31) % 31 + 1, 1) = substr(${expression}, 18, 1))`
  );
}

/** `orgcode.check` as SQL (nine characters, or ten with the hyphen); NULL stays NULL. */
export function sqlOrgcodeValid(expression: string): string {
  const sum = weighted(expression, ORG_WEIGHTS, position(ORG_ALPHABET));
  return (
    `(regexp_full_match(${expression}, '[0-9A-Z]{8}-?[0-9X]') AND ` +
    `substr('0X987654321', (${sum}) % 11 + 1, 1) = right(${expression}, 1))`
  );
}

/** `regno.check` as SQL; NULL stays NULL. */
export function sqlRegnoValid(expression: string): string {
  let p = '10';
  for (let i = 1; i <= 14; i++) p = `2 * ((${p} + ascii(substr(${expression}, ${i}, 1)) - 39) % 10 + 1) % 11`;
  return (
    `(regexp_full_match(${expression}, '[0-9]{15}') AND ` +
    `(11 - (${p})) % 10 = ascii(substr(${expression}, 15, 1)) - 48)`
  );
}

/** `citizenId.check` as SQL; NULL stays NULL. */
export function sqlCitizenIdValid(expression: string): string {
  const sum = weighted(expression, ID_WEIGHTS, digit);
  const provinces = provinceCodes().join('|');
  const birth = `substr(${expression}, 7, 4) || '-' || substr(${expression}, 11, 2) || '-' || substr(${expression}, 13, 2)`;
  return (
    `(regexp_full_match(${expression}, '(${provinces})[0-9]{4}(18|19|20)[0-9]{9}[0-9X]') AND ` +
    `(try_cast(${birth} AS DATE) IS NOT NULL OR ${expression} IS NULL) AND ` +
    `substr('10X98765432', (${sum}) % 11 + 1, 1) = substr(${expression}, 18, 1))`
  );
}

/** `mobile.check` as SQL; NULL stays NULL. */
export function sqlMobileValid(expression: string): string {
  return `regexp_full_match(${expression}, '(${MOBILE_SEGMENTS.join('|')})[0-9]{8}')`;
}
