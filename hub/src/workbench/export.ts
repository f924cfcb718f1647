/**
 * A query's answer as a file: the same projections and limits as on the screen, more rows. Stands in the audit before the first byte leaves
 * (statement, purpose) and at the end (rows, SHA-256), and is sealed. The file is made before it is sent: what fails is a Problem, not half a file.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import type { Deps } from '../platform/room.ts';
import { sealedStream } from '../platform/seal/index.ts';
import { csvFile, SHEET_ROWS, XLSX_TYPE, type XlsxCell, xlsx } from '../platform/sheet/index.ts';
import type { exportBody } from './api.ts';
import { type AnswerColumn, fingerprintOf, type Runner } from './run.ts';

const NUMBER = /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|U[A-Z]+INT|DOUBLE|FLOAT|DECIMAL)/;

/** The file. */
export async function exportQuery(
  deps: Deps,
  runner: Runner,
  who: Principal,
  body: z.output<typeof exportBody>,
): Promise<{
  chunks: AsyncIterable<Uint8Array>;
  filename: string;
  contentType: string;
  rows: number;
  views: string[];
}> {
  const { statement, parameters, format, purpose } = body;
  const id = randomUUID();
  const object = `workbench/export/${id}`;
  const entry = { actor: who, action: 'workbench.export', object, purpose };
  const fingerprint = fingerprintOf(statement, parameters);
  const detail = { statement, parameters, fingerprint, format };
  await deps.audit.append({ ...entry, outcome: 'ok', detail: { ...detail, phase: 'begun' } });
  const rows: (string | null)[][] = [];
  let columns: AnswerColumn[] = [];
  try {
    const most = Math.min(deps.config.workbench.exportRows, SHEET_ROWS - 1);
    const { views, more } = await runner.each(statement, parameters, who, most, async (own, batch) => {
      columns = own;
      rows.push(...batch);
    });
    const head = columns.map((c) => c.name);
    const file = format === 'csv' ? csvFile(each([head, ...rows])) : xlsx('查询结果', head, cells(columns, rows));
    const hash = createHash('sha256');
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    const subject = {
      ...{ kind: 'export' as const, subject: id, organisation: who.organisation },
      title: { zh: '导出：查询工作台', en: 'Export: query workbench' },
      facts: { fingerprint, format },
    };
    for await (const chunk of sealedStream(deps.seal, subject, file)) {
      hash.update(chunk);
      bytes += chunk.length;
      chunks.push(chunk);
    }
    const sha256 = hash.digest('hex');
    await deps.audit.append({
      ...{ ...entry, outcome: 'ok' },
      detail: { ...detail, phase: 'ended', views, rows: rows.length, more, bytes, sha256 },
    });
    const day = deps.clock.now().toISOString().slice(0, 10).replaceAll('-', '');
    return {
      ...{ chunks: each(chunks), filename: `查询结果-${day}-${fingerprint.slice(0, 8)}.${format}` },
      ...{ contentType: format === 'csv' ? 'text/csv; charset=utf-8' : XLSX_TYPE, rows: rows.length, views },
    };
  } catch (error) {
    await deps.audit.append({ ...entry, outcome: 'failed', detail: { ...detail, phase: 'ended' } });
    throw error;
  }
}

async function* each<T>(all: Iterable<T>): AsyncGenerator<T> {
  yield* all;
}

async function* cells(
  columns: readonly AnswerColumn[],
  rows: readonly (string | null)[][],
): AsyncGenerator<XlsxCell[]> {
  for (const row of rows)
    yield row.map((value, i): XlsxCell => {
      const isNumber = value !== null && NUMBER.test(columns[i]!.type);
      // Spreadsheets keep fifteen digits: longer numbers stay texts, so that none changes.
      return isNumber && /^-?\d{1,12}(\.\d{1,3})?$/.test(value) ? { number: value } : value;
    });
}
