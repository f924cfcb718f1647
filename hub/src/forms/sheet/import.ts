/**
 * A department's spreadsheet taken into a form. First it is looked at: every fault with its cell, nothing kept but the file itself (encrypted). Then all
 * rows go in, or none; or the good ones, and the others come back as a workbook with their faults marked. The file is read again each time, row by row.
 */
import { createHash, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Principal } from '../../platform/auth/principal.ts';
import { cityDay } from '../../platform/law/index.ts';
import { Problem } from '../../platform/problem.ts';
import { columnLetters } from '../../platform/sheet/index.ts';
import type * as api from '../api.ts';
import type { Design, Fault, Values } from '../design.ts';
import { after, dueIn } from '../machine.ts';
import { change, type FormsPorts, type Trx } from '../ports.ts';
import * as k from '../problems.ts';
import { captionOf } from '../pure/index.ts';
import { formToFill, uniqueDigests } from '../records.ts';
import { enqueue } from '../source/outbox.ts';
import { designOf, type FormRow, nextCursor, type RecordRow } from '../store.ts';
import { prepareMany, showAll } from '../values.ts';
import { type CellFault, type Column, headings, recordsOf, type SheetRecord } from './cells.ts';
import { openCsv } from './csv-read.ts';
import { ZipFault } from './unzip.ts';
import { type OpenSheet, openWorkbook } from './xlsx-read.ts';

export const IMPORT_BYTES = 24 << 20;
export const IMPORT_ROWS = 100_000;
const CHUNK = 1000;
const FAULTS = 500;
const PREVIEW = 20;
const HEADER_WITHIN = 10;

type Answer = z.input<typeof api.importAnswer>;
type Kept = Omit<Answer, 'id' | 'name' | 'state' | 'applied' | 'preview' | 'at'> & {
  preview: { row: number; values: Values; good: boolean }[];
};
/** An import as it is kept. */
export interface ImportRow {
  id: string;
  form: number;
  version: number;
  name: string;
  blob: string;
  state: 'checked' | 'applied' | 'refused';
  result: Kept;
  applied: number;
  login: string;
  at: Date;
}

/** A sheet whose headings were found. */
export interface Found {
  sheet: OpenSheet;
  header: number;
  columns: Column[];
  headers: { index: number; header: string; field: string | null }[];
}

async function open(bytes: Buffer, design: Design): Promise<Found> {
  let sheets: OpenSheet[];
  try {
    sheets = bytes.subarray(0, 2).toString('latin1') === 'PK' ? await openWorkbook(bytes) : [openCsv(bytes)];
    for (const sheet of sheets) {
      let best: Found | undefined;
      let seen = 0;
      for await (const row of sheet.rows()) {
        const found = headings(design, row);
        if (found.columns.length > (best?.columns.length ?? 0)) best = { sheet, header: row.number, ...found };
        if (++seen >= HEADER_WITHIN) break;
      }
      if (best) return best;
    }
  } catch (error) {
    if (!(error instanceof ZipFault)) throw error;
    throw new Problem(k.importUnreadable, { zh: `不是可以读取的工作簿（${error.message}）。`, en: error.message });
  }
  throw new Problem(k.importUnreadable, {
    zh: `前 ${HEADER_WITHIN} 行没有与表单一致的表头。`,
    en: `No headings of the form in the first ${HEADER_WITHIN} rows.`,
  });
}

/** A record of the sheet, judged. `values`: as they would be kept. */
export interface Judged {
  record: SheetRecord;
  values: Values;
  faults: CellFault[];
}

/** Reads and judges all records in chunks. `keep`: numbers go to the vault. */
export async function* judged(
  ports: FormsPorts,
  form: FormRow,
  design: Design,
  found: Found,
  login: string,
  keep: boolean,
  db: Trx = ports.db.kysely,
): AsyncGenerator<Judged[]> {
  const seen = new Map<string, string>();
  let chunk: SheetRecord[] = [];
  let rows = 0;
  const body = async function* () {
    for await (const row of found.sheet.rows()) if (row.number > found.header) yield row;
  };
  const judge = async (): Promise<Judged[]> => {
    const prepared = await prepareMany(
      ports,
      design,
      form.id,
      chunk.map((r) => r.values),
      login,
      keep,
    );
    const held = await heldDigests(
      db,
      form.id,
      prepared.flatMap((p) => uniqueDigests(design, p.values).map((u) => u.digest)),
    );
    return chunk.map((record, i) => {
      const p = prepared[i]!;
      const faults = [...record.faults];
      const spoiled = new Set(record.faults.map((f) => f.cell));
      const say = (f: Fault) => {
        const cell = record.places.get(f.at) ?? cellOfField(found.columns, f.at, record.row);
        if (!spoiled.has(cell))
          faults.push({
            row: Number(/\d+$/.exec(cell)?.[0] ?? record.row),
            cell,
            code: f.code,
            zh: f.zh,
            en: f.en,
            value: '',
          });
      };
      for (const f of [...p.shape, ...p.faults.filter((x) => !p.shape.some((y) => y.at === x.at && y.code === x.code))])
        say(f);
      for (const u of uniqueDigests(design, p.values)) {
        const before = seen.get(u.digest);
        const cell = record.places.get(u.field) ?? '';
        if (before)
          say({ at: u.field, code: 'forms.value.unique', zh: `与 ${before} 相同。`, en: `The same as in ${before}.` });
        else if (held.has(u.digest))
          say({
            at: u.field,
            code: 'forms.value.unique',
            zh: '已有记录填了相同的值。',
            en: 'Another record has the same value.',
          });
        else seen.set(u.digest, cell);
      }
      return { record, values: p.values, faults };
    });
  };
  try {
    for await (const record of recordsOf(found.columns, body(), found.sheet.date1904)) {
      if (++rows > IMPORT_ROWS)
        throw new Problem(k.importUnreadable, { zh: `最多 ${IMPORT_ROWS} 行。`, en: `At most ${IMPORT_ROWS} rows.` });
      chunk.push(record);
      if (chunk.length >= CHUNK) {
        yield await judge();
        chunk = [];
      }
    }
  } catch (error) {
    if (!(error instanceof ZipFault)) throw error;
    throw new Problem(k.importUnreadable, { zh: `文件已损坏（${error.message}）。`, en: error.message });
  }
  if (chunk.length) yield await judge();
}

const cellOfField = (columns: readonly Column[], at: string, row: number): string => {
  const [, field, cell] = /^(\w+)(?:\[\d+\]\.(\w+))?$/.exec(at) ?? [];
  const column = columns.find((c) => c.field.name === field && (cell === undefined || c.cell?.name === cell));
  return column ? `${columnLetters(column.index)}${row}` : `A${row}`;
};

async function heldDigests(db: Trx, form: number, digests: string[]): Promise<Set<string>> {
  if (digests.length === 0) return new Set();
  const found = await sql<{
    digest: string;
  }>`SELECT digest FROM forms.unique_value WHERE form = ${form} AND digest = ANY(${digests}::text[])`.execute(db);
  return new Set(found.rows.map((r) => r.digest));
}

/** A form that somebody may fill in now, with its published design. */
export async function toFill(
  ports: FormsPorts,
  id: number,
  p: Principal,
): Promise<{ form: FormRow; version: number; design: Design }> {
  const form = await formToFill(ports, id, p);
  if (form.state === 'retired') throw new Problem(k.retired);
  if (form.published === null) throw new Problem(k.notPublished);
  return { form, version: form.published, design: await designOf(ports.db.kysely, id, form.published) };
}

/** Looks at a spreadsheet: what it would give, and every fault with its cell. */
export async function lookAt(
  ports: FormsPorts,
  formId: number,
  name: string,
  bytes: Buffer,
  p: Principal,
): Promise<Answer> {
  const { form, version, design } = await toFill(ports, formId, p);
  if (bytes.length === 0 || bytes.length > IMPORT_BYTES) throw new Problem(k.importFile, { mb: IMPORT_BYTES >> 20 });
  const found = await open(bytes, design);
  const result: Kept = {
    ...{ sheet: found.sheet.name, rows: 0, good: 0, bad: 0, faults: [], faultsTotal: 0, preview: [] },
    columns: found.headers.map((h) => ({
      cell: `${columnLetters(h.index)}${found.header}`,
      header: h.header,
      field: h.field,
    })),
  };
  for await (const chunk of judged(ports, form, design, found, p.login, false))
    for (const { record, values, faults } of chunk) {
      result.rows += 1;
      if (faults.length) result.bad += 1;
      else result.good += 1;
      result.faultsTotal += faults.length;
      // What a wrong number says stands in the file only.
      result.faults.push(
        ...faults
          .slice(0, FAULTS - result.faults.length)
          .map((f) => ({ ...f, value: /\d{7,}/.test(f.value) ? '***' : f.value })),
      );
      if (result.preview.length < PREVIEW) result.preview.push({ row: record.row, values, good: faults.length === 0 });
    }
  const kept = await ports.blobs.put([bytes]);
  const row: ImportRow = {
    ...{
      id: randomUUID(),
      form: form.id,
      version,
      name: name || 'sheet',
      blob: kept.sha256,
      state: 'checked',
      result,
      applied: 0,
    },
    ...{ login: p.login, at: ports.clock.now() },
  };
  await sql`INSERT INTO forms.import (id, form, version, name, blob, state, result, login, at)
    VALUES (${row.id}::uuid, ${form.id}, ${version}, ${row.name}, ${row.blob}, 'checked', ${JSON.stringify(result)}::jsonb, ${p.login}, ${row.at})`.execute(
    ports.db.kysely,
  );
  await ports.audit.append({
    actor: p,
    action: 'forms.import.check',
    object: `form:${form.id}/import:${row.id}`,
    outcome: 'ok',
    detail: { rows: result.rows, bad: result.bad },
  });
  return answerOf(ports, row);
}

async function answerOf(ports: FormsPorts, r: ImportRow): Promise<Answer> {
  const shown = await showAll(
    ports,
    r.result.preview.map((x) => x.values),
  );
  return {
    ...{ id: r.id, name: r.name, state: r.state, applied: r.applied, at: r.at.toISOString() },
    ...r.result,
    preview: r.result.preview.map((x, i) => ({ ...x, values: shown[i]! })),
  };
}

/** An own import as it is kept. */
export async function importOf(
  ports: FormsPorts,
  at: { form: number; import: string },
  p: Principal,
): Promise<ImportRow> {
  const row = (
    await sql<ImportRow>`SELECT * FROM forms.import WHERE id = ${at.import}::uuid AND form = ${at.form} AND login = ${p.login}`.execute(
      ports.db.kysely,
    )
  ).rows[0];
  if (!row) throw new Problem(k.unknownImport);
  return row;
}

/** An own import. */
export async function importState(
  ports: FormsPorts,
  at: { form: number; import: string },
  p: Principal,
): Promise<Answer> {
  return answerOf(ports, await importOf(ports, at, p));
}

/** The workbook of an import, read again. */
export async function reopened(ports: FormsPorts, row: ImportRow, design: Design): Promise<Found> {
  const chunks: Uint8Array[] = [];
  for await (const c of ports.blobs.get(row.blob)) chunks.push(c);
  return open(Buffer.concat(chunks), design);
}

/** The record that a row of an import becomes: always the same one, so that going on after a kill doubles nothing. */
export function recordId(importId: string, row: number): string {
  const h = createHash('sha256').update(`${importId}/${row}`).digest('hex');
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-8${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20, 32)}`;
}

/** Takes an import in: the whole in one transaction, or the good rows chunk by chunk. */
export async function applyImport(
  ports: FormsPorts,
  at: { form: number; import: string },
  given: { mode: 'whole' | 'good'; submit: boolean },
  p: Principal,
): Promise<Answer> {
  const { form } = await toFill(ports, at.form, p);
  const row = await importOf(ports, at, p);
  if (row.state !== 'checked') throw new Problem(k.importDone);
  if (given.mode === 'whole' && row.result.bad > 0) throw new Problem(k.importBad, { bad: row.result.bad });
  const design = await designOf(ports.db.kysely, form.id, row.version);
  const found = await reopened(ports, row, design);
  const write = async (trx: Trx, chunk: readonly Judged[]): Promise<number> => {
    const good = chunk.filter((j) => j.faults.length === 0);
    if (given.mode === 'whole' && good.length < chunk.length)
      throw new Problem(k.importBad, { bad: chunk.length - good.length });
    return insertAll(trx, ports, form, design, row, good, given.submit, p);
  };
  let applied = 0;
  if (given.mode === 'whole') {
    applied = await change(ports, async (trx) => {
      let n = 0;
      // Row by row inside the transaction: nothing of a hundred thousand rows is held.
      for await (const chunk of judged(ports, form, design, found, p.login, true, trx)) n += await write(trx, chunk);
      await done(trx, ports, row, n, given, p);
      return n;
    });
  } else {
    for await (const chunk of judged(ports, form, design, found, p.login, true))
      applied += await change(ports, (trx) => write(trx, chunk));
    // After a kill, rows of the first go were passed over and are counted now.
    const counted = await sql<{
      n: number;
    }>`SELECT count(*) AS n FROM forms.change WHERE action = 'import' AND reason = ${row.id}`.execute(ports.db.kysely);
    applied = Number(counted.rows[0]!.n);
    await ports.db.tx((trx) => done(trx, ports, row, applied, given, p));
  }
  return answerOf(ports, { ...row, state: 'applied', applied });
}

async function done(
  trx: Trx,
  ports: FormsPorts,
  row: ImportRow,
  applied: number,
  given: object,
  p: Principal,
): Promise<void> {
  const closed =
    await sql`UPDATE forms.import SET state = 'applied', applied = ${applied} WHERE id = ${row.id}::uuid AND state = 'checked' RETURNING id`.execute(
      trx,
    );
  if (!closed.rows.length) throw new Problem(k.importDone);
  await ports.audit.append(
    {
      actor: p,
      action: 'forms.import.apply',
      object: `form:${row.form}/import:${row.id}`,
      outcome: 'ok',
      detail: { applied, ...given },
    },
    trx,
  );
}

/** Writes many new records at once, with their history, their claims and what they say to the exchange. */
async function insertAll(
  trx: Trx,
  ports: FormsPorts,
  form: FormRow,
  design: Design,
  row: ImportRow,
  good: readonly Judged[],
  submit: boolean,
  p: Principal,
): Promise<number> {
  if (good.length === 0) return 0;
  const now = ports.clock.now();
  const state = submit ? after(design, 'submit') : 'draft';
  const due = dueIn(design, state, ports.calendar(), cityDay(now));
  const cursor = await nextCursor(trx);
  const claims = new Map(
    good.map((j) => [recordId(row.id, j.record.row), submit ? uniqueDigests(design, j.values) : []]),
  );
  if (submit) {
    const flat = [...claims].flatMap(([record, list]) =>
      list.map((u) => ({ form: form.id, field: u.field, digest: u.digest, record })),
    );
    const clash = await sql<{
      record: string;
    }>`SELECT c.record FROM jsonb_to_recordset(${JSON.stringify(flat)}::jsonb) AS c(form int, field text, digest text, record text)
      JOIN forms.unique_value u ON u.form = c.form AND u.field = c.field AND u.digest = c.digest AND u.record <> c.record::uuid`.execute(
      trx,
    );
    for (const { record } of clash.rows) claims.delete(record);
  }
  const rows = good
    .map((j) => ({ id: recordId(row.id, j.record.row), values: j.values, caption: captionOf(design, j.values) }))
    .filter((r) => claims.has(r.id));
  if (rows.length < good.length && row.state === 'checked')
    ports.log.warn(
      { import: row.id, rows: good.length - rows.length },
      'rows of an import were taken meanwhile by other records',
    );
  const made = await sql<{
    id: string;
  }>`INSERT INTO forms.record (id, form, version, state, values, caption, revision, cursor, filled_by, filled_name,
      received_at, updated_at, due)
    SELECT id::uuid, ${form.id}, ${row.version}, ${state}, values, caption, 1, ${cursor}, ${p.login}, ${p.name}, ${now}, ${now}, ${due}::date
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(id text, values jsonb, caption text) ON CONFLICT (id) DO NOTHING RETURNING id`.execute(
    trx,
  );
  const fresh = new Set(made.rows.map((r) => r.id));
  const own = rows.filter((r) => fresh.has(r.id));
  await sql`INSERT INTO forms.change (record, revision, action, by_login, by_name, at, to_state, reason, version, values)
    SELECT id::uuid, 1, 'import', ${p.login}, ${p.name}, ${now}, ${state}, ${row.id}, ${row.version}, values
    FROM jsonb_to_recordset(${JSON.stringify(own)}::jsonb) AS r(id text, values jsonb)`.execute(trx);
  const kept = own.flatMap((r) => (claims.get(r.id) ?? []).map((u) => ({ ...u, record: r.id })));
  await sql`INSERT INTO forms.unique_value SELECT ${form.id}, field, digest, record::uuid
    FROM jsonb_to_recordset(${JSON.stringify(kept)}::jsonb) AS u(field text, digest text, record text) ON CONFLICT DO NOTHING`.execute(
    trx,
  );
  if (state === 'accepted')
    for (const r of own) {
      const record = {
        ...r,
        form: form.id,
        version: row.version,
        state,
        known: false,
        filled_name: p.name,
        collected_at: null,
        received_at: now,
      } as unknown as RecordRow;
      if (await enqueue(trx, form, design, record, now))
        await sql`UPDATE forms.record SET known = true WHERE id = ${r.id}::uuid`.execute(trx);
    }
  return own.length;
}
