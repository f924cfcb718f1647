/** What a linkage keeps beside its tables, so that another process can go on with it: one row of JSON in the schema. */

import type { RuleCount } from './blocking.ts';
import { literal } from './dialect.ts';
import type { Engine, Pipeline } from './engine.ts';
import { fail } from './errors.ts';
import type { Label, Model } from './model.ts';
import type { Parameters } from './parameters.ts';
import type { Summary } from './summary.ts';

/** The state of a finished linkage. */
export interface State {
  version: 1;
  model: Model;
  parameters: Parameters;
  labels: Label[];
  summary: Summary;
  rules: string[];
  ruleCounts: RuleCount[];
  /** Usual values by column number, see `usualValues`. */
  usual: string[][];
}

/** Writes the state. */
export async function keepState(p: Pipeline, s: string, state: State): Promise<void> {
  const text = JSON.stringify(state);
  await p.run('state', `CREATE OR REPLACE TABLE ${s}.state AS SELECT ${literal(text)} AS v`);
}

/** Reads the state of a schema. Throws `linkage.no-state` where there is none, `linkage.state` where it is of another version. */
export async function readState(engine: Engine, s: string): Promise<State> {
  const found = await engine.rows(
    `SELECT table_name FROM information_schema.tables WHERE table_schema = ${literal(s)} AND table_name IN ('state', 'rec', 'scored', 'clusters', 'history')`,
  );
  if (found.length < 5) fail('no-state', `“${s}”中没有保存的连接`, `there is no kept linkage in '${s}'`);
  const [row] = await engine.rows<{ v: string }>(`SELECT v FROM ${s}.state`);
  const state = JSON.parse(row!.v) as State;
  if (state.version !== 1) fail('state', '保存的连接是另一版本的', 'the kept linkage is of another version');
  return state;
}
