/**
 * What stands in the operational store and not in the lake, staged for declared formulas: views `v.assessment_<name>_v1` over
 * tables of the lake that hold what the rooms tell of themselves (entries, clocks, deliveries …). They are written anew before
 * every computing, in its transaction, and hold ids, organisations and days: no content of a matter and nobody's name.
 *
 * A stage without rows is there and empty; one that no room of this hub provides is not there at all, so that an indicator
 * which reads it says that the records are absent instead of counting none.
 */
import type { LakeSession } from '../platform/lake/index.ts';

/** Columns of every stage with their types; documented in docs/assessment.md. */
export const stages = {
  organisation: { id: 'VARCHAR', kind: 'VARCHAR' },
  division: { code: 'VARCHAR', name: 'VARCHAR', parent: 'VARCHAR' },
  entry: {
    ...{ entry: 'VARCHAR', provider: 'VARCHAR', title_zh: 'VARCHAR', title_en: 'VARCHAR', source: 'VARCHAR' },
    ...{
      created: 'DATE',
      retired: 'DATE',
      in_force: 'BOOLEAN',
      published: 'DATE',
      sharing: 'VARCHAR',
      level: 'VARCHAR',
    },
    ...{ opened: 'BOOLEAN', cycle: 'VARCHAR', items: 'INTEGER', errors: 'INTEGER', warnings: 'INTEGER' },
    ...{ errors_zh: 'VARCHAR', errors_en: 'VARCHAR', behind: 'BOOLEAN' },
  },
  duty: {
    ...{ duty: 'INTEGER', provider: 'VARCHAR', entry: 'VARCHAR', occurred: 'DATE', due: 'DATE', done: 'DATE' },
    stopped: 'BOOLEAN',
  },
  source: {
    ...{ source: 'VARCHAR', owner: 'VARCHAR', title_zh: 'VARCHAR', title_en: 'VARCHAR', number: 'INTEGER' },
    ...{ transport: 'VARCHAR', cadence: 'VARCHAR', since: 'DATE' },
  },
  on_time: { source: 'VARCHAR', day: 'DATE', current: 'BOOLEAN' },
  clock: {
    ...{ clock: 'INTEGER', deadline: 'VARCHAR', title_zh: 'VARCHAR', title_en: 'VARCHAR', request: 'INTEGER' },
    ...{ organisation: 'VARCHAR', start: 'DATE', days: 'INTEGER', extension: 'INTEGER', due: 'DATE' },
    ...{ missing_year: 'INTEGER', state: 'VARCHAR', ended: 'DATE' },
  },
  request: {
    ...{ request: 'INTEGER', requester: 'VARCHAR', provider: 'VARCHAR', entry: 'VARCHAR', state: 'VARCHAR' },
    ...{ submitted: 'DATE', decided: 'DATE' },
  },
  dispute: {
    ...{ dispute: 'INTEGER', request: 'INTEGER', requester: 'VARCHAR', provider: 'VARCHAR', state: 'VARCHAR' },
    ...{ outcome: 'VARCHAR', ended: 'DATE' },
  },
  delivery: {
    ...{ delivery: 'INTEGER', share: 'INTEGER', requester: 'VARCHAR', provider: 'VARCHAR', entry: 'VARCHAR' },
    ...{ ready: 'DATE', sealed: 'BOOLEAN', downloads: 'INTEGER', confirmed: 'DATE', matches: 'BOOLEAN' },
  },
  misuse: {
    ...{ step: 'BIGINT', share: 'INTEGER', request: 'INTEGER', requester: 'VARCHAR', provider: 'VARCHAR' },
    ...{ action: 'VARCHAR', day: 'DATE' },
  },
  correction: {
    ...{ correction: 'INTEGER', owner: 'VARCHAR', subject: 'VARCHAR', entity: 'BIGINT', field: 'VARCHAR' },
    ...{ raised: 'DATE', due: 'DATE', state: 'VARCHAR', answered: 'DATE' },
  },
  refusal: { seq: 'BIGINT', day: 'DATE', organisation: 'VARCHAR', action: 'VARCHAR', object: 'VARCHAR' },
  use: { entry: 'VARCHAR', provider: 'VARCHAR', channel: 'VARCHAR', day: 'DATE', times: 'BIGINT' },
  dataset: {
    dataset: 'VARCHAR',
    entry: 'VARCHAR',
    provider: 'VARCHAR',
    state: 'VARCHAR',
    since: 'DATE',
    updated: 'DATE',
  },
  form_record: {
    record: 'VARCHAR',
    form: 'VARCHAR',
    division: 'VARCHAR',
    owner: 'VARCHAR',
    created: 'DATE',
    due: 'DATE',
    done: 'DATE',
  },
} as const satisfies Record<string, Record<string, string>>;

export type StageName = keyof typeof stages;
/** A row: a value for every column; days as `2026-11-21`. */
export type StageRow = Record<string, string | number | boolean | null>;
/** Rows by stage; a stage that is left out is absent. */
export type Staged = Partial<Record<StageName, readonly StageRow[]>>;

const names = Object.keys(stages) as StageName[];
const columnsOf = (name: StageName): Record<string, string> => stages[name];

/** Tables and nothing else: a stage's view comes with its first rows. */
export const stageTables: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS asm',
  'CREATE SCHEMA IF NOT EXISTS v',
  ...names.map(
    (name) =>
      `CREATE TABLE IF NOT EXISTS asm.${name} (${Object.entries(columnsOf(name))
        .map(([column, type]) => `"${column}" ${type}`)
        .join(', ')})`,
  ),
];

/** Rows handed to the engine at once. */
const BATCH = 20_000;

/** Writes the stages anew; views of those that are absent go. */
export async function stage(s: LakeSession, staged: Staged): Promise<void> {
  for (const name of names) {
    const rows = staged[name];
    await s.run(`DELETE FROM asm.${name}`);
    if (!rows) {
      await s.run(`DROP VIEW IF EXISTS v.assessment_${name}_v1`);
      continue;
    }
    const columns = columnsOf(name);
    const shape = JSON.stringify([columns]).replaceAll("'", "''");
    const list = Object.keys(columns)
      .map((c) => `r."${c}"`)
      .join(', ');
    for (let at = 0; at < rows.length; at += BATCH)
      await s.run(
        `INSERT INTO asm.${name} SELECT ${list} FROM (SELECT unnest(from_json($rows::JSON, '${shape}')) AS r)`,
        { rows: JSON.stringify(rows.slice(at, at + BATCH)) },
      );
    await s.run(`CREATE OR REPLACE VIEW v.assessment_${name}_v1 AS SELECT * FROM asm.${name}`);
  }
}
