/**
 * A timer wheel over slots: deadlines by the second, looked at when time advances. A slot stands in it at most once; when it is due its owner
 * says whether it really is (deadlines move with every reading, the wheel does not), so that a reading costs no timer at all.
 */
const TICK = 1_000;

/** Timers of one rule's slots. */
export class Wheel {
  readonly #buckets = new Map<number, number[]>();
  /** The second under which each slot stands; Infinity: under none. */
  #standing: Float64Array;

  constructor(slots: number) {
    this.#standing = new Float64Array(slots).fill(Number.POSITIVE_INFINITY);
  }

  /** Makes room for more slots. */
  grow(slots: number): void {
    if (slots <= this.#standing.length) return;
    const next = new Float64Array(slots).fill(Number.POSITIVE_INFINITY);
    next.set(this.#standing);
    this.#standing = next;
  }

  /** A slot shall be looked at when `deadline` (ms UTC) has come; one that is looked at earlier anyway stays. */
  at(slot: number, deadline: number): void {
    const second = Math.ceil(deadline / TICK);
    if (!(second < this.#standing[slot]!)) return;
    this.#standing[slot] = second;
    const bucket = this.#buckets.get(second);
    if (bucket) bucket.push(slot);
    else this.#buckets.set(second, [slot]);
  }

  /** Slots whose second has come, in the order of time; they stand in the wheel no more. */
  due(now: number): number[] {
    const until = Math.floor(now / TICK);
    const seconds = [...this.#buckets.keys()].filter((s) => s <= until).sort((a, b) => a - b);
    const slots: number[] = [];
    for (const second of seconds) {
      for (const slot of this.#buckets.get(second)!) {
        // Entries that a nearer one replaced are left over from before.
        if (this.#standing[slot] !== second) continue;
        this.#standing[slot] = Number.POSITIVE_INFINITY;
        slots.push(slot);
      }
      this.#buckets.delete(second);
    }
    return slots;
  }

  /** Seconds that hold timers: what its memory is. */
  get size(): number {
    return this.#buckets.size;
  }
}
