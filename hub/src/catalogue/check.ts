/**
 * Reads all source folders and says everything that is wrong with them, each mistake with file and line: what the schema
 * refuses, and what only shows when a declaration is held against its folder, its fields, the organisations and the others.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { readYaml } from '../platform/declared/index.ts';
import { ident, type Lake } from '../platform/lake/index.ts';
import { Problem, type ProblemKind, problemKind } from '../platform/problem.ts';
import { type SourceDeclaration, sourceDeclaration } from './declaration.ts';
import { compileMapping, mappingKinds, readMapping } from './mapping.ts';

const k = (code: string, zh: string, en: string) => problemKind(`catalogue.source.${code}`, 422, zh, en);
const kinds = {
  folder: k('id-folder', 'id 应与文件夹一致：{expected}。', 'The id must be that of its folder: {expected}.'),
  owner: k('owner-unknown', '没有机构“{owner}”。', 'There is no organisation "{owner}".'),
  ownerFolder: k(
    'owner-folder',
    'owner 应与文件夹一致：{expected}。',
    'The owner must be that of its folder: {expected}.',
  ),
  number: k('number-twice', '编号 {number} 已被 {other} 使用。', 'The number {number} is used by {other}.'),
  fieldTwice: k('field-twice', '字段“{field}”写了两次。', 'The field "{field}" is declared twice.'),
  columnTwice: k('column-twice', '列“{column}”属于两个字段。', 'Two fields take the column "{column}".'),
  key: k('key-unknown', '业务主键中的“{field}”不是字段。', 'The key names "{field}", which is no field.'),
  relation: k('relation-unknown', '关系中的“{field}”不是字段。', 'A relation names "{field}", which is no field.'),
  ground: k('ground-missing', '不予共享必须写明依据（ground）。', 'Refused sharing needs its legal ground.'),
  condition: k(
    'condition-missing',
    '有条件共享必须写明条件（condition）。',
    'Conditional sharing needs its condition.',
  ),
  format: k(
    'sensitive-format',
    '敏感字段“{field}”要写明 format（citizen-id、phone 或 document-number）。',
    'The sensitive field "{field}" needs a format (citizen-id, phone or document-number).',
  ),
  bounds: k('bounds', '“{field}”的 min/max 写错了：{value}', 'Bounds of "{field}" make no sense: {value}.'),
  trace: k('trace-field', '字段名“{field}”留给变更列使用。', 'The field name "{field}" belongs to the trace columns.'),
  mappingFile: k('mapping-file', '没有映射文件“{name}”。', 'There is no mapping file "{name}" beside source.yaml.'),
  element: k('element-unknown', '没有数据元“{element}”。', 'There is no data element "{element}".'),
  sample: k('sample', '样例文件：{message}', 'The sample: {message}'),
  missing: k('missing', '文件夹里没有 source.yaml。', 'The folder has no source.yaml.'),
};

/** A declaration as it stands in its folder. */
export interface LoadedSource {
  declaration: SourceDeclaration;
  /** SHA-256 of source.yaml, followed by its mapping if there is one. */
  sha256: string;
  folder: string;
}

/** Judges a sample delivery; given by the exchange's reader so that sample and delivery are read alike. */
export type SampleCheck = (source: SourceDeclaration, path: string) => Promise<Problem[]>;

/** What is checked against. `lake` compiles mappings; `sample` reads samples. */
export interface CheckContext {
  organisations?: ReadonlySet<string>;
  lake?: Lake;
  sample?: SampleCheck;
  /** Ids of the data elements that fields may refer to; absent: references are not judged. */
  elements?: ReadonlySet<string>;
}

const folders = (path: string): string[] =>
  existsSync(path)
    ? readdirSync(path)
        .filter((n) => !n.startsWith('.') && statSync(join(path, n)).isDirectory())
        .sort()
    : [];

/** Reads every source under a folder: what holds, and everything that does not. */
export async function loadSources(
  sources: string,
  context: CheckContext = {},
): Promise<{ sources: LoadedSource[]; problems: Problem[] }> {
  const loaded: LoadedSource[] = [];
  const problems: Problem[] = [];
  const numbers = new Map<number, string>();
  for (const owner of folders(sources))
    for (const resource of folders(join(sources, owner))) {
      const folder = join(sources, owner, resource);
      const shown = ['sources', owner, resource, 'source.yaml'].join('/');
      const path = join(folder, 'source.yaml');
      if (!existsSync(path)) {
        problems.push(new Problem(kinds.missing, {}, { file: ['sources', owner, resource].join(sep) }));
        continue;
      }
      const read = readYaml(path, shown, sourceDeclaration);
      problems.push(...read.problems);
      const declaration: SourceDeclaration | undefined = read.value;
      if (!declaration) continue;
      const own = await judge(declaration, { owner, resource, folder, shown, line: read.line, numbers, context });
      numbers.set(declaration.number, declaration.id);
      problems.push(...own);
      if (!own.length) {
        const hash = createHash('sha256').update(readFileSync(path));
        if (declaration.mappingText !== undefined) hash.update(declaration.mappingText);
        const sha256 = hash.digest('hex');
        loaded.push({ declaration, sha256, folder });
      }
    }
  return { sources: loaded, problems };
}

/** Everything that is wrong with the sources under a folder; empty when all is well. */
export async function checkSources(sources: string, context: CheckContext = {}): Promise<Problem[]> {
  return (await loadSources(sources, context)).problems;
}

interface Place {
  owner: string;
  resource: string;
  folder: string;
  shown: string;
  line: (path: readonly PropertyKey[]) => number;
  numbers: Map<number, string>;
  context: CheckContext;
}

async function judge(d: SourceDeclaration, place: Place): Promise<Problem[]> {
  const problems: Problem[] = [];
  const say = (kind: ProblemKind, params: Record<string, unknown>, path: PropertyKey[]) =>
    problems.push(
      new Problem(kind, params, {
        file: place.shown,
        line: place.line(path),
        pointer: `/${path.map(String).join('/')}`,
      }),
    );
  const expected = `${place.owner}.${place.resource}`;
  if (d.id !== expected) say(kinds.folder, { expected }, ['id']);
  if (d.owner !== place.owner) say(kinds.ownerFolder, { expected: place.owner }, ['owner']);
  const { organisations } = place.context;
  if (organisations && !organisations.has(d.owner)) say(kinds.owner, { owner: d.owner }, ['owner']);
  const other = place.numbers.get(d.number);
  if (other) say(kinds.number, { number: d.number, other }, ['number']);
  if (d.sharing.type === 'refused' && !d.sharing.ground) say(kinds.ground, {}, ['sharing']);
  if (d.sharing.type === 'conditional' && !d.sharing.condition) say(kinds.condition, {}, ['sharing']);
  const names = new Set<string>();
  const columns = new Set<string>();
  d.fields.forEach((f, i) => {
    if (names.has(f.name)) say(kinds.fieldTwice, { field: f.name }, ['fields', i, 'name']);
    names.add(f.name);
    const column = f.column ?? f.name;
    if (columns.has(column)) say(kinds.columnTwice, { column }, ['fields', i, f.column ? 'column' : 'name']);
    columns.add(column);
    if (f.name === 'dsc_biz_operation' || f.name === 'dsc_biz_timestamp')
      say(kinds.trace, { field: f.name }, ['fields', i, 'name']);
    if (f.element !== undefined && place.context.elements && !place.context.elements.has(f.element))
      say(kinds.element, { element: f.element }, ['fields', i, 'element']);
    if (f.protection === 'sensitive' && !f.format) say(kinds.format, { field: f.name }, ['fields', i]);
    const dated = f.type === 'date' || f.type === 'datetime';
    for (const bound of ['min', 'max'] as const) {
      const value = f[bound];
      if (value === undefined) continue;
      const fits = dated
        ? !Number.isNaN(Date.parse(String(value)))
        : Number.isFinite(Number(value)) && f.type !== 'text';
      if (!fits) say(kinds.bounds, { field: f.name, value }, ['fields', i, bound]);
    }
    if (f.min !== undefined && f.max !== undefined && !dated && Number(f.min) > Number(f.max))
      say(kinds.bounds, { field: f.name, value: `${f.min} > ${f.max}` }, ['fields', i, 'min']);
  });
  d.key.forEach((field, i) => {
    if (!names.has(field)) say(kinds.key, { field }, ['key', i]);
  });
  d.relations.forEach((relation, i) => {
    for (const [role, field] of Object.entries(relation))
      if (role !== 'kind' && !names.has(field as string)) say(kinds.relation, { field }, ['relations', i, role]);
  });
  if (problems.length === 0) {
    const mapping = d.mapping === undefined ? [] : await mappingProblems(d, place);
    problems.push(...mapping);
    const sample = join(place.folder, 'sample.csv');
    if (place.context.sample && existsSync(sample) && mapping.length === 0) {
      const shown = place.shown.replace('source.yaml', 'sample.csv');
      for (const p of await place.context.sample(d, sample))
        problems.push(
          new Problem(
            kinds.sample,
            { message: p.message },
            { file: shown, ...(p.place?.line === undefined ? {} : { line: p.place.line }) },
            [p],
          ),
        );
    }
  }
  return problems;
}

/**
 * Reads the mapping beside the declaration into it. It must compile against a table that has what the sample (or else the
 * declaration) has as columns.
 */
async function mappingProblems(d: SourceDeclaration, place: Place): Promise<Problem[]> {
  const name = d.mapping!;
  const file = join(place.folder, name);
  const shown = place.shown.replace('source.yaml', name);
  if (basename(name) !== name || !existsSync(file))
    return [
      new Problem(
        kinds.mappingFile,
        { name },
        { file: place.shown, line: place.line(['mapping']), pointer: '/mapping' },
      ),
    ];
  d.mappingText = readFileSync(file, 'utf8');
  const { lake } = place.context;
  if (!lake) return [];
  const sample = join(place.folder, 'sample.csv');
  const header = existsSync(sample)
    ? readFileSync(sample, 'utf8')
        .split(/\r?\n/, 1)[0]!
        .replace(/^\uFEFF/, '')
        .split(',')
        .map((h) => h.trim().replace(/^"(.*)"$/, '$1'))
    : d.fields.map((f) => f.column ?? f.name);
  return lake.session(async (s) => {
    try {
      const mapping = await readMapping(s, d.mappingText!, shown);
      const columns = header.filter((h) => h !== '').map((h) => `, ${ident(h)} VARCHAR`);
      await s.run(`CREATE TEMP TABLE received (_row INTEGER${columns.join('')})`);
      await compileMapping(s, mapping, namesOf(d), shown);
      return [];
    } catch (error) {
      if (error instanceof Problem) return [error];
      return [new Problem(mappingKinds.compile, { message: (error as Error).message.split('\n')[0] }, { file: shown })];
    }
  });
}

const namesOf = (d: SourceDeclaration): string[] => d.fields.map((f) => f.name);
