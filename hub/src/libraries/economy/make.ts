/**
 * Makes golden figures out of what the sources' current facts say: for each measure the enterprises with news only, all in
 * SQL. A figure of a period is chosen among sources: one that covers the whole period before one that does not, then the
 * most trusted, then the latest. Shorter periods make longer ones; a longer one is never divided.
 */
import type { LakeSession, LakeStep } from '../../platform/lake/index.ts';
import { ident } from '../../platform/lake/index.ts';
import { type ClassFields, recordSelect } from '../records.ts';
import { type Measure, monthsOf } from './declaration.ts';
import type { Economy } from './load.ts';

/** Number of the month in which a period begins, as SQL over a row's column. */
function periodSql(column: string, form: 'yyyymm' | 'date' | 'year', months: number): string {
  const first =
    form === 'year'
      ? `try_cast(${column} AS INTEGER) * 12`
      : form === 'date'
        ? `year(try_cast(${column} AS DATE)) * 12 + month(try_cast(${column} AS DATE)) - 1`
        : `CASE WHEN regexp_matches(${column}::VARCHAR, '^(19|20)[0-9]{2}[-/年.]?(0?[1-9]|1[0-2])月?$')
             THEN left(${column}::VARCHAR, 4)::INTEGER * 12 + regexp_extract(substr(${column}::VARCHAR, 5), '[0-9]+')::INTEGER - 1 END`;
  return `(${first}) - (${first}) % ${months}`;
}

/** Classes whose facts a measure depends on, those of measures that it is held against among them. */
export function classesOf(economy: Economy, m: Measure, numbers: ReadonlyMap<string, number>): number[] {
  const own = m.sources.map((x) => numbers.get(x.source)!);
  const others = m.sources.flatMap((x) => {
    const other = economy.declaration.measures.find((o) => o.id === x.valid.against?.measure);
    return other ? classesOf(economy, other, numbers) : [];
  });
  return [...new Set([...own, ...others])].filter((n) => n !== undefined);
}

/** SELECT of enterprises with facts of these classes that came, ended or moved after an integration. */
export function newsSql(classes: readonly number[], after: number): string {
  const runs = `(SELECT run FROM v.refined_run_v1 WHERE integration > ${after})`;
  const cs = classes.join(', ') || 'NULL';
  return `SELECT entity FROM v.legal_person_fact_all_v1 WHERE class IN (${cs}) AND run IN ${runs}
    UNION SELECT entity FROM v.legal_person_fact_all_v1 WHERE class IN (${cs}) AND closed_run IN ${runs}
    UNION SELECT x.entity FROM v.legal_person_fact_all_v1 x JOIN v.fact_move_v1 m ON m.fact = x.fact WHERE m.integration > ${after} AND x.class IN (${cs})
    UNION SELECT was FROM v.fact_move_v1 WHERE integration > ${after}`;
}

/** Step that reads what every source says into eco_said: source, grain, entity, period, value, fact. */
function saidStep(
  m: Measure,
  factors: readonly number[],
  classes: ReadonlyMap<string, ClassFields>,
  all: boolean,
): LakeStep {
  const parts = m.sources.flatMap((x, i) => {
    const cls = classes.get(x.source);
    if (!cls) return [];
    const wanted = new Set([x.field, x.period.field]);
    const facts = all
      ? 'v.legal_person_fact_v1'
      : '(SELECT * FROM v.legal_person_fact_v1 WHERE entity IN (SELECT entity FROM eco_touched))';
    const months = monthsOf[x.period.grain];
    const own = ['entity', 'day', 'fact', 'amount'];
    const col = (name: string) => ident(own.includes(name) ? `${name}_` : name);
    const value = x.rows === 'sum' ? 'sum(value)' : 'arg_max(value, (coalesce("day", DATE \'0001-01-01\'), fact))';
    return [
      `SELECT ${i}::TINYINT AS source, ${months}::TINYINT AS grain, entity, period::INTEGER AS period, round(${value}, 4) AS value, max(fact) AS fact
       FROM (SELECT entity, "day", fact, ${periodSql(col(x.period.field), x.period.form, months)} AS period, ${col(x.field)}::DOUBLE * ${factors[i]} AS value
         FROM (${recordSelect(cls, facts, (f) => wanted.has(f))}))
       WHERE value IS NOT NULL AND period BETWEEN ${1949 * 12} AND ${2100 * 12} GROUP BY entity, period`,
    ];
  });
  return {
    name: `${m.id}: what sources say`,
    sql: `CREATE OR REPLACE TEMP TABLE eco_said AS ${parts.join(' UNION ALL ') || 'SELECT 0::TINYINT AS source, 1::TINYINT AS grain, 0 AS entity, 0 AS period, 0::DOUBLE AS value, 0::BIGINT AS fact WHERE false'}`,
  };
}

/** Step that judges what is said into eco_judged: with `reason` where it is doubtful. */
function judgeStep(m: Measure, number: (id: string) => number): LakeStep {
  const rules = m.sources.map((x, i) => {
    const { min, max, spike, jump, against } = x.valid;
    const when: string[] = [];
    if (min !== undefined) when.push(`WHEN s.value < ${min} THEN 'min'`);
    if (max !== undefined) when.push(`WHEN s.value > ${max} THEN 'max'`);
    if (spike !== undefined)
      when.push(
        `WHEN t.n >= 4 AND t.middle > 0 AND (s.value > t.middle * ${spike} OR (s.value > 0 AND s.value < t.middle / ${spike})) THEN 'spike'`,
      );
    if (jump !== undefined) when.push(`WHEN t.n < 4 AND s.value > t.least * ${jump} THEN 'jump'`);
    if (against)
      when.push(
        `WHEN a${i}.value > 0 AND (false${against.low === undefined ? '' : ` OR s.value < a${i}.value * ${against.low}`}${against.high === undefined ? '' : ` OR s.value > a${i}.value * ${against.high}`}) THEN 'against'`,
      );
    return { i, against, sql: when.length ? `WHEN s.source = ${i} THEN CASE ${when.join(' ')} END` : '' };
  });
  const joins = rules
    .filter((r) => r.against)
    .map(
      (r) =>
        `LEFT JOIN eco.figure a${r.i} ON a${r.i}.measure = ${number(r.against!.measure)} AND a${r.i}.entity = s.entity AND a${r.i}.grain = s.grain AND a${r.i}.period = s.period AND a${r.i}.parts = s.grain`,
    );
  const cases = rules.map((r) => r.sql).join(' ');
  const spiky = m.sources.some((x) => x.valid.spike !== undefined || x.valid.jump !== undefined);
  return {
    name: `${m.id}: what is doubtful`,
    sql: `CREATE OR REPLACE TEMP TABLE eco_judged AS SELECT s.*, ${cases.trim() ? `CASE ${cases} END` : 'NULL::VARCHAR'} AS reason FROM eco_said s
      ${spiky ? 'LEFT JOIN (SELECT source, entity, median(abs(value)) AS middle, min(abs(value)) AS least, count(*) AS n FROM eco_said WHERE value <> 0 GROUP BY source, entity) t ON t.source = s.source AND t.entity = s.entity' : ''}
      ${joins.join(' ')}`,
  };
}

/** Steps that make eco_new, the golden figures of the touched enterprises, and eco_against, what contradicts them. */
function chooseSteps(m: Measure): LakeStep[] {
  const value = { sum: 'sum(value)', last: 'arg_max(value, period)', mean: 'avg(value)' }[m.over];
  const up = (
    months: number,
  ) => `SELECT source, ${months}::TINYINT AS grain, entity, (period - period % ${months})::INTEGER AS period, round(${value}, 4) AS value,
      arg_max(fact, period) AS fact, sum(grain)::TINYINT AS parts FROM eco_good WHERE grain < ${months} GROUP BY source, entity, period - period % ${months}`;
  const ranks = m.sources.map((x, i) => `WHEN ${i} THEN ${x.rank + (x.fills ? 1000 : 0)}`).join(' ');
  const fills = m.sources.flatMap((x, i) => (x.fills ? [i] : []));
  const key = 'entity, grain, period';
  return [
    {
      name: `${m.id}: what counts`,
      sql: 'CREATE OR REPLACE TEMP TABLE eco_good AS SELECT * EXCLUDE (reason) FROM eco_judged WHERE reason IS NULL',
    },
    {
      name: `${m.id}: longer periods`,
      sql: `CREATE OR REPLACE TEMP TABLE eco_candidate AS SELECT source, grain, entity, period, value, fact, grain AS parts FROM eco_good
        UNION ALL ${up(3)} UNION ALL ${up(12)}`,
    },
    {
      name: `${m.id}: golden figures`,
      sql: `CREATE OR REPLACE TEMP TABLE eco_new AS
        WITH best AS (SELECT ${key}, arg_min({'value': value, 'source': source, 'fact': fact, 'parts': parts},
              ((parts < grain)::INTEGER, CASE source ${ranks} END, -fact)) AS b,
            count(*) FILTER (parts = grain${fills.length ? ` AND source NOT IN (${fills.join(', ')})` : ''}) AS n,
            min(value) FILTER (parts = grain${fills.length ? ` AND source NOT IN (${fills.join(', ')})` : ''}) AS low,
            max(value) FILTER (parts = grain${fills.length ? ` AND source NOT IN (${fills.join(', ')})` : ''}) AS high
          FROM eco_candidate GROUP BY ${key})
        SELECT ${key}, b.value AS value, b.source AS source, b.fact AS fact, b.parts AS parts,
          n > 1 AND high - low > ${m.agree} * greatest(abs(low), abs(high)) AS disputed FROM best`,
    },
  ];
}

/** Steps that take the new figures into the tables: only what differs is written, what it was goes into the history. */
function keepSteps(m: Measure, number: number, all: boolean): LakeStep[] {
  const here = `measure = ${number}${all ? '' : ' AND entity IN (SELECT entity FROM eco_touched)'}`;
  const key = 'o.entity = n.entity AND o.grain = n.grain AND o.period = n.period';
  const columns = 'entity, grain, period, value, source, fact, parts';
  return [
    {
      name: `${m.id}: what it was`,
      sql: `CREATE OR REPLACE TEMP TABLE eco_old AS SELECT * FROM eco.figure WHERE ${here}`,
    },
    {
      name: `${m.id}: what changed`,
      sql: `CREATE OR REPLACE TEMP TABLE eco_changed AS
        SELECT coalesce(n.entity, o.entity) AS entity, coalesce(n.grain, o.grain) AS grain, coalesce(n.period, o.period) AS period,
          n.value, n.source, n.fact, n.parts, n.disputed, n.entity IS NULL AS gone, o.entity IS NOT NULL AS known,
          o.value AS was, o.source AS was_source, o.fact AS was_fact, o.parts AS was_parts, o.recorded AS was_recorded
        FROM eco_new n FULL JOIN eco_old o ON ${key}
        WHERE n.entity IS NULL OR o.entity IS NULL OR n.value IS DISTINCT FROM o.value OR n.source <> o.source OR n.fact <> o.fact OR n.parts <> o.parts OR n.disputed <> o.disputed`,
    },
    {
      name: `${m.id}: history`,
      sql: `INSERT INTO eco.history SELECT ${number}, entity, grain, period, was, was_source, was_fact, was_parts, was_recorded, $at FROM eco_changed
        WHERE known AND (gone OR value IS DISTINCT FROM was OR parts <> was_parts) ORDER BY entity, grain, period`,
    },
    {
      name: `${m.id}: old figures`,
      sql: `DELETE FROM eco.figure o USING (SELECT entity, grain, period FROM eco_changed WHERE known) n WHERE o.measure = ${number} AND ${key}`,
    },
    {
      name: `${m.id}: new figures`,
      sql: `INSERT INTO eco.figure SELECT ${number}, ${columns}, disputed, CASE WHEN known AND value IS NOT DISTINCT FROM was AND parts = was_parts THEN was_recorded ELSE $at END
        FROM eco_changed WHERE NOT gone ORDER BY grain, period, entity`,
    },
    {
      name: `${m.id}: contradictions`,
      sql: `DELETE FROM eco.contradiction WHERE ${here};
        INSERT INTO eco.contradiction SELECT ${number}, c.entity, c.grain, c.period, c.source, c.value, c.fact, c.source = n.source FROM eco_candidate c
        JOIN eco_new n ON n.disputed AND n.entity = c.entity AND n.grain = c.grain AND n.period = c.period WHERE c.parts = c.grain ORDER BY ALL`,
    },
    {
      name: `${m.id}: doubts`,
      sql: `DELETE FROM eco.doubt WHERE ${here};
        INSERT INTO eco.doubt SELECT ${number}, entity, grain, period, source, value, fact, reason FROM eco_judged WHERE reason IS NOT NULL ORDER BY ALL`,
    },
  ];
}

/** What making one measure did. */
export interface Made {
  enterprises: number;
  changed: number;
}

/** Makes one measure up to an integration, within the session's transaction. */
export async function makeMeasure(
  s: LakeSession,
  economy: Economy,
  m: Measure,
  given: {
    classes: ReadonlyMap<string, ClassFields>;
    upTo: number;
    at: Date;
    onStep?: (t: { name: string; ms: number; rows: number }) => void;
  },
): Promise<Made> {
  const numbers = new Map([...given.classes].map(([source, c]) => [source, c.class]));
  const known = new Map(
    (
      await s.query<{ measure: number; id: string; sha256: string; integration: number }>(
        'SELECT measure, id, sha256, integration FROM eco.measure',
      )
    ).map((r) => [r.id, r]),
  );
  const before = known.get(m.id);
  const sha = economy.sha.get(m.id)!;
  const number = before?.measure ?? Math.max(0, ...[...known.values()].map((k) => k.measure)) + 1;
  const all = before?.sha256 !== sha;
  if (before && !all && before.integration === given.upTo) return { enterprises: 0, changed: 0 };
  if (!all) {
    await s.run(
      `CREATE OR REPLACE TEMP TABLE eco_touched AS SELECT DISTINCT entity FROM (${newsSql(classesOf(economy, m, numbers), before!.integration)}) WHERE entity > 0`,
    );
  }
  const steps = [
    saidStep(m, economy.factors.get(m.id)!, given.classes, all),
    judgeStep(m, (id) => known.get(id)?.measure ?? 0),
    ...chooseSteps(m),
    ...keepSteps(m, number, all).map((step) =>
      step.sql.includes('$at') ? { ...step, params: { at: given.at } } : step,
    ),
  ];
  for (const step of steps) await s.steps([step], given.onStep);
  const done = (await s.first<{ n: number; e: number }>(
    `SELECT count(*) AS n, (SELECT count(DISTINCT entity) FROM eco_said) AS e FROM eco_changed`,
  ))!;
  await s.run('DELETE FROM eco.measure WHERE id = $id', { id: m.id });
  await s.run('INSERT INTO eco.measure VALUES ($number, $id, $sha, $upTo, $unit, $sources)', {
    ...{ number, id: m.id, sha, upTo: given.upTo, unit: m.unit, sources: m.sources.map((x) => x.source) },
  });
  for (const t of ['said', 'judged', 'good', 'candidate', 'new', 'old', 'changed'])
    await s.run(`DROP TABLE IF EXISTS eco_${t}`);
  return { enterprises: done.e, changed: done.n };
}
