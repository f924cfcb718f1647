/**
 * Learns `hub/src/events/same/model.json`: trees over two reports from days l-1 …, then trees over a report and an event, on other days and on
 * events as the first trees put them together, then the threshold, on still other days. None of these days is measured.
 */
import { writeFileSync } from 'node:fs';
import { type EventReport, eventDay } from '@jingwei/synthcity';
import { type Fitted, fits, fitted, MEMBERS, Recent } from '../hub/src/events/same/recent.ts';
import { direction, features, model, observe, type Rarity, type Ready, ready } from '../hub/src/events/same/score.ts';
import { type Trees, weigh, writeModel } from '../hub/src/events/same/trees.ts';
import { type Boosting, boost } from './boost.ts';
import { cityOf, reported } from './events-same-days.ts';

const days = (from: number, count: number): string[] => Array.from({ length: count }, (_, i) => `l-${from + i}`);
const PAIRS = days(1, 26);
const EVENTS = days(201, 14);
const TUNED = days(101, 12);
/** The threshold is the least at which pairs of the tuning days are put together this precisely: the aim, and a little for other days. */
const PRECISE = 0.984;
const THRESHOLDS = Array.from({ length: 46 }, (_, i) => (50 + i) / 100);
const ASK = 0.15;
const pairs: Omit<Boosting, 'direction'> = { trees: 160, depth: 4, rate: 0.1, lambda: 2, least: 4 };
const events: Omit<Boosting, 'direction'> = { trees: 60, depth: 3, rate: 0.1, lambda: 3, least: 4 };
/** Log-odds below which no event is looked at further. */
const HOPELESS = -4;

interface Day {
  reports: readonly EventReport[];
  own: Ready[];
  near: number[][];
  seen: Map<number, Float64Array>;
  odds: Map<number, number>;
  rarity: Rarity;
}

/** Everything of a day that does not depend on what is learnt. */
function dayOf(seed: string): Day {
  const { reports } = eventDay(seed);
  const city = cityOf(seed);
  const recent = new Recent();
  recent.know(city);
  const day: Day = { reports, own: [], near: [], seen: new Map(), odds: new Map(), rarity: recent.rarity };
  reports.forEach((r, i) => {
    const own = ready(reported(r), city);
    const near = recent.near(own).map((h) => h.report - 1);
    for (const j of near) day.seen.set(key(i, j), observe(day.own[j]!, own, recent.rarity).x);
    day.own.push(own);
    day.near.push(near);
    recent.add(i + 1, i + 1, own);
  });
  return day;
}
const key = (i: number, j: number): number => i * 65_536 + j;

function oddsOf(day: Day, i: number, j: number): number {
  const k = key(i, j);
  let odds = day.odds.get(k);
  if (odds === undefined) {
    const x = day.seen.get(k) ?? observe(day.own[j]!, day.own[i]!, day.rarity).x;
    odds = weigh(model.pair, x).odds;
    day.odds.set(k, odds);
  }
  return odds;
}

type Held = Fitted & { event: number };
/** Puts a day's reports together as the hub does; `decide` answers the position of the event that a report joins, or -1. */
function play(
  day: Day,
  decide: (held: Held[]) => number,
  look?: (held: Held[], i: number, of: number[]) => void,
): number[] {
  const members = new Map<number, number[]>();
  const of: number[] = [];
  day.own.forEach((_, i) => {
    const held = [...new Set(day.near[i]!.map((j) => of[j]!))].map((event): Held => {
      const all = members.get(event)!;
      const chosen = all.length > MEMBERS ? [...all.slice(0, 2), ...all.slice(2 - MEMBERS)] : all;
      const odds = chosen.map((j) => oddsOf(day, i, j));
      return {
        ...{
          event,
          best: Math.max(...odds),
          least: Math.min(...odds),
          mean: odds.reduce((a, b) => a + b, 0) / odds.length,
        },
        ...{ agree: odds.filter((o) => o > 0).length / odds.length, members: odds.length, rival: Number.NaN },
      };
    });
    held.sort((a, b) => b.best - a.best);
    held.forEach((h, k) => {
      if (held.length > 1) h.rival = h.best - held[k ? 0 : 1]!.best;
    });
    look?.(held, i, of);
    const k = decide(held);
    const event = k < 0 ? i : held[k]!.event;
    of.push(event);
    members.set(event, [...(members.get(event) ?? []), i]);
  });
  return of;
}

/** The likeliest event, from a probability on. */
const likeliest =
  (join: number) =>
  (held: Held[]): number => {
    let [best, found] = [join, -1];
    held.forEach((h, k) => {
      const p = h.best < HOPELESS ? 0 : 1 / (1 + Math.exp(-weigh(model.fit, fitted(h)).odds));
      if (p >= best) [best, found] = [p, k];
    });
    return found;
  };
/** A plain rule to begin with: near the best and the middle of an event's reports. */
const plain = (held: Held[]): number => {
  let [best, found] = [0.3, -1];
  held.forEach((h, k) => {
    const odds = 0.3 * h.best + 0.7 * h.mean;
    if (odds > best) [best, found] = [odds, k];
  });
  return found;
};

/** The true event of most of an event's reports so far. */
function mostly(day: Day, event: number, of: readonly number[]): number {
  const votes = new Map<number, number>();
  of.forEach((e, j) => {
    if (e === event) votes.set(day.reports[j]!.truth, (votes.get(day.reports[j]!.truth) ?? 0) + 1);
  });
  return [...votes].sort((a, b) => b[1] - a[1])[0]![0];
}

function learnPairs(list: readonly Day[]): Trees {
  const x: number[] = [];
  const y: number[] = [];
  for (const day of list)
    day.near.forEach((near, i) => {
      for (const j of near) {
        for (const v of day.seen.get(key(i, j))!) x.push(v);
        y.push(day.reports[j]!.truth === day.reports[i]!.truth ? 1 : 0);
      }
    });
  console.log(`${y.length} pairs, ${y.filter(Boolean).length} of one event`);
  return boost(Float32Array.from(x), y, { ...pairs, direction: features.map((f) => direction[f]) });
}

function learnEvents(list: readonly Day[], policy: (held: Held[]) => number): Trees {
  const x: number[] = [];
  const y: number[] = [];
  for (const day of list)
    play(day, policy, (held, i, of) => {
      for (const h of held) {
        if (h.best < HOPELESS) continue;
        x.push(...fitted(h));
        y.push(mostly(day, h.event, of) === day.reports[i]!.truth ? 1 : 0);
      }
    });
  console.log(`${y.length} reports beside events`);
  return boost(Float32Array.from(x), y, { ...events, direction: [1, 1, 1, 1, 0, 1] });
}

/** Pairs put together rightly, pairs put together, pairs that belong together. */
function counted(list: readonly Day[], join: number): { precision: number; recall: number } {
  let [both, put, truly] = [0, 0, 0];
  for (const day of list) {
    const of = play(day, likeliest(join));
    const truth = day.reports.map((r) => r.truth);
    for (let i = 0; i < of.length; i++)
      for (let j = 0; j < i; j++) {
        both += Number(of[i] === of[j] && truth[i] === truth[j]);
        put += Number(of[i] === of[j]);
        truly += Number(truth[i] === truth[j]);
      }
  }
  return { precision: both / put, recall: both / truly };
}

/** Learns and writes the model. */
export function learn(): void {
  const [first, second, third] = [PAIRS, EVENTS, TUNED].map((list) => list.map(dayOf));
  const learnt = { ...model, features: [...features], fits: [...fits], pair: learnPairs(first!), ask: ASK };
  Object.assign(model, learnt);
  model.fit = learnEvents(second!, plain);
  model.fit = learnEvents(second!, likeliest(0.8));
  const tried = THRESHOLDS.map((join) => ({ join, ...counted(third!, join) }));
  for (const t of tried) console.log(t.join, t.precision.toFixed(4), t.recall.toFixed(4));
  model.join = (tried.find((t) => t.precision >= PRECISE) ?? tried.at(-1)!).join;
  model.learnt = `pairs ${PAIRS[0]}…${PAIRS.at(-1)}, events ${EVENTS[0]}…${EVENTS.at(-1)}, threshold ${TUNED[0]}…${TUNED.at(-1)}`;
  console.log(`joins from ${model.join} on`);
  writeFileSync('hub/src/events/same/model.json', writeModel(model));
}
