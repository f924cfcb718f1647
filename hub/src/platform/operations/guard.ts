/**
 * Back-pressure before trouble: when the disk falls below its watermark nothing more is taken in, while everything can still be read, people
 * can sign in, and administrators can make room. Looked at every few seconds, so that a request never waits for it.
 */
import type { Intake } from '../http/index.ts';
import { Problem, problemKind } from '../problem.ts';
import { Repeated } from '../repeat.ts';
import { type Space, spaceOf } from './parts.ts';

/** Told to whoever brings something while the disk is nearly full. */
export const diskFull = problemKind(
  'operations.disk-full',
  507,
  '磁盘余量不足 {percent}%，暂停接收新数据，请联系系统管理员',
  'less than {percent} % of the disk is free: nothing new is taken in until the administrator has made room',
);

/** Rooms whose writing goes on: signing in, rights, jobs, making room. */
const ALWAYS = new Set(['auth', 'audit', 'jobs', 'backup', 'operations', 'vault', 'notices', 'mirror']);

/** Watches the disk of the data folder. */
export class DiskGuard {
  readonly #folder: string;
  readonly #stopPercent: number;
  readonly #looks: Repeated;
  #full = false;
  space: Space | undefined;

  constructor(folder: string, stopPercent: number, failed: (error: unknown) => void) {
    this.#folder = folder;
    this.#stopPercent = stopPercent;
    this.#looks = new Repeated(() => this.look(), failed);
  }

  async look(): Promise<void> {
    this.see(await spaceOf(this.#folder));
  }

  /** Takes a measure; the same rule for real and for told ones. A little more than the mark must be free before it opens again. */
  see(space: Space | undefined): void {
    this.space = space;
    if (!space || space.total === 0) return;
    const share = (100 * space.free) / space.total;
    this.#full = share < (this.#full ? this.#stopPercent + 1 : this.#stopPercent);
  }

  get full(): boolean {
    return this.#full;
  }

  /** Refuses what would write while the disk is nearly full. */
  admit({ method, room, reads }: Intake): void {
    if (this.#full && !reads && method !== 'GET' && method !== 'HEAD' && !ALWAYS.has(room))
      throw new Problem(diskFull, { percent: this.#stopPercent });
  }

  async start(): Promise<void> {
    await this.look();
    this.#looks.start(5_000);
  }

  stop(): Promise<void> {
    return this.#looks.stop();
  }
}
