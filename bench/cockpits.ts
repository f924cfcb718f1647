/**
 * What live cockpits cost: 158 scenarios with 1,500 indicators are defined, 20 are open; 1,000 readings a second touch 100 indicators (80 folds
 * in memory, 20 statements over readings). Measured: processor time of the whole process (readings made, topics found, figures computed,
 * texts of JSON made for every viewer), figures computed that nothing touched (must be none), and from reading to the viewer's text.
 *
 *   node --import tsx bench/cockpits.ts [seconds]
 */
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Figures } from '../hub/src/cockpits/engine.ts';
import { Exercises } from '../hub/src/cockpits/exercises.ts';
import { Feeds } from '../hub/src/cockpits/feeds.ts';
import { SensedNewest } from '../hub/src/cockpits/live.ts';
import type { Measure, Scenario } from '../hub/src/cockpits/load.ts';
import { Bus } from '../hub/src/platform/bus/index.ts';
import { openDuckDbLake } from '../hub/src/platform/lake/index.ts';
import { silentLogger } from '../hub/src/platform/log/index.ts';
import { type Point, readingsKept, type Sensing } from '../hub/src/sensing/index.ts';

const seconds = Number(process.argv[2] ?? 30);
const [SCENARIOS, INDICATORS, OPEN, SERIES, PER_SECOND, LIVE, SQL] = [158, 1500, 20, 20_000, 1000, 80, 20];
const TOPICS = 40;
/** Topics that the readings of the bench belong to; indicators over the others must stay untouched. */
const HOT = 10;

const lake = await openDuckDbLake({ path: ':memory:' });
await lake.define([
  'CREATE SCHEMA v',
  'CREATE SCHEMA f',
  `CREATE TABLE f.latest AS SELECT i + 1 AS series, now()::TIMESTAMP AS at, random() * 100 AS value FROM range(${SERIES}) t(i)`,
  'CREATE VIEW v.latest_v1 AS FROM f.latest',
  'CREATE TABLE f.firm AS SELECT i AS entity, (i % 24)::VARCHAR AS town FROM range(100000) t(i)',
  'CREATE VIEW v.firm_v1 AS FROM f.firm',
]);

const topicOf = (series: number) => `Type${series % TOPICS}.value`;
const newest = new Map<number, Point>();
const at0 = Date.now();
for (let n = 1; n <= SERIES; n++) newest.set(n, { at: at0, value: n % 100 });
const book = {
  size: SERIES,
  get: (n: number) => ({
    number: n,
    entity: `urn:ngsi-ld:Type${n % TOPICS}:${n}`,
    type: `Type${n % TOPICS}`,
    property: 'value',
  }),
  find: () => undefined,
  select: ({ type }: { type?: string }) =>
    Array.from({ length: SERIES }, (_, i) => i + 1)
      .filter((n) => `Type${n % TOPICS}` === type)
      .map((n) => ({ number: n, entity: `urn:ngsi-ld:${type}:${n}` })),
};
const sensing = { book, latest: (n: number) => newest.get(n) } as unknown as Sensing;

const scenarios: Scenario[] = [];
let made = 0;
for (let s = 0; s < SCENARIOS; s++) {
  const measures = new Map<string, Measure>();
  const mine = Math.round((INDICATORS * (s + 1)) / SCENARIOS) - made;
  for (let i = 0; i < mine; i++, made++) {
    const key = `s${s}/i${i}`;
    // The first hundred are touched by the readings; they stand in the cockpits that are open.
    const live = made < LIVE;
    const statement = made < LIVE + SQL && !live;
    const cold = !live && !statement;
    const declared = {
      ...{ id: `i${i}`, kind: 'value', title: { zh: '指标', en: 'indicator' }, digits: 0, as: 'number', seconds: 10 },
      ...(live ? { live: { topic: topicOf(made % HOT), fold: 'mean', fresh: 3600 } } : {}),
    } as unknown as Measure['declared'];
    const sql = cold
      ? `SELECT count(*) AS value FROM v.firm_v1 WHERE town = '${made % 24}'`
      : `SELECT avg(value) AS value FROM v.latest_v1 WHERE series % ${TOPICS} = ${made % HOT}`;
    const views = cold ? ['v.firm_v1'] : ['v.latest_v1'];
    measures.set(`i${i}`, {
      ...{
        key,
        scenario: `s${s}`,
        declared,
        guarded: false,
        permissions: [],
        records: null,
        refresh: cold ? 3600 : 60,
      },
      statement: live
        ? null
        : { sql, text: sql, views, missing: [], timed: false, reads: new Set(), columns: ['value'] },
      depends: cold ? (made % 3 === 0 ? [topicOf(HOT + (made % (TOPICS - HOT)))] : views) : [topicOf(made % HOT)],
    });
  }
  scenarios.push({ id: `s${s}`, measures } as unknown as Scenario);
}

const fresh = new SensedNewest(sensing);
const figures = new Figures({
  ...{ lake, clock: { now: () => new Date() }, log: silentLogger(), leastCell: 3, newest: () => fresh },
  ...{
    division: () => undefined,
    freshness: () => null,
    exercised: () => false,
    computed: (m) => void times.set(m.key, (times.get(m.key) ?? 0) + 1),
  },
});
const times = new Map<string, number>();
figures.take(scenarios);
const bus = new Bus(() => {});
const feeds = new Feeds(
  { bus, lake, log: silentLogger() },
  figures,
  () => sensing,
  new Exercises(),
  () => {},
);
feeds.start(() => {});

// Twenty cockpits are open; every viewer makes the text that is sent.
const delays: number[] = [];
let lastReading = performance.now();
let bytes = 0;
for (let s = 0; s < OPEN; s++)
  figures.watch(
    [...scenarios[s]!.measures.values()].map((m) => m.key),
    (key) => {
      bytes += JSON.stringify(figures.result(key)).length;
      delays.push(performance.now() - lastReading);
    },
  );
await figures.settle([...figures.all()].map((m) => m.key));
figures.start();
times.clear();
delays.length = 0;
bytes = 0;

const before = process.cpuUsage();
const begun = performance.now();
let readings = 0;
while (performance.now() - begun < seconds * 1000) {
  // A tenth of a second's readings in one batch, as sensing emits them.
  const n = PER_SECOND / 10;
  const batch = {
    sequence: readings + 1,
    series: new Int32Array(n),
    at: new Float64Array(n),
    value: new Float64Array(n),
    flag: new Uint8Array(n),
  };
  for (let i = 0; i < n; i++) {
    let series = 1 + Math.floor(Math.random() * SERIES);
    series += (series % HOT) - (series % TOPICS);
    if (series < 1) series += TOPICS;
    batch.series[i] = series;
    batch.at[i] = Date.now();
    batch.value[i] = Math.random() * 100;
    newest.set(series, { at: batch.at[i]!, value: batch.value[i]! });
  }
  readings += n;
  lastReading = performance.now();
  await bus.emit(readingsKept, batch);
  await new Promise((resolve) =>
    setTimeout(resolve, Math.max(0, begun + (readings / PER_SECOND) * 1000 - performance.now())),
  );
}
const took = (performance.now() - begun) / 1000;
const used = process.cpuUsage(before);
const processor = (used.user + used.system) / 1e6;
const hot = new Set(
  scenarios
    .flatMap((s) => [...s.measures.values()])
    .filter((m) => m.depends.some((d) => Number(/^Type(\d+)/.exec(d)?.[1] ?? 99) < HOT))
    .map((m) => m.key),
);
const outside = [...times].filter(([key]) => !hot.has(key)).reduce((n, [, c]) => n + c, 0);
delays.sort((a, b) => a - b);
const results = {
  ...{
    at: new Date().toISOString(),
    machine: `${cpus().length} × ${cpus()[0]?.model}`,
    loadBeside: loadavg().map((l) => Math.round(l * 10) / 10),
  },
  ...{ clock: 'wall clock; processor: user and system time of the process', seconds: Math.round(took) },
  ...{ scenarios: SCENARIOS, indicators: INDICATORS, open: OPEN, readings, touchedIndicators: hot.size },
  computations: [...times.values()].reduce((a, b) => a + b, 0),
  computationsOfUntouched: outside,
  ...{
    processorSeconds: Math.round(processor * 100) / 100,
    shareOfOneCore: Math.round((processor / took) * 1000) / 1000,
    bytesTold: bytes,
  },
};
console.log(JSON.stringify(results, null, 2));
writeFileSync(
  fileURLToPath(new URL('./results/cockpits.json', import.meta.url)),
  `${JSON.stringify(results, null, 2)}\n`,
);
await feeds.stop();
await figures.stop();
await lake.close();
