/** The rooms of this hub, in the order in which they may know each other (ARCHITECTURE.md). */

import { alertsRoom } from './alerts/index.ts';
import { archivesRoom } from './archives/index.ts';
import { assessmentRoom } from './assessment/index.ts';
import { catalogueOf, catalogueRoom } from './catalogue/index.ts';
import { cockpitsRoom } from './cockpits/index.ts';
import { commandRoom } from './command/index.ts';
import { creditRoom } from './credit/index.ts';
import { demoRoom } from './demo.ts';
import { demoEventsRoom } from './demo-events.ts';
import { demoLiveRoom } from './demo-live.ts';
import { erasureRoom } from './erasure/index.ts';
import { eventsRoom } from './events/index.ts';
import { exchangeRoom, proofOfRow } from './exchange/index.ts';
import { formsRoom } from './forms/index.ts';
import { gatewayRoom } from './gateway/index.ts';
import { room as librariesRoom } from './libraries/index.ts';
import { mapRoom } from './map/index.ts';
import { peersRoom } from './peers/index.ts';
import type { Lake } from './platform/lake/index.ts';
import type { RoomModule } from './platform/room.ts';
import { publishingRoom } from './publishing/index.ts';
import { room as refineryRoom } from './refinery/index.ts';
import { riskRoom } from './risk/index.ts';
import { sensingRoom } from './sensing/index.ts';
import { sharingRoom } from './sharing/index.ts';
import { subscriptionsRoom } from './subscriptions/index.ts';
import { workbenchRoom } from './workbench/index.ts';

/** The leaf of a received row, as the exchange keeps it. */
const leafOf = (lake: Lake) => async (_source: string, run: number, row: number) => {
  const proof = await proofOfRow(lake, (id) => catalogueOf(lake).sources.get(id)?.declaration, run, row);
  return new Uint8Array(Buffer.from(proof.leaf, 'hex'));
};

/** Makes every room; app.ts composes them in this order and stops them in the opposite one. */
export function allRooms(): RoomModule[] {
  const rooms: RoomModule[] = [
    catalogueRoom(),
    exchangeRoom(),
    refineryRoom(),
    librariesRoom(),
    creditRoom({ leafOf }),
    archivesRoom(),
    formsRoom(),
    sharingRoom(),
    gatewayRoom(),
    subscriptionsRoom(),
    publishingRoom(),
    peersRoom(),
    mapRoom(),
    sensingRoom(),
    alertsRoom(),
    riskRoom(),
    eventsRoom(),
    commandRoom(),
    assessmentRoom(),
    cockpitsRoom(),
    workbenchRoom(),
    erasureRoom(() => rooms),
    demoRoom(),
    demoLiveRoom(),
    demoEventsRoom(),
  ];
  return rooms;
}
