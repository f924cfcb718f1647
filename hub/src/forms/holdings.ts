/** What people and organisations hold of forms. */
import type { HoldingKind } from '../platform/people/index.ts';

/** What people and organisations hold here (platform/people). Examples are numbers and codes: administrators read them. */
export const formsHoldings: readonly HoldingKind[] = [
  {
    kind: 'forms.form',
    title: { zh: '表单', en: 'Forms' },
    of: 'organisation',
    weight: 'name',
    page: '/forms',
    table: 'forms.form',
    column: 'organisation',
    where: "t.state <> 'retired'",
    shown: 't.name',
  },
  {
    kind: 'forms.target',
    title: { zh: '待采集对象', en: 'Things to be collected' },
    of: 'login',
    weight: 'duty',
    page: '/forms',
    table: 'forms.target',
    column: 'assignee',
    where: "t.record IS NULL AND t.task IN (SELECT id FROM forms.task WHERE state = 'open')",
    shown: 't.id',
    hand: { name: 'assignee_name' },
  },
  {
    kind: 'forms.record',
    title: { zh: '草稿与退回的记录', en: 'Records in draft or returned' },
    of: 'login',
    weight: 'duty',
    page: '/forms',
    table: 'forms.record',
    column: 'filled_by',
    where: "t.state IN ('draft', 'returned')",
    shown: 't.id',
  },
];
