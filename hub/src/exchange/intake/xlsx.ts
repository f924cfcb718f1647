/**
 * Reads one sheet of a workbook (OOXML): the first row names the columns. Numbers keep the digits that the file holds,
 * dates become YYYY-MM-DD or an ISO date and time, blank cells the empty text. The sheet is held in memory: workbooks
 * have at most 1,048,576 rows.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readSheet } from 'read-excel-file/node';
import { withoutValues } from '../../platform/log/clean.ts';
import { sinkFor } from './delivered.ts';
import { type IntakeNews, type IntakePlan, Refused } from './plan.ts';
import type { Reading } from './read.ts';
import { ValueRow } from './valuerow.ts';

function textOf(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  if (cell instanceof Date) {
    const iso = cell.toISOString();
    return iso.endsWith('T00:00:00.000Z') ? iso.slice(0, 10) : iso.slice(0, 19);
  }
  return String(cell);
}

/** Reads the whole workbook. */
export async function readWorkbook(plan: IntakePlan, news: (news: IntakeNews) => void): Promise<Reading> {
  const content = readFileSync(plan.path);
  if (content.length === 0) throw new Refused({ code: 'exchange.file.empty', params: {} });
  let sheet: unknown[][];
  try {
    const options = { parseNumber: (digits: string) => digits, trim: false };
    sheet = await (plan.sheet === undefined ? readSheet(content, options) : readSheet(content, plan.sheet, options));
  } catch (error) {
    if ((error as Error).name === 'SheetNotFoundError' || /sheet/i.test((error as Error).message))
      throw new Refused({ code: 'exchange.file.sheet', params: { sheet: plan.sheet ?? '1' } });
    throw new Refused({
      code: 'exchange.file.unreadable',
      params: { format: 'XLSX', reason: withoutValues((error as Error).message) },
    });
  }
  const [head, ...rows] = sheet;
  if (!head) throw new Refused({ code: 'exchange.file.empty', params: {} });
  const names = head.map((h) => textOf(h).trim());
  while (names.length && names.at(-1) === '') names.pop();
  const { columns, sink } = sinkFor(plan, names, names.join('\t'), news);
  const layout = new ValueRow(names.length);
  rows.forEach((cells, i) => {
    const values = names.map((_, c) => textOf(cells[c]));
    if (values.every((v) => v === '')) return;
    const beyond = cells.slice(names.length).some((c) => textOf(c) !== '');
    const line = i + 2;
    if (beyond) {
      const params = { expected: names.length, found: cells.length };
      sink.broken(
        { text: cells.map(textOf).join('\t'), line, from: 0, to: 0 },
        { rule: 'columns-many', field: null, params },
      );
      return;
    }
    const row = layout.of(values, line);
    sink.add(columns.row(row.bytes, row.starts, row.ends, row.flags, line));
  });
  if (sink.received === 0) throw new Refused({ code: 'exchange.file.header-only', params: {}, line: 1 });
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { sink, columns, bytes: content.length, sha256 };
}
