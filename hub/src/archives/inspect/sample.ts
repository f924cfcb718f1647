/**
 * What is looked at of a file's content, in one pass and in bounded memory: its size and fingerprint, its beginning and end, all of it when it is
 * small, and the finds of a search over everything.
 */
import { createHash, type Hash } from 'node:crypto';

/** Bytes up to which a file is held whole. */
export const WHOLE = 24 * 2 ** 20;
const HEAD = 64 * 1024;
const TAIL = 128 * 1024;

/** A file as the inspections see it. */
export interface Sample {
  bytes: number;
  /** Lower-case hexadecimal. */
  sha256: string;
  /** Digests by other algorithms that were asked for, by Node's names of them. */
  digests: Map<string, Buffer>;
  head: Buffer;
  tail: Buffer;
  /** All of it; undefined when it is larger than {@link WHOLE}. */
  whole: Buffer | undefined;
  /** Which of the texts looked for stand anywhere in it. */
  found: Set<string>;
}

/** Reads a content to its end. `needles`: ASCII texts to look for; `digests`: further digests to make on the way. */
export async function sampleOf(
  chunks: AsyncIterable<Uint8Array>,
  options: { needles?: readonly string[]; digests?: readonly string[] } = {},
): Promise<Sample> {
  const sha256 = createHash('sha256');
  const others = new Map<string, Hash>((options.digests ?? []).map((name) => [name, createHash(name)]));
  const needles = (options.needles ?? []).map((text) => ({ text, bytes: Buffer.from(text, 'latin1') }));
  const overlap = Math.max(0, ...needles.map((n) => n.bytes.length - 1));
  const found = new Set<string>();
  let bytes = 0;
  let kept: Buffer[] | undefined = [];
  let head = Buffer.alloc(0);
  let tail = Buffer.alloc(0);
  let edge = Buffer.alloc(0);
  for await (const part of chunks) {
    const chunk = Buffer.from(part.buffer, part.byteOffset, part.length);
    sha256.update(chunk);
    for (const hash of others.values()) hash.update(chunk);
    bytes += chunk.length;
    if (head.length < HEAD) head = Buffer.concat([head, chunk]).subarray(0, HEAD);
    tail = (chunk.length >= TAIL ? Buffer.from(chunk) : Buffer.concat([tail, chunk])).subarray(-TAIL);
    if (kept && bytes <= WHOLE) kept.push(Buffer.from(chunk));
    else kept = undefined;
    if (needles.length > 0) {
      const window = Buffer.concat([edge, chunk]);
      for (const n of needles) if (!found.has(n.text) && window.includes(n.bytes)) found.add(n.text);
      edge = Buffer.from(window.subarray(-overlap));
    }
  }
  return {
    ...{ bytes, sha256: sha256.digest('hex'), head, tail, found },
    digests: new Map([...others].map(([name, hash]) => [name, hash.digest()])),
    whole: kept ? Buffer.concat(kept) : undefined,
  };
}
