/** Writes publications files (公开值文件): header, certificates, publications, and the publisher's signature over all of it. */
import { fail } from '../errors.ts';
import { type CertificateRecord, readPublicationsFile } from '../format/publications-file.ts';
import { writeTlv } from '../format/tlv.ts';
import { integerBytes, stringBytes } from '../format/values.ts';
import { writePublicationRecord } from '../sign/write.ts';
import { verifyPublicationsFile } from '../verify/cms.ts';
import type { Authority } from './authority.ts';

/** One publication. */
export interface Publication {
  /** Unix second. */
  time: bigint;
  /** Imprint of the calendar's root. */
  hash: Uint8Array;
  /** Where it was printed: `慈溪日报, 2026-11-21`. */
  references?: readonly string[];
  repositories?: readonly string[];
}

/** What a file is written from. */
export interface PublicationsFileParts {
  authority: Authority;
  /** Unix second. */
  created: bigint;
  publications: readonly Publication[];
  /** Certificates of the calendar; all of the authority where left out. */
  certificates?: readonly CertificateRecord[];
  /** Where the newest file is to be had. */
  repository?: string;
}

const MAGIC = new TextEncoder().encode('KSIPUBLF');

/**
 * Writes the file. Publications are ordered by their time; throws `keyless.publications.repeated` where two have the same. What is answered was
 * read again and verified against the authority's root.
 */
export function writePublicationsFile(parts: PublicationsFileParts): Uint8Array {
  const { authority, created, certificates = authority.certificates, repository } = parts;
  const publications = [...parts.publications].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  publications.forEach(({ time }, i) => {
    if (i > 0 && publications[i - 1]!.time === time)
      fail('publications.repeated', `同一时间有两个公开值：${time}`, `two publications of the same time: ${time}`);
  });
  const content = Buffer.concat([
    MAGIC,
    writeTlv(0x701, [
      writeTlv(0x01, integerBytes(2n)),
      writeTlv(0x02, integerBytes(created)),
      ...(repository !== undefined ? [writeTlv(0x03, stringBytes(repository))] : []),
    ]),
    ...certificates.map(({ id, certificate }) => writeTlv(0x702, [writeTlv(0x01, id), writeTlv(0x02, certificate)])),
    ...publications.map((publication) => writePublicationRecord(0x703, publication)),
  ]);
  const signature = authority.sign(content, Number(created) * 1000);
  const bytes = new Uint8Array(Buffer.concat([content, writeTlv(0x704, signature)]));
  verifyPublicationsFile(readPublicationsFile(bytes), { roots: [authority.root], email: authority.email });
  return bytes;
}
