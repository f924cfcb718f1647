import { expect, it } from 'vitest';
import { type Answered, aftermath, killedService } from './kill-testing.ts';
import { newFolder } from './testing.ts';

it('a service that is killed under load keeps every signature that it gave, and no second has two roots', async () => {
  const folder = newFolder();
  const answered: Answered[] = [];
  let first = 1_790_000_000;
  for (const after of [37, 90]) {
    const given = await killedService(folder, first, after);
    expect(given.length).toBeGreaterThan(0);
    answered.push(...given);
    const found = await aftermath(folder, answered, first + 1_000_000);
    expect(found).toMatchObject({ left: [], lost: 0 });
    // The next life begins within the second that was signed last.
    first = found.last;
  }
}, 90_000);
