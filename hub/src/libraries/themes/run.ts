/**
 * One run of a theme: who belongs to it, and what changed since the state at the end of the day before. All in the engine, one
 * transaction; a day may be run again.
 */
import type { Clock } from '../../platform/clock.ts';
import type { Lake } from '../../platform/lake/index.ts';
import { ident } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { LoadedTheme } from './load.ts';
import { dayBefore, runFailed, tooSlow } from './problems.ts';

/** Figures of a run. */
export interface ThemeRun {
  theme: string;
  day: string;
  members: number;
  entered: number;
  gone: number;
  withoutEntity: number;
  filled: number;
  contradicted: number;
  ms: number;
}

/** Writers of the themes' tables wait for each other. */
export const THEMES_LANE = 'themes';

/** Runs a theme for a day ('YYYY-MM-DD'). One that waits for views must not be run. */
export async function runTheme(
  ports: { lake: Lake; clock: Clock; signal?: AbortSignal },
  theme: LoadedTheme,
  day: string,
): Promise<ThemeRun> {
  const { theme: id, seconds, retention } = theme.declaration;
  const start = performance.now();
  let late = false;
  return ports.lake.write(THEMES_LANE, async (s) => {
    const last = await s.first<{ day: string | null }>(
      'SELECT max(day)::VARCHAR AS day FROM thm.run WHERE theme = $id',
      { id },
    );
    if (last?.day && last.day > day) throw new Problem(dayBefore, { last: last.day });
    const stop = () => s.interrupt();
    const timer = setTimeout(() => {
      late = true;
      stop();
    }, seconds * 1000);
    ports.signal?.addEventListener('abort', stop, { once: true });
    try {
      const said = theme.shown.filter((c) => c.from === 'member').map((c) => `${ident(c.column)}::VARCHAR`);
      await s.run(
        `CREATE OR REPLACE TEMP TABLE theme_said AS SELECT try_cast(entity AS BIGINT) AS entity, nullif(division::VARCHAR, '') AS division,
           reason::VARCHAR AS reason, try_cast(fact AS BIGINT) AS fact, [${said.join(', ')}]::VARCHAR[] AS said FROM (${theme.select.sql})`,
        theme.select.usesDay ? { day } : {},
      );
      // Who is named several times is one member: the record that came last tells why.
      await s.run(`CREATE OR REPLACE TEMP TABLE theme_now AS SELECT entity, unnest(arg_max({'division': division, 'reason': reason, 'fact': fact, 'said': said},
          (coalesce(fact, 0), coalesce(reason, '')))) FROM theme_said WHERE entity > 0 GROUP BY entity`);
      await s.run(
        `CREATE OR REPLACE TEMP TABLE theme_before AS
           SELECT * EXCLUDE (theme) FROM thm.member WHERE theme = $id AND since < $day::DATE
           UNION ALL SELECT * EXCLUDE (theme, until) FROM thm.past WHERE theme = $id AND until = $day::DATE`,
        { id, day },
      );
      const run = await keep(s, theme, day);
      await s.run('DELETE FROM thm.past WHERE theme = $id AND until < $day::DATE - CAST($retention AS INTEGER)', {
        id,
        day,
        retention,
      });
      run.ms = performance.now() - start;
      await s.run('DELETE FROM thm.run WHERE theme = $id AND day = $day::DATE', { id, day });
      await s.run(
        'INSERT INTO thm.run VALUES ($id, $day::DATE, $at, $ms, $members, $entered, $gone, $without, $filled, $contradicted, $sha)',
        {
          ...{ id, day, at: ports.clock.now(), ms: run.ms, members: run.members, entered: run.entered, gone: run.gone },
          ...{ without: run.withoutEntity, filled: run.filled, contradicted: run.contradicted, sha: theme.sha256 },
        },
      );
      ports.signal?.throwIfAborted();
      return run;
    } catch (error) {
      if (late) throw new Problem(tooSlow, { theme: id, seconds });
      if (error instanceof Problem || ports.signal?.aborted) throw error;
      // What the engine says only while it runs (a cast, a division) is a mistake of the declaration like any other.
      const message = (error as Error).message.split('\n')[0];
      throw new Problem(runFailed, { theme: id, message }, { file: `themes/${id}/members.sql` });
    } finally {
      clearTimeout(timer);
      ports.signal?.removeEventListener('abort', stop);
    }
  });
}

type Session = Parameters<Parameters<Lake['write']>[1]>[0];

async function keep(s: Session, theme: LoadedTheme, day: string): Promise<ThemeRun> {
  const id = theme.declaration.theme;
  const given = { id, day };
  await s.run('DELETE FROM thm.member WHERE theme = $id', { id });
  await s.run(
    `INSERT INTO thm.member SELECT $id, n.entity, n.division, n.reason, n.fact, n.said, coalesce(b.since, $day::DATE)
     FROM theme_now n LEFT JOIN theme_before b ON b.entity = n.entity ORDER BY n.entity`,
    given,
  );
  await s.run('DELETE FROM thm.past WHERE theme = $id AND until = $day::DATE', given);
  await s.run(
    `INSERT INTO thm.past SELECT $id, b.entity, b.division, b.reason, b.fact, b.said, b.since, $day::DATE FROM theme_before b
     WHERE b.entity NOT IN (SELECT entity FROM theme_now) ORDER BY b.entity`,
    given,
  );
  await s.run('DELETE FROM thm.split WHERE theme = $id AND day = $day::DATE', given);
  await s.run(
    'INSERT INTO thm.split SELECT $id, $day::DATE, left(division, 9), count(*) FROM theme_now GROUP BY 3 ORDER BY 3',
    given,
  );
  const own = theme.shown.filter((c) => c.from === 'library').map((c) => `(l.${ident(c.column)} IS NOT NULL)::INTEGER`);
  const row = (await s.first<Record<string, number>>(
    `SELECT (SELECT count(*) FROM theme_now) AS members,
       (SELECT count(*) FROM theme_now WHERE entity NOT IN (SELECT entity FROM theme_before)) AS entered,
       (SELECT count(*) FROM theme_before WHERE entity NOT IN (SELECT entity FROM theme_now)) AS gone,
       (SELECT count(*) FROM theme_said WHERE coalesce(entity, 0) <= 0) AS "withoutEntity",
       coalesce((SELECT avg((${own.join(' + ')}) / ${own.length}) FROM theme_now n JOIN ${theme.library.view} l ON l.entity = n.entity), 0)::DOUBLE AS filled,
       coalesce((SELECT avg((l.contradictions > 0)::INTEGER) FROM theme_now n JOIN ${theme.library.view} l ON l.entity = n.entity), 0)::DOUBLE AS contradicted`,
  ))!;
  for (const t of ['said', 'now', 'before']) await s.run(`DROP TABLE theme_${t}`);
  return { theme: id, day, ...(row as unknown as Omit<ThemeRun, 'theme' | 'day' | 'ms'>), ms: 0 };
}
