/** Makes a city: the people and enterprises that are there, then what every department has written down of them. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { enterpriseSteps } from './city/enterprises.ts';
import { peopleSteps } from './city/people.ts';
import { classes as allClasses } from './classes/index.ts';
import { economyClasses, economySteps, writeEconomy } from './economy/index.ts';
import { defaultEconomyRates, type EconomyRates } from './economy/model.ts';
import { Engine } from './engine.ts';
import type { ClassModel } from './model.ts';
import {
  type CityOptions,
  type CityReport,
  type ClassReport,
  type DefectRates,
  defaultDefects,
  SynthcityError,
} from './options.ts';
import { openDatabase } from './output/database.ts';
import { endings, writeFile } from './output/files.ts';
import { planRows, type Sizes, sizeOf } from './plan.ts';
import { poolSteps, readSizes } from './pools.ts';
import { populationSteps } from './population/city.ts';
import { populationClasses } from './population/classes.ts';
import { defaultPopulationRates, type PopulationRates } from './population/rates.ts';
import { populationMacros, writePopulation } from './population/write.ts';
import { type ClassSql, classSql, type RowPlan } from './rows.ts';
import { text } from './sql.ts';
import { writeTruth } from './truth.ts';

/** Options with what is left open filled in. */
type Settled = Required<
  Omit<
    CityOptions,
    'rows' | 'enterprises' | 'classes' | 'onProgress' | 'defects' | 'populationDefects' | 'economyDefects'
  >
> & {
  economyDefects: EconomyRates;
  defects: DefectRates;
  populationDefects: PopulationRates;
  rows: number;
  enterprises: number;
};

function settle(options: CityOptions): Settled {
  const { rows, enterprises } = sizeOf({
    ...(options.rows === undefined ? {} : { rows: options.rows }),
    ...(options.enterprises === undefined ? {} : { enterprises: options.enterprises }),
  });
  const today = options.today ?? '2026-11-20';
  if (!/^\d{4}-\d{2}-\d{2}$/.test(today) || Number.isNaN(Date.parse(today)))
    throw new SynthcityError('synthcity.today', `today 不是日期：${today}`, `today is not a date: ${today}`);
  const defects = { ...defaultDefects, ...options.defects };
  const populationDefects = { ...defaultPopulationRates, ...options.populationDefects };
  const economyDefects = { ...defaultEconomyRates, ...options.economyDefects };
  for (const [name, rate] of [
    ...Object.entries(defects),
    ...Object.entries(populationDefects),
    ...Object.entries(economyDefects),
  ])
    if (!(rate >= 0 && rate <= 1))
      throw new SynthcityError(
        'synthcity.rate',
        `defects.${name} 必须在 0 到 1 之间`,
        `defects.${name} must be between 0 and 1`,
      );
  return {
    seed: options.seed ?? 1,
    rows,
    enterprises,
    out: options.out,
    target: options.target ?? { kind: 'files' },
    defects,
    populationDefects,
    population: options.population ?? false,
    economy: options.economy ?? false,
    economyDefects,
    today,
    day: options.day ?? 1,
    changesOnly: options.changesOnly ?? false,
    truth: options.truth ?? true,
    memoryMiB: options.memoryMiB ?? 3072,
    threads: options.threads ?? 2,
  };
}

/** The day of a delivery: today, or the day after. */
function dayOf(o: Settled): string {
  const date = new Date(`${o.today}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + o.day - 1);
  return date.toISOString().slice(0, 10);
}

/**
 * Generates a city (or its second day) into `options.out`: `<owner>/<resource>/<resource>-<day>.<ending>` for every
 * class, and truth tables in `truth/` (`truth-day-2/`). Throws {@link SynthcityError} when the options cannot be met.
 */
export async function generateCity(options: CityOptions): Promise<CityReport> {
  const began = performance.now();
  const o = settle(options);
  const wanted = options.classes ? new Set(options.classes) : null;
  const models = allClasses.filter((m) => !wanted || wanted.has(m.id));
  if (wanted)
    for (const id of wanted)
      if (
        !allClasses.some((m) => m.id === id) &&
        !(o.population && populationClasses.some((m) => m.id === id)) &&
        !(o.economy && economyClasses.some((m) => m.id === id))
      )
        throw new SynthcityError('synthcity.class', `没有这个数据类：${id}`, `there is no class ${id}`);
  await mkdir(o.out, { recursive: true });
  const work = await mkdtemp(join(o.out, '.work-'));
  const engine = await Engine.open(work, o.memoryMiB, o.threads);
  try {
    const steps = [
      ...peopleSteps(o.seed, o.enterprises, o.today),
      ...enterpriseSteps(o.seed, o.enterprises, o.today),
      ...poolSteps(o.seed, o.enterprises),
    ];
    for (const step of steps) {
      options.onProgress?.({ step: step.name, rows: 0, total: o.rows });
      await engine.run(step.sql);
    }
    const sizes = await readSizes(engine, o.enterprises);
    const [former] = await engine.rows<{ share: number }>(
      `SELECT count(former) / count(*) AS share FROM ent WHERE e <= ${o.enterprises}`,
    );
    const [people] = await engine.rows<{ n: number }>('SELECT count(*)::INTEGER AS n FROM person');
    const counts = planRows(allClasses, o.enterprises, o.rows, sizes);
    const truthFolder = o.day === 1 ? 'truth' : 'truth-day-2';
    if (o.truth) await mkdir(join(o.out, truthFolder), { recursive: true });
    const jobs = models
      .map((model) => ({ model, sql: classSql(model, rowPlan(o, model, counts, sizes, former?.share ?? 0)) }))
      .sort((a, b) => (counts.get(b.model.id) ?? 0) - (counts.get(a.model.id) ?? 0));
    const report = await write(engine, o, jobs, counts, truthFolder, options.onProgress);
    if (o.population) report.push(...(await population(engine, o, wanted, truthFolder, options.onProgress)));
    if (o.economy) report.push(...(await economy(engine, o, wanted, truthFolder, options.onProgress)));
    if (o.truth) await writeTruth(engine, { ...o, delivered: dayOf(o) }, join(o.out, truthFolder), jobs);
    return {
      seed: String(o.seed),
      day: o.day,
      enterprises: o.enterprises,
      people: people?.n ?? 0,
      rows: report.reduce((sum, r) => sum + r.rows, 0),
      bytes: report.reduce((sum, r) => sum + r.bytes, 0),
      classes: report.sort((a, b) => (a.id < b.id ? -1 : 1)),
      truth: o.truth ? truthFolder : null,
      seconds: (performance.now() - began) / 1000,
    };
  } finally {
    engine.close();
    await rm(work, { recursive: true, force: true });
  }
}

/** People and places: made after everything else, so that nothing else depends on them. */
async function population(
  engine: Engine,
  o: Settled,
  wanted: ReadonlySet<string> | null,
  truthFolder: string,
  onProgress: CityOptions['onProgress'],
): Promise<ClassReport[]> {
  for (const macro of populationMacros) await engine.run(macro);
  await engine.run(`SET VARIABLE population_today = DATE ${text(o.today)}`);
  for (const step of populationSteps(o.seed, o.enterprises, o.today)) {
    onProgress?.({ step: step.name, rows: 0, total: o.rows });
    await engine.run(step.sql);
  }
  const database = o.target.kind === 'files' ? null : await openDatabase(o.target);
  try {
    return await writePopulation(
      engine,
      { seed: o.seed, today: o.today, day: o.day, changesOnly: o.changesOnly, rates: o.populationDefects },
      {
        folder: o.out,
        csv: o.target.kind === 'files' && o.target.formats === 'csv',
        truth: o.truth ? join(o.out, truthFolder) : null,
        database,
        wanted,
      },
      onProgress,
    );
  } finally {
    await database?.close();
  }
}

/** The economy: made last, so that nothing else depends on it. */
async function economy(
  engine: Engine,
  o: Settled,
  wanted: ReadonlySet<string> | null,
  truthFolder: string,
  onProgress: CityOptions['onProgress'],
): Promise<ClassReport[]> {
  await engine.run(`SET VARIABLE economy_today = DATE ${text(o.today)}`);
  for (const step of economySteps(o.seed, o.enterprises, o.today)) {
    onProgress?.({ step: step.name, rows: 0, total: o.rows });
    await engine.run(step.sql);
  }
  const database = o.target.kind === 'files' ? null : await openDatabase(o.target);
  try {
    return await writeEconomy(
      engine,
      { seed: o.seed, today: o.today, day: o.day, changesOnly: o.changesOnly, rates: o.economyDefects },
      {
        folder: o.out,
        csv: o.target.kind === 'files' && o.target.formats === 'csv',
        truth: o.truth ? join(o.out, truthFolder) : null,
        database,
        wanted,
      },
      onProgress,
    );
  } finally {
    await database?.close();
  }
}

function rowPlan(
  o: Settled,
  model: ClassModel,
  counts: ReadonlyMap<string, number>,
  sizes: Sizes,
  formerShare: number,
): RowPlan {
  return {
    seed: o.seed,
    enterprises: o.enterprises,
    today: o.today,
    rates: o.defects,
    sizes,
    formerShare,
    rows: counts.get(model.id) ?? 0,
    day: o.day,
    changes: o.day === 2 && (model.mode === 'changes' || o.changesOnly),
  };
}

async function write(
  engine: Engine,
  o: Settled,
  jobs: readonly { model: ClassModel; sql: ClassSql }[],
  counts: ReadonlyMap<string, number>,
  truthFolder: string,
  onProgress: CityOptions['onProgress'],
): Promise<ClassReport[]> {
  const reports: ClassReport[] = [];
  const day = dayOf(o).replaceAll('-', '');
  let done = 0;
  const database = o.target.kind === 'files' ? null : await openDatabase(o.target);
  try {
    await engine.lanes(o.threads, jobs, async ({ model, sql }, run) => {
      const [owner, resource] = model.id.split('.') as [string, string];
      const kind = o.target.kind === 'files' && o.target.formats !== 'csv' ? (model.file ?? 'csv') : 'csv';
      const name = `${owner}/${resource}/${resource}-${day}.${endings[kind]}`;
      const target = join(o.out, database ? `.load-${model.id}.csv` : name);
      const { rows, bytes } = await writeFile(run, sql.rows, sql.columns, kind, target);
      const planned = counts.get(model.id) ?? 0;
      if (o.day === 1 && rows !== planned)
        throw new Error(`${model.id}: ${rows} rows were written, ${planned} planned`);
      if (o.truth)
        await run(`COPY (${sql.truth}) TO ${text(join(o.out, truthFolder, `${model.id}.parquet`))} (FORMAT parquet)`);
      const file = database ? await database.load(model, sql.columns, target) : name;
      if (database) await rm(target);
      reports.push({ id: model.id, rows, file, bytes });
      done += rows;
      onProgress?.({ step: model.id, rows: done, total: o.rows });
    });
  } finally {
    await database?.close();
  }
  return reports;
}
