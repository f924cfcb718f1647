/**
 * A declared formula (考核办法): `assessment/<scheme>/<edition>.yaml`. One file is one version: what is measured by SQL, how
 * much it weighs, where full and no marks are, and from which month on it holds. Everything that can be wrong is named with
 * its line.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { canonicalJson } from '../platform/audit/index.ts';
import { absentViews, needColumns, readSelect, readYaml } from '../platform/declared/index.ts';
import type { LakeSession } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import * as k from './problems.ts';

const id = z.string().regex(/^[a-z][a-z0-9-]{0,49}$/, 'lower case letters, digits and - / 应为小写字母、数字和 -');
const both = z.strictObject({ zh: z.string().min(1).max(600), en: z.string().min(1).max(900) });
/** A month: `2026-11`. */
export const month = z.string().regex(/^20\d\d-(0[1-9]|1[0-2])$/, 'a month like 2026-11 / 应为月份，如 2026-11');

const indicator = z.strictObject({
  id,
  title: both,
  /** Percent of the whole; two decimals at most. */
  weight: z.number().positive().max(100).multipleOf(0.01),
  /** `share`: sum of values over sum of bases; `count`: sum of values. */
  measure: z.enum(['share', 'count']),
  direction: z.enum(['higher', 'lower']),
  /** Full marks at this measure, none at that one, linear between. */
  full: z.number().min(0).max(1_000_000),
  zero: z.number().min(0).max(1_000_000),
  /** Cases below which it is not applied. */
  least: z.number().int().min(0).max(100_000).default(1),
  /** Of a unit without (enough) cases: its weight is spread over the others, or it has full marks. */
  without: z.enum(['not-applicable', 'full']).default('not-applicable'),
  /** What is measured, in words. */
  text: both,
  /** Law or rule from which it follows. */
  ground: both,
  /** What a unit that lost points should do. */
  advice: both,
  sql: z.string().min(1).max(20_000),
});

/** The file. */
export const formulaSchema = z.strictObject({
  scheme: id,
  edition: z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.-]{0,29}$/),
  title: both,
  /** What the scores say and what they do not. */
  note: both,
  /** Why there is this version. */
  reason: both.optional(),
  validFrom: month,
  /** Who is assessed: organisations of these kinds, or divisions of the city's county. */
  units: z.union([
    z.strictObject({ organisations: z.array(z.string().min(1)).min(1) }),
    z.strictObject({ divisions: z.literal('town') }),
  ]),
  /** The working day of the following month on which a month is closed. */
  close: z.number().int().min(1).max(20),
  /** Working days for objections after a month was closed. */
  objections: z.number().int().min(1).max(30),
  /** Percent of the weights that must apply for a unit to be ranked. */
  leastWeight: z.number().min(0).max(100),
  indicators: z.array(indicator).min(1).max(40),
});
/** A formula as it is declared. */
export type Formula = z.output<typeof formulaSchema>;
export type Indicator = Formula['indicators'][number];

/** What an indicator's SQL answers: one row a record. */
export const COLUMNS = ['unit', 'kind', 'ref', 'title', 'note', 'base', 'value'] as const;

/** A file with its mistakes; `formula` is null when it cannot be used. */
export interface DeclaredFormula {
  file: string;
  formula: Formula | null;
  /** SHA-256 of everything that decides a score. */
  hash: string;
  problems: Problem[];
}

/** The hash by which a formula is known again. */
export const formulaHash = (formula: Formula): string =>
  createHash('sha256').update(canonicalJson(formula)).digest('hex');

/** Reads one file; `shown` is its name as people know it. */
export function readFormula(path: string, shown: string): DeclaredFormula {
  const read = readYaml(path, shown, formulaSchema);
  if (!read.value) return { file: shown, formula: null, hash: '', problems: read.problems };
  const f = read.value;
  const problems: Problem[] = [];
  const say = (kind: Problem['kind'], params: Record<string, unknown>, at: PropertyKey[]) =>
    problems.push(
      new Problem(kind, params, { file: shown, line: read.line(at), pointer: `/${at.map(String).join('/')}` }),
    );
  const [folder, name] = shown.split('/').slice(-2);
  if (folder !== f.scheme || name !== `${f.edition}.yaml`)
    say(k.nameWrong, { expected: `assessment/${f.scheme}`, edition: f.edition }, ['edition']);
  const sum = f.indicators.reduce((n, i) => n + Math.round(i.weight * 100), 0);
  if (sum !== 10_000) say(k.weightsNotWhole, { sum: sum / 100 }, ['indicators']);
  const seen = new Set<string>();
  f.indicators.forEach((i, n) => {
    if (seen.has(i.id)) say(k.declaredTwice, { id: i.id }, ['indicators', n, 'id']);
    seen.add(i.id);
    if (i.direction === 'higher' ? i.full <= i.zero : i.full >= i.zero)
      say(k.targetsAgainst, { direction: i.direction }, ['indicators', n, 'full']);
    if (i.measure === 'count' && i.direction === 'higher') say(k.countsHigher, {}, ['indicators', n, 'direction']);
  });
  return { file: shown, formula: problems.length ? null : f, hash: formulaHash(f), problems };
}

/** Every declared formula below a folder, by scheme and first month. */
export function readFormulas(folder: string): DeclaredFormula[] {
  if (!existsSync(folder)) return [];
  const schemes = readdirSync(folder, { withFileTypes: true }).filter((d) => d.isDirectory());
  return schemes
    .flatMap((d) =>
      readdirSync(join(folder, d.name))
        .filter((name) => name.endsWith('.yaml'))
        .map((name) => readFormula(join(folder, d.name, name), `assessment/${d.name}/${name}`)),
    )
    .sort(
      (a, b) => (a.formula?.validFrom ?? '').localeCompare(b.formula?.validFrom ?? '') || a.file.localeCompare(b.file),
    );
}

/** An indicator's SQL as it may be run, and the views that it reads which are not there. */
export interface ReadyIndicator {
  indicator: Indicator;
  sql: string;
  absent: string[];
}

/** Judges an indicator's SQL; what is wrong is thrown with the file. */
export async function readyIndicator(s: LakeSession, file: string, indicator: Indicator): Promise<ReadyIndicator> {
  const place = { file, pointer: `/indicators/${indicator.id}/sql` };
  const select = await readSelect(s, indicator.sql, `${file} ${indicator.id}`);
  const absent = await absentViews(s, select.views);
  if (!absent.length) await needColumns(s, select.sql, COLUMNS, place, { text: indicator.sql });
  return { indicator, sql: select.sql, absent };
}
