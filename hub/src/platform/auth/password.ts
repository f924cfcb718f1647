/** Passwords: scrypt (RFC 7914) hashes, the policy, and one-time passwords. */
import { randomBytes, randomInt, scrypt, timingSafeEqual } from 'node:crypto';
import { Problem } from '../problem.ts';
import { weak, weakClasses, weakCommon, weakLength, weakLogin } from './problems.ts';

/** log2 of scrypt's cost: 15 takes 32 MiB and about 80 ms. Kept in each hash, so that it can be raised. */
export const scryptCost = 15;

/** Hashes a password: `scrypt$15$<salt>$<hash>` in base64url. */
export async function hashPassword(password: string, cost: number = scryptCost): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, cost);
  return `scrypt$${cost}$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}

/** Whether a password fits a hash; compares in constant time. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const [name, cost, salt, hash] = stored.split('$');
  if (name !== 'scrypt' || !cost || !salt || !hash) return false;
  const expected = Buffer.from(hash, 'base64url');
  const got = await derive(password, Buffer.from(salt, 'base64url'), Number(cost));
  return expected.length === got.length && timingSafeEqual(expected, got);
}

function derive(password: string, salt: Buffer, cost: number): Promise<Buffer> {
  const options = { N: 2 ** cost, r: 8, p: 1, maxmem: 2 ** cost * 2048 };
  // NFKC: the same keys typed on different systems give the same password (NIST SP 800-63B, 5.1.1.2).
  return new Promise((resolve, reject) =>
    scrypt(password.normalize('NFKC'), salt, 32, options, (error, key) => (error ? reject(error) : resolve(key))),
  );
}

/** What the configuration says of passwords. */
export interface PasswordPolicy {
  minLength: number;
  classes: number;
}

/** Parts of the most used passwords; one that is little more than such a part is refused. */
const common = [
  'password',
  'passw0rd',
  'p@ssword',
  'p@ssw0rd',
  'qwertyuiop',
  'qwerty',
  'asdfghjkl',
  'zxcvbnm',
  '1qaz2wsx',
  'qazwsx',
  'iloveyou',
  'welcome',
  'admin',
  'administrator',
  'root',
  'letmein',
  'changeme',
  'woaini',
  'woaizhongguo',
  'zhongguo',
  'beijing',
  'ningbo',
  'cixi',
  'jingwei',
  '123456789',
  '987654321',
  '1234',
  '12345',
  '123456',
  '888888',
  '666666',
  '000000',
  '111111',
  '5201314',
  'abcdef',
  'abc123',
  'dragon',
  'monkey',
  'sunshine',
  'princess',
  'football',
];

/** Refuses what breaks the policy, with every reason at once. History is checked by who knows the former hashes. */
export function checkPolicy(password: string, login: string, policy: PasswordPolicy): void {
  const faults: Problem[] = [];
  const text = password.normalize('NFKC');
  if ([...text].length < policy.minLength) faults.push(new Problem(weakLength, { min: policy.minLength }));
  const classes = [/\p{Lu}/u, /\p{Ll}/u, /\p{Nd}/u, /[^\p{Lu}\p{Ll}\p{Nd}]/u].filter((c) => c.test(text)).length;
  if (classes < policy.classes) faults.push(new Problem(weakClasses, { min: policy.classes }));
  const lower = text.toLowerCase();
  if (login.length >= 3 && lower.includes(login.toLowerCase())) faults.push(new Problem(weakLogin));
  if (isCommon(lower)) faults.push(new Problem(weakCommon));
  if (faults.length > 0) throw new Problem(weak, {}, { field: 'next' }, faults);
}

/** Whether little remains of a password when common parts, years and runs are taken away. */
function isCommon(lower: string): boolean {
  let rest = lower;
  for (const part of [...common].sort((a, b) => b.length - a.length)) rest = rest.replaceAll(part, '');
  rest = rest.replace(/(?:19|20)\d\d/g, '').replace(/[^\p{L}\p{N}]/gu, '');
  return new Set(rest).size < 5;
}

const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789';

/** A one-time password of 91 random bits, written in groups without characters that look alike. */
export function oneTimePassword(): string {
  for (;;) {
    const groups = Array.from({ length: 4 }, () =>
      Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]).join(''),
    );
    const password = groups.join('-');
    if (/[A-Z]/.test(password) && /[a-z]/.test(password) && /\d/.test(password)) return password;
  }
}
