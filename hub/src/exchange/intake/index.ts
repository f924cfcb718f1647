/** Runs the reading of a delivery on a thread of its own. */
import { startThread } from '../../platform/thread.ts';
import { type IntakeNews, type IntakePlan, type IntakeRefusal, type IntakeResult, Refused } from './plan.ts';

export * from './plan.ts';

/** A reading under way. Parts are announced as they are finished, in order. */
export interface Intake {
  result: Promise<IntakeResult>;
  /** Ends the thread; `result` rejects. */
  stop(): void;
}

type Message = IntakeNews | { kind: 'result'; result: IntakeResult } | { kind: 'refused'; refusal: IntakeRefusal };

/** Starts reading. A delivery that must be refused rejects with `Refused`. */
export function startIntake(plan: IntakePlan, onNews: (news: IntakeNews) => void): Intake {
  const thread = startThread(new URL('./worker.ts', import.meta.url), plan);
  const result = new Promise<IntakeResult>((resolve, reject) => {
    thread.on('message', (message: Message) => {
      if (message.kind === 'result') resolve(message.result);
      else if (message.kind === 'refused') reject(new Refused(message.refusal));
      else onNews(message);
    });
    thread.on('error', reject);
    thread.on('exit', (code) => reject(new Error(`the reading thread ended with ${code}`)));
  });
  result.catch(() => undefined);
  return { result, stop: () => void thread.terminate() };
}
