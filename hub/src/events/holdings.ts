/** What people and organisations hold of events. */
import type { HoldingKind } from '../platform/people/index.ts';

/** What people and organisations hold here (platform/people). Examples are numbers and codes: administrators read them. */
export const eventsHoldings: readonly HoldingKind[] = [
  {
    kind: 'events.open',
    title: { zh: '在办事件', en: 'Open events' },
    of: 'organisation',
    weight: 'duty',
    page: '/events',
    table: 'events.event',
    column: 'organisation',
    where: "t.state NOT IN ('closed', 'void', 'merged')",
    shown: 't.number',
  },
  {
    kind: 'events.officer',
    title: { zh: '经手的在办事件', en: 'Events that they handle' },
    of: 'login',
    weight: 'duty',
    page: '/events',
    table: 'events.event',
    column: 'officer',
    where: "t.state IN ('handling', 'paused')",
    shown: 't.number',
  },
];
