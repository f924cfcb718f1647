/** Data services when the store was put back: what was withdrawn since must not open anything by an old token. */
import type { Deps, TurnStep } from '../platform/room.ts';

/** All access tokens end; clients ask for new ones. */
export async function gatewayTurned({ db }: Pick<Deps, 'db'>): Promise<TurnStep[]> {
  const rows = await db.query('DELETE FROM gateway.token RETURNING client');
  return [
    {
      ...{ id: 'tokens', count: rows.length, left: false },
      text: {
        zh: '数据服务的访问令牌全部作废，客户端须重新申请',
        en: 'all access tokens of data services ended: clients ask for new ones',
      },
    },
  ];
}
