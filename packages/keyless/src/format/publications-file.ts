/** Publications file (公开值文件): certificates and all publications, signed by its editor. */
import { fail } from '../errors.ts';
import { type PublicationRecord, readPublicationRecord } from './publication.ts';
import { eachChild, readTlv, type Tlv, unknown } from './tlv.ts';
import { integer, needed, once, string } from './values.ts';

/** A certificate with the number by which signatures name it. */
export interface CertificateRecord {
  id: Uint8Array;
  /** X.509, DER. */
  certificate: Uint8Array;
}

/** The file as read; its signature is not believed yet. */
export interface PublicationsFile {
  version: bigint;
  /** Unix second. */
  created: bigint;
  repository?: string;
  certificates: CertificateRecord[];
  publications: PublicationRecord[];
  /** Detached CMS signature, DER. */
  signature: Uint8Array;
  /** Every byte before the signature's element: what is signed. */
  signed: Uint8Array;
}

const MAGIC = new TextEncoder().encode('KSIPUBLF');

/** Reads a publications file. Throws {@link import('../errors.ts').KeylessError}. */
export function readPublicationsFile(bytes: Uint8Array): PublicationsFile {
  if (bytes.length < MAGIC.length || MAGIC.some((byte, i) => bytes[i] !== byte))
    fail('publications.magic', '不是公开值文件', 'not a publications file', 0);
  let header: Pick<PublicationsFile, 'version' | 'created' | 'repository'> | undefined;
  let signature: Uint8Array | undefined;
  let signed = bytes;
  const certificates: CertificateRecord[] = [];
  const publications: PublicationRecord[] = [];
  const order = (tlv: Tlv) =>
    fail('publications.order', '公开值文件的元素次序不对', 'elements out of order', tlv.offset);
  let stage = 0;
  for (let at = MAGIC.length; at < bytes.length; ) {
    const tlv = readTlv(bytes, at, 0);
    if (signature) order(tlv);
    const rank = tlv.tag >= 0x701 && tlv.tag <= 0x704 ? tlv.tag - 0x700 : 0;
    if (rank === 0 && !tlv.nonCritical) unknown(tlv);
    if (rank > 0) {
      if (rank < stage || (stage === 0 && rank !== 1)) order(tlv);
      stage = rank;
    } else if (stage === 0) order(tlv);
    if (rank === 1) {
      once(header, tlv);
      header = readHeader(tlv);
    } else if (rank === 2) certificates.push(readCertificate(tlv));
    else if (rank === 3) publications.push(readPublicationRecord(tlv));
    else if (rank === 4) {
      signature = tlv.value;
      signed = bytes.subarray(0, at);
    }
    at += tlv.bytes.length;
  }
  if (!header) return fail('publications.header', '公开值文件没有文件头', 'a publications file without a header');
  if (!signature)
    return fail('publications.signature', '公开值文件没有签名', 'a publications file without a signature');
  return { ...header, certificates, publications, signature, signed };
}

function readHeader(tlv: Tlv): Pick<PublicationsFile, 'version' | 'created' | 'repository'> {
  let version: bigint | undefined;
  let created: bigint | undefined;
  let repository: string | undefined;
  eachChild(tlv, (child) => {
    switch (child.tag) {
      case 0x01:
        once(version, child);
        version = integer(child);
        return true;
      case 0x02:
        once(created, child);
        created = integer(child);
        return true;
      case 0x03:
        once(repository, child);
        repository = string(child, false);
        return true;
      default:
        return false;
    }
  });
  return {
    version: needed(version, tlv, 0x01),
    created: needed(created, tlv, 0x02),
    ...(repository !== undefined ? { repository } : {}),
  };
}

function readCertificate(tlv: Tlv): CertificateRecord {
  let id: Uint8Array | undefined;
  let certificate: Uint8Array | undefined;
  eachChild(tlv, (child) => {
    if (child.tag === 0x01) {
      once(id, child);
      id = child.value;
      return true;
    }
    if (child.tag === 0x02) {
      once(certificate, child);
      certificate = child.value;
      return true;
    }
    return false;
  });
  return { id: needed(id, tlv, 0x01), certificate: needed(certificate, tlv, 0x02) };
}

/** The publication of exactly this second, or undefined. */
export const publicationAt = (file: PublicationsFile, time: bigint): PublicationRecord | undefined =>
  file.publications.find((record) => record.data.time === time);

/** The first publication at or after this second, or undefined. */
export function nearestPublication(file: PublicationsFile, time: bigint): PublicationRecord | undefined {
  let best: PublicationRecord | undefined;
  for (const record of file.publications)
    if (record.data.time >= time && (!best || record.data.time < best.data.time)) best = record;
  return best;
}
