/** What ends a chain: published data, publication records, authentication records, and the string that a newspaper prints. */
import { fail } from '../errors.ts';
import { imprintOf } from '../hash/imprint.ts';
import { eachChild, type Tlv } from './tlv.ts';
import { imprintValue, integer, needed, once, string } from './values.ts';

/** Published data 0x10: the calendar's root at a time. */
export interface PublishedData {
  /** The element as stored: what a key signs. */
  tlv: Tlv;
  /** Unix second. */
  time: bigint;
  hash: Uint8Array;
}

/** Reads published data. */
export function readPublishedData(tlv: Tlv): PublishedData {
  let time: bigint | undefined;
  let hash: Uint8Array | undefined;
  eachChild(tlv, (child) => {
    if (child.tag === 0x02) {
      once(time, child);
      time = integer(child);
      return true;
    }
    if (child.tag === 0x04) {
      once(hash, child);
      hash = imprintValue(child);
      return true;
    }
    return false;
  });
  return { tlv, time: needed(time, tlv, 0x02), hash: needed(hash, tlv, 0x04) };
}

/** Publication record: 0x803 in a signature, 0x703 in a publications file. */
export interface PublicationRecord {
  data: PublishedData;
  /** Where it was printed. */
  references: string[];
  repositories: string[];
}

/** Reads a publication record. */
export function readPublicationRecord(tlv: Tlv): PublicationRecord {
  let data: PublishedData | undefined;
  const references: string[] = [];
  const repositories: string[] = [];
  eachChild(tlv, (child) => {
    switch (child.tag) {
      case 0x10:
        once(data, child);
        data = readPublishedData(child);
        return true;
      case 0x09:
        references.push(string(child, false));
        return true;
      case 0x0a:
        repositories.push(string(child, false));
        return true;
      default:
        return false;
    }
  });
  return { data: needed(data, tlv, 0x10), references, repositories };
}

/** Calendar authentication record 0x805: published data signed by a key. */
export interface CalendarAuthentication {
  data: PublishedData;
  /** Dotted OID of the way it is signed. */
  signatureType: string;
  signature: Uint8Array;
  certificateId: Uint8Array;
  repository?: string;
}

/** Reads a calendar authentication record. */
export function readCalendarAuthentication(tlv: Tlv): CalendarAuthentication {
  let data: PublishedData | undefined;
  let signed: Tlv | undefined;
  eachChild(tlv, (child) => {
    if (child.tag === 0x10) {
      once(data, child);
      data = readPublishedData(child);
      return true;
    }
    if (child.tag === 0x0b) {
      once(signed, child);
      signed = child;
      return true;
    }
    return false;
  });
  return { data: needed(data, tlv, 0x10), ...readSignatureData(needed(signed, tlv, 0x0b)) };
}

function readSignatureData(tlv: Tlv): Omit<CalendarAuthentication, 'data'> {
  let signatureType: string | undefined;
  let signature: Uint8Array | undefined;
  let certificateId: Uint8Array | undefined;
  let repository: string | undefined;
  eachChild(tlv, (child) => {
    switch (child.tag) {
      case 0x01:
        once(signatureType, child);
        signatureType = string(child);
        return true;
      case 0x02:
        once(signature, child);
        signature = child.value;
        return true;
      case 0x03:
        once(certificateId, child);
        certificateId = child.value;
        return true;
      case 0x04:
        once(repository, child);
        repository = string(child, false);
        return true;
      default:
        return false;
    }
  });
  return {
    signatureType: needed(signatureType, tlv, 0x01),
    signature: needed(signature, tlv, 0x02),
    certificateId: needed(certificateId, tlv, 0x03),
    ...(repository !== undefined ? { repository } : {}),
  };
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

/** CRC-32 (polynomial of zlib) of bytes. */
export function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) c = crcTable[(c ^ byte) & 0xff]! ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

/** The string that is printed: time, imprint and their CRC in base 32, six letters a group. */
export function publicationString(time: bigint, hash: Uint8Array): string {
  const bytes = new Uint8Array(8 + hash.length + 4);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, time);
  bytes.set(hash, 8);
  view.setUint32(8 + hash.length, crc32(bytes.subarray(0, 8 + hash.length)));
  let bits = 0;
  let held = 0;
  let text = '';
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(held >> bits) & 31]!;
    }
    held &= (1 << bits) - 1;
  }
  if (bits > 0) text += ALPHABET[(held << (5 - bits)) & 31]!;
  while (text.length % 8 !== 0) text += '=';
  return text.match(/.{1,6}/g)!.join('-');
}

/** Reads a printed string: case and dashes do not matter. Throws `keyless.publication-string`. */
export function readPublicationString(text: string): { time: bigint; hash: Uint8Array } {
  const bad = (zh: string, en: string) => fail('publication-string', `公开值${zh}`, `publication string: ${en}`);
  if (text.length > 1000) bad('过长', 'too long');
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const letter of text.trim()) {
    if (letter === '-') continue;
    if (letter === '=') break;
    const five = ALPHABET.indexOf(letter.toUpperCase());
    if (five < 0) bad(`含有不认识的字符“${letter}”`, `unknown character '${letter}'`);
    held = (held << 5) | five;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 255);
      held &= (1 << bits) - 1;
    }
  }
  if (bytes.length < 13) bad('过短', 'too short');
  const all = Uint8Array.from(bytes);
  const view = new DataView(all.buffer);
  if (view.getUint32(all.length - 4) !== crc32(all.subarray(0, all.length - 4)))
    bad('校验和不符', 'the checksum differs');
  return { time: view.getBigUint64(0), hash: imprintOf(all.subarray(8, all.length - 4)) };
}
