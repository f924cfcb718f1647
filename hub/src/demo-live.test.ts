import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { liveCity } from '@jingwei/synthcity';
import { afterAll, expect, test } from 'vitest';
import { batchOf, camerasOf, dueOf, entitiesOf, windowsOf } from './demo-live.ts';
import { LiveScenes } from './demo-live-scenes.ts';
import { demoPerson } from './demo-sharing.ts';
import type { AuditEntry, Deps } from './platform/room.ts';
import { checkCode } from './sensing/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'jingwei-demo-live-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const city = liveCity(1);
const DAY = 86_400_000;

test('every series of the city is registered once, with its unit, bounds, interval, owner and place', () => {
  const entities = entitiesOf(city);
  expect(entities.reduce((n, e) => n + e.properties.length, 0)).toBe(city.series.length);
  expect(new Set(entities.map((e) => e.id)).size).toBe(entities.length);
  for (const e of entities) {
    expect(e.id.startsWith(`urn:ngsi-ld:${e.type}:`)).toBe(true);
    expect(e.place).not.toBeNull();
    for (const p of e.properties) expect(p.least!).toBeLessThan(p.most!);
  }
});

test('cameras of the directory have codes of their own that are a network camera’s, stand in the city and have no stream', () => {
  const cameras = camerasOf(city);
  expect(cameras.length).toBeGreaterThan(20);
  expect(new Set(cameras.map((c) => c.code)).size).toBe(cameras.length);
  for (const c of cameras) {
    expect(c.code).toMatch(/^33028200001320\d{6}$/);
    expect(() => checkCode(c.code)).not.toThrow();
    expect(c).not.toHaveProperty('stream');
  }
});

test('the windows of a history follow each other without gap or overlap, the last day finely', () => {
  const to = Date.UTC(2026, 10, 21, 9, 3);
  const windows = windowsOf(to - 15 * DAY, to, false);
  expect(windows[0]![0]).toBe(to - 15 * DAY);
  expect(windows.at(-1)![1]).toBe(to);
  for (const [i, w] of windows.entries()) if (i > 0) expect(w[0]).toBe(windows[i - 1]![1]);
  expect(windows.filter((w) => w[2] < 3_600_000).every((w) => w[0] >= to - DAY)).toBe(true);
  expect(windowsOf(to - 3_600_000, to, false)).toEqual([[to - 3_600_000, to, 300_000]]);
});

test('each series is due once in its interval, whatever the rounds', () => {
  const begin = Date.UTC(2026, 10, 21);
  const times = new Map<number, number>();
  for (let at = begin; at < begin + 3_600_000; at += 10_000)
    for (const s of dueOf(city, at, at + 10_000, 1)) times.set(s, (times.get(s) ?? 0) + 1);
  for (const s of city.series) expect(times.get(s.number)).toBe(3600 / city.stations[s.station]!.period);
  const batch = JSON.parse(batchOf(city, city.readings({ from: begin, to: begin + 1, step: 1000, series: [3, 4] })));
  expect(batch.series[0]).toBe(`${city.series[3]!.entity}#${city.series[3]!.property}`);
  expect(batch.at).toEqual([begin, begin]);
});

test('a scene is played once at a time, told as an exercise, audited, kept over a restart and ended', async () => {
  const entries: AuditEntry[] = [];
  let now = Date.UTC(2026, 10, 20, 2);
  const deps = {
    folders: { data: folder },
    clock: { now: () => new Date(now) },
    audit: { append: async (e: AuditEntry) => void entries.push(e) },
  } as unknown as Deps;
  const who = demoPerson('duty');
  const scenes = new LiveScenes(deps, () => city);
  expect(scenes.city()).toBe(city);
  await scenes.play('typhoon', { strength: 1 }, who);
  await expect(scenes.play('typhoon', { strength: 1 }, who)).rejects.toMatchObject({ kind: { code: 'demo.playing' } });
  const again = new LiveScenes(deps, () => city);
  const shown = again.shown().scenes.find((s) => s.scene === 'typhoon')!;
  expect(shown).toMatchObject({ exercise: true, playing: true, by: 'duty' });
  expect(shown.script.map((s) => s.kind)).toContain('power-cut');
  const wind = city.series.find((s) => s.property === 'windSpeed')!.number;
  now += 3_600_000;
  expect(again.city().trueValue(wind, now)).toBeGreaterThan(city.trueValue(wind, now) + 8);
  await again.end('typhoon', who);
  expect(again.shown().scenes.every((s) => !s.playing)).toBe(true);
  expect(entries.map((e) => [e.action, e.detail?.exercise])).toEqual([
    ['demo.scene.play', true],
    ['demo.scene.end', true],
  ]);
});
