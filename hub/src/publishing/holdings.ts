/** What organisations hold of open data. */
import type { HoldingKind } from '../platform/people/index.ts';

/** What people and organisations hold here (platform/people). Examples are numbers and codes: administrators read them. */
export const publishingHoldings: readonly HoldingKind[] = [
  {
    kind: 'publishing.dataset',
    title: { zh: '开放数据集', en: 'Open datasets' },
    of: 'organisation',
    weight: 'name',
    page: '/open-desk',
    table: 'publishing.dataset',
    column: 'provider',
    where: 't.ended_at IS NULL',
    shown: 't.slug',
  },
  {
    kind: 'publishing.message',
    title: { zh: '待答复的公众留言', en: 'Messages of the public to be answered' },
    of: 'organisation',
    weight: 'duty',
    page: '/open-voices',
    table: 'publishing.message',
    column: 'organisation',
    where: "t.state = 'waiting'",
    shown: 't.id',
  },
];
