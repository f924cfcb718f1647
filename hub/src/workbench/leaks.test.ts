/** Of two people who ask the same, the one with fewer rights sees nothing of the planted values, whatever is asked. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Problem } from '../platform/problem.ts';
import { type Bench, openBench, secrets, somebody } from './testing.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const words = (text: string) => fc.constantFrom(...text.trim().split(/\s+/));
const lines = (text: string) => fc.constantFrom(...text.trim().split(/\s*\n\s*/));
const columns = words('name home born wage token note town entity f.name f.note');
const scalar = words('upper reverse md5 length hash to_json hex ascii trim typeof sha256 strip_accents');
const aggregate = words('max min first list string_agg mode any_value histogram');

/** An expression of one value; most of them compile. */
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    { weight: 6, arbitrary: columns },
    { weight: 1, arbitrary: lines(`raw\n f\n f.raw\n v.firm_v1.note\n current_setting('x')\n rowid`) },
    { weight: 4, arbitrary: fc.tuple(scalar, tie('value')).map(([f, x]) => `${f}(${x}::VARCHAR)`) },
    {
      weight: 2,
      arbitrary: fc.tuple(tie('value'), words('VARCHAR INTEGER DATE BLOB')).map(([x, t]) => `TRY_CAST(${x} AS ${t})`),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(tie('value'), words('INTEGER DATE')).map(([x, t]) => `CAST(${x}::VARCHAR AS ${t})`),
    },
    { weight: 2, arbitrary: fc.tuple(tie('value'), tie('value')).map(([x, y]) => `(${x}::VARCHAR || ${y}::VARCHAR)`) },
    { weight: 2, arbitrary: tie('value').map((x) => `CASE WHEN note IS NULL THEN ${x}::VARCHAR ELSE note END`) },
    { weight: 1, arbitrary: fc.tuple(aggregate, columns).map(([f, x]) => `(SELECT ${f}(${x}) FROM v.firm_v1 f)`) },
    { weight: 1, arbitrary: columns.map((x) => `(SELECT ${x} FROM v.firm_v1 f ORDER BY 1 LIMIT 1)`) },
  ),
}));
const list = fc.oneof(
  { weight: 5, arbitrary: fc.array(value, { minLength: 1, maxLength: 3 }).map((all) => all.join(', ')) },
  {
    weight: 2,
    arbitrary: lines(`*\n COLUMNS(*)\n COLUMNS('n.*')\n * EXCLUDE (town)\n * REPLACE (note AS town)\n f.*\n f\n
      {'a': name, 'b': note}\n [name, note]\n to_json(f)\n row(f.*)\n MAX(COLUMNS(*))`),
  },
);
const from = fc.oneof(
  {
    weight: 6,
    arbitrary: lines('v.firm_v1 f\n (SELECT * FROM v.firm_v1) f\n firm_v1 f\n "V"."firm_v1" AS f TABLESAMPLE 90%'),
  },
  {
    weight: 2,
    arbitrary:
      lines(`v.firm_v1 f JOIN v.firm_v1 g USING (name)\n v.said_v1 f\n v.resident_v1 f\n v.hidden_v1 f\n lib.firm f\n w_firm_v1 f
      v.firm_v1 f, LATERAL (SELECT f.note AS x) l\n (UNPIVOT v.firm_v1 ON name, note INTO NAME n VALUE w) f\n temp.main.w_firm_v1 f`),
  },
);
const where = fc.option(
  fc.tuple(
    columns,
    lines(
      `IS NULL\n::VARCHAR LIKE '%骉%'\n::VARCHAR > '0'\n IS NOT DISTINCT FROM note\n IN (SELECT note FROM v.firm_v1)`,
    ),
  ),
  { nil: undefined },
);
const statement = fc
  .tuple(
    list,
    ...[from, where],
    lines('LIMIT 5\n ORDER BY 1\n ORDER BY ALL\n LIMIT 2\n GROUP BY ALL\n UNION ALL SELECT note FROM v.firm_v1'),
    fc.oneof(
      { weight: 4, arbitrary: fc.constant('') },
      {
        weight: 1,
        arbitrary:
          lines(`WITH f AS (SELECT * FROM v.firm_v1)\n WITH firm_v1 AS (SELECT * FROM v.firm_v1)\n WITH "lib.firm" AS (SELECT 1)
          WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3)`),
      },
    ),
  )
  .map(([list, from, where, end, before]) => {
    const condition = where ? ` WHERE ${(where as [string, string]).join('')}` : '';
    return `${before} SELECT ${list} FROM ${from}${condition} ${end}`;
  });

/** What a value may come out as. */
const forms = Object.values(secrets).flatMap((s) => [
  s,
  [...s].reverse().join(''),
  Buffer.from(s, 'utf8').toString('hex').toUpperCase(),
  createHash('md5').update(s).digest('hex'),
  createHash('sha256').update(s).digest('hex'),
]);

test('whatever is asked, who has fewer rights sees no closed value in rows, columns, errors or plans; who has more sees some', {
  timeout: 300_000,
}, async () => {
  const analyst = somebody(['analyst']);
  const steward = somebody(['data-steward'], { purpose: '核对' });
  let [answered, open, refused] = [0, 0, 0];
  const said = async (work: Promise<unknown>) =>
    JSON.stringify(
      await work.catch((error: unknown) => {
        if (!(error instanceof Problem)) throw error;
        refused += 1;
        return error.toJSON();
      }),
    );
  await fc.assert(
    fc.asyncProperty(statement, async (text) => {
      const run = await said(
        bench.runner.run(text, [], analyst, 100).then((a) => {
          answered += 1;
          return [a.columns, a.rows];
        }),
      );
      const plan = await said(bench.runner.plan(text, [], analyst).then((p) => p.plan));
      for (const form of forms) {
        expect(run.includes(form), `${text}\n${run.slice(0, 2000)}`).toBe(false);
        expect(plan.includes(form), `${text}\n${plan.slice(0, 2000)}`).toBe(false);
      }
      const more = await said(bench.runner.run(text, [], steward, 100).then((a) => a.rows));
      if (forms.some((form) => more.includes(form))) open += 1;
      // What the vault keeps, and what the contract does not name, is nobody's here.
      for (const closed of [secrets.token, secrets.note, secrets.payload])
        expect(more.includes(closed), text).toBe(false);
    }),
    { numRuns: 250 },
  );
  // A bench that refused everything would show nothing either; one that never refused would not have been tried.
  expect(answered).toBeGreaterThan(40);
  expect(open).toBeGreaterThan(10);
  expect(refused).toBeGreaterThan(10);
});
