/** What the exchange's tests share: declarations in a few words, a lake in a folder of its own, a vault that keeps nothing. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SourceDeclaration, sourceDeclaration } from '../catalogue/index.ts';
import { ManualClock } from '../platform/clock.ts';
import { ident, type Lake, openDuckDbLake } from '../platform/lake/index.ts';
import type { VaultPort } from '../platform/room.ts';
import type { CollectDeps } from './collect.ts';
import { exchangeTables, rawTableStatements } from './tables.ts';

export { mariadbExpected, startMariadb } from './transport/database-testing.ts';

/** A source with text fields of the given names; anything else can be set over it. */
export function declare(
  fields: (string | Record<string, unknown>)[],
  over: Record<string, unknown> = {},
): SourceDeclaration {
  return sourceDeclaration.parse({
    id: 'ts.rows',
    number: 900,
    title: { zh: '测试', en: 'Test' },
    abstract: { zh: '测试', en: 'Test' },
    owner: 'ts',
    category: 'other',
    subject: 'none',
    level: 'general',
    sharing: { type: 'unconditional' },
    cadence: 'daily',
    mode: 'snapshot',
    key: [],
    transport: { kind: 'file', pattern: '*.csv' },
    fields: fields.map((f) => {
      const own = typeof f === 'string' ? { name: f } : f;
      return { title: { zh: String(own.name), en: String(own.name) }, type: 'text', ...own };
    }),
    ...over,
  });
}

/** Tokens as the vault would give them, without keeping what they stand for. */
export const testToken = (kind: string, original: string): string =>
  `${kind[0]}~${createHash('sha256').update(`${kind}|${original}`).digest('hex').slice(0, 26)}`;

const notForTests = () => Promise.reject(new Error('not for tests'));
export const testVault: VaultPort = {
  tokenOf: testToken,
  async stageTokens(session, kind, distinctSql, into) {
    return session.run(
      `CREATE OR REPLACE TEMP TABLE ${ident(into)} AS
       SELECT original, $letter || '~' || sha256($kind || '|' || original)[1:26] AS token FROM (${distinctSql})`,
      { kind, letter: kind[0]! },
    );
  },
  stageNorms: notForTests,
  normOf: testToken,
  find: notForTests,
  reveal: notForTests,
  masks: async (tokens) => new Map(tokens.map((t) => [t, '***'])),
};

/** A lake with the exchange's tables, and what collecting needs. */
export interface TestBench extends CollectDeps {
  folder: string;
  lake: Lake;
  clock: ManualClock;
  define(source: SourceDeclaration): Promise<void>;
  /** Writes a file into the bench's folder; answers its path. */
  file(name: string, content: string | Uint8Array): string;
  close(): Promise<void>;
}

export async function openBench(): Promise<TestBench> {
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-exchange-'));
  const lake = await openDuckDbLake({ path: join(folder, 'lake.duckdb'), threads: 1 });
  await lake.define(exchangeTables);
  return {
    folder,
    lake,
    clock: new ManualClock(),
    vault: testVault,
    work: join(folder, 'work'),
    define: (source) => lake.define(rawTableStatements(source)),
    file(name, content) {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    },
    async close() {
      await lake.close();
      rmSync(folder, { recursive: true });
    },
  };
}
