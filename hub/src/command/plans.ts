/** Plans as they are kept: files registered at the start, versions that a person edits, which one is in force, their seals. */
import { type Kysely, sql } from 'kysely';
import type { Principal } from '../platform/auth/principal.ts';
import type { AnyTables } from '../platform/db/index.ts';
import { Problem } from '../platform/problem.ts';
import { imprintOf } from '../platform/seal/index.ts';
import { type DeclaredPlan, type Plan, readPlans, readPlanText } from './declaration.ts';
import type { CommandDeps } from './ports.ts';
import * as k from './problems.ts';

/** A version of a plan. */
export interface PlanRow {
  plan: string;
  version: number;
  origin: 'file' | 'edited';
  declaration: Plan;
  text: string;
  hash: string;
  reason: string | null;
  made_by: string | null;
  made_at: Date;
  seal: number | null;
  in_force: boolean;
}

const rowsOf = async (db: Kysely<AnyTables>, where: ReturnType<typeof sql>): Promise<PlanRow[]> =>
  (
    await sql<PlanRow>`SELECT v.*, p.version IS NOT NULL AS in_force FROM command.plan_version v
      LEFT JOIN command.plan p ON p.id = v.plan AND p.version = v.version WHERE ${where} ORDER BY v.plan, v.version DESC`.execute(
      db,
    )
  ).rows;

/** Plans in force, by name. */
export const plansInForce = (db: Kysely<AnyTables>): Promise<PlanRow[]> => rowsOf(db, sql`p.version IS NOT NULL`);

/** All versions of a plan, the newest first. Problem `command.plan.unknown`. */
export async function versionsOf(db: Kysely<AnyTables>, plan: string): Promise<PlanRow[]> {
  const rows = await rowsOf(db, sql`v.plan = ${plan}`);
  if (!rows.length) throw new Problem(k.planUnknown, { id: plan });
  return rows;
}

/** One version, the one in force without a number. Problems `command.plan.unknown`, `command.plan.version`. */
export async function planOf(db: Kysely<AnyTables>, plan: string, version?: number): Promise<PlanRow> {
  const rows = await versionsOf(db, plan);
  const found = rows.find((r) => (version === undefined ? r.in_force : r.version === version));
  if (!found) throw new Problem(k.planVersion, { id: plan, version: version ?? '' });
  return found;
}

/** Keeps a further version and asks for its seal. */
async function keep(
  deps: Pick<CommandDeps, 'clock' | 'seal'>,
  trx: Kysely<AnyTables>,
  d: DeclaredPlan & { plan: Plan },
  by: { origin: 'file' | 'edited'; reason: string | null; login: string | null },
): Promise<number> {
  const { rows } = await sql<{ n: number }>`SELECT coalesce(max(version), 0) + 1 AS n FROM command.plan_version
    WHERE plan = ${d.plan.id}`.execute(trx);
  const version = rows[0]!.n;
  const seal = await deps.seal.request(
    {
      kind: 'rule',
      subject: `command-plan/${d.plan.id}/${version}`,
      title: { zh: `${d.plan.title.zh}（第${version}版）`, en: `${d.plan.title.en} (version ${version})` },
      organisation: d.plan.lead,
      imprint: imprintOf(d.text),
      facts: { version, steps: d.plan.steps.length },
    },
    trx,
  );
  await sql`INSERT INTO command.plan_version (plan, version, origin, declaration, text, hash, reason, made_by, made_at, seal)
    VALUES (${d.plan.id}, ${version}, ${by.origin}, ${JSON.stringify(d.plan)}::jsonb, ${d.text}, ${d.hash}, ${by.reason},
      ${by.login}, ${deps.clock.now()}, ${seal})`.execute(trx);
  return version;
}

const force = (trx: Kysely<AnyTables>, plan: string, version: number) =>
  sql`INSERT INTO command.plan (id, version) VALUES (${plan}, ${version})
    ON CONFLICT (id) DO UPDATE SET version = excluded.version`.execute(trx);

/**
 * Registers declared plans. A changed file is a further version and in force at once, unless a person has edited the plan
 * in the hub: then it stands beside, to be taken over by a person. Mistakes are kept in `deps.faults`.
 */
export async function registerPlans(deps: CommandDeps): Promise<number> {
  const declared = readPlans(deps.plans, new Set(deps.organisations().keys()));
  deps.faults.splice(0, deps.faults.length, ...declared.flatMap((d) => d.problems));
  let made = 0;
  for (const d of declared) {
    const { plan } = d;
    if (!plan) continue;
    const known = await rowsOf(deps.db.kysely, sql`v.plan = ${plan.id}`);
    if (known.some((r) => r.hash === d.hash)) continue;
    const edited = known.find((r) => r.in_force)?.origin === 'edited';
    await deps.db.tx(async (trx) => {
      const version = await keep(deps, trx, { ...d, plan }, { origin: 'file', reason: null, login: null });
      if (!edited) await force(trx, plan.id, version);
    });
    made += 1;
  }
  return made;
}

/** A version that a person wrote (YAML), in force at once; every mistake with its line. */
export async function editPlan(
  deps: CommandDeps,
  id: string,
  body: { text: string; reason: string; base: number },
  who: Principal,
): Promise<number> {
  const d = readPlanText(body.text, id, new Set(deps.organisations().keys()));
  if (!d.plan) throw new Problem(k.planText, { n: d.problems.length }, undefined, d.problems);
  const plan = d.plan;
  return deps.db.tx(async (trx) => {
    await sql`SELECT 1 FROM command.plan WHERE id = ${id} FOR UPDATE`.execute(trx);
    const now = await planOf(trx, id);
    if (now.version !== body.base) throw new Problem(k.conflict);
    if (now.hash === d.hash) throw new Problem(k.planSame);
    const version = await keep(deps, trx, { ...d, plan }, { origin: 'edited', reason: body.reason, login: who.login });
    await force(trx, id, version);
    await deps.audit.append(
      {
        actor: who,
        action: 'command.plan-edit',
        object: `plan/${id}`,
        outcome: 'ok',
        detail: { version, reason: body.reason },
      },
      trx,
    );
    return version;
  });
}

/** Puts an earlier (or a newly registered) version in force. */
export async function adoptPlan(deps: CommandDeps, id: string, version: number, who: Principal): Promise<void> {
  await deps.db.tx(async (trx) => {
    await planOf(trx, id, version);
    await force(trx, id, version);
    await deps.audit.append(
      { actor: who, action: 'command.plan-adopt', object: `plan/${id}`, outcome: 'ok', detail: { version } },
      trx,
    );
  });
}
