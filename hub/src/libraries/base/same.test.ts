import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { receive, type TestRun } from '../../refinery/testing.ts';
import { codeOf } from '../fixture.ts';
import { integrate } from '../integrate.ts';
import {
  day,
  deaths,
  insured,
  library,
  numbers,
  odd,
  of,
  open,
  options,
  order,
  residents,
  runsOf,
  visits,
} from './fixtures/city.ts';
import { openBase, tokenOf } from './testing.ts';

// A search for further faults: SAME_RUNS=500 npx vitest run hub/src/libraries/base/same.test.ts
const numRuns = Number(process.env.SAME_RUNS ?? 1);

test('declared libraries made day by day are the same as those made at once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(day, { minLength: 2, maxLength: 3 }), async (days) => {
      const apart = await open();
      const together = await open();
      try {
        const runs = days.map((d, i) => runsOf(d, 1 + order.length * i));
        for (const some of runs) {
          await receive(apart, some);
          await integrate({ lake: apart, ...options() });
        }
        await receive(together, runs.flat());
        await integrate({ lake: together, ...options() });
        expect(await library(apart)).toEqual(await library(together));
      } finally {
        await apart.close();
        await together.close();
      }
    }),
    { numRuns, endOnFailure: true },
  );
}, 3_000_000);

const city: TestRun[] = runsOf(
  [
    [
      {
        hk_id: 'H1',
        hh_no: 'F1',
        nm: '张三',
        id_no: tokenOf('citizen-id', numbers[0]!),
        birth_dt: '1990-01-01',
        relation: '户主',
        stat: '正常',
        hk_addr: '慈溪市浒山街道新城路1号金色家园1幢101室',
        reg_dt: '2010-01-01',
      },
      {
        hk_id: 'H2',
        hh_no: 'F1',
        nm: '李四',
        id_no: tokenOf('citizen-id', numbers[1]!),
        birth_dt: '1985-05-05',
        relation: '配偶',
        hk_addr: '慈溪市浒山街道新城路1号金色家园1幢101室',
        reg_dt: '2010-01-01',
      },
    ],
    [],
    [
      {
        ins_no: 'Y1',
        nm: '张三',
        id_no: tokenOf('citizen-id', odd[4]!),
        birth_dt: '1990-01-01',
        addr: '新城路1号1栋101室',
        uni_social_crd_cd: codeOf(1),
        start_dt: '2015-01-01',
      },
    ],
    [
      {
        visit_no: 'V1',
        nm: '李四',
        id_no: null,
        birth_dt: '1985-05-05',
        addr: '浒山街道新城路1号金色家园1号楼101',
        visit_dt: '2026-01-01',
      },
    ],
    [],
    [{ house_cd: 'W1', bld_cd: 'B1', addr: '慈溪市浒山街道新城路1号金色家园1幢101室', area: '90' }],
    [],
    [],
    [{ bld_cd: 'B1', addr: '慈溪市浒山街道新城路1号金色家园1幢', floors: '6' }],
    [
      {
        id: 'M1',
        code: codeOf(1),
        name: '慈溪市宏达电器有限公司',
        addr: '慈溪市浒山街道新城路1号3楼',
        est: '2010-01-01',
      },
    ],
  ],
  1,
);

test('an integration that is broken off at any step goes on and every library is whole', async () => {
  const whole = await open();
  await receive(whole, city);
  await integrate({ lake: whole, ...options() });
  const expected = await library(whole);
  await whole.close();
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-base-'));
  try {
    let stops = 0;
    for (let at = 0; ; at++) {
      const path = join(folder, `${at}.duckdb`);
      let lake = await open(path);
      await receive(lake, city);
      const stop = new AbortController();
      let steps = 0;
      const broken = await integrate({
        lake,
        ...options({
          signal: stop.signal,
          onStep: (t: { name: string }) => {
            if (/person:|household:|building:|dwelling:|relations/.test(t.name) && steps++ === at * 43)
              stop.abort(new Error('broken off'));
          },
        }),
      }).then(
        () => false,
        () => true,
      );
      await lake.close();
      lake = await openBase(of, path);
      await integrate({ lake, ...options() });
      expect(await library(lake)).toEqual(expected);
      await lake.close();
      if (!broken) break;
      stops += 1;
    }
    expect(stops).toBeGreaterThan(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 300_000);

test('rows find their person by an old number, by evidence, and the views tell what was decided', async () => {
  const lake = await open();
  await receive(lake, city);
  await integrate({ lake, ...options() });
  const people = await lake.query(
    'SELECT name, sex, status, address, contradictions, facts, household, dwelling FROM v.person_v1 ORDER BY name',
  );
  expect(people).toMatchObject([
    { name: '张三', facts: 2, household: 1, dwelling: 1, status: '正常' },
    { name: '李四', facts: 2, household: 1, dwelling: 1 },
  ]);
  expect(
    await lake.query(
      "SELECT method FROM v.base_mention_v1 WHERE library = 1 AND method NOT IN ('register') ORDER BY method",
    ),
  ).toEqual([{ method: 'key citizen' }, { method: 'name-birth-home' }]);
  expect(await lake.query('SELECT kind, qualifier FROM v.base_relation_v1 WHERE to_library = 0 ORDER BY kind')).toEqual(
    [
      { kind: 'employer', qualifier: null },
      { kind: 'enterprise', qualifier: null },
    ],
  );
  expect(await lake.first('SELECT number, head FROM v.household_v1')).toEqual({ number: 'F1', head: '张三' });
  await lake.close();
});

test('two people whom the evidence fits alike leave a row open; a certificate of death changes the status the day after', async () => {
  const lake = await open();
  const twins = [0, 1].map((i) => ({
    hk_id: `H${i}`,
    hh_no: 'F1',
    nm: '张三',
    id_no: tokenOf('citizen-id', numbers[i]!),
    birth_dt: '1990-01-01',
    relation: '户主',
    stat: '正常',
    reg_dt: '2010-01-01',
  }));
  await receive(lake, [
    { run: 1, source: residents, rows: twins },
    {
      run: 2,
      source: visits,
      rows: [{ visit_no: 'V1', nm: '张三', id_no: null, birth_dt: '1990-01-01', visit_dt: '2026-01-01' }],
    },
  ]);
  await integrate({ lake, ...options() });
  expect(await lake.first("SELECT entity, candidates FROM v.base_mention_v1 WHERE method = 'ambiguous'")).toEqual({
    entity: null,
    candidates: [1, 2],
  });
  const before = await lake.query('SELECT * FROM lib.base_value WHERE library = 1 AND entity = 2 ORDER BY attribute');
  await receive(lake, [
    {
      run: 3,
      source: deaths,
      rows: [
        {
          death_no: 'T1',
          nm: '张三',
          id_no: tokenOf('citizen-id', numbers[0]!),
          birth_dt: '1990-01-01',
          death_dt: '2026-01-05',
        },
      ],
    },
  ]);
  await integrate({ lake, ...options() });
  expect(await lake.query('SELECT status, died FROM v.person_v1 ORDER BY entity')).toEqual([
    { status: '死亡', died: '2026-01-05' },
    { status: '正常', died: null },
  ]);
  expect(await lake.query('SELECT * FROM lib.base_value WHERE library = 1 AND entity = 2 ORDER BY attribute')).toEqual(
    before,
  );
  await lake.close();
});

test("somebody else's number is not believed against name and birth", async () => {
  const lake = await open();
  await receive(lake, [
    {
      run: 1,
      source: residents,
      rows: [{ hk_id: 'H1', nm: '张三', id_no: tokenOf('citizen-id', numbers[0]!), birth_dt: '1990-01-01' }],
    },
    {
      run: 2,
      source: insured,
      rows: [
        { ins_no: 'Y1', nm: '李四', id_no: tokenOf('citizen-id', numbers[0]!), birth_dt: '1985-05-05' },
        { ins_no: 'Y2', nm: '张三', id_no: tokenOf('citizen-id', numbers[3]!), birth_dt: '1990-01-01' },
      ],
    },
  ]);
  await integrate({ lake, ...options() });
  expect(
    await lake.query('SELECT method, entity FROM v.base_mention_v1 WHERE library = 1 AND run = 2 ORDER BY row'),
  ).toEqual([
    { method: 'key-contradicted', entity: null },
    { method: 'unknown-key', entity: null },
  ]);
  await lake.close();
});
