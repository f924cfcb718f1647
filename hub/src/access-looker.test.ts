import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Looker } from './access-looker.ts';
import { planted } from './access-planted.ts';

const looker = new Looker(planted);
const some = fc.constantFrom(...planted);
/** What may stand around a value; nothing of the planted city. */
const around = fc.string({ unit: 'grapheme-ascii', maxLength: 60 });

/** How channels write a text that holds a value. */
const ways: Record<string, (text: string) => string> = {
  'a log line': (text) => JSON.stringify({ level: 30, msg: text }),
  'JSON of letters of ASCII only': (text) =>
    JSON.stringify(text).replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
  'an address': (text) => `GET /api/v1/credit/search?q=${encodeURIComponent(text)}`,
  'a form': (text) => new URLSearchParams({ q: text }).toString(),
  base64: (text) => Buffer.from(text).toString('base64'),
  'base64 of addresses': (text) => Buffer.from(text).toString('base64url'),
  'base64 in lines': (text) => Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\r\n'),
  'quoted-printable': (text) =>
    [...Buffer.from(text)]
      .map((b) =>
        b >= 33 && b <= 126 && b !== 61 ? String.fromCharCode(b) : `=${b.toString(16).toUpperCase().padStart(2, '0')}`,
      )
      .join('')
      .replace(/.{75}(?=.)/g, '$&=\r\n'),
  bytea: (text) => `\\x${Buffer.from(text).toString('hex')}`,
  'a payload of facts': (text) => `1\u001f\u0018${text}\u001f`,
};

test.each(Object.keys(ways))('a planted value is found in %s, whatever stands around it', (way) => {
  fc.assert(
    fc.property(some, around, around, (p, before, after) => {
      const found = looker.in(ways[way]!(`${before} ${p.value} ${after}`));
      expect(found.map((f) => f.of.value)).toContain(p.value);
    }),
    { numRuns: 150 },
  );
});

test('in files of bytes it is found as it is and in two-byte letters', () => {
  for (const p of planted)
    for (const bytes of [Buffer.from(`\0${p.value}\0`), Buffer.from(`\0${p.value}\0`, 'utf16le')])
      expect(looker.inBytes(bytes).map((f) => f.of.value)).toContain(p.value);
});

test('what is not there is not found: neither masked values, nor tokens, nor others of the same kind', () => {
  for (const p of planted)
    for (const way of Object.values(ways))
      expect(looker.in(way(`${p.absent} ${p.value.slice(0, 1)}** p~${'7'.repeat(26)}`))).toEqual([]);
});
