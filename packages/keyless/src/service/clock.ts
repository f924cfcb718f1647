/**
 * The clock that seconds are signed by. A wall clock may be set back or far ahead by mistake; a second must never be signed twice, and a date
 * far ahead would block signing for as long. So the wall clock is held against one that never jumps.
 */
import type { Alarm } from './options.ts';
import { Refusal, STATUS } from './refusal.ts';
import { END_OF_DAYS } from './rounds.ts';

/** Small steps of the wall clock are taken as they come; beyond this many milliseconds back the earlier reckoning is kept. */
const STEP = 1000;

/** Wall clock and steady clock together. */
export class RoundClock {
  readonly #now: () => number;
  readonly #steady: () => number;
  readonly #most: number;
  #wall: number;
  #at: number;

  /** `most`: milliseconds by which the wall clock may run ahead of the steady one. */
  constructor(now: () => number, steady: () => number, most: number) {
    this.#now = now;
    this.#steady = steady;
    this.#most = most;
    this.#wall = now();
    this.#at = steady();
  }

  /** Unix milliseconds. */
  get now(): number {
    return this.#now();
  }

  /** Takes the wall clock as it is now for right: an administrator has looked. */
  accept(): void {
    this.#wall = this.#now();
    this.#at = this.#steady();
  }

  /** The present second, or why none may be signed; `last`: the second signed last. */
  second(last: number | undefined): { second: number } | { alarm: Omit<Alarm, 'since'> } {
    const [wall, at] = [this.#now(), this.#steady()];
    const ahead = wall - this.#wall - (at - this.#at);
    const second = Math.floor(wall / 1000);
    if (ahead > this.#most || second < 1 || second >= END_OF_DAYS - 1)
      return {
        alarm: {
          code: 'clock-forward',
          zh: `时钟突然前进 ${Math.round(ahead / 1000)} 秒，停止签名，请核对时间`,
          en: `the clock leapt ahead by ${Math.round(ahead / 1000)} s; signing stopped until it is looked at`,
        },
      };
    if (ahead > -STEP) {
      this.#wall = wall;
      this.#at = at;
    }
    if (last !== undefined && second < last)
      return {
        alarm: {
          code: 'clock-backwards',
          zh: `时钟比已签的最后一秒慢 ${last - second} 秒，停止签名，直到越过该秒`,
          en: `the clock is ${last - second} s behind the last signed second; signing stopped until it has passed it`,
        },
      };
    return { second };
  }
}

/** The clock and what stands in the way of signing: one alarm at a time, told once when it begins and once when it is over. */
export class Watch {
  readonly #clock: RoundClock;
  readonly #told: ((alarm: Alarm | undefined) => void) | undefined;
  #alarm: Alarm | undefined;

  constructor(clock: RoundClock, told?: (alarm: Alarm | undefined) => void) {
    this.#clock = clock;
    this.#told = told;
  }

  /** Unix milliseconds. */
  get now(): number {
    return this.#clock.now;
  }

  get alarm(): Alarm | undefined {
    return this.#alarm;
  }

  /** Raises an alarm, or ends the present one. */
  raise(alarm: Omit<Alarm, 'since'> | undefined): void {
    if (alarm?.code === this.#alarm?.code) return;
    this.#alarm = alarm && { ...alarm, since: this.now };
    this.#told?.(this.#alarm);
  }

  /** What one of these alarms was about works again. */
  over(...codes: Alarm['code'][]): void {
    if (this.#alarm && codes.includes(this.#alarm.code)) this.raise(undefined);
  }

  /** The present second; undefined (and an alarm) where none may be signed. `last`: the second signed last. */
  second(last: number | undefined): number | undefined {
    const seen = this.#clock.second(last);
    if ('alarm' in seen) {
      this.raise(seen.alarm);
      return undefined;
    }
    this.over('clock-backwards', 'clock-forward');
    return seen.second;
  }

  /** Takes the wall clock as it is now for right. */
  accept(): void {
    this.#clock.accept();
  }

  /** Why nothing is signed now. */
  stopped(): Refusal {
    const { zh = '停止签名', en = 'signing stopped' } = this.#alarm ?? {};
    return new Refusal(STATUS.internal, 'service.stopped', zh, en);
  }
}
