import type { IncomingMessage } from 'node:http';
import { randomOf } from '@jingwei/codes';
import { expect, test } from 'vitest';
import { addressReader, networkList, networkOf, within } from './clients/networks.ts';
import { hashOf, matchesAny, newSecret } from './clients/secrets.ts';
import { comment } from './docs/names.ts';
import { Buckets, Concurrency, Quotas } from './limits.ts';
import { readScope, withinScope, writeScope } from './oauth/scope.ts';
import { fingerprintOfKey, numberOfRecord } from './serve/items.ts';

test('scopes are read as they are written, and nothing else is one', () => {
  const random = randomOf(7);
  const some = <T>(n: number, make: (i: number) => T) =>
    Array.from({ length: Math.floor(random() * n) }, (_, i) => make(i));
  for (let round = 0; round < 300; round++) {
    const parts = [1, ...some(5, (i) => i + 2)].map((n) => {
      const fields = [...new Set(some(4, () => `f${Math.floor(random() * 9)}`))];
      return [n, fields.length ? new Set(fields) : null] as const;
    });
    const scope = new Map(parts);
    expect(readScope(writeScope(scope))).toEqual(scope);
    expect(withinScope(scope, scope)).toBe(true);
    expect(withinScope(new Map([...scope, [99, null]]), scope)).toBe(false);
    // Whatever says less is within; the whole of a grant is beyond some of its items.
    for (const [n, fields] of scope) {
      expect(withinScope(new Map([[n, fields ? new Set([...fields].slice(0, 1)) : new Set(['x'])]]), scope)).toBe(true);
      if (fields) expect(withinScope(new Map([[n, null]]), scope)).toBe(false);
    }
  }
  for (const bad of [
    '',
    ' ',
    'grant:',
    'grant:0',
    'grant:01',
    'grant:1/',
    'grant:1/a,',
    'grant:1/A',
    'GRANT:1',
    'grant:1/a/b',
    'grant:1e9',
    'openid',
    `grant:1/${'a'.repeat(64)}`,
    'grant:1\tgrant:2',
    'grant:1 '.repeat(51),
  ])
    expect([bad, readScope(bad)]).toEqual([bad, null]);
  expect(readScope('grant:1/a grant:1/b')).toEqual(new Map([[1, new Set(['a', 'b'])]]));
  expect(readScope('grant:1/a grant:1')).toEqual(new Map([[1, null]]));
});

test('networks: what is one, what is in it, IPv4 within IPv6 too', () => {
  expect(['10.0.0.0/8', '192.0.2.1', '2001:DB8::/32'].map(networkOf)).toEqual([
    '10.0.0.0/8',
    '192.0.2.1/32',
    '2001:db8::/32',
  ]);
  for (const bad of [
    '',
    'x',
    '10.0.0/8',
    '10.0.0.0/-1',
    '10.0.0.0/33',
    '10.0.0.0/8/8',
    '10.0.0.0/1e1',
    '::/129',
    'fe80::1%eth0',
    '010.0.0.1',
  ])
    expect(() => networkOf(bad), bad).toThrow('gateway.bad-network');
  const list = networkList(['10.0.0.0/8', '2001:db8::/32']);
  expect(
    ['10.9.9.9', '::ffff:10.1.1.1', '2001:db8:1::1', '11.0.0.1', '2001:db9::1', '', 'nobody'].map((a) =>
      within(list, a),
    ),
  ).toEqual([...[true, true, true, false, false, false, false]]);
});

test('where a request comes from is said by the proxies that are believed, and by nobody else', () => {
  const request = (peer: string, header?: string) =>
    ({
      socket: { remoteAddress: peer },
      headers: header === undefined ? {} : { 'x-forwarded-for': header },
    }) as unknown as IncomingMessage;
  const from = (trust: boolean | string, peer: string, header?: string) => addressReader(trust)(request(peer, header));
  expect(from(false, '192.0.2.9', '10.0.0.1')).toBe('192.0.2.9');
  expect(from(true, '192.0.2.9', '6.6.6.6, 198.51.100.7')).toBe('198.51.100.7');
  expect(from('192.0.2.0/24', '192.0.2.9', '6.6.6.6, 198.51.100.7, 192.0.2.3')).toBe('198.51.100.7');
  expect(from('192.0.2.0/24', '203.0.113.5', '10.0.0.1')).toBe('203.0.113.5');
  expect(from('192.0.2.0/24', '::ffff:192.0.2.9')).toBe('192.0.2.9');
});

test('a bucket gives its burst, then its rate; guesses leave a debt; a clock that goes back gives nothing', () => {
  const b = new Buckets();
  expect(Array.from({ length: 4 }, () => b.take('a', 2, 3, 0).ok)).toEqual([true, true, true, false]);
  expect(b.take('a', 2, 3, 400)).toMatchObject({ ok: false, wait: 1 });
  expect(b.take('a', 2, 3, 500).ok).toBe(true);
  expect(b.take('a', 2, 3, -9e9).ok).toBe(false);
  b.charge('a', 1e9, 3);
  expect(b.take('a', 2, 3, -9e9).wait).toBe(16);
  expect(b.take('other', 2, 3, 0).ok).toBe(true);
});

test('quotas count days and months of the city; what came to nothing is given back', () => {
  const q = new Quotas();
  const most = { day: 3, month: 4 };
  const at = (text: string) => new Date(text);
  expect(q.take(1, at('2026-03-31T15:59:00Z'), 3, most)).toBeNull();
  expect(q.take(1, at('2026-03-31T15:59:30Z'), 1, most)).toBe('day');
  q.giveBack(1, 2);
  expect(q.of(1, at('2026-03-31T15:59:40Z'))).toEqual({ day: 1, month: 1 });
  expect(q.take(1, at('2026-03-31T15:59:50Z'), 2, most)).toBeNull();
  // Midnight of Shanghai: a new day and a new month.
  expect(q.take(1, at('2026-03-31T16:00:00Z'), 3, most)).toBeNull();
  expect(q.take(1, at('2026-04-01T16:00:00Z'), 2, most)).toBe('month');
});

test('calls at once are as many as may be, and one that ends makes room once', () => {
  const c = new Concurrency();
  const first = c.enter('a', 2)!;
  c.enter('a', 2);
  expect(c.enter('a', 2)).toBeUndefined();
  first();
  first();
  expect(c.enter('a', 2)).toBeDefined();
  expect(c.enter('a', 2)).toBeUndefined();
});

test('secrets are told apart by their hash, keys have fingerprints that another grant does not share', () => {
  const [one, two] = [newSecret(), newSecret()];
  expect([matchesAny(one, [hashOf(two), hashOf(one)]), matchesAny(one, [hashOf(two)]), matchesAny('', [])]).toEqual([
    true,
    false,
    false,
  ]);
  expect(fingerprintOfKey('m', ['a', 'b'])).not.toEqual(fingerprintOfKey('m', ['ab', '']));
  expect(fingerprintOfKey('m', ['a']).number).not.toBe(fingerprintOfKey('n', ['a']).number);
  expect(['0'.repeat(20), '0'.repeat(19), 'g'.repeat(20), '', 'F'.repeat(20)].map(numberOfRecord)).toEqual([
    '0',
    null,
    null,
    null,
    null,
  ]);
  expect(comment('a */ b\n\u2028c')).toBe('a * / b c');
});
