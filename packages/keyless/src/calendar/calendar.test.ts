import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { calendarRoot, timeOfShape } from '../format/calendar.ts';
import { equal, imprint, step } from '../hash/imprint.ts';
import { Calendar } from './calendar.ts';
import { machineDisk } from './disk.ts';

const base = mkdtempSync(path(tmpdir(), 'calendar-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
let folders = 0;
const newFolder = () => path(base, `${folders++}`);
const rootOf = (time: number, algorithm = 1) => imprint(algorithm, new TextEncoder().encode(`second ${time}`));
const entries = (times: number[], algorithm = 1) => times.map((time) => ({ time, root: rootOf(time, algorithm) }));

/** The tree by its definition: leaves 0 … n, split at the greatest power of two below their number. */
function naive(leaf: (second: number) => Uint8Array, from: number, count: number): Uint8Array {
  if (count === 1) return leaf(from);
  let half = 1;
  while (half * 2 < count) half *= 2;
  const right = naive(leaf, from + half, count - half);
  return step(right[0]!, naive(leaf, from, half), right, 0xff);
}

describe('a calendar', () => {
  it('is the tree of one leaf for every second, whatever was signed, and every chain leads to its root', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 2300 }), { minLength: 1, maxLength: 30 }),
        fc.constantFrom(1, 11),
        (unsorted, algorithm) => {
          const times = unsorted.sort((a, b) => a - b);
          const folder = newFolder();
          const half = Math.ceil(times.length / 2);
          let calendar = Calendar.open(folder, { algorithm });
          calendar.append(entries(times.slice(0, half), algorithm));
          if (times.length % 2) {
            calendar.close();
            calendar = Calendar.open(folder);
          }
          calendar.append(entries(times.slice(half), algorithm));
          const leaf = (second: number) => (times.includes(second) ? rootOf(second, algorithm) : calendar.emptyRoot);
          const last = times.at(-1)!;
          for (const publicationTime of [last, times[0]!, Math.ceil((times[0]! + last) / 2)]) {
            const { root } = calendar.publish(publicationTime);
            expect(equal(root, naive(leaf, 0, publicationTime + 1))).toBe(true);
            for (const time of [
              ...times.filter((t) => t <= publicationTime).slice(-3),
              Math.ceil(publicationTime / 2),
            ]) {
              const links = calendar.chain(time, publicationTime);
              expect(equal(calendarRoot({ links, inputHash: leaf(time) }), root)).toBe(true);
              expect(timeOfShape({ links, publicationTime: BigInt(publicationTime) })).toBe(BigInt(time));
            }
          }
          expect(calendar.check()).toEqual([]);
          calendar.close();
        },
      ),
      { numRuns: 25 },
    );
  });

  it('is the same tree where almost every second is signed, by whichever algorithm of its length', () => {
    for (const [algorithm, other] of [
      [1, 1],
      [1, 11],
    ] as const) {
      const calendar = Calendar.open(newFolder(), { algorithm });
      const times = Array.from({ length: 2200 }, (_, i) => i + 900).filter((time) => time % 7 > 0);
      const root = (time: number) => rootOf(time, time % 5 ? algorithm : other);
      calendar.append(times.map((time) => ({ time, root: root(time) })));
      const leaf = (time: number) => (time >= 900 && time % 7 > 0 ? root(time) : calendar.emptyRoot);
      const last = times.at(-1)!;
      expect(equal(calendar.publish(last).root, naive(leaf, 0, last + 1))).toBe(true);
      for (const time of [900, 1500, 2048, last])
        expect(
          equal(
            calendarRoot({ links: calendar.chain(time, last), inputHash: leaf(time) }),
            calendar.publish(last).root,
          ),
        ).toBe(true);
      expect(calendar.check()).toEqual([]);
      calendar.close();
    }
  });

  it('keeps its shape after 2038 and far beyond, and a stop of years costs nothing', () => {
    const calendar = Calendar.open(newFolder());
    const times = [1_790_000_000, 2_147_483_647, 2_147_483_648, 4_294_967_295, 4_294_967_296, 20_000_000_000];
    calendar.append(entries(times));
    for (const time of times) {
      const links = calendar.chain(time, times.at(-1)!);
      expect(timeOfShape({ links, publicationTime: 20_000_000_000n })).toBe(BigInt(time));
      expect(equal(calendarRoot({ links, inputHash: rootOf(time) }), calendar.publish(times.at(-1)!).root)).toBe(true);
    }
    expect(calendar.rootAt(2_147_483_648)).toEqual(rootOf(2_147_483_648));
    expect(calendar.rootAt(1_800_000_000)).toBeUndefined();
    expect(calendar.list({ before: 4_294_967_296n, limit: 2 }).map((one) => one.time)).toEqual([
      4_294_967_295n,
      2_147_483_648n,
    ]);
    expect(() => calendar.append(entries([2 ** 48]))).toThrow('outside the calendar');
    calendar.close();
  });

  it('never takes a second twice, nor one before the last, nor half of a group', () => {
    const calendar = Calendar.open(newFolder());
    calendar.append(entries([100]));
    expect(() => calendar.append(entries([100]))).toThrow('not after');
    expect(() => calendar.append(entries([101, 99]))).toThrow('not after');
    expect(() => calendar.append([{ time: 102, root: rootOf(102, 5) }])).toThrow('length');
    expect([calendar.size, calendar.last?.time, calendar.first]).toEqual([1, 100n, 100n]);
    expect(() => calendar.publish(101)).toThrow('not decided');
    expect(() => calendar.chain(100, 99)).toThrow('after the publication');
    // A second can be closed without a signature: it is then published as an empty one.
    calendar.append([{ time: 105, root: calendar.emptyRoot }]);
    expect(calendar.rootAt(105)).toBeUndefined();
    expect(calendar.publish(105).time).toBe(105n);
    calendar.close();
  });

  it('has one owner; who only reads needs none; the lock of a process that died is taken over', () => {
    const folder = newFolder();
    const calendar = Calendar.open(folder);
    calendar.append(entries([7]));
    expect(() => Calendar.open(folder)).toThrow('in use');
    const text = readFileSync(path(folder, 'lock'));
    const reader = Calendar.open(folder, { readOnly: true });
    expect(reader.last?.time).toBe(7n);
    expect(() => reader.append(entries([8]))).toThrow('reading only');
    reader.close();
    calendar.close();
    expect(existsSync(path(folder, 'lock'))).toBe(false);
    // Of a thread of this process that ended without giving it back: nobody has the file open any more.
    writeFileSync(path(folder, 'lock'), text);
    Calendar.open(folder).close();
    writeFileSync(path(folder, 'lock'), '4194304\nsome-boot 1\n');
    Calendar.open(folder).close();
  });

  it('cuts an end that was never finished, and refuses damage before the end', () => {
    const folder = newFolder();
    const log = path(folder, 'calendar.log');
    const first = Calendar.open(folder);
    first.append(entries([10, 2000, 2001, 5000]));
    first.close();
    const whole = readFileSync(log);
    for (const tail of [whole.subarray(16, 40), Buffer.alloc(45), Buffer.alloc(100)]) {
      appendFileSync(log, tail);
      const calendar = Calendar.open(folder);
      expect(calendar.found).toMatchObject([{ code: 'torn', mended: true }]);
      expect([calendar.size, calendar.last?.time]).toEqual([4, 5000n]);
      calendar.close();
      expect(readFileSync(log)).toEqual(whole);
    }
    truncateSync(log, whole.length - 1);
    const shorter = Calendar.open(folder);
    expect(shorter.last?.time).toBe(2001n);
    shorter.append(entries([2002, 9000, 9001]));
    shorter.close();
    const bytes = readFileSync(log);
    bytes[bytes.length - 60]! ^= 1;
    writeFileSync(log, bytes);
    expect(() => Calendar.open(folder)).toThrow('damaged');
  });

  it('makes the roots of its blocks again where they are lost, damaged or of another calendar', () => {
    const folder = newFolder();
    const blocks = path(folder, 'calendar.blocks');
    const first = Calendar.open(folder);
    first.append(entries([10, 2000, 2001, 5000, 9000]));
    const { root } = first.publish(9000);
    first.close();
    const sound = readFileSync(blocks);
    const damaged = Buffer.from(sound);
    damaged[70]! ^= 1;
    for (const bytes of [Buffer.alloc(0), sound.subarray(0, 80), damaged]) {
      writeFileSync(blocks, bytes);
      const calendar = Calendar.open(folder);
      expect(calendar.publish(9000).root).toEqual(root);
      calendar.append([]);
      calendar.close();
    }
    const other = newFolder();
    const strange = Calendar.open(other);
    strange.append(entries([4000, 4001, 4002, 7000, 10_000]));
    strange.close();
    writeFileSync(path(other, 'calendar.blocks'), sound);
    const reopened = Calendar.open(other);
    expect(reopened.check()).toEqual([]);
    reopened.close();
  });

  it('answers clearly where the disk is full, and nothing of the failed group counts', () => {
    const folder = newFolder();
    let full = false;
    const calendar = Calendar.open(folder, {
      disk: {
        write(fd, bytes, position) {
          machineDisk.write(fd, full ? bytes.subarray(0, 20) : bytes, position);
          if (full) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
        },
        sync: machineDisk.sync,
      },
    });
    calendar.append(entries([50]));
    full = true;
    expect(() => calendar.append(entries([51, 52]))).toThrow('the disk is full');
    expect(calendar.last?.time).toBe(50n);
    full = false;
    calendar.append(entries([51]));
    calendar.close();
    const again = Calendar.open(folder);
    expect([again.found, again.size]).toEqual([[], 2]);
    again.close();
  });
});
