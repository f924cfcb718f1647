/**
 * Rows of a workbook (ECMA-376) as they come: the sheet is never whole in memory, shared texts are (within a limit). Hidden sheets are passed over.
 * Merged cells of one column repeat their first value; others are told. Formulas count with the value that the workbook keeps.
 */
import { Unzip, ZipFault } from './unzip.ts';

/** A cell as it stands. `serial`: a number whose format is a date's. */
export interface SheetCell {
  kind: 'text' | 'number' | 'serial' | 'boolean' | 'error' | 'formula' | 'merged';
  text: string;
}
/** A row; `number` from 1, cells by column from 0. */
export interface SheetRow {
  number: number;
  cells: Map<number, SheetCell>;
}
/** An opened sheet. `base`: the day of serial 0 (workbooks of old Macintoshes count from 1904). */
export interface OpenSheet {
  name: string;
  date1904: boolean;
  rows(): AsyncGenerator<SheetRow>;
}

/** Characters of shared texts that are kept. */
const TEXTS = 96 << 20;
const CELLS_OF_ROW = 1000;

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const plainText = (t: string): string =>
  t
    .replace(/&(#x?[0-9a-fA-F]+|\w+);/g, (whole, e: string) => {
      if (e[0] !== '#') return ENTITIES[e] ?? whole;
      const n = e[1] === 'x' ? Number.parseInt(e.slice(2), 16) : Number.parseInt(e.slice(1), 10);
      return n > 0 && n <= 0x10ffff ? String.fromCodePoint(n) : '';
    })
    .replace(/_x([0-9A-Fa-f]{4})_/g, (_, h: string) => String.fromCharCode(Number.parseInt(h, 16)));

/** Tags and texts of an XML, one after another, without a tree. Documents that declare entities are refused. */
async function* scan(
  pieces: AsyncIterable<string>,
): AsyncGenerator<{ tag: string; attributes: string } | { text: string }> {
  let rest = '';
  for await (const piece of pieces) {
    rest += piece;
    let at = 0;
    for (;;) {
      const open = rest.indexOf('<', at);
      if (open < 0) break;
      if (open > at) yield { text: rest.slice(at, open) };
      at = open;
      const close = rest.indexOf('>', open);
      if (close < 0) break;
      const inside = rest.slice(open + 1, close);
      if (inside.startsWith('!DOCTYPE')) throw new ZipFault('a document type is not taken');
      at = close + 1;
      const name = /^\/?(?:\w+:)?(\w+)/.exec(inside);
      if (name) {
        const tag = (inside[0] === '/' ? '/' : '') + name[1]!;
        yield { tag, attributes: inside };
        if (inside.endsWith('/')) yield { tag: `/${name[1]}`, attributes: '' };
      }
    }
    rest = rest.slice(at);
    if (rest.length > 1 << 20) throw new ZipFault('a tag without an end');
  }
}

const attribute = (attributes: string, name: string): string | undefined => {
  const found = new RegExp(`(?:^|\\s)(?:\\w+:)?${name}="([^"]*)"`).exec(attributes);
  return found ? plainText(found[1]!) : undefined;
};

/** Column of a reference: A1 is 0. */
export function columnOf(reference: string): number {
  let n = 0;
  for (const c of reference) {
    const d = c.charCodeAt(0) - 64;
    if (d < 1 || d > 26) break;
    n = n * 26 + d;
  }
  return n - 1;
}

async function sharedTexts(zip: Unzip): Promise<string[]> {
  const texts: string[] = [];
  let size = 0;
  let own: string | null = null;
  let inText = false;
  let phonetic = false;
  for await (const e of scan(zip.text('xl/sharedStrings.xml'))) {
    if ('text' in e) {
      if (inText && own !== null && !phonetic) own += e.text;
    } else if (e.tag === 'si') own = '';
    else if (e.tag === 'rPh') phonetic = true;
    else if (e.tag === '/rPh') phonetic = false;
    else if (e.tag === 't') inText = true;
    else if (e.tag === '/t') inText = false;
    else if (e.tag === '/si' && own !== null) {
      size += own.length;
      if (size > TEXTS) throw new ZipFault('too much text');
      texts.push(plainText(own));
      own = null;
    }
  }
  return texts;
}

/** Which styles are dates: by the built-in formats and by what custom ones are written with. */
async function dateStyles(zip: Unzip): Promise<Set<number>> {
  const xml = await zip.whole('xl/styles.xml');
  const custom = new Map<number, string>();
  for (const [, a] of xml.matchAll(/<numFmt\s([^>]*)>/g))
    custom.set(Number(attribute(` ${a}`, 'numFmtId')), attribute(` ${a}`, 'formatCode') ?? '');
  const isDate = (id: number) => {
    const code = custom.get(id);
    if (code !== undefined)
      return /[ymdhs年月日]/i.test(code.replace(/"[^"]*"|\[[^\]]*\]|\\./g, '')) && !/general/i.test(code);
    return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
  };
  const styles = new Set<number>();
  const formats = /<cellXfs[^>]*>([\s\S]*?)<\/cellXfs>/.exec(xml)?.[1] ?? '';
  [...formats.matchAll(/<xf\s([^>]*)>/g)].forEach(([, a], i) => {
    if (isDate(Number(attribute(` ${a}`, 'numFmtId')))) styles.add(i);
  });
  return styles;
}

/** Opens the visible sheets of a workbook, in their order. @throws ZipFault where it is none. */
export async function openWorkbook(bytes: Buffer): Promise<OpenSheet[]> {
  const zip = new Unzip(bytes);
  const book = await zip.whole('xl/workbook.xml');
  const links = await zip.whole('xl/_rels/workbook.xml.rels');
  if (!book || !links) throw new ZipFault('no workbook');
  const targets = new Map(
    [...links.matchAll(/<(?:\w+:)?Relationship\s([^>]*)>/g)].map(([, a]) => [
      attribute(` ${a}`, 'Id'),
      attribute(` ${a}`, 'Target'),
    ]),
  );
  const date1904 = /<(?:\w+:)?workbookPr\s[^>]*date1904="(1|true)"/.test(book);
  const texts = await sharedTexts(zip);
  const dates = await dateStyles(zip);
  const sheets: OpenSheet[] = [];
  for (const [, a] of book.matchAll(/<(?:\w+:)?sheet\s([^>]*)>/g)) {
    const state = attribute(` ${a}`, 'state');
    const target = targets.get(attribute(` ${a}`, 'id'));
    if (!target || (state !== undefined && state !== 'visible')) continue;
    const path = target.startsWith('/') ? target.slice(1) : `xl/${target.replace(/^\.\//, '')}`;
    if (!zip.has(path)) continue;
    sheets.push({ name: attribute(` ${a}`, 'name') ?? '', date1904, rows: () => rowsOf(zip, path, texts, dates) });
  }
  return sheets;
}

interface Merge {
  top: number;
  bottom: number;
  left: number;
  right: number;
  first?: SheetCell;
}

async function mergesOf(zip: Unzip, path: string): Promise<Merge[]> {
  const merges: Merge[] = [];
  let tail = '';
  // Merges stand behind the rows: only the end of the sheet is looked at.
  for await (const t of zip.text(path)) tail = (tail + t).slice(-(4 << 20));
  for (const [, ref] of tail.matchAll(/<(?:\w+:)?mergeCell\s[^>]*ref="([A-Z]+\d+:[A-Z]+\d+)"/g)) {
    const [a, b] = ref!.split(':') as [string, string];
    const row = (r: string) => Number(r.replace(/^[A-Z]+/, ''));
    merges.push({ top: row(a), bottom: row(b), left: columnOf(a), right: columnOf(b) });
    if (merges.length > 50_000) throw new ZipFault('too many merged cells');
  }
  return merges.sort((x, y) => x.top - y.top);
}

async function* rowsOf(
  zip: Unzip,
  path: string,
  texts: readonly string[],
  dates: ReadonlySet<number>,
): AsyncGenerator<SheetRow> {
  const waiting = await mergesOf(zip, path);
  let active: Merge[] = [];
  let next = 0;
  let row: SheetRow | null = null;
  let number = 0;
  let column = -1;
  let cell: { at: number; type: string; style: number; value: string; text: string; formula: boolean } | null = null;
  let into: 'v' | 't' | null = null;
  const done = (r: SheetRow): SheetRow => {
    while (next < waiting.length && waiting[next]!.top <= r.number) active.push(waiting[next++]!);
    active = active.filter((m) => m.bottom >= r.number);
    for (const m of active) {
      if (m.top === r.number) {
        const first = r.cells.get(m.left);
        if (first) m.first = first;
      }
      for (let c = m.left; c <= Math.min(m.right, CELLS_OF_ROW); c++) {
        if (c === m.left && r.number === m.top) continue;
        if (m.left === m.right && m.first) r.cells.set(c, m.first);
        else if (m.left !== m.right && m.first && r.number > m.top)
          r.cells.set(c, { kind: 'merged', text: m.first.text });
      }
    }
    return r;
  };
  for await (const e of scan(zip.text(path))) {
    if ('text' in e) {
      if (cell && into === 'v') cell.value += e.text;
      else if (cell && into === 't') cell.text += e.text;
      continue;
    }
    const { tag, attributes } = e;
    if (tag === 'row') {
      number = Number(attribute(attributes, 'r') ?? number + 1);
      row = { number, cells: new Map() };
      column = -1;
    } else if (tag === 'c' && row) {
      const reference = attribute(attributes, 'r');
      column = reference ? columnOf(reference) : column + 1;
      cell = {
        at: column,
        type: attribute(attributes, 't') ?? 'n',
        style: Number(attribute(attributes, 's') ?? -1),
        value: '',
        text: '',
        formula: false,
      };
    } else if (tag === 'f' && cell) cell.formula = true;
    else if (tag === 'v') into = 'v';
    else if (tag === 't') into = 't';
    else if (tag === '/v' || tag === '/t') into = null;
    else if (tag === '/c' && cell && row) {
      const made = cellOf(cell, texts, dates);
      if (made && cell.at >= 0 && cell.at < CELLS_OF_ROW) row.cells.set(cell.at, made);
      cell = null;
    } else if (tag === '/row' && row) {
      yield done(row);
      row = null;
    } else if (tag === '/sheetData') return;
  }
}

function cellOf(
  c: { type: string; style: number; value: string; text: string; formula: boolean },
  texts: readonly string[],
  dates: ReadonlySet<number>,
): SheetCell | null {
  if (c.type === 's') return { kind: 'text', text: texts[Number(c.value)] ?? '' };
  if (c.type === 'inlineStr') return { kind: 'text', text: plainText(c.text) };
  if (c.value === '') return c.formula ? { kind: 'formula', text: '' } : null;
  if (c.type === 'e') return { kind: 'error', text: c.value };
  if (c.type === 'str') return { kind: 'text', text: plainText(c.value) };
  if (c.type === 'b') return { kind: 'boolean', text: c.value === '1' ? '是' : '否' };
  if (c.type === 'd') return { kind: 'text', text: c.value };
  return { kind: dates.has(c.style) ? 'serial' : 'number', text: c.value };
}
