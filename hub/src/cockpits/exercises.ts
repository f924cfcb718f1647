/**
 * Which topics of readings were part of an exercise (演练) lately, so that a figure that such readings made says so. Senders mark readings;
 * what is marked once stays marked for as long as a figure may still show it.
 */
import type { Lake } from '../platform/lake/index.ts';
import { readingFlag } from '../sensing/index.ts';

/** Milliseconds for which a trend may still draw an exercise, and for which a figure of newest readings may. */
export const REMEMBERED = { trend: 48 * 3_600_000, newest: 3_600_000 } as const;

/** The last instant (ms UTC) of an exercise by topic `Type.property`. */
export class Exercises {
  readonly #last = new Map<string, number>();

  /** A reading of the topic was part of an exercise. */
  heard(topic: string, at: number): void {
    if (at > (this.#last.get(topic) ?? 0)) this.#last.set(topic, at);
  }

  /** Whether one of the topics was part of an exercise since an instant (ms UTC). */
  since(topics: readonly string[], at: number): boolean {
    return this.#last.size > 0 && topics.some((topic) => (this.#last.get(topic) ?? 0) >= at);
  }

  /** What the lake still knows of the time before the hub's start; a hub without sensing knows nothing. */
  async remember(lake: Lake, now: number): Promise<void> {
    const rows = await lake
      .query<{ topic: string; at: number | bigint }>(
        `SELECT s.type || '.' || s.property AS topic, epoch_ms(max(r."at")) AS "at"
           FROM v.reading_v1 r JOIN v.series_v1 s ON s.series = r.series
          WHERE (r.flag & ${readingFlag.exercise}) <> 0 AND r."at" >= make_timestamp($since::BIGINT * 1000) GROUP BY 1`,
        { since: now - REMEMBERED.trend },
      )
      .catch(() => []);
    for (const { topic, at } of rows) this.heard(topic, Number(at));
  }
}
