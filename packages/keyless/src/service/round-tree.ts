/** The tree of one second and the signatures out of it. */
import type { Calendar } from '../calendar/index.ts';
import { readSignature } from '../format/signature.ts';
import { chainHead } from '../sign/chain.ts';
import { TreeBuilder } from '../sign/tree.ts';
import {
  chainsAbove,
  joined,
  writeCalendarAuthentication,
  writeCalendarChain,
  writePublishedData,
} from '../sign/write.ts';
import type { Authenticate } from './options.ts';
import type { RoundLeaf } from './round-records.ts';

/** Every request joined with its origin, in the order of their coming. */
export class RoundTree {
  readonly root: Uint8Array;
  readonly level: number;
  readonly #tree: TreeBuilder;

  constructor(algorithm: number, leaves: readonly RoundLeaf[]) {
    this.#tree = new TreeBuilder(algorithm, { expected: 2 * leaves.length });
    for (const { hash, level, metadata } of leaves) this.#tree.add(hash, { level, metadata });
    ({ root: this.root, level: this.level } = this.#tree.close());
  }

  /** Signature of a request: its own chain, beginning with `head`, and what all signatures of the second have alike. */
  signature(i: number, head: Uint8Array, tail: Uint8Array): Uint8Array {
    return this.#tree.writeChainOf(i, head, tail);
  }
}

/** What ends every signature of a second: the calendar's chain to its own root, and that root signed by a key where there is one. */
export async function calendarAnchor(
  calendar: Calendar,
  second: number,
  authenticate: Authenticate | undefined,
): Promise<Uint8Array[]> {
  const time = BigInt(second);
  const chain = writeCalendarChain({
    publicationTime: time,
    aggregationTime: time,
    inputHash: calendar.rootAt(second)!,
    links: calendar.chain(second, second),
  });
  const { root } = calendar.publish(second);
  const data = writePublishedData(time, root, true);
  const signed = await authenticate?.(time, root, data);
  return signed ? [chain, writeCalendarAuthentication({ data, ...signed })] : [chain];
}

/** Signatures of the requests of a second whose root stands in our calendar. */
export function ownSignatures(
  tree: RoundTree,
  second: number,
  anchor: readonly Uint8Array[],
): (i: number) => Uint8Array {
  const head = chainHead(BigInt(second));
  const tail = joined(anchor);
  return (i) => tree.signature(i, head, tail);
}

/** Signatures of the requests of a tree whose root was signed above. */
export function parentSignatures(tree: RoundTree, signature: Uint8Array): (i: number) => Uint8Array {
  const above = readSignature(signature);
  const { time, index } = above.chains[0]!;
  const head = chainHead(time, index);
  const tail = chainsAbove(above, tree.level);
  return (i) => tree.signature(i, head, tail);
}
