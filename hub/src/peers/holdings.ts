/** What organisations ask of other hubs. */
import type { HoldingKind } from '../platform/people/index.ts';

/** What people and organisations hold here (platform/people). Examples are numbers and codes: administrators read them. */
export const peersHoldings: readonly HoldingKind[] = [
  {
    kind: 'peers.matter',
    title: { zh: '向其他平台提出的在办申请', en: 'Open requests to other hubs' },
    of: 'organisation',
    weight: 'duty',
    page: '/peers/matters',
    table: 'peers.matter',
    column: 'department',
    where: "t.direction = 'out' AND t.ended_at IS NULL",
    shown: 't.id',
  },
];
