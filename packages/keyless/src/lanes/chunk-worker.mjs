/** A thread that joins chunks of leaves for `TreeThreads`. */
import { parentPort, workerData } from 'node:worker_threads';
import { chunkMemory, joinChunks } from './chunk.mjs';

const memory = chunkMemory(workerData.module, workerData.chunk);
parentPort.on('message', (job) => {
  joinChunks(job, memory);
  parentPort.postMessage('done');
});
