/** What people and organisations hold of subscriptions. */
import type { HoldingKind } from '../platform/people/index.ts';

/** What people and organisations hold here (platform/people). Examples are numbers and codes: administrators read them. */
export const subscriptionsHoldings: readonly HoldingKind[] = [
  {
    kind: 'subscriptions.own',
    title: { zh: '变更订阅', en: 'Subscriptions' },
    of: 'organisation',
    weight: 'name',
    page: '/subscriptions',
    table: 'subscriptions.subscription',
    column: 'organisation',
    where: "t.state <> 'ended'",
    shown: 't.id',
  },
  {
    kind: 'subscriptions.provided',
    title: { zh: '被订阅', en: 'Subscriptions to its data' },
    of: 'organisation',
    weight: 'name',
    page: '/subscriptions',
    table: 'subscriptions.subscription',
    column: 'provider',
    where: "t.state <> 'ended'",
    shown: 't.id',
  },
];
