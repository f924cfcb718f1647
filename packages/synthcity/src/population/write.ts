/** The SQL of the population's classes: their rows with defects, what changed on the second day, and the truth about both. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../engine.ts';
import type { ClassModel } from '../model.ts';
import type { ClassReport, Progress } from '../options.ts';
import type { DatabaseTarget } from '../output/database.ts';
import { endings, writeFile } from '../output/files.ts';
import { traceColumns } from '../rows.ts';
import { hashOf, ident, list, saltOf, text } from '../sql.ts';
import { type PopulationModel, populationClasses } from './classes.ts';
import { type PopulationRates, populationDefectNames } from './rates.ts';

/** Macros that spoil values of people and places. */
export const populationMacros: readonly string[] = [
  // One digit of the serial becomes the next one: the check digit (GB 11643) never fits then.
  'CREATE MACRO spoil_identity(s, h) AS left(s, (14 + h % 3)::INTEGER) || ((substr(s, (15 + h % 3)::INTEGER, 1)::INTEGER + 1) % 10) || substr(s, (16 + h % 3)::INTEGER)',
  `CREATE MACRO spoil_person_name(n, h) AS left(n, length(n) - 1) || (CASE WHEN right(n, 1) = ${list(['萍', '君', '铭', '瑛', '玮', '桦', '园', '燕'])}[1 + (h % 8)::INTEGER] THEN '敏' ELSE ${list(['萍', '君', '铭', '瑛', '玮', '桦', '园', '燕'])}[1 + (h % 8)::INTEGER] END)`,
  // What the register of addresses would not write: other names, numerals, the estate without its road, remarks.
  `CREATE MACRO other_address(a, town, h) AS CASE h % 12 WHEN 0 THEN replace(a, '慈溪市', '') WHEN 1 THEN '浙江省宁波市' || a
     WHEN 2 THEN replace(a, '幢', '号楼') WHEN 3 THEN replace(replace(a, '幢', '栋'), '室', '') WHEN 4 THEN translate(a, '0123456789', '０１２３４５６７８９') WHEN 5 THEN replace(a, town, '')
     WHEN 6 THEN replace(a, '慈溪市', '浙江省慈溪县') WHEN 7 THEN replace(replace(replace(a, '1幢', '一号楼'), '2幢', '二号楼'), '3幢', '三号楼')
     WHEN 8 THEN replace(replace(a, '幢', '-'), '室', '') WHEN 9 THEN a || '（请电话联系）'
     WHEN 10 THEN regexp_replace(a, '(街道|镇|开发区|园区|创新中心)[^0-9]+?(路|大道|街)[0-9]+号([^0-9]+[0-9]+幢)', '\\1\\3')
     ELSE replace(a, town, regexp_replace(town, '(街道|镇)$', '')) END`,
];

/** What the rows depend on. */
export interface PopulationPlan {
  seed: number | string;
  today: string;
  day: 1 | 2;
  /** On the second day deliver changes for every class. */
  changesOnly: boolean;
  rates: PopulationRates;
}

const mask = (bits: readonly string[]): string =>
  `(${bits.map((b, i) => `CASE WHEN ${b} THEN ${2 ** i} ELSE 0 END`).join(' + ')})::UINTEGER`;

/** SELECT of a class's records on a day: rec, what they are about, defects, columns. */
function recordsOf(model: PopulationModel, plan: PopulationPlan, day: 1 | 2, people: number): string {
  const salt = saltOf(plan.seed, model.id);
  const rates = plan.rates;
  const draw = (column: number, rate: number): string =>
    rate <= 0 ? 'false' : `(${hashOf('rec', salt, column)} % 1000000 < ${Math.round(rate * 1_000_000)})`;
  const about = model.rows(day);
  const person = !about.includes('NULL::INTEGER AS p');
  const uses = (what: string): boolean => Object.values(model.columns).some((sql) => sql.includes(what));
  const numbered = person && !model.register;
  const missing = numbered ? draw(1, rates.idMissing) : 'false';
  const wrong = numbered ? `(NOT ${missing} AND ${draw(2, rates.idWrong)})` : 'false';
  const another = numbered ? `(NOT ${missing} AND NOT ${wrong} AND ${draw(3, rates.idOfAnother)})` : 'false';
  const old = person
    ? `(NOT ${missing} AND NOT ${wrong} AND NOT ${another} AND ${draw(4, rates.idOld)} AND substr(id, 7, 2) = '19')`
    : 'false';
  const name = numbered ? draw(5, rates.nameError) : 'false';
  const birth = numbered && uses('x_birth') ? draw(6, rates.wrongBirth) : 'false';
  const stale = person ? `(before <> address AND ${draw(8, rates.addressStale)})` : 'false';
  const variant = model.register && !person ? 'false' : draw(7, rates.addressVariant);
  const status = uses('k_status') ? `(over AND ${draw(9, rates.statusStale)})` : 'false';
  const noKey = model.register ? 'false' : draw(11, rates.missingKey);
  const shape = uses('x_wkt');
  const placed = shape || uses('x_lon');
  const unplaced = placed ? draw(12, rates.unplaced) : 'false';
  const swapped = placed ? `(NOT ${unplaced} AND ${draw(13, rates.swapped)})` : 'false';
  const outside = placed && !shape ? `(NOT ${unplaced} AND NOT ${swapped} AND ${draw(14, rates.outside)})` : 'false';
  const coordinate = (own: string, other: string): string =>
    `CASE WHEN ${unplaced} THEN NULL WHEN ${swapped} THEN ${other} WHEN ${outside} THEN ${own} - 7.5 ELSE ${own} END`;
  const places = shape
    ? `, CASE WHEN ${unplaced} THEN NULL WHEN ${swapped} THEN regexp_replace(wkt, '([0-9.]+) ([0-9.]+)', '\\2 \\1', 'g') ELSE wkt END AS x_wkt`
    : placed
      ? `, printf('%.6f', ${coordinate('lon', 'lat')}) AS x_lon, printf('%.6f', ${coordinate('lat', 'lon')}) AS x_lat`
      : '';
  const h = hashOf('rec', salt, 20);
  const spoilt = `SELECT r.* REPLACE (rec::BIGINT AS rec), ${noKey} AS no_key, ${status} AS k_status,
      ${mask([missing, wrong, another, old, name, birth, variant, stale, status, 'false', noKey, swapped, unplaced, outside])} AS defects${places}${
        person
          ? `, CASE WHEN ${missing} THEN NULL WHEN ${wrong} THEN spoil_identity(id, ${h}) WHEN ${another} THEN other_id_of WHEN ${old} THEN shorten_identity(id) ELSE id END AS x_id,
        CASE WHEN ${name} THEN spoil_person_name(name, ${h}) ELSE name END AS x_name,
        (CASE WHEN ${birth} THEN birth + (1 + ${h} % 28)::INTEGER ELSE birth END)::VARCHAR AS x_birth`
          : ''
      }, CASE WHEN ${variant} THEN other_address(CASE WHEN ${stale} THEN before ELSE address END, division_name, ${h}) WHEN ${stale} THEN before ELSE address END AS x_addr
    FROM ${person ? `(SELECT r.*, o.id AS other_id_of FROM (${about}) r JOIN pop_person o ON o.p = 1 + (${hashOf('rec', salt, 21)} % ${people})::BIGINT)` : `(${about})`} r`;
  const columns = Object.entries(model.columns).map(([column, sql]) => {
    const value = column === model.key[0] ? `CASE WHEN no_key THEN NULL ELSE ${sql} END` : sql;
    return `nullif((${value})::VARCHAR, '') AS ${ident(`c_${column}`)}`;
  });
  return `SELECT rec::BIGINT AS rec, p::UINTEGER AS t_person, h::UINTEGER AS t_household, w::UINTEGER AS t_dwelling, g::UINTEGER AS t_building, defects,
      ${draw(10, rates.duplicate)} AS twice, ${columns.join(', ')} FROM (${spoilt}) x`;
}

/** Makes every class of the population and writes its file (or table) and its truth; answers what was written. */
export async function writePopulation(
  engine: Engine,
  plan: PopulationPlan,
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
  // A number, not a subquery: a join's condition with a subquery is tried for every pair of rows.
  const [counted] = await engine.rows<{ n: number }>('SELECT count(*)::INTEGER AS n FROM pop_person');
  const people = Math.max(1, counted?.n ?? 1);
  const twiceBit = 2 ** populationDefectNames.indexOf('duplicate');
  for (const model of populationClasses.filter((m) => !out.wanted || out.wanted.has(m.id))) {
    const names = Object.keys(model.columns);
    const changes = plan.day === 2 && (model.mode === 'changes' || plan.changesOnly);
    const traced = model.mode === 'changes' || changes;
    await engine.run(`CREATE OR REPLACE TABLE pop_rows AS ${recordsOf(model, plan, plan.day, people)}`);
    if (plan.day === 2) await engine.run(`CREATE OR REPLACE TABLE pop_before AS ${recordsOf(model, plan, 1, people)}`);
    const said = names.map((n) => ident(`c_${n}`));
    const differs = said.map((c) => `n.${c} IS DISTINCT FROM o.${c}`).join(' OR ');
    const operation =
      plan.day === 1
        ? "SELECT *, '' AS operation FROM pop_rows"
        : `SELECT n.*, CASE WHEN o.rec IS NULL THEN 'I' WHEN ${differs} THEN 'U' ELSE '' END AS operation FROM pop_rows n LEFT JOIN pop_before o USING (rec)${
            changes
              ? ` WHERE o.rec IS NULL OR ${differs} UNION ALL SELECT *, 'D' FROM pop_before WHERE rec NOT IN (SELECT rec FROM pop_rows)`
              : ''
          }`;
    const twice = changes
      ? 'SELECT *, 0 AS again FROM every'
      : `SELECT *, 0 AS again FROM every UNION ALL SELECT * REPLACE (defects | ${twiceBit} AS defects), 1 FROM every WHERE twice`;
    await engine.run(
      `CREATE OR REPLACE TABLE pop_out AS WITH every AS (${operation}) SELECT row_number() OVER (ORDER BY rec, again) AS i, * FROM (${twice})${
        changes ? ` WHERE ${ident(`c_${model.key[0]}`)} IS NOT NULL` : ''
      } ORDER BY i`,
    );
    const trace = traced
      ? `, CASE WHEN operation = '' THEN 'I' ELSE operation END AS ${traceColumns[0]}, '${day} 06:00:00' AS ${traceColumns[1]}`
      : '';
    const [owner, resource] = model.id.split('.') as [string, string];
    const kind = out.csv ? 'csv' : (model.file ?? 'csv');
    const name = `${owner}/${resource}/${resource}-${day.replaceAll('-', '')}.${endings[kind]}`;
    const target = join(out.folder, out.database ? `.load-${model.id}.csv` : name);
    const columns = [...names, ...(traced ? traceColumns : [])];
    await engine.lanes(1, [model], async (_, run) => {
      const written = await writeFile(
        run,
        `SELECT ${names.map((n) => `${ident(`c_${n}`)} AS ${ident(n)}`).join(', ')}${trace} FROM pop_out ORDER BY i`,
        columns,
        kind,
        target,
      );
      if (out.truth)
        await run(
          `COPY (SELECT i::UINTEGER AS row, t_person AS person, t_household AS household, t_dwelling AS dwelling, t_building AS building, defects, rec::UINTEGER AS record${
            plan.day === 2 ? ', operation' : ''
          } FROM pop_out ORDER BY i) TO ${text(join(out.truth, `${model.id}.parquet`))} (FORMAT parquet)`,
        );
      const file = out.database ? await out.database.load(model as unknown as ClassModel, columns, target) : name;
      if (out.database) await rm(target);
      reports.push({ id: model.id, rows: written.rows, file, bytes: written.bytes });
      onProgress?.({ step: model.id, rows: written.rows, total: written.rows });
    });
  }
  if (out.truth) await writeTruth(engine, plan.day, out.truth);
  return reports;
}

/** The truth of people and places on the day: population-persons, -households, -dwellings, -buildings, -defects. */
async function writeTruth(engine: Engine, day: 1 | 2, folder: string): Promise<void> {
  const save = (name: string, select: string): Promise<void> =>
    engine.run(`COPY (${select}) TO ${text(join(folder, `population-${name}.parquet`))} (FORMAT parquet)`);
  const here = day === 1 ? 'WHERE NOT arrives' : '';
  await save(
    'persons',
    `SELECT p AS person, h AS household, member, name, male, birth, id, phone, floating, relation, registered AS registered_dwelling, lives${day} AS dwelling,
      lives${day} <> registered AS moved, died${day} AS died, employer AS enterprise FROM pop_person ${here} ORDER BY p`,
  );
  await save(
    'households',
    `SELECT t.h AS household, t.number, t.floating, t.registered AS registered_dwelling, t.lives${day} AS dwelling, p.p AS head FROM pop_household t JOIN pop_person p ON p.h = t.h AND p.member = 1
      ${here.replace('arrives', 't.arrives')} ORDER BY t.h`,
  );
  await save(
    'dwellings',
    'SELECT w AS dwelling, g AS building, room, address, code, standard, area, empty FROM pop_dwelling ORDER BY w',
  );
  await save(
    'buildings',
    'SELECT g AS building, b AS house_number, code, standard, division, address, residential, floors, built, lon, lat, grid, community FROM pop_building ORDER BY g',
  );
  await save(
    'defects',
    `SELECT bit, name FROM (SELECT unnest(${list(populationDefectNames)}) AS name, unnest(range(0, ${populationDefectNames.length}))::INTEGER AS bit) ORDER BY bit`,
  );
}
