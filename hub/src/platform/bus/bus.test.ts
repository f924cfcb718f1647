import { expect, test } from 'vitest';
import { Bus, eventKind } from './index.ts';

const counted = eventKind<{ n: number }>('test.counted');

test('every listener hears an event, and a failing one disturbs nobody', async () => {
  const failures: string[] = [];
  const bus = new Bus((name, error) => failures.push(`${name}: ${(error as Error).message}`));
  const heard: number[] = [];
  bus.on(counted, () => {
    throw new Error('deaf');
  });
  const off = bus.on(counted, async ({ n }) => void heard.push(n));
  await bus.emit(counted, { n: 1 });
  off();
  await bus.emit(counted, { n: 2 });
  expect(heard).toEqual([1]);
  expect(failures).toEqual(['test.counted: deaf', 'test.counted: deaf']);
});
