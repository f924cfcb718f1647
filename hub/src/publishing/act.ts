/**
 * Steps of opening (开放流程): the department's officer drafts, has it checked and submits; its head agrees; the authority lets single findings
 * pass on a ground of law and opens; who opened it or gave it withdraws it with a reason. Step, record and audit are one transaction.
 */
import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { namesLaw } from '../catalogue/index.ts';
import type { Principal } from '../platform/auth/principal.ts';
import type { AnyTables } from '../platform/db/index.ts';
import { Problem } from '../platform/problem.ts';
import { entryToOpen, judgePlan } from './build.ts';
import { askCheck, askEdition } from './edition.ts';
import { withdrawEditions } from './editions.ts';
import { plan } from './plan.ts';
import { openChanged, type PublishingPorts } from './ports.ts';
import * as k from './problems.ts';
import { type DatasetRow, datasetOf, keepStep, latestCheck, overrules, type State, standing } from './store.ts';

const both = (most: number) =>
  z.strictObject({ zh: z.string().trim().min(1).max(most), en: z.string().trim().max(most).default('') });

/** A proposal: of which entry, what it is called, and the plan. */
export const draftBody = z.strictObject({
  entry: z.string().max(80),
  title: both(80).optional(),
  abstract: both(1000).optional(),
  plan,
});
export const editBody = z.strictObject({ version: z.number().int(), title: both(80), abstract: both(1000), plan });

export const actions = ['check', 'submit', 'agree', 'return', 'open', 'renew', 'withdraw', 'resume'] as const;
export const stepBody = z.strictObject({
  action: z.enum(actions),
  version: z.number().int(),
  comment: z.string().trim().max(1000).default(''),
});
export const overruleBody = z.strictObject({
  version: z.number().int(),
  finding: z.string().max(1500),
  /** The law that it rests on; null takes it back. */
  ground: z.string().trim().max(1000).nullable(),
});
type Action = (typeof actions)[number];

const isOfficer = (p: Principal, d: Pick<DatasetRow, 'provider'>) =>
  p.permissions.has('open.propose') && p.organisation === d.provider;
const isHead = (p: Principal, d: Pick<DatasetRow, 'provider'>) =>
  p.permissions.has('catalogue.approve') && p.permissions.has('open.read') && p.organisation === d.provider;
const isAuthority = (p: Principal) => p.permissions.has('open.manage') && p.organisation === null;

/** Who takes which step in which states. */
const machine: Readonly<
  Record<Action, { from: readonly State[]; who: (p: Principal, d: DatasetRow) => boolean; law?: true }>
> = {
  check: {
    from: ['draft', 'returned', 'submitted', 'agreed', 'open', 'suspended', 'withdrawn'],
    who: (p, d) => isOfficer(p, d) || isAuthority(p),
  },
  submit: { from: ['draft', 'returned'], who: isOfficer },
  agree: { from: ['submitted'], who: isHead },
  return: {
    from: ['submitted', 'agreed'],
    who: (p, d) => (d.state === 'submitted' ? isHead(p, d) || isAuthority(p) : isAuthority(p)),
  },
  open: { from: ['agreed'], who: isAuthority },
  renew: { from: ['open'], who: (p, d) => isOfficer(p, d) || isAuthority(p) },
  withdraw: {
    from: ['open', 'suspended', 'opening', 'submitted', 'agreed', 'draft', 'returned'],
    who: (p, d) =>
      isAuthority(p) || isHead(p, d) || (isOfficer(p, d) && ['draft', 'returned', 'submitted'].includes(d.state)),
  },
  resume: { from: ['suspended', 'withdrawn'], who: isOfficer },
};

/** Steps that somebody may take of a dataset as it stands. */
export const stepsFor = (d: DatasetRow, p: Principal): Action[] =>
  actions.filter((a) => machine[a].from.includes(d.state) && machine[a].who(p, d));
export const mayEdit = (d: DatasetRow, p: Principal): boolean =>
  ['draft', 'returned'].includes(d.state) && isOfficer(p, d);
export const mayOverrule = (d: DatasetRow, p: Principal): boolean =>
  isAuthority(p) && ['submitted', 'agreed', 'open', 'suspended'].includes(d.state);

const audited = (
  ports: PublishingPorts,
  trx: Kysely<AnyTables>,
  p: Principal,
  action: string,
  id: number,
  detail: Record<string, unknown> = {},
) =>
  ports.audit.append({ actor: p, action: `open.${action}`, object: `open-dataset/${id}`, outcome: 'ok', detail }, trx);

async function slugFor(trx: Kysely<AnyTables>, entry: string): Promise<string> {
  const base =
    entry
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 60) || 'data';
  const taken = new Set(
    (
      await sql<{
        slug: string;
      }>`SELECT slug FROM publishing.dataset WHERE slug = ${base} OR slug LIKE ${`${base}-%`}`.execute(trx)
    ).rows.map((r) => r.slug),
  );
  for (let n = 1; ; n++) {
    const slug = n === 1 ? base : `${base}-${n}`;
    if (!taken.has(slug)) return slug;
  }
}

/** Drafts a proposal; answers its number. Only of an entry of the own department that the hub has data of. */
export async function draft(ports: PublishingPorts, body: z.input<typeof draftBody>, p: Principal): Promise<number> {
  const given = draftBody.parse(body);
  const shared = entryToOpen(ports, given.entry);
  if (!isOfficer(p, { provider: shared.entry.provider })) throw new Problem(k.notYours);
  if (given.plan.items.length) judgePlan(ports, given.plan, shared);
  const at = ports.clock.now();
  return ports.db.tx(async (trx) => {
    const title = given.title ?? shared.entry.title;
    const abstract = given.abstract ?? shared.entry.abstract;
    // Two who draft of one entry at once must not take one name.
    await sql`SELECT pg_advisory_xact_lock(hashtext('publishing.slug'))`.execute(trx);
    const made = await sql<{ id: number }>`INSERT INTO publishing.dataset
        (slug, entry, provider, state, title, abstract, plan, created_by, created_at)
      VALUES (${await slugFor(trx, given.entry)}, ${given.entry}, ${shared.entry.provider}, 'draft', ${JSON.stringify(said(title))}::jsonb,
        ${JSON.stringify(said(abstract))}::jsonb, ${JSON.stringify(given.plan)}::jsonb, ${p.login}, ${at}) RETURNING id`.execute(
      trx,
    );
    const { id } = made.rows[0]!;
    await keepStep(trx, { id }, { action: 'draft', from: null, to: 'draft', p, at });
    await audited(ports, trx, p, 'draft', id, { entry: given.entry });
    return id;
  });
}

const said = (t: { zh: string; en: string }) => ({ zh: t.zh, en: t.en || t.zh });

/** Changes a draft; a new plan is a new revision, which asks for a new check. */
export async function edit(
  ports: PublishingPorts,
  id: number,
  body: z.input<typeof editBody>,
  p: Principal,
): Promise<void> {
  const given = editBody.parse(body);
  await ports.db.tx(async (trx) => {
    const d = await datasetOf(trx, id, p, true);
    if (!isOfficer(p, d)) throw new Problem(k.notYours);
    if (!mayEdit(d, p)) throw new Problem(k.wrongState, { state: d.state });
    if (d.version !== given.version) throw new Problem(k.conflict);
    judgePlan(ports, given.plan, entryToOpen(ports, d.entry));
    await sql`UPDATE publishing.dataset SET title = ${JSON.stringify(said(given.title))}::jsonb,
      abstract = ${JSON.stringify(said(given.abstract))}::jsonb, plan = ${JSON.stringify(given.plan)}::jsonb,
      revision = revision + 1, version = version + 1 WHERE id = ${id}`.execute(trx);
    // What was let pass spoke of the plan as it was.
    await sql`DELETE FROM publishing.overrule WHERE dataset = ${id}`.execute(trx);
    await audited(ports, trx, p, 'edit', id, { revision: d.revision + 1 });
  });
}

/** Refuses to go on unless the plan as it stands was checked and only findings of `allowed` gravity stand. */
async function needChecked(trx: Kysely<AnyTables>, d: DatasetRow, allowBlocks: boolean): Promise<void> {
  const check = await latestCheck(trx, d.id);
  if (check?.state !== 'done' || check.revision !== d.revision) throw new Problem(k.notChecked);
  const left = standing(check.findings, await overrules(trx, d.id)).filter(
    (f) => f.gravity === 'never' || !allowBlocks,
  );
  if (left.length)
    throw new Problem(
      k.blocked,
      { count: left.length },
      undefined,
      left.map((f) => new Problem(k.planWrong, { what: f.zh }, { field: f.items.join(', ') })),
    );
}

/** Takes one step. */
export async function act(
  ports: PublishingPorts,
  id: number,
  body: z.input<typeof stepBody>,
  p: Principal,
): Promise<void> {
  const { action, version, comment } = stepBody.parse(body);
  let refused: Problem | undefined;
  await ports.db.tx(async (trx) => {
    const d = await datasetOf(trx, id, p, true);
    const rule = machine[action];
    if (!rule.who(p, d) && rule.from.includes(d.state)) refused = new Problem(k.notYours);
    else if (!rule.from.includes(d.state)) refused = new Problem(k.wrongState, { state: d.state });
    else if (d.version !== version) refused = new Problem(k.conflict);
    else if ((action === 'return' || action === 'withdraw') && d.state !== 'draft' && comment.length < 4)
      refused = new Problem(k.reasonNeeded, {}, { field: 'comment' });
    if (refused) return;
    const at = ports.clock.now();
    const to = await effect(ports, trx, d, action, comment, p, at);
    if (action !== 'check') await keepStep(trx, d, { action, from: d.state, to, p, comment, at });
    await audited(ports, trx, p, action, id, { from: d.state, to });
  });
  if (refused) {
    await ports.audit.append({
      actor: p,
      action: `open.${action}`,
      object: `open-dataset/${id}`,
      outcome: 'refused',
      detail: { code: refused.kind.code },
    });
    throw refused;
  }
  if (action === 'withdraw') await ports.bus.emit(openChanged, { dataset: id });
}

async function effect(
  ports: PublishingPorts,
  trx: Kysely<AnyTables>,
  d: DatasetRow,
  action: Action,
  comment: string,
  p: Principal,
  at: Date,
): Promise<State> {
  const move = async (to: State, reason: { zh: string; en: string } | null = null) => {
    await sql`UPDATE publishing.dataset SET state = ${to}, version = version + 1,
      reason = ${reason && JSON.stringify(reason)}::jsonb WHERE id = ${d.id}`.execute(trx);
    return to;
  };
  switch (action) {
    case 'check':
      await askCheck(ports, d, p.login, trx);
      return d.state;
    case 'submit':
      await needChecked(trx, d, true);
      return move('submitted');
    case 'agree':
      // Who proposed it cannot agree to it.
      if (d.created_by === p.login) throw new Problem(k.notYours);
      await sql`UPDATE publishing.dataset SET agreed_by = ${p.login} WHERE id = ${d.id}`.execute(trx);
      return move('agreed');
    case 'return':
      return move('returned', { zh: comment, en: comment });
    case 'open':
      await needChecked(trx, d, false);
      await askEdition(ports, d, trx);
      return move('opening');
    case 'renew':
      await askEdition(ports, d, trx);
      return d.state;
    case 'withdraw':
      await withdrawEditions(trx, d.id);
      await sql`UPDATE publishing.dataset SET ended_at = ${at}, next_day = NULL WHERE id = ${d.id}`.execute(trx);
      return move('withdrawn', comment ? { zh: comment, en: comment } : null);
    case 'resume':
      // As a draft again, with its name and its editions, which the next one is held against.
      await sql`UPDATE publishing.dataset SET revision = revision + 1 WHERE id = ${d.id}`.execute(trx);
      return move('draft');
  }
}

/** Lets a finding pass on a ground of law, for as many places as it has now; or takes that back. */
export async function overrule(
  ports: PublishingPorts,
  id: number,
  body: z.input<typeof overruleBody>,
  p: Principal,
): Promise<void> {
  const given = overruleBody.parse(body);
  await ports.db.tx(async (trx) => {
    const d = await datasetOf(trx, id, p, true);
    if (!mayOverrule(d, p)) throw new Problem(k.notYours);
    if (d.version !== given.version) throw new Problem(k.conflict);
    if (given.ground === null) {
      await sql`DELETE FROM publishing.overrule WHERE dataset = ${id} AND finding = ${given.finding}`.execute(trx);
    } else {
      const check = await latestCheck(trx, id);
      const found = check?.findings.find((f) => f.key === given.finding);
      if (!found || found.gravity === 'note') throw new Problem(k.unknownFinding);
      if (found.gravity === 'never') throw new Problem(k.neverOverruled);
      if (!namesLaw(given.ground)) throw new Problem(k.groundNeeded, {}, { field: 'ground' });
      await sql`INSERT INTO publishing.overrule (dataset, finding, places, ground, login, at)
        VALUES (${id}, ${given.finding}, ${found.places}, ${given.ground}, ${p.login}, ${ports.clock.now()})
        ON CONFLICT (dataset, finding) DO UPDATE SET places = excluded.places, ground = excluded.ground,
          login = excluded.login, at = excluded.at`.execute(trx);
    }
    await sql`UPDATE publishing.dataset SET version = version + 1 WHERE id = ${id}`.execute(trx);
    await audited(ports, trx, p, 'overrule', id, { finding: given.finding, ground: given.ground });
  });
}
