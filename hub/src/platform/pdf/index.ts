/** Documents made in the hub as PDF: text, tables, charts, QR codes; tagged, with fonts of their own, the same bytes for the same content. */
export { bars, lines, type PdfBar, type PdfSeries, qr } from './charts.ts';
export { ink, type Meta, measureWidth, page, Sheet, type Style } from './document.ts';
export { qrModules } from './qr.ts';
export { type PdfColumn, table } from './table.ts';
