/**
 * The way of a version: drafted by the department's officer, agreed by its head (decree 809, article 13), reviewed and published
 * by the authority (articles 16 and 17), or returned with all its reasons at once. Every step is one transaction that writes the
 * state, the step and the audit, and holds only while the version is what whoever acts has seen (its revision).
 */
import { isDeepStrictEqual } from 'node:util';
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import { byDelegation, type Principal } from '../../platform/auth/principal.ts';
import { ownRequest } from '../../platform/auth/problems.ts';
import type { AnyTables } from '../../platform/db/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Entry, EntryVersion, VersionState } from './book.ts';
import type { Finding } from './check.ts';
import { periodClock } from './clock.ts';
import type { EntryContent } from './content.ts';
import { approves, drafts, type EntryContext, isAuthority, must } from './context.ts';
import {
  changedMeanwhile,
  draftThere,
  hasErrors,
  noDraft,
  providerUnknown,
  reasonsMissing,
  retired,
  wrongState,
} from './problems.ts';

/** Steps that people take. */
export type Step = 'submit' | 'approve' | 'publish' | 'return' | 'withdraw';

const from: Record<Step, readonly VersionState[]> = {
  submit: ['draft', 'returned'],
  approve: ['submitted'],
  publish: ['reviewing'],
  return: ['submitted', 'reviewing'],
  withdraw: ['draft', 'returned', 'submitted'],
};
const to: Record<Step, VersionState> = {
  ...{ submit: 'submitted', approve: 'reviewing', publish: 'published', return: 'returned', withdraw: 'withdrawn' },
};

/** Whether somebody may take a step, as the version stands. */
export function mayStep(step: Step, entry: Entry, p: Principal): boolean {
  const open = entry.open;
  if (!open || !from[step].includes(open.state)) return false;
  switch (step) {
    case 'submit':
    case 'withdraw':
      return drafts(p, entry.provider);
    case 'approve':
      return approves(p, entry.provider);
    case 'publish':
      return isAuthority(p);
    case 'return':
      return open.state === 'submitted' ? approves(p, entry.provider) : isAuthority(p);
  }
}

/** Steps open to somebody now. */
export const stepsOf = (entry: Entry, p: Principal): Step[] =>
  (Object.keys(from) as Step[]).filter((step) => mayStep(step, entry, p));

/** One line of an entry's history. */
export async function note(
  context: EntryContext,
  trx: Kysely<AnyTables>,
  given: { entry: string; version: number; step: string; detail?: object },
  p: Principal | null,
): Promise<void> {
  const { entry, version, step, detail = {} } = given;
  const at = context.ports.clock.now();
  await sql`INSERT INTO catalogue.entry_step (entry, version, step, by_login, organisation, at, detail)
    VALUES (${entry}, ${version}, ${step}, ${p?.login ?? null}, ${p?.organisation ?? null}, ${at},
      ${JSON.stringify(detail)}::jsonb)`.execute(trx);
  await context.ports.audit.append(
    { actor: p, action: `catalogue.entry.${step}`, object: `entry/${entry}`, outcome: 'ok', detail: { version } },
    trx,
  );
}

/** Makes entries with their first drafts; answers their ids in order. One transaction. */
export async function create(
  context: EntryContext,
  given: readonly { provider: string; content: EntryContent; origin: 'form' | 'file' }[],
  p: Principal,
): Promise<string[]> {
  for (const { provider } of given) {
    if (!context.catalogue.organisations.has(provider)) throw new Problem(providerUnknown, { id: provider });
    must(drafts(p, provider));
  }
  context.book.room(given.length);
  const now = context.ports.clock.now();
  const ids = await context.ports.db.tx(async (trx) => {
    const numbers = await sql<{ n: number }>`SELECT nextval('catalogue.entry_sequence')::int AS n
      FROM generate_series(1, ${given.length})`.execute(trx);
    const rows = given.map((g, i) => ({
      ...g,
      sequence: numbers.rows[i]!.n,
      id: `${g.provider}.n${numbers.rows[i]!.n}`,
    }));
    const text = JSON.stringify(rows);
    await sql`INSERT INTO catalogue.entry (id, provider, sequence, created_at)
      SELECT id, provider, sequence, ${now} FROM jsonb_to_recordset(${text}::jsonb)
        AS r(id text, provider text, sequence integer)`.execute(trx);
    await sql`INSERT INTO catalogue.entry_version
        (entry, version, state, content, origin, made_by, made_at, changed_by, changed_at)
      SELECT id, 1, 'draft', content, origin, ${p.login}, ${now}, ${p.login}, ${now}
      FROM jsonb_to_recordset(${text}::jsonb) AS r(id text, content jsonb, origin text)`.execute(trx);
    await sql`INSERT INTO catalogue.entry_step (entry, version, step, by_login, organisation, at, detail)
      SELECT id, 1, 'draft', ${p.login}, ${p.organisation}, ${now}, jsonb_build_object('origin', origin)
      FROM jsonb_to_recordset(${text}::jsonb) AS r(id text, origin text)`.execute(trx);
    const made = rows.map((r) => r.id);
    const object = made.length === 1 ? `entry/${made[0]}` : 'entries';
    if (made.length)
      await context.ports.audit.append(
        { actor: p, action: 'catalogue.entry.draft', object, outcome: 'ok', detail: { entries: made } },
        trx,
      );
    return rows.map((r) => r.id);
  });
  await context.book.refresh(ids);
  return ids;
}

/** Begins a new version of an entry that is in force: a change of what it says, or its retirement. */
export async function begin(
  context: EntryContext,
  id: string,
  kind: EntryVersion['kind'],
  p: Principal,
): Promise<void> {
  const entry = context.seen(id, p);
  must(drafts(p, entry.provider));
  if (entry.retiredAt) throw new Problem(retired, { id });
  if (entry.open || !entry.published) throw new Problem(draftThere, { id, version: entry.open!.version });
  const now = context.ports.clock.now();
  await context.ports.db.tx(async (trx) => {
    const made = await sql<{ version: number }>`INSERT INTO catalogue.entry_version
        (entry, version, kind, state, content, origin, declaration, made_by, made_at, changed_by, changed_at)
      SELECT ${id}, max(version) + 1, ${kind}, 'draft', ${JSON.stringify(entry.published!.content)}::jsonb, 'form',
        max(declaration), ${p.login}, ${now}, ${p.login}, ${now}
      FROM catalogue.entry_version WHERE entry = ${id} RETURNING version`.execute(trx);
    await note(
      context,
      trx,
      { entry: id, version: made.rows[0]!.version, step: kind === 'retire' ? 'draft-retire' : 'draft' },
      p,
    );
  });
  await context.book.refresh([id]);
}

function open(entry: Entry): EntryVersion {
  if (!entry.open) throw new Problem(noDraft, { id: entry.id });
  return entry.open;
}

/** Saves a draft; what was returned becomes a draft again. */
export async function save(
  context: EntryContext,
  id: string,
  given: { revision: number; content: EntryContent },
  p: Principal,
): Promise<void> {
  const entry = context.seen(id, p);
  must(drafts(p, entry.provider));
  const version = open(entry);
  if (version.state !== 'draft' && version.state !== 'returned')
    throw new Problem(wrongState, { id, state: version.state });
  const now = context.ports.clock.now();
  const done = await sql`UPDATE catalogue.entry_version
    SET content = ${JSON.stringify(given.content)}::jsonb, revision = revision + 1, state = 'draft',
      changed_by = ${p.login}, changed_at = ${now}
    WHERE entry = ${id} AND version = ${version.version} AND revision = ${given.revision}
      AND state IN ('draft', 'returned') RETURNING revision`.execute(context.ports.db.kysely);
  await context.book.refresh([id]);
  if (done.rows.length === 0)
    throw new Problem(changedMeanwhile, { who: context.book.get(id)?.open?.changed_by ?? '' });
}

/** Makes a content what the entry's draft says, beginning one where there is none; false where it says so already. */
export async function change(context: EntryContext, id: string, content: EntryContent, p: Principal): Promise<boolean> {
  const entry = context.seen(id, p);
  if (isDeepStrictEqual((entry.open ?? entry.published)?.content, content)) return false;
  if (!entry.open) await begin(context, id, 'change', p);
  await save(context, id, { revision: context.book.get(id)!.open!.revision, content }, p);
  return true;
}

/** Who submitted a version themselves does not decide on it with a role that a colleague lent. */
async function notOwnWork(context: EntryContext, entry: string, version: number, p: Principal): Promise<void> {
  if (!byDelegation(p, 'catalogue.approve')) return;
  const { rows } = await sql<{ by_login: string | null }>`SELECT by_login FROM catalogue.entry_step
    WHERE entry = ${entry} AND version = ${version} AND step = 'submit' ORDER BY seq DESC LIMIT 1`.execute(
    context.ports.db.kysely,
  );
  if (rows[0]?.by_login === p.login) throw new Problem(ownRequest);
}

/** Takes a step. `reasons` are those of a return, all of them at once. */
export async function step(
  context: EntryContext,
  id: string,
  which: Step,
  given: { revision: number; reasons?: string[] | undefined },
  p: Principal,
): Promise<void> {
  const entry = context.seen(id, p);
  const version = open(entry);
  if (!from[which].includes(version.state)) throw new Problem(wrongState, { id, state: version.state });
  must(mayStep(which, entry, p));
  if (version.state === 'submitted' && which !== 'withdraw') await notOwnWork(context, id, version.version, p);
  if (which === 'return' && !given.reasons?.length) throw new Problem(reasonsMissing);
  const found = which === 'withdraw' ? [] : await context.findings(id, entry.provider, version.content);
  if (which !== 'return' && which !== 'withdraw' && version.kind === 'change') refuseErrors(found);
  const now = context.ports.clock.now();
  await context.ports.db.tx(async (trx) => {
    const received = which === 'approve' ? now : version.received_at;
    const decided = which === 'publish' || (which === 'return' && version.state === 'reviewing') ? now : null;
    const done = await sql`UPDATE catalogue.entry_version
      SET state = ${to[which]}, revision = revision + 1, received_at = ${received}, decided_at = ${decided}
      WHERE entry = ${id} AND version = ${version.version} AND revision = ${given.revision} AND state = ${version.state}
      RETURNING version`.execute(trx);
    if (done.rows.length === 0) throw new Problem(changedMeanwhile, { who: version.changed_by });
    if (which === 'publish')
      await sql`UPDATE catalogue.entry SET published = ${version.version},
        retired_at = ${version.kind === 'retire' ? now : null} WHERE id = ${id}`.execute(trx);
    // The update has reached the authority: what asked for it is fulfilled.
    if (which === 'approve')
      await sql`UPDATE catalogue.duty SET done_at = ${now}, done_version = ${version.version}
        WHERE entry = ${id} AND done_at IS NULL AND stopped_at IS NULL`.execute(trx);
    const detail = {
      ...(given.reasons ? { reasons: given.reasons } : {}),
      findings: found.map(({ code, pointer }) => ({ code, pointer })),
    };
    await note(context, trx, { entry: id, version: version.version, step: which, detail }, p);
  });
  await context.book.refresh([id]);
}

function refuseErrors(found: readonly Finding[]): void {
  const errors = found.filter((f) => f.severity === 'error');
  if (errors.length === 0) return;
  const details = errors.map(
    (f) => new Problem({ code: f.code, status: 422, zh: f.zh, en: f.en }, {}, { pointer: f.pointer }),
  );
  throw new Problem(hasErrors, { n: errors.length }, undefined, details);
}

/** Records once what was not reviewed, or not updated, within its legal days; answers how many were recorded now. */
export async function recordOverdue(context: EntryContext): Promise<number> {
  const now = context.ports.clock.now();
  const calendar = context.legal.calendar();
  let recorded = 0;
  for (const entry of context.book.all()) {
    const version = entry.open;
    if (version?.state !== 'reviewing' || version.overdue_at || !version.received_at) continue;
    const clock = periodClock(calendar, context.legal.review, { from: version.received_at, now });
    if (clock.state !== 'overdue') continue;
    await context.ports.db.tx(async (trx) => {
      await sql`UPDATE catalogue.entry_version SET overdue_at = ${now}
        WHERE entry = ${entry.id} AND version = ${version.version} AND overdue_at IS NULL`.execute(trx);
      await note(
        context,
        trx,
        { entry: entry.id, version: version.version, step: 'review-overdue', detail: { due: clock.due } },
        null,
      );
      await context.ports.notices.tell(trx, {
        ...{
          key: `catalogue.review/${entry.id}/${version.version}`,
          kind: 'catalogue.overdue',
          to: [{ role: 'data-steward' }],
        },
        ...{ link: `/catalogue/entries/${entry.id}`, about: `catalogue-entry/${entry.id}` },
        title: { zh: `目录审核超期：${entry.id}`, en: `The review of an entry is overdue: ${entry.id}` },
        text: {
          zh: `目录条目 ${entry.id} 的审核应于 ${clock.due} 前完成。`,
          en: `Entry ${entry.id} was to be reviewed by ${clock.due}.`,
        },
      });
    });
    await context.book.refresh([entry.id]);
    recorded++;
  }
  return recorded;
}
