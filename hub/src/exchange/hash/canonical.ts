/**
 * The leaf of a received row: SHA-256 of the RFC 8785 JSON array of its original strings in declared order, null for
 * what was absent. Anyone can compute it again from what a department handed over.
 */
import { createHash } from 'node:crypto';

const SHORT: Record<number, string> = { 8: '\\b', 9: '\\t', 10: '\\n', 12: '\\f', 13: '\\r', 34: '\\"', 92: '\\\\' };

/** RFC 8785 section 3.2.2.2: only `"`, `\` and the characters below U+0020 are escaped, the short form where there is one. */
export function canonicalString(text: string): string {
  let out = '"';
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c >= 32 && c !== 34 && c !== 92) continue;
    out += text.slice(from, i) + (SHORT[c] ?? `\\u00${c.toString(16).padStart(2, '0')}`);
    from = i + 1;
  }
  return `${out}${text.slice(from)}"`;
}

/** The canonical text of a row. */
export const canonicalRow = (values: readonly (string | null)[]): string =>
  `[${values.map((v) => (v === null ? 'null' : canonicalString(v))).join(',')}]`;

/** The leaf (32 bytes) of a row. */
export const leafOf = (values: readonly (string | null)[]): Buffer =>
  createHash('sha256').update(canonicalRow(values)).digest();
