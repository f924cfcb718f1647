/** Aggregation hash chains 0x801 (聚合哈希链): from a document, or from the chain below, to the root of one tree. */
import { fail } from '../errors.ts';
import { isImprint, step } from '../hash/imprint.ts';
import { type Metadata, readMetadata } from './metadata.ts';
import { eachChild, type Tlv } from './tlv.ts';
import { algorithm, imprintValue, integer, needed, once } from './values.ts';

/** One step: what stands beside the current node, and on which side. */
export interface AggregationLink {
  /** The current node is the left child. */
  left: boolean;
  levelCorrection: number;
  /** What is hashed: an imprint, the 29 bytes of a legacy client id, or the value of a metadata element. */
  sibling: Uint8Array;
  kind: 'imprint' | 'legacy' | 'metadata';
  metadata?: Metadata;
}

/** One chain. */
export interface AggregationChain {
  tlv: Tlv;
  /** Unix second. */
  time: bigint;
  /** Where the chain stands in the tree of trees, outermost first. */
  index: bigint[];
  inputData?: Uint8Array;
  inputHash: Uint8Array;
  algorithm: number;
  /** From leaf to root. */
  links: AggregationLink[];
}

const LEGACY = 29;

/** Reads one chain; throws {@link import('../errors.ts').KeylessError}. */
export function readAggregationChain(tlv: Tlv): AggregationChain {
  let time: bigint | undefined;
  let inputData: Uint8Array | undefined;
  let inputHash: Uint8Array | undefined;
  let id: number | undefined;
  const index: bigint[] = [];
  const links: AggregationLink[] = [];
  eachChild(tlv, (child) => {
    switch (child.tag) {
      case 0x02:
        once(time, child);
        time = integer(child);
        return true;
      case 0x03:
        index.push(integer(child));
        return true;
      case 0x04:
        once(inputData, child);
        inputData = child.value;
        return true;
      case 0x05:
        once(inputHash, child);
        inputHash = imprintValue(child);
        return true;
      case 0x06:
        once(id, child);
        id = algorithm(child);
        return true;
      case 0x07:
      case 0x08:
        links.push(readLink(child));
        return true;
      default:
        return false;
    }
  });
  if (index.length === 0) needed(undefined, tlv, 0x03);
  if (links.length === 0) fail('chain.no-links', '哈希链没有环节', 'a hash chain has no link', tlv.offset);
  return {
    tlv,
    time: needed(time, tlv, 0x02),
    index,
    ...(inputData ? { inputData } : {}),
    inputHash: needed(inputHash, tlv, 0x05),
    algorithm: needed(id, tlv, 0x06),
    links,
  };
}

function readLink(tlv: Tlv): AggregationLink {
  let correction: bigint | undefined;
  let sibling: Tlv | undefined;
  eachChild(tlv, (child) => {
    if (child.tag === 0x01) {
      once(correction, child);
      correction = integer(child);
      if (correction > 255n) fail('link.level', '层级修正超过 255', 'a level correction beyond 255', child.offset);
      return true;
    }
    if (child.tag >= 0x02 && child.tag <= 0x04) {
      if (sibling) fail('link.siblings', '一个环节有两个兄弟节点', 'a link has two siblings', child.offset);
      sibling = child;
      return true;
    }
    return false;
  });
  if (!sibling) return fail('link.no-sibling', '环节没有兄弟节点', 'a link has no sibling', tlv.offset);
  const base = { left: tlv.tag === 0x07, levelCorrection: Number(correction ?? 0n), sibling: sibling.value };
  if (sibling.tag === 0x02) {
    if (!isImprint(sibling.value)) imprintValue(sibling);
    return { ...base, kind: 'imprint' };
  }
  if (sibling.tag === 0x03) {
    legacyId(sibling);
    return { ...base, kind: 'legacy' };
  }
  return { ...base, kind: 'metadata', metadata: readMetadata(sibling) };
}

/** The client id inside the 29 bytes that old signatures carry; throws where they are not of that form. */
export function legacyId(tlv: Tlv): string {
  const { value, offset } = tlv;
  const bad = () => fail('link.legacy', '旧式客户端标识格式不对', 'a legacy client id has a wrong form', offset);
  if (value.length !== LEGACY || value[0] !== 3 || value[1] !== 0 || value[2]! > 25) bad();
  const n = value[2]!;
  for (let i = 3 + n; i < LEGACY; i++) if (value[i] !== 0) bad();
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(value.subarray(3, 3 + n));
  } catch {
    return bad();
  }
}

/** Root and level of a chain that begins with `input` at `level`. Throws `keyless.chain.level` above 255. */
export function aggregate(
  chain: Pick<AggregationChain, 'links' | 'algorithm'>,
  input: Uint8Array,
  level: number,
): { root: Uint8Array; level: number } {
  let root = input;
  let at = level;
  for (const link of chain.links) {
    at += 1 + link.levelCorrection;
    if (at > 255) fail('chain.level', '哈希链层级超过 255', 'the level of a hash chain exceeds 255');
    root = link.left ? step(chain.algorithm, root, link.sibling, at) : step(chain.algorithm, link.sibling, root, at);
  }
  return { root, level: at };
}

/** The number that a chain's last index must be: its shape, read from the root. */
export function shapeOf(links: readonly { left: boolean }[]): bigint {
  if (links.length <= 30) {
    let shape = 1;
    for (let i = links.length - 1; i >= 0; i--) shape = shape * 2 + (links[i]!.left ? 1 : 0);
    return BigInt(shape);
  }
  let shape = 1n;
  for (let i = links.length - 1; i >= 0; i--) shape = (shape << 1n) | (links[i]!.left ? 1n : 0n);
  return shape;
}
