/** Spreadsheets that departments uploaded: the ones in which the person stands go whole, since cutting a cell would make another's file of it. */
import { sql } from 'kysely';
import { saysNumber } from '../../platform/personal.ts';
import type { FormsPorts, Trx } from '../ports.ts';
import { openCsv } from '../sheet/csv-read.ts';
import { openWorkbook, type SheetRow } from '../sheet/xlsx-read.ts';
import type { FormPerson } from './values.ts';

/** An upload in which the person stands, or which nobody can read any more. */
export interface Upload {
  id: string;
  blob: string;
  readable: boolean;
}

type Ports = Pick<FormsPorts, 'db' | 'blobs' | 'vault'>;
const IDENTITY = /(?<![0-9])(?:\d{17}[\dX]|\d{15})(?![0-9])/g;

/** Whether a row of a sheet says the person: the number in any spelling, or name and own telephone together. */
export function rowSays(row: SheetRow, who: FormPerson, isTheirs: (number: string) => boolean): boolean {
  const cells = [...row.cells.values()].map((c) => c.text.normalize('NFKC').trim());
  const numbers = cells.flatMap((c) => c.replaceAll(/\s/g, '').toUpperCase().match(IDENTITY) ?? []);
  if (numbers.some(isTheirs)) return true;
  if (!who.names.some((n) => cells.some((c) => c.includes(n)))) return false;
  const bare = (text: string) => text.replaceAll(/[\s-]|^\+?86(?=1\d{10}$)/g, '');
  const own = new Set(who.plain.map(bare));
  return cells.some((c) => own.has(bare(c)) || saysNumber(c, who.plain));
}

/**
 * Looks through what was uploaded, one file at a time. `records`: those in which the person stands; what they were made from has the person as well.
 */
export async function uploadsOf(
  ports: Ports,
  who: FormPerson & { norm: string },
  records: readonly string[],
  db: Trx = ports.db.kysely,
): Promise<Upload[]> {
  const { rows } = await sql<{ id: string; blob: string; made: boolean }>`SELECT i.id, i.blob,
      i.id::text IN (SELECT reason FROM forms.change WHERE action = 'import' AND record = ANY(${[...records]}::uuid[])) AS made
    FROM forms.import i ORDER BY i.at, i.id`.execute(db);
  const found: Upload[] = [];
  const known = new Map<string, Upload | null>();
  for (const r of rows) {
    if (!known.has(r.blob)) known.set(r.blob, await look(ports, r, who));
    const seen = known.get(r.blob)!;
    if (seen) found.push({ ...seen, id: r.id });
    else if (r.made) found.push({ id: r.id, blob: r.blob, readable: true });
  }
  return found;
}

async function look(
  { blobs, vault }: Ports,
  { id, blob }: { id: string; blob: string },
  who: FormPerson & { norm: string },
): Promise<Upload | null> {
  // Broken off between the file and its row: the file was the person's, and the row is still there.
  if (!(await blobs.has(blob))) return { id, blob, readable: false };
  const chunks: Uint8Array[] = [];
  for await (const c of blobs.get(blob)) chunks.push(c);
  const bytes = Buffer.concat(chunks);
  const isTheirs = (number: string): boolean => vault.normOf('citizen-id', number) === who.norm;
  try {
    const sheets = bytes.subarray(0, 2).toString('latin1') === 'PK' ? await openWorkbook(bytes) : [openCsv(bytes)];
    for (const sheet of sheets)
      for await (const row of sheet.rows()) if (rowSays(row, who, isTheirs)) return { id, blob, readable: true };
    return null;
  } catch {
    // A file that was taken in once can be read; what cannot any more is let go of rather than kept unseen.
    return { id, blob, readable: false };
  }
}

/** Lets an upload go: the file first, then what is known of it, so that a kill in between is found again. */
export async function dropUpload({ db, blobs }: Ports, u: Upload): Promise<void> {
  await db.tx(async (trx) => {
    const { rows } =
      await sql`SELECT 1 AS one FROM forms.import WHERE blob = ${u.blob} AND id <> ${u.id}::uuid LIMIT 1`.execute(trx);
    if (rows.length === 0 && (await blobs.has(u.blob))) await blobs.remove(u.blob);
    await sql`DELETE FROM forms.import WHERE id = ${u.id}::uuid`.execute(trx);
  });
}
