/** Requests that were signed before, found again in the log of rounds. */
import { equal } from '../hash/imprint.ts';
import type { Round } from './round-records.ts';
import { RoundTree } from './round-tree.ts';
import type { Rounds } from './rounds.ts';

/** A round in which an imprint was signed. */
export interface AskedAgain {
  /** Its tree, made again. */
  tree: RoundTree;
  /** Unix second. */
  time: number;
  /** Numbers of the requests of the imprint. */
  places: number[];
  /** Signature of the root by the service above, where it has one. */
  above: Uint8Array | undefined;
}

/** Rounds of seconds `from` … `to` in which this imprint was signed (by a login, where one is named), the oldest first. */
export async function* askedAgain(
  rounds: Rounds,
  hash: Uint8Array,
  from: number,
  to: number,
  client?: string,
): AsyncGenerator<AskedAgain> {
  const found: { round: Round; places: number[] }[] = [];
  const above = new Map<number, Uint8Array>();
  for await (const record of rounds.search(from, to, hash)) {
    if (record.kind === 'answer') {
      above.set(record.time, record.signature);
      continue;
    }
    const { round } = record;
    const places = round.leaves.flatMap((leaf, i) =>
      equal(leaf.hash, hash) && (client === undefined || leaf.client === client) ? [i] : [],
    );
    if (places.length > 0) found.push({ round, places });
  }
  for (const { round, places } of found) {
    const tree = new RoundTree(round.algorithm, round.leaves);
    yield { tree, time: round.time, places, above: above.get(round.time) };
  }
}
