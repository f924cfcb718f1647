/** Sends what waits, in order, from one page at a time (Web Locks), until nothing more may be sent now; says when to try again. */
import { sendFile, sendOperation } from './hub.ts';
import type { Waiting } from './model.ts';
import { after, endsRound, nextStep, type Outcome } from './queue.ts';
import type { CollectStore } from './store.ts';

/** What is being sent at this moment. */
export interface Progress {
  key: string;
  /** Files that arrived, and all that go with the record. */
  files: { arrived: number; all: number };
}

export interface RoundEnd {
  sent: number;
  /** How it ended: all that could be is sent, nobody could be reached, or nobody is signed in. */
  why: 'done' | 'unreachable' | 'signed-out' | 'elsewhere';
  /** When something that waits is due (ms since 1970). */
  next: number | null;
}

/** Ids of files that stand in values (also in rows of sub-tables). */
export function fileIdsIn(values: unknown): string[] {
  if (Array.isArray(values)) return values.flatMap(fileIdsIn);
  if (values === null || typeof values !== 'object') return [];
  const one = values as { id?: unknown; bytes?: unknown; type?: unknown };
  if (typeof one.id === 'string' && (one.bytes !== undefined || one.type !== undefined)) return [one.id];
  return Object.values(values).flatMap(fileIdsIn);
}

async function sendOne(
  store: CollectStore,
  device: string,
  waiting: Waiting,
  onProgress: (progress: Progress) => void,
): Promise<Outcome> {
  const { operation } = waiting;
  const wanted = new Set(fileIdsIn(operation.values));
  const files = (await store.filesOf(operation.record)).filter((file) => wanted.has(file.id));
  let arrived = files.filter((file) => file.arrived).length;
  const tell = () => onProgress({ key: operation.key, files: { arrived, all: files.length } });
  tell();
  for (const { id, arrived: there } of files) {
    if (there) continue;
    const file = await store.file(id);
    if (!file) continue;
    const outcome = await sendFile(file.facts, file.content, tell);
    if (outcome.kind !== 'kept') return outcome;
    await store.markArrived(id);
    arrived += 1;
    tell();
  }
  const { outcome, result } = await sendOperation(device, operation);
  if (outcome.kind === 'kept') {
    await store.settle(operation.key, {
      key: operation.key,
      record: operation.record,
      form: operation.form,
      caption: operation.caption,
      at: operation.at,
      keptAt: new Date().toISOString(),
      revision: result?.revision ?? null,
      state: result?.state ?? null,
    });
  } else if (result?.revision != null) {
    // The hub has a revision of it: what is mended goes on from that one.
    await store.rebase(operation.key, result.revision);
  }
  return outcome;
}

async function round(
  store: CollectStore,
  onProgress: (progress: Progress | null) => void,
  onChange: () => void,
): Promise<RoundEnd> {
  await store.recover();
  const device = await store.device();
  let sent = 0;
  for (;;) {
    const waiting = await store.waiting();
    const step = nextStep(waiting, Date.now());
    if (step.do === 'rest') return { sent, why: 'done', next: null };
    if (step.do === 'wait') return { sent, why: 'done', next: step.until };
    const one = waiting.find((w) => w.id === step.item.id)!;
    const { operation: _operation, ...item } = one;
    await store.mark({ ...item, standing: 'sending' });
    onChange();
    const outcome = await sendOne(store, device, one, onProgress);
    const next = after(item, outcome, Date.now());
    if (next) await store.mark(next);
    else sent += 1;
    onProgress(null);
    onChange();
    if (endsRound(outcome)) return { sent, why: outcome.kind as 'unreachable' | 'signed-out', next: null };
  }
}

/** One round; another page of this browser that sends already is left to it. */
export async function sendAll(
  store: CollectStore,
  onProgress: (progress: Progress | null) => void,
  onChange: () => void,
): Promise<RoundEnd> {
  if (!navigator.locks) return round(store, onProgress, onChange);
  return navigator.locks.request('jingwei-collect-send', { ifAvailable: true }, async (lock) =>
    lock ? round(store, onProgress, onChange) : { sent: 0, why: 'elsewhere' as const, next: null },
  );
}
