/** Issues X.509 certificates (RFC 5280) of a small authority of one's own. */
import { createHash, randomBytes } from 'node:crypto';
import { fail } from '../errors.ts';
import { childrenOf, onlyDer } from '../keys/der.ts';
import type { Certificate } from '../keys/x509.ts';
import { bits, der, ia5, integer, octets, oid, sequence, set, tagged, time, utf8 } from './der.ts';
import type { SigningKey } from './signing-key.ts';

/** Whose a certificate is. */
export interface Subject {
  name: string;
  organisation: string;
  /** Two letters. */
  country?: string;
  /** Stands in the subject, where readers of publications files look for it. */
  email?: string;
}

/** What is issued. */
export interface Issue {
  /** Or the name of a certificate that is renewed. */
  subject: Subject | Pick<Certificate, 'subject' | 'emails'>;
  /** Key of the subject. */
  spki: Uint8Array;
  /** The issuer; the subject's own key for a root. */
  key: SigningKey;
  /** Left out for a root. */
  issuer?: Pick<Certificate, 'subject' | 'spki'>;
  /** Unix milliseconds. */
  from: number;
  to: number;
}

/** Names are read by people and by strict readers: nothing empty, nothing beyond the bounds of X.520, no control characters. */
function text(value: string, bound: number): string {
  if (value.length === 0 || value.length > bound || /\p{Cc}/u.test(value))
    fail('certificate.subject', `证书主体无效：“${value}”`, `not a certificate's subject: '${value}'`);
  return value;
}

function nameOf({ name, organisation, country, email }: Subject): Uint8Array {
  const entry = (type: string, value: Uint8Array) => set(sequence(oid(type), value));
  if (country !== undefined && !/^[A-Z]{2}$/.test(country)) text('', 0);
  if (email !== undefined && !/^[\x21-\x7e]+@[\x21-\x7e]+$/.test(email)) text('', 0);
  return sequence(
    ...(country ? [entry('2.5.4.6', der(0x13, new TextEncoder().encode(country)))] : []),
    entry('2.5.4.10', utf8(text(organisation, 64))),
    entry('2.5.4.3', utf8(text(name, 64))),
    ...(email ? [entry('1.2.840.113549.1.9.1', ia5(text(email, 255)))] : []),
  );
}

/** Key identifier: SHA-1 of the key's bits (RFC 5280, 4.2.1.2), a name and no protection. */
const identifierOf = (spki: Uint8Array) =>
  new Uint8Array(
    createHash('sha1')
      .update(childrenOf(onlyDer(spki))[1]!.content.subarray(1))
      .digest(),
  );

const critical = Uint8Array.of(0x01, 1, 0xff);

/** Issues a certificate, DER: of a root where there is no issuer, of a signer otherwise. Throws `keyless.certificate.subject`. */
export function issue({ subject, spki, key, issuer, from, to }: Issue): Uint8Array {
  const extension = (type: string, value: Uint8Array, ...marks: Uint8Array[]) =>
    sequence(oid(type), ...marks, octets(value));
  const name = 'emails' in subject ? subject.subject : nameOf(subject);
  const email = 'emails' in subject ? subject.emails[0] : subject.email;
  const serial = randomBytes(16);
  // Positive and of full length, whatever was drawn.
  serial[0] = (serial[0]! & 0x3f) | 0x40;
  const own = identifierOf(spki);
  const authority = issuer ? identifierOf(issuer.spki) : own;
  const extensions = [
    // An end entity's constraints are the default, which DER leaves out.
    extension('2.5.29.19', issuer ? sequence() : sequence(critical), critical),
    // digitalSignature and nonRepudiation; for a root keyCertSign and cRLSign.
    extension('2.5.29.15', der(0x03, issuer ? Uint8Array.of(6, 0xc0) : Uint8Array.of(1, 0x06)), critical),
    extension('2.5.29.14', octets(own)),
    extension('2.5.29.35', sequence(der(0x80, authority))),
    ...(email ? [extension('2.5.29.17', sequence(der(0x81, new TextEncoder().encode(email))))] : []),
  ];
  const signed = sequence(
    tagged(0, integer([2])),
    integer(serial),
    key.algorithm,
    issuer?.subject ?? name,
    sequence(time(from), time(to)),
    name,
    spki,
    tagged(3, sequence(...extensions)),
  );
  return sequence(signed, key.algorithm, bits(key.sign(signed)));
}
