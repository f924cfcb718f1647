/** Reads the registry's folders and says everything that is wrong, each mistake with file and line. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readYaml } from '../../platform/declared/index.ts';
import { Problem, type ProblemKind, problemKind } from '../../platform/problem.ts';
import { nationalVersions } from './builtin.ts';
import { type CodeSet, codeSetDeclaration, type Element, elementFile } from './declaration.ts';

const k = (code: string, zh: string, en: string) => problemKind(`catalogue.element.${code}`, 422, zh, en);
const kinds = {
  twice: k('twice', '“{id}”已在 {other} 声明。', '"{id}" is declared in {other} already.'),
  file: k('file-name', '名称应与文件一致：{expected}。', 'The name must be that of its file: {expected}.'),
  codes: k('codes-unknown', '没有代码集“{codes}”。', 'There is no code set "{codes}".'),
  successor: k('successor-unknown', '没有数据元“{id}”。', 'There is no data element "{id}".'),
  length: k('length', '长度的下限大于上限。', 'The least length is more than the greatest.'),
  codeTwice: k('code-twice', '代码“{code}”写了两次。', 'The code "{code}" is listed twice.'),
  parent: k('code-parent', '上级代码“{code}”不在此版本中。', 'The parent "{code}" is not in this version.'),
  order: k('version-order', '版本应按生效日期排列。', 'Versions stand in order of the day from which they hold.'),
};

/** The registry. */
export interface Registry {
  elements: ReadonlyMap<string, Element>;
  /** Titles of groups, in order of their files. */
  groups: ReadonlyMap<string, { zh: string; en: string }>;
  codeSets: ReadonlyMap<string, CodeSet>;
  /** Where an element or a set is declared: file and line. */
  places: ReadonlyMap<string, { file: string; line: number }>;
  problems: readonly Problem[];
}

const filesOf = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((n) => n.endsWith('.yaml') && !n.startsWith('.'))
        .sort()
    : [];

/** The folder that holds `elements` and `codesets`, given that of the sources. */
export const registryRoot = (sources: string): string => dirname(sources);

/** Whether a repository has a registry at all: without one, references are not judged. */
export const hasRegistry = (root: string): boolean => existsSync(join(root, 'elements'));

/** Reads `elements/` and `codesets/` under a root. */
export function loadRegistry(root: string): Registry {
  const problems: Problem[] = [];
  const elements = new Map<string, Element>();
  const groups = new Map<string, { zh: string; en: string }>();
  const codeSets = new Map<string, CodeSet>();
  const places = new Map<string, { file: string; line: number }>();
  const numbers = new Map<string, string>();
  const once = (id: string, number: string, file: string, line: number) => {
    for (const name of [id, number]) {
      const other = numbers.get(name);
      if (other) problems.push(new Problem(kinds.twice, { id: name, other }, { file, line }));
      numbers.set(name, file);
    }
  };
  for (const name of filesOf(join(root, 'codesets'))) {
    const file = `codesets/${name}`;
    const read = readYaml(join(root, 'codesets', name), file, codeSetDeclaration);
    problems.push(...read.problems);
    if (!read.value) continue;
    const set = read.value;
    const say = (kind: ProblemKind, params: object, path: PropertyKey[]) =>
      problems.push(new Problem(kind, { ...params }, { file, line: read.line(path) }));
    if (set.id !== basename(name, '.yaml')) say(kinds.file, { expected: basename(name, '.yaml') }, ['id']);
    once(set.id, set.number, file, read.line(['id']));
    set.versions.forEach((v, i) => {
      if (i > 0 && v.from <= set.versions[i - 1]!.from) say(kinds.order, {}, ['versions', i, 'from']);
      const own = new Set<string>();
      v.codes.forEach((c, j) => {
        if (own.has(c.code)) say(kinds.codeTwice, { code: c.code }, ['versions', i, 'codes', j]);
        own.add(c.code);
      });
      v.codes.forEach((c, j) => {
        if (c.parent !== undefined && !own.has(c.parent))
          say(kinds.parent, { code: c.parent }, ['versions', i, 'codes', j]);
      });
    });
    codeSets.set(set.id, { ...set, versions: set.builtin ? nationalVersions(set.builtin) : set.versions });
    places.set(`codes/${set.id}`, { file, line: read.line(['id']) });
  }
  for (const name of filesOf(join(root, 'elements'))) {
    const file = `elements/${name}`;
    const read = readYaml(join(root, 'elements', name), file, elementFile);
    problems.push(...read.problems);
    if (!read.value) continue;
    const { group, title } = read.value;
    if (group !== basename(name, '.yaml'))
      problems.push(
        new Problem(kinds.file, { expected: basename(name, '.yaml') }, { file, line: read.line(['group']) }),
      );
    groups.set(group, title);
    read.value.elements.forEach((e, i) => {
      const line = read.line(['elements', i, 'id']);
      once(`element ${e.id}`, e.number, file, line);
      if (e.codes !== undefined && !codeSets.has(e.codes))
        problems.push(
          new Problem(kinds.codes, { codes: e.codes }, { file, line: read.line(['elements', i, 'codes']) }),
        );
      if (e.length && e.length.min > e.length.max)
        problems.push(new Problem(kinds.length, {}, { file, line: read.line(['elements', i, 'length']) }));
      elements.set(e.id, { ...e, group });
      places.set(`elements/${e.id}`, { file, line });
    });
  }
  for (const e of elements.values())
    if (e.replacedBy !== undefined && !elements.has(e.replacedBy))
      problems.push(new Problem(kinds.successor, { id: e.replacedBy }, { ...places.get(`elements/${e.id}`)! }));
  return { elements, groups, codeSets, places, problems };
}
