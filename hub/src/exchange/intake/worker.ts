/** The reading thread: reads one delivery into the hand-over and says what came of it. */
import { parentPort, workerData } from 'node:worker_threads';
import { type IntakePlan, Refused } from './plan.ts';
import { readDelivery } from './read.ts';

const port = parentPort!;
try {
  const result = await readDelivery(workerData as IntakePlan, (news) => port.postMessage(news));
  port.postMessage({ kind: 'result', result });
} catch (error) {
  if (error instanceof Refused) port.postMessage({ kind: 'refused', refusal: error.refusal });
  else throw error;
}
