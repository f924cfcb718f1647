/** Time-based one-time passwords: RFC 6238 over HOTP (RFC 4226), as authenticators expect them: SHA-1, 6 digits, 30 s. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const STEP = 30;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A new secret of 160 bits in base32. */
export function newSecret(): string {
  const bits = [...randomBytes(20)].map((b) => b.toString(2).padStart(8, '0')).join('');
  return bits.replace(/.{5}/g, (five) => alphabet[Number.parseInt(five, 2)]!);
}

/** Base32 (RFC 4648) to bytes. */
export function fromBase32(text: string): Buffer {
  const bits = [...text].map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** The code of a key at a counter (RFC 4226, 5.3). */
export function hotp(key: Uint8Array, counter: number, digits = 6, algorithm = 'sha1'): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac(algorithm, key).update(message).digest();
  const offset = mac.at(-1)! & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** digits).padStart(digits, '0');
}

/** The number of the time step that an instant is in. */
export function stepAt(at: Date): number {
  return Math.floor(at.getTime() / 1000 / STEP);
}

/**
 * The step that a code belongs to, among the present one and one on either side (clocks differ), later than `after`
 * (a code works once); undefined when it belongs to none.
 */
export function matchingStep(secret: string, code: string, at: Date, after: number): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const key = fromBase32(secret);
  const now = stepAt(at);
  return [now - 1, now, now + 1].find(
    (step) => step > after && timingSafeEqual(Buffer.from(hotp(key, step)), Buffer.from(code)),
  );
}

/** The URL that authenticators read from a QR code. */
export function otpauthUrl(secret: string, login: string, issuer: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(login)}`;
  return `otpauth://totp/${label}?secret=${secret}&issuer=${encodeURIComponent(issuer)}&algorithm=SHA1&digits=6&period=${STEP}`;
}
