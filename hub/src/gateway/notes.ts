/** Refusals of note and acts of clients in the audit: one entry a minute for the same thing, with how often it happened, so that nobody can flood it. */
import type { Deps } from '../platform/room.ts';

/** What is noted. */
export interface Note {
  action: string;
  client: string;
  outcome: 'ok' | 'refused';
  detail: Record<string, unknown>;
}

const MINUTE = 60_000;
const MOST = 5000;

export class Notes {
  readonly #deps: Pick<Deps, 'audit' | 'clock' | 'log'>;
  readonly #told = new Map<string, { at: number; more: number }>();
  #work: Promise<void> = Promise.resolve();

  constructor(deps: Pick<Deps, 'audit' | 'clock' | 'log'>) {
    this.#deps = deps;
  }

  /** Notes something; the same within a minute is counted and told with the next. */
  add(note: Note): void {
    const now = this.#deps.clock.now();
    const name = `${note.action} ${note.client.slice(0, 64)} ${String(note.detail.why ?? '')} ${String(note.detail.share ?? '')}`;
    const told = this.#told.get(name);
    if (note.outcome === 'refused' && told && now.getTime() - told.at < MINUTE) {
      told.more += 1;
      return;
    }
    // Strangers may invent names: what is remembered of them is bounded, the oldest goes first.
    if (this.#told.size >= MOST) this.#told.delete(this.#told.keys().next().value!);
    this.#told.delete(name);
    this.#told.set(name, { at: now.getTime(), more: 0 });
    const repeated = told?.more ? { repeated: told.more } : {};
    const entry = {
      ...{ at: now, actor: null, action: note.action, outcome: note.outcome },
      object: `gateway-client/${note.client.slice(0, 64) || 'unknown'}`,
      detail: { ...note.detail, ...repeated },
    };
    this.#work = this.#work
      .then(() => this.#deps.audit.append(entry))
      .catch((err: unknown) => this.#deps.log.error({ err }, 'a note of the gateway could not be kept'));
  }

  /** When everything noted is on disk. */
  settled(): Promise<void> {
    return this.#work;
  }
}
