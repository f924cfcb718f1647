import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ManualClock } from '../../platform/clock.ts';
import { wgs84 } from '../model/place.ts';
import { conversion, unitCode } from '../model/units.ts';
import { type ReadingsBatch, readingFlag } from '../readings.ts';
import { Book } from '../registry/book.ts';
import { KNOWN, SeriesState } from '../registry/state.ts';
import { KEY, openDoors, openWay, seriesRow, type Way } from '../testing.ts';
import { csvRows } from './csv.ts';
import type { Sender } from './door.ts';
import { Reader, timeOf } from './read.ts';

const NOW = Date.parse('2026-11-21T08:00:00Z');
const clock = new ManualClock(new Date(NOW));
const folder = mkdtempSync(join(tmpdir(), 'jingwei-sensing-'));
const runs = Number(process.env.JINGWEI_TEST_RUNS ?? 30);
const heard: ReadingsBatch[] = [];
let hold: Promise<void> | undefined;
let way: Way;
beforeAll(async () => {
  way = await openWay({
    ...{ folder, clock, series: 400 },
    emit: async (batch) => {
      await hold;
      heard.push(batch);
    },
  });
});
afterAll(async () => {
  await way.end();
  rmSync(folder, { recursive: true, force: true });
});
const sender = (over: Partial<Sender> = {}): Sender => ({
  ...{ id: 'air', owner: 'hbj', auto: false, may: () => true, mayWrite: () => true, take: () => 0 },
  ...over,
});
const send = (body: unknown, over: Partial<Sender> = {}) => way.door.take(sender(over), 'json', JSON.stringify(body));
const urn = (n: number) => `urn:ngsi-ld:AirQualityObserved:aq-${n}`;
const at = (seconds: number) => new Date(NOW + seconds * 1000).toISOString();
const stored = async (n: number) => {
  await way.fold.flush();
  return (
    await way.lake.query<{ at: string; value: number; flag: number }>(
      'SELECT "at", value, flag FROM v.reading_v1 WHERE series = $n ORDER BY "at"',
      { n },
    )
  ).map((r) => [(Date.parse(r.at) - NOW) / 1000, r.value, r.flag]);
};

test('units in every spelling, temperatures with their offsets, gases by their molar mass; what measures something else is refused', () => {
  for (const [text, code] of Object.entries({
    'ug/m3': 'GQ',
    'μg/m³': 'GQ',
    'µg/m3': 'GQ',
    'mg/m3': 'GP',
    degC: 'CEL',
    '℃': 'CEL',
  }))
    expect([text, unitCode(text)]).toEqual([text, code]);
  for (const [text, code] of Object.entries({
    'm/s': 'MTS',
    'km/h': 'KMH',
    '公里/小时': 'KMH',
    HPA: 'A97',
    'm³/s': 'MQS',
    '%': 'P1',
  }))
    expect([text, unitCode(text)]).toEqual([text, code]);
  const value = (v: number, from: string, to: string, molar?: number) => {
    const c = conversion(from, to, molar)!;
    return Number((v * c.factor + c.offset).toPrecision(6));
  };
  expect(value(0.035, 'GP', 'GQ')).toBe(35);
  expect(value(212, 'FAH', 'CEL')).toBe(100);
  expect(value(300, 'KEL', 'CEL')).toBe(26.85);
  expect(value(72, 'KMH', 'MTS')).toBe(20);
  expect(value(1, 'KNT', 'KMH')).toBe(1.852);
  expect(value(101.3, 'KPA', 'A97')).toBe(1013);
  expect(value(250, 'CMT', 'MTR')).toBe(2.5);
  // 100 ppb of ozone are 196 micrograms a cubic metre at 25 degrees.
  expect(value(100, '61', 'GQ', 47.998)).toBeCloseTo(196.19, 1);
  expect(conversion('59', 'GQ')).toBeUndefined();
  expect(conversion('CEL', 'MTR')).toBeUndefined();
  expect(unitCode('parsec')).toBeUndefined();
});

test('places of the Chinese systems come to WGS 84; what is no place is refused', () => {
  const gcj = wgs84(121.2708, 30.1746, 'GCJ02');
  // Some 500 metres apart, and back by the public algorithm to within a metre or two.
  expect(gcj.lon).toBeCloseTo(121.2664, 3);
  expect(gcj.lat).toBeCloseTo(30.177, 3);
  const bd = wgs84(121.2773, 30.1805, 'BD09');
  expect(Math.abs(bd.lon - gcj.lon) + Math.abs(bd.lat - gcj.lat)).toBeLessThan(0.001);
  expect(wgs84(121, 30, 'CGCS2000')).toEqual({ lon: 121, lat: 30 });
  expect(() => wgs84(30.17, 121.27, 'WGS84')).toThrow(/swapped/);
  expect(() => wgs84(0, 0, 'WGS84')).toThrow(/without a fix/);
  expect(() => wgs84(Number.NaN, 30, 'GCJ02')).toThrow(/not numbers/);
});

test('times: with an offset, without one in the city, in milliseconds; anything else is none', () => {
  expect(timeOf('2026-11-21T16:00:00+08:00')).toBe(NOW);
  expect(timeOf('2026-11-21 16:00:00')).toBe(NOW);
  expect(timeOf(String(NOW))).toBe(NOW);
  for (const bad of ['yesterday', '', null, {}, '1763712000', '2026-13-45T00:00:00Z']) expect(timeOf(bad)).toBeNaN();
});

test('CSV with quotes, CRLF and an empty end', () => {
  expect([...csvRows('a,b\r\n"x ""y"", z",2\r\n,\r\n')].map(([row]) => row)).toEqual([
    ['a', 'b'],
    ['x "y", z', '2'],
    ['', ''],
  ]);
  expect([...csvRows('a,b\n1,2\n3,')]).toEqual([
    [['a', 'b'], 0],
    [['1', '2'], 4],
    [['3', ''], 8],
  ]);
});

test('a refused reading of a text is named with its line, also behind a quoted line break; an exercise is marked', () => {
  const book = new Book();
  book.put(seriesRow(1));
  const host = { book, may: () => true, mayWrite: () => true };
  const id = book.get(1)!.entity;
  const csv = new Reader(host).csv(
    `entity,property,at,value\n${id},pm25,2026-11-21T08:00:00Z,1\n\n${id},pm25,"2026-11-21\nT08",2\n${id},pm25,2026-11-21T08:01:00Z,x\n`,
  );
  expect(csv.faults.map((f) => [f.reason, csv.lineOf(f.index)])).toEqual([
    ['time', 4],
    ['not-a-number', 6],
  ]);
  const lines = new Reader(host).ndjson('\n{"broken\n');
  expect(lines.faults.map((f) => lines.lineOf(f.index))).toEqual([2]);
  // One NaN of a sensor's language does not take its batch with it.
  const nan = new Reader(host).json(`{"series":[1, 1],"at":[${NOW},${NOW + 1}],"value":[NaN,-Infinity ]}`);
  expect(nan.faults.map((f) => f.reason)).toEqual(['not-a-number', 'not-a-number']);
  expect(() => new Reader(host).json('[NaN')).toThrow(/JSON/);
  const batch = { series: [1, 1], at: [NOW, NOW + 1], value: [1, 2], exercise: [0, 1] };
  expect([...new Reader(host).json(JSON.stringify(batch)).flag.subarray(0, 2)]).toEqual([0, readingFlag.exercise]);
});

test('wrong passwords of one address are answered later and later not at all, a right one at once', async () => {
  const doors = await openDoors(way, clock);
  const enter = (password: string) =>
    connectAsync({ host: '127.0.0.1', port: doors.mqtt, username: 'air', password, reconnectPeriod: 0 });
  for (let i = 0; i < 60; i++) await expect(enter(`wrong-${i}`)).rejects.toThrow(/authorized/i);
  expect(doors.broker.view().guesses).toBe(0);
  void enter('wrong-again').catch(() => undefined);
  await vi.waitFor(() => expect(doors.broker.view().guesses).toBe(1));
  const right = await enter(KEY);
  expect(right.connected).toBe(true);
  await right.endAsync();
  await doors.close();
});

test('whatever comes in whatever order, what is known is never called new and what is new never known', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 120 }), (times) => {
      const state = new SeriesState();
      state.ensure(1);
      const known = new Set<number>();
      for (const t of times) {
        const seen = state.seen(1, t);
        if (seen === 'undecided') expect(known.size).toBeGreaterThanOrEqual(KNOWN);
        else expect(seen === 'repeated').toBe(known.has(t));
        if (seen === 'newest') expect(t).toBeGreaterThan(Math.max(-1, ...known));
        // As the intake does: what is undecided is settled by the store.
        if (seen === 'repeated' || known.has(t)) continue;
        known.add(t);
        if (seen !== 'undecided') state.keep(1, t, t);
      }
    }),
    { numRuns: runs * 5 },
  );
});

test('late readings are kept and marked, repeated ones are kept once, also long after; received = kept + repeated + refused', async () => {
  const some = Array.from({ length: 40 }, (_, i) => ({
    entity: urn(1),
    property: 'pm25',
    at: at(-1000 + i * 10),
    value: i,
  }));
  expect(await send(some)).toMatchObject({ received: 40, kept: 40, late: 0 });
  // All again, with one in between that is new: older than what is remembered, so that the lake is asked.
  const again = [...some, { entity: urn(1), property: 'pm25', at: at(-995), value: 99 }];
  expect(await send([...again, again.at(-1)])).toMatchObject({
    received: 42,
    kept: 1,
    late: 1,
    repeated: 41,
    refused: 0,
  });
  // Also when it has left the hot table.
  await way.fold.empty();
  expect(await send(again)).toMatchObject({ received: 41, kept: 0, repeated: 41 });
  const rows = await stored(1);
  expect(rows).toHaveLength(41);
  expect(rows[1]).toEqual([-995, 99, 1]);
});

test('the future, a clock of 1970, what is older than is kept, NaN, the impossible, strange units and strangers are refused by name', async () => {
  const one = (over: object) => ({ entity: urn(2), property: 'pm25', at: at(-60), value: 10, ...over });
  const answer = await send([
    ...[one({ at: at(600) }), one({ at: 12_345 }), one({ at: '1970-01-01T00:00:00Z' }), one({ at: at(-91 * 86_400) })],
    ...[one({ value: 'NaN' }), one({ value: null }), one({ value: '1e999' }), one({ value: -1 }), one({ value: 2001 })],
    ...[
      one({ unit: 'mg/m3', value: 0.01 }),
      one({ unit: 'degC', at: at(-59) }),
      one({ entity: urn(999) }),
      one({ property: 'zz' }),
    ],
    ...[one({ at: 'now' }), 17, { id: urn(2) }, one({ at: at(-50), value: '12.5' })],
  ]);
  expect(answer).toMatchObject({
    ...{ received: 17, kept: 2, converted: 1, repeated: 0, refused: 15 },
    reasons: {
      future: 1,
      clock: 2,
      expired: 1,
      'not-a-number': 3,
      impossible: 2,
      unit: 1,
      unknown: 2,
      time: 1,
      shape: 2,
    },
  });
  expect(await stored(2)).toEqual([
    [-60, 10, 2],
    [-50, 12.5, 0],
  ]);
  const foreign = await send([one({ at: at(-40) })], { may: () => false });
  expect(foreign.reasons).toEqual({ 'not-allowed': 1 });
  way.book.put(seriesRow(3, { active: false }));
  expect((await send([{ ...one({}), entity: urn(3) }])).reasons).toEqual({ retired: 1 });
  await way.fold.flush();
  const refused = await way.lake.query<{ entity: string; value: string; reason: string }>(
    `SELECT entity, value, reason FROM sns.refused WHERE reason IN ('unknown', 'unit') ORDER BY entity, property`,
  );
  expect(refused).toEqual([
    { entity: urn(2), value: '10', reason: 'unit' },
    { entity: urn(2), value: '10', reason: 'unknown' },
    { entity: urn(999), value: '10', reason: 'unknown' },
  ]);
});

test('a sensor that floods is thinned out; its calibration applies before what is possible is judged', async () => {
  way.book.put(seriesRow(4, { gap: 1000, scale: 2, shift: -1, most: 100 }));
  const times = [0, 100, 999, 1000, 1500, 2100].map((ms) => NOW - 100_000 + ms);
  const flood = await send({ series: times.map(() => 4), at: times, value: times.map(() => 5) });
  expect(flood).toMatchObject({ kept: 3, refused: 3, reasons: { flood: 3 } });
  expect((await stored(4)).map((r) => r[1])).toEqual([9, 9, 9]);
  expect((await send({ series: [4], at: [NOW - 50_000], value: [51] })).reasons).toEqual({ impossible: 1 });
});

test('the same in JSON columns, NGSI-LD, key-values, NDJSON and CSV', async () => {
  const door = (form: 'json' | 'csv' | 'ndjson', text: string) => way.door.take(sender(), form, text);
  await door(
    'json',
    JSON.stringify({ series: [5, `${urn(5)}#pm25`], at: [NOW - 9000, at(-8)], value: [1, 2], unit: 'GQ' }),
  );
  const ngsi = {
    id: urn(5),
    type: 'AirQualityObserved',
    pm25: { type: 'Property', value: 0.003, observedAt: at(-7), unitCode: 'GP' },
  };
  await door('json', JSON.stringify(ngsi));
  const plain = { id: urn(5), type: 'AirQualityObserved', dateObserved: at(-6), pm25: 4, name: 'x' };
  await door(
    'ndjson',
    `${JSON.stringify(plain)}\n\n${JSON.stringify({ entity: urn(5), property: 'pm25', at: at(-5), value: 5 })}\n`,
  );
  await door('csv', `entity,property,at,value,unit\r\n${urn(5)},pm25,${at(-4)},0.006,mg/m3\r\n`);
  expect((await stored(5)).map((r) => r[1])).toEqual([1, 2, 3, 4, 5, 6]);
  for (const [form, text] of [
    ['json', '{'],
    ['json', '5'],
    ['json', '[]'],
    ['json', '{"series":[1],"at":[],"value":[1]}'],
  ] as const)
    await expect(door(form, text)).rejects.toThrow('sensing.batch');
  await expect(door('csv', 'a,b\n1,2\n')).rejects.toThrow('sensing.batch');
  await expect(door('json', JSON.stringify(Array(10_001).fill(1)))).rejects.toThrow('sensing.too-many');
  await expect(send([{ entity: urn(5), property: 'pm25', at: 1, value: 1 }], { take: () => 3 })).rejects.toThrow(
    'sensing.too-fast',
  );
});

test('counts by minute add up to what came in; sums of hours and days to what is kept', async () => {
  await way.fold.flush();
  const [counts] = await way.lake.query<Record<string, number>>(
    `SELECT sum(received)::INTEGER AS received, sum(kept)::INTEGER AS kept, sum(repeated)::INTEGER AS repeated, sum(refused)::INTEGER AS refused,
       (SELECT sum(n)::INTEGER FROM sns.refusal) AS reasons, (SELECT count(*)::INTEGER FROM v.reading_v1) AS readings,
       (SELECT sum(n)::INTEGER FROM v.reading_hour_v1) AS hours, (SELECT sum(n)::INTEGER FROM v.reading_day_v1) AS days FROM v.intake_v1`,
  );
  const c = counts!;
  expect(c.received).toBe(c.kept! + c.repeated! + c.refused!);
  expect(c.reasons).toBe(c.refused);
  expect([c.readings, c.hours, c.days]).toEqual([c.kept, c.kept, c.kept]);
  expect(way.intake.sequence).toBe(c.kept);
  await way.fold.empty();
  await way.fold.retain();
  const days = await way.lake.first<{ n: number; parts: number }>(
    'SELECT sum(n)::INTEGER AS n, count(*)::INTEGER AS parts FROM sns.day',
  );
  const slots = await way.lake.first<{ n: number }>('SELECT count(*)::INTEGER AS n FROM v.reading_day_v1');
  expect(days).toEqual({ n: c.kept, parts: slots!.n });
});

test('listeners hear everything in order, in bounded parts, and hold the senders up when they are slow', async () => {
  await way.intake.settled();
  heard.length = 0;
  const before = way.intake.sequence;
  let go: () => void = () => undefined;
  hold = new Promise((resolve) => {
    go = resolve;
  });
  const batch = (k: number) => ({
    series: Array.from({ length: 10_000 }, (_, i) => 11 + (i % 300)),
    at: Array.from({ length: 10_000 }, (_, i) => NOW - 3_600_000 + k * 40_000 + Math.floor(i / 300) * 1000),
    value: Array.from({ length: 10_000 }, () => k),
  });
  let answered = 0;
  const sends = Array.from({ length: 40 }, (_, k) => k).map(async (k) => {
    // One after the other, so that the limit is met by what is behind and not by what comes at once.
    await send(batch(k));
    answered += 1;
  });
  const first = sends.slice(0, 20);
  await Promise.race([Promise.all(sends), new Promise((resolve) => setTimeout(resolve, 300))]);
  go();
  hold = undefined;
  await Promise.all(first);
  await Promise.all(sends);
  await way.intake.settled();
  expect(answered).toBe(40);
  const total = heard.reduce((n, b) => n + b.series.length, 0);
  expect(total).toBe(way.intake.sequence - before);
  let next = before + 1;
  for (const b of heard) {
    expect(b.series.length).toBeLessThanOrEqual(8192);
    expect(b.sequence).toBe(next);
    next += b.series.length;
  }
});
