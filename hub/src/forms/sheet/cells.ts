/**
 * Cells of a department's spreadsheet as values of a form: headings are found by title, dates may be serial numbers, numbers may be texts, numbers that
 * a spreadsheet has cut to fifteen digits are told instead of believed. Every fault names its cell.
 */
import { parseAmount, parseDate } from '@jingwei/codes';
import { columnLetters } from '../../platform/sheet/index.ts';
import type { CellField, Design, Field, RowValue, Value, Values } from '../design.ts';
import { type ValueField, valueFields } from '../pure/index.ts';
import type { SheetCell, SheetRow } from './xlsx-read.ts';

/** A column that belongs to a field, or to a column of a sub-table. */
export interface Column {
  index: number;
  header: string;
  field: ValueField;
  cell?: CellField;
}
export interface CellFault {
  row: number;
  cell: string;
  code: string;
  zh: string;
  en: string;
  value: string;
}
/** A record as it stands in the sheet: its rows, values, and what is wrong with its cells. */
export interface SheetRecord {
  row: number;
  values: Values;
  /** Where each value came from: `needs[2].cost` → F9. */
  places: Map<string, string>;
  faults: CellFault[];
}

const NOT_IN_SHEETS = new Set<Field['kind']>(['picture', 'file', 'signature', 'calculated', 'section', 'note']);

/** What a template's columns are: fields with a value, sub-tables by `title/column`. */
export function columnsOf(design: Design): { header: string; field: ValueField; cell?: CellField }[] {
  return valueFields(design)
    .filter((f) => !NOT_IN_SHEETS.has(f.kind))
    .flatMap((f): { header: string; field: ValueField; cell?: CellField }[] =>
      f.kind === 'table'
        ? f.fields
            .filter((c) => !NOT_IN_SHEETS.has(c.kind))
            .map((cell) => ({ header: `${f.title.zh}/${cell.title.zh}`, field: f, cell }))
        : [{ header: f.title.zh, field: f }],
    );
}

const bare = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/[\s*＊:：]/g, '')
    .replace(/[（(][^）)]*[）)]$/, '')
    .toLowerCase();

/** The columns that a row of headings names; fields named twice are taken from the first. */
export function headings(
  design: Design,
  row: SheetRow,
): { columns: Column[]; headers: { index: number; header: string; field: string | null }[] } {
  const known = new Map<string, { field: ValueField; cell?: CellField }>();
  for (const c of columnsOf(design)) {
    const { field, cell } = c;
    const own = cell ? { field, cell } : { field };
    const names = cell
      ? [
          c.header,
          `${field.name}.${cell.name}`,
          ...(field.title.en && cell.title.en ? [`${field.title.en}/${cell.title.en}`] : []),
        ]
      : [field.title.zh, field.name, ...(field.title.en ? [field.title.en] : [])];
    for (const n of names) if (!known.has(bare(n))) known.set(bare(n), own);
  }
  const columns: Column[] = [];
  const headers: { index: number; header: string; field: string | null }[] = [];
  const seen = new Set<string>();
  for (const [index, cell] of [...row.cells].sort((a, b) => a[0] - b[0])) {
    const header = cell.text.trim();
    if (!header) continue;
    const found = known.get(bare(header));
    const name = found ? (found.cell ? `${found.field.name}.${found.cell.name}` : found.field.name) : null;
    const fresh = name !== null && !seen.has(name);
    if (found && fresh) {
      seen.add(name);
      columns.push({ index, header, ...found });
    }
    headers.push({ index, header: header.slice(0, 100), field: fresh ? name : null });
  }
  return { columns, headers };
}

type Read = { value: Value } | { fault: [code: string, zh: string, en: string] };
const fault = (code: string, zh: string, en: string): Read => ({ fault: [code, zh, en] });

function serialDay(text: string, date1904: boolean): string | null {
  const n = Number(text);
  if (!Number.isFinite(n) || n < 1 || n >= 2_958_466) return null;
  // Serial 60 is the 29 February 1900 that there never was.
  const days = date1904 ? Math.floor(n) + 1462 : Math.floor(n);
  return new Date(Date.UTC(1899, 11, days < 60 ? 31 : 30) + days * 86_400_000).toISOString().slice(0, 10);
}

function dayOf(cell: SheetCell, date1904: boolean): string | null {
  if (cell.kind === 'serial' || (cell.kind === 'number' && /^\d{5}(\.\d+)?$/.test(cell.text)))
    return serialDay(cell.text, date1904);
  const read = parseDate(
    cell.text
      .normalize('NFKC')
      .trim()
      .replace(/[ T]0?0:00(:00)?$/, ''),
  );
  return read.ok ? read.value.iso : null;
}

/** A number of the sheet with its digits, without an exponent; null where digits were lost. */
function digits(cell: SheetCell): string | null {
  if (cell.kind !== 'number' && cell.kind !== 'serial') return cell.text;
  const n = Number(cell.text);
  if (!Number.isFinite(n)) return cell.text;
  if (Number.isInteger(n)) return Math.abs(n) >= 1e15 ? null : n.toFixed(0);
  return String(n);
}

/** Reads one cell as a value of a field. */
export function readCell(field: Field | CellField, cell: SheetCell, date1904: boolean): Read {
  if (cell.kind === 'error')
    return fault(
      'error',
      `公式的结果是错误值（${cell.text}）。`,
      `The formula has an error for its value (${cell.text}).`,
    );
  if (cell.kind === 'formula')
    return fault(
      'formula',
      '公式没有保存结果，请打开文件保存一次，或改成数值。',
      'The formula has no kept value; save the file once more, or write the value.',
    );
  if (cell.kind === 'merged')
    return fault(
      'merged',
      '合并单元格跨多列，不能判断属于哪一项。',
      'The merged cell lies over several columns; what it means cannot be known.',
    );
  const raw = digits(cell);
  if (raw === null)
    return fault(
      'precision',
      '号码存成了数字，超过 15 位的部分已丢失；请把单元格改为文本后重新填写。',
      'The number was kept as a number and has lost digits beyond 15; write it as a text.',
    );
  const text = raw.replaceAll('\u00a0', ' ').trim();
  if (text === '') return { value: null };
  switch (field.kind) {
    case 'integer':
    case 'decimal': {
      if (cell.kind === 'boolean') return fault('number', '应为数字。', 'A number is needed.');
      const plain = text.normalize('NFKC').replace(/[,，\s]/g, '');
      if (/^[+-]?\d+(\.\d+)?$/.test(plain)) return { value: Number(plain) };
      const amount = field.unit === '元' || field.unit === '万元' ? parseAmount(text, { unit: field.unit }) : null;
      if (amount?.ok) return { value: field.unit === '元' ? amount.value.value : Number(amount.value.wan) };
      return fault('number', '应为数字。', 'A number is needed.');
    }
    case 'date': {
      const day = dayOf(cell, date1904);
      return day ? { value: day } : fault('date', '不是日期（如 2026-03-04）。', 'No day (as 2026-03-04).');
    }
    case 'datetime': {
      if (cell.kind === 'serial' || cell.kind === 'number') {
        const day = serialDay(cell.text, date1904);
        if (!day) return fault('datetime', '不是日期时间。', 'No date and time.');
        const seconds = Math.round((Number(cell.text) % 1) * 86_400);
        return { value: new Date(Date.parse(`${day}T00:00:00+08:00`) + seconds * 1000).toISOString() };
      }
      const m = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]+(\d{1,2})[:：时](\d{2})(?:[:：分](\d{2}))?/.exec(
        text.normalize('NFKC'),
      );
      const at = m
        ? Date.parse(
            `${m[1]}-${m[2]!.padStart(2, '0')}-${m[3]!.padStart(2, '0')}T${m[4]!.padStart(2, '0')}:${m[5]}:${m[6] ?? '00'}+08:00`,
          )
        : Number.NaN;
      return Number.isNaN(at)
        ? fault('datetime', '不是日期时间（如 2026-03-04 09:30）。', 'No date and time (as 2026-03-04 09:30).')
        : { value: new Date(at).toISOString() };
    }
    case 'boolean': {
      const word = text.normalize('NFKC').toLowerCase();
      if (['是', '有', '√', '✓', 'y', 'yes', 'true', '1', '对'].includes(word)) return { value: true };
      if (['否', '无', '×', 'n', 'no', 'false', '0', '错'].includes(word)) return { value: false };
      return fault('boolean', '应填“是”或“否”。', 'Write 是 or 否 (yes or no).');
    }
    case 'choice': {
      const code = (t: string) => {
        const word = t.normalize('NFKC').trim();
        if (field.table) return word;
        return (
          field.options.find((o) => o.code === word || o.title.zh.normalize('NFKC') === word || o.title.en === word)
            ?.code ?? null
        );
      };
      const parts = field.multiple ? text.split(/[、,，;；\n]/).filter((t) => t.trim() !== '') : [text];
      const codes = parts.map(code);
      const strange = parts[codes.indexOf(null)];
      if (strange !== undefined)
        return fault(
          'code',
          `没有选项“${strange.trim().slice(0, 40)}”。`,
          `There is no option "${strange.trim().slice(0, 40)}".`,
        );
      return { value: field.multiple ? (codes as string[]) : codes[0]! };
    }
    case 'place': {
      const m = /^\s*(-?\d+(?:\.\d+)?)\s*[,，;； ]\s*(-?\d+(?:\.\d+)?)\s*$/.exec(text);
      return m
        ? { value: { lon: Number(m[1]), lat: Number(m[2]) } }
        : fault('place', '应写作“经度,纬度”（WGS 84）。', 'Write longitude,latitude (WGS 84).');
    }
    case 'relation':
      return { value: { title: text.slice(0, 200) } };
    default:
      return { value: text.slice(0, 5000) };
  }
}

/** Whether a row has nothing but cells of sub-tables: then it goes on with the record above. */
const continues = (columns: readonly Column[], row: SheetRow): boolean =>
  columns.every((c) => c.cell !== undefined || !row.cells.get(c.index)?.text.trim()) &&
  columns.some((c) => c.cell !== undefined && row.cells.get(c.index)?.text.trim());

/** The records of a sheet's rows, one after another. */
export async function* recordsOf(
  columns: readonly Column[],
  rows: AsyncIterable<SheetRow>,
  date1904: boolean,
): AsyncGenerator<SheetRecord> {
  let own: SheetRecord | null = null;
  for await (const row of rows) {
    if (![...row.cells.values()].some((c) => c.text.trim() !== '' || c.kind === 'formula')) continue;
    if (own === null || !continues(columns, row)) {
      if (own) yield own;
      own = { row: row.number, values: {}, places: new Map(), faults: [] };
    }
    take(own, columns, row, date1904);
  }
  if (own) yield own;
}

function take(own: SheetRecord, columns: readonly Column[], row: SheetRow, date1904: boolean): void {
  const added = new Map<string, RowValue>();
  for (const c of columns) {
    const cell = row.cells.get(c.index);
    if (!cell) continue;
    const at = `${columnLetters(c.index)}${row.number}`;
    const read = readCell(c.cell ?? c.field, cell, date1904);
    if ('fault' in read) {
      const [code, zh, en] = read.fault;
      own.faults.push({
        row: row.number,
        cell: at,
        code: `forms.cell.${code}`,
        zh,
        en,
        value: cell.text.slice(0, 100),
      });
      continue;
    }
    if (read.value === null) continue;
    if (!c.cell) {
      own.values[c.field.name] = read.value;
      own.places.set(c.field.name, at);
      continue;
    }
    let line = added.get(c.field.name);
    if (!line) {
      line = {};
      added.set(c.field.name, line);
      const lines = (own.values[c.field.name] as RowValue[] | undefined) ?? [];
      own.values[c.field.name] = [...lines, line];
    }
    line[c.cell.name] = read.value as RowValue[string];
    own.places.set(`${c.field.name}[${(own.values[c.field.name] as RowValue[]).length}].${c.cell.name}`, at);
  }
}
