/** What happens by time alone: limits that passed are told once, and what is overdone is put under supervision by the declared rule. */
import { sql } from 'kysely';
import { dueAt } from '../platform/law/index.ts';
import { act } from './act.ts';
import { lookThrough } from './clocks.ts';
import { over } from './machine.ts';
import { declaredSpan } from './matters.ts';
import { tellLate } from './notices.ts';
import { change, type EventPorts } from './ports.ts';
import { eventOf, keepStep } from './store.ts';

/** So many limits are told in one transaction: whoever reports or acts meanwhile waits for no more. */
const TOGETHER = 25;
/** Most limits and most supervisions of one look. */
const MOST = 500;
const SUPERVISED = 200;

/** One look; answers how many limits were found late. Many small transactions: what is begun is whole, and nobody waits for all of it. */
export async function sweep(ports: EventPorts): Promise<number> {
  const { rules } = await ports.matters.current();
  const at = ports.clock.now();
  let told = 0;
  for (let found = TOGETHER; found === TOGETHER && told < MOST; told += found)
    found = await change(ports, async (trx) => {
      const late = await lookThrough(trx, ports, at, TOGETHER);
      for (const c of late) {
        const e = await eventOf(trx, c.event);
        await keepStep(trx, {
          ...{ event: e.id, action: 'late', from: e.state, to: e.state, stage: 4, actor: 'hub', at },
          detail: { limit: c.name, due: c.due?.toISOString() },
        });
        await tellLate(ports, trx, e, c);
      }
      return late.length;
    });
  // Supervision by the rule: so late, or sent back so often.
  const span = declaredSpan(rules.supervision.late);
  const overdone = (e: { due: Date | null; returned: number; late_at: Date | null }) => {
    if (e.returned >= rules.supervision.returned) return `已退回 ${e.returned} 次，自动督办`;
    const end = e.due && e.late_at ? dueAt(ports.calendar(), ports.hours(), e.due, span).at : null;
    return end && end < at ? `超时逾 ${rules.supervision.late}，自动督办` : undefined;
  };
  const { rows } = await sql<{
    id: number;
    due: Date | null;
    returned: number;
    late_at: Date | null;
  }>`SELECT id, due, returned, late_at FROM (
      (SELECT id, due, returned, late_at FROM events.event WHERE due < ${at} AND cell = ANY(ARRAY(
          SELECT id FROM events.cell WHERE n > 0 AND late AND NOT supervised AND state NOT IN ('closed', 'void', 'merged'))) ORDER BY due LIMIT ${SUPERVISED})
      UNION (SELECT id, due, returned, late_at FROM events.event
        WHERE supervised = 0 AND state NOT IN ('closed', 'void', 'merged') AND returned > 0 AND returned >= ${rules.supervision.returned} LIMIT ${SUPERVISED})) e
    ORDER BY due NULLS LAST LIMIT ${SUPERVISED}`.execute(ports.db.kysely);
  for (const { id } of rows.filter((e) => overdone(e)))
    await change(ports, async (trx) => {
      // Meanwhile somebody may have done it, or have ended the matter.
      const e = await eventOf(trx, id, true);
      const comment = overdone(e);
      if (!comment || e.supervised > 0 || over.includes(e.state)) return;
      await act(trx, ports, id, { action: 'supervise', comment, data: { level: 1 } }, 'hub');
    });
  return told;
}
