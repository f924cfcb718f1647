/** The reading thread: reads one delivery after another into their hand-overs and says what came of each. */
import { parentPort } from 'node:worker_threads';
import { type IntakePlan, Refused } from './plan.ts';
import { readDelivery } from './read.ts';

const port = parentPort!;
port.on('message', async (plan: IntakePlan) => {
  try {
    const result = await readDelivery(plan, (news) => port.postMessage(news));
    port.postMessage({ kind: 'result', result });
  } catch (error) {
    if (error instanceof Refused) port.postMessage({ kind: 'refused', refusal: error.refusal });
    else port.postMessage({ kind: 'failed', error });
  }
});
