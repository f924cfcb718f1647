/** Readings as they were read from whatever they came in: columns of what can be judged, and what cannot with its reason. */
import { Problem } from '../../platform/problem.ts';
import { tooMany } from '../problems.ts';
import type { Refused } from './intake.ts';
import type { Refusal } from './reasons.ts';

/** A reading that is refused, by its place among those that came. */
export interface Fault {
  index: number;
  reason: Refusal;
  /** What it said, where it was not even a reading of a known series. */
  raw?: { entity?: string; property?: string; at?: string; value?: string; unit?: string };
}

const cut = (text: string | undefined, length: number): string => (text ?? '').slice(0, length);

export class Parsed {
  /** 0: refused. */
  readonly series: Int32Array;
  readonly at: Float64Array;
  readonly value: Float64Array;
  readonly flag: Uint8Array;
  n = 0;
  /** Line of the text that is being read, 1 for the first; and of each reading, where the form has lines. */
  line = 0;
  #lines: Int32Array | undefined;
  readonly faults: Fault[] = [];
  readonly #name: (series: number) => { entity: string; property: string };

  /** @param most readings at most @param name says what a series is called */
  constructor(most: number, name: (series: number) => { entity: string; property: string }) {
    this.series = new Int32Array(most);
    this.at = new Float64Array(most);
    this.value = new Float64Array(most);
    this.flag = new Uint8Array(most);
    this.#name = name;
  }

  /** From here on the line of every reading is kept: for files, whose faults are told by it. */
  keepLines(): void {
    this.#lines ??= new Int32Array(this.series.length);
  }

  /** Line of a reading; undefined where the form has none. */
  lineOf(index: number): number | undefined {
    return this.#lines?.[index] || undefined;
  }

  put(series: number, at: number, value: number, flag: number): undefined {
    this.#room();
    const i = this.n++;
    if (this.#lines) this.#lines[i] = this.line;
    this.series[i] = series;
    this.at[i] = at;
    this.value[i] = value;
    this.flag[i] = flag;
  }

  /** A batch that is larger than may be is refused whole. */
  #room(): void {
    if (this.n >= this.series.length) throw new Problem(tooMany, { most: this.series.length });
  }

  /** Puts one that is refused already. */
  putRefused(reason: Refusal, raw: Fault['raw']): undefined {
    this.#room();
    this.faults.push({ index: this.n, reason, ...(raw ? { raw } : {}) });
    if (this.#lines) this.#lines[this.n] = this.line;
    this.n += 1;
  }

  /** Refuses one that was put. */
  refuse(index: number, reason: Refusal): void {
    this.faults.push({ index, reason });
  }

  /** A refused reading in words, each bounded. */
  described({ index, reason, raw }: Fault): Omit<Refused, 'gateway'> {
    const s = this.series[index]!;
    const name = s > 0 ? this.#name(s) : { entity: '', property: '' };
    const at = this.at[index]!;
    return {
      reason,
      entity: cut(raw?.entity ?? name.entity, 200),
      property: cut(raw?.property ?? name.property, 100),
      at: cut(raw?.at ?? (s > 0 ? timeText(at) : ''), 40),
      value: cut(raw?.value ?? (s > 0 ? String(this.value[index]) : ''), 60),
      unit: cut(raw?.unit, 20),
    };
  }
}

const timeText = (ms: number): string => (Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : String(ms));
