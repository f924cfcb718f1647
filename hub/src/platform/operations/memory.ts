/**
 * Back-pressure before the memory is short: no further job begins and nothing large is taken in or computed, while people go on reading and
 * working. What runs is let finish; it is what the memory is for. Looked at every few seconds, so that a request never waits for it.
 */
import { freemem, totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { Problem, problemKind } from '../problem.ts';
import { Repeated } from '../repeat.ts';
import { type Part, size } from './parts.ts';

/** Told to whoever brings or asks for something large while the memory is short. */
export const memoryShort = problemKind(
  'operations.memory-short',
  503,
  '内存余量不足 {percent}%，暂缓接收大文件与大型计算，请稍后再试',
  'less than {percent} % of the memory is free: nothing large is taken in or computed for now, try again in a while',
);

/** Memory in bytes: of the machine, or of the container where it has a bound of its own; and of the main thread's heap. */
export interface Memory {
  free: number;
  total: number;
  heapUsed: number;
  heapLimit: number;
}

/** What there is now. */
export function memoryNow(): Memory {
  const { constrainedMemory, availableMemory } = process as {
    constrainedMemory?(): number;
    availableMemory?(): number;
  };
  const bound = constrainedMemory?.() ?? 0;
  const { used_heap_size: heapUsed, heap_size_limit: heapLimit } = getHeapStatistics();
  return {
    free: availableMemory?.() ?? freemem(),
    total: bound > 0 ? Math.min(bound, totalmem()) : totalmem(),
    heapUsed,
    heapLimit,
  };
}

/** Percent that is free: of the machine or of the heap, whichever is less. */
export const freePercent = ({ free, total, heapUsed, heapLimit }: Memory): number =>
  100 * Math.min(free / total, 1 - heapUsed / heapLimit);

/** Watches the memory of this process. */
export class MemoryGuard {
  readonly #stopPercent: number;
  readonly #looks: Repeated;
  #short = false;
  memory = memoryNow();

  constructor(stopPercent: number, failed: (error: unknown) => void) {
    this.#stopPercent = stopPercent;
    this.#looks = new Repeated(async () => this.see(memoryNow()), failed);
  }

  /** Takes a measure; the same rule for real and for told ones. A little more than the mark must be free before it opens again. */
  see(memory: Memory): void {
    this.memory = memory;
    this.#short = freePercent(memory) < this.#stopPercent + (this.#short ? 2 : 0);
  }

  /** Whether jobs must wait. */
  get short(): boolean {
    return this.#short;
  }

  /** Refuses what is large while the memory is short. */
  admit(heavy: boolean): void {
    if (this.#short && heavy) throw new Problem(memoryShort, { percent: this.#stopPercent });
  }

  /** How it stands against its marks. */
  part(warnPercent: number): Part {
    const { free, total, heapUsed, heapLimit } = this.memory;
    const percent = freePercent(this.memory);
    const [zh, en] = this.#short ? ['，任务与大文件等候', '; jobs and large files wait'] : ['', ''];
    return {
      ...{ id: 'memory', title: { zh: '内存', en: 'Memory' }, link: null },
      standing: this.#short ? 'bad' : percent < warnPercent ? 'warn' : 'ok',
      text: {
        zh: `剩余 ${size(free)}（共 ${size(total)}），堆 ${size(heapUsed)}（上限 ${size(heapLimit)}）${zh}`,
        en: `${size(free)} of ${size(total)} free, heap ${size(heapUsed)} of ${size(heapLimit)}${en}`,
      },
    };
  }

  start(): void {
    this.#looks.start(5_000);
  }

  stop(): Promise<void> {
    return this.#looks.stop();
  }
}
