import { expect, test, vi } from 'vitest';
import { Repeated } from './repeat.ts';

test('looks that last long do not pile up, what is asked for meanwhile is done once more, a fault is told', async () => {
  vi.useFakeTimers();
  const faults: unknown[] = [];
  let begun = 0;
  let end = () => {};
  const repeated = new Repeated(
    () => {
      begun++;
      return new Promise<void>((resolve, reject) => {
        end = begun === 2 ? () => reject(new Error('second')) : resolve;
      });
    },
    (error) => faults.push((error as Error).message),
  );
  repeated.start(1000);
  await vi.advanceTimersByTimeAsync(10_500);
  expect(begun).toBe(1);
  const [a, b] = [repeated.look(), repeated.look()];
  end();
  await vi.advanceTimersByTimeAsync(0);
  expect(begun).toBe(2);
  end();
  await Promise.all([a, b]);
  expect([begun, faults]).toEqual([2, ['second']]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(begun).toBe(3);
  // Asked for while the third goes on: stopping waits for the third alone.
  const asked = repeated.look();
  const stopped = repeated.stop();
  end();
  await Promise.all([asked, stopped]);
  await vi.advanceTimersByTimeAsync(5000);
  await repeated.look();
  expect(begun).toBe(3);
  vi.useRealTimers();
});
