/** X.509 certificates (RFC 5280): the fields that say whose a key is, from when to when, and what it may sign. */
import { equal } from '../hash/imprint.ts';
import { badDer, bitsOf, childrenOf, type Der, oidOf, onlyDer, unsignedOf } from './der.ts';
import { type PublicKey, publicKey } from './public.ts';
import { ways } from './spki.ts';

/** A certificate as read; nothing in it is believed yet. */
export interface Certificate {
  /** All of it, DER. */
  bytes: Uint8Array;
  /** What its issuer signed. */
  signed: Uint8Array;
  signatureType: string;
  signature: Uint8Array;
  /** Elements as they stand, to be compared. */
  serial: Uint8Array;
  issuer: Uint8Array;
  subject: Uint8Array;
  /** The subject in words: `C=CN, O=…, emailAddress=…`. */
  subjectText: string;
  /** E-mail addresses of the subject. */
  emails: string[];
  /** Unix seconds, both included. */
  notBefore: bigint;
  notAfter: bigint;
  /** SubjectPublicKeyInfo. */
  spki: Uint8Array;
  /** Read when it is first asked for; undefined where it is of a kind that is not accepted. */
  readonly key: PublicKey | undefined;
  /** May issue certificates. */
  ca: boolean;
  /** How many issuers may stand below it. */
  pathLength: number | undefined;
  /** Key usage: bit i of RFC 5280 is bit i here; undefined where nothing is said. */
  usage: number | undefined;
  /** A critical extension that is not understood here. */
  strange: string | undefined;
}

/** Bits of key usage. */
export const USAGE = { digitalSignature: 1, nonRepudiation: 2, keyCertSign: 1 << 5 } as const;

const EMAIL = '1.2.840.113549.1.9.1';
const names: Record<string, string> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.97': 'organizationIdentifier',
  [EMAIL]: 'emailAddress',
};

const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
/** Critical extensions that do not restrict what is asked here: names, identifiers, policies, extended usage. */
const harmless = new Set(['2.5.29.14', '2.5.29.17', '2.5.29.18', '2.5.29.32', '2.5.29.35', '2.5.29.37']);

/** Reads a certificate. Throws `keyless.der`. */
export function readCertificate(bytes: Uint8Array): Certificate {
  const [signed, way, signature] = childrenOf(onlyDer(bytes));
  if (!signed || !way || !signature) return badDer();
  const fields = childrenOf(signed);
  if (fields[0]?.tag === 0xa0) fields.shift();
  const [serial, inner, issuer, validity, subject, spki, ...rest] = fields;
  if (!serial || !inner || !issuer || !validity || !subject || !spki) return badDer();
  const type = first(way);
  if (oidOf(first(inner)) !== oidOf(type)) badDer();
  const [from, to] = childrenOf(validity).map(secondOf);
  if (from === undefined || to === undefined) return badDer();
  const attributes = attributesOf(subject);
  let key: PublicKey | undefined | null = null;
  return {
    bytes,
    signed: signed.bytes,
    signatureType: oidOf(type),
    signature: bitsOf(signature),
    serial: serial.bytes,
    issuer: issuer.bytes,
    subject: subject.bytes,
    subjectText: attributes.map(([oid, text]) => `${names[oid] ?? oid}=${text}`).join(', '),
    emails: attributes.filter(([oid]) => oid === EMAIL).map(([, text]) => text),
    notBefore: from,
    notAfter: to,
    spki: spki.bytes,
    get key() {
      if (key === null) key = publicKey(spki.bytes);
      return key;
    },
    ...extensionsOf(rest.find(({ tag }) => tag === 0xa3)),
  };
}

const first = (der: Der): Der => childrenOf(der)[0] ?? badDer();

function attributesOf(name: Der): [oid: string, text: string][] {
  return childrenOf(name)
    .flatMap(childrenOf)
    .map((attribute) => {
      const [type, value] = childrenOf(attribute);
      return type && value ? [oidOf(type), textOf(value)] : badDer();
    });
}

/** Text of a string in whichever of the many ways; bytes beyond them are shown as replacement characters. */
function textOf({ tag, content }: Der): string {
  const label = tag === 0x1e ? 'utf-16be' : tag === 0x14 ? 'latin1' : 'utf-8';
  return new TextDecoder(label).decode(content);
}

/** The Unix second of a UTCTime or GeneralizedTime in the form of RFC 5280. */
function secondOf({ tag, content }: Der): bigint {
  let text = new TextDecoder('latin1').decode(content);
  if (tag === 0x17) text = (Number(text.slice(0, 2)) < 50 ? '20' : '19') + text;
  else if (tag !== 0x18) badDer();
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!found) return badDer();
  const iso = `${found[1]}-${found[2]}-${found[3]}T${found[4]}:${found[5]}:${found[6]}.000Z`;
  const ms = Date.parse(iso);
  if (Number.isNaN(ms)) return badDer();
  return BigInt(ms / 1000);
}

function extensionsOf(explicit: Der | undefined): Pick<Certificate, 'ca' | 'pathLength' | 'usage' | 'strange'> {
  const out: ReturnType<typeof extensionsOf> = {
    ca: false,
    pathLength: undefined,
    usage: undefined,
    strange: undefined,
  };
  const seen = new Set<string>();
  for (const extension of explicit ? childrenOf(first(explicit)) : []) {
    const parts = childrenOf(extension);
    const [type, value] = [parts[0], parts.at(-1)];
    if (!type || value?.tag !== 0x04) return badDer();
    const oid = oidOf(type);
    if (seen.has(oid)) badDer();
    seen.add(oid);
    const critical = parts.length === 3 && parts[1]!.tag === 0x01 && parts[1]!.content[0] !== 0;
    if (oid === BASIC_CONSTRAINTS) {
      for (const part of childrenOf(onlyDer(value.content))) {
        if (part.tag === 0x01) out.ca = part.content[0] !== 0;
        else out.pathLength = Number(unsignedOf(part));
      }
    } else if (oid === KEY_USAGE) {
      const [, ...bytes] = onlyDer(value.content).content;
      out.usage = 0;
      for (let bit = 0; bit < bytes.length * 8 && bit < 16; bit++)
        if (bytes[bit >> 3]! & (0x80 >> (bit & 7))) out.usage |= 1 << bit;
    } else if (critical && !harmless.has(oid)) out.strange = oid;
  }
  return out;
}

/** Whether `by` issued the certificate: names fit, it may issue, and its key signed. */
export function issuedBy(certificate: Certificate, by: Certificate): boolean {
  if (!equal(certificate.issuer, by.subject)) return false;
  if (!by.ca || (by.usage !== undefined && (by.usage & USAGE.keyCertSign) === 0)) return false;
  const way = ways[certificate.signatureType];
  return way !== undefined && by.key?.signed(way, certificate.signed, certificate.signature) === true;
}

/** Certificates of PEM text, or of DER as it is. Throws `keyless.der` where there is none. */
export function certificatesOf(text: string | Uint8Array): Certificate[] {
  if (text instanceof Uint8Array && text[0] === 0x30) return [readCertificate(text)];
  const pem = typeof text === 'string' ? text : new TextDecoder('latin1').decode(text);
  const blocks = [...pem.matchAll(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END/g)];
  if (blocks.length === 0) return badDer();
  return blocks.map(([, base64]) => {
    let binary: string;
    try {
      binary = atob(base64!.replace(/\s/g, ''));
    } catch {
      return badDer();
    }
    return readCertificate(Uint8Array.from(binary, (letter) => letter.charCodeAt(0)));
  });
}
