/** Reads the declared lists and judges them, as `source check` does with sources: every fault with its code, file and line. */
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
import type { Lake, LakeSession } from '../../platform/lake/index.ts';
import { Problem, type ProblemKind } from '../../platform/problem.ts';
import {
  type Jurisdiction,
  type JurisdictionLevel,
  jurisdictionFile,
  jurisdictionLevels,
  type ListDeclaration,
  levelOf,
  listDeclaration,
} from './declaration.ts';
import * as kinds from './problems.ts';

/** A list that may be run. `missing`: views that it reads and nobody publishes yet; it waits while there are any. */
export interface LoadedList {
  declaration: ListDeclaration;
  /** The texts as they are declared, for people. */
  texts: { who: string; done: string; except: string | null };
  who: Select;
  done: Select;
  except: Select | null;
  missing: string[];
  /** Lower-case hexadecimal SHA-256 of all that is declared. */
  sha256: string;
}

/** All lists, who answers for which division, and what is wrong. */
export interface Lists {
  lists: Map<string, LoadedList>;
  jurisdictions: Map<string, Jurisdiction>;
  problems: Problem[];
}

/** What the answers of each file must have. */
const answers = { who: ['entity', 'division', 'reason', 'due'], done: ['entity'], except: ['entity'] } as const;

/**
 * Reads `<folder>/jurisdictions.yaml` and `<folder>/<id>/`. `organisations`: ids that the catalogue lists. Lists with faults
 * are left out and told of.
 */
export async function loadLists(folder: string, lake: Lake, organisations: ReadonlySet<string>): Promise<Lists> {
  const problems: Problem[] = [];
  const jurisdictions = readJurisdictions(folder, problems);
  const lists = new Map<string, LoadedList>();
  const names = existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((e) => e.isDirectory() && !e.name.startsWith('.'))
        .map((e) => e.name)
        .sort()
    : [];
  for (const name of names) {
    const read = await loadList(folder, name, lake, { organisations, jurisdictions });
    if (Array.isArray(read)) problems.push(...read);
    else lists.set(name, read);
  }
  return { lists, jurisdictions, problems };
}

function readJurisdictions(folder: string, problems: Problem[]): Map<string, Jurisdiction> {
  const path = join(folder, 'jurisdictions.yaml');
  const out = new Map<string, Jurisdiction>();
  if (!existsSync(path)) return out;
  const shown = 'lists/jurisdictions.yaml';
  const read = readYaml(path, shown, jurisdictionFile);
  problems.push(...read.problems);
  read.value?.jurisdictions.forEach((j, i) => {
    if (out.has(j.organisation)) {
      const line = read.line(['jurisdictions', i]);
      problems.push(new Problem(kinds.entitledTwice, { id: j.organisation }, { file: shown, line }));
    }
    out.set(j.organisation, j);
  });
  return out;
}

interface Known {
  organisations: ReadonlySet<string>;
  jurisdictions: ReadonlyMap<string, Jurisdiction>;
}

async function loadList(folder: string, name: string, lake: Lake, known: Known): Promise<LoadedList | Problem[]> {
  const shown = `lists/${name}/list.yaml`;
  const read = readYaml(join(folder, name, 'list.yaml'), shown, listDeclaration);
  if (!read.value) return read.problems;
  const d = read.value;
  const problems: Problem[] = [];
  const say = (kind: ProblemKind, params: Record<string, unknown>, path: PropertyKey[]) =>
    problems.push(new Problem(kind, params, { file: shown, line: read.line(path), pointer: `/${path.join('/')}` }));
  if (d.id !== name) say(kinds.folder, { expected: name }, ['id']);
  if (!known.organisations.has(d.owner)) say(kinds.owner, { owner: d.owner }, ['owner']);
  const ids = d.states.map((s) => s.id);
  if (ids[0] !== 'open' || new Set(ids).size !== ids.length) say(kinds.statesOpen, {}, ['states']);
  judgeEntitled(d, known, say);
  const texts: Partial<Record<keyof typeof answers, string>> = {};
  for (const part of ['who', 'done', 'except'] as const) {
    const file = join(folder, name, `${part}.sql`);
    if (existsSync(file)) texts[part] = readFileSync(file, 'utf8');
    else if (part !== 'except')
      problems.push(new Problem(fileUnreadable, { message: `${part}.sql` }, { file: `lists/${name}/${part}.sql` }));
  }
  if (problems.length) return problems;
  const selects = await lake.session((s) => judgeAll(s, name, texts, problems));
  if (problems.length) return problems;
  const hash = createHash('sha256').update(JSON.stringify([d, texts.who, texts.done, texts.except ?? null]));
  return {
    declaration: d,
    texts: { who: texts.who!, done: texts.done!, except: texts.except ?? null },
    ...{ who: selects.parts.who!, done: selects.parts.done!, except: selects.parts.except ?? null },
    ...{ missing: selects.missing, sha256: hash.digest('hex') },
  };
}

function judgeEntitled(
  d: ListDeclaration,
  { organisations, jurisdictions }: Known,
  say: (kind: ProblemKind, params: Record<string, unknown>, path: PropertyKey[]) => void,
): void {
  const seen = new Set<string>();
  for (const level of jurisdictionLevels) {
    const named = d.entitled[level];
    if (named === 'all') continue;
    named.forEach((id, i) => {
      const path = ['entitled', level, i];
      const j = jurisdictions.get(id);
      if (!organisations.has(id) && !j?.name) say(kinds.owner, { owner: id }, path);
      if (seen.has(id)) say(kinds.entitledTwice, { id }, path);
      seen.add(id);
      if (!j || levelOf(j.division) !== level) say(kinds.noJurisdiction, { id, level }, path);
    });
  }
}

async function judgeAll(
  s: LakeSession,
  name: string,
  texts: Partial<Record<keyof typeof answers, string>>,
  problems: Problem[],
): Promise<{ parts: Partial<Record<keyof typeof answers, Select>>; missing: string[] }> {
  const parts: Partial<Record<keyof typeof answers, Select>> = {};
  const missing = new Set<string>();
  for (const [part, text] of Object.entries(texts) as [keyof typeof answers, string][]) {
    const file = `lists/${name}/${part}.sql`;
    try {
      const select = await readSelect(s, text, file);
      parts[part] = select;
      const absent = await absentViews(s, select.views);
      for (const view of absent) missing.add(view);
      if (!absent.length) await needColumns(s, select.sql, answers[part], { file }, { exact: false, text });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      problems.push(error);
    }
  }
  return { parts, missing: [...missing].sort() };
}

/** The division that an organisation may see of a list; undefined when the list is not delivered to it. */
export function divisionFor(
  list: ListDeclaration,
  jurisdictions: ReadonlyMap<string, Jurisdiction>,
  organisation: string,
): string | undefined {
  const division = jurisdictions.get(organisation)?.division;
  const level = division === undefined ? undefined : (levelOf(division) as JurisdictionLevel);
  if (level === undefined) return undefined;
  const named = list.entitled[level];
  return named === 'all' || named.includes(organisation) ? division : undefined;
}
