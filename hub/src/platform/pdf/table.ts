/** Tables of a document: rows that do not break over pages, the head again on every page, cells tagged. */
import { ink, measureWidth, page, type Sheet, type Style } from './document.ts';

/** A column. `width` in points; one column without takes the rest. */
export interface PdfColumn<T> {
  title: string;
  width?: number;
  align?: 'start' | 'end' | 'middle';
  text(row: T): string;
  style?(row: T): Style;
  /** Draws into the cell instead of the text, which is read out all the same. */
  draw?(sheet: Sheet, row: T, box: { x: number; y: number; width: number; height: number }): void;
  /** Lines that a cell may have; 1 by default, cut with an ellipsis. */
  lines?: number;
}

const SIZE = 8.6;
const PAD = 4;

/** Sets a table at the cursor. */
export function table<T>(sheet: Sheet, columns: readonly PdfColumn<T>[], rows: readonly T[]): void {
  const fixed = columns.reduce((n, c) => n + (c.width ?? 0), 0);
  const widths = columns.map((c) => c.width ?? Math.max(60, measureWidth - fixed));
  const root = sheet.group('Table');
  const leading = SIZE * 1.42;
  const cut = (c: PdfColumn<T>, text: string, width: number, style: Style): string[] => {
    const all = sheet.lines(text, width, style);
    const most = c.lines ?? 1;
    if (all.length <= most) return all;
    let last = all[most - 1]!;
    while (last && sheet.width(`${last}…`, style) > width) last = [...last].slice(0, -1).join('');
    return [...all.slice(0, most - 1), `${last}…`];
  };
  const head = () => {
    const y = sheet.y;
    sheet.ornament(() => {
      sheet.doc.rect(page.left, y, measureWidth, leading + PAD * 1.6).fill(ink.soft);
    });
    const row = sheet.group('TR', root);
    let x = page.left;
    columns.forEach((c, n) => {
      const style: Style = { size: 8.2, weight: 'strong', colour: ink.quiet, align: c.align ?? 'start' };
      const text = cut({ ...c, lines: 1 }, c.title, widths[n]! - PAD * 2, style);
      sheet.tagged('TH', () => sheet.block(text, x + PAD, y + PAD * 0.9, widths[n]! - PAD * 2, style), { parent: row });
      x += widths[n]!;
    });
    sheet.y += leading + PAD * 1.6;
  };
  sheet.ensure(leading * 4);
  head();
  for (const one of rows) {
    const cells = columns.map((c, n) => {
      const style: Style = { size: SIZE, leading: 1.42, align: c.align ?? 'start', ...c.style?.(one) };
      return { style, lines: cut(c, c.text(one), widths[n]! - PAD * 2, style) };
    });
    const height = Math.max(...cells.map((c) => c.lines.length)) * leading + PAD * 1.7;
    if (sheet.y + height > page.height - page.bottom) {
      sheet.newPage();
      head();
    }
    const y = sheet.y;
    const row = sheet.group('TR', root);
    let x = page.left;
    columns.forEach((c, n) => {
      const { lines, style } = cells[n]!;
      const box = { x: x + PAD, y: y + PAD * 0.9, width: widths[n]! - PAD * 2, height: height - PAD * 1.7 };
      const draw = () => (c.draw ? c.draw(sheet, one, box) : sheet.block(lines, box.x, box.y, box.width, style));
      sheet.tagged('TD', draw, { parent: row, ...(c.draw ? { alt: c.text(one) } : {}) });
      x += widths[n]!;
    });
    sheet.y += height;
    sheet.ornament(() => {
      const to = page.left + measureWidth;
      sheet.doc.moveTo(page.left, sheet.y).lineTo(to, sheet.y).lineWidth(0.4).strokeColor(ink.line).stroke();
    });
  }
  sheet.y += 6;
}
