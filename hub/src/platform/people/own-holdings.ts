/** What the platform itself knows that people hold: lent roles, who stands in for whom, clients of the signing service. */
import type { HoldingKind } from './holdings.ts';

const running = 't.ended_at IS NULL AND t.to_day >= {today}';

/** Open items of reviews by the heads who answer for them. */
const OPEN = `(SELECT i.login, h.login AS head FROM people.certification AS i
    JOIN auth.account AS h ON h.organisation = i.of_organisation AND h.id <> i.account
    JOIN auth.role_grant AS r ON r.account = h.id AND r.role = 'department-head'
    WHERE i.state = 'open' AND i.reviewer = 'head')`;

/** The kinds. */
export const ownHoldings: readonly HoldingKind[] = [
  {
    ...{
      kind: 'people.lent',
      title: { zh: '委托他人的职权', en: 'Roles lent to others' },
      of: 'account',
      weight: 'name',
    },
    ...{ page: '/system/recertification', table: 'auth.delegation', column: 'owner', where: running, shown: 't.role' },
  },
  {
    ...{
      kind: 'people.acting',
      title: { zh: '受托代行的职权', en: 'Roles held for others' },
      of: 'account',
      weight: 'duty',
    },
    ...{
      page: '/system/recertification',
      table: 'auth.delegation',
      column: 'delegate',
      where: running,
      shown: 't.role',
    },
  },
  {
    ...{
      kind: 'notices.deputy',
      title: { zh: '代收休假同事的通知', en: 'Stands in for colleagues on leave' },
      of: 'account',
    },
    ...{ weight: 'duty', page: '/system/users', table: 'notices.leave', column: 'deputy', where: running },
    ...{ shown: "to_char(t.from_day, 'YYYY-MM-DD')", hand: {} },
  },
  {
    ...{
      kind: 'seal.client',
      title: { zh: '签名服务的外部客户', en: 'Outside clients of the signing service' },
      of: 'login',
    },
    ...{ weight: 'key', page: '/trust/clients', table: 'seal.client', column: 'created_by', where: 'NOT t.disabled' },
    shown: 't.login',
  },
  {
    ...{ kind: 'people.reviews', title: { zh: '待其复核的权限', en: 'Roles that wait for their review' }, of: 'login' },
    ...{ weight: 'duty', page: '/system/recertification', table: OPEN, column: 'head', shown: 't.login' },
  },
];
