/** Writes the classes of the economy: their rows with defects, what changed on the second day, and the truth about both. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../engine.ts';
import type { ClassModel } from '../model.ts';
import type { ClassReport, Progress } from '../options.ts';
import type { DatabaseTarget } from '../output/database.ts';
import { endings, writeFile } from '../output/files.ts';
import { traceColumns } from '../rows.ts';
import { hashOf, ident, list, saltOf, text } from '../sql.ts';
import { economyClasses } from './classes.ts';
import { type EconomyModel, type EconomyRates, economyDefectNames } from './model.ts';

/** What the rows depend on. */
export interface EconomyPlan {
  seed: number | string;
  today: string;
  day: 1 | 2;
  /** On the second day deliver changes for every class. */
  changesOnly: boolean;
  rates: EconomyRates;
}

/** SELECT of a class's records on a day: rec, enterprise, defects, columns. */
function recordsOf(model: EconomyModel, plan: EconomyPlan, day: 1 | 2): string {
  const salt = saltOf(plan.seed, model.id);
  const draw = (column: number, rate: number): string =>
    rate <= 0 ? 'false' : `(${hashOf('rec', salt, column)} % 1000000 < ${Math.round(rate * 1_000_000)})`;
  const counted = model.figures.length > 0;
  const coded = 'uni_social_crd_cd' in model.columns;
  const r = plan.rates;
  const large = counted ? draw(1, r.unitLarge) : 'false';
  const small = counted ? `(NOT ${large} AND ${draw(2, r.unitSmall)})` : 'false';
  const bits = [
    large,
    small,
    counted ? draw(3, r.negative) : 'false',
    counted ? draw(4, r.missingPeriod) : 'false',
    coded ? draw(5, r.codeMissing) : 'false',
    coded ? `(NOT ${draw(5, r.codeMissing)} AND ${draw(6, r.codeWrong)})` : 'false',
  ];
  const defects = bits.map((b, i) => `CASE WHEN ${b} THEN ${2 ** i} ELSE 0 END`).join(' + ');
  const spoilt = `SELECT *, CASE WHEN defects & 1 <> 0 THEN 1000 WHEN defects & 2 <> 0 THEN 0.1 ELSE 1 END AS x_factor, CASE WHEN defects & 4 <> 0 THEN -1 ELSE 1 END AS x_sign,
      CASE WHEN defects & 16 <> 0 THEN NULL WHEN defects & 32 <> 0 THEN left(uscc, 16) || CASE WHEN substr(uscc, 17, 1) = '5' THEN '7' ELSE '5' END || right(uscc, 1) ELSE uscc END AS x_uscc
    FROM (SELECT *, (${defects})::UINTEGER AS defects FROM (${model.rows(day)}))`;
  const columns = Object.entries(model.columns).map(([name, sql]) => `(${sql})::VARCHAR AS ${ident(`c_${name}`)}`);
  return `SELECT rec::BIGINT AS rec, e::UINTEGER AS t_enterprise, defects, ${columns.join(', ')} FROM (${spoilt}) x`;
}

/** Makes every class of the economy and writes its file (or table) and its truth; answers what was written. */
export async function writeEconomy(
  engine: Engine,
  plan: EconomyPlan,
  out: {
    folder: string;
    csv: boolean;
    truth: string | null;
    database: DatabaseTarget | null;
    wanted: ReadonlySet<string> | null;
  },
  onProgress?: (progress: Progress) => void,
): Promise<ClassReport[]> {
  const reports: ClassReport[] = [];
  const delivered = new Date(`${plan.today}T00:00:00Z`);
  delivered.setUTCDate(delivered.getUTCDate() + plan.day - 1);
  const day = delivered.toISOString().slice(0, 10);
  const missing = 2 ** economyDefectNames.indexOf('missing-period');
  for (const model of economyClasses.filter((m) => !out.wanted || out.wanted.has(m.id))) {
    const names = Object.keys(model.columns);
    const changes = plan.day === 2 && (model.mode === 'changes' || plan.changesOnly);
    await engine.run(`CREATE OR REPLACE TABLE eco_rows AS ${recordsOf(model, plan, plan.day)}`);
    if (plan.day === 2) await engine.run(`CREATE OR REPLACE TABLE eco_before AS ${recordsOf(model, plan, 1)}`);
    const differs = names.map((n) => `n.${ident(`c_${n}`)} IS DISTINCT FROM o.${ident(`c_${n}`)}`).join(' OR ');
    const every = changes
      ? `SELECT n.*, CASE WHEN o.rec IS NULL THEN 'I' ELSE 'U' END AS operation FROM eco_rows n LEFT JOIN eco_before o USING (rec) WHERE o.rec IS NULL OR ${differs}
         UNION ALL SELECT *, 'D' FROM eco_before WHERE rec NOT IN (SELECT rec FROM eco_rows)`
      : `SELECT *, 'I' AS operation FROM eco_rows`;
    // Reports that do not come are in the truth, beyond the last row of the file.
    await engine.run(
      `CREATE OR REPLACE TABLE eco_out AS SELECT row_number() OVER (ORDER BY defects & ${missing} <> 0, rec) AS i, * FROM (${every}) ORDER BY i`,
    );
    const traced = model.mode === 'changes' || changes;
    const trace = traced ? `, operation AS ${traceColumns[0]}, '${day} 06:00:00' AS ${traceColumns[1]}` : '';
    const columns = [...names, ...(traced ? traceColumns : [])];
    const [owner, resource] = model.id.split('.') as [string, string];
    const kind = out.csv ? 'csv' : (model.file ?? 'csv');
    const name = `${owner}/${resource}/${resource}-${day.replaceAll('-', '')}.${endings[kind]}`;
    const target = join(out.folder, out.database ? `.load-${model.id}.csv` : name);
    await engine.lanes(1, [model], async (_, run) => {
      const said = names.map((n) => `${ident(`c_${n}`)} AS ${ident(n)}`).join(', ');
      const select = `SELECT ${said}${trace} FROM eco_out WHERE defects & ${missing} = 0 ORDER BY i`;
      const written = await writeFile(run, select, columns, kind, target);
      if (out.truth)
        await run(
          `COPY (SELECT CASE WHEN defects & ${missing} = 0 THEN i END::UINTEGER AS row, t_enterprise AS enterprise, defects, rec AS record, operation FROM eco_out ORDER BY i)
           TO ${text(join(out.truth, `${model.id}.parquet`))} (FORMAT parquet)`,
        );
      const file = out.database ? await out.database.load(model as unknown as ClassModel, columns, target) : name;
      if (out.database) await rm(target);
      reports.push({ id: model.id, rows: written.rows, file, bytes: written.bytes });
      onProgress?.({ step: model.id, rows: written.rows, total: written.rows });
    });
  }
  if (out.truth) {
    const save = (name: string, select: string) =>
      engine.run(`COPY (${select}) TO ${text(join(out.truth as string, `economy-${name}.parquet`))} (FORMAT parquet)`);
    await save('enterprises', 'SELECT e AS enterprise, * EXCLUDE (e) FROM eco_ent ORDER BY e');
    await save('months', 'SELECT e AS enterprise, m AS month, sales, staff FROM eco_month ORDER BY e, m');
    await save('years', 'SELECT e AS enterprise, y AS year, sales, taxed FROM eco_year ORDER BY e, y');
    await save('parks', 'SELECT code, name, level, division, area FROM eco_park ORDER BY k');
    await save('tenants', 'SELECT e AS enterprise, code AS park FROM eco_tenant ORDER BY e');
    await save(
      'defects',
      `SELECT bit, name FROM (SELECT unnest(${list(economyDefectNames)}) AS name, unnest(range(0, ${economyDefectNames.length}))::INTEGER AS bit) ORDER BY bit`,
    );
  }
  return reports;
}
