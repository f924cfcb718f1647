/**
 * What was deleted still lies in the blocks of the database file: in row groups that are kept for their other rows, and in free blocks. Here
 * tables are written anew, and then every free block is overwritten, so that former bytes are nowhere in the file. It costs one writing
 * of those tables and of the free room.
 */
import type { LakeSession } from './lake.ts';

/** Bytes of one block of the engine's file, in values of eight bytes. */
const BLOCK_VALUES = 32_768;
/** Filling is done in pieces, so that a commit stays short. */
const PIECE_BLOCKS = 256;

/** Puts a table's rows into new row groups, in their order. */
export async function rewriteTable(s: LakeSession, table: string): Promise<void> {
  await s.run(`CREATE OR REPLACE TEMP TABLE rewritten AS SELECT * FROM ${table}`);
  await s.run(`DELETE FROM ${table}`);
  await s.run(`INSERT INTO ${table} SELECT * FROM rewritten`);
  await s.run('DROP TABLE rewritten');
}

/** SQL that answers a row where the file has more rows of a table than the table: former ones, not taken away yet. */
export const formerRows = (table: string): string =>
  `SELECT 1 AS one WHERE (SELECT coalesce(sum(count), 0) FROM pragma_storage_info('${table.replaceAll("'", "''")}')
     WHERE column_path = '[0]' AND segment_type <> 'VALIDITY') > (SELECT count(*) FROM ${table})`;

/** Overwrites the free blocks of the file; `write` is a transaction, `checkpoint` brings everything into the file. */
export async function fillFree(
  run: (sql: string) => Promise<unknown>,
  first: <T extends Record<string, unknown>>(sql: string) => Promise<T | undefined>,
  checkpoint: () => Promise<void>,
): Promise<number> {
  // What a checkpoint frees is free for the next one.
  await checkpoint();
  await checkpoint();
  const size = await first<{ free_blocks: number | bigint }>('SELECT free_blocks FROM pragma_database_size()');
  const free = Number(size?.free_blocks ?? 0);
  await run('CREATE SCHEMA IF NOT EXISTS scrub');
  await run('CREATE OR REPLACE TABLE scrub.filler (b UBIGINT USING COMPRESSION uncompressed)');
  // A few more than are free: the table's own description takes blocks as well.
  for (let left = free + 4; left > 0; left -= PIECE_BLOCKS) {
    const values = Math.min(left, PIECE_BLOCKS) * BLOCK_VALUES;
    await run(`INSERT INTO scrub.filler SELECT hash(i + ${left}) FROM range(${values}) t(i)`);
  }
  await checkpoint();
  await run('DROP TABLE scrub.filler');
  await run('DROP SCHEMA scrub');
  await checkpoint();
  return free;
}
