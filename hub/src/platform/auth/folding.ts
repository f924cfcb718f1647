/**
 * How masks read a text, in terms that regular expressions of the language and of the engine share: full-width forms are read as
 * their ASCII ones, blanks around are taken off, and a text with any character that is neither ASCII, Latin-1, a Chinese character nor
 * a mark of Chinese text shows nothing. None of these characters is changed by NFKC, alone or beside another.
 */

/** What stands where something is hidden; of constant length, so that it tells nothing. */
export const VEIL = '***';

const wide = Array.from({ length: 94 }, (_, i) => String.fromCodePoint(0xff01 + i));

/** Full-width forms and wide blanks, and what they are read as; `range`: the same as ranges of a character class. */
export const FOLDED = {
  from: `${wide.join('')}\u3000\u00a0`,
  to: `${wide.map((c) => c.normalize('NFKC')).join('')}  `,
  range: '\uff01-\uff5e\u3000\u00a0',
} as const;

/** Blanks that are taken off at both ends. */
export const TRIMMED = ' \t\n\r\ufeff';

/** Ranges of the characters of a text that is shown in part. */
export const PLAIN = ' -~\u00b7\u00c0-\u00ff\u3001-\u3003\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\u{20000}-\u{2a6df}';

const folds = new Map([...FOLDED.from].map((c, i) => [c, FOLDED.to[i]!]));
const foldable = new RegExp(`[${FOLDED.range}]`, 'gu');
const ends = new RegExp(`^[${TRIMMED}]+|[${TRIMMED}]+$`, 'gu');
const plain = new RegExp(`^[${PLAIN}]*$`, 'u');

/** A text as masks read it; null where it holds a character of another kind. */
export function fold(value: string): string | null {
  const text = value.replace(foldable, (c) => folds.get(c)!).replace(ends, '');
  return plain.test(text) ? text : null;
}
