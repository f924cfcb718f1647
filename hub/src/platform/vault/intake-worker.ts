/** The thread that takes many values in; see IntakeThread. */
import { parentPort, workerData } from 'node:worker_threads';
import { Intake, type IntakeKeys, type IntakeRequest } from './intake.ts';

const intake = new Intake(workerData as IntakeKeys);

parentPort?.on('message', ({ id, request }: { id: number; request: IntakeRequest }) => {
  try {
    parentPort?.postMessage({ id, columns: intake.run(request) });
  } catch (error) {
    parentPort?.postMessage({ id, error: String((error as Error).stack ?? error) });
  }
});
