/**
 * Export of a class's records to CSV or XLSX: the same filters and the same protection as on the screen, streamed with
 * back-pressure, limited in number, and audited twice: before the first byte leaves, and at the end with the number of
 * rows and the SHA-256 of what was sent.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { Lake } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import { type SealPort, sealedStream } from '../platform/seal/index.ts';
import { csvFile, SHEET_ROWS, XLSX_TYPE, type XlsxCell, xlsx } from '../platform/sheet/index.ts';
import type { CreditRecord, exportQuery, FieldRef } from './api.ts';
import { type Condition, conditionOf } from './class-query.ts';
import { type ClassMeta, guardOf, type Metadata } from './metadata.ts';
import { classNeeded, exportTooMany } from './problems.ts';
import { type FactRow, recordOf } from './records.ts';
import type { Viewer } from './view.ts';

/** What an export needs. */
export interface ExportPorts {
  lake: Lake;
  metadata: Metadata;
  /** Most rows of one export. */
  maxRows: number;
  /** Every file that leaves is sealed. */
  seal: Pick<SealPort, 'request'>;
}

/** A file on its way. */
export interface ExportFile {
  chunks: AsyncIterable<Uint8Array>;
  filename: string;
  contentType: string;
}

interface Row {
  name: string | null;
  uscc: string | null;
  status: string | null;
  record: CreditRecord;
}

type ExportRow = FactRow & { ename: string | null; uscc: string | null; estatus: string | null };

const FIXED = ['企业名称', '统一社会信用代码', '登记状态', '记录编号'];
const FLAGGED = '待核实字段';

/** Checks the export, writes its beginning to the audit and answers the file to be sent. */
export async function exportFile(
  ports: ExportPorts,
  viewer: Viewer,
  query: z.output<typeof exportQuery>,
): Promise<ExportFile> {
  if (!query.class) throw new Problem(classNeeded);
  const max = Math.min(ports.maxRows, SHEET_ROWS - 1);
  const condition = await conditionOf(ports.lake, ports.metadata, viewer, query);
  const meta = condition.classes[0]!;
  if (!query.cut) {
    const over = await ports.lake.first(
      `SELECT 1 AS one FROM v.legal_person_fact_v1 f WHERE ${condition.where} LIMIT 1 OFFSET ${max}`,
      condition.params,
    );
    if (over) throw new Problem(exportTooMany, { max });
  }
  // What is personal and seen plain needs its purpose before the first row, also where no row has such a value.
  for (const f of meta.fields) viewer.see(guardOf(meta, f));
  const id = randomUUID();
  const object = `export/${id}`;
  const { plain: _, ...filters } = query;
  const detail = { class: meta.source, filters, max };
  await viewer.record('credit.export', object, { ...detail, phase: 'begun' });
  const rows = readRows(ports, viewer, meta, condition, max);
  const counter = { rows: 0 };
  const counted = count(rows, counter);
  const body = query.format === 'csv' ? csvBody(meta, counted) : xlsxBody(meta, counted);
  const subject = {
    kind: 'export' as const,
    subject: id,
    title: { zh: `导出：${meta.title.zh}`, en: `Export: ${meta.title.en}` },
    organisation: viewer.look.principal.organisation,
    facts: { class: meta.source, format: query.format },
  };
  const day = viewer.look.at.toISOString().slice(0, 10).replaceAll('-', '');
  return {
    chunks: hashed(sealedStream(ports.seal, subject, body), async (sha256, bytes, outcome) =>
      viewer.record(
        'credit.export',
        object,
        { ...detail, phase: 'ended', rows: counter.rows, bytes, sha256, personal: viewer.personal },
        outcome,
      ),
    ),
    filename: `${meta.title.zh}-${day}.${query.format}`,
    contentType: query.format === 'csv' ? 'text/csv; charset=utf-8' : XLSX_TYPE,
  };
}

async function* readRows(
  { lake, metadata }: ExportPorts,
  viewer: Viewer,
  meta: ClassMeta,
  c: Condition,
  max: number,
): AsyncGenerator<Row> {
  const stream = lake.stream<ExportRow>(
    `SELECT f.entity, f.class, f.day, f.fact, f.amount, f.payload, f.run, f.row, e.name AS ename, e.uscc, e.status AS estatus
     FROM (SELECT f.* FROM v.legal_person_fact_v1 f WHERE ${c.where}
           ORDER BY ${c.key} ${c.direction}, f.fact ${c.direction} LIMIT ${max}) f
     LEFT JOIN v.legal_person_v1 e ON e.entity = f.entity
     ORDER BY ${c.key} ${c.direction}, f.fact ${c.direction}`,
    c.params,
  );
  for await (const batch of stream) {
    await metadata.learnRuns(batch.map((r) => r.run));
    const rows = batch.map((r) => ({
      name: r.ename,
      uscc: r.uscc,
      status: r.estatus,
      record: recordOf(viewer, metadata, meta, r),
    }));
    await viewer.settle();
    yield* rows;
    // A batch is 2,048 rows: others are let in between.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function* count(rows: AsyncIterable<Row>, counter: { rows: number }): AsyncGenerator<Row> {
  for await (const row of rows) {
    counter.rows += 1;
    yield row;
  }
}

const title = (f: FieldRef): string => (f.unit ? `${f.title.zh}（${f.unit}）` : f.title.zh);
const header = (meta: ClassMeta): string[] => [...FIXED, ...meta.fields.map(title), FLAGGED];
const flagged = (meta: ClassMeta, r: CreditRecord): string =>
  meta.fields.flatMap((f, i) => (r.cells[i]?.flagged ? [f.title.zh] : [])).join('、');

function csvBody(meta: ClassMeta, rows: AsyncIterable<Row>): AsyncGenerator<Uint8Array> {
  async function* lines(): AsyncGenerator<(string | null)[]> {
    yield header(meta);
    for await (const { name, uscc, status, record } of rows)
      yield [name, uscc, status, record.fact, ...record.cells.map((c) => c.value), flagged(meta, record)];
  }
  return csvFile(lines());
}

function xlsxBody(meta: ClassMeta, rows: AsyncIterable<Row>): AsyncGenerator<Uint8Array> {
  return xlsx(meta.title.zh, header(meta), cells(meta, rows));
}

async function* cells(meta: ClassMeta, rows: AsyncIterable<Row>): AsyncGenerator<XlsxCell[]> {
  for await (const { name, uscc, status, record } of rows) {
    const values = record.cells.map((c, i): XlsxCell => {
      const type = meta.fields[i]!.type;
      const isNumber = (type === 'integer' || type === 'decimal') && c.shown === 'plain' && !c.flagged;
      // Spreadsheets keep fifteen digits: longer numbers stay texts, so that none changes.
      if (isNumber && c.value && /^-?\d{1,12}(\.\d{1,3})?$/.test(c.value)) return { number: c.value };
      return c.value;
    });
    yield [name, uscc, status, record.fact, ...values, flagged(meta, record)];
  }
}

/** Passes chunks on, hashing them; tells the end, also when the reader left or something failed on the way. */
async function* hashed(
  chunks: AsyncIterable<Uint8Array>,
  end: (sha256: string, bytes: number, outcome: 'ok' | 'failed') => Promise<void>,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let bytes = 0;
  let outcome: 'ok' | 'failed' = 'failed';
  try {
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
    outcome = 'ok';
  } finally {
    await end(hash.digest('hex'), bytes, outcome);
  }
}
