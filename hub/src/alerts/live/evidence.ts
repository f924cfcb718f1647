/** What a warning rests on (证据): the readings before it, its thresholds, and a forecast of when it will cross the next one. */
import { forecaster, type Prediction } from '@jingwei/warning';
import { sql } from 'kysely';
import type { Db } from '../../platform/db/index.ts';
import type { Logger } from '../../platform/log/index.ts';
import type { Point, Sensing } from '../../sensing/index.ts';
import { colours, type Rule, threshold } from '../pure/index.ts';
import type { AlertRow } from './alert.ts';

const HOUR = 3_600_000;
/** Readings kept with an alert, and readings that a forecast learns from. */
const KEPT = 240;
const LEARN = 3_000;
/** Evidences that may wait to be gathered; of a storm the first ones say what there is to say. */
const MOST_WAITING = 200;

/** A forecast of a series: interval of 80 %, and when its middle crosses each level that is not crossed now. */
export interface Forecast {
  points: { at: number; median: number; low: number; high: number }[];
  crossings: { level: number; threshold: number; at: number | null; direction: 'up' | 'down' }[];
}

/** Forecasts a series by its own past. Null where too little is known. */
export function forecastOf(points: readonly Point[], rule: Rule | undefined, steps = 24): Forecast | null {
  if (points.length < 12) return null;
  const model = forecaster({ steps });
  for (const p of points) model.push(p.at, p.value);
  let told: Prediction[];
  try {
    told = model.forecast(steps);
  } catch {
    return null;
  }
  if (!told.length) return null;
  const crossings: Forecast['crossings'] = [];
  // Only where the rule's measure is the value itself do its thresholds lie on the series' own axis.
  if (rule && ['value', 'forecast', 'mean', 'max', 'min'].includes(rule.measure)) {
    const last = points.at(-1)!.value;
    for (const [n, colour] of colours.entries()) {
      const given = rule.levels[colour];
      if (given === undefined) continue;
      const at = threshold(given, rule.measure);
      const sign = rule.direction === 'above' ? 1 : -1;
      const beyond = sign * last >= sign * at;
      const crossing = told.find((p) => sign * p.median >= sign * at !== beyond);
      const direction = beyond ? ('down' as const) : ('up' as const);
      crossings.push({ level: n + 1, threshold: at, at: crossing?.at ?? null, direction });
    }
  }
  return { points: told.map(({ at, median, low, high }) => ({ at, median, low, high })), crossings };
}

/** Gathers and keeps evidence behind alerts, one after the other, never in the way of warning. */
export class EvidenceKeeper {
  readonly #db: Db;
  readonly #sensing: Sensing;
  readonly #log: Logger;
  readonly #ruleOf: (name: string) => Rule | undefined;
  #waiting: { alert: AlertRow; series: number }[] = [];
  #working: Promise<void> | undefined;
  /** Alerts for which none was gathered since too many waited. */
  left = 0;

  constructor(db: Db, sensing: Sensing, log: Logger, ruleOf: (name: string) => Rule | undefined) {
    this.#db = db;
    this.#sensing = sensing;
    this.#log = log;
    this.#ruleOf = ruleOf;
  }

  /** An alert opened or became graver: its evidence is gathered as of now. */
  ask(alert: AlertRow, series: number | null): void {
    if (series === null) return;
    if (this.#waiting.length >= MOST_WAITING) {
      this.left += 1;
      return;
    }
    this.#waiting.push({ alert, series });
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  async #work(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      try {
        await this.#gather(next.alert, next.series);
      } catch (error) {
        this.#log.warn({ err: error, alert: next.alert.id }, 'evidence could not be gathered');
      }
    }
  }

  async #gather(alert: AlertRow, series: number): Promise<void> {
    const at = alert.changed_at.getTime();
    const points = await this.#sensing.history(series, at - 14 * 24 * HOUR, at + 1, LEARN);
    const rule = this.#ruleOf(alert.rule);
    const evidence = {
      series,
      gatheredAt: at,
      level: alert.level,
      readings: points.slice(-KEPT).map((p) => [p.at, p.value]),
      forecast: forecastOf(points, rule),
    };
    await sql`UPDATE alerts.alert SET evidence = ${JSON.stringify(evidence)}::jsonb WHERE id = ${alert.id}`.execute(
      this.#db.kysely,
    );
  }

  async stop(): Promise<void> {
    this.#waiting = [];
    await this.#working;
  }
}
