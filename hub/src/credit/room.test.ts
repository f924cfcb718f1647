import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { integrationFinished } from '../libraries/index.ts';
import { Bus } from '../platform/bus/index.ts';
import { ManualClock } from '../platform/clock.ts';
import { configSchema } from '../platform/config/index.ts';
import type { Lake } from '../platform/lake/index.ts';
import { openDuckDbLake } from '../platform/lake/index.ts';
import { createLogger } from '../platform/log/index.ts';
import type { Deps } from '../platform/room.ts';
import { NotedSeals } from '../platform/seal/testing.ts';
import { defineViews, fixtureLake, insert } from './fixture.ts';
import { creditRoom } from './index.ts';
import { person } from './testing.ts';

const depsOf = (lake: Lake): Deps =>
  ({
    lake,
    clock: new ManualClock(),
    bus: new Bus((_, error) => {
      throw error;
    }),
    config: configSchema.parse({}),
    ...{ seal: new NotedSeals(), folders: { sources: join(tmpdir(), 'none', 'sources') } },
    log: createLogger({ level: 'silent' }),
    audit: { append: async () => undefined },
    vault: { tokenOf: () => '', masks: async () => new Map() },
  }) as unknown as Deps;

/** Asks the room's search. */
async function total(
  room: ReturnType<typeof creditRoom>,
  routes: ReturnType<NonNullable<typeof room.routes>>,
  q: string,
) {
  const route = routes.find((r) => r.path.endsWith('/search') && r.method === 'GET')!;
  const answer = (await route.handler({
    query: route.query!.parse({ q }),
    principal: person('analyst'),
    clock: new ManualClock(),
  } as never)) as { total: number; engine: string };
  return [answer.engine, answer.total];
}

test('the room builds its index at the start and takes in what an integration changed', async () => {
  const lake = await fixtureLake();
  const room = creditRoom();
  try {
    const deps = depsOf(lake);
    const routes = room.routes!(deps);
    await room.start!(deps);
    await room.ready();
    expect(await total(room, routes, '麒麟')).toEqual(['index', 0]);
    const e = { status: '存续', facts: 1, recorded_at: '2026-03-01' };
    await insert(lake, 'legal_person_v1', [{ ...e, entity: 21, name: '慈溪市麒麟一厂' }]);
    await room.refresh([21]);
    expect(await total(room, routes, '麒麟')).toEqual(['index', 1]);
    await insert(lake, 'legal_person_v1', [{ ...e, entity: 22, name: '慈溪市麒麟二厂' }]);
    await deps.bus.emit(integrationFinished, { job: 'j' });
    expect(await total(room, routes, '麒麟')).toEqual(['index', 2]);
  } finally {
    await room.stop!();
    await lake.close();
  }
});

test('an index that could not be built is built by the first integration; until then the lake answers', async () => {
  const lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
  const room = creditRoom();
  try {
    const deps = depsOf(lake);
    const routes = room.routes!(deps);
    await room.start!(deps);
    await room.ready();
    await defineViews(lake);
    expect(await total(room, routes, '公牛')).toEqual(['lake', 0]);
    await insert(lake, 'legal_person_v1', [
      { entity: 1, name: '公牛电器', status: '存续', facts: 1, recorded_at: '2026-03-01' },
    ]);
    await room.refresh(null);
    expect(await total(room, routes, '公牛')).toEqual(['index', 1]);
  } finally {
    await room.stop!();
    await lake.close();
  }
});
