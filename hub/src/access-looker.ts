/**
 * Looks for planted values in whatever leaves the hub or is kept beside it, in every disguise that such a value could wear: as it is, escaped in
 * JSON, in an address, in quoted-printable or base64 (mail, encoded wherever it begins), in hexadecimal (bytea), in two-byte letters. Used by the
 * test of access rules only; `access-looker.test.ts` shows that it finds what is there.
 */

/** How a value was found to be written. */
export type Disguise = 'plain' | 'json' | 'percent' | 'quoted-printable' | 'base64' | 'hex' | 'utf-16';

const escaped = (value: string): string =>
  [...Array(value.length).keys()]
    .map((i) => value.charCodeAt(i))
    .map((c) => (c < 128 ? String.fromCharCode(c) : `\\u${c.toString(16).padStart(4, '0')}`))
    .join('');

/**
 * What stands in a base64 text wherever the value begins in it: by its place among three bytes the letters at its ends depend on what is beside it,
 * those between do not.
 */
function withinBase64(value: string): string[] {
  const bytes = Buffer.from(value);
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const from = before === 0 ? 0 : before + 1;
    const to = text.length - ((before + bytes.length) % 3 === 0 ? 0 : 1);
    return text.slice(from, to);
  });
}

/** Every writing of a value that is looked for. */
export function writings(value: string): [Disguise, string][] {
  const bytes = Buffer.from(value);
  const percent = encodeURIComponent(value);
  const printable = [...bytes]
    .map((b) => (b < 128 ? String.fromCharCode(b) : `=${b.toString(16).toUpperCase()}`))
    .join('');
  const hex = bytes.toString('hex');
  const base64 = withinBase64(value);
  const all: [Disguise, string][] = [
    ['plain', value],
    ...[escaped(value), escaped(value).replace(/\\u[0-9a-f]{4}/g, (u) => `\\u${u.slice(2).toUpperCase()}`)].map(
      (text): [Disguise, string] => ['json', text],
    ),
    ...[percent, percent.toLowerCase()].map((text): [Disguise, string] => ['percent', text]),
    ['quoted-printable', printable],
    ...base64.flatMap((text): [Disguise, string][] => [
      ['base64', text],
      ['base64', text.replaceAll('+', '-').replaceAll('/', '_')],
    ]),
    ['hex', hex],
    ['hex', hex.toUpperCase()],
    ['utf-16', [...value].join('\0')],
  ];
  const seen = new Set<string>();
  return all.filter(([, text]) => !seen.has(text) && seen.add(text));
}

/** Lines of mail are folded; a value that is cut by the fold is whole without it. */
const unfolded = (text: string): string => text.replace(/=\r?\n/g, '').replace(/(?<=[A-Za-z0-9+/]{40})\r?\n/g, '');

/** Looks for values of a list. */
export class Looker<V extends { value: string }> {
  readonly #wanted: { of: V; as: Disguise; text: string }[];

  constructor(values: readonly V[]) {
    this.#wanted = values.flatMap((of) => writings(of.value).map(([as, text]) => ({ of, as, text })));
  }

  /** Which of the values stand in a text. */
  in(text: string): { of: V; as: Disguise }[] {
    const plain = unfolded(text);
    return this.#wanted
      .filter((w) => text.includes(w.text) || plain.includes(w.text))
      .map(({ of, as }) => ({ of, as }));
  }

  /** Which of them stand in bytes as they are or in two-byte letters: what is looked for in files that are large. */
  inBytes(bytes: Buffer): { of: V; as: Disguise }[] {
    return this.#wanted
      .filter((w) => w.as === 'plain' && (bytes.includes(w.text) || bytes.includes(Buffer.from(w.text, 'utf16le'))))
      .map(({ of, as }) => ({ of, as }));
  }
}
