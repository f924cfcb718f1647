/**
 * Scoring, warnings and measures over a big lake. The lake is made by SQL: every declared class with its real fields, monthly
 * classes with fifteen months of records for each enterprise, the others with a record for three in ten.
 *
 *   node --import tsx bench/score/score.ts --file <lake.duckdb> [--enterprises 300000] [--make]
 *
 * `--make` makes the file; without it an existing one is measured. Prints one JSON line; the yardstick is one plain pass of
 * the engine over every fact that the model reads (count and newest day by enterprise and class), in the same run.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { readAnalysis } from '../../hub/src/credit/analysis/declare.ts';
import { analysisTables, measure } from '../../hub/src/credit/analysis/measure.ts';
import { defineViews } from '../../hub/src/credit/fixture.ts';
import { readModel } from '../../hub/src/credit/score/model.ts';
import { scoreRun } from '../../hub/src/credit/score/run.ts';
import { scoreTables } from '../../hub/src/credit/score/tables.ts';
import { type Lake, literal, openDuckDbLake } from '../../hub/src/platform/lake/index.ts';

const { values: options } = parseArgs({
  options: {
    file: { type: 'string' },
    enterprises: { type: 'string', default: '300000' },
    make: { type: 'boolean', default: false },
  },
});
if (!options.file) throw new Error('--file is needed');
const N = Number(options.enterprises);
const DAY = '2026-11-20';

interface Field {
  name: string;
  type: string;
  title: { zh: string; en: string };
  fact?: string;
}
interface Source {
  id: string;
  number: number;
  owner: string;
  category: string;
  cadence: string;
  title: { zh: string; en: string };
  fields: Field[];
}

/** Values that the model's conditions ask for, by field; every other text is filler. */
const WORDS: Record<string, string[]> = {
  tax_credit_level: ['A', 'B', 'M', 'C', 'D'],
  stat: ['有效', '非正常', '执行中', '现势', '已缴清', '停供', '已解除'],
  party_role: ['被告', '原告'],
  executed_perfor: ['全部未履行', '全部已履行'],
  cmnt_lvel: ['A', 'B', 'C', 'D', 'E'],
  is_over: ['0', '1'],
  mend_stat: ['已整改', '逾期未改'],
  insp_result: ['合格', '责令改正'],
  type: ['有效', '注销'],
  inclu_reason: ['通过登记的住所无法联系', '未在规定期限公示年度报告'],
};

function value(f: Field, n: number): string {
  if (WORDS[f.name])
    return `list_extract([${WORDS[f.name]!.map(literal).join(', ')}], 1 + CAST(hash(e, k, ${n}) % ${WORDS[f.name]!.length} AS INTEGER))`;
  if (f.fact === 'date') return 'CAST(day AS VARCHAR)';
  if (f.type === 'date') return `CASE WHEN hash(e, k, ${n}) % 3 = 0 THEN '' ELSE CAST(day + 700 AS VARCHAR) END`;
  if (f.name === 'annual_year') return 'CAST(2021 + k % 5 AS VARCHAR)';
  if (f.type === 'integer') return `CAST(hash(e, k, ${n}) % 100 AS VARCHAR)`;
  if (f.type === 'decimal') return `CAST(hash(e, k, ${n}) % 1000000 AS VARCHAR) || '.50'`;
  return `'文' || e || '号' || k`;
}

async function make(lake: Lake, sources: readonly Source[]): Promise<void> {
  await defineViews(lake);
  await lake.define([
    `INSERT INTO fx.legal_person_v1 BY NAME SELECT e AS entity, '企业' || e AS name, CASE hash(e, 1) % 12 WHEN 0 THEN '注销' WHEN 1 THEN '吊销' ELSE '存续' END AS status,
       (hash(e, 2) % 5000)::DECIMAL(18,2) AS capital, '人民币' AS currency, DATE '1995-01-01' + (hash(e, 3) % 11000)::INTEGER AS established,
       '3302821' || lpad((hash(e, 4) % 24)::VARCHAR, 2, '0') AS division, (1300 + hash(e, 5) % 8000)::VARCHAR AS industry, 120 AS facts
     FROM range(1, ${N + 1}) r(e)`,
    `INSERT INTO fx.legal_person_relation_v1 BY NAME SELECT e AS entity, list_extract(['shareholder', 'legal-representative', 'executive', 'guarantee'], 1 + k::INTEGER) AS kind,
       CASE WHEN k < 3 THEN '人' || hash(e, k) % ${N * 2} END AS person_name, CASE WHEN k < 3 THEN 'c~' || hash(e, k) % ${N * 2} END AS person_token,
       CASE WHEN k = 3 AND e % 10 = 0 THEN 1 + (hash(e, 7) % ${N})::INTEGER END AS other_entity, 30 AS share, 3 AS class, e AS fact
     FROM range(1, ${N + 1}) r(e), range(4) s(k)`,
    ...sources.flatMap((s) => [
      `INSERT INTO fx.class_v1 VALUES (${s.number}, ${literal(s.id)}, ${literal(s.owner)}, ${literal(s.category)}, ${literal(s.title.zh)}, ${literal(s.title.en)}, 'general', 'legal-person', 50)`,
      `INSERT INTO fx.refined_run_v1 (run, source, class, version) VALUES (${s.number}, ${literal(s.id)}, ${s.number}, 1)`,
      `INSERT INTO fx.class_field_v1 (class, version, position, name, title_zh, title_en, type, protection) VALUES ${s.fields
        .map((f, n) => `(${s.number}, 1, ${n + 1}, ${literal(f.name)}, '', '', ${literal(f.type)}, 'public')`)
        .join(', ')}`,
    ]),
  ]);
  const slice = 25_000;
  for (let low = 1; low <= N; low += slice) {
    const high = Math.min(N + 1, low + slice);
    // Class by class into a temporary table, then sorted as the libraries sort.
    await lake.session(async (s) => {
      await s.run('CREATE TEMP TABLE part (entity INTEGER, class SMALLINT, day DATE, fact BIGINT, payload VARCHAR)');
      for (const one of sources) {
        const monthly =
          one.cadence === 'monthly' && ['tax', 'social-insurance', 'utility', 'operation'].includes(one.category);
        const rows = monthly
          ? `range(${low}, ${high}) r(e), range(15) t(k) WHERE hash(e, ${one.number}) % 10 < 6`
          : `range(${low}, ${high}) r(e), range(1) t(k) WHERE hash(e, ${one.number}) % 10 < 3`;
        const day = monthly
          ? `date_trunc('month', DATE '${DAY}' - to_months(k::INTEGER))::DATE`
          : `DATE '${DAY}' - (hash(e, ${one.number}, 2) % 1500)::INTEGER`;
        await s.run(`INSERT INTO part SELECT e, ${one.number}, day, (${one.number}::BIGINT << 32) | (e * 16 + k),
          concat_ws(chr(31), ${one.fields.map(value).join(', ')}) FROM (SELECT e, k, ${day} AS day FROM ${rows})`);
      }
      await s.run(`INSERT INTO fx.legal_person_fact_all_v1 BY NAME SELECT entity, class, day, fact, payload, class::INTEGER AS run
        FROM part ORDER BY entity, class, day`);
    });
    process.stderr.write(`\renterprises ${high - 1} `);
  }
  await lake.define(['CHECKPOINT']);
  process.stderr.write('\n');
}

const sources = readdirSync('sources').flatMap((owner) =>
  readdirSync(join('sources', owner)).map(
    (resource) => parse(readFileSync(join('sources', owner, resource, 'source.yaml'), 'utf8')) as Source,
  ),
);
const lake = await openDuckDbLake({
  path: options.file,
  memoryMiB: 4096,
  threads: 2,
  tempDirectory: `${options.file}.temp`,
});
if (options.make) await make(lake, sources);
await lake.define([...scoreTables, ...analysisTables]);
const { model, problems } = readModel('scoring/enterprise-credit', 'scoring/enterprise-credit');
if (!model) throw problems[0];

/** Seconds of some work, by the clock and of the processor. */
async function timed<T>(work: () => Promise<T>): Promise<{ seconds: number; cpu: number; answer: T }> {
  const start = performance.now();
  const before = process.cpuUsage();
  const answer = await work();
  const used = process.cpuUsage(before);
  const tenths = (ms: number) => Math.round(ms / 100) / 10;
  return { seconds: tenths(performance.now() - start), cpu: tenths((used.user + used.system) / 1000), answer };
}
const facts = await lake.first<{ n: number }>('SELECT count(*) AS n FROM v.legal_person_fact_v1');
const pass = await timed(() =>
  lake.query(
    'SELECT sum(n), max(d), sum(l) FROM (SELECT entity, class, count(*) AS n, max(day) AS d, sum(length(payload)) AS l FROM v.legal_person_fact_v1 GROUP BY ALL)',
  ),
);
const run = (day: string, whole = false) => timed(() => scoreRun({ lake, model, day, now: () => new Date(), whole }));
const told = ({ seconds, cpu, answer }: Awaited<ReturnType<typeof run>>) => ({
  seconds,
  cpuSeconds: cpu,
  asked: answer.asked,
  points: answer.points,
  everyone: answer.slices > 0,
});
const first = await run(DAY, true);
const quiet = await run(DAY);
// A day's delivery: a new penalty for one enterprise in a hundred.
const penalty = sources.find((s) => s.id === 'scjg.penalty')!;
await lake.define([
  `INSERT INTO fx.legal_person_fact_all_v1 BY NAME SELECT e AS entity, ${penalty.number} AS class, DATE '${DAY}' AS day,
     (9000::BIGINT << 32) | e AS fact, concat_ws(chr(31), ${penalty.fields.map((f) => (f.type === 'decimal' ? "'900.50'" : "''")).join(', ')}) AS payload,
     ${penalty.number} AS run FROM range(1, ${N + 1}) r(e) WHERE e % 100 = 7`,
]);
const delivered = await run(DAY);
const nextDay = await run('2026-11-21');
const nextDayWhole = await run('2026-11-21', true);
const measures = await timed(() => measure(lake, readAnalysis('scoring'), DAY));
const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
console.log(
  JSON.stringify({
    enterprises: N,
    facts: facts!.n,
    indicators: model.indicators.length,
    plainPassSeconds: pass.seconds,
    plainPassCpuSeconds: pass.cpu,
    scored: first.answer.entities,
    everyone: told(first),
    nothingNew: told(quiet),
    onePercentNew: told(delivered),
    nextDay: told(nextDay),
    nextDayEveryone: told(nextDayWhole),
    measureSeconds: measures.seconds,
    measureCpuSeconds: measures.cpu,
    peakMiB: peak ? Math.round(Number(peak[1]) / 1024) : null,
  }),
);
await lake.close();
