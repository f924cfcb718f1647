/** Helpers of the tests: reading what was written with an engine of its own, and checking codes independently of the generator. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

/** A scratch folder that is removed when the work is done. */
export async function inScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'synthcity-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

let connection: Promise<DuckDBConnection> | undefined;

/** Answers a query over files. */
export async function ask<T = Record<string, unknown>>(sql: string): Promise<T[]> {
  connection ??= DuckDBInstance.create(':memory:', { threads: '1' }).then((instance) => instance.connect());
  return (await (await connection).runAndReadAll(sql)).getRowObjectsJS() as T[];
}

/** SQL that reads a CSV file with every column as text and its row number. */
export function csv(file: string): string {
  return `(SELECT row_number() OVER () AS row, * FROM read_csv('${file}', header = true, all_varchar = true, nullstr = '', parallel = false))`;
}

/** Every file below a folder with the SHA-256 of its bytes. */
export function fingerprints(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
  return new Map(
    files
      .map((f) => join(f.parentPath, f.name))
      .sort()
      .map((f) => [f.slice(folder.length), createHash('sha256').update(readFileSync(f)).digest('hex')]),
  );
}

const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';

/** Whether a unified social credit code is right (GB 32100-2015). */
export function rightUscc(code: string): boolean {
  if (!/^[0-9A-HJ-NP-RTUWXY]{18}$/.test(code)) return false;
  const sum = [...code.slice(0, 17)].reduce((s, c, i) => s + alphabet.indexOf(c) * (3 ** i % 31), 0);
  return alphabet[(31 - (sum % 31)) % 31] === code[17];
}

/** Whether an organisation code is right (GB 11714). */
export function rightOrgcode(code: string): boolean {
  const weights = [3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((s, w, i) => s + w * Number.parseInt(code[i] ?? '', 36), 0);
  const check = 11 - (sum % 11);
  return code.length === 9 && code[8] === (check === 10 ? 'X' : check === 11 ? '0' : String(check));
}

/** Whether a 15-digit registration number is right (GS 15-2006, ISO 7064 MOD 11,10). */
export function rightRegno(code: string): boolean {
  if (!/^\d{15}$/.test(code)) return false;
  let p = 10;
  for (const d of code.slice(0, 14)) p = (((p + Number(d)) % 10 || 10) * 2) % 11;
  return (11 - p) % 10 === Number(code[14]);
}

/** Whether an identity number of 18 characters is right (GB 11643-1999), its date included. */
export function rightIdentity(id: string): boolean {
  if (!/^\d{17}[\dX]$/.test(id)) return false;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((s, w, i) => s + w * Number(id[i]), 0);
  const born = `${id.slice(6, 10)}-${id.slice(10, 12)}-${id.slice(12, 14)}`;
  return (
    '10X98765432'[sum % 11] === id[17] &&
    !Number.isNaN(Date.parse(born)) &&
    new Date(born).toISOString().startsWith(born)
  );
}
