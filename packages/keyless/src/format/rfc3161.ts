/** RFC 3161 record 0x806: what joins a signature that was made of an old time-stamp to its first chain. */
import { idOf, imprint } from '../hash/imprint.ts';
import { eachChild, type Tlv } from './tlv.ts';
import { algorithm, imprintValue, integer, needed, once } from './values.ts';

/** The record. */
export interface Rfc3161Record {
  /** Unix second. */
  time: bigint;
  index: bigint[];
  inputData?: Uint8Array;
  inputHash: Uint8Array;
  tstInfo: { prefix: Uint8Array; suffix: Uint8Array; algorithm: number };
  signedAttributes: { prefix: Uint8Array; suffix: Uint8Array; algorithm: number };
}

/** Reads the record. */
export function readRfc3161(tlv: Tlv): Rfc3161Record {
  const octets = new Map<number, Uint8Array>();
  const ids = new Map<number, number>();
  let time: bigint | undefined;
  let inputHash: Uint8Array | undefined;
  const index: bigint[] = [];
  eachChild(tlv, (child) => {
    const { tag } = child;
    switch (tag) {
      case 0x02:
        once(time, child);
        time = integer(child);
        return true;
      case 0x03:
        index.push(integer(child));
        return true;
      case 0x05:
        once(inputHash, child);
        inputHash = imprintValue(child);
        return true;
      case 0x04:
      case 0x10:
      case 0x11:
      case 0x13:
      case 0x14:
        once(octets.get(tag), child);
        octets.set(tag, child.value);
        return true;
      case 0x12:
      case 0x15:
        once(ids.get(tag), child);
        ids.set(tag, algorithm(child));
        return true;
      default:
        return false;
    }
  });
  if (index.length === 0) needed(undefined, tlv, 0x03);
  const bytes = (tag: number) => needed(octets.get(tag), tlv, tag);
  const id = (tag: number) => needed(ids.get(tag), tlv, tag);
  const inputData = octets.get(0x04);
  return {
    time: needed(time, tlv, 0x02),
    index,
    ...(inputData ? { inputData } : {}),
    inputHash: needed(inputHash, tlv, 0x05),
    tstInfo: { prefix: bytes(0x10), suffix: bytes(0x11), algorithm: id(0x12) },
    signedAttributes: { prefix: bytes(0x13), suffix: bytes(0x14), algorithm: id(0x15) },
  };
}

/** The imprint that the first chain must begin with, under the algorithm `id` of that chain's input hash. */
export function rfc3161Output(record: Rfc3161Record, id: number): Uint8Array {
  const { tstInfo: t, signedAttributes: s } = record;
  const info = imprint(t.algorithm, t.prefix, record.inputHash.subarray(1), t.suffix);
  const attributes = imprint(s.algorithm, s.prefix, info.subarray(1), s.suffix);
  return imprint(id, attributes);
}

/** Number of the algorithm of the document's hash. */
export const rfc3161InputAlgorithm = (record: Rfc3161Record): number => idOf(record.inputHash);
