/**
 * Formulas as the hub registered them. A declared file becomes a version when it is first seen and never changes after that:
 * a month is scored by the version in force in it, so that scores of earlier months stay what they are. What a file says
 * otherwise later, and an edition that would reach back into closed months, is refused and shown.
 */
import { type Kysely, sql } from 'kysely';
import type { AnyTables, Db } from '../platform/db/index.ts';
import { Problem } from '../platform/problem.ts';
import type { Deps } from '../platform/room.ts';
import { type DeclaredFormula, type Formula, readyIndicator } from './declaration.ts';
import * as k from './problems.ts';

/** A registered version. */
export interface FormulaVersion {
  scheme: string;
  version: number;
  edition: string;
  valid_from: string;
  hash: string;
  declaration: Formula;
  file: string;
  recorded_at: Date;
}

/** Every version, the oldest first. */
export async function formulas(db: Kysely<AnyTables>): Promise<FormulaVersion[]> {
  const found =
    await sql<FormulaVersion>`SELECT * FROM assessment.formula ORDER BY scheme, valid_from, version`.execute(db);
  return found.rows;
}

/** The version in force in a month; undefined before the first. */
export const inForce = (
  versions: readonly FormulaVersion[],
  scheme: string,
  month: string,
): FormulaVersion | undefined => versions.filter((v) => v.scheme === scheme && v.valid_from <= month).at(-1);

/** Registers what is new; answers everything that is wrong with what is declared. */
export async function register(
  deps: Pick<Deps, 'clock' | 'lake' | 'audit'> & { db: Db },
  declared: readonly DeclaredFormula[],
): Promise<Problem[]> {
  const problems = declared.flatMap((d) => d.problems);
  for (const { formula, hash, file } of declared) {
    if (!formula) continue;
    try {
      await deps.lake.session(async (s) => {
        for (const i of formula.indicators) await readyIndicator(s, file, i);
      });
      await deps.db.tx((trx) => registerOne(deps, trx, formula, hash, file));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      problems.push(error);
    }
  }
  return problems;
}

async function registerOne(
  deps: Pick<Deps, 'clock' | 'audit'>,
  trx: Kysely<AnyTables>,
  formula: Formula,
  hash: string,
  file: string,
): Promise<void> {
  const known = (await formulas(trx)).filter((v) => v.scheme === formula.scheme);
  const same = known.find((v) => v.edition === formula.edition);
  if (same?.hash === hash) return;
  if (same) throw new Problem(k.changedInPlace, { edition: formula.edition }, { file });
  if (known.length && !formula.reason) throw new Problem(k.firstReason, { edition: formula.edition }, { file });
  const closed = await sql<{ month: string | null }>`SELECT max(month) AS month FROM assessment.result
    WHERE scheme = ${formula.scheme} AND version > 0`.execute(trx);
  const last = closed.rows[0]?.month;
  if (last && formula.validFrom <= last)
    throw new Problem(k.tooEarly, { edition: formula.edition, from: formula.validFrom, closed: last }, { file });
  const version = Math.max(0, ...known.map((v) => v.version)) + 1;
  await sql`INSERT INTO assessment.formula (scheme, version, edition, valid_from, hash, declaration, file, recorded_at)
    VALUES (${formula.scheme}, ${version}, ${formula.edition}, ${formula.validFrom}, ${hash}, ${JSON.stringify(formula)}::jsonb,
      ${file}, ${deps.clock.now()})`.execute(trx);
  await deps.audit.append(
    {
      ...{
        actor: null,
        action: 'assessment.formula',
        object: `assessment/${formula.scheme}/${formula.edition}`,
        outcome: 'ok',
      },
      detail: { version, validFrom: formula.validFrom, hash, reason: formula.reason?.zh ?? null },
    },
    trx,
  );
}

/** What differs between two versions: indicators that came, went or are declared otherwise, and the other keys. */
export interface Difference {
  /** `close`, `units`, …, or an indicator's id. */
  what: string;
  kind: 'added' | 'removed' | 'changed' | 'setting';
  /** Keys that differ, with both values as text. */
  keys: { key: string; before: string | null; after: string | null }[];
}

const shown = (value: unknown): string | null =>
  value === undefined ? null : typeof value === 'string' ? value : JSON.stringify(value);

function keysOf(before: object, after: object, leave: readonly string[]): Difference['keys'] {
  const [a, b] = [before as Record<string, unknown>, after as Record<string, unknown>];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((key) => !leave.includes(key) && shown(a[key]) !== shown(b[key]))
    .map((key) => ({ key, before: shown(a[key]), after: shown(b[key]) }));
}

/** Differences from one version to the next. */
export function differences(before: Formula, after: Formula): Difference[] {
  const settings = keysOf(before, after, ['indicators', 'edition', 'reason', 'validFrom', 'scheme']);
  const old = new Map(before.indicators.map((i) => [i.id, i]));
  const now = new Map(after.indicators.map((i) => [i.id, i]));
  const out: Difference[] = settings.map((s) => ({ what: s.key, kind: 'setting', keys: [s] }));
  for (const [id, i] of now) {
    const was = old.get(id);
    if (!was) out.push({ what: id, kind: 'added', keys: keysOf({}, { weight: i.weight }, []) });
    else {
      const keys = keysOf(was, i, ['id']);
      if (keys.length) out.push({ what: id, kind: 'changed', keys });
    }
  }
  for (const [id, i] of old)
    if (!now.has(id)) out.push({ what: id, kind: 'removed', keys: keysOf({ weight: i.weight }, {}, []) });
  return out;
}
