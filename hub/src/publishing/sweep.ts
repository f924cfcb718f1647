/** What happens when a day comes: editions are made anew by their cycle; what the catalogue opens no more is suspended at once. */
import { sql } from 'kysely';
import { cityDay } from '../platform/law/index.ts';
import { Problem } from '../platform/problem.ts';
import { entryToOpen } from './build.ts';
import { examineEntry } from './check/check.ts';
import { askEdition } from './edition.ts';
import { withdrawEditions } from './editions.ts';
import { openChanged, type PublishingPorts } from './ports.ts';
import { type DatasetRow, datasetOf, datasets, keepStep, overrules, standing } from './store.ts';

/** Looks once through everything that is open. */
export async function sweep(ports: PublishingPorts): Promise<void> {
  const today = cityDay(ports.clock.now());
  for (const d of await datasets(ports.db.kysely, ['open'])) {
    const reason = await wrongNow(ports, d);
    if (reason) await suspend(ports, d.id, reason);
    else if (d.next_day !== null && d.next_day <= today)
      await ports.db.tx(async (trx) => {
        const now = await datasetOf(trx, d.id, null, true);
        if (now.state !== 'open' || now.next_day === null || now.next_day > today) return;
        await sql`UPDATE publishing.dataset SET next_day = NULL WHERE id = ${d.id}`.execute(trx);
        await askEdition(ports, now, trx);
      });
  }
}

/** Why something may stay open no more; null while it may. Asks the catalogue only, so that it can be asked every minute. */
async function wrongNow(ports: PublishingPorts, d: DatasetRow): Promise<{ zh: string; en: string } | null> {
  try {
    const shared = entryToOpen(ports, d.entry);
    const left = standing(examineEntry(ports, { plan: d.plan, shared }), await overrules(ports.db.kysely, d.id));
    return left[0] ? { zh: left[0].zh, en: left[0].en } : null;
  } catch (error) {
    if (error instanceof Problem && error.kind.status === 404) return error.toJSON().title;
    throw error;
  }
}

async function suspend(ports: PublishingPorts, id: number, reason: { zh: string; en: string }): Promise<void> {
  const at = ports.clock.now();
  await ports.db.tx(async (trx) => {
    const d = await datasetOf(trx, id, null, true);
    if (d.state !== 'open') return;
    await sql`UPDATE publishing.dataset SET state = 'suspended', reason = ${JSON.stringify(reason)}::jsonb, next_day = NULL,
      version = version + 1, ended_at = ${at} WHERE id = ${id}`.execute(trx);
    await withdrawEditions(trx, id);
    await keepStep(trx, d, { action: 'suspended', from: 'open', to: 'suspended', p: null, comment: reason.zh, at });
    await ports.audit.append(
      {
        actor: null,
        action: 'open.suspended',
        object: `open-dataset/${id}`,
        outcome: 'ok',
        detail: { reason: reason.zh },
      },
      trx,
    );
  });
  await ports.bus.emit(openChanged, { dataset: id });
}
