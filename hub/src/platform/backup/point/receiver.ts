/**
 * The supervised `pg_receivewal`: it takes the server's log over a physical slot, so that nothing is lost while the hub is down, and writes it to a
 * folder, on disk before the server hears of it. It is started again when it ends, and ends with the hub however that ends.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Logger } from '../../log/index.ts';
import type { Problem } from '../../problem.ts';
import { problemOfTool, roleOf } from './tools.ts';

/** Milliseconds before it is started again: at first, and at most. */
const AGAIN = { first: 1_000, most: 60_000 } as const;
/** Having run so long, its next end is a new fault. */
const SETTLED = 30_000;

/** What it is started with. */
export interface ReceiverOptions {
  file: string;
  /** Where segments are written. */
  folder: string;
  slot: string;
  env: Record<string, string>;
  log: Logger;
}

/**
 * The shell passes the end of the hub on: its standard input closes however the hub ends, and with it the program stops. Without that a program
 * left over would hold the slot.
 */
const WITH_THE_HUB =
  'exec 3<&0; "$0" "$@" </dev/null 3<&- & p=$!; (cat <&3 >/dev/null; kill -TERM $p 2>/dev/null) & w=$!; wait $p; c=$?; kill $w 2>/dev/null; exit $c';

/** One program that receives. */
export class Receiver {
  readonly #o: ReceiverOptions;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wait: number = AGAIN.first;
  #on = false;
  /** Why it does not run; undefined while it does. */
  problem: Problem | undefined;
  /** How often it had to be started again. */
  restarts = 0;

  constructor(options: ReceiverOptions) {
    this.#o = options;
  }

  /** Makes the slot, unless it is there. */
  async createSlot(): Promise<void> {
    await this.#slot('--create-slot', '--if-not-exists');
  }

  /** Takes the slot away: the server keeps nothing for this hub any more. */
  async dropSlot(): Promise<void> {
    await this.#slot('--drop-slot');
  }

  async #slot(...args: string[]): Promise<void> {
    const { file, slot, env } = this.#o;
    try {
      await promisify(execFile)(file, [...args, `--slot=${slot}`, '--no-password'], {
        env: { ...process.env, ...env, LC_ALL: 'C' },
        timeout: 30_000,
      });
    } catch (error) {
      throw problemOfTool(
        'pg_receivewal',
        (error as { stderr?: string }).stderr || (error as Error).message,
        roleOf(env),
      );
    }
  }

  start(): void {
    if (this.#on) return;
    this.#on = true;
    this.#wait = AGAIN.first;
    this.#begin();
  }

  #begin(): void {
    const { file, folder, slot, env, log } = this.#o;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const began = performance.now();
    const args = [
      `--directory=${folder}`,
      `--slot=${slot}`,
      '--synchronous',
      '--no-loop',
      '--no-password',
      '--status-interval=5',
    ];
    const child = spawn('/bin/sh', ['-c', WITH_THE_HUB, file, ...args], {
      env: { ...process.env, ...env, LC_ALL: 'C' },
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    this.#child = child;
    this.problem = undefined;
    let said = '';
    child.stdin.on('error', () => undefined);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4000);
    });
    child.on('error', (error) => {
      said += error.message;
    });
    child.on('exit', () => {
      child.stdin.destroy();
      if (this.#child === child) this.#child = undefined;
      if (!this.#on) return;
      if (performance.now() - began > SETTLED) this.#wait = AGAIN.first;
      this.problem = problemOfTool('pg_receivewal', said, roleOf(env));
      this.restarts += 1;
      log.warn(
        { code: this.problem.kind.code, wait: this.#wait },
        'the receiver of the log has ended and is started again',
      );
      this.#timer = setTimeout(() => this.#begin(), this.#wait);
      this.#timer.unref();
      this.#wait = Math.min(this.#wait * 2, AGAIN.most);
    });
  }

  /** Whether the program runs. */
  get running(): boolean {
    return this.#child !== undefined;
  }

  /** Ends it; what it wrote is on disk. */
  async stop(): Promise<void> {
    this.#on = false;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (!child) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.stdin?.destroy();
    const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(late);
  }
}
