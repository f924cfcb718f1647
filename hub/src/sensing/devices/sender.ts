/** A device gateway as the door sees it. */
import type { Sender } from '../intake/door.ts';
import type { Gateway } from './gateways.ts';

export const senderOf = (gateway: Gateway): Sender => ({
  ...{ id: gateway.row.id, owner: gateway.row.owner, auto: gateway.row.auto },
  may: (series) => gateway.may(series),
  mayWrite: (entity) => gateway.mayWrite(entity),
  take: (n, now) => gateway.take(n, now),
});
