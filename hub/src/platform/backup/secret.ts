/**
 * The secrets of a backup repository: one data key, from which chunks get their names and their encryption, and a recovery key on paper that
 * opens it on another machine. The hub keeps the data key among its own keys (it could read its data without a backup as well); the recovery
 * key is shown once and kept nowhere.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { Problem } from '../problem.ts';
import { combine, type Share, split } from '../vault/index.ts';
import { badRecoveryKey, damaged, tooFewShares, wrongKey } from './problems.ts';

/** Letters of Crockford's base 32: without those that are taken for another. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Keys for one use each, derived from the data key by HKDF-SHA256. */
export interface ChunkKeys {
  /** Names chunks: without it nobody can tell from a name what stands in a chunk. */
  name: Buffer;
  /** Encrypts chunks (AES-256-GCM). */
  seal: Buffer;
}

/** The keys of a repository's data key. */
export const chunkKeys = (dataKey: Uint8Array): ChunkKeys => ({
  name: Buffer.from(hkdfSync('sha256', dataKey, '', 'jingwei backup names', 32)),
  seal: Buffer.from(hkdfSync('sha256', dataKey, '', 'jingwei backup chunks', 32)),
});

/** The name of a chunk by its content: HMAC-SHA256. */
export const nameOf = (keys: ChunkKeys, content: Uint8Array): Buffer =>
  createHmac('sha256', keys.name).update(content).digest();

/** Encrypts; `about` (a chunk's name, a file's role) is bound to it, so that pieces cannot change places. */
export function seal(keys: ChunkKeys, about: Uint8Array, plain: Uint8Array): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keys.seal, nonce);
  cipher.setAAD(about);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Decrypts what `seal` made; a Problem `backup.damaged` names `what` when a bit differs. */
export function unseal(keys: ChunkKeys, about: Uint8Array, box: Uint8Array, what: string): Buffer {
  try {
    const cipher = createDecipheriv('aes-256-gcm', keys.seal, box.subarray(0, 12));
    cipher.setAAD(about);
    cipher.setAuthTag(box.subarray(box.length - 16));
    return Buffer.concat([cipher.update(box.subarray(12, box.length - 16)), cipher.final()]);
  } catch {
    throw new Problem(damaged, { what });
  }
}

/** A new data key. */
export const newDataKey = (): Buffer => randomBytes(32);

/** A new recovery key as people copy it: groups of seven characters, the last four of all guard against slips. */
export const newRecoveryKey = (): string => written(randomBytes(32));

/** 32 bytes as a recovery key. */
export function written(bytes: Uint8Array): string {
  const text = base32(bytes) + check(bytes);
  return text.match(/.{1,7}/g)!.join('-');
}

/** A recovery key in the hands of so many custodians, any `needed` of whom can open the repository: one line for each. */
export const writtenShares = (recovery: Uint8Array, needed: number, count: number): string[] =>
  split(recovery, needed, count).map(({ index, set, bytes }) => {
    const own = Buffer.concat([Buffer.from([needed, index, set >> 8, set & 255]), bytes]);
    return `SH${index}-${(base32(own) + check(own)).match(/.{1,7}/g)!.join('-')}`;
  });

/** One custodian's line; a slip is a Problem. */
function readShare(line: string): Share {
  const letters = plain(line.replace(/^\s*SH\d+-/i, ''));
  const own = letters.length === 62 ? unbase32(letters.slice(0, 58), 36) : undefined;
  if (!own || base32(own) + check(own) !== letters) throw new Problem(badRecoveryKey);
  return { needed: own[0]!, index: own[1]!, set: own.readUInt16BE(2), bytes: own.subarray(4) };
}

const plain = (text: string): string =>
  text.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');

/** The bytes of a recovery key as it was copied, or of enough custodians' lines: case, spaces and hyphens do not matter. A slip is a Problem. */
export function readRecoveryKey(text: string): Buffer {
  const lines = text.split('\n').filter((line) => /^\s*SH\d+-/i.test(line));
  if (lines.length) {
    const shares = lines.map(readShare);
    const together = combine(shares);
    if (!together) throw new Problem(tooFewShares, { given: shares.length, needed: shares[0]!.needed });
    return together;
  }
  const letters = plain(text);
  const bytes = letters.length === 56 ? unbase32(letters.slice(0, 52), 32) : undefined;
  // The last letter has bits to spare: only as it was written is it right.
  if (!bytes || base32(bytes) + check(bytes) !== letters) throw new Problem(badRecoveryKey);
  return bytes;
}

const wrapping = (recovery: Uint8Array): ChunkKeys => {
  const key = Buffer.from(hkdfSync('sha256', recovery, '', 'jingwei backup recovery', 32));
  return { name: key, seal: key };
};
const WRAPPED = Buffer.from('jingwei backup data key');

/** The data key, readable with the recovery key only. */
export const wrap = (dataKey: Uint8Array, recovery: Uint8Array): string =>
  seal(wrapping(recovery), WRAPPED, dataKey).toString('base64');

/** The data key again; another recovery key is a Problem. */
export function unwrap(box: string, recovery: Uint8Array): Buffer {
  try {
    return unseal(wrapping(recovery), WRAPPED, Buffer.from(box, 'base64'), '');
  } catch {
    throw new Problem(wrongKey);
  }
}

const check = (bytes: Uint8Array): string => base32(createHash('sha256').update(bytes).digest()).slice(0, 4);

function base32(bytes: Uint8Array): string {
  let [out, bits, value] = ['', 0, 0];
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xffff;
    bits += 8;
    for (; bits >= 5; bits -= 5) out += ALPHABET[(value >>> (bits - 5)) & 31];
  }
  return bits > 0 ? out + ALPHABET[(value << (5 - bits)) & 31] : out;
}

function unbase32(text: string, length: number): Buffer | undefined {
  const out: number[] = [];
  let [bits, value] = [0, 0];
  for (const letter of text) {
    const n = ALPHABET.indexOf(letter);
    if (n < 0) return undefined;
    value = ((value << 5) | n) & 0xffff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out.push((value >>> bits) & 0xff);
    }
  }
  return Buffer.from(out.slice(0, length));
}
