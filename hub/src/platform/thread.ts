import { Worker } from 'node:worker_threads';

/**
 * Starts a worker thread on a TypeScript module. The loader is registered inside the thread, since what the process was
 * started with (`--import tsx`, or a test runner's own transformation) does not reach it.
 * @param module URL of the module: `new URL('./x-worker.ts', import.meta.url)`
 * @param workerData structured-cloned into the thread's `workerData`
 */
export function startThread(module: URL, workerData: unknown): Worker {
  return new Worker(new URL('./thread-boot.mjs', import.meta.url), { argv: [module.href], workerData, execArgv: [] });
}
