/** The registry of data elements and code sets: what is wrong in its files, what sources' fields differ in, and that this city's own holds. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkSources, loadSources } from '../check.ts';
import { field, type SourceDeclaration } from '../declaration.ts';
import { allDifferences, differencesOf } from './differences.ts';
import { loadRegistry } from './load.ts';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'jingwei-elements-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const lay = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
const element = (id: string, number: string, more = '') => `
  - id: ${id}
    number: ${number}
    version: '1.0'
    status: standard
    title: { zh: ${id}, en: ${id} }
    definition: { zh: 定义, en: Definition }
    type: text
${more}`;
const group = (name: string, ...elements: string[]) =>
  `group: ${name}\ntitle: { zh: 组, en: Group }\nelements:${elements.join('')}`;
const set = (id: string, number: string, versions: string) =>
  `id: ${id}\nnumber: ${number}\ntitle: { zh: 集, en: Set }\ndefinition: { zh: 定义, en: Definition }\nversions:\n${versions}`;
const said = () => loadRegistry(root).problems.map((p) => `${p.kind.code} ${p.place?.file}:${p.place?.line}`);

describe('the files of the registry', () => {
  test('hold what is right', () => {
    lay('elements/a.yaml', group('a', element('sex', 'CX-DE-00001', '    codes: sex\n')));
    lay(
      'codesets/sex.yaml',
      set('sex', 'CX-CS-001', "  - { version: '1', from: '2020-01-01', codes: [{ code: '1', zh: 男, en: male }] }"),
    );
    const registry = loadRegistry(root);
    expect(registry.problems).toEqual([]);
    expect([...registry.elements.keys(), ...registry.codeSets.keys()]).toEqual(['sex', 'sex']);
  });

  test('say every mistake with its file and line', () => {
    lay(
      'elements/a.yaml',
      group(
        'a',
        element('x', 'CX-DE-00001', '    codes: nothing\n    length: { min: 5, max: 2 }\n'),
        element('x', 'CX-DE-00001'),
      ),
    );
    lay('elements/b.yaml', group('other', element('y', 'CX-DE-00002', '    replacedBy: gone\n')));
    const codes = "codes: [{ code: '1', zh: 男, en: m }, { code: '1', zh: 女, en: f, parent: '9' }]";
    lay(
      'codesets/c.yaml',
      set(
        'c',
        'CX-CS-001',
        `  - { version: '2', from: '2020-01-01', ${codes} }\n  - { version: '1', from: '2019-01-01', codes: [{ code: a, zh: 甲, en: a }] }`,
      ),
    );
    expect(said().sort()).toEqual([
      'catalogue.element.code-parent codesets/c.yaml:6',
      'catalogue.element.code-twice codesets/c.yaml:6',
      'catalogue.element.codes-unknown elements/a.yaml:11',
      'catalogue.element.file-name elements/b.yaml:1',
      'catalogue.element.length elements/a.yaml:12',
      'catalogue.element.successor-unknown elements/b.yaml:4',
      'catalogue.element.twice elements/a.yaml:14',
      'catalogue.element.twice elements/a.yaml:14',
      'catalogue.element.version-order codesets/c.yaml:7',
    ]);
  });
});

describe('a field that refers to an element', () => {
  const registry = loadRegistry(repository);
  const of = (id: string, over: object, longest?: number) =>
    differencesOf(
      registry,
      'scjg.x',
      field.parse({ name: 'x', title: { zh: '项', en: 'Item' }, element: id, ...over }),
      registry.elements.get(id)!,
      longest,
    ).map((d) => `${d.kind}: ${d.expected} / ${d.found}`);

  test('is the same, or differs in type, format, unit, protection, codes, length', () => {
    expect(of('uscc', { type: 'text', format: 'uscc' }, 18)).toEqual([]);
    expect(of('uscc', { type: 'integer' }, 20)).toEqual([
      'type: text / integer',
      'format: uscc / —',
      'length: ≤ 18 / 20',
    ]);
    expect(of('fine', { type: 'decimal', format: 'amount', unit: '万元' })).toEqual(['unit: 元 / 万元']);
    expect(of('citizen-id', { type: 'text', format: 'citizen-id', protection: 'personal' })).toEqual([
      'protection: sensitive / personal',
    ]);
    expect(of('sex', { type: 'text', protection: 'personal', codes: { 1: '男性', 2: '女性' } })).toEqual([]);
    expect(of('sex', { type: 'text', protection: 'personal', codes: { 1: '男性', 3: '不详' } })).toEqual([
      'codes: sex / 3=不详',
    ]);
    // Words of the set in the place of its codes.
    expect(of('sex', { type: 'text', protection: 'personal', codes: { 男性: '男性' } })).toEqual([]);
  });

  test('one that is called like an element and refers to none is told apart from faults', () => {
    const source = {
      id: 'scjg.x',
      fields: [field.parse({ name: 'c', title: { zh: '统一社会信用代码', en: 'Code' }, type: 'text' })],
    };
    expect(allDifferences(registry, [source as unknown as SourceDeclaration])).toMatchObject([
      { kind: 'unreferred', field: 'c', element: 'uscc' },
    ]);
  });

  test('one that refers to what is not there is a mistake of its source, with its line', async () => {
    const text = `id: scjg.x
number: 9
title: { zh: 名, en: N }
abstract: { zh: 述, en: A }
owner: scjg
category: other
subject: none
level: general
sharing: { type: unconditional }
cadence: daily
mode: snapshot
key: [a]
transport: { kind: file }
fields:
  - { name: a, title: { zh: 甲, en: A }, type: text, element: uscc }
  - { name: b, title: { zh: 乙, en: B }, type: text, element: no-such }
`;
    lay('sources/scjg/x/source.yaml', text);
    const elements = new Set(registry.elements.keys());
    const problems = await checkSources(join(root, 'sources'), { elements });
    expect(problems.map((p) => [p.kind.code, p.place?.line, p.place?.pointer])).toEqual([
      ['catalogue.source.element-unknown', 16, '/fields/1/element'],
    ]);
    expect(await checkSources(join(root, 'sources'))).toEqual([]);
  });
});

test("this city's registry holds, its sources refer to what is there, and what differs is told", async () => {
  const registry = loadRegistry(repository);
  expect(registry.problems).toEqual([]);
  expect(registry.codeSets.get('industry')!.versions[0]!.codes.length).toBe(1971);
  const divisions = registry.codeSets.get('division')!.versions[0]!.codes;
  expect(divisions.length).toBeGreaterThan(3000);
  expect(divisions.find((d) => d.code === '330282')).toMatchObject({ zh: '慈溪市', parent: '330200' });
  const { sources } = await loadSources(join(repository, 'sources'), { elements: new Set(registry.elements.keys()) });
  const declarations = sources.map((s) => s.declaration);
  const referring = declarations.flatMap((d) => d.fields.filter((f) => f.element !== undefined));
  expect(referring.length).toBeGreaterThan(600);
  // An element that no field refers to is there for sources that come; most are used.
  const used = new Set(referring.map((f) => f.element));
  expect([...registry.elements.keys()].filter((id) => used.has(id)).length).toBeGreaterThan(45);
  const differences = allDifferences(registry, declarations);
  expect(differences.filter((d) => d.kind === 'unknown')).toEqual([]);
});
