/** A department's file on its way into the engine: as UTF-8 CSV, whatever it was. Nothing of it stays outside the blobs. */
import { createReadStream, createWriteStream } from 'node:fs';
import { open, readFile, writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import iconv from 'iconv-lite';
import { readSheet } from 'read-excel-file/node';
import { type LakeSession, literal } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import { csvLine } from '../../platform/sheet/index.ts';
import { unreadable } from './problems.ts';

export type FileFormat = 'csv' | 'xlsx';

/** The format that a file's name says. */
export const formatOf = (name: string): FileFormat => (/\.xlsx$/i.test(name) ? 'xlsx' : 'csv');

const textOf = (cell: unknown): string => {
  if (cell === null || cell === undefined) return '';
  if (!(cell instanceof Date)) return String(cell);
  const iso = cell.toISOString();
  return iso.endsWith('T00:00:00.000Z') ? iso.slice(0, 10) : iso.slice(0, 19);
};

/** Whether the beginning of a file is UTF-8; a character cut at the end of what was read is no fault. */
async function isUtf8(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1 << 20), 0, 1 << 20, 0);
    new TextDecoder('utf-8', { fatal: true }).decode(buffer.subarray(0, bytesRead), { stream: true });
    return true;
  } catch {
    return false;
  } finally {
    await file.close();
  }
}

/** Makes UTF-8 CSV of a file; answers the path to read (the same when it was that already, else `to`). */
export async function asCsv(path: string, format: FileFormat, to: string): Promise<string> {
  if (format === 'csv') {
    if (await isUtf8(path)) return path;
    await pipeline(
      createReadStream(path),
      iconv.decodeStream('gb18030'),
      iconv.encodeStream('utf-8'),
      createWriteStream(to, { mode: 0o600 }),
    );
    return to;
  }
  try {
    const sheet = await readSheet(await readFile(path), { parseNumber: (digits: string) => digits, trim: false });
    const width = sheet[0]?.length ?? 0;
    const lines = (sheet as unknown[][]).map((row) => csvLine(Array.from({ length: width }, (_, i) => textOf(row[i]))));
    await writeFile(to, lines.join(''), { mode: 0o600 });
    return to;
  } catch (error) {
    throw new Problem(unreadable, { reason: (error as Error).message });
  }
}

/**
 * The rows of a CSV file as SQL, every column as text; short rows are filled up, so that each line stays one row. Read by
 * several threads (`parallel`) it refuses line ends inside quotes, which only one thread can follow.
 */
export const csvSql = (path: string, parallel: boolean): string =>
  `read_csv(${literal(path)}, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"', null_padding = true,
    strict_mode = false, parallel = ${parallel}, nullstr = [''])`;

/**
 * Brings answers of a file's rows into a temporary table in the order of the file; `rowid` counts them from 0. `select` is
 * what is taken of each row.
 */
export async function loadCsv(s: LakeSession, path: string, select: string, into: string): Promise<void> {
  const sql = (parallel: boolean) =>
    `CREATE OR REPLACE TEMP TABLE ${into} AS SELECT ${select} FROM ${csvSql(path, parallel)}`;
  try {
    await s.run(sql(true));
  } catch (error) {
    if (!/parallel/i.test((error as Error).message)) throw error;
    await s.run(sql(false));
  }
}

/** The columns of a CSV file. */
export async function headersOf(s: LakeSession, path: string): Promise<string[]> {
  try {
    const rows = await s.query<{ column_name: string }>(`DESCRIBE FROM ${csvSql(path, false)}`);
    return rows.map((r) => r.column_name);
  } catch (error) {
    throw new Problem(unreadable, { reason: (error as Error).message.split('\n')[0] });
  }
}
