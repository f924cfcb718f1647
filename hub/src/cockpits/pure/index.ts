/**
 * What figures mean, shared by the hub and the console (neither Node nor an engine): how numbers are written in sentences, which rules hold,
 * whether a figure misses its target, when it is stale.
 */

/** Numbers of a measure that decide what a figure means. */
export interface Meaning {
  as: string;
  digits: number;
  direction: 'up' | 'down' | 'none';
  /** Hours after which it is stale. */
  stale: number;
}

/** What a figure says, as far as rules ask. Instants are ISO 8601. */
export interface Told {
  state: string;
  value: number | null;
  target: number | null;
  asOf: string | null;
}

/** A rule's condition. */
export interface When {
  above?: number | undefined;
  below?: number | undefined;
  missed?: true | undefined;
  stale?: true | undefined;
}

/** A number as sentences write it; percentages are kept as shares. */
export function written(value: number | null, { as, digits }: Pick<Meaning, 'as' | 'digits'>): string {
  if (value === null) return '—';
  if (as === 'percent') return `${(value * 100).toFixed(digits)}%`;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}

/** Whether the newest data behind a figure is older than it may be; `now` in ms UTC. */
export function isStale(told: Pick<Told, 'asOf'>, { stale }: Pick<Meaning, 'stale'>, now: number): boolean {
  return told.asOf !== null && (now - instantOf(told.asOf)) / 3_600_000 > stale;
}

/** An instant or a day (its start in Asia/Shanghai) in ms UTC; lake timestamps come without a zone and are UTC. */
export function instantOf(at: string): number {
  if (/^\d{4}-\d\d-\d\d$/.test(at)) return Date.parse(`${at}T00:00:00+08:00`);
  const text = at.replace(' ', 'T');
  return Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
}

/** Whether a figure is on the wrong side of its target; null without target, value or direction. */
export function misses(told: Told, { direction }: Pick<Meaning, 'direction'>): boolean | null {
  if (told.value === null || told.target === null || direction === 'none') return null;
  return direction === 'down' ? told.value > told.target : told.value < told.target;
}

/** Whether a rule holds of what a figure says now. */
export function holds(when: When, told: Told, meaning: Meaning, now: number): boolean {
  if (when.stale && isStale(told, meaning, now)) return true;
  if (told.value === null || told.state !== 'ready') return false;
  if (when.missed && misses(told, meaning)) return true;
  return (when.above !== undefined && told.value > when.above) || (when.below !== undefined && told.value < when.below);
}
