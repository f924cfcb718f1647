import { beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../clock.ts';
import type { JobQueue } from '../jobs/index.ts';
import { silentLogger } from '../log/index.ts';
import { Publisher } from './publisher.ts';
import type { Signer } from './signer.ts';
import type { SealStore } from './store.ts';
import type { Trust } from './trust.ts';

const HOUR = 3_600_000;
let clock: ManualClock;
let signed: { first: Date; last: Date } | undefined;
let published: Date[];
let asked: number;
let jobs: string[];

/** A publisher over a service that publishes the last signing time. */
function publisher(parent = false): Publisher {
  const store = {
    publications: async () => published.slice(-1).map((time) => ({ time })),
    signedBounds: async () => signed,
    published: async (list: { at: Date }[]) => void published.push(...list.map((p) => p.at)),
    notExtended: async () => [{ id: 1 }],
  };
  const call = async () => {
    asked += 1;
    const time = signed!.last.getTime() / 1000;
    return published.at(-1)?.getTime() === time * 1000 ? null : { time, root: Uint8Array.of(1), printed: 'AAAA' };
  };
  return new Publisher({
    ...{ store: store as unknown as SealStore, signer: { running: false, call } as unknown as Signer },
    ...{ trust: { changed: () => undefined } as unknown as Trust, clock, log: silentLogger(), signing: true },
    ...{ jobs: { submit: async (kind: string) => jobs.push(kind) } as unknown as JobQueue, hours: 24, parent },
  });
}

beforeEach(() => {
  clock = new ManualClock('2026-11-21T01:00:00Z');
  signed = undefined;
  published = [];
  asked = 0;
  jobs = [];
});

test('the first publication follows soon after the first seals, and seals are extended to it', async () => {
  const own = publisher();
  await own.look();
  signed = { first: clock.now(), last: clock.now() };
  clock.advance(10_000);
  await own.look();
  expect(published).toEqual([]);
  clock.advance(15_000);
  await own.look();
  expect(published).toEqual([signed.last]);
  expect(jobs).toEqual(['seal.extend']);
});

test('the next one waits for its time, and for something that was signed since', async () => {
  const own = publisher();
  published = [clock.now()];
  signed = { first: clock.now(), last: clock.now() };
  clock.advance(25 * HOUR);
  await own.look();
  signed.last = new Date(clock.now().getTime() - 1000);
  published = [new Date(clock.now().getTime() - 23 * HOUR)];
  await own.look();
  expect(asked).toBe(0);
  clock.advance(HOUR);
  await own.look();
  expect(published.at(-1)).toEqual(signed.last);
});

test('under another service its publications are asked for now and then', async () => {
  const own = publisher(true);
  signed = { first: clock.now(), last: clock.now() };
  await own.look();
  await own.look();
  expect(asked).toBe(1);
  clock.advance(600_000);
  await own.look();
  expect([asked, published.length, jobs.length]).toEqual([2, 1, 1]);
});
