/**
 * Clients and a subscription of the demonstration: made once its requests are granted, through the rooms' own functions and by the
 * department's data officer. Their secrets are shown to nobody: the officer takes new ones in the console.
 */

import { demoPerson } from './demo-sharing.ts';
import { clientBody, clientRows, gatewayOf, makeClient } from './gateway/index.ts';
import type { Deps } from './platform/room.ts';
import { activeGrants } from './sharing/index.ts';
import { createSubscription, subscribed, subscriptionBody, subscriptionPortsOf } from './subscriptions/index.ts';

const ORGANISATION = 'rsj';

/** Makes what is missing of them; what a person ended or renamed meanwhile stays as it is. */
export async function demoServices(deps: Deps): Promise<void> {
  await clients(deps);
  await subscription(deps);
}

/** Two programs of the officer for the service that was granted: one to try with, one for the work. */
async function clients(deps: Deps): Promise<void> {
  const gateway = gatewayOf(deps.db);
  const filter = { mode: 'service', requester: ORGANISATION, entry: 'scjg.permit' } as const;
  const [grant] = await activeGrants(deps.db, filter);
  if (!gateway || !grant) return;
  const there = new Set((await clientRows(deps.db.kysely, ORGANISATION)).map((c) => c.sandbox));
  // The gateway hears of a grant a moment after it was made.
  await gateway.services.reload(grant.id);
  const wanted = [
    { sandbox: true, name: '职业资格核验系统联调（演示）', purpose: '在沙箱中联调许可核验接口，返回合成数据（演示）' },
    { sandbox: false, name: '职业资格核验系统（演示）', purpose: '办理职业资格与人力资源许可时核验行政许可（演示）' },
  ];
  for (const one of wanted.filter((w) => !there.has(w.sandbox)))
    await makeClient(
      gateway,
      clientBody.parse({ ...one, method: 'secret', scope: [`grant:${grant.id}`] }),
      demoPerson('rsj-officer'),
    );
}

/** Changes of market entities from now on, fetched by the department. */
async function subscription(deps: Deps): Promise<void> {
  const ports = subscriptionPortsOf(deps.db);
  const filter = { mode: 'batch', requester: ORGANISATION, entry: 'scjg.market-entity' } as const;
  const [grant] = await activeGrants(deps.db, filter);
  if (!ports || !grant || (await subscribed(deps.db.kysely, grant.id))) return;
  const body = { grant: grant.id, title: '参保扩面：经营主体变更（演示）', target: { kind: 'pull' }, begin: 'now' };
  await createSubscription(ports, subscriptionBody.parse(body), demoPerson('rsj-officer'));
}
