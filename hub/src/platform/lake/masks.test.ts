import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PLAIN } from '../auth/folding.ts';
import { mask } from '../auth/protection.ts';
import { foldSql, type Lake, maskSql, openDuckDbLake, usualSql } from './index.ts';

const formats = [
  'person-name',
  'citizen-id',
  'phone',
  'account',
  'document-number',
  'address',
  'email',
  'postcode',
  'amount',
] as const;
let lake: Lake;
beforeAll(async () => {
  lake = await openDuckDbLake({ path: ':memory:' });
});
afterAll(() => lake.close());

async function inEngine(values: readonly string[]): Promise<Record<string, string>[]> {
  const columns = formats.map((f, i) => `${maskSql(f, 't')} AS m${i}`);
  const usual = usualSql('address', 't');
  return lake.session(async (s) => {
    await s.run('CREATE TEMP TABLE given (n INTEGER, v VARCHAR)');
    await s.append(
      'given',
      values.map((v, n) => [n, v]),
    );
    return s.query(`SELECT ${columns.join(', ')}, ${maskSql('address', 't', 'u')} AS quick
      FROM (SELECT n, t, ${usual} AS u FROM (SELECT n, ${foldSql('v')} AS t FROM given)) ORDER BY n`);
  });
}

const words = [
  '中山',
  '大道',
  '路',
  '街',
  '街道',
  '巷',
  '胡同',
  '弄',
  '弄弄',
  '村',
  '社区',
  '镇',
  '乡',
  '12号',
  '３幢',
];
const parts = [...words, '张三', '@', 'a', 'b.cn', '138', '1234', '0574', '+86', '-', ' ', '(', '\t', '\n', '　'];
const texts = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...'0123456789Xx -+()@街弄道') }),
  fc.array(fc.constantFrom(...parts), { maxLength: 12 }).map((p) => p.join('')),
  fc.stringMatching(/^[1-9]\d{16}[\dXx]$/),
  fc.stringMatching(/^1[3-9]\d{9}$/),
  fc.stringMatching(/^0(10|2\d|574)-?\d{7,8}$/),
  fc.stringMatching(/^[cpb]~[a-z2-7]{26}$/),
);

test('the engine masks any text as the hub does', async () => {
  // Texts of the engine are Unicode: a lone half of a pair can stand in none, nor can a NUL.
  const values = fc
    .sample(texts, 6000)
    .map((v) => Buffer.from(v).toString().replaceAll('\0', ''))
    .concat(
      '',
      ' ',
      '　',
      '弄弄弄1',
      '路1号解放路',
      '街道街',
      '大街道',
      '大街道路',
      '大路1',
      '大大道1',
      '胡大道',
      '胡胡同2',
      '大道1中路',
      '胡同1中路',
      '街道办中山路1',
      '浒山街道弄堂镇解放路',
      '浒山街道新城大道1弄2',
      '中街中路',
      '村街道中',
      '𠮷田',
      'x@@y',
      '\u{1F468}‍\u{1F469}',
      '①号路2',
    );
  const masked = await inEngine(values);
  const differing = values.flatMap((value, n) =>
    formats.flatMap((format, i) => {
      const [ours, theirs] = [mask(format, value), masked[n]![`m${i}`]];
      return ours === theirs ? [] : [{ format, value, ours, theirs }];
    }),
  );
  expect(differing).toEqual([]);
  expect(values.filter((value, n) => masked[n]!.quick !== mask('address', value))).toEqual([]);
});

test('characters that are shown are the same in every spelling of a text', () => {
  const shown = new RegExp(`[${PLAIN}]`, 'u');
  const odd: string[] = [];
  for (let c = 0; c < 0x30000; c += 1) {
    const one = String.fromCodePoint(c);
    if (shown.test(one) && (one.normalize('NFKC') !== one || /\p{M}/u.test(one))) odd.push(one);
  }
  expect(odd).toEqual([]);
});
