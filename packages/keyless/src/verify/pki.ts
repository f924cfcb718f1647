/** Certificates of calendar authentication records: from when to when, and whether they signed. */

import { ways } from '../keys/spki.ts';
import { readCertificate } from '../keys/x509.ts';

/** What a certificate says that matters here. */
export interface KeyCertificate {
  /** Unix seconds, both included. */
  notBefore: bigint;
  notAfter: bigint;
  /** Whether the key signed these bytes in the way of this OID. */
  signed(type: string, data: Uint8Array, signature: Uint8Array): boolean;
}

/** Certificates that were read, by the bytes they stand in: a publications file is read once and asked thousands of times. */
const known = new WeakMap<Uint8Array, KeyCertificate | null>();

/** Reads a certificate in DER; undefined where it is none. */
export function keyCertificate(der: Uint8Array): KeyCertificate | undefined {
  let certificate = known.get(der);
  if (certificate === undefined) {
    certificate = read(der) ?? null;
    known.set(der, certificate);
  }
  return certificate ?? undefined;
}

function read(der: Uint8Array): KeyCertificate | undefined {
  try {
    const { notBefore, notAfter, key } = readCertificate(der);
    return {
      notBefore,
      notAfter,
      signed(type, data, signature) {
        const way = ways[type];
        return way !== undefined && key?.signed(way, data, signature) === true;
      },
    };
  } catch {
    return undefined;
  }
}
