/**
 * What sensing (感知) promises other rooms: readings as they are kept, and who reads what where.
 *
 * Order and loss. Every kept reading has a sequence number (1, 2, 3 …, never given twice). `readingsKept` is emitted after the readings are
 * on disk, one batch at a time, in order of sequence, at most `BATCH_LIMIT` readings each; the next batch is emitted only when every listener
 * has resolved. A listener that falls behind holds up the senders (acknowledgements wait; after that they are told 503 and try again), so
 * nothing is dropped and nothing grows. A listener that was not there (start, kill) keeps the sequence that it has dealt with and asks
 * `Sensing.since(sequence)` for what came after; the journal keeps at least `REPLAY_MINUTES` or says from where it can.
 */
import { eventKind } from '../platform/bus/index.ts';

/** Most readings of one emitted batch. */
export const BATCH_LIMIT = 8192;
/** Minutes for which `Sensing.since` can go back, unless the journal reaches its limit of size. */
export const REPLAY_MINUTES = 60;

/** Bits of `ReadingsBatch.flag`. */
export const readingFlag = {
  /** Older than a reading of the same series that is already kept (迟到). */
  late: 1,
  /** Its unit was converted on the way in. */
  converted: 2,
  /** Changed by the sensor's calibration. */
  calibrated: 4,
  /** Came from a file or another bulk way: history, not the live city. Rules for the present moment pass it over. */
  bulk: 8,
  /** Its sender says that it is an exercise (演练): nothing of it is real. */
  exercise: 16,
} as const;

/** Readings in columns, in the order in which they were kept. The arrays belong to the batch: listeners must not write into them. */
export interface ReadingsBatch {
  /** Sequence number of the first reading; the i-th one has `sequence + i`. */
  sequence: number;
  /** Numbers of series, see `SeriesBook`. */
  series: Int32Array;
  /** When observed, milliseconds since 1970 UTC. */
  at: Float64Array;
  /** In the series' unit; finite. */
  value: Float64Array;
  /** Bits of `readingFlag`. */
  flag: Uint8Array;
}

/** Readings that are on disk. Hear it with `deps.bus.on(readingsKept, async (batch) => …)`. */
export const readingsKept = eventKind<ReadingsBatch>('sensing.readings-kept');

/** The registry changed: series that came or were changed (their numbers). At most some thousand at once. */
export const seriesChanged = eventKind<{ series: readonly number[] }>('sensing.series-changed');

/** Health of a series (健康). */
export type Health = 'ok' | 'new' | 'silent' | 'flat' | 'drifting' | 'retired';

/** One series: one property of one entity. */
export interface Series {
  /** Positive, dense, never given twice. */
  number: number;
  /** NGSI-LD identifier: `urn:ngsi-ld:AirQualityObserved:aq-001`. */
  entity: string;
  /** Smart Data Models type: `AirQualityObserved`. */
  type: string;
  /** Smart Data Models property: `pm25`. */
  property: string;
  /** UN/CEFACT Recommendation 20 code of the unit that values are kept in: `GQ` (ug/m3), `CEL`, `MTR`, `MTS`, `C62` (one) … */
  unit: string;
  /** WGS 84; null where the entity has no place. */
  lon: number | null;
  lat: number | null;
  /** Organisation that owns the sensor; null where nobody does yet. */
  owner: string | null;
  /** Name of the entity. */
  label: { zh: string; en: string };
  /** Seconds between two readings as expected; 0: not known. */
  interval: number;
  /** Bounds of what is possible, in `unit`. */
  least: number;
  most: number;
  /** Whether the entity is still in service. */
  active: boolean;
}

/** Who reads what where. All look-ups are in memory and quick. */
export interface SeriesBook {
  /** How many numbers were given: numbers are 1 … size. */
  readonly size: number;
  get(number: number): Series | undefined;
  find(entity: string, property: string): Series | undefined;
  /** Series of an entity. */
  of(entity: string): Series[];
  /** Active series of a type and/or property. */
  select(by: { type?: string; property?: string; owner?: string }): Series[];
  /** Active series within metres of a WGS 84 position, the nearest first. */
  near(
    lon: number,
    lat: number,
    metres: number,
    by?: { type?: string; property?: string },
  ): (Series & { metres: number })[];
  /** Active series inside a GeoJSON Polygon or MultiPolygon (WGS 84). */
  within(area: Area, by?: { type?: string; property?: string }): Series[];
}

/** GeoJSON areas, WGS 84. */
export type Area =
  | { type: 'Polygon'; coordinates: [number, number][][] }
  | { type: 'MultiPolygon'; coordinates: [number, number][][][] };

/** A value and its time (ms UTC). */
export interface Point {
  at: number;
  value: number;
}

/** An hour or a day of a series. `at` is its start; days are days of Asia/Shanghai. */
export interface Rollup {
  at: number;
  count: number;
  least: number;
  most: number;
  mean: number;
}

/** What sensing offers other rooms; `sensingOf(lake)` of the room's door. */
export interface Sensing {
  readonly book: SeriesBook;
  /** The newest reading by time of a series; undefined where there is none. In memory. */
  latest(series: number): Point | undefined;
  /** When the last reading of a series was received (ms UTC); undefined: not since the hub knows it. */
  heard(series: number): number | undefined;
  health(series: number): Health;
  /** Single readings in [from, to), oldest first, at most `limit` (10,000 by default), newest kept when there are more. */
  history(series: number, from: number, to: number, limit?: number): Promise<Point[]>;
  /** Hours or days in [from, to), oldest first. */
  rollups(series: number, by: 'hour' | 'day', from: number, to: number): Promise<Rollup[]>;
  /** Sequence number of the last reading on disk; 0: none. */
  readonly sequence: number;
  /** Whatever was kept behind a sequence number, in order, in batches as they are emitted. Ends at the present moment. */
  since(sequence: number): AsyncIterable<ReadingsBatch>;
  /** The least sequence number that `since` can still go back to. */
  readonly replayFrom: number;
}
