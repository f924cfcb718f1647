/** Reads `libraries/economy/` and judges it: every mistake with its code, file and line. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceDeclaration } from '../../catalogue/index.ts';
import {
  absentViews,
  fileUnreadable,
  needColumns,
  nothingSeen,
  outsideOf,
  parseSelect,
  readSelect,
  readYaml,
  type Select,
  walk,
} from '../../platform/declared/index.ts';
import type { Lake, LakeSession } from '../../platform/lake/index.ts';
import { type Place, Problem, type ProblemKind } from '../../platform/problem.ts';
import {
  builtIn,
  columnOf,
  type Dimension,
  type EconomyDeclaration,
  economyDeclaration,
  type Measure,
} from './declaration.ts';
import * as kinds from './problems.ts';
import { factor } from './units.ts';

/** A dimension with what it asks; `missing`: views that nobody publishes yet. */
export interface LoadedDimension extends Dimension {
  select: Select;
  missing: string[];
}

/** The economy as it may be made. */
export interface Economy {
  declaration: EconomyDeclaration;
  dimensions: LoadedDimension[];
  /** SHA-256 of a measure's declaration with its sources' numbers: a changed one is made anew. */
  sha: Map<string, string>;
  /** Factor of each source of a measure, in its order. */
  factors: Map<string, number[]>;
}

type Say = (kind: ProblemKind, params: Record<string, unknown>, path: PropertyKey[]) => void;

/** Reads the folder `libraries/economy`. No folder: nothing is declared and nothing is wrong. */
export async function loadEconomy(
  folder: string,
  lake: Lake,
  sources: ReadonlyMap<string, SourceDeclaration>,
  organisations?: ReadonlySet<string>,
): Promise<{ economy: Economy | null; problems: Problem[] }> {
  const shown = 'libraries/economy/economy.yaml';
  const path = join(folder, 'economy.yaml');
  if (!existsSync(path)) return { economy: null, problems: [] };
  const read = readYaml(path, shown, economyDeclaration);
  if (!read.value) return { economy: null, problems: read.problems };
  const d = read.value;
  const problems: Problem[] = [];
  const place = (p: PropertyKey[]): Place => ({
    file: shown,
    line: read.line(p),
    pointer: `/${p.map(String).join('/')}`,
  });
  const say: Say = (kind, params, p) => problems.push(new Problem(kind, params, place(p)));
  if (organisations && !organisations.has(d.owner)) say(kinds.ownerUnknown, { owner: d.owner }, ['owner']);
  const factors = judgeMeasures(d, sources, say);
  judgeGrades(d, say);
  const dimensions: LoadedDimension[] = [];
  await lake.session(async (s) => {
    await judgeFormulas(s, d, place, problems);
    for (const dimension of d.dimensions) {
      const file = `libraries/economy/${dimension.sql}`;
      try {
        const full = join(folder, dimension.sql);
        if (!existsSync(full)) throw new Problem(fileUnreadable, { message: dimension.sql }, { file });
        const text = readFileSync(full, 'utf8');
        const select = await readSelect(s, text, file);
        const missing = await absentViews(s, select.views);
        if (!missing.length) await needColumns(s, select.sql, ['entity', 'code', 'title'], { file }, { text });
        dimensions.push({ ...dimension, select, missing });
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        problems.push(error);
      }
    }
  });
  if (problems.length) return { economy: null, problems };
  const sha = new Map(
    d.measures.map((m) => {
      const numbers = m.sources.map((x) => sources.get(x.source)!.number);
      return [
        m.id,
        createHash('sha256')
          .update(JSON.stringify([m, numbers, factors.get(m.id)]))
          .digest('hex'),
      ];
    }),
  );
  return { economy: { declaration: d, dimensions, sha, factors }, problems };
}

function judgeMeasures(d: EconomyDeclaration, sources: ReadonlyMap<string, SourceDeclaration>, say: Say) {
  const factors = new Map<string, number[]>();
  const before = new Set<string>();
  // One name, one thing: measures and indicators stand in the same formulas.
  const names = new Set<string>();
  const once = (id: string, path: PropertyKey[]) => {
    if (names.has(id)) say(kinds.twice, { id }, path);
    names.add(id);
  };
  d.measures.forEach((m, i) => {
    once(m.id, ['measures', i, 'id']);
    factors.set(
      m.id,
      m.sources.map((x, j) => {
        const at = (...p: PropertyKey[]) => ['measures', i, 'sources', j, ...p];
        const source = sources.get(x.source);
        if (!source) {
          say(kinds.sourceUnknown, { source: x.source }, at('source'));
          return 1;
        }
        if (source.subject !== 'legal-person') say(kinds.subject, { source: x.source }, at('source'));
        const fieldOf = (name: string) => source.fields.find((f) => f.name === name);
        const field = fieldOf(x.field);
        if (!field) say(kinds.fieldUnknown, { source: x.source, field: x.field }, at('field'));
        else if (!['integer', 'decimal'].includes(field.type))
          say(kinds.fieldNumber, { source: x.source, field: x.field }, at('field'));
        if (!fieldOf(x.period.field))
          say(kinds.fieldUnknown, { source: x.source, field: x.period.field }, at('period', 'field'));
        const against = x.valid.against?.measure;
        if (against !== undefined && !before.has(against))
          say(kinds.againstLater, { id: against }, at('valid', 'against', 'measure'));
        const unit = x.unit ?? field?.unit ?? m.unit;
        const by = factor(unit, m.unit);
        if (by === undefined) say(kinds.unitUnknown, { from: unit, to: m.unit }, at('unit'));
        return by ?? 1;
      }),
    );
    before.add(m.id);
  });
  for (const [i, x] of d.indicators.entries()) once(x.id, ['indicators', i, 'id']);
  const places = new Set(builtIn.map((b) => b.id));
  d.dimensions.forEach((x, i) => {
    if (places.has(x.id)) say(kinds.twice, { id: x.id }, ['dimensions', i, 'id']);
    places.add(x.id);
  });
  return factors;
}

function judgeGrades(d: EconomyDeclaration, say: Say): void {
  const seen = new Set<string>();
  d.gradings.forEach((g, i) => {
    if (seen.has(g.id)) say(kinds.twice, { id: g.id }, ['gradings', i, 'id']);
    seen.add(g.id);
    const sum = g.grades.reduce((n, x) => n + x.share, 0);
    if (Math.abs(sum - 100) > 1e-9) say(kinds.sharesWrong, { sum }, ['gradings', i, 'grades']);
    g.measures.forEach((id, j) => {
      if (!d.measures.some((m) => m.id === id)) say(kinds.measureUnknown, { id }, ['gradings', i, 'measures', j]);
    });
    g.rules.forEach((r, j) => {
      if (!g.grades.some((x) => x.grade === r.grade))
        say(kinds.measureUnknown, { id: r.grade }, ['gradings', i, 'rules', j, 'grade']);
    });
  });
}

async function judgeFormulas(
  s: LakeSession,
  d: EconomyDeclaration,
  place: (p: PropertyKey[]) => Place,
  problems: Problem[],
): Promise<void> {
  const measures = d.measures.map((m) => columnOf(m.id));
  const indicators = d.indicators.map((x) => columnOf(x.id));
  const graded = [...measures, ...indicators, ...indicators.map((x) => `city_${x}`)];
  const asked: [string, readonly string[], PropertyKey[], string][] = [
    ...d.indicators.map((x, i): [string, string[], PropertyKey[], string] => [
      x.formula,
      measures,
      ['indicators', i, 'formula'],
      'DOUBLE',
    ]),
    ...d.gradings.flatMap((g, i): [string, string[], PropertyKey[], string][] => [
      [g.score, graded, ['gradings', i, 'score'], 'DOUBLE'],
      ...g.rules.map((r, j): [string, string[], PropertyKey[], string] => [
        r.when,
        graded,
        ['gradings', i, 'rules', j, 'when'],
        'BOOLEAN',
      ]),
    ]),
  ];
  for (const [formula, columns, path, type] of asked) {
    try {
      await judgeFormula(s, formula, columns, place(path), type);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      problems.push(error);
    }
  }
}

/** Refuses a formula that is more than one expression over these columns, or that does not compile to the type. */
export async function judgeFormula(
  s: LakeSession,
  formula: string,
  columns: readonly string[],
  place: Place,
  type: string,
): Promise<void> {
  const wrong = (message: string) => new Problem(kinds.formulaWrong, { formula, message }, place);
  const { node } = await parseSelect(s, `SELECT (${formula}\n) AS x`, place, {
    single: kinds.formulaWrong,
    compile: kinds.formulaWrong,
  }).catch((error: unknown) => {
    throw error instanceof Problem ? wrong(String(error.params?.message ?? error.message)) : error;
  });
  const from = node.from_table as { type?: string } | undefined;
  const items = node.select_list as unknown[] | undefined;
  const seen = nothingSeen();
  walk(node.select_list, seen);
  const forbidden = [
    ...seen.forbidden,
    ...seen.tables,
    ...seen.tableFunctions,
    ...[...seen.parameters].map((p) => `$${p}`),
  ];
  if (JSON.stringify(node.select_list).includes('"SUBQUERY"')) forbidden.push('SELECT');
  if (JSON.stringify(node.select_list).includes('"WINDOW')) forbidden.push('OVER');
  if (seen.whole) forbidden.push('*');
  forbidden.push(...(await outsideOf(s, seen.functions)));
  if (from?.type !== 'EMPTY' || items?.length !== 1) forbidden.push('FROM');
  if (forbidden.length) throw new Problem(kinds.formulaForbidden, { formula, what: forbidden.join(', ') }, place);
  const row = columns.map((c) => `1::DOUBLE AS "${c}"`).join(', ');
  try {
    // Grouping would let an aggregate pass: a formula is of one line.
    await s.query(
      `SELECT try_cast((${formula}\n) AS ${type}) AS x, row_number() OVER () AS n FROM (SELECT ${row}) LIMIT 0`,
    );
    const plain = await s.query<{ column_type: string }>(`DESCRIBE SELECT (${formula}\n) AS x FROM (SELECT ${row})`);
    if (type === 'BOOLEAN' && plain[0]!.column_type !== 'BOOLEAN') throw new Error(plain[0]!.column_type);
  } catch (error) {
    throw wrong((error as Error).message.split('\n')[0]!);
  }
}

/** A measure by its id. */
export const measureOf = (economy: Economy, id: string): Measure | undefined =>
  economy.declaration.measures.find((m) => m.id === id);
