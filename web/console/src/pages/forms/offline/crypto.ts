/**
 * Drafts, pictures and what waits are kept on the phone encrypted (AES-256-GCM). One data key a person; it stands on the phone only wrapped: by a key
 * of this browser that no script can read out, and, where the person has set an offline PIN, inside that by a key derived from it (PBKDF2).
 *
 * What it protects. Without a PIN: against reading the phone's files of the browser as they lie there by simple tools, and against another user of
 * this console on the same phone. With a PIN: also against whoever holds the unlocked phone. Not against somebody who has the browser's storage AND
 * much time to guess a short PIN, nor against malicious code in this very page. Nothing of it can be read without the wrapped key, so a forgotten
 * PIN loses what was not sent: the page says so before one is set.
 */

/** Something encrypted: a fresh nonce each time. */
export interface Sealed {
  iv: Uint8Array<ArrayBuffer>;
  data: ArrayBuffer;
}

/** The wrapped data key as it stands on the phone. */
export interface KeyRing {
  device: CryptoKey;
  wrapped: Sealed;
  pin: { salt: Uint8Array<ArrayBuffer>; rounds: number } | null;
}

/** OWASP's figure for PBKDF2 with SHA-256. */
const ROUNDS = 600_000;
const AES = { name: 'AES-GCM', length: 256 } as const;

/** The PIN is not the one that was set (or what is kept was changed). */
export class WrongPin extends Error {
  constructor() {
    super('the PIN does not open what is kept');
    this.name = 'WrongPin';
  }
}

async function sealWith(key: CryptoKey, bytes: BufferSource): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, bytes) };
}

function openWith(key: CryptoKey, sealed: Sealed): Promise<ArrayBuffer> {
  return crypto.subtle.decrypt({ name: 'AES-GCM', iv: sealed.iv }, key, sealed.data);
}

async function pinKey(pin: string, salt: Uint8Array<ArrayBuffer>, rounds: number): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey('raw', new TextEncoder().encode(pin.normalize('NFKC')), 'PBKDF2', false, [
    'deriveKey',
  ]);
  return crypto.subtle.deriveKey({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds }, base, AES, false, [
    'encrypt',
    'decrypt',
  ]);
}

const usable = (raw: BufferSource) => crypto.subtle.importKey('raw', raw, AES, false, ['encrypt', 'decrypt']);

async function wrap(raw: BufferSource, device: CryptoKey, pin: string | null, rounds: number): Promise<KeyRing> {
  if (pin === null) return { device, wrapped: await sealWith(device, raw), pin: null };
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const inner = await sealWith(await pinKey(pin, salt, rounds), raw);
  const both = new Uint8Array(12 + inner.data.byteLength);
  both.set(inner.iv);
  both.set(new Uint8Array(inner.data), 12);
  return { device, wrapped: await sealWith(device, both), pin: { salt, rounds } };
}

async function unwrap(ring: KeyRing, pin: string | null): Promise<Uint8Array<ArrayBuffer>> {
  const outer = new Uint8Array(await openWith(ring.device, ring.wrapped));
  if (!ring.pin) return outer;
  if (pin === null) throw new WrongPin();
  try {
    const key = await pinKey(pin, ring.pin.salt, ring.pin.rounds);
    return new Uint8Array(await openWith(key, { iv: outer.slice(0, 12), data: outer.slice(12).buffer }));
  } catch {
    throw new WrongPin();
  }
}

/** A new ring with a fresh data key, and the key to work with. */
export async function newRing(): Promise<{ ring: KeyRing; key: CryptoKey }> {
  const device = await crypto.subtle.generateKey(AES, false, ['encrypt', 'decrypt']);
  const raw = crypto.getRandomValues(new Uint8Array(32));
  const ring = await wrap(raw, device, null, ROUNDS);
  const key = await usable(raw);
  raw.fill(0);
  return { ring, key };
}

/** The key to work with; fails with `WrongPin`. */
export async function openRing(ring: KeyRing, pin: string | null): Promise<CryptoKey> {
  const raw = await unwrap(ring, pin);
  const key = await usable(raw);
  raw.fill(0);
  return key;
}

/** The same data key under another PIN, or none (null). `old` is the PIN in force; fails with `WrongPin`. */
export async function changePin(
  ring: KeyRing,
  old: string | null,
  next: string | null,
  rounds = ROUNDS,
): Promise<KeyRing> {
  const raw = await unwrap(ring, old);
  const changed = await wrap(raw, ring.device, next, rounds);
  raw.fill(0);
  return changed;
}

/** Encrypts anything that JSON can hold. */
export function seal(key: CryptoKey, value: unknown): Promise<Sealed> {
  return sealWith(key, new TextEncoder().encode(JSON.stringify(value)));
}

/** Decrypts what `seal` made. */
export async function unseal<T>(key: CryptoKey, sealed: Sealed): Promise<T> {
  return JSON.parse(new TextDecoder().decode(await openWith(key, sealed))) as T;
}

/** Encrypts bytes (a picture). */
export function sealBytes(key: CryptoKey, bytes: ArrayBuffer): Promise<Sealed> {
  return sealWith(key, bytes);
}

/** Decrypts what `sealBytes` made. */
export function unsealBytes(key: CryptoKey, sealed: Sealed): Promise<ArrayBuffer> {
  return openWith(key, sealed);
}

/** Whether this page may encrypt and work offline at all: only over HTTPS (or on this very machine). */
export const mayWorkOffline = (): boolean => globalThis.isSecureContext && 'indexedDB' in globalThis;
