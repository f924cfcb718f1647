/** What people and organisations hold of archives. */
import type { HoldingKind } from '../platform/people/index.ts';

/** What people and organisations hold here (platform/people). Examples are numbers and codes: administrators read them. */
export const archivesHoldings: readonly HoldingKind[] = [
  {
    kind: 'archives.archive',
    title: { zh: '电子档案', en: 'Electronic archives' },
    of: 'organisation',
    weight: 'name',
    page: '/archives',
    table: 'archives.archive',
    column: 'organisation',
    where: "t.state <> 'destroyed'",
    shown: 'coalesce(t.reference, t.id::text)',
  },
  {
    kind: 'archives.transfer',
    title: { zh: '未办结的档案移交', en: 'Transfers under way' },
    of: 'organisation',
    weight: 'duty',
    page: '/archives',
    table: 'archives.transfer',
    column: 'to_organisation',
    where: "t.state IN ('checking', 'offered')",
    shown: 't.id',
  },
  {
    kind: 'archives.borrowing',
    title: { zh: '借出未还的档案', en: 'Archives on loan' },
    of: 'login',
    weight: 'duty',
    page: '/archives',
    table: 'archives.borrowing',
    column: 'login',
    where: "t.state IN ('requested', 'lent')",
    shown: 't.archive',
  },
];
