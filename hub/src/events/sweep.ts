/** What happens by time alone: limits that passed are told once, and what is overdone is put under supervision by the declared rule. */
import { sql } from 'kysely';
import { dueAt } from '../platform/law/index.ts';
import { act } from './act.ts';
import { lookThrough } from './clocks.ts';
import { over } from './machine.ts';
import { declaredSpan } from './matters.ts';
import { change, type EventPorts } from './ports.ts';
import { eventOf, keepStep } from './store.ts';

/** One look; answers how many limits were found late. */
export async function sweep(ports: EventPorts): Promise<number> {
  const { rules } = await ports.matters.current();
  const at = ports.clock.now();
  return change(ports, async (trx) => {
    const late = await lookThrough(trx, ports, at);
    for (const c of late) {
      const e = await eventOf(trx, c.event);
      await keepStep(trx, {
        ...{ event: e.id, action: 'late', from: e.state, to: e.state, stage: 4, actor: 'hub', at },
        detail: { limit: c.name, due: c.due?.toISOString() },
      });
    }
    // Supervision by the rule: so late, or sent back so often.
    const { rows } = await sql<{
      id: number;
      due: Date | null;
      returned: number;
    }>`SELECT id, due, returned FROM events.event
      WHERE supervised = 0 AND state NOT IN ('closed', 'void', 'merged') AND ((due < ${at} AND late_at IS NOT NULL) OR returned >= ${rules.supervision.returned})
      ORDER BY due NULLS LAST LIMIT 200`.execute(trx);
    const span = declaredSpan(rules.supervision.late);
    for (const e of rows) {
      const often = e.returned >= rules.supervision.returned;
      const end = e.due ? dueAt(ports.calendar(), ports.hours(), e.due, span).at : null;
      if (!often && !(end && end < at)) continue;
      if (over.includes((await eventOf(trx, e.id)).state)) continue;
      const comment = often ? `已退回 ${e.returned} 次，自动督办` : `超时逾 ${rules.supervision.late}，自动督办`;
      await act(trx, ports, e.id, { action: 'supervise', comment, data: { level: 1 } }, 'hub');
    }
    return late.length;
  });
}
