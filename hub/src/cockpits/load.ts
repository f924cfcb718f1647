/** Reads the declared scenarios and judges them: every fault with its code, file and line; a scenario with faults is left out and told of. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Permission } from '../platform/auth/principal.ts';
import { fileUnreadable, publishedViews, readYaml, type YamlFile } from '../platform/declared/index.ts';
import type { Lake, LakeSession } from '../platform/lake/index.ts';
import { type Place, Problem, type ProblemKind } from '../platform/problem.ts';
import {
  type CockpitFile,
  type Column,
  cockpitFile,
  type Declared,
  indicatorsFile,
  layersFile,
  type Rule,
  rulesFile,
  type ScenarioFile,
  scenarioFile,
  textsFile,
} from './declaration.ts';
import { judgeCockpit } from './layout.ts';
import * as k from './problems.ts';
import { aboutPeople, permissionsFor } from './rights.ts';
import { answers, needAnswers, readStatement, type Statement } from './statement.ts';

/** The records behind a figure. */
export interface Records {
  statement: Statement;
  columns: readonly Column[];
  by: string | undefined;
  people: boolean;
  permissions: Permission[];
}

/** A declared indicator or layer that may be computed. */
export interface Measure {
  /** `scenario/id`. */
  key: string;
  scenario: string;
  declared: Declared;
  /** Null where it is folded from the newest readings. */
  statement: Statement | null;
  /** What a change must touch so that this is computed again: views, and topics of readings (`Type.property`). */
  depends: string[];
  /** Small cells are left out: it stands on natural persons or on confidential figures of enterprises. */
  guarded: boolean;
  permissions: Permission[];
  records: Records | null;
  refresh: number;
}

/** A scenario that holds. */
export interface Scenario extends ScenarioFile {
  measures: Map<string, Measure>;
  cockpit: CockpitFile;
  rules: Rule[];
  texts: Record<string, { zh: string; en: string }>;
}

/** All scenarios, and what is wrong with those that were left out. */
export interface Scenarios {
  scenarios: Map<string, Scenario>;
  problems: Problem[];
}

/** What a check knows of the city. */
export interface Known {
  organisations: ReadonlySet<string>;
  /** Subject of the class behind each record view: `natural-person`, `legal-person` … */
  subjects: ReadonlyMap<string, string>;
  /** Fields of each record view that are personal or sensitive. */
  guardedFields: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Columns of the libraries' own views that are personal. */
const OWN_GUARDED: Record<string, readonly string[]> = {
  'v.legal_person_v1': ['legal_representative', 'legal_representative_id', 'phone'],
  'v.legal_person_relation_v1': ['person_name', 'person_token'],
  'v.division_v1': ['head'],
  'v.grid_v1': ['worker', 'worker_phone'],
  'v.water_v1': ['chief'],
  'v.park_v1': ['manager'],
};

/** Folders of scenarios, in order. */
export const scenarioFolders = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((e) => e.isDirectory() && !e.name.startsWith('.') && existsSync(join(folder, e.name, 'scenario.yaml')))
        .map((e) => e.name)
        .sort()
    : [];

/** Reads every folder. */
export async function loadScenarios(folder: string, lake: Lake, known: Known): Promise<Scenarios> {
  const problems: Problem[] = [];
  const scenarios = new Map<string, Scenario>();
  const drafts: {
    scenario: Scenario;
    cockpit: YamlFile<CockpitFile>;
    texts: YamlFile<unknown>;
    rules: YamlFile<unknown>;
  }[] = [];
  await lake.session(async (session) => {
    const published = await publishedViews(session);
    for (const name of scenarioFolders(folder)) {
      const read = await readScenario(join(folder, name), name, { session, known, published });
      if (Array.isArray(read)) problems.push(...read);
      else {
        drafts.push(read);
        scenarios.set(name, read.scenario);
      }
    }
  });
  // Panels may name other scenarios' indicators: they are judged when all are known.
  for (const { scenario, cockpit } of drafts) {
    const faults = judgeCockpit(scenario, cockpit, scenarios);
    problems.push(...faults);
  }
  const broken = new Set(problems.map((p) => p.place?.file?.split('/')[1]));
  for (const name of broken) if (name) scenarios.delete(name);
  return { scenarios, problems };
}

/** What statements are judged against. */
interface Ground {
  session: LakeSession;
  known: Known;
  /** Views that are there. */
  published: ReadonlySet<string>;
}

async function readScenario(path: string, name: string, ground: Ground) {
  const { known } = ground;
  const shown = (file: string) => `scenarios/${name}/${file}`;
  const head = readYaml(join(path, 'scenario.yaml'), shown('scenario.yaml'), scenarioFile);
  const indicators = readYaml(join(path, 'indicators.yaml'), shown('indicators.yaml'), indicatorsFile);
  const layers = optional(join(path, 'layers.yaml'), shown('layers.yaml'), layersFile);
  const rules = optional(join(path, 'rules.yaml'), shown('rules.yaml'), rulesFile);
  const texts = optional(join(path, 'texts.yaml'), shown('texts.yaml'), textsFile);
  const cockpit = readYaml(join(path, 'cockpit.yaml'), shown('cockpit.yaml'), cockpitFile);
  const problems = [head, indicators, layers, rules, texts, cockpit].flatMap((f) => f.problems);
  if (problems.length || !head.value || !indicators.value || !cockpit.value) return problems;
  const say = (kind: ProblemKind, params: object, file: string, line: number) =>
    problems.push(new Problem(kind, { ...params }, { file: shown(file), line }));
  if (head.value.id !== name) say(k.folderName, { expected: name }, 'scenario.yaml', head.line(['id']));
  if (!known.organisations.has(head.value.owner))
    say(k.ownerUnknown, { owner: head.value.owner }, 'scenario.yaml', head.line(['owner']));
  const measures = new Map<string, Measure>();
  const all = [
    ...indicators.value.indicators.map((d, i) => ({
      d,
      file: 'indicators.yaml',
      read: indicators,
      at: ['indicators', i],
    })),
    ...(layers.value?.layers ?? []).map((d, i) => ({ d, file: 'layers.yaml', read: layers, at: ['layers', i] })),
  ];
  for (const { d, file, read, at } of all) {
    const line = (more: PropertyKey[]) => read.line([...at, ...more]);
    if (measures.has(d.id)) say(k.twice, { id: d.id }, file, line(['id']));
    const made = await readMeasure({ path, name, shown, file, line }, d as Declared, head.value, ground, problems);
    if (made) measures.set(d.id, made);
  }
  const values = new Set([...measures.values()].filter((m) => m.declared.kind === 'value').map((m) => m.declared.id));
  for (const [i, r] of (rules.value?.rules ?? []).entries()) {
    const line = rules.line(['rules', i]);
    if (!values.has(r.indicator)) say(k.unknownIndicatorNamed, { id: r.indicator }, 'rules.yaml', line);
    if (!Object.keys(r.when).length) say(k.ruleEmpty, { id: r.id }, 'rules.yaml', line);
  }
  for (const [id, text] of Object.entries(texts.value?.texts ?? {}))
    for (const found of `${text.zh}${text.en}`.matchAll(/\{([a-z0-9-]+)\}/g))
      if (!values.has(found[1]!))
        say(k.placeholderUnknown, { name: found[1] }, 'texts.yaml', texts.line(['texts', id]));
  if (problems.length) return problems;
  const scenario: Scenario = {
    ...head.value,
    measures,
    cockpit: cockpit.value,
    rules: rules.value?.rules ?? [],
    texts: texts.value?.texts ?? {},
  };
  return { scenario, cockpit, texts, rules };
}

/** A file that need not be there. */
function optional<S extends Parameters<typeof readYaml>[2]>(path: string, shown: string, type: S) {
  return existsSync(path) ? readYaml(path, shown, type) : { value: undefined, problems: [], line: () => 1 };
}

interface Where {
  path: string;
  name: string;
  shown(file: string): string;
  file: string;
  line(more: PropertyKey[]): number;
}

async function readMeasure(
  where: Where,
  d: Declared,
  head: ScenarioFile,
  { session, known, published }: Ground,
  problems: Problem[],
): Promise<Measure | undefined> {
  const own = where.shown(where.file);
  const beside = `indicators/${d.id}.sql`;
  const outside = existsSync(join(where.path, beside));
  const say = (kind: ProblemKind, params: object, line: number) =>
    void problems.push(new Problem(kind, { file: own, ...params }, { file: own, line }));
  if (Number(d.sql !== undefined) + Number(outside) + Number(d.live !== undefined) !== 1)
    return say(k.noStatement, { id: d.id }, where.line(['id'])) as undefined;
  if (d.live) {
    if (d.kind !== 'value') return say(k.liveKind, {}, where.line(['live'])) as undefined;
    if ((d.live.fold === 'share') !== Boolean(d.live.where) && d.live.fold !== 'count')
      return say(k.whereMissing, {}, where.line(['live', 'fold'])) as undefined;
  }
  const refresh = d.refresh ?? (d.live ? 1 : head.refresh);
  const read = async (text: string, place: Place): Promise<Statement | undefined> => {
    try {
      return await readStatement(session, text, place, published);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      problems.push(error);
      return undefined;
    }
  };
  let statement: Statement | null = null;
  if (!d.live) {
    // Inline SQL begins on the line behind its key.
    const place = outside ? { file: where.shown(beside), line: 1 } : { file: own, line: where.line(['sql']) + 1 };
    let text = d.sql ?? '';
    if (outside)
      try {
        text = readFileSync(join(where.path, beside), 'utf8');
      } catch (error) {
        problems.push(new Problem(fileUnreadable, { message: (error as Error).message }, place));
        return undefined;
      }
    const made = await read(text, place);
    if (!made) return undefined;
    statement = made;
    const named = d.columns.map((c) => c.name);
    const expected =
      d.kind !== 'list' ? answers[d.kind] : d.towns ? ['division', ...named.filter((n) => n !== 'town')] : named;
    if (d.kind === 'list' && !d.columns.length)
      return say(k.listColumns, { id: d.id }, where.line(['id'])) as undefined;
    if (d.towns && (d.kind !== 'list' || named[0] !== 'town' || d.columns.slice(1).some((c) => c.as !== 'number')))
      return say(k.townColumns, { id: d.id }, where.line(['towns'])) as undefined;
    const fault = needAnswers(made, expected, place);
    if (fault) {
      problems.push(fault);
      return undefined;
    }
  }
  const views = statement?.views ?? [];
  const people = views.some((v) => aboutPeople(v, known.subjects));
  const guarded =
    d.kind !== 'list' && d.kind !== 'points' && (people || views.some((v) => /^v\.economy_value/.test(v)));
  const file = outside ? where.shown(beside) : own;
  if (
    guarded &&
    statement &&
    !statement.missing.length &&
    !statement.columns.includes('n') &&
    (d.digits > 0 || d.as !== 'number')
  )
    return say(k.peopleCounted, { file }, where.line(['id'])) as undefined;
  const rows = (d.kind === 'list' && !d.towns) || d.kind === 'points';
  if (d.kind === 'list' && rows && statement) {
    const fault = unguarded(statement, d.columns, people, known, file, where.line(['columns']));
    if (fault) problems.push(fault);
  }
  let records: Records | null = null;
  if (d.drill && 'sql' in d.drill) {
    const place = { file: own, line: where.line(['drill', 'sql']) + 1 };
    const made = await read(d.drill.sql, place);
    if (!made) return undefined;
    const fault = needAnswers(
      made,
      [...d.drill.columns.map((c) => c.name), ...(d.drill.by ? [d.drill.by] : [])],
      place,
    );
    if (fault) problems.push(fault);
    const theirs = made.views.some((v) => aboutPeople(v, known.subjects));
    const open = unguarded(made, d.drill.columns, theirs, known, own, where.line(['drill', 'columns']));
    if (open) problems.push(open);
    records = {
      ...{ statement: made, columns: d.drill.columns, by: d.drill.by, people: theirs },
      permissions: permissionsFor(made.views, 'row', theirs, d.permissions),
    };
  } else if (d.kind === 'list' && rows && statement)
    records = {
      ...{ statement, columns: d.columns, by: undefined, people },
      permissions: permissionsFor(views, 'row', people, d.permissions),
    };
  const topics = d.live ? [d.live.topic, ...(d.live.over ? [d.live.over] : [])] : d.series;
  const readings = /^v\.(reading|latest)/;
  return {
    ...{ key: `${where.name}/${d.id}`, scenario: where.name, declared: d, statement, guarded, records, refresh },
    depends: [...views.filter((v) => !(topics.length && readings.test(v))), ...topics],
    permissions: permissionsFor(
      d.live ? ['v.reading_v1'] : views,
      rows ? 'row' : 'figure',
      people && rows,
      d.permissions,
    ),
  };
}

/** A list that reads guarded fields must say of every column how it is guarded. */
function unguarded(
  statement: Statement,
  columns: readonly Column[],
  people: boolean,
  known: Known,
  file: string,
  line: number,
): Problem | undefined {
  const bare = columns.filter((c) => !c.protection).map((c) => c.name);
  if (!bare.length) return undefined;
  const fields = statement.views.flatMap((v) => [
    ...[...(known.guardedFields.get(v) ?? [])].filter((f) => statement.reads.has(f) || statement.reads.has('*')),
    ...(OWN_GUARDED[v] ?? []).filter((f) => statement.reads.has(f) || statement.reads.has('*')),
  ]);
  if (!fields.length && !people) return undefined;
  const named = [...new Set(fields)].join(', ') || statement.views.join(', ');
  return new Problem(k.protectionMissing, { file, fields: named, columns: bare.join(', ') }, { file, line });
}
