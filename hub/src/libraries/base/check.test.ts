import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { declare } from '../../refinery/testing.ts';
import { loadLibraries } from './check.ts';
import { declared } from './testing.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-libraries-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const people = declare('gaj.people', 900, [
  { name: 'id_no', format: 'citizen-id', protection: 'sensitive' },
  { name: 'nm', format: 'person-name', protection: 'personal' },
]);
const sources = new Map([[people.declaration.id, people.declaration]]);

const yaml = (more: string[] = []) =>
  [
    'library: man',
    'number: 1',
    'title: { zh: 人, en: People }',
    'abstract: { zh: 人, en: People }',
    'owner: gaj',
    'level: important',
    'keys:',
    '  - { name: citizen, title: { zh: 号码, en: Number }, form: citizen-id }',
    'evidence: [{ name: name, form: person-name }]',
    'label: name',
    'attributes:',
    '  - { name: name, title: { zh: 姓名, en: Name }, protection: personal }',
    'sources:',
    '  - source: gaj.people',
    '    register: true',
    '    keys: { citizen: id_no }',
    '    evidence: { name: nm }',
    '    attributes: { name: nm }',
    ...more,
  ].join('\n');

function load(text: string) {
  mkdirSync(join(folder, 'man'), { recursive: true });
  writeFileSync(join(folder, 'man', 'library.yaml'), text);
  return loadLibraries(folder, sources);
}

test('the libraries of the repository hold', async () => {
  const { libraries } = await declared();
  expect(libraries.map((l) => l.declaration.library)).toEqual(
    expect.arrayContaining([
      ...['person', 'household', 'building', 'dwelling', 'park'],
      ...['division', 'grid', 'road', 'water', 'place'],
    ]),
  );
});

test('a library that holds is read with the fingerprint of its text', () => {
  const { libraries, problems } = load(yaml());
  expect(problems).toEqual([]);
  expect(libraries[0]!.sha256).toMatch(/^[0-9a-f]{64}$/);
});

test.each([
  ['library: man', 'library: woman', 'name-folder', 1],
  ['gaj.people', 'gaj.nobody', 'source-unknown', 14],
  ['citizen: id_no', 'citizen: idno', 'field-unknown', 16],
  ['citizen: id_no', 'passport: id_no', 'key-unknown', 16],
  ['evidence: { name: nm }', 'evidence: { birth: nm }', 'evidence-unknown', 17],
  ['attributes: { name: nm }', 'attributes: { sex: nm }', 'attribute-unknown', 18],
  ['attributes: { name: nm }', 'attributes: { name: id_no }', 'token-protection', 18],
  ['protection: personal', 'protection: public', 'protection-weaker', 18],
  ['attributes: { name: nm }', 'attributes: { name: { rank: 3 } }', 'said-nothing', 18],
  ['label: name', 'label: nickname', 'attribute-unknown', 10],
  ['    keys: { citizen: id_no }\n', '', 'register-key', 15],
])('%s → %s is told as %s at line %i', (from, to, code, line) => {
  const { libraries, problems } = load(yaml().replace(from, to));
  expect(libraries).toEqual([]);
  const found = problems.map((p) => p.toJSON()).find((p) => p.code === `libraries.declaration.${code}`);
  expect(found?.place).toMatchObject({ file: 'libraries/man/library.yaml', line });
  expect(found?.title.zh).toBeTruthy();
});

test('a relation that leads nowhere is told', () => {
  const { problems } = load(
    yaml([
      'relations:',
      '  - { kind: home, title: { zh: 家, en: Home }, back: { zh: 人, en: People }, to: house }',
      '  - { kind: work, title: { zh: 业, en: Work }, back: { zh: 人, en: People }, to: legal-person, sources: [{ source: gaj.people, from: other }] }',
    ]),
  );
  expect(problems.map((p) => p.kind.code.split('.').at(-1))).toEqual([
    'library-unknown',
    'mention-unknown',
    'legal-person',
  ]);
  expect(problems.map((p) => p.place?.line)).toEqual([20, 21, 21]);
});

test('a key that the schema does not know is told with its line', () => {
  const { problems } = load(yaml(['colour: red']));
  expect(problems[0]!.place).toMatchObject({ line: 19 });
});
