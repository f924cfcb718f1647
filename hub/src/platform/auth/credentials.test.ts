import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Problem } from '../problem.ts';
import { checkPolicy, hashPassword, oneTimePassword, verifyPassword } from './password.ts';
import { fromBase32, hotp, matchingStep, newSecret, otpauthUrl, stepAt } from './totp.ts';

const policy = { minLength: 12, classes: 3 };

/** The codes of the reasons against a password. */
function reasons(password: string, login = 'zhangsan'): string[] {
  try {
    checkPolicy(password, login, policy);
    return [];
  } catch (error) {
    return (error as Problem).details.map((d) => d.kind.code.replace('auth.password-', ''));
  }
}

test('a password fits its own hash only, whatever its characters', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string(), fc.string({ unit: 'grapheme' }), async (a, b) => {
      const stored = await hashPassword(a, 4);
      expect(await verifyPassword(a, stored)).toBe(true);
      expect(await verifyPassword(b, stored)).toBe(a.normalize('NFKC') === b.normalize('NFKC'));
    }),
    { numRuns: 20 },
  );
  expect(await verifyPassword('x', 'nonsense')).toBe(false);
  expect(await hashPassword('same', 4)).not.toBe(await hashPassword('same', 4));
});

test('the policy names every reason at once', () => {
  expect(reasons('correct-Horse-7-battery')).toEqual([]);
  expect(reasons('春眠不觉晓-Chu4-闻啼鸟')).toEqual([]);
  expect(reasons('Ab3-x')).toEqual(['too-short', 'common']);
  expect(reasons('onlylowercaseletters')).toEqual(['classes']);
  expect(reasons('x7-ZhangSan-kqpw')).toEqual(['contains-login']);
  expect(reasons('Password@2026!!')).toEqual(['common']);
  expect(reasons('Admin123456789!')).toEqual(['common']);
  expect(reasons('Aa1-Aa1-Aa1-Aa1-')).toEqual(['common']);
});

test('one-time passwords meet the policy and do not repeat', () => {
  const made = Array.from({ length: 200 }, oneTimePassword);
  expect(new Set(made).size).toBe(200);
  for (const password of made) expect(reasons(password)).toEqual([]);
});

test.each([
  [59, '94287082'],
  [1111111109, '07081804'],
  [1111111111, '14050471'],
  [1234567890, '89005924'],
  [2000000000, '69279037'],
  [20000000000, '65353130'],
])('RFC 6238 vector at %s seconds', (seconds, code) => {
  const step = stepAt(new Date(seconds * 1000));
  expect(hotp(Buffer.from('12345678901234567890'), step, 8)).toBe(code);
});

test('RFC 6238 vectors of SHA-256 and SHA-512', () => {
  expect(hotp(Buffer.from('12345678901234567890123456789012'), 1, 8, 'sha256')).toBe('46119246');
  expect(hotp(Buffer.from(`${'1234567890'.repeat(6)}1234`), 1, 8, 'sha512')).toBe('90693936');
});

test('a code works within one step of its time and once only', () => {
  const secret = newSecret();
  expect(secret).toMatch(/^[A-Z2-7]{32}$/);
  const at = new Date('2026-01-05T01:00:10Z');
  const code = hotp(fromBase32(secret), stepAt(at));
  const later = (seconds: number) => new Date(at.getTime() + seconds * 1000);
  expect(matchingStep(secret, code, at, 0)).toBe(stepAt(at));
  expect(matchingStep(secret, code, later(30), 0)).toBe(stepAt(at));
  expect(matchingStep(secret, code, later(-30), 0)).toBe(stepAt(at));
  expect(matchingStep(secret, code, later(60), 0)).toBeUndefined();
  expect(matchingStep(secret, code, at, stepAt(at))).toBeUndefined();
  expect(matchingStep(secret, '12345', at, 0)).toBeUndefined();
});

test('base32 and the otpauth URL are as authenticators read them', () => {
  expect(fromBase32('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ').toString()).toBe('12345678901234567890');
  expect(otpauthUrl('ABC', 'zhang@cixi', '经纬')).toBe(
    'otpauth://totp/%E7%BB%8F%E7%BA%AC:zhang%40cixi?secret=ABC&issuer=%E7%BB%8F%E7%BA%AC&algorithm=SHA1&digits=6&period=30',
  );
});
