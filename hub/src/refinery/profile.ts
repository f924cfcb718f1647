/**
 * What a class's values look like. Rows and filled values are exact; shapes, most frequent values, different values and lengths
 * come from a sample of blocks of neighbouring rows, whose size is kept beside them.
 */
import { ident, type LakeSession, literal } from '../platform/lake/index.ts';
import type { Batch } from './pairs.ts';

/** Rows of a run that are looked at, at most about. */
export const SAMPLE_ROWS = 512;
/** Neighbouring rows taken together: blocks that are left out cost nothing. */
const BLOCK = 64;

/** The shape of a value: 9 for digits, A and a for letters, 汉 for Chinese characters; runs are shortened. */
const shape = (x: string) =>
  `left(regexp_replace(regexp_replace(regexp_replace(regexp_replace(${x}, '[0-9]+', '9', 'g'), '[A-Z]+', 'A', 'g'), '[a-z]+', 'a', 'g'), '\\p{Han}+', '汉', 'g'), 24)`;

interface FieldRow {
  run: number;
  field: number;
  sampled: number;
  distinct_values: number;
  min: string | null;
  max: string | null;
  min_length: number | null;
  max_length: number | null;
}

/** Population stability index of two distributions of shapes. */
export function stabilityIndex(
  before: readonly { pattern: string; rows: number }[],
  now: readonly { pattern: string; rows: number }[],
): number {
  const total = (list: readonly { rows: number }[]) => list.reduce((n, p) => n + p.rows, 0) || 1;
  const share = (list: readonly { pattern: string; rows: number }[], p: string) =>
    Math.max((list.find((x) => x.pattern === p)?.rows ?? 0) / total(list), 0.0001);
  const all = new Set([...before, ...now].map((p) => p.pattern));
  let psi = 0;
  for (const p of all) psi += (share(now, p) - share(before, p)) * Math.log(share(now, p) / share(before, p));
  return Math.round(psi * 10_000) / 10_000;
}

/** Replaces the profiles of the given runs. `rowsOf` by run; `filled` by `run position` (position from 0). */
export async function profile(
  session: LakeSession,
  batches: readonly Batch[],
  rowsOf: Map<number, number>,
  filled: Map<string, number>,
): Promise<void> {
  const selects = batches.flatMap(({ plan, runs }) =>
    runs.flatMap((run) => {
      const every = Math.max(1, Math.ceil((rowsOf.get(run) ?? 0) / SAMPLE_ROWS));
      const fields = plan.declaration.fields.map((f, i) => ({ name: f.name, i }));
      return [
        `SELECT ${run} AS run, unnest([${fields.map((f) => f.i).join(', ')}]) AS field, unnest([${fields.map((f) => `${ident(f.name)}::VARCHAR`).join(', ')}]) AS value
         FROM ${plan.table} WHERE _run = ${run}${every > 1 ? ` AND (_row // ${BLOCK}) % ${every} = 0` : ''}`,
      ];
    }),
  );
  if (selects.length === 0) return;
  await session.run('CREATE OR REPLACE TEMP TABLE sample (run INTEGER, field INTEGER, value VARCHAR)');
  // A few classes at a time: one statement over all of them would be planned longer than it runs.
  for (let i = 0; i < selects.length; i += 16)
    await session.run(`INSERT INTO sample ${selects.slice(i, i + 16).join('\nUNION ALL\n')}`);
  const fields = await session.query<FieldRow & Record<string, unknown>>(
    `SELECT run, field, count(*) AS sampled, approx_count_distinct(nullif(value, '')) AS distinct_values, left(min(nullif(value, '')), 60) AS min,
       left(max(nullif(value, '')), 60) AS max, min(length(nullif(value, ''))) AS min_length, max(length(nullif(value, ''))) AS max_length
     FROM sample GROUP BY run, field`,
  );
  const most = async (what: string, as: string) => {
    const rows = await session.query<{ run: number; field: number; text: string; rows: number }>(
      `SELECT run, field, ${what} AS text, count(*) AS rows FROM sample WHERE value <> '' GROUP BY run, field, text
       QUALIFY row_number() OVER (PARTITION BY run, field ORDER BY count(*) DESC, text) <= 10 ORDER BY run, field, rows DESC, text`,
    );
    const map = new Map<string, Record<string, unknown>[]>();
    for (const r of rows) {
      const key = `${r.run} ${r.field}`;
      map.set(key, [...(map.get(key) ?? []), { [as]: r.text, rows: r.rows }]);
    }
    return map;
  };
  const patterns = await most(shape('value'), 'pattern');
  const top = await most('left(value, 60)', 'value');
  const sources = [...new Set(batches.map((b) => b.plan.source))];
  const before = await session.query<{ source: string; field: string; patterns: string }>(
    `SELECT source, field, patterns FROM rf.profile WHERE source IN (${sources.map(literal).join(', ')}) AND run < ${Math.min(...batches.flatMap((b) => [...b.runs]))}
     QUALIFY row_number() OVER (PARTITION BY source, field ORDER BY run DESC) = 1`,
  );
  const earlier = new Map(
    before.map((b) => [`${b.source} ${b.field}`, JSON.parse(b.patterns) as { pattern: string; rows: number }[]]),
  );
  const planOfRun = new Map(batches.flatMap((b) => b.runs.map((r) => [r, b.plan] as const)));
  const flagged = new Map(
    (
      await session.query<{ run: number; field: string; n: number }>(
        `SELECT run, field, sum(b - a)::BIGINT AS n FROM rf.quality WHERE rule IN ('format', 'codes', 'check', 'bounds')
         AND run IN (${[...planOfRun.keys()].join(', ')}) GROUP BY run, field`,
      )
    ).map((r) => [`${r.run} ${r.field}`, r.n]),
  );
  await session.run(`DELETE FROM rf.profile WHERE run IN (${[...planOfRun.keys()].join(', ')})`);
  await session.append(
    'rf.profile',
    fields.map((f) => {
      const plan = planOfRun.get(f.run)!;
      const name = plan.declaration.fields[f.field]!.name;
      const key = `${f.run} ${f.field}`;
      const now = (patterns.get(key) ?? []) as { pattern: string; rows: number }[];
      const old = earlier.get(`${plan.source} ${name}`);
      return [
        plan.source,
        plan.number,
        f.run,
        name,
        BigInt(rowsOf.get(f.run) ?? 0),
        BigInt(f.sampled),
        BigInt(filled.get(key) ?? 0),
        BigInt(f.distinct_values),
        f.min,
        f.max,
        f.min_length,
        f.max_length,
        BigInt(flagged.get(`${f.run} ${name}`) ?? 0),
        JSON.stringify(now),
        JSON.stringify(top.get(key) ?? []),
        old ? stabilityIndex(old, now) : null,
      ];
    }),
  );
  await session.run('DROP TABLE sample');
}
