/** What the tests of the assessment share: the departments of sharing's bench, a lake with what formulas read, a formula of their own. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import type { Principal } from '../platform/auth/principal.ts';
import type { Db, MigrationSet } from '../platform/db/index.ts';
import { NotedNotices } from '../platform/notices/testing.ts';
import type { SealSubject } from '../platform/seal/port.ts';
import { bench as sharingBench, sharingMigrations } from '../sharing/testing.ts';
import { type Formula, formulaSchema } from './declaration.ts';
import type { AssessmentDeps } from './job.ts';
import { stageTables } from './staged.ts';

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** The repository. */
export const repository = folder('../../../');
export const assessmentMigrations: MigrationSet[] = [
  ...sharingMigrations,
  ...['forms', 'publishing'].map((room) => ({ room, folder: folder(`../${room}/migrations`) })),
  { room: 'assessment', folder: folder('./migrations') },
];

/** Views that declared formulas read besides the stages, empty. */
export const emptyViews: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS v',
  'CREATE SCHEMA IF NOT EXISTS gw',
  'CREATE TABLE IF NOT EXISTS gw.day (day DATE, share INTEGER, provider VARCHAR, sandbox BOOLEAN, status SMALLINT, calls BIGINT, rows BIGINT)',
  `CREATE VIEW v.run_v1 AS SELECT NULL::INTEGER AS run, NULL::VARCHAR AS source, NULL::VARCHAR AS kind, NULL::TIMESTAMP AS finished,
     NULL::BIGINT AS received, NULL::BIGINT AS quarantined WHERE false`,
  `CREATE VIEW v.quality_v1 AS SELECT NULL::VARCHAR AS source, NULL::INTEGER AS run, NULL::VARCHAR AS dimension, NULL::VARCHAR AS rule,
     NULL::BIGINT AS a, NULL::BIGINT AS b WHERE false`,
  `CREATE VIEW v.legal_person_v1 AS SELECT NULL::INTEGER AS entity, NULL::VARCHAR AS name, NULL::VARCHAR AS uscc, NULL::VARCHAR AS address,
     NULL::VARCHAR AS legal_representative, NULL::VARCHAR AS industry, NULL::DATE AS established, NULL::DATE AS closed,
     NULL::VARCHAR AS division, NULL::SMALLINT AS contradictions WHERE false`,
  `CREATE VIEW v.list_member_v1 AS SELECT NULL::VARCHAR AS list, NULL::VARCHAR AS division, NULL::DATE AS since WHERE false`,
  `CREATE VIEW v.list_ended_v1 AS SELECT NULL::VARCHAR AS list, NULL::VARCHAR AS division, NULL::VARCHAR AS ending, NULL::DATE AS until WHERE false`,
];

const indicator = (id: string, weight: number, sql: string, over: object = {}) => ({
  ...{ id, title: { zh: `${id}指标`, en: id }, weight, measure: 'share', direction: 'higher', full: 1, zero: 0 },
  ...{
    text: { zh: '说明', en: 'text' },
    ground: { zh: '依据', en: 'ground' },
    advice: { zh: '建议', en: 'advice' },
    sql,
  },
  ...over,
});
const SELECT = "{'zh': ref, 'en': ref} AS title, NULL::STRUCT(zh VARCHAR, en VARCHAR) AS note, base, value";

/** A formula over a table of the tests (`v.case_v1`: day, indicator, unit, ref, base, value). */
export const formulaOf = (over: object = {}): Formula =>
  formulaSchema.parse({
    ...{ scheme: 'trial', edition: 'one', title: { zh: '试行考核', en: 'Trial' }, note: { zh: '说明', en: 'note' } },
    ...{ validFrom: '2026-01', units: { organisations: ['other'] }, close: 3, objections: 5, leastWeight: 40 },
    indicators: [
      indicator(
        'timely',
        60,
        `SELECT unit, 'case' AS kind, ref, ${SELECT} FROM v.case_v1 WHERE indicator = 'timely' AND day <= $day`,
      ),
      indicator(
        'findings',
        30,
        `SELECT unit, 'finding' AS kind, ref, ${SELECT} FROM v.case_v1 WHERE indicator = 'findings' AND day <= $day`,
        {
          ...{ measure: 'count', direction: 'lower', full: 0, zero: 4, without: 'full' },
        },
      ),
      indicator(
        'forms',
        10,
        `SELECT owner AS unit, 'form' AS kind, record AS ref, {'zh': record, 'en': record} AS title, NULL::STRUCT(zh VARCHAR, en VARCHAR) AS note, 1 AS base, 1 AS value FROM v.assessment_form_record_v1`,
      ),
    ],
    ...over,
  });

export interface AssessmentBench extends Awaited<ReturnType<typeof sharingBench>> {
  deps: AssessmentDeps;
  /** Declares a formula as a file of the scheme. */
  declare(formula: Formula): void;
  /** Puts cases: day, indicator, unit, ref, base, value. */
  cases(...rows: readonly [string, string, string, string, number, number][]): Promise<void>;
  finish(): Promise<void>;
}

/** The bench on an open store, at `2026-03-02`. */
export async function bench(db: Db): Promise<AssessmentBench> {
  const own = await sharingBench(db);
  const root = mkdtempSync(join(tmpdir(), 'jingwei-assessment-'));
  const { lake } = own.ports;
  await lake.define([
    ...stageTables,
    ...emptyViews,
    'CREATE TABLE f.cases (day DATE, indicator VARCHAR, unit VARCHAR, ref VARCHAR, base DOUBLE, value DOUBLE)',
    'CREATE VIEW v.case_v1 AS FROM f.cases',
  ]);
  const files = new Map<string, Uint8Array>();
  const seals: SealSubject[] = own.seals;
  const deps = {
    ...own.ports,
    ...{ calendar: () => own.calendar.current, faults: [], config: { city: 'cixi' } },
    folders: {
      ...{ data: own.ports.folders.data, sources: join(root, 'sources') },
      ...{ standards: join(repository, 'standards'), cities: join(repository, 'cities') },
    },
    notices: new NotedNotices(),
    seal: { request: async (s: SealSubject) => seals.push(s), get: async () => undefined },
    http: { url: () => 'https://hub.example' },
    blobs: {
      async put(content: Iterable<Uint8Array>) {
        const bytes = Buffer.concat([...content]);
        const { createHash } = await import('node:crypto');
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        files.set(sha256, bytes);
        return { sha256, bytes: bytes.length };
      },
      async *get(sha256: string) {
        yield files.get(sha256)!;
      },
    },
  } as unknown as AssessmentDeps;
  return {
    ...own,
    deps,
    declare(formula) {
      const at = join(root, 'assessment', formula.scheme);
      mkdirSync(at, { recursive: true });
      writeFileSync(join(at, `${formula.edition}.yaml`), stringify(formula));
    },
    async cases(...rows) {
      for (const [day, i, unit, ref, base, value] of rows)
        await lake.write('test', (s) =>
          s.run('INSERT INTO f.cases VALUES ($day::DATE, $i, $unit, $ref, $base, $value)', {
            day,
            i,
            unit,
            ref,
            base,
            value,
          }),
        );
    },
    async finish() {
      await own.end();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** A principal with another organisation. */
export const of = (p: Principal, organisation: string | null): Principal => ({ ...p, organisation });
