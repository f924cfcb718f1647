/** Received rows for tests: what the exchange would have written, in small. */
import { sourceDeclaration } from '../catalogue/index.ts';
import { ident, type Lake } from '../platform/lake/index.ts';
import { receivedTable, type VersionedDeclaration } from './plan.ts';

/** A delivered run. Rows are objects by field name; `_op` and `_ts` mark changes. */
export interface TestRun {
  run: number;
  source: VersionedDeclaration;
  rows: Record<string, string | null>[];
  finished?: string;
  /** Rows of earlier runs that this snapshot no longer has. */
  vanished?: { run: number; row: number }[];
  quarantined?: number;
}

type Field = { name: string; type?: string } & Record<string, unknown>;

/** A declaration with everything that a test does not care about filled in. */
export function declare(
  id: string,
  number: number,
  fields: Field[],
  more: Record<string, unknown> = {},
): VersionedDeclaration {
  const declaration = sourceDeclaration.parse({
    id,
    number,
    title: { zh: id, en: id },
    abstract: { zh: id, en: id },
    owner: id.split('.')[0],
    category: 'registration',
    subject: 'legal-person',
    level: 'general',
    sharing: { type: 'unconditional' },
    cadence: 'daily',
    mode: 'snapshot',
    key: [],
    transport: { kind: 'file' },
    fields: fields.map((f) => ({ type: 'text', title: { zh: f.name, en: f.name }, ...f })),
    ...more,
  });
  return { version: 1, declaration };
}

/** Tables of the exchange that the refinery and the libraries read. */
export const receivedTables: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS raw',
  'CREATE SCHEMA IF NOT EXISTS ex',
  'CREATE SCHEMA IF NOT EXISTS v',
  `CREATE TABLE IF NOT EXISTS ex.run (run INTEGER, source VARCHAR, number SMALLINT, input VARCHAR, blob VARCHAR, bytes BIGINT,
     started TIMESTAMP, finished TIMESTAMP, received BIGINT, accepted BIGINT, quarantined BIGINT, duplicate BIGINT, root BLOB,
     leaves BIGINT, declaration INTEGER, steps VARCHAR, kind VARCHAR, vanished BIGINT)`,
  'CREATE TABLE IF NOT EXISTS ex.vanished (run INTEGER, source VARCHAR, of_run INTEGER, of_row INTEGER, replaced BOOLEAN)',
  `CREATE OR REPLACE VIEW v.run_v1 AS SELECT run, source, number, input, blob, bytes, started, finished, received, accepted,
     quarantined, duplicate, root, leaves, declaration, steps, kind, vanished FROM ex.run`,
  'CREATE OR REPLACE VIEW v.vanished_v1 AS SELECT run, source, of_run, of_row, replaced FROM ex.vanished',
];

/** Writes runs as the exchange does. */
export async function receive(lake: Lake, runs: readonly TestRun[]): Promise<void> {
  for (const { run, source, rows, finished, vanished, quarantined } of runs) {
    const { declaration } = source;
    const table = receivedTable(declaration.id);
    const names = declaration.fields.map((f) => f.name);
    await lake.define([
      `CREATE TABLE IF NOT EXISTS ${table} (_run INTEGER, _row INTEGER, _op VARCHAR, _ts TIMESTAMP, _leaf BLOB,
         ${names.map((n) => `${ident(n)} VARCHAR`).join(', ')})`,
    ]);
    const at = new Date(finished ?? `2026-01-${String(Math.min(28, run)).padStart(2, '0')}T02:00:00Z`);
    await lake.write('exchange', async (s) => {
      await s.append(
        table.replaceAll(`"`, ''),
        rows.map((r, i) => [
          run,
          i + 1,
          r._op ?? 'I',
          r._ts ? new Date(r._ts) : at,
          null,
          ...names.map((n) => r[n] ?? null),
        ]),
      );
      const bad = quarantined ?? 0;
      await s.run(
        `INSERT INTO ex.run VALUES ($run, $source, $number, $input, NULL, 0, $at, $at, $received, $accepted, $bad, 0, NULL, 0, $version,
           '[]', 'collect', $vanished)`,
        {
          run,
          source: declaration.id,
          number: declaration.number,
          input: `${declaration.id}-${run}.csv`,
          at,
          received: rows.length + bad,
          accepted: rows.length,
          bad,
          version: source.version,
          vanished: vanished?.length ?? 0,
        },
      );
      for (const v of vanished ?? []) {
        await s.run('INSERT INTO ex.vanished VALUES ($run, $source, $of_run, $of_row, false)', {
          run,
          source: declaration.id,
          of_run: v.run,
          of_row: v.row,
        });
      }
    });
  }
}

// What only the routes call, for tests of other rooms.
export { decide, reviews } from './reviews.ts';
