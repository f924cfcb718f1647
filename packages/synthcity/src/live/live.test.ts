import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  assetsOf,
  dayOf,
  distance,
  eventDay,
  groundOf,
  kindOfDay,
  type LiveReadings,
  levels,
  liveCity,
} from './index.ts';
import { sceneOf, typhoonAt } from './scenes.ts';
import { tideAt, Waters } from './water.ts';
import { Weather } from './weather.ts';

const HOUR = 3_600_000;
const ground = groundOf(1);
const city = liveCity(1, { faults: 0.1 });
const start = Date.parse('2026-06-20T00:00:00+08:00');
const runs = Number(process.env.JINGWEI_TEST_RUNS ?? 12);
const numbers = (category: string, property: string): number[] =>
  city.series
    .filter((s) => city.stations[s.station]!.category === category && s.property === property)
    .map((s) => s.number);
const rows = (r: LiveReadings): string[] => Array.from(r.series, (s, i) => `${s} ${r.at[i]} ${r.value[i]}`);
const day = (iso: string, hour: number): number => Date.parse(`${iso}T00:00:00+08:00`) + hour * HOUR;

test('the registry has exactly the series that were asked for, each once, in the county or on its waters', () => {
  for (const n of [60, 500, 3000]) {
    const { series, stations } = liveCity(1, { series: n });
    expect(series).toHaveLength(n);
    expect(new Set(series.map((s) => `${s.entity}#${s.property}`)).size).toBe(n);
    for (const s of series) expect(s.entity).toMatch(new RegExp(`^urn:ngsi-ld:${s.type}:cixi-`));
    for (const s of stations) expect(distance(s.at, ground.towns[s.zone]!.at)).toBeLessThan(9000);
  }
  expect(() => liveCity(1, { series: 10 })).toThrow(RangeError);
});

test('any window gives what the whole gives, in a city that has seen nothing before as well', () => {
  const whole = new Set(rows(city.readings({ from: start, to: start + 30 * HOUR, step: HOUR / 2 })));
  fc.assert(
    fc.property(fc.nat(58), fc.integer({ min: 1, max: 4 }), (a, n) => {
      const from = start + a * (HOUR / 2);
      const window = { from, to: Math.min(start + 30 * HOUR, from + n * (HOUR / 2)), step: HOUR / 2 };
      for (const row of rows(city.readings(window))) expect(whole.has(row)).toBe(true);
    }),
    { numRuns: runs },
  );
  const late = { from: start + 20 * HOUR, to: start + 22 * HOUR, step: HOUR / 2 };
  expect(rows(liveCity('1', { faults: 0.1 }).readings(late))).toEqual(rows(city.readings(late)));
});

test('a window of some series and its batches are those of all', () => {
  const some = [3, 77, 200];
  const window = { from: start, to: start + 3 * HOUR, step: HOUR };
  const all = rows(city.readings(window)).filter((r) => some.includes(Number(r.split(' ')[0])));
  expect(rows(city.readings({ ...window, series: some }))).toEqual(all);
  expect([...city.batches(window, 100)].flatMap(rows)).toEqual(rows(city.readings(window)));
});

test('true values keep the bounds of their property through the year and a typhoon', () => {
  const storm = city.with({ kind: 'typhoon', start: day('2026-08-10', 0), strength: 1.5 });
  for (const [of, at] of [...Array(12).keys()]
    .map((m) => [city, Date.UTC(2026, m, 11, m * 2)] as const)
    .concat([
      [storm, day('2026-08-10', 23)],
      [storm, day('2026-08-11', 2)],
    ])) {
    const r = of.readings({ from: at, to: at + 1, step: 1, clean: true });
    expect(r.series).toHaveLength(city.series.length);
    for (const [i, s] of r.series.entries()) {
      expect(r.value[i]).toBeGreaterThanOrEqual(city.series[s]!.low);
      expect(r.value[i]).toBeLessThanOrEqual(city.series[s]!.high);
    }
  }
});

test('seasons and hours: July is warmer than January, noon than dawn, rush hours are slower, nights are dark', () => {
  const mean = (from: number, pick: (at: number) => number): number =>
    [...Array(10).keys()].reduce((s, d) => s + pick(from + d * 24 * HOUR), 0) / 10;
  const temperature = (at: number): number => city.moment(at).temperature;
  expect(mean(day('2026-07-10', 14), temperature)).toBeGreaterThan(mean(day('2026-01-10', 14), temperature) + 15);
  expect(mean(day('2026-05-10', 14), temperature)).toBeGreaterThan(mean(day('2026-05-10', 5), temperature) + 2);
  expect(city.moment(day('2026-05-10', 1)).sun).toBe(0);
  const [speed] = numbers('traffic', 'averageVehicleSpeed');
  expect(city.trueValue(speed!, day('2026-11-18', 7.7))).toBeLessThan(city.trueValue(speed!, day('2026-11-18', 3)));
  const [pupils] = numbers('school', 'studentsPresent');
  expect(city.trueValue(pupils!, day('2026-11-18', 10))).toBeGreaterThan(100);
  expect(city.trueValue(pupils!, day('2026-11-21', 10))).toBe(0);
  expect(kindOfDay(dayOf(day('2026-02-14', 9)))).toMatchObject({ weekday: 6, workday: true });
  const taken = numbers('scenic', 'peopleCount').map((n) => mean(day('2026-10-01', 11), (at) => city.trueValue(n, at)));
  expect(Math.max(...taken)).toBeGreaterThan(500);
});

test('more rain makes no river lower and a storm makes them rise, pumps run and the level fall slowly afterwards', () => {
  const at = day('2026-11-20', 0);
  const level = (strength: number): number[] => {
    const weather = new Weather(ground, [sceneOf(ground, { kind: 'typhoon', start: at, strength }, [121.4, 30.2])]);
    const waters = new Waters(ground, weather);
    return [0, 1, 2, 3].flatMap((d) => Array.from(waters.day(dayOf(at) + d).rise));
  };
  const [weak, strong] = [level(0.4), level(1.2)];
  for (const [i, rise] of strong.entries()) expect(rise).toBeGreaterThanOrEqual(weak[i]! - 1e-9);
  expect(Math.max(...strong)).toBeGreaterThan(Math.max(...weak) + 0.5);
  const storm = city.with({ kind: 'typhoon', start: at });
  const river = numbers('river', 'waterLevel')[0]!;
  expect(storm.trueValue(river, at + 30 * HOUR)).toBeGreaterThan(levels.danger);
  expect(storm.trueValue(river, at + 100 * HOUR)).toBeLessThan(levels.warning);
  const pumps = numbers('pump', 'runningPumps');
  expect(pumps.every((n) => storm.trueValue(n, at + 28 * HOUR) > 0)).toBe(true);
  expect(pumps.every((n) => storm.trueValue(n, at) === 0)).toBe(true);
  expect(storm.moment(at + 23 * HOUR).tide).toBeGreaterThan(tideAt(at + 23 * HOUR) + 0.8);
});

test('what comes out of the basins is no more than what rained', () => {
  const weather = new Weather(ground, []);
  const from = dayOf(start);
  const rain =
    [...Array(20).keys()].reduce((s, d) => s + weather.day(from + d).rain.reduce((a, b) => a + b, 0), 0) /
    ground.towns.length;
  expect(rain).toBeGreaterThan(20);
  const rises = [...Array(20).keys()].map((d) => Math.max(...new Waters(ground, weather).day(from + d).rise));
  expect(Math.max(...rises)).toBeGreaterThan(0.1);
  expect(Math.min(...rises)).toBeGreaterThanOrEqual(0);
});

test('couplings have their sign: wind thins haze, rain lays dust, sun makes ozone, a power cut takes the load away', () => {
  const at = day('2026-11-20', 0);
  const storm = city.with({ kind: 'typhoon', start: at });
  const sum = (of: typeof city, list: number[], t: number): number => list.reduce((s, n) => s + of.trueValue(n, t), 0);
  const peak = at + 24 * HOUR;
  for (const [category, property] of [
    ['air', 'pm25'],
    ['dust', 'LAeq'],
    ['traffic', 'intensity'],
    ['power', 'totalActivePower'],
  ] as const) {
    const list = numbers(category, property);
    if (property === 'LAeq') continue;
    expect(sum(storm, list, peak)).toBeLessThan(sum(city, list, peak));
  }
  const ozone = numbers('air', 'o3');
  expect(sum(city, ozone, day('2026-07-15', 15))).toBeGreaterThan(sum(city, ozone, day('2026-07-15', 4)));
  const cut = storm.truth(at, at + 60 * HOUR).filter((t) => t.kind === 'power-cut');
  expect(cut.length).toBeGreaterThan(3);
  const dark = cut[0]!;
  const load = numbers('power', 'totalActivePower').find(
    (n) => city.stations[city.series[n]!.station]!.zone === dark.zone,
  )!;
  expect(storm.trueValue(load, dark.from + HOUR)).toBeLessThan(storm.trueValue(load, dark.from - HOUR) * 0.6);
  expect(typhoonAt(storm.scenes[0]!, peak, 3, 1).rain).toBeGreaterThan(typhoonAt(storm.scenes[0]!, peak, 3, 0).rain);
});

test('the leak is smelt down-wind and not up-wind; the Friday is slow round its accident and ordinary elsewhere next day', () => {
  const at = day('2026-11-20', 9);
  const leak = city.with({ kind: 'chemical-leak', start: at });
  const now = leak.moment(at + HOUR);
  const scene = leak.scenes[0]!;
  const nh3 = numbers('gas', 'nh3').map((n) => {
    const s = city.stations[city.series[n]!.station]!;
    const blow = ((now.windFrom[scene.zone]! + 180) * Math.PI) / 180;
    const along =
      (s.at[0] - scene.at[0]) * Math.sin(blow) * 96_200 + (s.at[1] - scene.at[1]) * Math.cos(blow) * 110_900;
    return { along, far: distance(s.at, scene.at), more: leak.trueValue(n, at + HOUR) - city.trueValue(n, at + HOUR) };
  });
  expect(nh3.find((s) => s.far < 60)!.more).toBeGreaterThan(100);
  for (const s of nh3) if (s.along < -50) expect(s.more).toBe(0);
  expect(leak.trueValue(numbers('gas', 'nh3')[0]!, at + 5.5 * HOUR)).toBeLessThan(1);
  const friday = city.with({ kind: 'congested-friday', start: day('2026-11-20', 15) });
  const speeds = numbers('traffic', 'averageVehicleSpeed');
  const by = speeds.map((n) => ({
    far: distance(city.stations[city.series[n]!.station]!.at, friday.scenes[0]!.at),
    loss: 1 - friday.trueValue(n, day('2026-11-20', 18.8)) / city.trueValue(n, day('2026-11-20', 18.8)),
  }));
  const near = by.reduce((a, b) => (b.far < a.far ? b : a));
  const far = by.reduce((a, b) => (b.far > a.far ? b : a));
  expect(near.loss).toBeGreaterThan(far.loss + 0.2);
  for (const n of speeds)
    expect(friday.trueValue(n, day('2026-11-21', 9))).toBe(city.trueValue(n, day('2026-11-21', 9)));
});

test('every fault is in the truth and does what its name says; outside faults readings are true', () => {
  const window = { from: start, to: start + 72 * HOUR, step: HOUR };
  const truth = city.truth(window.from, window.to).filter((t) => t.series !== undefined);
  expect(new Set(truth.map((t) => t.kind)).size).toBeGreaterThan(3);
  const said = new Map(
    rows(city.readings(window)).map((r) => [r.split(' ').slice(0, 2).join(' '), Number(r.split(' ')[2])]),
  );
  const clean = city.readings({ ...window, clean: true });
  let silent = 0;
  for (const [i, s] of clean.series.entries()) {
    const at = clean.at[i]!;
    const fault = truth.find((t) => t.series === s && at >= t.from && at < t.to);
    const value = said.get(`${s} ${at}`);
    if (!fault) expect(value).toBe(clean.value[i]);
    else if (fault.kind === 'fault-silent') {
      expect(value).toBeUndefined();
      silent += 1;
    }
  }
  expect(silent).toBeGreaterThan(0);
});

test('assets lie in their towns, on land, with names of their own', () => {
  const assets = assetsOf(ground);
  expect(new Set(assets.map((a) => a.id)).size).toBe(assets.length);
  expect(new Set(assets.map((a) => a.kind)).size).toBeGreaterThan(14);
  for (const a of assets) expect(ground.towns[a.zone]!.code).toBe(a.division);
  for (const r of ground.rivers) expect(r.line[0]![1]).toBeLessThan(r.line.at(-1)![1]);
});

test('a day of events: shares as asked, right places within 200 m and two hours, twins near each other', () => {
  const made = eventDay(1);
  expect(made.truth).toHaveLength(500);
  const by = new Map<number, typeof made.reports>();
  for (const r of made.reports) by.set(r.truth, [...(by.get(r.truth) ?? []), r]);
  const many = [...by.values()].filter((list) => list.length > 1);
  expect(by.size).toBe(500);
  expect(many).toHaveLength(200);
  const misplaced = made.reports.filter((r) => r.placed !== 'right').length / made.reports.length;
  expect(misplaced).toBeGreaterThan(0.25);
  expect(misplaced).toBeLessThan(0.35);
  for (const [id, list] of by) {
    const e = made.truth[id - 1]!;
    expect(list.length).toBeLessThanOrEqual(6);
    for (const r of list) {
      expect(r.at - e.at).toBeGreaterThanOrEqual(0);
      expect(r.at - e.at).toBeLessThanOrEqual(2 * HOUR);
      if (r.placed === 'right') expect(distance(r.place!, e.place)).toBeLessThanOrEqual(200);
      else if (r.place) expect(distance(r.place, e.place)).toBeGreaterThan(390);
      expect(r.text.length).toBeGreaterThan(8);
    }
  }
  const varied = many.filter((list) => new Set(list.map((r) => r.text)).size === list.length);
  expect(varied.length).toBeGreaterThan(many.length * 0.9);
  const near = made.truth.filter((e) => e.near && distance(e.place, made.truth[e.near - 1]!.place) < 450);
  expect(near.length).toBeGreaterThan(20);
  expect(eventDay(1, { events: 40 }).reports).toEqual(eventDay('1', { events: 40 }).reports);
});
