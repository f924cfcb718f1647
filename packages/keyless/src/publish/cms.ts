/** Detached CMS signatures (RFC 5652) of publications files. */
import { digest as digestOf } from '#digest';
import type { Certificate } from '../keys/x509.ts';
import { integer, octets, oid, sequence, set, tagged, time } from './der.ts';
import type { SigningKey } from './signing-key.ts';

const DATA = oid('1.2.840.113549.1.7.1');
const SIGNED_DATA = oid('1.2.840.113549.1.7.2');

/**
 * Signs content that stands elsewhere: SignedData with contentType, messageDigest and signingTime (`ms`, Unix milliseconds), the signer's
 * certificate and those of `chain` embedded.
 */
export function signDetached(
  content: Uint8Array,
  signer: { key: SigningKey; certificate: Certificate },
  chain: readonly Certificate[],
  ms: number,
): Uint8Array {
  const { key, certificate } = signer;
  const attribute = (type: string, value: Uint8Array) => sequence(oid(type), set(value));
  const attributes = set(
    attribute('1.2.840.113549.1.9.3', DATA),
    attribute('1.2.840.113549.1.9.4', octets(digestOf(key.digest.name, content)!)),
    attribute('1.2.840.113549.1.9.5', time(ms)),
  );
  // Signed as a set, sent under the tag of its place.
  const placed = attributes.slice();
  placed[0] = 0xa0;
  // RSA is named without its digest, as every reader of CMS knows it.
  const way = key.kind === 'rsa' ? sequence(oid('1.2.840.113549.1.1.1'), Uint8Array.of(5, 0)) : key.algorithm;
  const info = sequence(
    integer([1]),
    sequence(certificate.issuer, certificate.serial),
    key.digest.algorithm,
    placed,
    way,
    octets(key.sign(attributes)),
  );
  const signed = sequence(
    integer([1]),
    set(key.digest.algorithm),
    sequence(DATA),
    tagged(0, ...[certificate, ...chain].map(({ bytes }) => bytes)),
    set(info),
  );
  return sequence(SIGNED_DATA, tagged(0, signed));
}
