/** Files in the formats and encodings that classes declare. */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { FileKind } from '../model.ts';
import { text } from '../sql.ts';
import { transcoder } from './encode.ts';
import { sheetSql, writeXlsx } from './xlsx.ts';

/** Endings of file names. */
export const endings: Record<FileKind, string> = {
  csv: 'csv',
  gb: 'csv',
  utf16: 'csv',
  pipe: 'csv',
  xlsx: 'xlsx',
  jsonl: 'jsonl',
  parquet: 'parquet',
};

/** Writes the answer of a SELECT to a file; answers its size in bytes. */
export async function writeFile(
  run: (sql: string) => Promise<void>,
  select: string,
  columns: readonly string[],
  rows: number,
  kind: FileKind,
  target: string,
): Promise<number> {
  await mkdir(dirname(target), { recursive: true });
  const raw = `${target}.part`;
  const copy = (options: string, query = select, to = target): Promise<void> =>
    run(`COPY (${query}) TO ${text(to)} (${options})`);
  switch (kind) {
    case 'csv':
      await copy('FORMAT csv, HEADER true');
      break;
    case 'pipe':
      await copy("FORMAT csv, HEADER true, DELIMITER '|'");
      break;
    case 'jsonl':
      await copy('FORMAT json');
      break;
    case 'parquet':
      await copy('FORMAT parquet');
      break;
    case 'gb':
    case 'utf16':
      await copy('FORMAT csv, HEADER true', select, raw);
      await pipeline(
        createReadStream(raw, { highWaterMark: 1 << 20 }),
        transcoder(kind === 'gb' ? 'gb18030' : 'utf-16'),
        createWriteStream(target),
      );
      await rm(raw);
      break;
    case 'xlsx':
      await copy("FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\u0001'", sheetSql(select, columns), raw);
      await writeXlsx(raw, rows, columns, target);
      await rm(raw);
      break;
  }
  return (await stat(target)).size;
}
