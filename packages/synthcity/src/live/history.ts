/** Events of the past, many and fast: columns for an events bench or a store's bulk load. Stages as in grid management (GB/T 30428). */
import { dayOf, HOUR, kindOfDay } from './calendar.ts';
import { type Channel, spotOf } from './events.ts';
import { groundOf, type LonLat } from './ground.ts';
import { matters } from './matters.ts';
import { bell, hash32, salt32, unit } from './random.ts';

/** Channels by their code in {@link EventHistory}. */
export const channels: readonly Channel[] = ['hotline', 'open311', 'grid', 'video', 'department'];

/**
 * Past events as columns of equal length, in order of time. Instants are ms UTC; a stage not reached yet is NaN. `matter` is the position in {@link matters},
 * `zone` in the list of towns, `channel` in {@link channels}; `rating` 1 … 5, 0 when not rated; `limit` is the time allowed in hours.
 */
export interface EventHistory {
  at: Float64Array;
  dispatched: Float64Array;
  handled: Float64Array;
  closed: Float64Array;
  lon: Float64Array;
  lat: Float64Array;
  matter: Uint8Array;
  zone: Uint8Array;
  channel: Uint8Array;
  rating: Uint8Array;
  limit: Float64Array;
  overdue: Uint8Array;
}

/** Places that events of the past lie at; each serves many, moved a little. */
const SPOTS = 4096;

/** Makes `count` events that began in [from, to). Nothing of after `to` is known: late ones are open. Throws RangeError for a count beyond 20 million. */
export function eventHistory(seed: number | string, count: number, from: number, to: number): EventHistory {
  if (!(count >= 1 && count <= 20_000_000)) throw new RangeError(`count is from 1 to 20 million: ${count}`);
  if (!(to > from)) throw new RangeError('to must be after from');
  const ground = groundOf(seed);
  const salt = salt32(seed, 'history');
  const wheres = ['road', 'river', 'site', 'park', 'home'] as const;
  const spots = wheres.map((w, k) =>
    Array.from({ length: SPOTS / (k === 0 ? 1 : 8) }, (_, i): LonLat => spotOf(ground, salt, i + k * SPOTS, w)),
  );
  const zones = spots.map((list) => Uint8Array.from(list, (p) => ground.zoneAt(p)));
  const pool = Uint8Array.from(matters.flatMap((m, i) => Array.from({ length: m.weight }, () => i)));
  const sort = Uint8Array.from(matters, (m) => wheres.indexOf(m.where));
  // Hours allowed and how long the work takes on the whole, by matter.
  const limits = Float64Array.from(matters, (_, i) => [4, 8, 24, 72, 168][hash32(salt, i, 1) % 5]!);
  const f = () => new Float64Array(count);
  const b = () => new Uint8Array(count);
  const h: EventHistory = {
    at: f(),
    dispatched: f(),
    handled: f(),
    closed: f(),
    lon: f(),
    lat: f(),
    matter: b(),
    zone: b(),
    channel: b(),
    rating: b(),
    limit: f(),
    overdue: b(),
  };
  const busy = busyDays(from, to);
  for (let i = 0; i < count; i++) {
    const at = busy((i + unit(salt, i, 2)) / count);
    const m = pool[hash32(salt, i, 3) % pool.length]!;
    const w = sort[m]!;
    const spot = hash32(salt, i, 4) % spots[w]!.length;
    const place = spots[w]![spot]!;
    const turn = hash32(salt, i, 5);
    h.at[i] = Math.floor(at);
    h.matter[i] = m;
    h.zone[i] = zones[w]![spot]!;
    h.lon[i] = place[0] + ((turn & 0xffff) / 65_536 - 0.5) * 0.0006;
    h.lat[i] = place[1] + ((turn >>> 16) / 65_536 - 0.5) * 0.0006;
    const x = (turn >>> 3) % 100;
    h.channel[i] = x < 38 ? 0 : x < 56 ? 1 : x < 80 ? 2 : x < 92 ? 3 : 4;
    const limit = limits[m]!;
    // Long tails: one in eleven takes longer than allowed.
    const took = limit * HOUR * Math.min(6, 0.42 * Math.exp(0.62 * bell(salt, i, 6)));
    const dispatched = at + (0.1 + 1.4 * unit(salt, i, 7) ** 3) * HOUR;
    const handled = dispatched + took;
    const closed = handled + (0.5 + 20 * unit(salt, i, 8) ** 2) * HOUR;
    h.dispatched[i] = dispatched < to ? dispatched : Number.NaN;
    h.handled[i] = handled < to ? handled : Number.NaN;
    h.closed[i] = closed < to ? closed : Number.NaN;
    h.limit[i] = limit;
    h.overdue[i] = Math.min(handled, to) - dispatched > limit * HOUR ? 1 : 0;
    h.rating[i] =
      closed < to && turn % 3 === 0 ? (h.overdue[i] ? 1 + (turn % 3) : 3 + (turn % 7 === 0 ? 0 : 1 + (turn % 2))) : 0;
  }
  return h;
}

/** Instants by the share of all events before them: more on working days and by day. */
function busyDays(from: number, to: number): (share: number) => number {
  const first = Math.floor(from / HOUR);
  const hours = Math.ceil(to / HOUR) - first;
  const sums = new Float64Array(hours + 1);
  for (let i = 0; i < hours; i++) {
    const at = (first + i) * HOUR;
    const clock = ((at / HOUR + 8) % 24) + 0.5;
    const day = kindOfDay(dayOf(at)).workday ? 1 : 0.75;
    sums[i + 1] = sums[i]! + day * (clock < 6 ? 0.15 : clock < 9 ? 1.2 : clock < 19 ? 1 : 0.45);
  }
  const all = sums[hours]!;
  let k = 0;
  return (share) => {
    const want = share * all;
    // Asked in ascending order.
    while (k < hours - 1 && sums[k + 1]! < want) k += 1;
    while (k > 0 && sums[k]! > want) k -= 1;
    const part = (want - sums[k]!) / Math.max(1e-9, sums[k + 1]! - sums[k]!);
    return Math.min(to - 1, Math.max(from, (first + k + Math.min(0.9999, part)) * HOUR));
  };
}
