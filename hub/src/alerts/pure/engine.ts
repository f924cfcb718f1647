/**
 * The evaluation of rules (规则求值): pure and columnar. Readings and time go in, transitions come out; it knows neither clock nor store.
 *
 * Time is the readings' own. What follows from a duration (pending, keep, no data) happens at its exact instant: before a later reading of the
 * same series is looked at, or when `advance` says that the instant has passed. However the readings are cut into batches, and wherever the
 * state is written down and read again, the same transitions come out. A reading that is not after the last one of its series is left out,
 * so that a stream that is repeated does nothing.
 */
import { flag, LEVELS, type ModelOf, RuleColumns, readColumns, writeColumns } from './columns.ts';
import type { Program } from './rule.ts';
import { Wheel } from './wheel.ts';

/** What happened to one series of one rule. */
export interface Transition {
  rule: string;
  /** Key of the rule's version. */
  key: string;
  series: number;
  /** Instant (ms UTC) at which it is so. */
  at: number;
  /** `level`: another level is on; `no-data`: nothing was heard for too long; `data`: heard again. */
  kind: 'level' | 'no-data' | 'data';
  /** Level before and after: 0 none … 4 red. */
  from: number;
  level: number;
  /** The measure and the raw value at the last reading; NaN before one. */
  measure: number;
  value: number;
  /** It began to fire so often within the hour that it is held on longer (抖动). */
  flapping: boolean;
  /** The reading that it rests on was part of an exercise (演练). */
  exercise: boolean;
}

/** Began to fire so often within an hour: flapping. */
const FLAPS = 6;
const FLAP_WINDOW = 3_600_000;
/** How long a flapping series stays on, at least. */
const FLAP_KEEP = 900_000;
const NEVER = Number.POSITIVE_INFINITY;

/** Which series a rule watches; `partners[i][k]`: series of the k-th further condition of `series[i]`. */
export interface Watch {
  series: readonly number[];
  partners?: readonly (readonly (readonly number[])[])[];
}

interface Running {
  columns: RuleColumns;
  wheel: Wheel;
  /** By slot, by condition: series of which one must hold. */
  partners: (readonly (readonly number[])[])[];
}

/** Evaluates rules over readings. */
export class Engine {
  readonly #rules = new Map<string, Running>();
  readonly #modelOf: ModelOf;
  /** By series: what watches it, as running rule and slot; a negative slot -1 - s is a partner of slot s. */
  #bound: ([Running, number][] | undefined)[] = [];
  /** Last reading of series that are partners of others. */
  readonly #partnerAt = new Map<number, { at: number; value: number }>();
  /** Readings that were looked at by a rule, and values that were no numbers. */
  readonly counts = { evaluated: 0, notFinite: 0 };

  constructor(modelOf: ModelOf) {
    this.#modelOf = modelOf;
  }

  /** Keys of the rules that run. */
  get keys(): string[] {
    return [...this.#rules.keys()];
  }

  /** Adds a rule; its state is empty until it is restored or watches something. */
  add(program: Program): void {
    const columns = new RuleColumns(program);
    this.#rules.set(program.key, { columns, wheel: new Wheel(0), partners: [] });
  }

  /** Removes a rule with its state. */
  remove(key: string): void {
    this.#rules.delete(key);
    this.#bind();
  }

  /** Says what a rule watches from now on (`at`, ms UTC). Known series keep their state. */
  watch(key: string, watch: Watch, at: number): void {
    const running = this.#rules.get(key)!;
    const { columns, wheel, partners } = running;
    for (let slot = 0; slot < columns.series.length; slot++) columns.retired.add(slot);
    watch.series.forEach((series, i) => {
      const before = columns.series.length;
      const slot = columns.slotOf(series, at);
      if (columns.series.length > before) wheel.grow(columns.capacity);
      partners[slot] = watch.partners?.[i] ?? [];
      this.#schedule(running, slot);
    });
    this.#bind();
  }

  /** Takes readings in, in the order in which they were kept. `flags`: those with a bit of `skip` are left out, those with one of `exercise` marked. */
  push(
    series: Int32Array,
    at: Float64Array,
    value: Float64Array,
    out: Transition[],
    flags?: Uint8Array,
    skip = 0,
    exercise = 0,
  ): void {
    for (let i = 0; i < series.length; i++) {
      const bound = this.#bound[series[i]!];
      if (!bound || (flags && flags[i]! & skip)) continue;
      const v = value[i]!;
      if (!Number.isFinite(v)) {
        this.counts.notFinite++;
        continue;
      }
      this.counts.evaluated += bound.length;
      const drill = flags !== undefined && (flags[i]! & exercise) !== 0;
      for (const [running, slot] of bound)
        if (slot >= 0) this.#reading(running, slot, at[i]!, v, drill, out);
        else this.#partner(running, -1 - slot, series[i]!, at[i]!, v, out);
    }
  }

  /** Time has come to `now` (ms UTC): whatever is due by then happens, each at its own instant. */
  advance(now: number, out: Transition[]): void {
    for (const running of this.#rules.values())
      for (const slot of running.wheel.due(now)) {
        if (running.columns.retired.has(slot)) continue;
        this.#fire(running, slot, now, out);
        this.#schedule(running, slot);
      }
  }

  /** What is on now: series, level, since when, of a rule; with no-data slots too. */
  *standing(
    key: string,
  ): Generator<{ series: number; level: number; noData: boolean; at: number; measure: number; value: number }> {
    const c = this.#rules.get(key)?.columns;
    if (!c) return;
    for (let slot = 0; slot < c.series.length; slot++) {
      if (c.retired.has(slot)) continue;
      const level = c.level(slot);
      const noData = Boolean(c.flags[slot]! & flag.noData);
      if (level || noData)
        yield {
          series: c.series[slot]!,
          level,
          noData,
          at: c.changed[slot]!,
          measure: c.last[slot]!,
          value: c.raw[slot]!,
        };
    }
  }

  /** Counters of a rule. */
  told(key: string): { watched: number; late: number; implausible: number } | undefined {
    const c = this.#rules.get(key)?.columns;
    return c && { watched: c.series.length - c.retired.size, late: c.late, implausible: c.implausible };
  }

  /** The whole state as bytes. */
  snapshot(): Uint8Array {
    const partners = JSON.stringify([...this.#partnerAt].map(([s, { at, value }]) => [s, at, value]));
    return Buffer.concat([Buffer.from(`${partners}\n`), writeColumns([...this.#rules.values()].map((r) => r.columns))]);
  }

  /** Puts a kept state into rules of the same key that are still empty; answers their keys. */
  restore(block: Uint8Array): string[] {
    const end = block.indexOf(10);
    for (const [s, at, value] of JSON.parse(Buffer.from(block.subarray(0, end)).toString('utf8')) as number[][])
      this.#partnerAt.set(s!, { at: at!, value: value! });
    const found = readColumns(
      block.subarray(end + 1),
      [...this.#rules.values()].map((r) => r.columns),
      this.#modelOf,
    );
    for (const key of found) {
      const running = this.#rules.get(key)!;
      running.wheel.grow(running.columns.capacity);
      for (let slot = 0; slot < running.columns.series.length; slot++) this.#schedule(running, slot);
    }
    this.#bind();
    return found;
  }

  #bind(): void {
    this.#bound = [];
    const put = (series: number, entry: [Running, number]) => {
      this.#bound[series] ??= [];
      this.#bound[series].push(entry);
    };
    // Partners first: a condition that came in the same instant is known when the series itself is looked at.
    for (const running of this.#rules.values()) {
      const { columns, partners } = running;
      columns.series.forEach((_, slot) => {
        if (columns.retired.has(slot)) return;
        for (const series of new Set(partners[slot]?.flat() ?? [])) put(series, [running, -1 - slot]);
      });
    }
    for (const running of this.#rules.values())
      running.columns.series.forEach((series, slot) => {
        if (!running.columns.retired.has(slot)) put(series, [running, slot]);
      });
  }

  #reading(running: Running, slot: number, at: number, raw: number, drill: boolean, out: Transition[]): void {
    const { columns: c } = running;
    const { program: p } = c;
    if (at <= c.lastAt[slot]! && !Number.isNaN(c.raw[slot]!)) {
      c.late++;
      return;
    }
    if (raw < p.min || raw > p.max) {
      c.implausible++;
      return;
    }
    this.#fire(running, slot, at, out);
    const measure = this.#measure(c, slot, at, raw);
    c.lastAt[slot] = at;
    c.last[slot] = measure;
    c.raw[slot] = raw;
    if (drill) c.flags[slot]! |= flag.exercise;
    else c.flags[slot]! &= ~flag.exercise;
    this.#look(running, slot, at, out);
  }

  /** A reading of a series on which a further condition of a slot depends. */
  #partner(running: Running, slot: number, series: number, at: number, value: number, out: Transition[]): void {
    const known = this.#partnerAt.get(series);
    if (known && at < known.at) return;
    this.#partnerAt.set(series, { at, value });
    const { columns: c } = running;
    if (Number.isNaN(c.raw[slot]!) || at < c.lastAt[slot]! || c.flags[slot]! & flag.noData) return;
    this.#fire(running, slot, at, out);
    if (!(c.flags[slot]! & flag.noData)) this.#look(running, slot, at, out);
  }

  #measure(c: RuleColumns, slot: number, at: number, raw: number): number {
    if (c.windows) return c.windows.push(slot, at, raw);
    const { measure } = c.program;
    if (measure === 'anomaly' || measure === 'forecast') {
      c.models[slot] ??= this.#modelOf(c.program);
      return c.models[slot].push(at, raw);
    }
    return raw;
  }

  /** Decides by the last measure which conditions hold, and what follows at once. */
  #look(running: Running, slot: number, at: number, out: Transition[]): void {
    const { columns: c } = running;
    const { program: p } = c;
    if (c.flags[slot]! & flag.noData) {
      c.flags[slot]! &= ~flag.noData;
      // Nobody saw whether what was pending or ending went on: its clock begins again.
      if (p.measure !== 'silence')
        for (let l = 0; l < LEVELS; l++) if (((c.holds[slot]! ^ c.on[slot]!) >> l) & 1) c.since[slot * LEVELS + l] = at;
      this.#tell(running, slot, at, 'data', c.level(slot), out);
    }
    if (p.measure === 'silence') {
      const from = c.level(slot);
      c.holds[slot] = 0;
      c.on[slot] = 0;
      if (from) this.#tell(running, slot, at, 'level', from, out);
      this.#schedule(running, slot);
      return;
    }
    const v = p.sign * c.last[slot]!;
    // The way of nearly every reading: nothing holds, nothing is on, and nothing shall be.
    if (!c.holds[slot] && !c.on[slot] && !(v >= this.#lowest(p))) {
      if (p.silent) this.#schedule(running, slot);
      return;
    }
    const gate = p.together.length === 0 || this.#gate(running, slot, at);
    let holds = c.holds[slot]!;
    for (let l = 0; l < LEVELS; l++) {
      const threshold = p.thresholds[l]!;
      if (threshold === NEVER) continue;
      const held = (holds >> l) & 1;
      // A measure that is not known yet (NaN) holds nothing.
      const now = gate && (held ? v > threshold - p.hysteresis || v >= threshold : v >= threshold) ? 1 : 0;
      if (now === held) continue;
      holds ^= 1 << l;
      c.since[slot * LEVELS + l] = at;
    }
    c.holds[slot] = holds;
    this.#fire(running, slot, at, out);
    this.#schedule(running, slot);
  }

  #lowest(p: Program): number {
    for (let l = 0; l < LEVELS; l++) if (p.thresholds[l]! !== NEVER) return p.thresholds[l]!;
    return NEVER;
  }

  #gate(running: Running, slot: number, at: number): boolean {
    const { together } = running.columns.program;
    const partners = running.partners[slot] ?? [];
    return together.every((t, k) =>
      (partners[k] ?? []).some((series) => {
        const known = this.#partnerAt.get(series);
        return known !== undefined && known.at >= at - t.age && t.sign * known.value >= t.than;
      }),
    );
  }

  /** The instant at which something happens to a slot by itself. */
  #deadline(c: RuleColumns, slot: number): number {
    const { program: p } = c;
    const noData = c.flags[slot]! & flag.noData;
    const silent = p.silent && !noData ? c.lastAt[slot]! + p.silent : NEVER;
    if (noData) return NEVER;
    let least = silent;
    if (p.measure === 'silence') {
      for (let l = 0; l < LEVELS; l++)
        if (!((c.on[slot]! >> l) & 1)) least = Math.min(least, c.lastAt[slot]! + p.thresholds[l]! + p.pending);
      return least;
    }
    const differ = c.holds[slot]! ^ c.on[slot]!;
    if (differ) {
      const keep = this.#keep(c, slot);
      for (let l = 0; l < LEVELS; l++)
        if ((differ >> l) & 1)
          least = Math.min(least, c.since[slot * LEVELS + l]! + ((c.holds[slot]! >> l) & 1 ? p.pending : keep));
    }
    return least;
  }

  #keep(c: RuleColumns, slot: number): number {
    return c.flags[slot]! & flag.flapping ? Math.max(c.program.keep, FLAP_KEEP) : c.program.keep;
  }

  /** Everything of a slot that is due by `until` happens, each at its instant. */
  #fire(running: Running, slot: number, until: number, out: Transition[]): void {
    const { columns: c } = running;
    const { program: p } = c;
    for (;;) {
      const at = this.#deadline(c, slot);
      if (!(at <= until)) return;
      const from = c.level(slot);
      if (p.silent && at === c.lastAt[slot]! + p.silent && p.measure !== 'silence') {
        c.flags[slot]! |= flag.noData;
        this.#tell(running, slot, at, 'no-data', from, out);
        continue;
      }
      const keep = this.#keep(c, slot);
      for (let l = 0; l < LEVELS; l++) {
        const bit = 1 << l;
        if (p.measure === 'silence') {
          if (at >= c.lastAt[slot]! + p.thresholds[l]! + p.pending) c.on[slot]! |= bit;
        } else if ((c.holds[slot]! ^ c.on[slot]!) & bit) {
          const due = c.since[slot * LEVELS + l]! + (c.holds[slot]! & bit ? p.pending : keep);
          if (due <= at) c.on[slot]! ^= bit;
        }
      }
      if (c.level(slot) !== from) this.#tell(running, slot, at, 'level', from, out);
    }
  }

  #tell(running: Running, slot: number, at: number, kind: Transition['kind'], from: number, out: Transition[]): void {
    const { columns: c } = running;
    const level = c.level(slot);
    // What comes late cannot change what was told already: it is so from then on.
    const when = Math.max(at, c.changed[slot]!);
    c.changed[slot] = when;
    if (kind === 'level' && from === 0) {
      if (when - c.flapFrom[slot]! > FLAP_WINDOW) {
        c.flapFrom[slot] = when;
        c.flaps[slot] = 0;
        c.flags[slot]! &= ~flag.flapping;
      }
      c.flaps[slot] = Math.min(255, c.flaps[slot]! + 1);
      if (c.flaps[slot]! >= FLAPS && c.program.measure !== 'silence') c.flags[slot]! |= flag.flapping;
    }
    out.push({
      ...{ rule: c.program.rule, key: c.program.key, series: c.series[slot]!, at: when, kind, from, level },
      ...{ measure: c.last[slot]!, value: c.raw[slot]!, flapping: Boolean(c.flags[slot]! & flag.flapping) },
      exercise: Boolean(c.flags[slot]! & flag.exercise),
    });
  }

  #schedule(running: Running, slot: number): void {
    const at = this.#deadline(running.columns, slot);
    if (at !== NEVER) running.wheel.at(slot, at);
  }
}
