/** What people and organisations hold at the gateway. */
import type { HoldingKind } from '../platform/people/index.ts';

/** What people and organisations hold here (platform/people). Examples are numbers and codes: administrators read them. */
export const gatewayHoldings: readonly HoldingKind[] = [
  {
    kind: 'gateway.client',
    title: { zh: '数据服务客户端', en: 'Clients of data services' },
    of: 'organisation',
    weight: 'name',
    page: '/gateway/clients',
    table: 'gateway.client',
    column: 'organisation',
    where: "t.state <> 'ended'",
    shown: 't.id',
  },
  {
    kind: 'gateway.secret',
    title: { zh: '经手的接口密钥，须更换', en: 'Secrets that they made, to be exchanged' },
    of: 'login',
    weight: 'key',
    page: '/gateway/clients',
    table: 'gateway.secret',
    column: 'created_by',
    where: 't.ended_at IS NULL',
    shown: 't.client',
  },
];
