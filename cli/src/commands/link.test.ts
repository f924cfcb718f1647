import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { jingwei as run } from '../testing.ts';

// Linking opens an engine a command.
vi.setConfig({ testTimeout: 90_000 });

let folder: string;
const at = (name: string) => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-link-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const jingwei = (...args: string[]) => run(args);

const NAMES = [
  'anna adler',
  'bert bauer',
  'carl conrad',
  'dora dietrich',
  'emil ernst',
  'fritz fischer',
  'gerda gruber',
];
const MODEL =
  'id: no\ntables: [{ name: 登记 }, { name: licences }]\ncolumns:\n  name: name\n  born: date\n  tax: code\n';

/** Two files about the same forty persons: the second misspells every seventh name, and leaves every fifth number out. */
function files(): [string, string] {
  const rows = Array.from({ length: 40 }, (_, i) => ({
    name: `${NAMES[i % 7]} ${'bcdfghklmnprst'[i % 14]}${'aeiou'[i % 5]}${'lmnrst'[i % 6]}o`,
    born: `19${50 + (i % 40)}-0${1 + (i % 9)}-1${i % 10}`,
    tax: String(71_000_003 + i * 7_919_777),
  }));
  writeFileSync(
    at('a.csv'),
    `no,name,born,tax\n${rows.map((r, i) => `a${i},${r.name},${r.born},${r.tax}`).join('\n')}\n`,
  );
  const wrong = rows.map((r, i) => ({
    ...r,
    name: i % 7 === 0 ? r.name.replace('a', 'e') : r.name,
    tax: i % 5 === 0 ? '' : r.tax,
  }));
  writeFileSync(
    at('b.csv'),
    `no,name,born,tax\n${wrong.map((r, i) => `b${i},${r.name},${r.born},${r.tax}`).join('\n')}\n`,
  );
  return [at('a.csv'), at('b.csv')];
}

test('links two files: one JSON document, clusters that name their tables, pairs, parameters and a report', async () => {
  const [a, b] = files();
  writeFileSync(at('model.yaml'), MODEL);
  const done = await jingwei('--json', 'link', at('model.yaml'), a, b, '--out', at('out'));
  expect(done.err).toBe('');
  expect(done.code).toBe(0);
  const { summary, out } = JSON.parse(done.out);
  expect(out).toBe(at('out'));
  expect(summary.tables).toEqual([
    { name: '登记', records: 40 },
    { name: 'licences', records: 40 },
  ]);
  const [head, ...clusters] = readFileSync(at('out/clusters.csv'), 'utf8').trimEnd().split('\n');
  expect(head).toBe('table,id,cluster');
  expect(clusters).toHaveLength(80);
  const cells = clusters.map((line) => line.split(','));
  expect(new Set(cells.map(([table, id]) => `${table} ${id![0]}`))).toEqual(new Set(['登记 a', 'licences b']));
  const cluster = new Map(cells.map(([, id, name]) => [id!, name!]));
  const right = Array.from({ length: 40 }, (_, i) => i).filter((i) => cluster.get(`a${i}`) === cluster.get(`b${i}`));
  expect(right.length).toBeGreaterThanOrEqual(38);
  expect(summary.clusters).toBe(new Set(cluster.values()).size);
  const pairs = readFileSync(at('out/pairs.csv'), 'utf8').split('\n');
  expect(pairs[0]).toBe('left_table,left_id,right_table,right_id,bits,probability');
  expect(pairs[1]).toMatch(/^登记,a\d+,licences,b\d+,/);
  expect(JSON.parse(readFileSync(at('out/parameters.json'), 'utf8')).version).toBe(1);
  expect(readFileSync(at('out/report.html'), 'utf8')).toContain('<svg');
});

test('proposes a model that links the same file', async () => {
  const [a] = files();
  const proposed = await jingwei('--lang', 'zh', 'link', 'suggest', a, '--out', at('out'));
  expect(proposed.code).toBe(0);
  expect(proposed.out).toContain('model.yaml');
  expect(JSON.parse(readFileSync(at('out/model.yaml'), 'utf8'))).toMatchObject({
    id: 'no',
    columns: { born: { kind: 'date' } },
  });
  const linked = await jingwei('--lang', 'zh', 'link', at('out/model.yaml'), a, '--out', at('out'));
  expect(linked.out).toContain('40 条记录');
  expect(linked.code).toBe(0);
});

test('tells every mistake in a model with line, path and reason, and writes nothing', async () => {
  const [a, b] = files();
  writeFileSync(
    at('model.yaml'),
    MODEL.replace('born: date', 'born: dtae').replace('tax: code', 'tax: { kind: code, from: 3 }'),
  );
  const people = await jingwei('--lang', 'en', 'link', at('model.yaml'), a, b, '--out', at('out'));
  expect(people.code).toBe(1);
  expect(people.err).toContain(`${at('model.yaml')}:5, path columns.born.kind`);
  expect(people.err).toContain('must be one of name, text, date');
  expect(people.err).toContain(`${at('model.yaml')}:6, path columns.tax.from`);
  const script = await jingwei('--json', 'link', at('model.yaml'), a, b, '--out', at('out'));
  expect(script.code).toBe(1);
  const { problem } = JSON.parse(script.out);
  expect(problem).toMatchObject({ code: 'linkage.model.choice', place: { file: at('model.yaml'), line: 5 } });
  expect(problem.details.map((d: { place: { line: number } }) => d.place.line)).toEqual([5, 6]);
  expect(problem.title.zh).toContain('应为其中之一');
  expect(existsSync(at('out'))).toBe(false);
});

test('tells what is wrong with files', async () => {
  const [a] = files();
  writeFileSync(at('model.yaml'), 'id: no\ncolumns:\n  name: name\n');
  const noModel = await jingwei('--json', 'link', at('nothing.yaml'), a);
  expect([noModel.code, JSON.parse(noModel.out).problem.code]).toEqual([1, 'linkage.model.file']);
  const noFile = await jingwei('--json', 'link', at('model.yaml'), at('nothing.csv'), '--out', at('out'));
  expect([noFile.code, JSON.parse(noFile.out).problem.code]).toEqual([1, 'linkage.file']);
  writeFileSync(at('other.csv'), 'no,nom\n1,a\n2,b\n');
  const noColumn = await jingwei('--json', 'link', at('model.yaml'), at('other.csv'), '--out', at('out'));
  expect(JSON.parse(noColumn.out).problem).toMatchObject({
    code: 'linkage.no-column',
    place: { table: 'other', column: 'name' },
  });
  expect((await jingwei('link', at('model.yaml'))).code).toBe(2);
});

test('keeps its state: a second day joins, changes and loses records under the names of the first, with a history', async () => {
  const [left, right] = files();
  const [head, ...rows] = readFileSync(left, 'utf8').trimEnd().split('\n');
  const a = at('all.csv');
  writeFileSync(a, readFileSync(left, 'utf8') + readFileSync(right, 'utf8').split('\n').slice(1).join('\n'));
  writeFileSync(at('model.yaml'), 'id: no\ncolumns:\n  name: name\n  born: date\n  tax: code\n');
  const run = (...more: string[]) =>
    jingwei('--json', 'link', at('model.yaml'), ...more, '--state', at('state'), '--out', at('out'));
  const answer = async (...more: string[]) => JSON.parse((await run(...more)).out);
  expect((await answer(a)).summary.records).toBe(80);
  const again = (row: string, id: string) => [id, ...row.split(',').slice(1)].join(',');
  // A second record of the first person, a new person, one that moved to another number; one vanished.
  writeFileSync(
    at('day2.csv'),
    `${[head, again(rows[0]!, 'z0'), 'z1,zita zeller,1999-09-09,12345678', again(rows[1]!, 'a1').replace(/\d+$/, '87654321')].join('\n')}\n`,
  );
  writeFileSync(at('gone.csv'), 'id\na5\n');
  const second = await answer(at('day2.csv'), '--vanished', at('gone.csv'), '--explain', 'a0,z0');
  expect(second.updated).toMatchObject({ added: 2, changed: 1, vanished: 1, unchanged: 0 });
  expect(second.updated.events).toMatchObject({ grown: 1, new: 1, shrunk: 1 });
  expect(second.explanations[0]).toMatchObject({ sameCluster: true, clusters: ['a0', 'a0'] });
  const history = readFileSync(at('out/history.csv'), 'utf8').split('\n');
  expect(history[0]).toBe('run,at,cause,event,cluster,other,records,left_table,left_id,right_table,right_id,bits');
  expect(history.find((line) => line.includes(',grown,'))).toMatch(/^2,.*,records,grown,a0,,1,/);
  // The whole file of the first day again: what it does not hold has vanished, unless that is nearly everything.
  expect((await answer(a, '--whole')).updated).toMatchObject({ added: 1, changed: 1, vanished: 2, unchanged: 78 });
  expect((await answer(at('day2.csv'), '--whole')).problem.code).toBe('linkage.many-vanished');
  writeFileSync(at('model.yaml'), 'id: no\ncolumns:\n  name: name\n');
  expect((await answer(a)).problem).toMatchObject({ code: 'linkage.state-model', place: { file: at('model.yaml') } });
});

test('measures against a truth that it is given, and shows it in the report', async () => {
  const [a, b] = files();
  writeFileSync(at('model.yaml'), MODEL);
  const truth = Array.from({ length: 40 }, (_, i) => `a${i},${i},登记\nb${i},${i},licences`);
  writeFileSync(at('truth.csv'), `id,entity,table\n${truth.join('\n')}\n`);
  const done = await jingwei('--json', 'link', at('model.yaml'), a, b, '--truth', at('truth.csv'), '--out', at('out'));
  expect(JSON.parse(done.out).evaluation.clusters.f1).toBeGreaterThan(0.95);
  expect(readFileSync(at('out/report.html'), 'utf8')).toContain('Precision and recall');
  writeFileSync(at('truth.csv'), 'id,person\na1,1\n');
  const wrong = await jingwei('--json', 'link', at('model.yaml'), a, b, '--truth', at('truth.csv'), '--out', at('out'));
  expect(JSON.parse(wrong.out).problem).toMatchObject({ code: 'linkage.truth', place: { column: 'entity' } });
});
