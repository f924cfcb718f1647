/**
 * Is the same event recognised? A synthetic day with truth (500 events, 40 % reported 2 to 6 times in other words and by other channels,
 * 30 % with a wrong or missing place) goes through the recogniser in order of time, beside a naive rule of place and time.
 *
 *   node --import tsx bench/events-same.ts [--out bench/results/events-same.json]
 *   node --import tsx bench/events-same.ts --fit      learns the weights anew from other days than those that are measured
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { assetsOf, type EventReport, eventDay, groundOf } from '@jingwei/synthcity';
import { parse } from 'yaml';
import { classify, readMatters } from '../hub/src/events/matters.ts';
import { Gazetteer, type Place } from '../hub/src/events/same/gazetteer.ts';
import { Recent } from '../hub/src/events/same/recent.ts';
import { type Feature, features, observe, type Reported, ready } from '../hub/src/events/same/score.ts';
import { weights } from '../hub/src/events/same/weights.ts';

/** Seeds that are measured, and seeds that were learnt from: never the same. */
const MEASURED = ['m-1', 'm-2', 'm-3', 'm-4', 'm-5'];
const LEARNT = ['l-1', 'l-2', 'l-3', 'l-4', 'l-5', 'l-6'];

const organisations = new Set(
  (
    parse(readFileSync('cities/cixi/organisations.yaml', 'utf8')) as { organisations: { id: string }[] }
  ).organisations.map((o) => o.id),
);
const { matters } = readMatters('matters', organisations);
const byId = new Map(matters.map((m) => [m.id, m]));

/** What the city's libraries know of a day's ground: roads, waters, villages, and four of five places (the fifth was never registered). */
function gazetteerOf(seed: string): Gazetteer {
  const g = groundOf(seed);
  const town = (zone: number) => g.towns[zone]!.code;
  const places: Place[] = [
    ...g.roads.map((r) => ({ name: r.name, kind: 'road' as const, town: town(r.zone), line: r.line })),
    ...g.rivers.map((r) => ({ name: r.name, kind: 'water' as const, town: null, line: r.line })),
    ...g.villages.map((v) => ({ name: v.name, kind: 'area' as const, town: town(v.zone), line: [v.at] })),
    ...assetsOf(g)
      .filter((_, i) => i % 5 !== 2)
      .map((a) => ({ name: a.name, kind: 'site' as const, town: town(a.zone), line: [a.at] })),
  ];
  return new Gazetteer(places, g.towns);
}

/** As the hub's door makes it: the class that the channel says, else the one that the words say. */
function reported(r: EventReport): Reported {
  const said = (r as { matter?: string }).matter;
  const matter = said && byId.has(said) ? said : (classify({ matters }, r.text)?.matter ?? null);
  return {
    ...{
      at: r.at,
      lon: r.place?.[0] ?? null,
      lat: r.place?.[1] ?? null,
      matter,
      group: byId.get(matter ?? '')?.group ?? null,
    },
    ...{ channel: r.channel, text: r.text, address: r.address ?? null },
  };
}

interface Scores {
  precision: number;
  recall: number;
  joined: number;
  rightlyJoined: number;
}

/** Pairs of reports that are put together, against pairs that belong together. */
function judge(truth: readonly number[], found: readonly number[]): Scores {
  const pairs = (groups: Map<string | number, number>) =>
    [...groups.values()].reduce((sum, n) => sum + (n * (n - 1)) / 2, 0);
  const count = (keys: readonly (string | number)[]) => {
    const map = new Map<string | number, number>();
    for (const k of keys) map.set(k, (map.get(k) ?? 0) + 1);
    return map;
  };
  const both = pairs(count(truth.map((t, i) => `${t}/${found[i]}`)));
  const first = new Map<number, number>();
  let joined = 0;
  let right = 0;
  found.forEach((f, i) => {
    const of = first.get(f);
    if (of === undefined) first.set(f, truth[i]!);
    else {
      joined += 1;
      if (of === truth[i]) right += 1;
    }
  });
  const put = pairs(count(found));
  return { precision: put ? both / put : 1, recall: both / pairs(count(truth)), joined, rightlyJoined: right };
}

/** The hub's recogniser. */
function own(reports: readonly EventReport[], gazetteer: Gazetteer): number[] {
  const recent = new Recent();
  recent.know(gazetteer);
  return reports.map((r, i) => {
    const given = reported(r);
    const best = recent.likely(given).find((l) => l.join);
    const event = best?.event ?? i + 1;
    recent.add(i + 1, event, given);
    return event;
  });
}

/** The obvious rule: the nearest report within so many metres and two hours, of the same class where both say one. */
function naive(reports: readonly EventReport[], within: number): number[] {
  const given = reports.map(reported);
  const found: number[] = [];
  given.forEach((r, i) => {
    let best = -1;
    let least = within;
    for (let j = i - 1; j >= 0 && r.at - given[j]!.at <= 2 * 3_600_000; j--) {
      const o = given[j]!;
      if (r.lon === null || o.lon === null || (r.matter && o.matter && r.matter !== o.matter)) continue;
      const d = Math.hypot((r.lon - o.lon) * 0.8645, r.lat! - o.lat!) * 111_320;
      if (d <= least) {
        least = d;
        best = j;
      }
    }
    found.push(best < 0 ? i + 1 : found[best]!);
  });
  return found;
}

/** Of pairs of different events so many are learnt from, weighed up again: there are many more of them. */
const SHARE = 0.3;
const STEPS = 500;

/** Logistic regression over pairs that the recogniser would look at, with a small ridge; pairs in flat arrays, features and values. */
function learn(): void {
  const index = new Map(features.map((f, i) => [f, i + 1]));
  const starts: number[] = [0];
  const which: number[] = [];
  const value: number[] = [];
  const y: number[] = [];
  const w: number[] = [];
  let n = 0;
  for (const seed of LEARNT) {
    const { reports } = eventDay(seed);
    const recent = new Recent();
    const gazetteer = gazetteerOf(seed);
    recent.know(gazetteer);
    reports.forEach((r, i) => {
      const given = reported(r);
      const mine = ready(given, gazetteer);
      for (const held of recent.near(mine)) {
        const same = reports[held.report - 1]!.truth === r.truth;
        // The same share whenever it is run.
        if (!same && (Math.imul(++n, 0x9e3779b1) >>> 0) / 2 ** 32 > SHARE) continue;
        which.push(0);
        value.push(1);
        for (const [name, { x }] of observe(held.own, mine, recent.rarity)) {
          which.push(index.get(name)!);
          value.push(x);
        }
        starts.push(which.length);
        y.push(same ? 1 : 0);
        w.push(same ? 1 : 1 / SHARE);
      }
      recent.add(i + 1, r.truth, given);
    });
  }
  const positives = y.filter(Boolean).length;
  console.log(`${y.length} pairs, ${positives} of one event`);
  const [I, V] = [Uint8Array.from(which), Float64Array.from(value)];
  const b = new Float64Array(features.length + 1);
  const m = new Float64Array(b.length);
  const v = new Float64Array(b.length);
  for (let step = 1; step <= STEPS; step++) {
    const g = new Float64Array(b.length);
    for (let r = 0; r < y.length; r++) {
      const [from, to] = [starts[r]!, starts[r + 1]!];
      let z = 0;
      for (let i = from; i < to; i++) z += b[I[i]!]! * V[i]!;
      const e = (1 / (1 + Math.exp(-z)) - y[r]!) * w[r]!;
      for (let i = from; i < to; i++) g[I[i]!]! += e * V[i]!;
    }
    const rate = step < STEPS / 2 ? 0.1 : 0.03;
    for (let i = 0; i < b.length; i++) {
      const grad = g[i]! / positives + (i ? 0.0005 * b[i]! : 0);
      m[i] = 0.9 * m[i]! + 0.1 * grad;
      v[i] = 0.999 * v[i]! + 0.001 * grad * grad;
      b[i]! -= (rate * (m[i]! / (1 - 0.9 ** step))) / (Math.sqrt(v[i]! / (1 - 0.999 ** step)) + 1e-8);
    }
  }
  const learnt: Record<string, number> = { bias: Math.round(b[0]! * 100) / 100 };
  for (const f of features) learnt[f] = Math.round(b[index.get(f)!]! * 100) / 100;
  console.log(JSON.stringify(learnt, null, 2));
  const out = process.argv.indexOf('--out');
  if (out > 0) writeFileSync(process.argv[out + 1]!, JSON.stringify(learnt));
  Object.assign(weights as Record<Feature | 'bias', number>, learnt);
  for (const seed of LEARNT) {
    const { reports } = eventDay(seed);
    const truth = reports.map((r) => r.truth);
    console.log(seed, judge(truth, own(reports, gazetteerOf(seed))));
  }
}

if (process.argv.includes('--fit')) learn();
else {
  const days = MEASURED.map((seed) => {
    const { reports, truth } = eventDay(seed);
    const said = reports.map((r) => r.truth);
    const gazetteer = gazetteerOf(seed);
    const start = performance.now();
    const mine = judge(said, own(reports, gazetteer));
    const ms = (performance.now() - start) / reports.length;
    const rules = Object.fromEntries([100, 200, 300].map((d) => [`within${d}m`, judge(said, naive(reports, d))]));
    const day = {
      seed,
      events: truth.length,
      reports: reports.length,
      msPerReport: Math.round(ms * 100) / 100,
      own: mine,
      naive: rules,
    };
    console.log(JSON.stringify(day));
    return day;
  });
  const out = process.argv.indexOf('--out');
  if (out > 0) {
    const machine = `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`;
    const mean = (of: (d: (typeof days)[number]) => number) =>
      Math.round((1000 * days.reduce((s, d) => s + of(d), 0)) / days.length) / 1000;
    const result = {
      bench: 'events-same',
      precision: mean((d) => d.own.precision),
      recall: mean((d) => d.own.recall),
      naive200m: {
        precision: mean((d) => d.naive.within200m!.precision),
        recall: mean((d) => d.naive.within200m!.recall),
      },
      at: new Date().toISOString(),
      machine,
      load: loadavg()[0],
      learntFrom: LEARNT,
      days,
    };
    writeFileSync(process.argv[out + 1]!, `${JSON.stringify(result, null, 2)}\n`);
  }
}
