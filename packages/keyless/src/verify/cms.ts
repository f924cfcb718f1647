/**
 * The signature of a publications file: detached CMS SignedData (RFC 5652), its signer's certificate up to a configured root, and the e-mail
 * address that the editor's certificate must bear; all at a time that is handed in, since editors' certificates expire and files do not.
 */
import { digest as digestOf } from '#digest';
import { fail } from '../errors.ts';
import type { PublicationsFile } from '../format/publications-file.ts';
import { equal } from '../hash/imprint.ts';
import { childrenOf, type Der, oidOf, readDer } from '../keys/der.ts';
import { type Way, ways } from '../keys/spki.ts';
import { type Certificate, certificatesOf, issuedBy, readCertificate, USAGE } from '../keys/x509.ts';

/** Whom a publications file is believed from. */
export interface Editor {
  /** Root certificates, PEM or DER. */
  roots: readonly (string | Uint8Array)[];
  /** Subject e-mail address of the signer's certificate. */
  email: string;
  /** Unix second at which certificates must be valid; the file's creation where it is left out. */
  at?: bigint;
}

/** Who signed a publications file. */
export interface SignedBy {
  /** Subject of the signer's certificate, in words. */
  signer: string;
  /** The root that it leads to, DER. */
  root: Uint8Array;
}

const SIGNED_DATA = '1.2.840.113549.1.7.2';
const DATA = '1.2.840.113549.1.7.1';
const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
const digestNames: Record<string, string> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
  '1.2.156.10197.1.401': 'sm3',
};
/** RSA without a digest: that of the signer's entry is meant. SM2 likewise may be named by its key alone. */
const RSA = '1.2.840.113549.1.1.1';
const SM2_KEY = '1.2.156.10197.1.301.1';

const refuse = (what: string, zh: string, en: string): never =>
  fail(`publications.${what}`, `公开值文件：${zh}`, `publications file: ${en}`);

interface Signer {
  issuerAndSerial: Der;
  digest: string;
  attributes: Der;
  way: Way;
  signature: Uint8Array;
}

/**
 * Verifies who signed a publications file. Throws {@link import('../errors.ts').KeylessError}: `publications.cms` (cannot be read or is of a kind that
 * is not accepted), `.changed` (the content), `.signature`, `.untrusted` (no way to a root), `.expired`, `.email`.
 */
export function verifyPublicationsFile(file: PublicationsFile, editor: Editor): SignedBy {
  const { certificates, signer } = readSignedData(file.signature);
  const content = attribute(signer, CONTENT_TYPE);
  const digest = attribute(signer, MESSAGE_DIGEST);
  if (!content || oidOf(content) !== DATA || !digest)
    return refuse('cms', '签名属性不全', 'signed attributes are missing');
  const own = digestOf(signer.digest, file.signed);
  if (!own) return refuse('cms', '摘要算法此处无法计算', 'the digest cannot be computed here');
  if (!equal(digest.content, own)) refuse('changed', '内容已被改动', 'the content was changed');
  const chosen = certificates.find((certificate) => belongs(certificate, signer.issuerAndSerial));
  if (!chosen) return refuse('cms', '缺少签名者证书', "the signer's certificate is missing");
  if (!signedBy(chosen, signer)) refuse('signature', '签名不成立', 'the signature does not verify');
  const root = chainToRoot(chosen, certificates, editor.roots.flatMap(certificatesOf), editor.at ?? file.created);
  if (!chosen.emails.includes(editor.email))
    refuse('email', `签名者的电子邮件不是 ${editor.email}`, `the signer's e-mail is not ${editor.email}`);
  return { signer: chosen.subjectText, root: root.bytes };
}

/** The certificates that a publications file carries for its own signature, DER; none of them is believed. Throws likewise. */
export const embeddedCertificates = (file: PublicationsFile): Certificate[] =>
  readSignedData(file.signature).certificates;

function readSignedData(bytes: Uint8Array): { certificates: Certificate[]; signer: Signer } {
  const bad = (): never => refuse('cms', '无法读取 CMS 签名', 'the CMS signature cannot be read');
  const outer = readDer(bytes);
  if (outer.bytes.length !== bytes.length) bad();
  const [type, explicit] = childrenOf(outer);
  if (!type || !explicit || oidOf(type) !== SIGNED_DATA) bad();
  const parts = childrenOf(childrenOf(explicit!)[0] ?? bad());
  // Detached: the kind of content is named, the content itself is elsewhere.
  const [kind, inside] = childrenOf(parts[2] ?? bad());
  if (!kind || inside || oidOf(kind) !== DATA) bad();
  const embedded = parts.filter((part) => part.tag === 0xa0).flatMap(childrenOf);
  if (embedded.length > MAX_CERTIFICATES) refuse('cms', '证书过多', 'too many certificates');
  const certificates = embedded.map((der) => readCertificate(der.bytes));
  const infos = parts.at(-1)?.tag === 0x31 ? childrenOf(parts.at(-1)!) : bad();
  if (infos.length !== 1) refuse('cms', '应当只有一个签名者', 'there must be one signer');
  const [, sid, digest, attributes, way, signature] = childrenOf(infos[0]!);
  if (!sid || !digest || attributes?.tag !== 0xa0 || !way || signature?.tag !== 0x04) return bad();
  const digestName = digestNames[oidOf(childrenOf(digest)[0] ?? bad())];
  const signed = digestName && wayOf(oidOf(childrenOf(way)[0] ?? bad()), digestName);
  if (!digestName || !signed || sid.tag !== 0x30)
    return refuse('cms', '签名方式不受支持', 'a way to sign that is not accepted');
  return {
    certificates,
    signer: { issuerAndSerial: sid, digest: digestName, attributes, way: signed, signature: signature.content },
  };
}

/** Greatest number of embedded certificates: some to a root, not a load. */
const MAX_CERTIFICATES = 32;

function wayOf(oid: string, digest: string): Way | undefined {
  if (oid === RSA) return digest === 'sm3' ? undefined : { key: 'rsa', digest: digest as NonNullable<Way['digest']> };
  const way = oid === SM2_KEY ? ({ key: 'sm2' } as const) : ways[oid];
  // SM2 signs over SM3 only, and SM3 is signed by SM2 only.
  return (way?.key === 'sm2') === (digest === 'sm3') ? way : undefined;
}

/** The only value of a signed attribute. */
function attribute(signer: Signer, oid: string): Der | undefined {
  const found = childrenOf(signer.attributes).filter((one) => {
    const type = childrenOf(one)[0];
    return type !== undefined && oidOf(type) === oid;
  });
  const values = found.length === 1 ? childrenOf(found[0]!)[1] : undefined;
  const all = values ? childrenOf(values) : [];
  return all.length === 1 ? all[0] : undefined;
}

/** Whether a certificate has the issuer and serial number that the signature names. */
function belongs(certificate: Certificate, issuerAndSerial: Der): boolean {
  const [issuer, serial] = childrenOf(issuerAndSerial);
  return !!issuer && !!serial && equal(issuer.bytes, certificate.issuer) && equal(serial.bytes, certificate.serial);
}

function signedBy({ key, usage }: Certificate, signer: Signer): boolean {
  if (usage !== undefined && (usage & (USAGE.digitalSignature | USAGE.nonRepudiation)) === 0) return false;
  // What is signed is the set of attributes under its own tag, not under that of its place in the message.
  const set = Uint8Array.from(signer.attributes.bytes);
  set[0] = 0x31;
  return key?.signed(signer.way, set, signer.signature) === true;
}

/** Greatest number of certificates between signer and root. */
const MAX_DEPTH = 8;

function chainToRoot(
  signer: Certificate,
  embedded: readonly Certificate[],
  roots: readonly Certificate[],
  at: bigint,
): Certificate {
  const believe = (certificate: Certificate) => {
    if (at < certificate.notBefore || at > certificate.notAfter)
      refuse('expired', '证书在当时无效', 'a certificate was not valid at that time');
    if (certificate.strange)
      refuse('untrusted', '证书有不认识的关键扩展', `a critical extension ${certificate.strange} is not understood`);
  };
  let current = signer;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    believe(current);
    const same = roots.find((root) => equal(root.bytes, current.bytes));
    if (same) return same;
    const issuer = (by: Certificate) =>
      (by.pathLength === undefined || by.pathLength >= depth) &&
      !equal(by.bytes, current.bytes) &&
      issuedBy(current, by);
    const root = roots.find(issuer);
    if (root) {
      believe(root);
      return root;
    }
    const next = embedded.find(issuer);
    if (!next) break;
    current = next;
  }
  return refuse(
    'untrusted',
    '签名者的证书不通向受信任的根',
    "the signer's certificate does not lead to a trusted root",
  );
}
