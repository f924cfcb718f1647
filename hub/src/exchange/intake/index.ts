/** Runs the reading of deliveries on threads of their own, which are kept for the next ones. */
import type { Worker } from 'node:worker_threads';
import { startThread } from '../../platform/thread.ts';
import { type IntakeNews, type IntakePlan, type IntakeRefusal, type IntakeResult, Refused } from './plan.ts';

export * from './plan.ts';

/** A reading under way. Parts are announced as they are finished, in order. */
export interface Intake {
  result: Promise<IntakeResult>;
  /** Ends the reading at once; `result` rejects unless it is done already. */
  stop(): void;
}

type Message =
  | IntakeNews
  | { kind: 'result'; result: IntakeResult }
  | { kind: 'refused'; refusal: IntakeRefusal }
  | { kind: 'failed'; error: Error };

/** Threads that wait for work. Starting one costs about half a second of loading, more than most deliveries take. */
const idle: Worker[] = [];
const MOST_IDLE = 2;

function thread(): Worker {
  for (let held = idle.pop(); held; held = idle.pop()) if (held.threadId > 0) return held;
  // A thread that ends while it waits is noticed when it is next wanted.
  return startThread(new URL('./worker.ts', import.meta.url), null).on('error', () => undefined);
}

function keep(worker: Worker): void {
  if (idle.length >= MOST_IDLE) {
    void worker.terminate();
    return;
  }
  worker.unref();
  idle.push(worker);
}

/** Starts reading. A delivery that must be refused rejects with `Refused`. */
export function startIntake(plan: IntakePlan, onNews: (news: IntakeNews) => void): Intake {
  const worker = thread();
  worker.ref();
  let done = false;
  const result = new Promise<IntakeResult>((resolve, reject) => {
    const failed = (error: Error) => {
      done = true;
      reject(error);
    };
    const ended = (code: number) => failed(new Error(`the reading thread ended with ${code}`));
    const heard = (message: Message) => {
      if (message.kind === 'progress' || message.kind === 'part') return onNews(message);
      done = true;
      worker.off('message', heard).off('error', failed).off('exit', ended);
      keep(worker);
      if (message.kind === 'result') resolve(message.result);
      else if (message.kind === 'refused') reject(new Refused(message.refusal));
      else reject(message.error);
    };
    worker.on('message', heard).on('error', failed).on('exit', ended);
  });
  result.catch(() => undefined);
  worker.postMessage(plan);
  return {
    result,
    stop: () => {
      if (!done) void worker.terminate();
    },
  };
}
