/**
 * What waits on the phone to be sent, and what may be done next: pure, so that every way it can go is tested without a browser. A record leaves the
 * queue only when the hub has answered that it keeps it. Sent in the order of handing in; two hand-ins of one record never overtake each other; what
 * the hub refuses waits for a person and does not hold up others.
 */

/** Where a record in the queue stands. */
export type Standing = 'waiting' | 'sending' | 'refused' | 'conflict';

/** What went wrong last, in both languages, with a stable code. */
export interface QueueFault {
  code: string;
  zh: string;
  en: string;
  /** Fields that it concerns. */
  fields?: { at: string; zh: string; en: string }[];
}

/** One record that waits. `subject` is what it writes to: two items of one subject keep their order. */
export interface QueueItem {
  id: string;
  subject: string;
  /** Order of handing in on this phone. */
  seq: number;
  standing: Standing;
  /** Times that the hub was reached and could not take it. */
  attempts: number;
  /** Not before this instant (ms since 1970). */
  notBefore: number;
  fault?: QueueFault;
}

/** How an attempt to send ended. */
export type Outcome =
  | { kind: 'kept' }
  | { kind: 'unreachable' }
  | { kind: 'signed-out' }
  | { kind: 'busy'; fault: QueueFault; retryAfter?: number }
  | { kind: 'refused'; fault: QueueFault }
  | { kind: 'conflict'; fault: QueueFault };

/** What to do next. */
export type Step = { do: 'send'; item: QueueItem } | { do: 'wait'; until: number } | { do: 'rest' };

const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 5 * 60_000;

/** How long after the n-th vain attempt (from 1): 2 s, 4 s, … at most five minutes. */
export function backoff(attempts: number): number {
  return Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.max(0, attempts - 1));
}

/** After a start nothing is being sent: what was is sent again, with the same key, so that the hub takes it once. */
export function recovered(items: readonly QueueItem[]): QueueItem[] {
  return items.map((item) => (item.standing === 'sending' ? { ...item, standing: 'waiting' } : item));
}

/** The next step at an instant. */
export function nextStep(items: readonly QueueItem[], now: number): Step {
  const inOrder = [...items].sort((a, b) => a.seq - b.seq);
  if (inOrder.some((item) => item.standing === 'sending')) return { do: 'rest' };
  const held = new Set<string>();
  let until = Number.POSITIVE_INFINITY;
  for (const item of inOrder) {
    if (held.has(item.subject)) continue;
    // A later hand-in of the same record waits for the earlier one, whatever that waits for.
    held.add(item.subject);
    if (item.standing !== 'waiting') continue;
    if (item.notBefore <= now) return { do: 'send', item };
    until = Math.min(until, item.notBefore);
  }
  return until === Number.POSITIVE_INFINITY ? { do: 'rest' } : { do: 'wait', until };
}

/** The item after an attempt; null: the hub keeps it, the phone need not. */
export function after(item: QueueItem, outcome: Outcome, now: number): QueueItem | null {
  const { fault: _fault, ...bare } = item;
  switch (outcome.kind) {
    case 'kept':
      return null;
    case 'unreachable':
    case 'signed-out':
      // Not the record's fault: it is not counted against it.
      return { ...bare, standing: 'waiting' };
    case 'busy': {
      const attempts = item.attempts + 1;
      const wait = Math.max(backoff(attempts), outcome.retryAfter ?? 0);
      return { ...bare, standing: 'waiting', attempts, notBefore: now + wait, fault: outcome.fault };
    }
    case 'refused':
      return { ...bare, standing: 'refused', attempts: item.attempts + 1, fault: outcome.fault };
    case 'conflict':
      return { ...bare, standing: 'conflict', attempts: item.attempts + 1, fault: outcome.fault };
  }
}

/** Whether the whole round ends: nobody can be reached, or nobody is signed in. */
export function endsRound(outcome: Outcome): boolean {
  return outcome.kind === 'unreachable' || outcome.kind === 'signed-out';
}

/** "Try again" by hand: everything that merely waits is due at once; what a person must mend stays. */
export function hurried(items: readonly QueueItem[]): QueueItem[] {
  return items.map((item) => (item.standing === 'waiting' ? { ...item, notBefore: 0 } : item));
}

/** What an answer's status means for the queue; 0: no answer at all. `retryAfter` in seconds, as the header says. */
export function outcomeOf(status: number, fault: QueueFault, retryAfter?: number): Outcome {
  if (status >= 200 && status < 300) return { kind: 'kept' };
  if (status === 0) return { kind: 'unreachable' };
  if (status === 401) return { kind: 'signed-out' };
  if (status === 409 || status === 412) return { kind: 'conflict', fault };
  if (status === 408 || status === 425 || status === 429 || status >= 500)
    return { kind: 'busy', fault, ...(retryAfter ? { retryAfter: retryAfter * 1000 } : {}) };
  return { kind: 'refused', fault };
}
