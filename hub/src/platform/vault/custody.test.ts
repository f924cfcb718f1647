import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Custody } from './custody.ts';
import { KeyRing } from './keys.ts';
import { combine, split } from './shares.ts';

let folder: string;
let ring: KeyRing;
let custody: Custody;
const now = new Date('2026-11-22T00:00:00Z');
const keep = () =>
  custody.keep(
    ring.names.map((name) => ({ name, content: `jingwei-key 1 ${name} ${ring.named(name)!.toString('hex')}\n` })),
  );

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-custody-'));
  ring = KeyRing.open(join(folder, 'keys'));
  ring.makeToken();
  ring.makeNext('seal');
  mkdirSync(join(folder, 'keys', 'seal'), { mode: 0o700 });
  writeFileSync(join(folder, 'keys', 'seal', 'root.pem'), 'a key of another room', { mode: 0o600 });
  custody = new Custody(join(folder, 'custody'), join(folder, 'keys'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('any enough of the custodians bring every file back, as it was', () => {
  const secret = custody.begin(3, 5, now);
  keep();
  const shares = split(secret, 3, 5);
  const files = new Map(
    ['token.key', 'seal-0001.key', 'seal/root.pem'].map((name) => [name, readFileSync(join(folder, 'keys', name))]),
  );
  fc.assert(
    fc.property(fc.shuffledSubarray(shares, { minLength: 3 }), (some) => {
      expect(custody.open(combine(some)!)).toEqual(new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1))));
    }),
    { numRuns: 20 },
  );
  rmSync(join(folder, 'keys'), { recursive: true });
  mkdirSync(join(folder, 'keys'), { mode: 0o700 });
  custody.recover(combine(shares.slice(2))!);
  for (const [name, content] of files) expect(readFileSync(join(folder, 'keys', name)), name).toEqual(content);
  expect(KeyRing.open(join(folder, 'keys')).names).toEqual(['seal-0001', 'token']);
});

test('what lies in custody tells nothing, follows the keys, and is written once', () => {
  expect(keep()).toBe(0);
  custody.begin(2, 3, now);
  expect(keep()).toBe(3);
  expect(keep()).toBe(0);
  const stored = readdirSync(join(folder, 'custody')).map(
    (n) => n.endsWith('sealed') && readFileSync(join(folder, 'custody', n), 'utf8'),
  );
  for (const name of ring.names)
    expect(stored.join('\n')).not.toContain(ring.named(name)!.toString('base64').slice(0, 20));
  ring.makeNext('seal');
  ring.destroy('seal', 1);
  expect(keep()).toBe(2);
  expect(custody.names()).toEqual(['seal-0002.key', 'seal/root.pem', 'token.key']);
});

test('shares of a former split, and files that were changed or change places, open nothing', () => {
  const former = custody.begin(2, 2, now);
  const secret = custody.begin(2, 2, now);
  keep();
  expect(() => custody.open(former)).toThrow(/do not belong/);
  const path = (name: string) => join(folder, 'custody', `${name}.sealed`);
  const content = readFileSync(path('token.key'), 'utf8');
  writeFileSync(path('token.key'), readFileSync(path('seal-0001.key'), 'utf8'));
  expect(() => custody.open(secret)).toThrow(/damaged/);
  writeFileSync(path('token.key'), content.slice(0, -20));
  expect(() => custody.open(secret)).toThrow(/damaged/);
  writeFileSync(path('token.key'), content);
  expect(custody.open(secret).size).toBe(3);
  expect(() => custody.recover(secret)).toThrow(/not overwritten/);
});
