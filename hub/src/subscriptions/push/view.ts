/** What a partition of a subscription is shown now, or why nothing is to be sent. */
import { createHash } from 'node:crypto';
import { cityDay } from '../../platform/law/index.ts';
import type { Deps } from '../../platform/room.ts';
import { deliveredItems, GIVING, grantOf, type ShareRow, sharedEntry } from '../../sharing/index.ts';
import { streamOf } from '../log/detect.ts';
import { eventSource } from '../log/events.ts';
import type { View } from '../log/render.ts';
import type { SubscriptionRow } from '../store.ts';

/** Whether a grant gives data on this day. */
export const giving = (share: Pick<ShareRow, 'state' | 'since' | 'until'>, now: Date): boolean =>
  (GIVING as readonly string[]).includes(share.state) && share.since <= cityDay(now) && share.until >= cityDay(now);

/** The view of a partition; undefined while the grant gives nothing, or its entry or its records are not there. */
export async function viewOf(
  ports: Pick<Deps, 'db' | 'lake' | 'clock'> & { city: string },
  sub: SubscriptionRow,
  partition: number,
  generation: number,
): Promise<View | undefined> {
  const share = await grantOf(ports.db, sub.share);
  if (!share || !giving(share, ports.clock.now())) return undefined;
  const shared = sharedEntry(ports, sub.entry);
  const stream = await ports.lake.session((s) => streamOf(s, sub.source));
  if (!shared || !stream || shared.entry.source !== sub.source) return undefined;
  // Part of message ids: what is shown otherwise is another message, the same shown again is the same.
  const shown = JSON.stringify([
    deliveredItems(share, shared).map((i) => [i.name, i.shown]),
    share.filter,
    sub.items,
    sub.changes,
  ]);
  const look = createHash('sha256').update(shown).digest('hex').slice(0, 8);
  return {
    ...{ share, shared, stream, items: sub.items, changes: sub.changes, batch: sub.batch },
    ...{ partitions: sub.partitions, partition, source: eventSource(ports.city, sub.id) },
    prefix: `msg_${sub.id}_${partition}_${generation}_${look}`,
  };
}
