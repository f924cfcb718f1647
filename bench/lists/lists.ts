/**
 * Measures a daily comparison list over 1.8 million people and 10 million records, and the verification of 12.23 million rows
 * against them, beside what DuckDB alone needs to load those rows from CSV. Everything is made in SQL from a seed, so that two
 * runs are of the same data.
 *
 *   node --import tsx bench/lists/lists.ts make <scratch folder>
 *   node --import tsx bench/lists/lists.ts list <scratch folder>         # each keeps its part of bench/results/lists.json
 *   node --import tsx bench/lists/lists.ts verify <scratch folder>
 */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { loadLists, runList } from '../../hub/src/libraries/lists/index.ts';
import { listTables } from '../../hub/src/libraries/lists/tables.ts';
import { compare } from '../../hub/src/libraries/verify/compare.ts';
import { stage } from '../../hub/src/libraries/verify/job.ts';
import { verifyTables } from '../../hub/src/libraries/verify/tables.ts';
import { systemClock } from '../../hub/src/platform/clock.ts';
import { type Lake, literal, openDuckDbLake, type StepTiming } from '../../hub/src/platform/lake/index.ts';
import { Vault } from '../../hub/src/platform/vault/index.ts';

const PEOPLE = 1_800_000;
const RECORDS = 10_000_000;
const ROWS = 12_230_000;

const [what, folder] = process.argv.slice(2);
if (!folder || !['make', 'list', 'verify'].includes(what!)) throw new Error('make|list|verify <scratch folder>');
mkdirSync(folder, { recursive: true });
const csv = join(folder, 'list.csv');

const open = (): Promise<Lake> =>
  openDuckDbLake({
    path: join(folder, 'lake.duckdb'),
    tempDirectory: join(folder, 'temp'),
    memoryMiB: 6144,
    threads: 2,
  });
const openVault = (lake: Lake) =>
  Vault.open({
    lake,
    keys: join(folder, 'keys'),
    audit: { append: async () => undefined } as never,
    clock: systemClock,
  });

/** A number below n out of a row's number and a salt below 64; one hash of both, since hashes of lists of values hang together. */
const draw = (i: string, salt: number, n: number) => `(hash((${i}) * 64 + ${salt}) % ${n})::INTEGER`;
const oneOf = (i: string, salt: number, words: string) =>
  `[${[...words].map((w) => `'${w}'`).join(', ')}][1 + ${draw(i, salt, words.length)}]`;
const name = (i: string) =>
  `${oneOf(i, 1, '王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗')} || ${oneOf(i, 2, '伟芳娜敏静丽强磊军洋勇艳杰涛明超兰霞平刚')} || ${oneOf(i, 3, '伟芳娜敏静丽强磊军洋勇艳杰涛明超兰霞平刚')}`;
const token = (i: string) => `'c~' || substr(translate(md5((${i})::VARCHAR), '0123456789', 'ghijklmnop'), 1, 26)`;
const birth = (i: string) => `DATE '1935-01-01' + ${draw(i, 4, 33_000)}`;
const town = (i: string) => `'330282' || lpad((2 + ${draw(i, 5, 20)})::VARCHAR, 3, '0')`;
const address = (i: string) =>
  `'慈溪市' || ${oneOf(i, 6, '甲乙丙丁戊己')} || '镇' || ${oneOf(i, 7, '东西南北中')} || '路' || ${draw(i, 8, 900)} || '号' || ${draw(i, 9, 60)} || '室'`;

async function make(): Promise<void> {
  rmSync(join(folder!, 'lake.duckdb'), { force: true });
  const lake = await open();
  const vault = await openVault(lake);
  await lake.define([
    ...listTables,
    ...verifyTables,
    'CREATE SCHEMA f',
    'CREATE SCHEMA raw',
    `CREATE TABLE f.person AS SELECT i::INTEGER + 1 AS entity, ${name('i')} AS name, ${token('i')} AS id_token,
       CASE ${draw('i', 10, 2)} WHEN 0 THEN '男' ELSE '女' END AS sex, ${birth('i')} AS birth,
       CASE WHEN ${draw('i', 11, 100)} = 0 THEN '死亡' WHEN ${draw('i', 12, 100)} = 0 THEN '迁出' ELSE '正常' END AS status,
       ${town('i')} AS division, ${address('i')} AS address FROM range(${PEOPLE}) t(i)`,
    `CREATE TABLE f.record AS SELECT 1 + ${draw('i', 20, PEOPLE)} AS entity, ${draw('i', 21, 8)} AS kind,
       DATE '2024-01-01' + ${draw('i', 22, 1000)} AS day FROM range(${RECORDS}) t(i)`,
    'CREATE VIEW v.person_v1 AS FROM f.person',
    'CREATE VIEW v.record_v1 AS FROM f.record',
    `INSERT INTO vault.value SELECT id_token, 'citizen-id', id_token, '***', 'ok', NULL, NULL, NULL FROM f.person`,
    // One in twenty has no number, one in a hundred one that nobody knows; names, days and addresses differ now and then.
    `COPY (SELECT i + 1 AS _row,
         CASE WHEN ${draw('i', 30, 20)} = 0 THEN NULL WHEN ${draw('i', 31, 100)} = 0 THEN ${token('-i')} ELSE p.id_token END AS id_no,
         CASE WHEN ${draw('i', 32, 50)} = 0 THEN '某' || p.name ELSE p.name END AS nm,
         CASE WHEN ${draw('i', 33, 100)} = 0 THEN p.birth + 1 ELSE p.birth END AS birth_dt, p.sex AS sex,
         CASE WHEN ${draw('i', 34, 30)} = 0 THEN p.address || '附' ELSE '浙江省宁波市' || p.address END AS addr
       FROM range(${ROWS}) t(i) JOIN f.person p ON p.entity = 1 + ${draw('i', 35, PEOPLE)} ORDER BY i)
     TO ${literal(csv)} (FORMAT csv, HEADER)`,
    'CHECKPOINT',
  ]);
  await vault.close();
  await lake.close();
}

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
  // Everybody should, so that all 1.8 million are compared and most of the work is on the list itself.
  'who.sql': `SELECT entity, division, '近一年未体检' AS reason, $day::DATE AS due FROM v.person_v1 WHERE status <> '死亡'`,
  'done.sql': `SELECT entity FROM v.record_v1 WHERE kind < 4 AND day > $day::DATE - INTERVAL 365 DAY AND day <= $day::DATE`,
  'except.sql': `SELECT entity FROM v.person_v1 WHERE status = '迁出'`,
};

async function seconds<T>(work: () => Promise<T>): Promise<[number, T]> {
  const start = performance.now();
  const answer = await work();
  return [Math.round(performance.now() - start) / 1000, answer];
}

/** Keeps a part of the results beside the others. */
function keep(part: Record<string, unknown>): void {
  const file = new URL('../results/lists.json', import.meta.url);
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>) : {};
  const machine = { cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30) };
  const results = { ...before, day: new Date().toISOString().slice(0, 10), machine, ...part };
  process.stdout.write(`${JSON.stringify(part, null, 2)}\n`);
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}
const told = (s: StepTiming) => void process.stdout.write(`${(s.ms / 1000).toFixed(2)} s  ${s.name}\n`);
/** One-minute load of the machine before the work, since others may be at work on it. */
const load = () => Math.round(loadavg()[0]! * 10) / 10;

async function measureList(): Promise<void> {
  const lake = await open();
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
  const ports = { lake, clock: systemClock, onStep: told };
  const [firstDaySeconds, first] = await seconds(() => runList(ports, list, '2026-03-01'));
  const [dailySeconds, second] = await seconds(() => runList(ports, list, '2026-03-02'));
  const counts = {
    firstDayMembers: first.members,
    members: second.members,
    fresh: second.fresh,
    done: second.endedDone,
  };
  keep({
    list: {
      people: PEOPLE,
      records: RECORDS,
      ...counts,
      firstDaySeconds,
      dailySeconds,
      targetSeconds: 10,
      loadAverage,
    },
  });
  await lake.close();
}

async function measureVerify(): Promise<void> {
  const lake = await open();
  const vault = await openVault(lake);
  const loadAverage = load();
  // The yardstick: the rows into a plain table, by DuckDB alone.
  const sql = `CREATE OR REPLACE TABLE raw.list AS SELECT * FROM read_csv(${literal(csv)}, header = true, all_varchar = true)`;
  const [loadSeconds] = await seconds(() => lake.session((s) => s.run(sql)));
  told({ name: 'plain load', ms: loadSeconds * 1000, rows: ROWS });
  const [verifySeconds, counts] = await seconds(() =>
    lake.write('verify', async (s) => {
      const rows =
        'SELECT _row::INTEGER AS row, id_no AS number, nm AS name, birth_dt AS day, sex AS other, addr AS address FROM raw.list';
      const [staged] = await seconds(() => stage({ vault }, s, 'person', rows));
      told({ name: 'stage', ms: staged * 1000, rows: ROWS });
      return compare(s, 1, 'person', told);
    }),
  );
  const ratio = Math.round((verifySeconds / loadSeconds) * 100) / 100;
  const file = { rows: ROWS, csvMiB: Math.round(statSync(csv).size / 2 ** 20) };
  const peakMemoryMiB = Math.round(process.resourceUsage().maxRSS / 1024);
  keep({
    verification: { ...file, loadSeconds, verifySeconds, ratio, targetRatio: 3, loadAverage, peakMemoryMiB, counts },
  });
  await vault.close();
  await lake.close();
}

await (what === 'make' ? make() : what === 'list' ? measureList() : measureVerify());
