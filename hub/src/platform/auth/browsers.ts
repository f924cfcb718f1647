/**
 * Browsers that a user has signed in with before. Whoever knows a login can lock it by guessing; the user's own browsers
 * are then counted apart and still let in (OWASP, "Slow down online guessing attacks with device cookies"). The cookie
 * names no session and opens nothing: it only says whose failures are counted where.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Seconds for which a browser stays known after a sign-in. */
export const KNOWN_FOR = 180 * 86_400;

const mac = (key: Uint8Array, login: string, id: string): string =>
  createHmac('sha256', key).update(`known browser\n${login}\n${id}`).digest('base64url');

/** What a browser keeps after a sign-in: `<random>.<proof that it was given for this login>`. */
export function knownBrowser(key: Uint8Array, login: string): string {
  const id = randomBytes(16).toString('base64url');
  return `${id}.${mac(key, login, id)}`;
}

/** The browser's random part when the cookie was given for this login by this hub, else undefined. */
export function browserOf(key: Uint8Array, login: string, cookie: string | undefined): string | undefined {
  const [id = '', proof = '', ...more] = (cookie ?? '').split('.');
  const expected = Buffer.from(mac(key, login, id));
  const given = Buffer.from(proof);
  if (more.length > 0 || expected.length !== given.length || !timingSafeEqual(expected, given)) return undefined;
  return id;
}
