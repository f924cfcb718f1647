/** What grants read, for the catalogue's lineage: one use for each grant that gives data, with its items. */
import type { Use } from '../catalogue/index.ts';
import type { SharingPorts } from './act.ts';
import { deliveredItems } from './delivery/shown.ts';
import { nameOf, sharedEntry } from './entries.ts';
import { activeGrants } from './grants.ts';

/** The uses of all grants that give data now. */
export async function deliveredUses(ports: Pick<SharingPorts, 'db' | 'lake'>): Promise<Use[]> {
  return (await activeGrants(ports.db)).flatMap((share): Use[] => {
    const shared = sharedEntry(ports, share.entry);
    if (!shared?.entry.source) return [];
    const to = nameOf(ports, share.requester);
    const { title } = shared.entry;
    const items = new Set(deliveredItems(share, shared).map((i) => i.name));
    return [
      {
        ...{ id: `delivery/${share.id}`, kind: 'delivery', uses: new Set() },
        title: { zh: `共享给${to.zh}：${title.zh}`, en: `Shared with ${to.en}: ${title.en}` },
        sources: new Map([[shared.entry.source, items]]),
      },
    ];
  });
}
