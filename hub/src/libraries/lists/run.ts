/**
 * One run of a list: who should, who has, who is excused, and what changed since the day before. All in the engine, one
 * transaction. A day may be run again: what is compared with is always the state at the end of the day before, which the
 * tables hold (members since earlier days, and stays that ended on this day).
 */
import type { Clock } from '../../platform/clock.ts';
import type { Select } from '../../platform/declared/index.ts';
import { ident, type Lake, type LakeSession, type LakeStep, type StepTiming } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { LoadedList } from './load.ts';
import { dayBefore, tooSlow } from './problems.ts';

/** Figures of a run. `before` + `fresh` - `endedDone` - `endedWithdrawn` = `members`. */
export interface ListRun {
  list: string;
  day: string;
  who: number;
  done: number;
  excepted: number;
  members: number;
  before: number;
  fresh: number;
  still: number;
  endedDone: number;
  endedWithdrawn: number;
  /** Rows of who.sql that name no subject (unmatched records). */
  withoutSubject: number;
  ms: number;
}

/** What a run stands on. */
export interface RunPorts {
  lake: Lake;
  clock: Clock;
  signal?: AbortSignal;
  onStep?: (timing: StepTiming) => void;
}

/** Writers of the lists' tables wait for each other. */
export const LISTS_LANE = 'lists';

/** Runs a list for a day ('YYYY-MM-DD'). A list that waits for views must not be run. */
export async function runList(ports: RunPorts, list: LoadedList, day: string): Promise<ListRun> {
  const { id, seconds } = list.declaration;
  const began = ports.clock.now();
  const start = performance.now();
  let late = false;
  return ports.lake.write(LISTS_LANE, async (s) => {
    const last = await s.first<{ day: string | null }>(
      'SELECT max(day)::VARCHAR AS day FROM lst.run WHERE list = $list',
      { list: id },
    );
    if (last?.day && last.day > day) throw new Problem(dayBefore, { last: last.day });
    const stop = () => s.interrupt();
    const timer = setTimeout(() => {
      late = true;
      stop();
    }, seconds * 1000);
    ports.signal?.addEventListener('abort', stop, { once: true });
    try {
      const staged = await stageGolden(s, list, ports.onStep);
      for (const step of compareSteps(list, day)) await one(s, { ...step, sql: staged.read(step.sql) }, ports.onStep);
      for (const name of staged.names) await s.run(`DROP TABLE temp.${name}`);
      const run = await figures(s, id, day);
      run.ms = performance.now() - start;
      await keep(s, list, run, began, ports.clock.now());
      ports.signal?.throwIfAborted();
      return run;
    } catch (error) {
      if (late) throw new Problem(tooSlow, { list: id, seconds });
      throw error;
    } finally {
      clearTimeout(timer);
      ports.signal?.removeEventListener('abort', stop);
    }
  });
}

const one = (s: LakeSession, step: LakeStep, onStep?: (t: StepTiming) => void) => s.steps([step], onStep);

/** Golden records of subjects: views that put an entity's values side by side, which costs a pass over all of them. */
const GOLDEN = ['v.person_v1', 'v.legal_person_v1'];

/**
 * Golden records that more than one part of a list reads are taken once, the columns that are named anywhere. Answers how a
 * part's SQL is to be read.
 */
async function stageGolden(s: LakeSession, list: LoadedList, onStep?: (t: StepTiming) => void) {
  const parts = [list.who, list.done, ...(list.except ? [list.except] : [])];
  const shared = GOLDEN.filter((v) => parts.filter((p) => p.views.includes(v)).length > 1);
  const words = new Set(parts.flatMap((p) => p.sql.toLowerCase().match(/\w+/g) ?? []));
  const names: string[] = [];
  for (const view of shared) {
    if (parts.some((p) => p.readsAll)) continue;
    const columns = await s.query<{ column_name: string }>(`DESCRIBE ${view}`);
    const asked = columns.map((c) => c.column_name).filter((c) => words.has(c.toLowerCase()));
    const name = view.slice(2);
    const sql = `CREATE OR REPLACE TEMP TABLE ${name} AS SELECT ${asked.map(ident).join(', ')} FROM ${view}`;
    await one(s, { name: `${view} once`, sql }, onStep);
    names.push(name);
  }
  const pattern = new RegExp(`\\bv\\.(${names.join('|')})\\b`, 'g');
  return { names, read: (sql: string) => (names.length ? sql.replace(pattern, 'temp.$1') : sql) };
}

/** Steps that make `today` (who is a member and how each stands to yesterday) out of the declared SELECTs. */
function compareSteps(list: LoadedList, day: string): LakeStep[] {
  const id = list.declaration.id;
  const given = (select: Select) => (select.usesDay ? { params: { day } } : {});
  const entities = (select: Select | null) =>
    select
      ? `SELECT DISTINCT try_cast(entity AS BIGINT) AS entity FROM (${select.sql}) WHERE entity IS NOT NULL`
      : 'SELECT 0::BIGINT AS entity WHERE false';
  return [
    {
      name: 'who should',
      sql: `CREATE OR REPLACE TEMP TABLE list_said AS
        SELECT coalesce(try_cast(entity AS BIGINT), 0) AS entity, nullif(division::VARCHAR, '') AS division,
               reason::VARCHAR AS reason, try_cast(due AS DATE) AS due FROM (${list.who.sql})`,
      ...given(list.who),
    },
    {
      name: 'who should for several reasons',
      sql: `CREATE OR REPLACE TEMP TABLE list_several AS
        SELECT entity FROM list_said WHERE entity > 0 GROUP BY entity HAVING count(*) > 1`,
    },
    {
      // Such a subject is one member: the reason that is due first counts. Most are named once and need no grouping.
      name: 'each once',
      sql: `CREATE OR REPLACE TEMP TABLE list_who AS
        SELECT * FROM list_said ANTI JOIN list_several USING (entity) WHERE entity > 0
        UNION ALL
        SELECT entity, unnest(arg_min({'division': division, 'reason': reason, 'due': due},
                 (coalesce(due, DATE '9999-12-31'), coalesce(reason, ''), coalesce(division, ''))))
        FROM list_said SEMI JOIN list_several USING (entity) GROUP BY entity`,
    },
    { name: 'who has', sql: `CREATE OR REPLACE TEMP TABLE list_done AS ${entities(list.done)}`, ...given(list.done) },
    {
      name: 'who is excused',
      sql: `CREATE OR REPLACE TEMP TABLE list_except AS ${entities(list.except)}`,
      ...(list.except ? given(list.except) : {}),
    },
    {
      name: 'yesterday',
      sql: `CREATE OR REPLACE TEMP TABLE list_before AS
        SELECT entity, division, reason, due, since FROM lst.member WHERE list = $id AND since < $day::DATE
        UNION ALL
        SELECT entity, division, reason, due, since FROM lst.ended WHERE list = $id AND until = $day::DATE`,
      params: { id, day },
    },
    {
      name: 'members',
      sql: `CREATE OR REPLACE TEMP TABLE list_today AS
        SELECT w.entity, w.division, w.reason, w.due,
               coalesce(b.since, $day::DATE) AS since, b.entity IS NULL AS fresh
        FROM (SELECT * FROM list_who ANTI JOIN list_done USING (entity)) w
        ANTI JOIN list_except e ON e.entity = w.entity
        LEFT JOIN list_before b ON b.entity = w.entity`,
      params: { day },
    },
    {
      name: 'who left',
      sql: `CREATE OR REPLACE TEMP TABLE list_left AS
        SELECT b.*, CASE WHEN d.entity IS NOT NULL THEN 'done' WHEN e.entity IS NOT NULL THEN 'excepted'
                         ELSE 'withdrawn' END AS ending
        FROM (SELECT * FROM list_before ANTI JOIN list_today USING (entity)) b
        LEFT JOIN list_done d USING (entity) LEFT JOIN list_except e USING (entity)`,
    },
  ];
}

/** Counts what the steps made, and holds it against itself. */
async function figures(s: LakeSession, list: string, day: string): Promise<ListRun> {
  const row = (await s.first<Record<string, number>>(
    `SELECT (SELECT count(*) FROM list_who) AS who,
       (SELECT count(*) FROM list_who SEMI JOIN list_done USING (entity)) AS done,
       (SELECT count(*) FROM (FROM list_who ANTI JOIN list_done USING (entity)) SEMI JOIN list_except USING (entity)) AS excepted,
       (SELECT count(*) FROM list_today) AS members, (SELECT count(*) FROM list_before) AS before,
       (SELECT count(*) FROM list_today WHERE fresh) AS fresh, (SELECT count(*) FROM list_today WHERE NOT fresh) AS still,
       (SELECT count(*) FROM list_left WHERE ending = 'done') AS ended_done,
       (SELECT count(*) FROM list_left WHERE ending <> 'done') AS ended_withdrawn,
       (SELECT count(*) FROM list_said WHERE entity <= 0) AS without_subject`,
  ))!;
  const run: ListRun = {
    ...{ list, day, who: row.who!, done: row.done!, excepted: row.excepted!, members: row.members! },
    ...{ before: row.before!, fresh: row.fresh!, still: row.still!, endedDone: row.ended_done! },
    ...{ endedWithdrawn: row.ended_withdrawn!, withoutSubject: row.without_subject!, ms: 0 },
  };
  const holds =
    run.members === run.who - run.done - run.excepted &&
    run.members === run.fresh + run.still &&
    run.before === run.still + run.endedDone + run.endedWithdrawn;
  if (!holds) throw new Error(`the figures of the list ${list} do not add up: ${JSON.stringify(run)}`);
  return run;
}

async function keep(s: LakeSession, list: LoadedList, run: ListRun, began: Date, finished: Date): Promise<void> {
  const { id } = list.declaration;
  const given = { id, day: run.day };
  await s.run('DELETE FROM lst.member WHERE list = $id', { id });
  await s.run(`INSERT INTO lst.member SELECT $id, entity, division, reason, due, since FROM list_today`, { id });
  await s.run('DELETE FROM lst.ended WHERE list = $id AND until = $day::DATE', given);
  await s.run(
    `INSERT INTO lst.ended SELECT $id, entity, division, reason, due, since, $day::DATE, ending FROM list_left
     ORDER BY entity`,
    given,
  );
  await s.run('DELETE FROM lst.split WHERE list = $id AND day = $day::DATE', given);
  await s.run(
    `INSERT INTO lst.split
     SELECT $id, $day::DATE, left(division, 9) AS town, count(*) FILTER (kind IN ('fresh', 'still')),
            count(*) FILTER (kind = 'fresh'), count(*) FILTER (kind = 'still'), count(*) FILTER (kind = 'done'),
            count(*) FILTER (kind IN ('withdrawn', 'excepted'))
     FROM (SELECT division, CASE WHEN fresh THEN 'fresh' ELSE 'still' END AS kind FROM list_today
           UNION ALL SELECT division, ending FROM list_left)
     GROUP BY town ORDER BY town`,
    given,
  );
  await s.run('DELETE FROM lst.run WHERE list = $id AND day = $day::DATE', given);
  await s.run(
    `INSERT INTO lst.run VALUES ($id, $day::DATE, $began, $finished, $ms, $who, $done, $excepted, $members, $before,
       $fresh, $still, $endedDone, $endedWithdrawn, $withoutSubject, $declaration)`,
    {
      ...{ id, day: run.day, began, finished, ms: run.ms, who: run.who, done: run.done, excepted: run.excepted },
      ...{ members: run.members, before: run.before, fresh: run.fresh, still: run.still, endedDone: run.endedDone },
      ...{ endedWithdrawn: run.endedWithdrawn, withoutSubject: run.withoutSubject, declaration: list.sha256 },
    },
  );
  for (const t of ['said', 'several', 'who', 'done', 'except', 'before', 'today', 'left'])
    await s.run(`DROP TABLE list_${t}`);
}
