/** Scenarios and figures as one person may see them. */

import type { z } from 'zod';
import { organisationsNow } from '../catalogue/index.ts';
import type { Principal } from '../platform/auth/principal.ts';
import { Problem } from '../platform/problem.ts';
import type { Deps } from '../platform/room.ts';
import type { FigureAnswer, measure as measureSchema } from './api.ts';
import type { Column } from './declaration.ts';
import type { Desk } from './desk.ts';
import { measureNamed } from './layout.ts';
import type { Measure, Scenario } from './load.ts';
import * as k from './problems.ts';
import { holds, written } from './pure/index.ts';
import type { Result } from './result.ts';
import { lacking } from './rights.ts';
import { sourcesOf } from './sources.ts';

/** Hours after which figures are stale when nothing is declared: of readings, of records. */
const STALE = { live: 0.5, records: 24 * 45 } as const;

type MeasureAnswer = z.input<typeof measureSchema>;

/** The scenario, or a Problem: one that a person may not open is not told apart from one that is not there. */
export function scenarioFor(desk: Desk, id: string, who: Principal): Scenario {
  const scenario = desk.scenarios.get(id);
  if (!scenario || lacking(who, scenario.permissions)) throw new Problem(k.scenarioUnknown, { scenario: id });
  return scenario;
}

/** Every measure that a scenario's panels show, those of other scenarios among them; each once. */
export function measuresOf(desk: Desk, scenario: Scenario): Measure[] {
  const found = new Map<string, Measure>();
  for (const measure of scenario.measures.values()) found.set(measure.key, measure);
  for (const panel of Object.values(scenario.cockpit.panels))
    for (const name of panel.of) {
      const measure = measureNamed(desk.scenarios, scenario, name);
      if (measure) found.set(measure.key, measure);
    }
  return [...found.values()];
}

export const columnView = (c: Column) => ({
  ...{ name: c.name, title: c.title, as: c.as, link: c.link ?? null, words: c.words ?? null },
});

/** What is declared of a measure. */
export function measureView(desk: Desk, m: Measure): MeasureAnswer {
  const d = m.declared;
  return {
    ...{ key: m.key, id: d.id, scenario: m.scenario, kind: d.kind, title: d.title, unit: d.unit ?? null },
    ...{ digits: d.digits, as: d.as, target: d.target ?? null, direction: d.direction },
    ...{ warn: d.thresholds.warn ?? null, bad: d.thresholds.bad ?? null, note: d.note ?? null },
    ...{ refresh: m.refresh, stale: staleAfter(m), words: d.words },
    columns: d.columns.map(columnView),
    sources: sourcesOf(m.statement?.views ?? m.depends, desk.places.sources),
    drill: d.drill && 'route' in d.drill ? d.drill.route : m.records ? 'records' : null,
    live: d.live !== undefined || m.depends.some((x) => /^[A-Z]|^v\.latest/.test(x)),
  };
}

/** A figure for whoever has the rights; else that it is not theirs to see. */
export function figureView(desk: Desk, m: Measure, who: Pick<Principal, 'permissions'>): FigureAnswer {
  const needs = lacking(who, m.permissions);
  return needs ? forbidden(m.key, needs) : openFigure(desk, m, desk.figures.result(m.key));
}

const forbidden = (key: string, needs: string): FigureAnswer => ({
  ...{ key, state: 'forbidden', value: null, target: null, before: null, yesterday: null, spark: [], rows: [] },
  ...{ suppressed: 0, exercise: false, at: null, asOf: null, problem: null, needs, version: 0 },
});

/** A figure as everybody sees it who may. */
export function openFigure(desk: Desk, m: Measure, r: Result): FigureAnswer {
  const single = m.declared.kind === 'value';
  const kept = single ? desk.history.of(m.key) : undefined;
  const points = kept ? (kept.days.length >= 7 ? kept.days.slice(-30) : kept.hours.slice(-24)) : [];
  return {
    ...{ key: m.key, state: r.state, value: r.value, target: r.target ?? m.declared.target ?? null, before: r.before },
    yesterday: single ? desk.history.yesterday(m.key, desk.deps.clock.now().getTime()) : null,
    spark: points.map((p) => p.value),
    ...{
      rows: r.rows,
      suppressed: r.suppressed,
      exercise: r.exercise,
      at: r.at,
      asOf: r.asOf,
      problem: r.problem,
      needs: null,
    },
    version: r.version,
  };
}

/** The same as text of JSON, made once for each change of what it says. */
export class FigureTexts {
  readonly #texts = new Map<string, { at: string | null; version: number; text: string }>();

  of(desk: Desk, m: Measure): string {
    const r = desk.figures.result(m.key);
    const known = this.#texts.get(m.key);
    if (known && known.version === r.version && known.at === r.at) return known.text;
    const text = JSON.stringify(openFigure(desk, m, r));
    this.#texts.set(m.key, { at: r.at, version: r.version, text });
    return text;
  }
}

/** The rules of a scenario that hold now, worst first, with their figures filled in. */
export function attention(desk: Desk, scenario: Scenario, who: Pick<Principal, 'permissions'>) {
  const order = { bad: 0, warn: 1, note: 2 };
  const now = desk.deps.clock.now().getTime();
  return scenario.rules
    .flatMap(({ indicator, when, level, say }) => {
      const m = scenario.measures.get(indicator)!;
      const { as, digits, direction } = m.declared;
      const result = desk.figures.result(m.key);
      const told = { ...result, target: result.target ?? m.declared.target ?? null };
      const meaning = { as, digits, direction, stale: staleAfter(m) };
      if (lacking(who, m.permissions) || !holds(when, told, meaning, now)) return [];
      const text = (s: string) =>
        s.replaceAll('{value}', written(told.value, meaning)).replaceAll('{target}', written(told.target, meaning));
      return [{ level, say: { zh: text(say.zh), en: text(say.en) } }];
    })
    .sort((a, b) => order[a.level] - order[b.level]);
}

/** Hours after which a measure is stale. */
function staleAfter(m: Measure): number {
  const live = m.declared.live !== undefined || m.depends.some((x) => /^[A-Z]|^v\.latest/.test(x));
  return m.declared.stale ?? (live ? STALE.live : STALE.records);
}

/** Names of the city's organisations. */
export function organisationNames(
  deps: Pick<Deps, 'db' | 'folders' | 'config'>,
): Map<string, { zh: string; en: string }> {
  const organisations = organisationsNow(deps);
  return new Map(organisations.map((o) => [o.id, o.name]));
}
