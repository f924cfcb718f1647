/**
 * Measures linkage against known truths: pairwise F1 of the clusters against all true pairs, at the preset threshold; beside it the F1 of single pairs,
 * and that of the best threshold. Truth is looked at afterwards only. Files stand beside the checkout in shared/data/linkage; what is not there is left out.
 * The city is made by `jingwei city generate --rows 1000000 --enterprises 7000 --seed 5 --formats csv --today 2026-11-20 --out <folder>`.
 *
 *   node --import tsx bench/linkage/linkage.ts [--persons 1000000] [--city <folder>] [--data <folder>] [--out bench/results/linkage.json]
 *   node --import tsx bench/linkage/linkage.ts --only incremental [--out bench/results/linkage.json]
 *   node --import tsx bench/linkage/linkage.ts --only persons --persons 10000000 --memory 6000 --disk --out bench/results/linkage.json
 *
 * With `--only` the other figures of the file stay as they are. `--disk` keeps the database in a file of a temporary folder.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  DuckDBEngine,
  type Evaluation,
  evaluate,
  type Linkage,
  link,
  parseModel,
} from '../../packages/linkage/src/index.ts';
import { enterprisesModel, loadEnterprises } from './enterprises.ts';
import { incremental } from './incremental.ts';
import { makePersons, naive, personsModel } from './persons.ts';

const { values: o } = parseArgs({
  options: {
    persons: { type: 'string', default: '1000000' },
    data: { type: 'string', default: new URL('../../../shared/data/linkage', import.meta.url).pathname },
    out: { type: 'string' },
    city: { type: 'string' },
    only: { type: 'string' },
    memory: { type: 'string', default: '8192' },
    disk: { type: 'boolean', default: false },
  },
});
const data = o.data!;
const acm = join(data, 'acm-dblp');
const truthOfPublications = ['dblp', 'acm']
  .map((name, src) => {
    const gt = `read_csv('${acm}/gt.csv', delim = '%', all_varchar = true)`;
    const column = name === 'dblp' ? 'D1' : 'D2';
    return `SELECT ${src} AS src, t.id AS uid, coalesce(g.D1, '${name}' || t.id) AS entity FROM read_csv('${acm}/${name}.csv', delim = '%', all_varchar = true) AS t LEFT JOIN ${gt} AS g ON g.${column} = t.id`;
  })
  .join(' UNION ALL ');

/** The models: what the columns are, nothing else. */
const sets = [
  {
    name: 'febrl3',
    splink: { f1: 0.9958, seconds: 2.8 },
    file: join(data, 'febrl3.csv'),
    model: {
      id: 'rec_id',
      tables: [{ name: 'febrl3', path: join(data, 'febrl3.csv') }],
      columns: {
        given_name: 'name',
        surname: 'name',
        street_number: 'code',
        address_1: 'address',
        address_2: 'address',
        suburb: 'name',
        postcode: 'code',
        state: 'category',
        date_of_birth: 'date',
        soc_sec_id: 'code',
      },
      swaps: [['given_name', 'surname']],
    },
    truth: `(SELECT rec_id AS uid, split_part(rec_id, '-', 2) AS entity FROM read_csv('${join(data, 'febrl3.csv')}', all_varchar = true))`,
  },
  {
    name: 'fake_1000',
    splink: { f1: 0.847 },
    file: join(data, 'fake_1000.csv'),
    model: {
      id: 'unique_id',
      tables: [{ name: 'fake', path: join(data, 'fake_1000.csv') }],
      columns: { first_name: 'name', surname: 'name', dob: 'date', city: 'name', email: 'email' },
      swaps: [['first_name', 'surname']],
    },
    truth: `(SELECT unique_id AS uid, cluster AS entity FROM read_csv('${join(data, 'fake_1000.csv')}', all_varchar = true))`,
  },
  {
    name: 'historical_50k',
    splink: { f1: 0.828, pairs: 0.767, seconds: 11.6 },
    file: join(data, 'historical_figures_with_errors_50k.parquet'),
    model: {
      id: 'unique_id',
      tables: [{ name: 'historical', path: join(data, 'historical_figures_with_errors_50k.parquet') }],
      columns: {
        first_name: 'name',
        surname: 'name',
        dob: 'date',
        birth_place: 'name',
        postcode_fake: 'code',
        gender: 'category',
        occupation: 'category',
      },
      swaps: [['first_name', 'surname']],
    },
    truth: `(SELECT unique_id AS uid, cluster AS entity FROM read_parquet('${join(data, 'historical_figures_with_errors_50k.parquet')}'))`,
  },
  {
    name: 'acm-dblp',
    file: join(acm, 'gt.csv'),
    model: {
      id: 'id',
      topology: 'link',
      tables: ['dblp', 'acm'].map((name) => ({ name, path: join(acm, `${name}.csv`), delimiter: '%', unique: true })),
      columns: { title: 'text', authors: 'text', venue: 'category', year: 'category' },
    },
    truth: `(${truthOfPublications})`,
  },
];

const round = (x: number, digits = 4) => Number(x.toFixed(digits));
const figures = (l: Linkage, e: Evaluation, cpu: number) => ({
  f1: round(e.clusters.f1),
  precision: round(e.clusters.precision),
  recall: round(e.clusters.recall),
  pairs: { f1: round(e.pairs.f1), precision: round(e.pairs.precision), recall: round(e.pairs.recall) },
  bestThreshold: { f1: round(e.best.f1), bits: round(e.best.thresholdBits, 1) },
  blockingRecall: round(e.blockingRecall),
  records: l.summary.records,
  candidates: l.summary.candidates,
  largestCluster: l.summary.largestCluster,
  largestComponent: l.summary.largestComponent,
  seconds: round(l.summary.seconds, 1),
  cpuSeconds: round(cpu, 1),
});
const results: Record<string, unknown> = {};

async function measure(model: object, truth: string, engine: DuckDBEngine): Promise<ReturnType<typeof figures>> {
  const before = process.cpuUsage();
  const linkage = await link(parseModel(model), { engine });
  const used = process.cpuUsage(before);
  return figures(linkage, await evaluate(linkage, truth), (used.user + used.system) / 1e6);
}

for (const set of sets) {
  if ((o.only && o.only !== set.name) || !existsSync(set.file)) continue;
  const engine = await DuckDBEngine.open({ threads: 2 });
  results[set.name] = {
    ...(await measure(set.model, set.truth, engine)),
    ...(set.splink ? { splink: set.splink } : {}),
  };
  console.log(set.name, JSON.stringify(results[set.name]));
  await engine.close();
}
if (o.city && (!o.only || o.only === 'enterprises')) {
  const engine = await DuckDBEngine.open({ threads: 2 });
  await loadEnterprises(engine, o.city, 'enterprise_rows');
  results.enterprises = {
    note: 'rows of 13 classes of a synthetic city of 7,000 enterprises without any code: name, address, legal representative, tokens',
    ...(await measure(
      enterprisesModel('enterprise_rows'),
      '(SELECT id AS uid, class AS src, enterprise AS entity FROM enterprise_rows)',
      engine,
    )),
  };
  console.log('enterprises', JSON.stringify(results.enterprises));
  await engine.close();
}
const persons = Number(o.persons);
const scratch = mkdtempSync(join(tmpdir(), 'linkage-bench-'));
/** A database with the memory asked for; what is beyond spills. */
const opened = (name: string) =>
  DuckDBEngine.open({
    threads: 2,
    memoryMiB: Number(o.memory),
    temp: join(scratch, 'spill'),
    ...(o.disk ? { path: join(scratch, name) } : {}),
  });
try {
  if (persons > 0 && (!o.only || o.only === 'persons')) {
    const engine = await opened('persons.duckdb');
    await makePersons(engine, 'persons', persons, 7);
    // The naive baseline's self-join holds more memory than the linkage at ten millions; it is told at one.
    const simple = persons <= 3_000_000 ? await naive(engine, 'persons') : undefined;
    const before = process.resourceUsage().maxRSS;
    const found = await measure(personsModel('persons'), '(SELECT id AS uid, person AS entity FROM persons)', engine);
    const name = persons === 1_000_000 ? 'persons' : `persons_${persons / 1_000_000}m`;
    results[name] = {
      persons,
      ...found,
      // Of the whole process: the highest resident set, the making of the persons included.
      peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
      peakBeforeMiB: Math.round(before / 1024),
      memoryLimitMiB: Number(o.memory),
      ...(simple
        ? {
            naive: {
              f1: round(simple.f1),
              precision: round(simple.precision),
              recall: round(simple.recall),
              seconds: round(simple.seconds, 1),
            },
          }
        : {}),
      splink: { f1: 0.987, seconds: 34.7, note: 'its own synthetic million' },
    };
    console.log(name, JSON.stringify(results[name]));
    await engine.close();
  }
  if (persons > 0 && (!o.only || o.only === 'incremental')) {
    const engine = await opened('incremental.duckdb');
    results.incremental = await incremental(engine, persons);
    console.log('incremental', JSON.stringify(results.incremental));
    await engine.close();
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
if (o.out) {
  const day = new Date().toISOString().slice(0, 10);
  const before =
    o.only && existsSync(o.out) ? (JSON.parse(readFileSync(o.out, 'utf8')) as { results: object }) : { results: {} };
  const document = {
    measured: day,
    machine: `2 threads, Node ${process.versions.node}`,
    rule: 'even odds (0 bits), one threshold for all',
    ...before,
    results: { ...before.results, ...results },
  };
  writeFileSync(o.out, `${JSON.stringify(document, null, 2)}\n`);
}
