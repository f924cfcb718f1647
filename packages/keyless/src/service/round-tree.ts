/** The tree of one second and the signatures out of it. */
import type { Calendar } from '../calendar/index.ts';
import { type AggregationLink, shapeOf } from '../format/aggregation.ts';
import { readSignature } from '../format/signature.ts';
import { TreeBuilder } from '../sign/tree.ts';
import {
  prependChain,
  writeAggregationChain,
  writeCalendarAuthentication,
  writeCalendarChain,
  writePublishedData,
  writeSignature,
} from '../sign/write.ts';
import type { Authenticate } from './options.ts';
import type { RoundLeaf } from './rounds.ts';

/** Every request joined with its origin, in the order of their coming. */
export class RoundTree {
  readonly root: Uint8Array;
  readonly level: number;
  readonly #algorithm: number;
  readonly #leaves: readonly RoundLeaf[];
  readonly #tree: TreeBuilder;

  constructor(algorithm: number, leaves: readonly RoundLeaf[]) {
    this.#algorithm = algorithm;
    this.#leaves = leaves;
    this.#tree = new TreeBuilder(algorithm, { expected: 3 * leaves.length });
    for (const { hash, level, metadata } of leaves) this.#tree.add(hash, { level, metadata });
    ({ root: this.root, level: this.level } = this.#tree.close());
  }

  /** Hash and chain of a request, for a signature of the root from above. */
  leaf(i: number): { hash: Uint8Array; links: AggregationLink[]; algorithm: number; level: number } {
    const { hash, level } = this.#leaves[i]!;
    return { hash, level, links: this.#tree.chainOf(i), algorithm: this.#algorithm };
  }

  /** Signature of a request of the second `time`, ended by the elements of `anchor`. */
  signature(i: number, time: bigint, anchor: readonly Uint8Array[]): Uint8Array {
    const { hash, level, links } = this.leaf(i);
    const [first, ...rest] = links;
    const chain = writeAggregationChain({
      time,
      index: [shapeOf(links)],
      inputHash: hash,
      algorithm: this.#algorithm,
      links: [{ ...first!, levelCorrection: first!.levelCorrection + level }, ...rest],
    });
    return writeSignature([chain, ...anchor]);
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

/** Signatures of the requests of a tree whose root was signed above. */
export function parentSignatures(tree: RoundTree, signature: Uint8Array): (i: number) => Uint8Array {
  const above = readSignature(signature);
  return (i) => prependChain(above, tree.leaf(i));
}
