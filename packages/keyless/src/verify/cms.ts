/**
 * The signature of a publications file: detached CMS SignedData (RFC 5652), its signer's certificate up to a configured root, and the e-mail
 * address that the editor's certificate must bear; all at a time that is handed in, since editors' certificates expire and files do not.
 */
import { hash, verify, X509Certificate } from 'node:crypto';
import { fail } from '../errors.ts';
import type { PublicationsFile } from '../format/publications-file.ts';
import { equal } from '../hash/imprint.ts';
import { childrenOf, type Der, oidOf, readDer } from './der.ts';

/** Whom a publications file is believed from. */
export interface Editor {
  /** Root certificates, PEM or DER. */
  roots: readonly (string | Uint8Array)[];
  /** Subject e-mail address of the signer's certificate. */
  email: string;
  /** Unix second at which certificates must be valid; the file's creation where it is left out. */
  at?: bigint;
}

const SIGNED_DATA = '1.2.840.113549.1.7.2';
const DATA = '1.2.840.113549.1.7.1';
const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
const digestNames: Record<string, string> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
/** Ways to sign: by the digest of the signer's entry, or one that names its digest. */
const ways: Record<string, { key: 'rsa' | 'ec'; digest?: string }> = {
  '1.2.840.113549.1.1.1': { key: 'rsa' },
  '1.2.840.113549.1.1.11': { key: 'rsa', digest: 'sha256' },
  '1.2.840.113549.1.1.12': { key: 'rsa', digest: 'sha384' },
  '1.2.840.113549.1.1.13': { key: 'rsa', digest: 'sha512' },
  '1.2.840.10045.4.3.2': { key: 'ec', digest: 'sha256' },
  '1.2.840.10045.4.3.3': { key: 'ec', digest: 'sha384' },
  '1.2.840.10045.4.3.4': { key: 'ec', digest: 'sha512' },
};

const refuse = (what: string, zh: string, en: string): never =>
  fail(`publications.${what}`, `公开值文件：${zh}`, `publications file: ${en}`);

interface Signer {
  issuerAndSerial: Der;
  digest: string;
  attributes: Der;
  way: { key: 'rsa' | 'ec'; digest?: string };
  signature: Uint8Array;
}

/**
 * Verifies who signed a publications file. Throws {@link import('../errors.ts').KeylessError}: `publications.cms` (cannot be read or is of a kind that
 * is not accepted), `.changed` (the content), `.signature`, `.untrusted` (no way to a root), `.expired`, `.email`.
 */
export function verifyPublicationsFile(file: PublicationsFile, editor: Editor): { signer: string } {
  const { certificates, signer } = readSignedData(file.signature);
  const content = attribute(signer, CONTENT_TYPE);
  const digest = attribute(signer, MESSAGE_DIGEST);
  if (!content || oidOf(content) !== DATA || !digest) refuse('cms', '签名属性不全', 'signed attributes are missing');
  if (!equal(digest!.content, hash(signer.digest, file.signed, 'buffer')))
    refuse('changed', '内容已被改动', 'the content was changed');
  const chosen = certificates.find((certificate) => belongs(certificate, signer.issuerAndSerial));
  if (!chosen) return refuse('cms', '缺少签名者证书', "the signer's certificate is missing");
  if (!signedBy(chosen, signer)) refuse('signature', '签名不成立', 'the signature does not verify');
  const at = Number(editor.at ?? file.created) * 1000;
  chainToRoot(
    chosen,
    certificates,
    editor.roots.map((root) => new X509Certificate(root)),
    at,
  );
  const lines = chosen.subject.split('\n');
  if (!lines.includes(`emailAddress=${editor.email}`))
    refuse('email', `签名者的电子邮件不是 ${editor.email}`, `the signer's e-mail is not ${editor.email}`);
  return { signer: chosen.subject };
}

function readSignedData(bytes: Uint8Array): { certificates: X509Certificate[]; signer: Signer } {
  const bad = (): never => refuse('cms', '无法读取 CMS 签名', 'the CMS signature cannot be read');
  const outer = readDer(bytes);
  if (outer.bytes.length !== bytes.length) bad();
  const [type, explicit] = childrenOf(outer);
  if (!type || !explicit || oidOf(type) !== SIGNED_DATA) bad();
  const parts = childrenOf(childrenOf(explicit!)[0] ?? bad());
  const certificates: X509Certificate[] = [];
  for (const der of parts.filter((part) => part.tag === 0xa0).flatMap(childrenOf)) {
    try {
      certificates.push(new X509Certificate(der.bytes));
    } catch {
      bad();
    }
  }
  const infos = parts.at(-1)?.tag === 0x31 ? childrenOf(parts.at(-1)!) : bad();
  if (infos.length !== 1) refuse('cms', '应当只有一个签名者', 'there must be one signer');
  const [, sid, digest, attributes, way, signature] = childrenOf(infos[0]!);
  if (!sid || !digest || attributes?.tag !== 0xa0 || !way || signature?.tag !== 0x04) return bad();
  const digestName = digestNames[oidOf(childrenOf(digest)[0] ?? bad())];
  const signed = ways[oidOf(childrenOf(way)[0] ?? bad())];
  if (!digestName || !signed || sid.tag !== 0x30)
    return refuse('cms', '签名方式不受支持', 'a way to sign that is not accepted');
  return {
    certificates,
    signer: { issuerAndSerial: sid, digest: digestName, attributes, way: signed, signature: signature.content },
  };
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
function belongs(certificate: X509Certificate, issuerAndSerial: Der): boolean {
  const [issuer, serial] = childrenOf(issuerAndSerial);
  const fields = childrenOf(childrenOf(readDer(certificate.raw))[0]!);
  const at = fields[0]!.tag === 0xa0 ? 1 : 0;
  const [ownSerial, , ownIssuer] = [fields[at], fields[at + 1], fields[at + 2]];
  return !!issuer && !!serial && equal(issuer.bytes, ownIssuer!.bytes) && equal(serial.bytes, ownSerial!.bytes);
}

function signedBy(certificate: X509Certificate, signer: Signer): boolean {
  // What is signed is the set of attributes under its own tag, not under that of its place in the message.
  const set = signer.attributes.bytes.slice();
  set[0] = 0x31;
  try {
    const key = certificate.publicKey;
    return (
      key.asymmetricKeyType === signer.way.key && verify(signer.way.digest ?? signer.digest, set, key, signer.signature)
    );
  } catch {
    return false;
  }
}

/** Greatest number of certificates between signer and root. */
const MAX_DEPTH = 8;

function chainToRoot(
  signer: X509Certificate,
  embedded: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  at: number,
): void {
  const valid = (certificate: X509Certificate) =>
    Date.parse(certificate.validFrom) <= at && at <= Date.parse(certificate.validTo);
  let current = signer;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    if (!valid(current)) refuse('expired', '证书在当时无效', 'a certificate was not valid at that time');
    if (roots.some((root) => equal(root.raw, current.raw))) return;
    const issued = (by: X509Certificate) => {
      try {
        return current.checkIssued(by) && current.verify(by.publicKey);
      } catch {
        // A key of a kind that cannot be read here has issued nothing.
        return false;
      }
    };
    const root = roots.find(issued);
    if (root) {
      if (!valid(root)) refuse('expired', '根证书在当时无效', 'the root was not valid at that time');
      return;
    }
    const next = embedded.find((one) => one.ca && !equal(one.raw, current.raw) && issued(one));
    if (!next) break;
    current = next;
  }
  refuse('untrusted', '签名者的证书不通向受信任的根', "the signer's certificate does not lead to a trusted root");
}
