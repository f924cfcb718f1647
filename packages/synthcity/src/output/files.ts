/** Files in the formats and encodings that classes declare. */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Run } from '../engine.ts';
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

/** Writes the answer of a SELECT to a file; answers its rows and bytes. */
export async function writeFile(
  run: Run,
  select: string,
  columns: readonly string[],
  kind: FileKind,
  target: string,
): Promise<{ rows: number; bytes: number }> {
  await mkdir(dirname(target), { recursive: true });
  // Written beside and renamed: whoever watches the folder never sees half a file.
  const [raw, ready] = [`${target}.raw`, `${target}.part`];
  const copy = (options: string, query = select, to = ready): Promise<number> =>
    run(`COPY (${query}) TO ${text(to)} (${options})`);
  let rows = 0;
  switch (kind) {
    case 'csv':
      rows = await copy('FORMAT csv, HEADER true');
      break;
    case 'pipe':
      rows = await copy("FORMAT csv, HEADER true, DELIMITER '|'");
      break;
    case 'jsonl':
      rows = await copy('FORMAT json');
      break;
    case 'parquet':
      rows = await copy('FORMAT parquet');
      break;
    case 'gb':
    case 'utf16':
      rows = await copy('FORMAT csv, HEADER true', select, raw);
      await pipeline(
        createReadStream(raw, { highWaterMark: 1 << 20 }),
        transcoder(kind === 'gb' ? 'gb18030' : 'utf-16'),
        createWriteStream(ready),
      );
      await rm(raw);
      break;
    case 'xlsx':
      rows = await copy(
        "FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\u0001'",
        sheetSql(select, columns),
        raw,
      );
      await writeXlsx(raw, rows, columns, ready);
      await rm(raw);
      break;
  }
  await rename(ready, target);
  return { rows, bytes: (await stat(target)).size };
}
