/** The thread in which the moment of a backup is put aside: as urgent as the hub, since commits wait for it. */
import { parentPort } from 'node:worker_threads';
import { type Copied, type Staged, stageFiles, stageLake, stagePg } from './stage.ts';

/** What of a data folder is put aside. `pg`: the embedded store's folder and its first copy. */
export interface MomentRequest {
  data: string;
  keys: string | undefined;
  aside: string;
  lake: string;
  pg: { folder: string; copied: Copied } | undefined;
}

/** What was put aside, and the milliseconds that it took. */
export interface MomentAnswer {
  files?: Staged[];
  lakeFiles?: Staged[];
  took?: number;
  error?: string;
}

parentPort!.on('message', ({ data, keys, aside, lake, pg }: MomentRequest) => {
  const from = performance.now();
  let answer: MomentAnswer;
  try {
    const files = stageFiles(data, keys, aside);
    if (pg) stagePg(pg.folder, aside, pg.copied);
    answer = { files, lakeFiles: stageLake(lake), took: performance.now() - from };
  } catch (error) {
    answer = { error: (error as Error).message };
  }
  parentPort!.postMessage(answer);
});
parentPort!.postMessage({});
