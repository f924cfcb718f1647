/** Writes signatures: chains, calendar, anchors; and puts a chain of one's own in front of a signature from above. */
import { fail } from '../errors.ts';
import { type AggregationLink, shapeOf } from '../format/aggregation.ts';
import type { CalendarLink } from '../format/calendar.ts';
import { type KeylessSignature, readSignature } from '../format/signature.ts';
import { writeTlv } from '../format/tlv.ts';
import { integerBytes, stringBytes } from '../format/values.ts';

/** Writes one link. */
export function writeLink(link: AggregationLink): Uint8Array {
  const tag = { imprint: 0x02, legacy: 0x03, metadata: 0x04 }[link.kind];
  return writeTlv(link.left ? 0x07 : 0x08, [
    ...(link.levelCorrection > 0 ? [writeTlv(0x01, integerBytes(link.levelCorrection))] : []),
    writeTlv(tag, link.sibling),
  ]);
}

/** What an aggregation chain is written from. */
export interface ChainParts {
  time: bigint;
  index: readonly bigint[];
  inputData?: Uint8Array;
  inputHash: Uint8Array;
  algorithm: number;
  links: readonly AggregationLink[];
}

/** Writes an aggregation chain 0x801. */
export const writeAggregationChain = (chain: ChainParts): Uint8Array =>
  writeTlv(0x801, [
    writeTlv(0x02, integerBytes(chain.time)),
    ...chain.index.map((value) => writeTlv(0x03, integerBytes(value))),
    ...(chain.inputData ? [writeTlv(0x04, chain.inputData)] : []),
    writeTlv(0x05, chain.inputHash),
    writeTlv(0x06, integerBytes(chain.algorithm)),
    ...chain.links.map(writeLink),
  ]);

/** Writes a calendar chain 0x802. */
export const writeCalendarChain = (chain: {
  publicationTime: bigint;
  aggregationTime: bigint;
  inputHash: Uint8Array;
  links: readonly CalendarLink[];
}): Uint8Array =>
  writeTlv(0x802, [
    writeTlv(0x01, integerBytes(chain.publicationTime)),
    ...(chain.aggregationTime === chain.publicationTime ? [] : [writeTlv(0x02, integerBytes(chain.aggregationTime))]),
    writeTlv(0x05, chain.inputHash),
    ...chain.links.map((link) => writeTlv(link.left ? 0x07 : 0x08, link.sibling)),
  ]);

/** Writes published data 0x10; `forward` as authentication records have it. */
export const writePublishedData = (time: bigint, hash: Uint8Array, forward = false): Uint8Array =>
  writeTlv(0x10, [writeTlv(0x02, integerBytes(time)), writeTlv(0x04, hash)], { forward });

/** Writes a publication record: 0x803 in a signature, 0x703 in a publications file. */
export const writePublicationRecord = (
  tag: 0x803 | 0x703,
  record: { time: bigint; hash: Uint8Array; references?: readonly string[]; repositories?: readonly string[] },
): Uint8Array =>
  writeTlv(tag, [
    writePublishedData(record.time, record.hash),
    ...(record.references ?? []).map((text) => writeTlv(0x09, stringBytes(text))),
    ...(record.repositories ?? []).map((text) => writeTlv(0x0a, stringBytes(text))),
  ]);

/** Writes a calendar authentication record 0x805 over published data that a key has signed. */
export const writeCalendarAuthentication = (record: {
  data: Uint8Array;
  signatureType: string;
  signature: Uint8Array;
  certificateId: Uint8Array;
  repository?: string;
}): Uint8Array =>
  writeTlv(0x805, [
    record.data,
    writeTlv(0x0b, [
      writeTlv(0x01, stringBytes(record.signatureType)),
      writeTlv(0x02, record.signature),
      writeTlv(0x03, record.certificateId),
      ...(record.repository !== undefined ? [writeTlv(0x04, stringBytes(record.repository))] : []),
    ]),
  ]);

/** Puts elements together to a signature 0x800. */
export const writeSignature = (parts: readonly Uint8Array[]): Uint8Array => writeTlv(0x800, parts);

/**
 * Puts the chain of a leaf of one's own tree in front of the signature that the tree's root got. `leafLevel`: level at which the leaf itself
 * stands. Throws `keyless.prepend.level` where the signature was not asked for a root of that level.
 */
export function prependChain(
  signature: KeylessSignature,
  leaf: { hash: Uint8Array; links: readonly AggregationLink[]; algorithm: number; level?: number },
): Uint8Array {
  const first = signature.chains[0]!;
  if (leaf.links.length === 0) return signature.tlv.bytes;
  const height = leaf.links.reduce((level, link) => level + 1 + link.levelCorrection, leaf.level ?? 0);
  const tail = chainsAbove(signature, height);
  const [bottom, ...higher] = leaf.links;
  const own = writeAggregationChain({
    time: first.time,
    index: [...first.index, shapeOf(leaf.links)],
    inputHash: leaf.hash,
    algorithm: leaf.algorithm,
    links: [{ ...bottom!, levelCorrection: bottom!.levelCorrection + (leaf.level ?? 0) }, ...higher],
  });
  return writeSignature([own, tail]);
}

/**
 * What follows the chains of all leaves of a tree of this height whose root got the signature: its elements, the first chain's level lowered.
 * Throws `keyless.prepend.level` where it was not asked for a root of that level.
 */
export function chainsAbove(signature: KeylessSignature, height: number): Uint8Array {
  const first = signature.chains[0]!;
  const lowest = first.links[0]!;
  if (lowest.levelCorrection < height)
    fail('prepend.level', '上级签名不是为这一层的根而签', 'the signature above is not for a root of this level');
  const lowered = writeAggregationChain({
    ...first,
    links: [{ ...lowest, levelCorrection: lowest.levelCorrection - height }, ...first.links.slice(1)],
  });
  return joined([lowered, ...childrenBut(signature, first.tlv.bytes)]);
}

/** Elements one after the other. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** The children of a signature as they were read, without one of them. */
function childrenBut(signature: KeylessSignature, bytes: Uint8Array): Uint8Array[] {
  const out: Uint8Array[] = [];
  const { value } = signature.tlv;
  for (let at = 0; at < value.length; ) {
    const wide = (value[at]! & 0x80) !== 0;
    const length = wide ? 4 + ((value[at + 2]! << 8) | value[at + 3]!) : 2 + value[at + 1]!;
    const child = value.subarray(at, at + length);
    if (child.byteOffset !== bytes.byteOffset) out.push(child);
    at += length;
  }
  return out;
}

/** Replaces calendar chain and anchor: extending. Aggregation chains are never touched. */
export function extendSignature(
  signature: KeylessSignature,
  calendar: Uint8Array,
  publication?: Uint8Array,
): Uint8Array {
  const { value } = signature.tlv;
  const kept: Uint8Array[] = [];
  for (let at = 0; at < value.length; ) {
    const wide = (value[at]! & 0x80) !== 0;
    const tag = wide ? ((value[at]! & 0x1f) << 8) | value[at + 1]! : value[at]! & 0x1f;
    const length = wide ? 4 + ((value[at + 2]! << 8) | value[at + 3]!) : 2 + value[at + 1]!;
    if (tag < 0x802 || tag > 0x805) kept.push(value.subarray(at, at + length));
    at += length;
  }
  const bytes = writeSignature([...kept, calendar, ...(publication ? [publication] : [])]);
  readSignature(bytes);
  return bytes;
}
