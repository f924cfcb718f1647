/**
 * A plain PDF (ISO 32000) of lines of text on A4: what the demonstration's documents are. The Chinese font is named, not embedded: every reader
 * has one for it.
 */

/** Lines of a page, and their height in points. */
const LINES = 34;
const LEADING = 21;

/** A line: its text, a heading in the middle, or a signature at the right. */
export type PdfLine = string | { heading: string } | { right: string };

const utf16 = (text: string): string => Buffer.from(text, 'utf16le').swap16().toString('hex').toUpperCase();

/** Width in points: without widths of its own the font's every character is as wide as it is high. */
const widthOf = (text: string, size: number): number => [...text].length * size;

function pageOf(lines: readonly PdfLine[]): string {
  const drawn = lines.map((line, i) => {
    const text = typeof line === 'string' ? line : 'heading' in line ? line.heading : line.right;
    const size = typeof line === 'object' && 'heading' in line ? 17 : 11.5;
    const width = widthOf(text, size);
    const x = typeof line === 'string' ? 70 : 'heading' in line ? Math.max(70, (595 - width) / 2) : 525 - width;
    return `BT /F1 ${size} Tf ${x.toFixed(1)} ${780 - i * LEADING} Td <${utf16(text)}> Tj ET`;
  });
  return drawn.join('\n');
}

/** The bytes of a document. */
export function pdf(lines: readonly PdfLine[]): Buffer {
  const pages = Array.from({ length: Math.max(1, Math.ceil(lines.length / LINES)) }, (_, i) =>
    pageOf(lines.slice(i * LINES, (i + 1) * LINES)),
  );
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${pages.map((_, i) => `${6 + 2 * i} 0 R`).join(' ')}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>',
    '<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /FontDescriptor 5 0 R >>',
    '<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>',
    ...pages.flatMap((content, i) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents ${7 + 2 * i} 0 R >>`,
      `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    ]),
  ];
  let text = '%PDF-1.7\n';
  const offsets = objects.map((object, i) => {
    const at = text.length;
    text += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const start = text.length;
  const table = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}`;
  text += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(text, 'latin1');
}
