/** Charts of a document, drawn as vectors: bars and lines, each with a text for those who do not see it. */
import { ink, measureWidth, page, type Sheet } from './document.ts';
import { qrModules } from './qr.ts';

/** A bar: `value` of `of`. */
export interface PdfBar {
  label: string;
  value: number;
  of: number;
  shown: string;
  colour?: string;
}

/** Bars from the left at the cursor, labels before them. */
export function bars(sheet: Sheet, rows: readonly PdfBar[], alt: string, labelWidth = 150): void {
  const height = 17;
  sheet.ensure(Math.min(rows.length, 8) * height + 8);
  let from = 0;
  while (from < rows.length) {
    const room = Math.max(1, Math.floor((page.height - page.bottom - sheet.y) / height));
    const part = rows.slice(from, from + room);
    sheet.tagged(
      'Figure',
      () => {
        const width = measureWidth - labelWidth - 56;
        part.forEach((r, n) => {
          const y = sheet.y + n * height;
          const x = page.left + labelWidth;
          const [label] = sheet.lines(r.label, labelWidth - 8, { size: 8.6 });
          sheet.line(label ?? '', page.left, y + 2, { size: 8.6 });
          sheet.doc.rect(x, y + 3.5, width, 8).fill(ink.soft);
          sheet.doc
            .rect(x, y + 3.5, Math.max(0.5, (width * Math.min(r.value, r.of)) / (r.of || 1)), 8)
            .fill(r.colour ?? ink.primary);
          sheet.line(r.shown, x + width + 6, y + 2, { size: 8.6, weight: 'strong', align: 'end' }, 50);
        });
      },
      { alt },
    );
    sheet.y += part.length * height + 4;
    from += part.length;
    if (from < rows.length) sheet.newPage();
  }
}

/** A series of a line chart; null where nothing is known. */
export interface PdfSeries {
  label: string;
  colour: string;
  values: readonly (number | null)[];
}

/** Lines over labels at the cursor, from `least` to `most`. */
export function lines(
  sheet: Sheet,
  given: {
    labels: readonly string[];
    series: readonly PdfSeries[];
    least: number;
    most: number;
    height?: number;
    alt: string;
  },
): void {
  const height = given.height ?? 130;
  sheet.ensure(height + 34);
  const [x0, y0, width] = [page.left + 28, sheet.y + 6, measureWidth - 36];
  const at = (v: number) => y0 + height - (height * (v - given.least)) / (given.most - given.least || 1);
  const step = given.labels.length > 1 ? width / (given.labels.length - 1) : 0;
  sheet.tagged(
    'Figure',
    () => {
      for (let n = 0; n <= 4; n++) {
        const v = given.least + ((given.most - given.least) * n) / 4;
        sheet.doc
          .moveTo(x0, at(v))
          .lineTo(x0 + width, at(v))
          .lineWidth(0.4)
          .strokeColor(ink.line)
          .stroke();
        sheet.line(
          String(Math.round(v * 10) / 10),
          page.left,
          at(v) - 6,
          { size: 7.5, colour: ink.quiet, align: 'end' },
          22,
        );
      }
      const every = Math.ceil(given.labels.length / 12);
      given.labels.forEach((label, n) => {
        if (n % every === 0)
          sheet.line(label, x0 + n * step - 30, y0 + height + 6, { size: 7.5, colour: ink.quiet, align: 'middle' }, 60);
      });
      for (const s of given.series) {
        let drawing = false;
        s.values.forEach((v, n) => {
          if (v === null) drawing = false;
          else if (drawing) sheet.doc.lineTo(x0 + n * step, at(v));
          else {
            sheet.doc.moveTo(x0 + n * step, at(v));
            drawing = true;
          }
        });
        sheet.doc.lineWidth(1.4).strokeColor(s.colour).stroke();
        s.values.forEach((v, n) => {
          if (v !== null) sheet.doc.circle(x0 + n * step, at(v), 2.2).fill(s.colour);
        });
      }
    },
    { alt: given.alt },
  );
  sheet.y += height + 28;
}

/** A QR code at a place; answers whether the text was short enough. */
export function qr(sheet: Sheet, text: string, x: number, y: number, size: number, alt: string): boolean {
  const modules = qrModules(text);
  if (!modules) return false;
  const unit = size / (modules.length + 8);
  sheet.tagged(
    'Figure',
    () => {
      sheet.doc.rect(x, y, size, size).fill(ink.paper);
      modules.forEach((row, j) => {
        row.forEach((dark, i) => {
          // A hair wider than the module, so that no light line shows between two.
          if (dark) sheet.doc.rect(x + (i + 4) * unit, y + (j + 4) * unit, unit * 1.02, unit * 1.02);
        });
      });
      sheet.doc.fill(ink.text);
    },
    { alt },
  );
  return true;
}
