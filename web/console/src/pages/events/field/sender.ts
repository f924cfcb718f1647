/**
 * Sends what waits in the field: pictures first, each under its id, then the operation under its key, in order, from one page at a time. An
 * operation leaves the phone only by the hub's answer to its own key; sent twice it is done once.
 */
import { type Answer, ApiProblem, api } from '../../../api/client.ts';
import { after, endsRound, nextStep, type Outcome, outcomeOf, type QueueFault } from '../../forms/offline/queue.ts';
import { sendPicture } from '../picture-input.tsx';
import type { Waiting } from './model.ts';
import type { FieldStore } from './store.ts';

/** How a round ended: all that could be is sent, nobody could be reached, nobody is signed in, another page is sending. */
export interface RoundEnd {
  sent: number;
  why: 'done' | 'unreachable' | 'signed-out' | 'elsewhere';
  next: number | null;
}

type Result = Answer<'/api/v1/events/operations', 'post'>['results'][number];
/** Longer than this without an answer is no answer. */
const PATIENCE = 45_000;

/** A failed call as the queue knows it. What is not the hub's word counts as nobody reached. */
function failed(error: unknown): Outcome {
  if (!(error instanceof ApiProblem)) return { kind: 'unreachable' };
  const { code, status, title } = error.body;
  return outcomeOf(status, { code, zh: title.zh, en: title.en });
}

/** What the hub's word on an operation means for the queue. */
export function meant(result: Pick<Result, 'outcome' | 'code' | 'message'> | undefined): Outcome {
  if (!result) return { kind: 'unreachable' };
  if (result.outcome === 'done') return { kind: 'kept' };
  const fault: QueueFault = {
    code: result.code ?? 'events.refused',
    zh: result.message?.zh ?? '',
    en: result.message?.en ?? '',
  };
  return { kind: 'refused', fault };
}

async function sendOne(store: FieldStore, waiting: Waiting, tell: (done: number) => void): Promise<Outcome> {
  try {
    for (const [i, id] of waiting.pictures.entries()) {
      tell(i);
      const held = await store.picture(id);
      if (!held || held.facts.arrived) continue;
      await sendPicture(id, held.facts.kind, new Blob([held.content], { type: 'image/jpeg' }));
      await store.arrived(id);
    }
    tell(waiting.pictures.length);
    const { results } = await api.post('/api/v1/events/operations', {
      body: { operations: [waiting.operation] },
      signal: AbortSignal.timeout(PATIENCE),
    });
    const result = results.find((r) => r.key === waiting.id);
    const outcome = meant(result);
    if (outcome.kind === 'kept' && result)
      await store.settle(
        waiting.id,
        {
          ...{ key: waiting.id, caption: waiting.caption, at: waiting.at, keptAt: new Date().toISOString() },
          ...{ number: result.number, event: result.event, state: result.state, joined: result.joined },
        },
        waiting.pictures,
      );
    return outcome;
  } catch (error) {
    return failed(error);
  }
}

async function round(
  store: FieldStore,
  onProgress: (at: { key: string; done: number; all: number } | null) => void,
  onChange: () => void,
): Promise<RoundEnd> {
  await store.recover();
  let sent = 0;
  for (;;) {
    const waiting = await store.waiting();
    const step = nextStep(waiting, Date.now());
    if (step.do === 'rest') return { sent, why: 'done', next: null };
    if (step.do === 'wait') return { sent, why: 'done', next: step.until };
    const one = waiting.find((w) => w.id === step.item.id)!;
    const { operation: _o, caption: _c, at: _a, pictures, draft: _d, ...item } = one;
    await store.mark({ ...item, standing: 'sending' });
    onChange();
    const outcome = await sendOne(store, one, (done) => onProgress({ key: one.id, done, all: pictures.length }));
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
  store: FieldStore,
  onProgress: Parameters<typeof round>[1],
  onChange: () => void,
): Promise<RoundEnd> {
  if (!navigator.locks) return round(store, onProgress, onChange);
  return navigator.locks.request('jingwei-field-send', { ifAvailable: true }, async (lock) =>
    lock ? round(store, onProgress, onChange) : { sent: 0, why: 'elsewhere' as const, next: null },
  );
}
