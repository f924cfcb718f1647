/** Reads the declared themes and judges them; one with a mistake is told with its place and leaves the others alone. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  absentViews,
  fileUnreadable,
  needColumns,
  readSelect,
  readYaml,
  type Select,
} from '../../platform/declared/index.ts';
import type { Lake } from '../../platform/lake/index.ts';
import { Problem, type ProblemKind } from '../../platform/problem.ts';
import type { LibraryDeclaration } from '../base/index.ts';
import { legalPersonAttributes, type ThemeDeclaration, themeDeclaration } from './declaration.ts';
import * as kinds from './problems.ts';

/** An attribute or a column of members.sql as it is shown. */
export interface Shown {
  name: string;
  /** Column in the library's view or in the theme's answer. */
  column: string;
  title: { zh: string; en: string };
  unit: string | null;
  format?: ThemeDeclaration['columns'][number]['format'];
  protection: ThemeDeclaration['columns'][number]['protection'];
  from: 'library' | 'member';
}

/** A theme that may be made; it waits while `missing` views are not published. */
export interface LoadedTheme {
  declaration: ThemeDeclaration;
  text: string;
  select: Select;
  missing: string[];
  shown: Shown[];
  /** The library's number (0: legal persons), view and whether it is about persons. */
  library: { number: number; view: string; personal: boolean; label: string };
  libraryTitle: { zh: string; en: string } | null;
  sha256: string;
}

/** All themes, and what is wrong. */
export interface Themes {
  themes: Map<string, LoadedTheme>;
  problems: Problem[];
}

const needed = ['entity', 'division', 'reason', 'fact'];

/** Reads `<folder>/<name>/`. `organisations` undefined: owners are not checked. */
export async function loadThemes(
  folder: string,
  lake: Lake,
  libraries: readonly LibraryDeclaration[],
  organisations?: ReadonlySet<string>,
): Promise<Themes> {
  const themes = new Map<string, LoadedTheme>();
  const problems: Problem[] = [];
  const names = existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((e) => e.isDirectory() && !e.name.startsWith('.'))
        .map((e) => e.name)
        .sort()
    : [];
  for (const name of names) {
    const read = await loadTheme(join(folder, name), name, lake, libraries, organisations);
    if (Array.isArray(read)) problems.push(...read);
    else themes.set(name, read);
  }
  return { themes, problems };
}

async function loadTheme(
  folder: string,
  name: string,
  lake: Lake,
  libraries: readonly LibraryDeclaration[],
  organisations: ReadonlySet<string> | undefined,
): Promise<LoadedTheme | Problem[]> {
  const shown = `themes/${name}/theme.yaml`;
  const read = readYaml(join(folder, 'theme.yaml'), shown, themeDeclaration);
  const d = read.value;
  if (!d) return read.problems;
  const problems: Problem[] = [];
  const say = (kind: ProblemKind, params: Record<string, unknown>, path: PropertyKey[]) =>
    problems.push(
      new Problem(kind, params, { file: shown, line: read.line(path), pointer: `/${path.map(String).join('/')}` }),
    );
  if (d.theme !== name) say(kinds.folder, { expected: name }, ['theme']);
  if (organisations && !organisations.has(d.owner)) say(kinds.ownerUnknown, { owner: d.owner }, ['owner']);
  if (d.access.organisations !== 'all') {
    if (d.access.roles.length === 0 && d.access.organisations.length === 0) say(kinds.nobody, {}, ['access']);
    d.access.organisations.forEach((o, i) => {
      if (organisations && !organisations.has(o)) say(kinds.ownerUnknown, { owner: o }, ['access', 'organisations', i]);
    });
  }
  const library = libraries.find((l) => l.library === d.library);
  if (!library && d.library !== 'legal-person') say(kinds.libraryUnknown, { library: d.library }, ['library']);
  const columns: Shown[] = [];
  d.show.forEach((attribute, i) => {
    const found = library
      ? library.attributes.find((a) => a.name === attribute)
      : legalPersonAttributes.find((a) => a.name === attribute);
    if (!found) {
      say(kinds.attributeUnknown, { library: d.library, name: attribute }, ['show', i]);
      return;
    }
    const { title, format, protection } = found;
    const unit = 'unit' in found ? (found.unit ?? null) : null;
    const column = attribute.replaceAll('-', '_');
    columns.push({
      ...{ name: attribute, column, title, unit, protection, from: 'library' },
      ...(format ? { format } : {}),
    });
  });
  const names = new Set(d.show.map((s) => s.replaceAll('-', '_')));
  d.columns.forEach((c, i) => {
    if (names.has(c.name) || needed.includes(c.name)) say(kinds.twice, { name: c.name }, ['columns', i, 'name']);
    names.add(c.name);
    const { title, format, protection } = c;
    columns.push({
      ...{ name: c.name, column: c.name, title, unit: c.unit ?? null, protection, from: 'member' },
      ...(format ? { format } : {}),
    });
  });
  const file = `themes/${name}/members.sql`;
  if (!existsSync(join(folder, 'members.sql')))
    problems.push(new Problem(fileUnreadable, { message: 'members.sql' }, { file }));
  if (problems.length) return problems;
  const text = readFileSync(join(folder, 'members.sql'), 'utf8');
  try {
    const { select, missing } = await lake.session(async (s) => {
      const select = await readSelect(s, text, file);
      const missing = await absentViews(s, select.views);
      const all = [...needed, ...d.columns.map((c) => c.name)];
      if (!missing.length) await needColumns(s, select.sql, all, { file }, { text });
      return { select, missing };
    });
    return {
      ...{ declaration: d, text, select, missing, shown: columns },
      library: {
        number: library?.number ?? 0,
        view: library ? `v.${library.library.replaceAll('-', '_')}_v1` : 'v.legal_person_v1',
        personal: library?.personal ?? false,
        label: library ? library.label.replaceAll('-', '_') : 'name',
      },
      libraryTitle: library?.title ?? null,
      sha256: createHash('sha256')
        .update(JSON.stringify([d, text]))
        .digest('hex'),
    };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return [error];
  }
}
