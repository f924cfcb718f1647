/** A request for a certificate (PKCS #10, RFC 2986) for one host, signed with a P-256 key. */
import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { derOf } from '@jingwei/keyless/publish';

const { bits, der, integer, octets, oid, sequence, set, tagged, utf8 } = derOf;

/** id-ecdsa-with-SHA256. */
const ECDSA = sequence(oid('1.2.840.10045.4.3.2'));

/** The extension that names hosts (subjectAltName). */
export const hostsOf = (...hosts: readonly string[]): Uint8Array =>
  sequence(oid('2.5.29.17'), octets(sequence(...hosts.map((host) => der(0x82, new TextEncoder().encode(host))))));

/** DER of a request that names the host in its subject (where it fits) and as its alternative name. */
export function requestOf(host: string, key: KeyObject): Uint8Array {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const subject = host.length <= 64 ? [set(sequence(oid('2.5.4.3'), utf8(host)))] : [];
  const extensions = sequence(oid('1.2.840.113549.1.9.14'), set(sequence(hostsOf(host))));
  const info = sequence(integer([0]), sequence(...subject), spki, tagged(0, extensions));
  return sequence(info, ECDSA, bits(sign('sha256', info, key)));
}
