/**
 * Who this hub is to others: an Ed25519 key of its own, made once and kept beside the other keys. The hub's identifier is the first 32
 * digits of SHA-256 over its public key, so that nobody can take another's name.
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A hub's key as others know it. */
export interface HubKey {
  /** Identifier: 32 hexadecimal digits. */
  hub: string;
  /** Public key, SPKI in base64. */
  publicKey: string;
  key: KeyObject;
}
/** This hub's own key. */
export interface Identity extends HubKey {
  privateKey: KeyObject;
}

/** The identifier of a public key (SPKI, DER). */
export const hubOf = (spki: Uint8Array): string => createHash('sha256').update(spki).digest('hex').slice(0, 32);

/** Eight letters by which two administrators compare a key by telephone. */
export const checkCode = (hub: string): string => `${hub.slice(0, 4)}-${hub.slice(4, 8)}`;

/** Reads another hub's public key; undefined where it is no Ed25519 key. */
export function readPublicKey(text: string): HubKey | undefined {
  if (text.length > 200) return undefined;
  try {
    const spki = Buffer.from(text, 'base64');
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    if (key.asymmetricKeyType !== 'ed25519') return undefined;
    const own = key.export({ format: 'der', type: 'spki' });
    return { hub: hubOf(own), publicKey: own.toString('base64'), key };
  } catch {
    return undefined;
  }
}

/** Opens the hub's key, making it at the first time. The file is whole or not there. */
export function openIdentity(keys: string): Identity {
  const folder = join(keys, 'peers');
  const path = join(folder, 'ed25519.pem');
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' });
    const file = openSync(`${path}.new`, 'w', 0o600);
    try {
      writeSync(file, String(pem));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(`${path}.new`, path);
  }
  const privateKey = createPrivateKey(readFileSync(path));
  const key = createPublicKey(privateKey);
  const spki = key.export({ format: 'der', type: 'spki' });
  return { hub: hubOf(spki), publicKey: spki.toString('base64'), key, privateKey };
}
