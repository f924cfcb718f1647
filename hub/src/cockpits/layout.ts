/** Judges a cockpit's panels and grids: everything named exists, every panel is a rectangle and stands everywhere that it should. */
import type { YamlFile } from '../platform/declared/index.ts';
import { Problem, type ProblemKind } from '../platform/problem.ts';
import type { CockpitFile, Grid, Kind, Panel } from './declaration.ts';
import type { Measure, Scenario } from './load.ts';
import * as k from './problems.ts';

/** Which kinds a panel can show; those without entry name no indicators. */
const shows: Partial<Record<Panel['show'], readonly Kind[]>> = {
  figures: ['value'],
  trend: ['trend'],
  bars: ['parts'],
  columns: ['parts'],
  share: ['parts'],
  list: ['list'],
  map: ['towns', 'points'],
};

/** The measure that a panel names: `id` of the scenario itself or `scenario/id`. */
export function measureNamed(
  scenarios: ReadonlyMap<string, Scenario>,
  scenario: Scenario,
  name: string,
): Measure | undefined {
  const [other, id] = name.includes('/') ? (name.split('/') as [string, string]) : [undefined, name];
  return (other ? scenarios.get(other) : scenario)?.measures.get(id);
}

/** Every fault of cockpit.yaml. */
export function judgeCockpit(
  scenario: Scenario,
  read: YamlFile<CockpitFile>,
  scenarios: ReadonlyMap<string, Scenario>,
): Problem[] {
  const file = `scenarios/${scenario.id}/cockpit.yaml`;
  const problems: Problem[] = [];
  const say = (kind: ProblemKind, params: object, path: PropertyKey[]) =>
    void problems.push(
      new Problem(kind, { ...params }, { file, line: read.line(path), pointer: `/${path.join('/')}` }),
    );
  const { panels } = scenario.cockpit;
  for (const [id, panel] of Object.entries(panels)) {
    const kinds = shows[panel.show];
    if (kinds && !panel.of.length) say(k.panelEmpty, { id }, ['panels', id]);
    if (panel.show === 'text')
      for (const [i, name] of panel.of.entries())
        if (!scenario.texts[name]) say(k.textUnknown, { id: name }, ['panels', id, 'of', i]);
    if (!kinds) continue;
    for (const [i, name] of panel.of.entries()) {
      const found = measureNamed(scenarios, scenario, name);
      if (!found) say(k.unknownIndicatorNamed, { id: name }, ['panels', id, 'of', i]);
      else if (!kinds.includes(found.declared.kind))
        say(k.wrongKind, { show: panel.show, kind: found.declared.kind, id: name }, ['panels', id, 'of', i]);
    }
  }
  for (const where of ['screen', 'wide'] as const) judgeGrid(scenario.cockpit[where], where, panels, say);
  const { desk, phone } = scenario.cockpit;
  for (const [where, names] of [
    ['desk', desk.map((d) => d.panel)],
    ['phone', phone],
  ] as const) {
    for (const [i, name] of names.entries()) if (!panels[name]) say(k.gridPanel, { id: name }, [where, i]);
    for (const id of Object.keys(panels)) if (!names.includes(id)) say(k.panelUnused, { id, where }, [where]);
  }
  return problems;
}

function judgeGrid(
  grid: Grid,
  where: 'screen' | 'wide',
  panels: Record<string, Panel>,
  say: (kind: ProblemKind, params: object, path: PropertyKey[]) => void,
): void {
  const lines = grid.areas.map((line) => line.trim().split(/\s+/));
  if (lines.length !== grid.rows.length || lines.some((line) => line.length !== grid.columns.length)) {
    say(k.gridShape, { rows: grid.rows.length, columns: grid.columns.length }, [where, 'areas']);
    return;
  }
  const cells = new Map<string, [row: number, column: number][]>();
  for (const [r, line] of lines.entries())
    for (const [c, name] of line.entries()) {
      if (name === '.') continue;
      cells.set(name, [...(cells.get(name) ?? []), [r, c]]);
    }
  for (const [name, at] of cells) {
    const line = [where, 'areas', at[0]![0]];
    if (!panels[name]) {
      say(k.gridPanel, { id: name }, line);
      continue;
    }
    const [rows, columns] = [at.map(([r]) => r), at.map(([, c]) => c)];
    const area = (Math.max(...rows) - Math.min(...rows) + 1) * (Math.max(...columns) - Math.min(...columns) + 1);
    if (area !== at.length) say(k.gridRectangle, { id: name }, line);
  }
  for (const id of Object.keys(panels)) if (!cells.has(id)) say(k.panelUnused, { id, where }, [where, 'areas']);
}
