/** Reads all library folders and says everything that is wrong with them, each mistake with file and line. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readYaml, type SourceDeclaration } from '../../catalogue/index.ts';
import { Problem, problemKind } from '../../platform/problem.ts';
import { type LibraryDeclaration, libraryDeclaration } from './declaration.ts';

const k = (code: string, zh: string, en: string) => problemKind(`libraries.declaration.${code}`, 422, zh, en);
const kinds = {
  missing: k('missing', '文件夹里没有 library.yaml。', 'The folder has no library.yaml.'),
  folder: k(
    'name-folder',
    'library 应与文件夹一致：{expected}。',
    'The library must be named as its folder: {expected}.',
  ),
  number: k('number-twice', '编号 {number} 已被 {other} 使用。', 'The number {number} is used by {other}.'),
  twice: k('name-twice', '“{name}”写了两次。', '"{name}" is declared twice.'),
  source: k('source-unknown', '没有来源“{source}”。', 'There is no source "{source}".'),
  field: k('field-unknown', '来源 {source} 没有字段“{field}”。', 'The source {source} has no field "{field}".'),
  key: k('key-unknown', '没有标识“{name}”。', 'There is no key "{name}".'),
  evidence: k('evidence-unknown', '没有证据“{name}”。', 'There is no evidence "{name}".'),
  attribute: k('attribute-unknown', '没有属性“{name}”。', 'There is no attribute "{name}".'),
  said: k(
    'said-nothing',
    '属性“{name}”须写明 field 或 value 之一。',
    'The attribute "{name}" needs either a field or a value.',
  ),
  geometry: k(
    'geometry-said',
    '几何属性“{name}”须写明 format 为 wkt 的 field，或 point: [经度字段, 纬度字段]。',
    'The geometry "{name}" needs a field of format wkt, or point: [longitude, latitude].',
  ),
  geometries: k('geometry-twice', '一个库只能有一个几何属性。', 'A library has one geometry at most.'),
  within: k(
    'within-geometry',
    '按位置关联的两个库都须有几何属性：“{name}”。',
    'A relation by position needs a geometry on both sides: "{name}".',
  ),
  tables: k(
    'table-twice',
    '标准地址表只能有一个库，已是“{name}”。',
    'Only one library is the table of standard addresses: "{name}" is.',
  ),
  library: k('library-unknown', '没有基础库“{name}”。', 'There is no library "{name}".'),
  mention: k(
    'mention-unknown',
    '{library} 没有来源 {source} 的提及“{mention}”。',
    '{library} has no mention "{mention}" of the source {source}.',
  ),
  register: k('register-key', '登记来源须给出首要标识“{name}”。', 'A register needs the first key "{name}".'),
  legal: k(
    'legal-person',
    '指向法人的关系须写明 code、offices 或来源 legal-person。',
    'A relation to legal persons needs a code, offices or the source legal-person.',
  ),
  token: k(
    'token-protection',
    '字段“{field}”存的是标识，属性“{name}”须为 sensitive。',
    'The field "{field}" holds tokens: the attribute "{name}" must be sensitive.',
  ),
  weaker: k(
    'protection-weaker',
    '属性“{name}”的保护级别低于来源字段 {source}.{field}。',
    'The attribute "{name}" is less protected than its source field {source}.{field}.',
  ),
};

/** A declared library as it stands in its folder. */
export interface LoadedLibrary {
  declaration: LibraryDeclaration;
  /** SHA-256 of library.yaml: what was made by another text is made anew. */
  sha256: string;
}

/** Attributes of legal persons' golden records that a library may use as if they were fields. */
export const legalPersonFields: readonly string[] = ['name', 'uscc', 'status', 'address', 'division', 'industry'];

const strictness = ['public', 'internal', 'personal', 'sensitive'];

/** Reads every library under a folder, in the order of their numbers: what holds, and everything that does not. */
export function loadLibraries(
  folder: string,
  sources: ReadonlyMap<string, SourceDeclaration>,
): { libraries: LoadedLibrary[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const read: { loaded: LoadedLibrary; shown: string; line: (path: readonly PropertyKey[]) => number }[] = [];
  const numbers = new Map<number, string>();
  const names = existsSync(folder)
    ? readdirSync(folder)
        .filter((n) => !n.startsWith('.') && statSync(join(folder, n)).isDirectory())
        // The industrial economy (../economy) is declared by another schema.
        .filter((n) => !existsSync(join(folder, n, 'economy.yaml')))
        // Legal persons are made known by the refinery's match; what is declared of them is their linkage.
        .filter((n) => n !== 'legal-person')
        .sort()
    : [];
  for (const name of names) {
    const path = join(folder, name, 'library.yaml');
    const shown = ['libraries', name, 'library.yaml'].join('/');
    if (!existsSync(path)) {
      problems.push(new Problem(kinds.missing, {}, { file: `libraries/${name}` }));
      continue;
    }
    const yaml = readYaml(path, shown, libraryDeclaration);
    problems.push(...yaml.problems);
    if (!yaml.value) continue;
    const declaration = yaml.value;
    const at = (p: readonly PropertyKey[]) => ({ file: shown, line: yaml.line(p) });
    if (declaration.library !== name) problems.push(new Problem(kinds.folder, { expected: name }, at(['library'])));
    const other = numbers.get(declaration.number);
    if (other) problems.push(new Problem(kinds.number, { number: declaration.number, other }, at(['number'])));
    numbers.set(declaration.number, name);
    const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
    read.push({ loaded: { declaration, sha256 }, shown, line: yaml.line });
  }
  const all = new Map(read.map((r) => [r.loaded.declaration.library, r.loaded.declaration]));
  const libraries: LoadedLibrary[] = [];
  for (const { loaded, shown, line } of read) {
    const own = judge(loaded.declaration, all, sources, (path) => ({ file: shown, line: line(path) }));
    problems.push(...own);
    if (own.length === 0) libraries.push(loaded);
  }
  libraries.sort((a, b) => a.declaration.number - b.declaration.number);
  // A library that leads to one with mistakes would lead nowhere: all hold, or none is used.
  return { libraries: problems.length === 0 ? libraries : [], problems };
}

type At = (path: readonly PropertyKey[]) => { file: string; line: number };

function judge(
  d: LibraryDeclaration,
  all: ReadonlyMap<string, LibraryDeclaration>,
  sources: ReadonlyMap<string, SourceDeclaration>,
  at: At,
): Problem[] {
  const problems: Problem[] = [];
  const bad = (kind: (typeof kinds)[keyof typeof kinds], params: Record<string, unknown>, ...path: PropertyKey[]) =>
    problems.push(new Problem(kind, params, at(path)));
  const distinct = (list: readonly { name?: string; rule?: string; kind?: string }[], ...path: PropertyKey[]) => {
    const seen = new Set<string>();
    for (const [i, x] of list.entries()) {
      const name = x.name ?? x.rule ?? x.kind ?? '';
      if (seen.has(name)) bad(kinds.twice, { name }, ...path, i);
      seen.add(name);
    }
    return seen;
  };
  const keys = distinct(d.keys, 'keys');
  const evidence = distinct(d.evidence, 'evidence');
  const attributes = distinct(d.attributes, 'attributes');
  distinct(d.match, 'match');
  distinct(d.relations, 'relations');
  for (const [i, rule] of d.match.entries())
    for (const part of ['by', 'consistent'] as const)
      for (const [j, name] of rule[part].entries())
        if (!evidence.has(name)) bad(kinds.evidence, { name }, 'match', i, part, j);
  for (const [i, name] of d.agree.entries()) if (!evidence.has(name)) bad(kinds.evidence, { name }, 'agree', i);
  if (!attributes.has(d.label)) bad(kinds.attribute, { name: d.label }, 'label');
  const mentions = new Set<string>();
  for (const [i, s] of d.sources.entries()) {
    if (mentions.has(`${s.source} ${s.mention}`)) bad(kinds.twice, { name: `${s.source} ${s.mention}` }, 'sources', i);
    mentions.add(`${s.source} ${s.mention}`);
    const declared = sources.get(s.source);
    if (!declared && s.source !== 'legal-person') {
      bad(kinds.source, { source: s.source }, 'sources', i, 'source');
      continue;
    }
    const fields = new Map(declared?.fields.map((f) => [f.name, f]));
    const known = (field: string, ...path: PropertyKey[]) => {
      const there = declared ? fields.has(field) : legalPersonFields.includes(field);
      if (!there) bad(kinds.field, { source: s.source, field }, 'sources', i, ...path);
    };
    for (const field of Object.keys(s.when)) known(field, 'when', field);
    for (const [name, field] of Object.entries(s.keys)) {
      if (!keys.has(name)) bad(kinds.key, { name }, 'sources', i, 'keys', name);
      known(field, 'keys', name);
    }
    if (s.register && !s.keys[d.keys[0]!.name])
      bad(kinds.register, { name: d.keys[0]!.name }, 'sources', i, 'register');
    for (const [name, field] of Object.entries(s.evidence)) {
      if (!evidence.has(name)) bad(kinds.evidence, { name }, 'sources', i, 'evidence', name);
      known(field, 'evidence', name);
    }
    for (const [name, how] of Object.entries(s.attributes)) {
      const attribute = d.attributes.find((a) => a.name === name);
      if (!attribute) bad(kinds.attribute, { name }, 'sources', i, 'attributes', name);
      const { field, value, when, point } = typeof how === 'string' ? { field: how } : how;
      if (attribute?.type === 'geometry') {
        const formats = (point ?? [field]).map((f) => fields.get(f ?? '')?.format);
        if (formats.join() !== (point ? 'longitude,latitude' : 'wkt') || value !== undefined)
          bad(kinds.geometry, { name }, 'sources', i, 'attributes', name);
        continue;
      }
      if ((field === undefined) === (value === undefined)) bad(kinds.said, { name }, 'sources', i, 'attributes', name);
      if (field !== undefined) {
        known(field, 'attributes', name);
        const f = fields.get(field);
        if (attribute && f?.protection === 'sensitive' && attribute.protection !== 'sensitive')
          bad(kinds.token, { field, name }, 'sources', i, 'attributes', name);
        else if (attribute && f && strictness.indexOf(attribute.protection) < strictness.indexOf(f.protection))
          bad(kinds.weaker, { source: s.source, field, name }, 'sources', i, 'attributes', name);
      }
      for (const w of Object.keys(when ?? {})) known(w, 'attributes', name);
    }
  }
  if (d.attributes.filter((a) => a.type === 'geometry').length > 1) bad(kinds.geometries, {}, 'attributes');
  const table = [...all.values()].find((l) => l.addresses === 'table' && l.number < d.number);
  if (d.addresses === 'table' && table) bad(kinds.tables, { name: table.library }, 'addresses');
  for (const [i, r] of d.relations.entries()) {
    const target = r.to === 'legal-person' ? undefined : all.get(r.to);
    if (!target && r.to !== 'legal-person') {
      bad(kinds.library, { name: r.to }, 'relations', i, 'to');
      continue;
    }
    const shaped = (of: LibraryDeclaration | undefined) => of?.attributes.some((a) => a.type === 'geometry');
    if (r.within && !(shaped(d) && shaped(target))) bad(kinds.within, { name: r.kind }, 'relations', i, 'within');
    for (const name of Object.keys(r.within?.when ?? {}))
      if (target?.attributes.every((a) => a.name !== name)) bad(kinds.attribute, { name }, 'relations', i, 'within');
    // Both are columns of the library's view.
    if (r.single && attributes.has(r.kind)) bad(kinds.twice, { name: r.kind }, 'relations', i, 'kind');
    if (r.offices && r.to !== 'legal-person') bad(kinds.legal, {}, 'relations', i, 'offices');
    for (const [j, s] of r.sources.entries()) {
      const has = (library: LibraryDeclaration, mention: string) =>
        library.sources.some((x) => x.source === s.source && x.mention === mention);
      if (!has(d, s.from))
        bad(kinds.mention, { library: d.library, source: s.source, mention: s.from }, 'relations', i, 'sources', j);
      if (target && !has(target, s.to))
        bad(kinds.mention, { library: r.to, source: s.source, mention: s.to }, 'relations', i, 'sources', j);
      for (const name of [s.qualifier, s.code])
        if (name !== undefined && !attributes.has(name)) bad(kinds.attribute, { name }, 'relations', i, 'sources', j);
      if (!target && s.code === undefined && s.source !== 'legal-person')
        bad(kinds.legal, {}, 'relations', i, 'sources', j);
    }
  }
  return problems;
}
