/** The thread that holds the search engine: loads the feed, then answers one message after another. */
import { parentPort } from 'node:worker_threads';
import { Engine, type EngineQuery } from './engine.ts';
import { changes, type FeedPart, load } from './feed.ts';
import { SegmentBuilder } from './segment.ts';

/** What may be asked of the worker. */
export type Request =
  | { kind: 'load'; part: FeedPart; data: Uint8Array }
  | { kind: 'finish' }
  | { kind: 'search'; query: EngineQuery }
  | { kind: 'refresh'; entities: number[]; parts: Record<FeedPart, Uint8Array | null> }
  | { kind: 'figures' };

let builder: SegmentBuilder | null = new SegmentBuilder();
let engine: Engine | null = null;

function answer(request: Request): unknown {
  if (request.kind === 'load') {
    if (!builder) throw new Error('the index is built already');
    return load(builder, request.part, request.data);
  }
  if (request.kind === 'finish') {
    if (!builder) throw new Error('the index is built already');
    engine = new Engine(builder.done());
    builder = null;
    return engine.figures;
  }
  if (!engine) throw new Error('the index is not built yet');
  if (request.kind === 'search') return engine.search(request.query);
  if (request.kind === 'refresh') engine.refresh(changes(request.entities, request.parts));
  return engine.figures;
}

parentPort!.on('message', ({ id, request }: { id: number; request: Request }) => {
  try {
    parentPort!.postMessage({ id, value: answer(request) });
  } catch (error) {
    parentPort!.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
