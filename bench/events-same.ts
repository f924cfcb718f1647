/**
 * Is the same event recognised? A synthetic day with truth (500 events, 40 % reported 2 to 6 times in other words and by other channels,
 * 30 % with a wrong or missing place) goes through the recogniser in order of time, beside a naive rule of place and time.
 *
 *   node --import tsx bench/events-same.ts [--out bench/results/events-same.json]
 *   node --import tsx bench/events-same.ts --fresh    five more days, for a last look
 *   node --import tsx bench/events-same.ts --fit      learns model.json anew (events-same-fit.ts) from other days than those that are measured
 */
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { type EventReport, eventDay } from '@jingwei/synthcity';
import { Recent } from '../hub/src/events/same/recent.ts';
import { model } from '../hub/src/events/same/score.ts';
import { cityOf, judge, reported } from './events-same-days.ts';
import { learn } from './events-same-fit.ts';

/** Seeds that are measured: never those that were learnt from. */
const MEASURED = ['m-1', 'm-2', 'm-3', 'm-4', 'm-5'];
const FRESH = ['f-1', 'f-2', 'f-3', 'f-4', 'f-5'];

/** The hub's recogniser. */
function own(reports: readonly EventReport[], city: ReturnType<typeof cityOf>): number[] {
  const recent = new Recent();
  recent.know(city);
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

if (process.argv.includes('--fit')) learn();
else {
  const days = (process.argv.includes('--fresh') ? FRESH : MEASURED).map((seed) => {
    const { reports, truth } = eventDay(seed);
    const said = reports.map((r) => r.truth);
    const city = cityOf(seed);
    const used = process.cpuUsage();
    const start = performance.now();
    const mine = judge(said, own(reports, city));
    const ms = (performance.now() - start) / reports.length;
    const { user, system } = process.cpuUsage(used);
    const rules = Object.fromEntries([100, 200, 300].map((d) => [`within${d}m`, judge(said, naive(reports, d))]));
    const day = {
      seed,
      events: truth.length,
      reports: reports.length,
      msPerReport: Math.round(ms * 100) / 100,
      cpuMsPerReport: Math.round((user + system) / 10 / reports.length) / 100,
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
      learnt: model.learnt,
      days,
    };
    writeFileSync(process.argv[out + 1]!, `${JSON.stringify(result, null, 2)}\n`);
  }
}
