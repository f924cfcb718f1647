import { expect, test } from 'vitest';
import { compare, type LakeMark, type StoreMark } from './mark.ts';

const at = new Date('2026-11-22T00:00:00Z');
const server = { system: '7', timeline: 1, place: '0/5000000' };
const store = (over: Partial<StoreMark> = {}): StoreMark => ({ era: 'e', n: 5, at, ...over });
const lake = (over: Partial<LakeMark> = {}): LakeMark => ({ era: 'e', n: 5, at, server, ids: {}, ...over });

test('what a kill, an ordinary start or the restore of a whole backup leaves is together', () => {
  expect(compare(undefined, undefined, null)).toEqual({ apart: false, first: true });
  expect(compare(store(), lake(), server)).toEqual({ apart: false, first: false });
  // Killed between the two writes, or the moment of a backup between them.
  expect(compare(store(), lake({ n: 6 }), server)).toMatchObject({ apart: false });
  // Rows of a backup loaded into another server, or a move from one engine to the other.
  expect(compare(store(), lake(), { ...server, system: '8', place: '0/1000000' })).toMatchObject({ apart: false });
  expect(compare(store(), lake(), null)).toMatchObject({ apart: false });
  expect(compare(store(), lake(), { ...server, place: '0/5000028' })).toMatchObject({ apart: false });
});

test('one of them put back alone is found, and which', () => {
  expect(compare(store(), lake({ n: 7 }), server)).toMatchObject({ apart: true, behind: 'store' });
  expect(compare(store({ n: 6 }), lake(), server)).toMatchObject({ apart: true, behind: 'lake' });
  // Within one raising the server itself tells: a new timeline, or a log that is shorter than it was.
  expect(compare(store(), lake(), { ...server, timeline: 2, place: '0/4FFFFFF' })).toMatchObject({ behind: 'store' });
  expect(compare(store(), lake(), { ...server, timeline: 2, place: '0/5000028' })).toMatchObject({ behind: 'unknown' });
  expect(compare(store(), lake(), { ...server, place: '0/4FFFFFF' })).toMatchObject({
    cause: 'place',
    behind: 'store',
  });
  // An empty store beside an old lake, and the other way round.
  expect(compare(undefined, lake(), server)).toMatchObject({ apart: true, behind: 'store' });
  expect(compare(store(), undefined, server)).toMatchObject({ apart: true, behind: 'lake' });
  // After a turn another era begins: what is put back once more is found again whatever the numbers say.
  expect(compare(store({ era: 'd' }), lake(), server)).toMatchObject({ apart: true, cause: 'era' });
});
