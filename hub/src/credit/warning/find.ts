/** The daily run of the rules: found in the engine, kept in the operational store, no open warning twice. */
import { z } from 'zod';
import { defineRecordViews } from '../../libraries/index.ts';
import type { JobKind } from '../../platform/jobs/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { ASSESS_LANE, cityDay, dayParams, scoringFolder } from '../score/job.ts';
import { SCORE_LANE } from '../score/run.ts';
import { withDay } from '../score/sql-check.ts';
import { askable, type Rule, readRules } from './rules.ts';
import { basesOf, stillSays } from './still.ts';

/** The kind of the run. */
export const WARNING_JOB = 'credit.warnings';
/** Rows of one statement to the store. */
const BATCH = 2000;

/** What a run did. */
export interface FoundWarnings {
  day: string;
  rules: number;
  found: number;
  created: number;
  lapsed: number;
  /** Rules whose classes the city does not have. */
  unavailable: string[];
  /** Rules that were not run, since nothing that they read has changed. */
  still: string[];
}

/**
 * Keeps a batch: what is open is seen again, a matter that was handled stays handled, the rest is new. `$1` is a JSON
 * array, `$2` the day.
 */
const KEEP = `
  WITH f AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS f(rule text, entity integer, matter text, severity text, day date,
      value double precision, facts text[], town text, within integer)
  ), seen AS (
    UPDATE credit.warning w SET seen_on = $2::date, lapsed_on = NULL, due_on = coalesce(w.due_on, w.found_on + f.within),
      times = w.times + CASE WHEN w.lapsed_on IS NULL THEN 0 ELSE 1 END, value = f.value, facts = f.facts, day = f.day,
      matter = CASE WHEN EXISTS (SELECT 1 FROM credit.warning o WHERE o.rule = f.rule AND o.entity = f.entity
        AND o.matter = f.matter) THEN w.matter ELSE f.matter END
    FROM f WHERE w.rule = f.rule AND w.entity = f.entity AND w.state IN ('new', 'confirmed')
    RETURNING 1
  ), made AS (
    INSERT INTO credit.warning (rule, entity, matter, severity, day, found_on, seen_on, due_on, value, facts, town)
    SELECT f.rule, f.entity, f.matter, f.severity, f.day, $2::date, $2::date, $2::date + f.within, f.value, f.facts, f.town
    FROM f
    WHERE NOT EXISTS (SELECT 1 FROM credit.warning o WHERE o.rule = f.rule AND o.entity = f.entity
      AND (o.matter = f.matter OR o.state IN ('new', 'confirmed')))
    ON CONFLICT DO NOTHING
    RETURNING 1
  )
  SELECT (SELECT count(*) FROM made)::integer AS made`;

/** Days within which a warning is to be handled, by its severity. */
export type Deadlines = Record<Rule['severity'], number>;

/** Runs the rules of a day. */
export async function findWarnings(
  deps: Pick<Deps, 'lake' | 'db'>,
  rules: readonly Rule[],
  day: string,
  days: Deadlines,
  onRule?: (done: number, rule: Rule) => void,
): Promise<FoundWarnings> {
  const result: FoundWarnings = {
    day,
    rules: rules.length,
    found: 0,
    created: 0,
    lapsed: 0,
    unavailable: [],
    still: [],
  };
  const ran = new Map<string, string>();
  await deps.lake.session(async (s) => {
    const classes = await defineRecordViews(s);
    const bases = await basesOf(s, rules, classes);
    for (const [n, rule] of rules.entries()) {
      if (!(await askable(s, rule))) {
        result.unavailable.push(rule.id);
        continue;
      }
      const basis = bases.get(rule.id)!;
      if (await stillSays(s, rule, basis, day)) {
        const seen = await deps.db.query(
          `UPDATE credit.warning SET seen_on = greatest(seen_on, $2::date) WHERE rule = $1
             AND state IN ('new', 'confirmed') AND lapsed_on IS NULL RETURNING 1`,
          [rule.id, day],
        );
        result.found += seen.length;
        result.still.push(rule.id);
        ran.set(rule.id, basis);
        onRule?.(n + 1, rule);
        continue;
      }
      const rows = s.stream<Record<string, unknown>>(
        `SELECT x.entity, x.matter, x.day, x.value, x.facts, p.division AS town
         FROM (SELECT entity, matter::VARCHAR AS matter, day::DATE AS day, value::DOUBLE AS value,
                 list_sort(facts, 'DESC')[:12]::VARCHAR[] AS facts
               FROM (${withDay(rule.sql, day).replace(/;\s*$/, '')}\n)
               QUALIFY row_number() OVER (PARTITION BY entity ORDER BY day DESC NULLS LAST, matter DESC) = 1) x
         JOIN v.legal_person_v1 p ON p.entity = x.entity
         WHERE coalesce(p.status, '') NOT LIKE '%注销%' AND x.matter IS NOT NULL`,
      );
      let batch: unknown[] = [];
      const put = async () => {
        if (batch.length === 0) return;
        const [answer] = await deps.db.query<{ made: number }>(KEEP, [JSON.stringify(batch), day]);
        result.created += answer!.made;
        batch = [];
      };
      for await (const part of rows) {
        for (const row of part) {
          result.found += 1;
          const within = days[rule.severity];
          batch.push({ ...row, facts: row.facts ?? [], rule: rule.id, severity: rule.severity, within });
          if (batch.length === BATCH) await put();
        }
      }
      await put();
      const lapsed = await deps.db.query(
        `UPDATE credit.warning SET lapsed_on = $2::date WHERE rule = $1 AND state IN ('new', 'confirmed')
           AND seen_on < $2::date AND lapsed_on IS NULL RETURNING 1`,
        [rule.id, day],
      );
      result.lapsed += lapsed.length;
      ran.set(rule.id, basis);
      onRule?.(n + 1, rule);
    }
  });
  // After everything found is kept: broken off before, the next run looks again.
  await deps.lake.write(SCORE_LANE, async (s) => {
    await s.run('DELETE FROM cs.rule_basis');
    for (const [rule, basis] of ran)
      await s.run('INSERT INTO cs.rule_basis VALUES ($rule, $day::DATE, $basis)', { rule, day, basis });
  });
  return result;
}

/** The job. */
export function warningJob(
  deps: Pick<Deps, 'lake' | 'db' | 'folders' | 'config'>,
): JobKind<z.output<typeof dayParams>> {
  return {
    kind: WARNING_JOB,
    title: { zh: '企业预警', en: 'Early warnings' },
    params: dayParams,
    lane: ASSESS_LANE,
    async run(ctx, asked) {
      const { rules, problems } = readRules(scoringFolder(deps));
      if (problems.length > 0)
        throw new Problem(problems[0]!.kind, problems[0]!.params, problems[0]!.place, problems.slice(1));
      // A second try finds what the first has kept and adds the rest: nothing has to be remembered but the day.
      const before = z.object({ day: z.string() }).safeParse(ctx.state).data;
      const day = asked.day ?? before?.day ?? cityDay(ctx.clock.now());
      await ctx.checkpoint({ day });
      return findWarnings(deps, rules, day, deps.config.credit.warningDays, (done, rule) => {
        ctx.signal.throwIfAborted();
        ctx.progress({ done, total: rules.length, note: rule.title });
      });
    },
  };
}
