/** Certificates for tests: an authority of a moment, and what it issues for hosts. */
import {
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
  X509Certificate,
} from 'node:crypto';
import { derOf } from '@jingwei/keyless/publish';
import { hostsOf } from './csr.ts';

const { bits, integer, octets, oid, sequence, set, tagged, time, utf8 } = derOf;
const ECDSA = sequence(oid('1.2.840.10045.4.3.2'));
const pem = (label: string, bytes: Uint8Array) =>
  `-----BEGIN ${label}-----\n${Buffer.from(bytes)
    .toString('base64')
    .match(/.{1,64}/g)!
    .join('\n')}\n-----END ${label}-----\n`;

/** A certificate, its key and who issues with it. */
export interface TestCertificate {
  certificate: string;
  key: string;
  /** Issues for hosts, from and until Unix milliseconds. */
  issue(hosts: readonly string[], from: number, until: number): TestCertificate;
  /** Issues for the key of a request (PKCS #10, DER); undefined where the request is not signed with it. */
  issueFor(csr: Buffer, hosts: readonly string[], from: number, until: number): string | undefined;
}

/** An authority that signs itself. */
export const testAuthority = (): TestCertificate =>
  make('试验机构', [], Date.parse('2020-01-01'), Date.parse('2045-01-01'), undefined);

function make(
  name: string,
  hosts: readonly string[],
  from: number,
  until: number,
  issuer: { name: string; key: KeyObject } | undefined,
): TestCertificate {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const certificate = certificateOf(
    name,
    hosts,
    from,
    until,
    spki,
    { name: issuer?.name ?? name, key: issuer?.key ?? privateKey },
    !issuer,
  );
  return {
    certificate,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    issue: (names, a, b) => make(names[0]!, names, a, b, { name, key: privateKey }),
    issueFor: (csr, names, a, b) => {
      const key = keyOf(csr);
      return key && certificateOf(names[0]!, names, a, b, key, { name, key: privateKey }, false);
    },
  };
}

/** An element's whole bytes, header included, and where its content begins. */
function element(bytes: Buffer, at: number): { start: number; content: number; end: number } {
  const first = bytes[at + 1]!;
  const more = first & 0x80 ? first & 0x7f : 0;
  const length = more ? bytes.readUIntBE(at + 2, more) : first;
  const content = at + 2 + more;
  return { start: at, content, end: content + length };
}

/** The key (SPKI) of a request that is signed with it. */
function keyOf(csr: Buffer): Buffer | undefined {
  const info = element(csr, element(csr, 0).content);
  const algorithm = element(csr, info.end);
  const signature = element(csr, algorithm.end);
  const version = element(csr, info.content);
  const subject = element(csr, version.end);
  const key = element(csr, subject.end);
  const spki = csr.subarray(key.start, key.end);
  const signed = csr.subarray(info.start, info.end);
  const good = verify(
    'sha256',
    signed,
    createPublicKey({ key: spki, type: 'spki', format: 'der' }),
    csr.subarray(signature.content + 1, signature.end),
  );
  return good ? spki : undefined;
}

function certificateOf(
  name: string,
  hosts: readonly string[],
  from: number,
  until: number,
  spki: Uint8Array,
  issuer: { name: string; key: KeyObject },
  root: boolean,
): string {
  const nameOf = (text: string) => sequence(set(sequence(oid('2.5.4.3'), utf8(text))));
  const constraints = sequence(
    oid('2.5.29.19'),
    Uint8Array.of(1, 1, 0xff),
    octets(root ? sequence(Uint8Array.of(1, 1, 0xff)) : sequence()),
  );
  const serial = randomBytes(16);
  serial[0] = (serial[0]! & 0x3f) | 0x40;
  const body = sequence(
    tagged(0, integer([2])),
    integer(serial),
    ECDSA,
    nameOf(issuer.name),
    sequence(time(from), time(until)),
    nameOf(name),
    spki,
    tagged(3, sequence(constraints, ...(hosts.length > 0 ? [hostsOf(...hosts)] : []))),
  );
  const certificate = pem('CERTIFICATE', sequence(body, ECDSA, bits(sign('sha256', body, issuer.key))));
  // A writer that errs is told here and not by a handshake that fails.
  new X509Certificate(certificate);
  return certificate;
}
