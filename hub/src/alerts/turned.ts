/** Alerts when store and lake were found of different moments: what rules know stands in a file, alerts in the store. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deps, TurnStep } from '../platform/room.ts';

/** Rules begin anew: what holds now opens its alert again, what does not settles those that are open. */
export async function alertsTurned({ folders }: Pick<Deps, 'folders'>): Promise<TurnStep[]> {
  const file = join(folders.data, 'alerts', 'state.bin');
  const there = existsSync(file);
  await rm(file, { force: true });
  return [
    {
      ...{ id: 'rules', count: there ? 1 : 0, left: false },
      text: {
        zh: '预警规则从现在的读数重新开始判断；两个时刻之间开始又结束的预警不再补记',
        en: 'rules of warning begin anew with the readings of now; alerts that began and ended between the two moments are not written again',
      },
    },
  ];
}
