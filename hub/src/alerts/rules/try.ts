/** Tries a rule against the past (试算) before it goes live: how often it would have fired in the last days. Nothing is written. */
import type { Lake } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Series, SeriesBook } from '../../sensing/index.ts';
import { modelOf } from '../live/models.ts';
import * as k from '../problems.ts';
import { compile, Engine, type Rule, type Transition } from '../pure/index.ts';
import { placesOf, seriesOf, watchOf } from './select.ts';

/** Readings that one trial looks at, and alerts that it names. */
export const MOST_READINGS = 3_000_000;
const MOST_NAMED = 200;
const DAY = 86_400_000;
const SLICE = 8_192;

/** What a trial says; instants are ms UTC. */
export interface Trial {
  series: number;
  readings: number;
  days: number;
  alerts: number;
  byLevel: { level: number; alerts: number }[];
  byDay: { day: string; alerts: number }[];
  /** Most alerts that would have opened within five minutes, and whether the storm guard would have folded them. */
  burst: number;
  folded: boolean;
  late: number;
  implausible: number;
  named: {
    entity: string;
    label: { zh: string; en: string };
    from: number;
    until: number | null;
    peak: number;
    value: number | null;
  }[];
}

/** Days are those of Asia/Shanghai. */
const dayOf = (at: number) => new Date(at + 8 * 3_600_000).toISOString().slice(0, 10);

/** Runs the rule over what was kept. */
export async function tryRule(lake: Lake, book: SeriesBook, rule: Rule, days: number, now: number): Promise<Trial> {
  const series = seriesOf(book, rule, await placesOf(lake, rule));
  if (!series.length) throw new Problem(k.ruleSeriesNone, {}, { pointer: '/rule/series' });
  const watch = watchOf(book, rule, series);
  const from = now - days * DAY;
  const engine = new Engine(modelOf);
  const key = `${rule.rule}@trial`;
  engine.add(compile(rule, 'trial'));
  engine.watch(key, watch, from);
  const numbers = [...new Set([...watch.series, ...(watch.partners ?? []).flat(2)])];
  const params = { numbers, from: new Date(from), until: new Date(now) };
  const where = 'list_contains($numbers::INTEGER[], series) AND at >= $from AND at < $until';
  return lake.session(async (s) => {
    const count = await s.first<{ n: number }>(`SELECT count(*) AS n FROM v.reading_v1 WHERE ${where}`, params);
    const readings = Number(count?.n ?? 0);
    if (readings > MOST_READINGS) throw new Problem(k.tryTooMuch, { readings, most: MOST_READINGS });
    const tally = new Tally(rule, new Map(series.map((one) => [one.number, one])));
    const batch = { series: new Int32Array(SLICE), at: new Float64Array(SLICE), value: new Float64Array(SLICE) };
    let n = 0;
    const flush = () => {
      const out: Transition[] = [];
      engine.push(batch.series.subarray(0, n), batch.at.subarray(0, n), batch.value.subarray(0, n), out);
      if (n) engine.advance(batch.at[n - 1]!, out);
      n = 0;
      tally.take(out);
    };
    const sql = `SELECT series, epoch_ms(at) AS at, value FROM v.reading_v1 WHERE ${where} ORDER BY at, series`;
    for await (const rows of s.stream<{ series: number; at: number; value: number }>(sql, params))
      for (const row of rows) {
        batch.series[n] = row.series;
        batch.at[n] = Number(row.at);
        batch.value[n] = row.value;
        if (++n === SLICE) flush();
      }
    flush();
    const out: Transition[] = [];
    engine.advance(now, out);
    tally.take(out);
    const told = engine.told(key)!;
    return { series: series.length, readings, days, ...tally.told(), late: told.late, implausible: told.implausible };
  });
}

/** Counts what would have become alerts, group by group. */
class Tally {
  readonly #rule: Rule;
  readonly #series: Map<number, Series>;
  readonly #members = new Map<string, Map<number, number>>();
  readonly #openings: number[] = [];
  readonly #levels = [0, 0, 0, 0, 0];
  readonly #days = new Map<string, number>();
  readonly #named: Trial['named'] = [];
  readonly #open = new Map<string, Trial['named'][number]>();

  constructor(rule: Rule, series: Map<number, Series>) {
    this.#rule = rule;
    this.#series = series;
  }

  take(transitions: Transition[]): void {
    for (const t of transitions.sort((a, b) => a.at - b.at || a.series - b.series)) this.#one(t);
  }

  #one(t: Transition): void {
    const s = this.#series.get(t.series);
    if (!s) return;
    const { group, quorum, tellSilence } = this.#rule;
    const key =
      group === 'series' ? String(t.series) : group === 'entity' ? s.entity : group === 'owner' ? `o:${s.owner}` : '*';
    const on = this.#members.get(key) ?? new Map<number, number>();
    this.#members.set(key, on);
    if (t.level > 0 || (t.kind === 'no-data' && tellSilence)) on.set(t.series, t.level);
    else on.delete(t.series);
    const open = this.#open.get(key);
    if (!open && on.size >= quorum) {
      const value = Number.isFinite(t.measure) ? t.measure : null;
      const made = { entity: s.entity, label: s.label, from: t.at, until: null, peak: t.level, value };
      this.#open.set(key, made);
      this.#openings.push(t.at);
      this.#days.set(dayOf(t.at), (this.#days.get(dayOf(t.at)) ?? 0) + 1);
      if (this.#named.length < MOST_NAMED) this.#named.push(made);
    } else if (open && !on.size) {
      open.until = t.at;
      this.#levels[open.peak]! += 1;
      this.#open.delete(key);
    } else if (open) open.peak = Math.max(open.peak, t.level);
  }

  told(): Pick<Trial, 'alerts' | 'byLevel' | 'byDay' | 'burst' | 'folded' | 'named'> {
    const levels = [...this.#levels];
    for (const open of this.#open.values()) levels[open.peak]! += 1;
    let burst = 0;
    for (let i = 0, j = 0; i < this.#openings.length; i++) {
      while (this.#openings[j]! <= this.#openings[i]! - 300_000) j++;
      burst = Math.max(burst, i - j + 1);
    }
    return {
      alerts: this.#openings.length,
      byLevel: levels.map((alerts, level) => ({ level, alerts })).filter((l) => l.alerts > 0 || l.level > 0),
      byDay: [...this.#days].map(([day, alerts]) => ({ day, alerts })),
      ...{ burst, folded: burst > this.#rule.storm, named: this.#named },
    };
  }
}
