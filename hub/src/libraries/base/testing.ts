/** For tests: a lake with the sources of a synthetic city's people and places, received as the exchange would. */
import { fileURLToPath } from 'node:url';
import { loadSources, record, type SourceDeclaration } from '../../catalogue/index.ts';
import { ManualClock } from '../../platform/clock.ts';
import { ident, type Lake, literal } from '../../platform/lake/index.ts';
import { note } from '../../platform/vault/normal.ts';
import { vaultTables } from '../../platform/vault/tables.ts';
import { Tokenizer } from '../../platform/vault/token.ts';
import { receivedTable, type VersionedDeclaration } from '../../refinery/index.ts';
import { declarations as legalPersons, openLibraries } from '../fixture.ts';
import { baseTables, baseViews, type LoadedLibrary, loadLibraries } from './index.ts';

const repository = fileURLToPath(new URL('../../../../', import.meta.url));
const tokens = new Tokenizer(new Uint8Array(32).fill(7));

/** The token of a number, as the vault would give it. */
export const tokenOf = (kind: 'citizen-id' | 'phone', original: string): string => tokens.token(kind, original);
/** The token of a number's normal form: what persons are known by. */
export const normOf = (original: string): string => tokens.token('citizen-id', note('citizen-id', original).normal);

/** The repository's own sources and libraries. */
export async function declared(): Promise<{ sources: VersionedDeclaration[]; libraries: LoadedLibrary[] }> {
  const loaded = await loadSources(`${repository}sources`);
  const sources = loaded.sources.map(({ declaration }) => ({ version: 1, declaration }));
  const { libraries, problems } = loadLibraries(
    `${repository}libraries`,
    new Map(sources.map((s) => [s.declaration.id, s.declaration])),
  );
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return { sources, libraries };
}

/** A lake with every table and view of the libraries, the vault's among them. */
export async function openBase(
  of: Awaited<ReturnType<typeof declared>>,
  path = ':memory:',
  threads = 1,
): Promise<Lake> {
  const lake = await openLibraries(path, threads);
  await lake.define([...vaultTables, ...baseTables]);
  await lake.define(baseViews(of.libraries.map((l) => l.declaration)));
  await record(
    lake,
    new ManualClock(),
    [
      ...legalPersons,
      ...of.sources.filter((s) => legalPersons.every((l) => l.declaration.id !== s.declaration.id)),
    ].map(({ declaration }) => ({ declaration, sha256: declaration.id, folder: '' })),
  );
  return lake;
}

/** Puts numbers into the vault as an intake would leave them. */
export async function seal(lake: Lake, kind: 'citizen-id' | 'phone', originals: readonly string[]): Promise<void> {
  const rows = [...new Set(originals)].map((original) => {
    const { normal, mask, check } = note(kind, original);
    return [tokenOf(kind, original), kind, tokens.token(kind, normal), mask, check];
  });
  await lake.write('vault', async (s) => {
    await s.run(
      'CREATE OR REPLACE TEMP TABLE sealed (token VARCHAR, kind VARCHAR, norm VARCHAR, mask VARCHAR, check_code VARCHAR)',
    );
    await s.append('sealed', rows);
    await s.run(
      'INSERT INTO vault.value (token, kind, norm, mask, check_code) SELECT * FROM sealed WHERE token NOT IN (SELECT token FROM vault.value)',
    );
  });
}

/** Receives a file of a source as one run: sensitive fields become tokens, a row without a required value is left out. */
export async function receiveFile(lake: Lake, d: SourceDeclaration, run: number, file: string): Promise<number> {
  const csv = `read_csv(${literal(file)}, header = true, all_varchar = true, nullstr = '', parallel = false)`;
  const table = receivedTable(d.id);
  const names = d.fields.map((f) => f.name);
  await lake.define([
    `CREATE TABLE IF NOT EXISTS ${table} (_run INTEGER, _row INTEGER, _op VARCHAR, _ts TIMESTAMP, _leaf BLOB, ${names.map((n) => `${ident(n)} VARCHAR`).join(', ')})`,
  ]);
  const secret = d.fields.filter((f) => f.protection === 'sensitive');
  const maps: string[] = [];
  for (const f of secret) {
    const kind = f.format === 'phone' ? 'phone' : 'citizen-id';
    const originals = (
      await lake.query<{ x: string }>(
        `SELECT DISTINCT ${ident(f.name)} AS x FROM ${csv} WHERE ${ident(f.name)} IS NOT NULL`,
      )
    ).map((r) => r.x);
    await seal(lake, kind, originals);
    await lake.define([`CREATE OR REPLACE TABLE ${ident(`map_${f.name}`)} (original VARCHAR, token VARCHAR)`]);
    await lake.write('exchange', (s) =>
      s.append(
        `map_${f.name}`,
        originals.map((x) => [x, tokenOf(kind, x)]),
      ),
    );
    maps.push(`LEFT JOIN ${ident(`map_${f.name}`)} ON ${ident(`map_${f.name}`)}.original = f.${ident(f.name)}`);
  }
  const value = (n: string) => (secret.some((f) => f.name === n) ? `${ident(`map_${n}`)}.token` : `f.${ident(n)}`);
  const required = d.fields.filter((f) => f.required).map((f) => `f.${ident(f.name)} IS NOT NULL`);
  const traced = d.mode === 'changes';
  return lake.write('exchange', async (s) => {
    const accepted = await s.run(
      `INSERT INTO ${table} SELECT ${run}, f._n, ${traced ? 'f.dsc_biz_operation' : "'I'"}, ${traced ? 'f.dsc_biz_timestamp::TIMESTAMP' : `TIMESTAMP '2026-11-20 00:00:00'`}, NULL, ${names.map(value).join(', ')}
       FROM (SELECT row_number() OVER () AS _n, * FROM ${csv}) f ${maps.join(' ')} WHERE ${required.join(' AND ') || 'true'}`,
    );
    await s.run(
      `INSERT INTO ex.run VALUES (${run}, ${literal(d.id)}, ${d.number}, ${literal(file)}, NULL, 0, now()::TIMESTAMP, now()::TIMESTAMP, ${accepted}, ${accepted}, 0, 0, NULL, 0, 1, '[]', 'collect', 0)`,
    );
    return accepted;
  });
}
