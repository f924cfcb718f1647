/** What is kept of a second's requests, as bytes. Payload 1: a round with its requests. Payload 2: the signature that the service above gave its root. */
import { fail } from '../errors.ts';

/** One request as it is kept. */
export interface RoundLeaf {
  hash: Uint8Array;
  /** Level of the request: height of the tree of which the hash is a root. */
  level: number;
  /** Value of the metadata that stands beside the hash in the tree. */
  metadata: Uint8Array;
  /** Number that the client gave to the request; 0 for one from inside. */
  request: bigint;
  /** Login; empty for one from inside. */
  client: string;
}

/** One second's requests. */
export interface Round {
  /** Unix second. */
  time: number;
  /** Number of the hash algorithm of its tree. */
  algorithm: number;
  /** Imprint of the tree's root and its level. */
  root: Uint8Array;
  level: number;
  leaves: RoundLeaf[];
}

/** What a record holds. */
export type RoundRecord = { kind: 'round'; round: Round } | { kind: 'answer'; time: number; signature: Uint8Array };

/** Writes a round. */
export function writeRound(round: Round): Buffer {
  const clients = round.leaves.map((leaf) => Buffer.from(leaf.client));
  let size = 14 + round.root.length;
  round.leaves.forEach((leaf, i) => {
    size += 13 + leaf.hash.length + leaf.metadata.length + clients[i]!.length;
  });
  const out = Buffer.allocUnsafe(size);
  let at = 0;
  out[at++] = 1;
  at = out.writeUIntBE(round.time, at, 6);
  out[at++] = round.algorithm;
  out[at++] = round.level;
  out[at++] = round.root.length;
  out.set(round.root, at);
  at = out.writeUInt32BE(round.leaves.length, at + round.root.length);
  round.leaves.forEach((leaf, i) => {
    out[at++] = leaf.level;
    out[at++] = leaf.hash.length;
    out.set(leaf.hash, at);
    at = out.writeUInt16BE(leaf.metadata.length, at + leaf.hash.length);
    out.set(leaf.metadata, at);
    at = out.writeBigUInt64BE(leaf.request, at + leaf.metadata.length);
    out[at++] = clients[i]!.length;
    out.set(clients[i]!, at);
    at += clients[i]!.length;
  });
  return out;
}

/** Writes the answer of the service above. */
export function writeAnswer(time: number, signature: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(7 + signature.length);
  out[0] = 2;
  out.writeUIntBE(time, 1, 6);
  out.set(signature, 7);
  return out;
}

/** Reads a payload whose CRC was right. */
export function readPayload(bytes: Buffer): RoundRecord {
  const time = bytes.readUIntBE(1, 6);
  if (bytes[0] === 2) return { kind: 'answer', time, signature: new Uint8Array(bytes.subarray(7)) };
  if (bytes[0] !== 1) fail('rounds.kind', '不认识的轮次记录', 'an unknown record of rounds');
  const take = (from: number, length: number) => new Uint8Array(bytes.subarray(from, from + length));
  const root = take(10, bytes[9]!);
  let at = 10 + root.length;
  const count = bytes.readUInt32BE(at);
  at += 4;
  const leaves: RoundLeaf[] = [];
  for (let i = 0; i < count; i++) {
    const level = bytes[at]!;
    const hash = take(at + 2, bytes[at + 1]!);
    at += 2 + hash.length;
    const metadata = take(at + 2, bytes.readUInt16BE(at));
    at += 2 + metadata.length;
    const request = bytes.readBigUInt64BE(at);
    const name = bytes[at + 8]!;
    leaves.push({ hash, level, metadata, request, client: bytes.toString('utf8', at + 9, at + 9 + name) });
    at += 9 + name;
  }
  return { kind: 'round', round: { time, algorithm: bytes[7]!, level: bytes[8]!, root, leaves } };
}
