/**
 * What is known of each series while readings come in, in columns by the series' number: newest reading, when it was heard, how long its
 * value has not moved, and its newest times by which repeated readings are told from new ones. Bounded: `KNOWN` times a series.
 */

/** Newest times remembered of each series. */
export const KNOWN = 16;

/** Where a time stands among those that are known of a series. */
export type Seen = 'newest' | 'late' | 'repeated' | 'undecided';

const grow = <T extends Float64Array | Int32Array | Uint8Array>(old: T, length: number, fill = 0): T => {
  const made = new (old.constructor as new (n: number) => T)(length);
  made.fill(fill);
  made.set(old);
  return made;
};

export class SeriesState {
  /** Time of the newest reading, ms; -Infinity: none. */
  at = new Float64Array(0);
  value = new Float64Array(0);
  /** When the last reading came in, ms; 0: not known. */
  heard = new Float64Array(0);
  /** Time since which the value has been the same, and readings with it. */
  sameSince = new Float64Array(0);
  same = new Int32Array(0);
  /** Bounds of what is possible. */
  least = new Float64Array(0);
  most = new Float64Array(0);
  /** Least milliseconds between two readings; closer ones are a flood. */
  gap = new Float64Array(0);
  /** Calibration: kept = sent * scale + shift. */
  scale = new Float64Array(0);
  shift = new Float64Array(0);
  /** 1: readings are taken. */
  active = new Uint8Array(0);
  /** The newest times, ascending, `count` of them; every reading at or after `complete` is among them. */
  #times = new Float64Array(0);
  #count = new Uint8Array(0);
  #complete = new Float64Array(0);
  #capacity = 0;

  /** Makes room for series up to a number. */
  ensure(number: number): void {
    if (number < this.#capacity) return;
    const n = Math.max(1024, 2 ** Math.ceil(Math.log2(number + 1)));
    this.at = grow(this.at, n, Number.NEGATIVE_INFINITY);
    this.value = grow(this.value, n);
    this.heard = grow(this.heard, n);
    this.sameSince = grow(this.sameSince, n);
    this.same = grow(this.same, n);
    this.least = grow(this.least, n, Number.NEGATIVE_INFINITY);
    this.most = grow(this.most, n, Number.POSITIVE_INFINITY);
    this.gap = grow(this.gap, n);
    this.scale = grow(this.scale, n, 1);
    this.shift = grow(this.shift, n);
    this.active = grow(this.active, n);
    this.#times = grow(this.#times, n * KNOWN);
    this.#count = grow(this.#count, n);
    this.#complete = grow(this.#complete, n, Number.NEGATIVE_INFINITY);
    this.#capacity = n;
  }

  /** Sets what the store knows of a series: older times are asked of it. */
  load(s: number, at: number, value: number): void {
    if (at <= this.at[s]!) return;
    this.at[s] = at;
    this.value[s] = value;
    this.sameSince[s] = at;
    this.#times[s * KNOWN] = at;
    this.#count[s] = 1;
    this.#complete[s] = at;
  }

  /** Whether a time is new. */
  seen(s: number, at: number): Seen {
    if (at > this.at[s]!) return 'newest';
    if (at < this.#complete[s]!) return 'undecided';
    const base = s * KNOWN;
    for (let i = base + this.#count[s]! - 1; i >= base; i--) {
      const known = this.#times[i]!;
      if (known === at) return 'repeated';
      if (known < at) break;
    }
    return 'late';
  }

  /** Remembers a reading that is kept. */
  keep(s: number, at: number, value: number): void {
    if (at > this.at[s]!) {
      if (value === this.value[s] && this.at[s] !== Number.NEGATIVE_INFINITY) this.same[s]! += 1;
      else {
        this.same[s] = 0;
        this.sameSince[s] = at;
      }
      this.at[s] = at;
      this.value[s] = value;
    }
    const base = s * KNOWN;
    let n = this.#count[s]!;
    if (n === KNOWN) {
      if (at < this.#times[base]!) {
        // Not remembered: from now on only what is newer is known by itself.
        this.#complete[s] = Math.max(this.#complete[s]!, this.#times[base]!);
        return;
      }
      this.#times.copyWithin(base, base + 1, base + KNOWN);
      n -= 1;
      this.#complete[s] = this.#times[base]!;
    }
    let i = base + n;
    for (; i > base && this.#times[i - 1]! > at; i--) this.#times[i] = this.#times[i - 1]!;
    this.#times[i] = at;
    this.#count[s] = n + 1;
  }

  /** Takes back a reading that could not be written. */
  forget(s: number, at: number): void {
    const base = s * KNOWN;
    const n = this.#count[s]!;
    for (let i = base; i < base + n; i++) {
      if (this.#times[i] !== at) continue;
      this.#times.copyWithin(i, i + 1, base + n);
      this.#count[s] = n - 1;
      break;
    }
    if (this.at[s] === at) {
      const left = this.#count[s]!;
      this.at[s] = left ? this.#times[base + left - 1]! : this.#complete[s]!;
    }
  }
}
