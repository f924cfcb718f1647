/**
 * Duties to update the catalogue (decree 809, article 17): begun by a change of law or functions, ended when the update reaches
 * the authority, extended once by its consent, stopped only with a recorded legal ground.
 */
import { sql } from 'kysely';
import type { Principal } from '../../platform/auth/principal.ts';
import { cityDay } from '../../platform/law/index.ts';
import { Problem } from '../../platform/problem.ts';
import { periodClock } from './clock.ts';
import { drafts, type EntryContext, isAuthority, must } from './context.ts';
import { dutyEnded, dutyExtended, dutyFuture, dutyUnknown, entryUnknown, providerUnknown } from './problems.ts';

/** A duty as it is kept. */
export interface Duty {
  id: number;
  provider: string;
  entry: string | null;
  ground: string;
  occurred: string;
  raised_by: string;
  raised_at: Date;
  extended_days: number;
  extended_ground: string | null;
  extended_by: string | null;
  done_at: Date | null;
  done_version: number | null;
  stopped_at: Date | null;
  stopped_by: string | null;
  stopped_ground: string | null;
  overdue_at: Date | null;
}

const columns = sql`id, provider, entry, ground, occurred::text AS occurred, raised_by, raised_at, extended_days,
  extended_ground, extended_by, done_at, done_version, stopped_at, stopped_by, stopped_ground, overdue_at`;

/** The clock of a duty now. */
export const dutyClock = (context: EntryContext, duty: Duty) =>
  periodClock(context.legal.calendar(), context.legal.update, {
    ...{ from: duty.occurred, extension: duty.extended_days, now: context.ports.clock.now() },
    ...{ ended: duty.done_at, stopped: duty.stopped_at !== null },
  });

/** Duties that somebody sees: the own department's, all of them for the authority; those open first, the newest 200. */
export async function dutiesOf(context: EntryContext, p: Principal): Promise<Duty[]> {
  const own = isAuthority(p) ? sql`true` : sql`provider = ${p.organisation}`;
  const found = await sql<Duty>`SELECT ${columns} FROM catalogue.duty WHERE ${own}
    ORDER BY done_at IS NOT NULL OR stopped_at IS NOT NULL, occurred, id LIMIT 200`.execute(context.ports.db.kysely);
  return found.rows;
}

async function duty(context: EntryContext, id: number): Promise<Duty> {
  const found = await sql<Duty>`SELECT ${columns} FROM catalogue.duty WHERE id = ${id}`.execute(
    context.ports.db.kysely,
  );
  const one = found.rows[0];
  if (!one) throw new Problem(dutyUnknown, { id });
  if (one.done_at || one.stopped_at) throw new Problem(dutyEnded, { id });
  return one;
}

/** Begins one: by the department itself, or by the authority. */
export async function raiseDuty(
  context: EntryContext,
  given: { provider: string; entry?: string | undefined; ground: string; occurred: string },
  p: Principal,
): Promise<number> {
  if (!context.catalogue.organisations.has(given.provider)) throw new Problem(providerUnknown, { id: given.provider });
  must(isAuthority(p) || drafts(p, given.provider) || p.organisation === given.provider);
  const now = context.ports.clock.now();
  if (given.occurred > cityDay(now)) throw new Problem(dutyFuture);
  if (given.entry && context.book.get(given.entry)?.provider !== given.provider)
    throw new Problem(entryUnknown, { id: given.entry });
  return context.ports.db.tx(async (trx) => {
    const made = await sql<{
      id: number;
    }>`INSERT INTO catalogue.duty (provider, entry, ground, occurred, raised_by, raised_at)
      VALUES (${given.provider}, ${given.entry ?? null}, ${given.ground}, ${given.occurred}::date, ${p.login}, ${now})
      RETURNING id`.execute(trx);
    const { id } = made.rows[0]!;
    await audit(context, trx, 'raise', id, p, given);
    return id;
  });
}

/** The authority consents to five working days more; once. */
export async function extendDuty(context: EntryContext, id: number, ground: string, p: Principal): Promise<void> {
  must(isAuthority(p));
  const one = await duty(context, id);
  if (one.extended_days > 0) throw new Problem(dutyExtended, { id });
  const days = context.legal.update.extension?.days ?? 0;
  await context.ports.db.tx(async (trx) => {
    await sql`UPDATE catalogue.duty SET extended_days = ${days}, extended_ground = ${ground}, extended_by = ${p.login},
      extended_at = ${context.ports.clock.now()} WHERE id = ${id} AND extended_days = 0`.execute(trx);
    await audit(context, trx, 'extend', id, p, { ground, days });
  });
}

/** The authority ends one that has no ground any more, saying which law says so. */
export async function stopDuty(context: EntryContext, id: number, ground: string, p: Principal): Promise<void> {
  must(isAuthority(p));
  await duty(context, id);
  await context.ports.db.tx(async (trx) => {
    await sql`UPDATE catalogue.duty SET stopped_at = ${context.ports.clock.now()}, stopped_by = ${p.login},
      stopped_ground = ${ground} WHERE id = ${id} AND done_at IS NULL`.execute(trx);
    await audit(context, trx, 'stop', id, p, { ground });
  });
}

/** Records once each duty that is overdue; answers how many were recorded now. */
export async function recordLateDuties(context: EntryContext): Promise<number> {
  const now = context.ports.clock.now();
  const open = await sql<Duty>`SELECT ${columns} FROM catalogue.duty
    WHERE done_at IS NULL AND stopped_at IS NULL AND overdue_at IS NULL`.execute(context.ports.db.kysely);
  let recorded = 0;
  for (const one of open.rows) {
    if (dutyClock(context, one).state !== 'overdue') continue;
    await context.ports.db.tx(async (trx) => {
      await sql`UPDATE catalogue.duty SET overdue_at = ${now} WHERE id = ${one.id}`.execute(trx);
      await audit(context, trx, 'overdue', one.id, null, { provider: one.provider });
      await context.ports.notices.tell(trx, {
        ...{ key: `catalogue.duty/${one.id}`, kind: 'catalogue.overdue', about: `catalogue-duty/${one.id}` },
        ...{ to: [{ role: 'data-officer', organisation: one.provider }], link: '/catalogue/desk' },
        title: { zh: '目录更新义务超期', en: 'A duty to update the catalogue is overdue' },
        text: {
          zh: `本部门目录更新义务（编号 ${one.id}）已超过法定时限。`,
          en: `A duty of your department to update the catalogue (number ${one.id}) is past its legal period.`,
        },
      });
    });
    recorded++;
  }
  return recorded;
}

type Trx = Parameters<Parameters<EntryContext['ports']['db']['tx']>[0]>[0];
const audit = (context: EntryContext, trx: Trx, what: string, id: number, p: Principal | null, detail: object) =>
  context.ports.audit.append(
    { actor: p, action: `catalogue.duty.${what}`, object: `duty/${id}`, outcome: 'ok', detail: { ...detail } },
    trx,
  );
