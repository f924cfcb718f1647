/** A way out of the hub: one message for one person, and what became of a try. */
import type { Bilingual } from '../../i18n/index.ts';
import { Problem, type ProblemKind } from '../../problem.ts';

/** What a message says. A digest has items; what it is about otherwise is one link. */
export interface Content {
  title: Bilingual;
  text: Bilingual;
  /** A path of the console. */
  link: string;
  urgency: string;
  kind: string;
  items?: { title: Bilingual; link: string; at: string }[];
}

/** A message on its way. */
export interface Outgoing {
  /** The same for every try: Message-ID of mail, Idempotency-Key of webhooks. */
  id: string;
  to: string;
  content: Content;
  /** What precedes paths: the hub's public address. */
  base: string;
  at: Date;
  /** Awaited right before the receiver can take the message: from then on a lost answer leaves it open whether it did. */
  handing(): Promise<void>;
}

/** What became of a try. `final`: trying again is of no use. `rest`: nobody else would get through now. */
export type Outcome =
  | { state: 'sent' }
  | { state: 'failed'; problem: StoredProblem; final: boolean; rest: boolean; uncertain: boolean; wait: number | null };

/** A problem as it is kept: its code and its sentences. */
export interface StoredProblem {
  code: string;
  title: Bilingual;
}

export const stored = (kind: ProblemKind, params: Record<string, unknown> = {}): StoredProblem => {
  const { code, title } = new Problem(kind, params).toJSON();
  return { code, title };
};

/** A try that did not arrive. */
export const failed = (
  kind: ProblemKind,
  more: {
    params?: Record<string, unknown>;
    final?: boolean;
    rest?: boolean;
    uncertain?: boolean;
    wait?: number | null;
  } = {},
): Outcome => ({
  ...{ state: 'failed', problem: stored(kind, more.params), final: more.final ?? false, rest: more.rest ?? false },
  ...{ uncertain: more.uncertain ?? false, wait: more.wait ?? null },
});

/** What a person's address on a channel is: e-mail address, telephone number, or a name at the work chat. */
export type AddressKind = 'mail' | 'phone' | 'handle';

/** A channel that is open. */
export interface Channel {
  name: string;
  title: Bilingual;
  address: AddressKind;
  /** Messages a minute at most, and at once. */
  perMinute: number;
  concurrency: number;
  send(message: Outgoing): Promise<Outcome>;
  /** Ends connections that are kept open. */
  close(): Promise<void>;
}
