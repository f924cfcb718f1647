/** What the acts and routes of alerts stand on. */
import type { Organisation } from '../catalogue/index.ts';
import type { Problem } from '../platform/problem.ts';
import type { Deps } from '../platform/room.ts';
import type { Sensing } from '../sensing/index.ts';
import type { Issuer, WarningEvent } from './cap/profile.ts';
import type { ChangeKind } from './live/alert.ts';
import type { Evaluator } from './live/evaluator.ts';

export interface AlertPorts
  extends Pick<Deps, 'db' | 'lake' | 'clock' | 'audit' | 'seal' | 'log' | 'bus' | 'http' | 'notices'> {
  city: string;
  /** Who issues warnings of the city; null where nobody is registered. */
  issuer: Issuer | null;
  events: readonly WarningEvent[];
  organisations(): readonly Organisation[];
  /** Mistakes of declared rules. */
  faults(): readonly Problem[];
  sensing(): Sensing | undefined;
  evaluator(): Evaluator | undefined;
  /** Runs behind whatever is being written to alerts. */
  exclusive<T>(work: () => Promise<T>): Promise<T>;
  /** People changed an alert in the store. */
  changed(id: number, kind: ChangeKind): Promise<void>;
  quietChanged(): Promise<void>;
  /** Rules were changed: they run from now on. */
  rulesChanged(): Promise<void>;
}
