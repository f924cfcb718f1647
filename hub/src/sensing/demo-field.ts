/** What the demonstration's simulated field needs of sensing at the hub's start, before anybody has signed in: its sensors, its gateway's key, its history. */
import { sql } from 'kysely';
import type { Deps } from '../platform/room.ts';
import { hashOf, newKey } from './devices/gateways.ts';
import type { Answer, Sender } from './intake/door.ts';
import type { EntityInput } from './registry/store.ts';
import { SensingRoom } from './room.ts';
import { sensingOf } from './service.ts';
import { type CameraInput, putCameras } from './video/cameras.ts';

export type { EntityInput } from './registry/store.ts';
export type { CameraInput } from './video/cameras.ts';

/** A gateway as the demonstration makes it. */
export interface DemoGateway {
  id: string;
  title: string;
  owner: string;
  scope: readonly string[];
  perSecond: number;
}

/** The doors of the simulated field. */
export interface FieldDoor {
  /** Registers entities or changes them. Problem `sensing.entity`. */
  register(entities: readonly EntityInput[]): Promise<{ made: number; changed: number }>;
  /** Enters cameras into the directory, or changes them. Problem `sensing.camera`. */
  cameras(cameras: readonly CameraInput[]): Promise<void>;
  /** Makes the gateway where it is missing and gives it a new key; the keys before it end. The key is kept nowhere but as its hash. */
  key(gateway: DemoGateway): Promise<string>;
  /** Takes a batch of the history (JSON columns) as from a file; on disk when it resolves. */
  bulk(batch: string): Promise<Answer>;
}

/** The sender of the history: it may write what the demonstration registered. */
const history: Sender = {
  ...{ id: 'file', owner: null, auto: false },
  may: () => true,
  mayWrite: () => true,
  take: () => 0,
};

/** The doors, of a hub whose sensing has made its routes; nothing but the demonstration may use them. Throws where the hub has no sensing. */
export function demoField(deps: Deps): FieldDoor {
  if (!deps.config.demo.enabled) throw new Error('only a demonstration has a simulated field');
  const room = sensingOf(deps.lake);
  if (!(room instanceof SensingRoom)) throw new Error('this hub has no sensing');
  return {
    async register(entities) {
      let [made, changed] = [0, 0];
      for (let i = 0; i < entities.length; i += 500) {
        const done = await room.registry.register(entities.slice(i, i + 500), 'demo-field');
        made += done.made;
        changed += done.changed;
      }
      return { made, changed };
    },
    cameras: (cameras) => deps.db.tx((trx) => putCameras(trx, cameras, room.secrets, deps.clock.now())),
    async key(gateway) {
      const key = newKey();
      const at = deps.clock.now();
      const scope = JSON.stringify(gateway.scope);
      await deps.db.tx(async (trx) => {
        await sql`INSERT INTO sensing.gateway (id, title, owner, scope, auto, per_second, state, created_by, created_at)
          VALUES (${gateway.id}, ${gateway.title}, ${gateway.owner}, ${scope}::jsonb, false, ${gateway.perSecond}, 'active', 'demo', ${at})
          ON CONFLICT (id) DO NOTHING`.execute(trx);
        await sql`UPDATE sensing.gateway_key SET ended_at = ${at} WHERE gateway = ${gateway.id} AND ended_at IS NULL`.execute(
          trx,
        );
        await sql`INSERT INTO sensing.gateway_key (gateway, hash, hint, created_by, created_at)
          VALUES (${gateway.id}, ${hashOf(key)}, ${key.slice(-4)}, 'demo', ${at})`.execute(trx);
        await deps.audit.append(
          {
            actor: null,
            action: 'sensing.gateway.key',
            object: `gateway/${gateway.id}`,
            outcome: 'ok',
            detail: { demo: true },
          },
          trx,
        );
      });
      await room.gateways.load();
      return key;
    },
    bulk: (batch) => room.door.take(history, 'json', batch, { bulk: true }),
  };
}
