/** Datasets as they are kept, who sees them, and the record of their steps. */
import { type Kysely, sql } from 'kysely';
import type { Principal } from '../platform/auth/principal.ts';
import type { AnyTables } from '../platform/db/index.ts';
import type { Bilingual } from '../platform/i18n/index.ts';
import { Problem } from '../platform/problem.ts';
import type { Finding } from './check/findings.ts';
import type { Plan } from './plan.ts';
import { unknownDataset } from './problems.ts';

/** States of a dataset. `opening`: its first edition is being made. */
export const states = [
  ...(['draft', 'submitted', 'agreed', 'opening', 'open', 'returned', 'suspended', 'withdrawn'] as const),
] as const;
export type State = (typeof states)[number];

/** A dataset as it is kept. Days are 'YYYY-MM-DD'. */
export interface DatasetRow {
  id: number;
  slug: string;
  entry: string;
  provider: string;
  state: State;
  version: number;
  revision: number;
  title: Bilingual;
  abstract: Bilingual;
  plan: Plan;
  edition: number | null;
  next_day: string | null;
  reason: Bilingual | null;
  created_by: string;
  created_at: Date;
  agreed_by: string | null;
  opened_at: Date | null;
  ended_at: Date | null;
}

const columns = sql`id, slug, entry, provider, state, version, revision, title, abstract, plan, edition,
  next_day::text AS next_day, reason, created_by, created_at, agreed_by, opened_at, ended_at`;

/** Whether somebody sees a dataset that is not open: its department and the authority. */
export const sees = (p: Principal, d: Pick<DatasetRow, 'provider'>): boolean =>
  p.permissions.has('open.manage') || p.organisation === d.provider;

/** A dataset by its number, for whom it is there; `lock` for a step within a transaction. */
export async function datasetOf(
  db: Kysely<AnyTables>,
  id: number,
  p: Principal | null,
  lock = false,
): Promise<DatasetRow> {
  const found = await sql<DatasetRow>`SELECT ${columns} FROM publishing.dataset WHERE id = ${id}
    ${lock ? sql`FOR UPDATE` : sql``}`.execute(db);
  const row = found.rows[0];
  if (!row || (p && !sees(p, row))) throw new Problem(unknownDataset, { id });
  return row;
}

/** Datasets in these states, the newest first. */
export const datasets = async (db: Kysely<AnyTables>, wanted: readonly State[]): Promise<DatasetRow[]> =>
  (
    await sql<DatasetRow>`SELECT ${columns} FROM publishing.dataset WHERE state = ANY(${[...wanted]}::text[])
      ORDER BY id DESC LIMIT 10000`.execute(db)
  ).rows;

/** Keeps one step. */
export async function keepStep(
  trx: Kysely<AnyTables>,
  d: Pick<DatasetRow, 'id'>,
  step: { action: string; from: State | null; to: State; p: Principal | null; comment?: string; at: Date },
): Promise<void> {
  await sql`INSERT INTO publishing.step (dataset, action, from_state, to_state, login, organisation, comment, at)
    VALUES (${d.id}, ${step.action}, ${step.from}, ${step.to}, ${step.p?.login ?? null}, ${step.p?.organisation ?? null},
      ${step.comment || null}, ${step.at})`.execute(trx);
}

/** A check as it is kept. */
export interface CheckRow {
  id: number;
  dataset: number;
  revision: number;
  state: 'running' | 'done' | 'failed';
  renewal: boolean;
  findings: Finding[];
  facts: Record<string, unknown>;
  problem: { code: string; title: Bilingual } | null;
  asked_at: Date;
  ended_at: Date | null;
}

/** The latest check of a dataset; null before the first. */
export const latestCheck = async (db: Kysely<AnyTables>, dataset: number): Promise<CheckRow | null> =>
  (
    await sql<CheckRow>`SELECT id, dataset, revision, state, renewal, findings, facts, problem, asked_at, ended_at
      FROM publishing.check_run WHERE dataset = ${dataset} ORDER BY id DESC LIMIT 1`.execute(db)
  ).rows[0] ?? null;

/** A finding that the authority let pass. */
export interface OverruleRow {
  finding: string;
  places: number;
  ground: string;
  login: string;
  at: Date;
}

/** What the authority let pass of a dataset. */
export const overrules = async (db: Kysely<AnyTables>, dataset: number): Promise<OverruleRow[]> =>
  (
    await sql<OverruleRow>`SELECT finding, places, ground, login, at FROM publishing.overrule WHERE dataset = ${dataset}
      ORDER BY at`.execute(db)
  ).rows;

/** Findings that still stand against publishing: those that nobody let pass, or only for fewer places. */
export const standing = (findings: readonly Finding[], let_: readonly OverruleRow[]): Finding[] =>
  findings.filter((f) => {
    if (f.gravity === 'note') return false;
    if (f.gravity === 'never') return true;
    const passed = let_.find((o) => o.finding === f.key);
    return !passed || passed.places < f.places;
  });
