/** What the authority decides of items that several departments collect (decree 809, article 19). */
import { sql } from 'kysely';
import type { Principal } from '../../platform/auth/principal.ts';
import { Problem } from '../../platform/problem.ts';
import { type EntryContext, isAuthority, must } from './context.ts';
import { itemUnshared, pairUnknown } from './problems.ts';
import { type SharedItem, sharedItems } from './repeat.ts';

/** Names the one department that collects an item for all, in place of any that was named before. */
export async function nameSourceDepartment(
  context: EntryContext,
  given: { subject: string; item: string; organisation: string; ground: string },
  p: Principal,
): Promise<void> {
  must(isAuthority(p));
  const shared = sharedItems(context.book.all(), context.words).find(
    (s) => s.subject === given.subject && s.item === given.item,
  );
  if (!shared?.holders.some((h) => h.provider === given.organisation)) throw new Problem(itemUnshared, given);
  const { subject, item, organisation, ground } = given;
  await context.ports.db.tx(async (trx) => {
    await sql`INSERT INTO catalogue.source_department (subject, item, organisation, ground, decided_by, decided_at)
      VALUES (${subject}, ${item}, ${organisation}, ${ground}, ${p.login}, ${context.ports.clock.now()})
      ON CONFLICT (subject, item) DO UPDATE SET organisation = excluded.organisation, ground = excluded.ground,
        decided_by = excluded.decided_by, decided_at = excluded.decided_at`.execute(trx);
    const object = `item/${subject}/${item}`;
    await context.ports.audit.append(
      { actor: p, action: 'catalogue.source-department', object, outcome: 'ok', detail: { organisation, ground } },
      trx,
    );
  });
  context.sourceDepartments.set(`${subject} ${item}`, organisation);
}

/** Shared items with the department named for each. */
export const itemsShared = (context: EntryContext): (SharedItem & { decided: string | null })[] =>
  sharedItems(context.book.all(), context.words).map((s) => ({
    ...s,
    decided: context.sourceDepartments.get(`${s.subject} ${s.item}`) ?? null,
  }));

/** What was decided of a pair. */
export interface RepeatDecision {
  one: string;
  other: string;
  outcome: 'distinct' | 'keep-one' | 'keep-other';
  ground: string;
  decided_by: string;
  decided_at: Date;
}

/** All decisions about pairs. */
export const repeatDecisions = (context: EntryContext): Promise<RepeatDecision[]> =>
  context.ports.db.query<RepeatDecision & Record<string, unknown>>('SELECT * FROM catalogue.repeat_decision');

/** Decides of two entries: both may stay, or which of them is kept. */
export async function decideRepeat(
  context: EntryContext,
  given: Pick<RepeatDecision, 'one' | 'other' | 'outcome' | 'ground'>,
  p: Principal,
): Promise<void> {
  must(isAuthority(p));
  const { one, other, outcome, ground } = given;
  const entry = context.book.get(one);
  const found =
    entry &&
    context.repeats
      .of(one, entry.provider, (entry.published ?? entry.open)!.content)
      .some((r) => r.other === other && one < other);
  if (!found) throw new Problem(pairUnknown);
  await context.ports.db.tx(async (trx) => {
    await sql`INSERT INTO catalogue.repeat_decision (one, other, outcome, ground, decided_by, decided_at)
      VALUES (${one}, ${other}, ${outcome}, ${ground}, ${p.login}, ${context.ports.clock.now()})
      ON CONFLICT (one, other) DO UPDATE SET outcome = excluded.outcome, ground = excluded.ground,
        decided_by = excluded.decided_by, decided_at = excluded.decided_at`.execute(trx);
    const detail = { other, outcome, ground };
    await context.ports.audit.append(
      { actor: p, action: 'catalogue.repeat', object: `entry/${one}`, outcome: 'ok', detail },
      trx,
    );
  });
}
