import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Entry } from './book.ts';
import { check } from './check.ts';
import { codeOf, parseCode } from './classes.ts';
import { compare } from './compare.ts';
import { RepeatIndex, sharedItems } from './repeat.ts';
import { emptyCondition, namesLaw } from './sentences.ts';
import { content } from './testing.ts';
import { readWords } from './words.ts';

const { words, problems } = readWords(fileURLToPath(new URL('../../../../standards', import.meta.url)));
const codes = (over: object, more: object = {}) =>
  check(content(over), { words, known: () => false, ...more }).map((f) => `${f.code.slice(16)} ${f.pointer}`);

test('the declared words hold, and a content without faults has no findings', () => {
  expect([problems, codes({})]).toEqual([[], []]);
});

test('conditions that bind nobody are none, and those that name scope or use are conditions', () => {
  for (const none of ['无', '经同意', '视情况', '须经我局审批后方可共享', '　按 需 ', '依申请', '待定'])
    expect([none, emptyCondition(none)]).toEqual([none, true]);
  for (const real of ['须经海关总署授权', '用于行政管理和公共服务，须说明用途', '限公安机关办理案件使用'])
    expect([real, emptyCondition(real)]).toEqual([real, false]);
});

test('a refusal names a law, a regulation or a decision', () => {
  expect(['《中华人民共和国税收征收管理法》第八条', '统计法第二十五条', '保密条例'].map(namesLaw)).toEqual([
    true,
    true,
    true,
  ]);
  expect(['不便公开', '本局规定', '内部资料'].map(namesLaw)).toEqual([false, false, false]);
  expect(codes({ sharing: { type: 'refused', ground: '不便公开' } })).toEqual(['ground-no-law /sharing/ground']);
});

test('what is out of form is found at its place', () => {
  expect(codes({ classification: '219001' })).toEqual(['class-part /classification']);
  expect(codes({ classification: '901001' })).toEqual(['class-unknown /classification']);
  expect(codes({ title: { zh: '长'.repeat(51) } })).toEqual(['name-long /title/zh']);
  expect(codes({ abstract: { zh: '本市就业登记的相关信息' } })).toEqual(['abstract-empty /abstract/zh']);
  expect(codes({ sharing: { type: 'unconditional', condition: '须申请', ways: ['下载'] } })).toEqual([
    'condition-added /sharing/condition',
  ]);
  expect(codes({ items: [{ title: { zh: '姓名' } }, { title: { zh: '姓名' }, type: 'C' }] })).toEqual([
    'item-type /items/0/type',
    'item-twice /items/1/title/zh',
  ]);
  expect(codes({}, { rhythm: { interval: 90, since: 3 } })).toEqual(['cycle-slower /cycle']);
  expect(codes({}, { rhythm: { interval: null, since: 200 } })).toEqual(['cycle-late /cycle']);
});

test('a resource’s code is formed and taken apart', () => {
  expect(codeOf('102001', 7)).toBe('102001/000007');
  expect(parseCode('１０２００１/７')).toEqual({ classification: '102001', sequence: 7 });
  expect([parseCode('902001/7'), parseCode('102001'), parseCode('102000/7')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

const entry = (id: string, provider: string, names: string[]): Entry => {
  const own = content({ items: names.map((zh) => ({ title: { zh }, type: 'C' })) });
  return {
    id,
    provider,
    sequence: 1,
    source: null,
    createdAt: new Date(0),
    retiredAt: null,
    published: null,
    open: { content: own } as never,
  };
};

test('the same items under other names of another department are a repeat; common identifying ones are not', () => {
  const one = entry('a.one', 'a', ['姓名', '身份证号', '参保日期', '缴费基数', '缴费月数', '险种']);
  const same = entry('b.same', 'b', ['名字', '公民身份号码', '参保日期', '缴费基数', '缴费月数', '险种', '银行']);
  const other = entry('c.other', 'c', ['姓名', '身份证号', '联系电话', '地址', '学校', '班级']);
  const own = entry('a.own', 'a', ['参保日期', '缴费基数', '缴费月数', '险种']);
  const all = [one, same, other, own];
  const found = new RepeatIndex(all, words).all(all);
  expect(found.map((r) => [r.one, r.other, r.items.length])).toEqual([
    ['a.one', 'b.same', 4],
    ['a.own', 'b.same', 4],
  ]);
  const shared = sharedItems(all, words).find((s) => s.item === '公民身份号码');
  expect(shared?.names).toEqual(['身份证号', '公民身份号码']);
});

test('versions are compared field by field and item by item', () => {
  const after = content({
    cycle: 'daily',
    items: [
      { title: { zh: '劳动者姓名' }, type: 'M', protection: 'personal' },
      { title: { zh: '岗位' }, type: 'C' },
    ],
  });
  const found = compare(content(), after);
  expect(found.fields.map((f) => [f.pointer, f.before, f.after])).toEqual([['/cycle', 'monthly', 'daily']]);
  expect(found.items.map((i) => [i.name, i.change, i.fields.map((f) => f.pointer)])).toEqual([
    ['劳动者姓名', 'changed', ['/type']],
    ['岗位', 'added', []],
    ['合同起始日期', 'removed', []],
  ]);
});
