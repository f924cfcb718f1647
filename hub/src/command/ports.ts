/** What the room of command stands on. */
import type { Principal } from '../platform/auth/principal.ts';
import { Problem } from '../platform/problem.ts';
import type { Deps } from '../platform/room.ts';
import * as k from './problems.ts';
import type { Both } from './pure/index.ts';
import type { Seats } from './seats.ts';

export interface CommandDeps
  extends Pick<
    Deps,
    'db' | 'lake' | 'clock' | 'audit' | 'blobs' | 'seal' | 'log' | 'vault' | 'bus' | 'http' | 'notices'
  > {
  city: string;
  /** Folder of declared plans. */
  plans: string;
  /** The city's name, for documents. */
  cityName: Both;
  /** Organisations of the city. */
  organisations(): ReadonlyMap<string, { id: string; name: Both }>;
  /** Told of new entries of a log. */
  seats: Seats;
  /** Mistakes of declared plans, as they were found at the start. */
  faults: Problem[];
}

/** Who acts, as logs name them: their name and organisation. The hub itself is `system`. */
export interface Actor {
  name: string;
  login: string | null;
  organisation: string | null;
}
export const actorOf = (p: Principal): Actor => ({ name: p.name, login: p.login, organisation: p.organisation });
/** The hub itself, for what follows by itself. */
export const system: Actor = { name: 'system', login: null, organisation: null };

/** An organisation's name; its id where it is not known any more. */
export const nameOf = (deps: Pick<CommandDeps, 'organisations'>, id: string): Both =>
  deps.organisations().get(id)?.name ?? { zh: id, en: id };

/** Refuses organisations that the city has not. Problem `command.organisation.unknown`. */
export function mustKnow(deps: Pick<CommandDeps, 'organisations'>, ids: readonly string[]): void {
  for (const id of ids) if (!deps.organisations().has(id)) throw new Problem(k.organisationUnknown, { id });
}

/** A text in both languages from a person who wrote one. */
export const same = (text: string): Both => ({ zh: text, en: text });
