import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Lake, LakeSession } from '../../platform/lake/index.ts';
import { openListLake } from '../lists/testing.ts';
import { codeForm, compare } from './compare.ts';
import { fieldsOf, guessColumns, outcomes, type VerifySubject } from './outcome.ts';

let lake: Lake;
beforeEach(async () => {
  lake = await openListLake();
  await lake.session((s) =>
    s.run(`INSERT INTO f.person (entity, name, id_token, sex, birth, status, address) VALUES
        (1, '张三', 'c~1', '男', '1950-01-01', '正常', '慈溪市浒山街道新城路1号101室'),
        (2, '李四', 'c~2', '女', '1960-02-02', '死亡', '慈溪市浒山街道新城路2号'),
        (3, '王五', 'c~3', '男', '1970-03-03', '迁出', '慈溪市浒山街道新城路3号'),
        (4, '赵六', 'c~4', '男', '1980-04-04', '正常', '慈溪市浒山街道新城路4号'),
        (5, '赵六', 'c~5', '男', '1980-04-04', '正常', '慈溪市周巷镇开发路5号'),
        (6, '赵六', 'c~6', '男', '1980-04-04', '正常', '慈溪市周巷镇开发路5号'),
        (7, '共号', 'c~7', '男', '1990-01-01', '正常', 'x'), (8, '同号', 'c~7', '男', '1990-01-01', '正常', 'y');
      INSERT INTO f.firm VALUES (1, '慈溪市小吃店（普通合伙）', '91330282000000001X', '330282', '慈溪市新城路1号', '存续'),
        (2, '慈溪市大厂', '913302820000000021', '330282', '慈溪市新城路2号', '注销')`),
  );
});
afterEach(() => lake.close());

type Row = [
  number: string | null,
  name: string | null,
  day: string | null,
  other: string | null,
  address: string | null,
];

async function give(s: LakeSession, rows: Row[]): Promise<void> {
  await s.run(
    'CREATE OR REPLACE TEMP TABLE vfy_given (row INTEGER, number VARCHAR, name VARCHAR, day VARCHAR, other VARCHAR, address VARCHAR)',
  );
  await s.append(
    'vfy_given',
    rows.map((r, i) => [i + 1, ...r]),
  );
}

async function verify(rows: Row[], subject: VerifySubject = 'person') {
  return lake.session(async (s) => {
    await give(s, rows);
    const form = subject === 'person' ? 'number' : codeForm('number');
    await s.run(`CREATE OR REPLACE TEMP TABLE vfy_number AS SELECT DISTINCT number AS written, ${form} AS number FROM vfy_given
      WHERE number IS NOT NULL`);
    const counts = await compare(s, 1, subject);
    const found = await s.query<{ outcome: string; entity: number | null; differs: number }>(
      'SELECT outcome, entity, differs FROM v.verification_row_v1 WHERE verification = 1 ORDER BY row',
    );
    const said = found.map((f) => [f.outcome, f.entity, fieldsOf(subject, f.differs).map((x) => x.name)]);
    return { counts, found: said };
  });
}

test('by the number: agreed, differing in which field, deceased, moved; spelling alone is no difference', async () => {
  const { counts, found } = await verify([
    ['c~1', '张 三', '19500101', '1', '浙江省宁波市慈溪市浒山街道新城路１号101室'],
    ['c~1', '章三', '1950-01-02', '女', '慈溪市浒山街道新城路9号'],
    ['c~1', null, null, null, null],
    ['c~2', '李四', '1960年02月02日', null, null],
    ['c~3', '汪五', null, null, null],
  ]);
  expect(found).toEqual([
    ['agreed', 1, []],
    ['differs', 1, ['name', 'birth', 'sex', 'address']],
    ['agreed', 1, []],
    ['deceased', 2, []],
    ['moved', 3, ['name']],
  ]);
  expect(counts).toMatchObject({ received: 5, agreed: 2, differs: 1, deceased: 1, moved: 1, unknown: 0 });
});

test('without a known number: name, day and address together, and what cannot be told is not guessed', async () => {
  const { found } = await verify([
    [null, '赵六', '1980-04-04', '男', '浒山街道新城路4号'],
    ['c~9', '赵六', '1980-04-04', null, '慈溪市浒山街道新城路4号'],
    [null, '赵六', '1980-04-04', null, '慈溪市周巷镇开发路5号'],
    [null, '赵六', '1980-04-04', null, null],
    [null, '张三', '1950-01-01', null, '别处'],
    ['c~9', '无名', '1980-04-04', null, null],
    [null, '赵六', null, null, null],
    ['c~7', '共号', '1990-01-01', null, 'x'],
    [null, null, '1990-01-01', null, 'x'],
    ['', '', '', '', ''],
  ]);
  expect(found).toEqual([
    ['agreed', 4, []],
    ['differs', 4, ['number']],
    ['ambiguous', null, []],
    ['ambiguous', null, []],
    ['ambiguous', null, []],
    ['unknown', null, []],
    ['unknown', null, []],
    ['ambiguous', null, []],
    ['incomplete', null, []],
    ['incomplete', null, []],
  ]);
});

test('legal persons are verified by their code, closed ones said so', async () => {
  const { found } = await verify(
    [
      ['91330282000000001x', '慈溪市小吃店(普通合伙)', null, null, '慈溪市新城路1号'],
      ['91330282000000001X', '慈溪市小吃店', null, null, null],
      ['913302820000000021', null, null, null, null],
      ['913302820000000099', '不知道', null, null, null],
    ],
    'legal-person',
  );
  expect(found).toEqual([
    ['agreed', 1, []],
    ['differs', 1, ['name']],
    ['closed', 2, []],
    ['unknown', null, []],
  ]);
});

test('every row received has exactly one outcome, whatever the list and the library hold', async () => {
  const number = fc.constantFrom(null, '', 'c~1', 'c~2', 'c~3', 'c~4', 'c~7', 'c~none');
  const name = fc.constantFrom(null, '', '张三', '赵六', '共号', '同号', '无名');
  const day = fc.constantFrom(null, '', '1980-04-04', '19900101', 'never', '1950-01-01');
  const other = fc.constantFrom(null, '男', '女', '?');
  const address = fc.constantFrom(null, 'x', '慈溪市周巷镇开发路5号', '慈溪市浒山街道新城路4号');
  const rows = fc.array(fc.tuple(number, name, day, other, address), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(rows, async (list) => {
      const { counts, found } = await verify(list as Row[]);
      expect(found).toHaveLength(list.length);
      expect(counts.received).toBe(list.length);
      expect(outcomes.reduce((n, o) => n + counts[o], 0)).toBe(list.length);
      for (const [o, entity] of found)
        expect(entity === null).toBe(['unknown', 'ambiguous', 'incomplete'].includes(o as string));
    }),
    { numRuns: 12 },
  );
}, 60_000);

test('columns are known by their headers, whatever stands around them', () => {
  expect(guessColumns('person', ['\ufeff序号', '身份证号码 ', ' 姓名', '住址', '备注'])).toEqual({
    number: '身份证号码 ',
    name: ' 姓名',
    address: '住址',
  });
  expect(guessColumns('legal-person', ['企业名称', '统一社会信用代码'])).toEqual({
    number: '统一社会信用代码',
    name: '企业名称',
  });
  expect(guessColumns('person', ['a', 'b'])).toEqual({});
});
