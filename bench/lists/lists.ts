/**
 * Measures a daily comparison list over 1.8 million people and 10 million records, and the verification of 12.23 million rows
 * against them from the department's file to the kept outcomes, beside what DuckDB alone needs for the same question and to
 * load the same file.
 *
 *   node --import tsx bench/lists/lists.ts all <scratch folder>          # makes the data, runs both, keeps bench/results/lists.json
 *   node --import tsx bench/lists/lists.ts make|list|verify <scratch folder>
 *   … --people N --records N --rows N                                    # other sizes: nothing is kept
 */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadLists, runList } from '../../hub/src/libraries/lists/index.ts';
import { compare, stageFile } from '../../hub/src/libraries/verify/index.ts';

import { systemClock } from '../../hub/src/platform/clock.ts';
import { literal, type StepTiming } from '../../hub/src/platform/lake/index.ts';
import { listFile, make, openLake, openVault } from './data.ts';

const FULL = { people: 1_800_000, records: 10_000_000, rows: 12_230_000 };

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { people: { type: 'string' }, records: { type: 'string' }, rows: { type: 'string' } },
});
const [what, folder] = positionals;
if (!folder || !['all', 'make', 'list', 'verify'].includes(what!))
  throw new Error('all|make|list|verify <scratch folder>');
const number = (name: keyof typeof FULL) => Number(values[name] ?? FULL[name]);
const sizes = { people: number('people'), records: number('records'), rows: number('rows') };
const full = Object.keys(FULL).every((k) => sizes[k as keyof typeof FULL] === FULL[k as keyof typeof FULL]);

const lists = {
  'list.yaml': `id: bench
title: { zh: 应检未检, en: Unchecked }
purpose: { zh: 测量, en: Measurement }
ground: { zh: 测量, en: Measurement }
owner: wjj
subject: person
cadence: daily
level: general
entitled: { town: all }
`,
  // Everybody should, so that all people are compared and most of the work is on the list itself.
  'who.sql': `SELECT entity, division, '近一年未体检' AS reason, $day::DATE AS due FROM v.person_v1 WHERE status <> '死亡'`,
  'done.sql': `SELECT m.entity FROM v.base_mention_v1 m
    WHERE m.library = 1 AND m.class = 7 AND m.entity IS NOT NULL AND m.closed_run IS NULL
      AND m.day > $day::DATE - INTERVAL 365 DAY AND m.day <= $day::DATE`,
  'except.sql': `SELECT entity FROM v.person_v1 WHERE status = '迁出'`,
};

/** Seconds by the clock and of the processor that work takes. */
interface Spent {
  seconds: number;
  cpuSeconds: number;
}
async function spent<T>(work: () => Promise<T>): Promise<[Spent, T]> {
  const start = performance.now();
  const before = process.cpuUsage();
  const answer = await work();
  const used = process.cpuUsage(before);
  const round = (ms: number) => Math.round(ms) / 1000;
  return [{ seconds: round(performance.now() - start), cpuSeconds: round((used.user + used.system) / 1000) }, answer];
}

/** Keeps a part of the results beside the others, when it is of the full size. */
function keep(part: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(part, null, 2)}\n`);
  if (!full) return;
  const file = new URL('../results/lists.json', import.meta.url);
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>) : {};
  const machine = { cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30) };
  const results = { ...before, day: new Date().toISOString().slice(0, 10), machine, ...part };
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}
let since = process.cpuUsage();
const told = (s: StepTiming) => {
  const { user, system } = process.cpuUsage(since);
  since = process.cpuUsage();
  const cpu = ((user + system) / 1e6).toFixed(2);
  process.stdout.write(`${(s.ms / 1000).toFixed(2)} s (cpu ${cpu})  ${s.name}\n`);
};
/** One-minute load of the machine before the work, since others may be at work on it. */
const load = () => Math.round(loadavg()[0]! * 10) / 10;
const ratio = (a: number, b: number) => Math.round((a / b) * 100) / 100;

async function measureList(): Promise<void> {
  const lake = await openLake(folder!);
  const at = join(folder!, 'lists');
  mkdirSync(join(at, 'bench'), { recursive: true });
  for (const [file, text] of Object.entries(lists)) writeFileSync(join(at, 'bench', file), text);
  const { lists: loaded, problems } = await loadLists(at, lake, new Set(['wjj']));
  if (problems.length) throw problems[0]!;
  const list = loaded.get('bench')!;
  await lake.define([
    'DELETE FROM lst.run; DELETE FROM lst.member; DELETE FROM lst.ended; DELETE FROM lst.split',
    'CHECKPOINT',
  ]);
  const loadAverage = load();
  // The yardstick: the question alone, asked once, nothing compared with yesterday and nothing kept.
  const [plain] = await spent(() =>
    lake.first(
      `SELECT count(*) FROM (FROM (${list.who.sql}) ANTI JOIN (${list.done.sql}) USING (entity)) ANTI JOIN (${list.except!.sql}) USING (entity)`,
      { day: '2026-03-01' },
    ),
  );
  told({ name: 'the question alone', ms: plain.seconds * 1000, rows: 0 });
  const ports = { lake, clock: systemClock, onStep: told };
  const [firstDay, first] = await spent(() => runList(ports, list, '2026-03-01'));
  told({ name: '--- first day', ms: firstDay.seconds * 1000, rows: 0 });
  const [daily, second] = await spent(() => runList(ports, list, '2026-03-02'));
  told({ name: '--- second day', ms: daily.seconds * 1000, rows: 0 });
  const changed = {
    firstDayMembers: first.members,
    members: second.members,
    fresh: second.fresh,
    done: second.endedDone,
  };
  keep({
    list: {
      ...{ people: sizes.people, records: sizes.records, ...changed, plain, firstDay, daily, targetSeconds: 10 },
      ...{ cpuRatioToPlain: ratio(daily.cpuSeconds, plain.cpuSeconds), loadAverage },
    },
  });
  await lake.close();
}

async function measureVerify(): Promise<void> {
  const lake = await openLake(folder!);
  const vault = await openVault(lake, folder!);
  const csv = listFile(folder!);
  const loadAverage = load();
  // The yardstick: the file into a plain table, by DuckDB alone.
  const plainSql = `CREATE OR REPLACE TABLE raw.list AS SELECT * FROM read_csv(${literal(csv)})`;
  const [plain] = await spent(() => lake.session((s) => s.run(plainSql)));
  told({ name: 'plain load', ms: plain.seconds * 1000, rows: 0 });
  await lake.define(['DROP TABLE raw.list', 'CHECKPOINT']);
  const [verified, counts] = await spent(() =>
    lake.write('verify', async (s) => {
      await stageFile({ vault }, s, { subject: 'person', columns: {} }, csv, told);
      return compare(s, 1, 'person', told);
    }),
  );
  const peakMemoryMiB = Math.round(process.resourceUsage().maxRSS / 1024);
  keep({
    verification: {
      ...{
        rows: counts.received,
        csvMiB: Math.round(statSync(csv).size / 2 ** 20),
        people: sizes.people,
        plain,
        verified,
      },
      ...{ ratio: ratio(verified.seconds, plain.seconds), cpuRatio: ratio(verified.cpuSeconds, plain.cpuSeconds) },
      ...{ targetRatio: 3, loadAverage, peakMemoryMiB, counts },
    },
  });
  await vault.close();
  await lake.close();
}

if (what === 'all' || what === 'make') await make(folder, sizes);
if (what === 'all' || what === 'list') await measureList();
if (what === 'all' || what === 'verify') await measureVerify();
