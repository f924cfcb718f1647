/** The thread in which a rehearsal restores. */
import { parentPort, workerData } from 'node:worker_threads';
import { Problem } from '../problem.ts';
import { io } from './problems.ts';
import { type RestoreRequest, restoreFiles } from './restore.ts';

try {
  parentPort!.postMessage({ manifest: { ...restoreFiles(workerData as RestoreRequest), files: [] } });
} catch (error) {
  const problem = error instanceof Problem ? error : new Problem(io, { message: (error as Error).message });
  const { code, title } = problem.toJSON();
  parentPort!.postMessage({ problem: { code, ...title } });
}
