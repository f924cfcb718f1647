/** Settling what two devices (or two people) changed at the same time: nothing was lost, a person decides. */
import { sql } from 'kysely';
import type { Principal } from '../platform/auth/principal.ts';
import { Problem } from '../platform/problem.ts';
import { mayOf } from './access.ts';
import type { Values } from './design.ts';
import { after } from './machine.ts';
import { change, type FormsPorts } from './ports.ts';
import * as k from './problems.ts';
import { isSecret } from './pure/index.ts';
import { handInFaults, ready, rewrite, sameRevision, visible } from './records.ts';
import { designOf, type RecordRow, recordOf, type State } from './store.ts';

/** Settles a conflicting change: present values stay, or the others are taken, or what a person made of both. */
export async function settle(
  ports: FormsPorts,
  at: { form: number; record: string },
  given: { seq: number; revision: number; take: 'present' | 'other' | 'merged'; values?: Values | undefined },
  p: Principal,
): Promise<RecordRow> {
  const { form, record } = await visible(ports, at.form, at.record, p);
  if (record.filled_by !== p.login && !mayOf(p, form.organisation).handle) throw new Problem(k.mayNot);
  const design = await designOf(ports.db.kysely, form.id, record.version);
  const found = await sql<{ values: Values | null; by_login: string }>`SELECT values, by_login FROM forms.change
    WHERE seq = ${given.seq} AND record = ${record.id}::uuid AND conflict AND settled_at IS NULL`.execute(
    ports.db.kysely,
  );
  const other = found.rows[0];
  if (!other) throw new Problem(k.noConflict);
  const wanted =
    given.take === 'merged'
      ? (given.values ?? record.values)
      : given.take === 'other'
        ? (other.values ?? record.values)
        : null;
  const before = { ...(other.values ?? {}), ...record.values };
  // A number may come from either side; its token must stand in one of them.
  if (wanted)
    for (const [name, v] of Object.entries(wanted))
      if (isSecret(v) && isSecret(other.values?.[name]) && other.values[name].token === v.token) before[name] = v;
  const made = wanted ? await ready(ports, form, record.version, wanted, other.by_login, before) : null;
  return change(ports, async (trx) => {
    const now = sameRevision(await recordOf(trx, record.id), given.revision);
    const closed =
      await sql`UPDATE forms.change SET settled_by = ${p.login}, settled_at = ${ports.clock.now()}, settled_as = ${given.take}
      WHERE seq = ${given.seq} AND settled_at IS NULL RETURNING seq`.execute(trx);
    if (!closed.rows.length) throw new Problem(k.noConflict);
    const values = made?.prepared.values ?? now.values;
    // What was handed in or accepted with other values is looked at again.
    const open = now.state === 'draft' || now.state === 'returned' || now.state === 'withdrawn';
    const faulty = made && !open && (await handInFaults(trx, design, { ...now, values }, made.prepared)).length > 0;
    const state: State = !made || open ? now.state : faulty ? 'returned' : after(design, 'submit');
    const own = { ...now, state, conflicts: Math.max(0, now.conflicts - 1) };
    const done = await rewrite(
      trx,
      ports,
      form,
      design,
      own,
      values,
      p,
      {},
      { action: 'settle', from: now.state, to: state, reason: given.take },
    );
    await ports.audit.append(
      {
        actor: p,
        action: 'forms.record.settle',
        object: `form:${form.id}/record:${now.id}`,
        outcome: 'ok',
        detail: { take: given.take },
      },
      trx,
    );
    return done;
  });
}
