/**
 * Reads a workbook that a department filled in. Headings may stand in one row or in two (the guide's groups above their
 * columns) and below a title; merged cells leave all but their first cell empty, so a row without a resource's name continues
 * the resource above it; formulas count with the value that the workbook keeps; numbers, dates as numbers and full-width digits
 * are read as what they stand for; blank rows are passed over. Every fault names its sheet and cell.
 */
import readWorkbook from 'read-excel-file/node';
import type { Bilingual } from '../../platform/i18n/index.ts';
import { Problem, problemKind } from '../../platform/problem.ts';
import { columnLetters } from '../../platform/sheet/index.ts';
import { bare, itemMeanings, type Meaning, meaningOf } from './sheet-columns.ts';

/** Most rows of a sheet that are read. */
export const SHEET_LIMIT = 50_000;
const HEADER_WITHIN = 12;
/** Bytes that a workbook may have when it is unpacked. */
const UNPACKED_LIMIT = 200 * 1024 * 1024;

/** What the directory of a ZIP says of its entries' sizes together: a small file may unpack to a very large one. */
function unpackedSize(zip: Buffer): number {
  let total = 0;
  const mark = Buffer.from([0x50, 0x4b, 1, 2]);
  for (let at = zip.indexOf(mark); at >= 0 && at + 46 <= zip.length; at = zip.indexOf(mark, at + 46))
    total += zip.readUInt32LE(at + 24);
  return total;
}

export const unreadable = problemKind(
  'catalogue.import.unreadable',
  422,
  '文件不是可以读取的 XLSX 工作簿：{reason}',
  'The file is no workbook (XLSX) that can be read: {reason}',
);
export const noHeader = problemKind(
  'catalogue.import.no-header',
  422,
  '没有找到表头：前 {within} 行中应有“信息资源名称”以及至少两个其他目录栏目。',
  'No headings were found: the first {within} rows should hold 信息资源名称 and at least two other columns.',
);
export const tooLong = problemKind(
  'catalogue.import.too-long',
  422,
  '工作表有 {rows} 行，最多 {limit} 行。',
  'The sheet has {rows} rows; at most {limit} are read.',
);

/** One cell with its place. */
export interface Cell {
  at: string;
  text: string;
}

/** A fault in a cell. */
export interface CellFault extends Bilingual {
  sheet: string;
  cell: string;
  code: string;
  value: string;
}

/** A resource as it stands in the sheet. */
export interface SheetResource {
  /** Place of its name. */
  at: string;
  cells: Map<Meaning, Cell>;
  items: Map<Meaning, Cell>[];
}

export interface SheetRead {
  sheet: string;
  /** Rows with anything in them, headings left out. */
  rows: number;
  columns: { cell: string; header: string; meaning: Meaning | null }[];
  resources: SheetResource[];
  faults: CellFault[];
}

/** A cell's value as text: dates as YYYY-MM-DD, numbers with their digits, texts trimmed. */
function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString().slice(0, 10);
  if (typeof value === 'boolean') return value ? '是' : '否';
  return String(value).replaceAll('\u00a0', ' ').trim();
}

interface Headings {
  row: number;
  below: number;
  columns: { index: number; header: string; meaning: Meaning | undefined; row: number }[];
}

/** The headings of a sheet: the row that knows most of them, with the row below it where that completes it. */
function headingsOf(rows: readonly string[][]): Headings | undefined {
  let best: Headings | undefined;
  const score = (h: Headings) => new Set(h.columns.flatMap((c) => c.meaning ?? [])).size;
  for (let row = 0; row < Math.min(HEADER_WITHIN, rows.length); row++) {
    const upper = rows[row]!;
    const lower = rows[row + 1] ?? [];
    for (const two of [false, true]) {
      const width = two ? Math.max(upper.length, lower.length) : upper.length;
      const columns: Headings['columns'] = [];
      for (let index = 0; index < width; index++) {
        const [over, under] = [upper[index] ?? '', two ? (lower[index] ?? '') : ''];
        const inner = under ? meaningOf(under) : undefined;
        const header = inner ? under : over || under;
        if (header) columns.push({ index, header, meaning: inner ?? meaningOf(header), row: inner ? row + 1 : row });
      }
      const found = { row, below: two ? row + 2 : row + 1, columns };
      if (columns.some((c) => c.meaning === 'title') && score(found) >= 3 && (!best || score(found) > score(best)))
        best = found;
    }
  }
  return best;
}

/** Reads the first sheet that has headings. @throws a Problem where no sheet can be read. */
export async function readSheetOf(content: Buffer): Promise<SheetRead> {
  if (unpackedSize(content) > UNPACKED_LIMIT) throw new Problem(unreadable, { reason: 'too large when unpacked' });
  let sheets: { sheet: string; data: unknown[][] }[];
  try {
    sheets = (await readWorkbook(content, { parseNumber: (digits: string) => digits, trim: false })) as typeof sheets;
  } catch (error) {
    throw new Problem(unreadable, { reason: (error as Error).message.slice(0, 200) });
  }
  for (const { sheet, data } of sheets) {
    if (data.length > SHEET_LIMIT) throw new Problem(tooLong, { rows: data.length, limit: SHEET_LIMIT });
    const rows = data.map((cells) => cells.map(textOf));
    const headings = headingsOf(rows);
    if (headings) return body(sheet, rows, headings);
  }
  throw new Problem(noHeader, { within: HEADER_WITHIN });
}

const ERROR_VALUE = /^#(N\/A|REF!|VALUE!|DIV\/0!|NAME\?|NUM!|NULL!|CALC!|SPILL!)$/;

function body(sheet: string, rows: string[][], { below, columns }: Headings): SheetRead {
  const faults: CellFault[] = [];
  const fault = (cell: Cell, code: string, zh: string, en: string) =>
    faults.push({ sheet, cell: cell.at, code: `catalogue.import.${code}`, zh, en, value: cell.text.slice(0, 100) });
  // A meaning that two columns have is taken from the first.
  const meant = columns.filter((c, i) => c.meaning && columns.findIndex((o) => o.meaning === c.meaning) === i);
  const resources: SheetResource[] = [];
  const byName = new Map<string, SheetResource>();
  let count = 0;
  for (let r = below; r < rows.length; r++) {
    const values = rows[r]!;
    if (values.every((v) => v === '')) continue;
    count++;
    const cells = new Map<Meaning, Cell>();
    for (const { index, meaning } of meant) {
      const cell = { at: `${columnLetters(index)}${r + 1}`, text: values[index] ?? '' };
      if (ERROR_VALUE.test(cell.text)) {
        fault(cell, 'formula', '公式的结果是错误值。', 'The formula has an error for its value.');
        cell.text = '';
      }
      if (cell.text !== '') cells.set(meaning!, cell);
    }
    if (cells.size === 0) continue;
    const item = new Map([...cells].filter(([meaning]) => itemMeanings.has(meaning)));
    const own = new Map([...cells].filter(([meaning]) => !itemMeanings.has(meaning)));
    const name = own.get('title');
    let resource = resources.at(-1);
    if (name) {
      const key = `${bare(own.get('provider')?.text ?? '')} ${bare(own.get('code')?.text ?? '')} ${bare(name.text)}`;
      const known = byName.get(key);
      if (known && known !== resource && item.size === 0) {
        fault(name, 'twice', `与 ${known.at} 的资源同名。`, `The same resource as in ${known.at}.`);
        continue;
      }
      if (known) {
        resource = known;
        for (const [meaning, cell] of own) {
          const before = known.cells.get(meaning);
          if (!before) known.cells.set(meaning, cell);
          else if (bare(before.text) !== bare(cell.text))
            fault(
              cell,
              'differs',
              `与 ${before.at} 不一致：“${before.text}”。`,
              `Not the same as in ${before.at}: "${before.text}".`,
            );
        }
      } else {
        resource = { at: name.at, cells: own, items: [] };
        byName.set(key, resource);
        resources.push(resource);
      }
    } else if (!resource) {
      const first = [...cells.values()][0]!;
      fault(first, 'no-resource', '此行之前没有信息资源名称。', 'No row above names the resource.');
      continue;
    } else
      for (const [meaning, cell] of own) {
        // The sequence of rows or a repeated provider does no harm; anything else without a name is a slip.
        if (meaning === 'provider' || meaning === 'providerCode') continue;
        const before = resource.cells.get(meaning);
        if (before && bare(before.text) === bare(cell.text)) continue;
        fault(cell, 'no-name', '此行缺少信息资源名称。', 'This row has no name of its resource.');
      }
    if (item.has('item')) resource!.items.push(item);
    else if (item.size > 0 && !name) {
      const first = [...item.values()][0]!;
      fault(first, 'item-name', '信息项没有名称。', 'The item has no name.');
    } else if (item.size > 0 && !own.has('itemList'))
      fault([...item.values()][0]!, 'item-name', '信息项没有名称。', 'The item has no name.');
  }
  const shown = columns.map((c) => ({
    ...{ cell: `${columnLetters(c.index)}${c.row + 1}`, header: c.header.slice(0, 100) },
    meaning: meant.includes(c) ? c.meaning! : null,
  }));
  return { sheet, rows: count, columns: shown, resources, faults };
}
