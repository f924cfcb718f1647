/** Fingerprints in a worker where the browser allows one to a page from a file, else here in pieces that keep the page alive. */
import HashWorker from './hash-worker.ts?worker&inline';
import { fingerprintPieces } from './pieces.ts';

/** One computation. */
export interface Fingerprint {
  imprint: Promise<Uint8Array>;
  stop(): void;
}

/** Thrown where it was stopped. */
export class Stopped extends Error {}

/** Begins the fingerprint of a file. */
export function fingerprint(file: Blob, algorithm: number, progress: (done: number) => void): Fingerprint {
  let stopped: (() => void) | undefined;
  const stop = new Promise<never>((_, reject) => {
    stopped = () => reject(new Stopped('stopped'));
  });
  let worker: Worker | undefined;
  const inWorker = new Promise<Uint8Array>((resolve, reject) => {
    worker = new HashWorker();
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error('no worker'));
    };
    worker.onmessage = ({ data }: MessageEvent<{ done?: number; imprint?: Uint8Array; error?: string }>) => {
      if (data.done !== undefined) progress(data.done);
      else if (data.imprint) resolve(data.imprint);
      else reject(new Error(data.error));
    };
    worker.postMessage({ file, algorithm });
  });
  let ended = false;
  const here = () =>
    fingerprintPieces(file, algorithm, (done) => {
      if (ended) throw new Stopped('stopped');
      progress(done);
    });
  const imprint = Promise.race([inWorker.catch(here), stop]).finally(() => {
    ended = true;
    worker?.terminate();
  });
  return { imprint, stop: () => stopped?.() };
}
