/**
 * A document made in the hub: A4, set in the fonts of the house, tagged so that it can be read out, with bookmarks, page
 * numbers and metadata. Vector drawing only. The same content at the same instant gives the same bytes.
 */
import PDFDocument from 'pdfkit';
import { type Fonts, fontsFor, type Weight } from './fonts.ts';
import { breakLines } from './lines.ts';

/** Points of A4 and of its margins. */
export const page = { width: 595.28, height: 841.89, left: 56, right: 56, top: 62, bottom: 60 } as const;
/** Width of the text. */
export const measureWidth = page.width - page.left - page.right;

export const ink = {
  ...{ text: '#16211e', quiet: '#5c6965', line: '#d4dcd8', soft: '#eef3f0', primary: '#17695c', weft: '#a44b22' },
  ...{ good: '#24703a', warn: '#855300', bad: '#b3261e', paper: '#ffffff' },
} as const;

/** How a text is set. */
export interface Style {
  size?: number;
  weight?: Weight;
  colour?: string;
  align?: 'start' | 'end' | 'middle';
  /** Height of a line in sizes. */
  leading?: number;
}

/** What a document says of itself. */
export interface Meta {
  title: string;
  author: string;
  subject: string;
  keywords: string;
  lang: 'zh-CN' | 'en';
  at: Date;
  /** Every text that will be set, so that the fonts can be cut. */
  characters: string;
  /** At the foot of each page: left, and the page's number at the right. */
  foot: string;
  pageOf(n: number, of: number): string;
}

type Tag = 'H1' | 'H2' | 'H3' | 'P' | 'Figure' | 'Table' | 'TR' | 'TH' | 'TD' | 'L' | 'LI' | 'Caption';

/** A document as it is being made: a cursor that goes down the pages. */
export class Sheet {
  readonly doc: PDFKit.PDFDocument;
  readonly #fonts: Fonts;
  readonly #meta: Meta;
  readonly #chunks: Buffer[] = [];
  readonly #root: PDFKit.PDFStructureElement;
  #section: PDFKit.PDFStructureElement;
  y: number = page.top;

  private constructor(meta: Meta, fonts: Fonts) {
    this.#meta = meta;
    this.#fonts = fonts;
    this.doc = new PDFDocument({
      ...{ size: 'A4', margin: 0, autoFirstPage: false, bufferPages: true, tagged: true, pdfVersion: '1.7' },
      ...{ lang: meta.lang, displayTitle: true, compress: true },
      info: {
        ...{ Title: meta.title, Author: meta.author, Subject: meta.subject, Keywords: meta.keywords },
        ...{ CreationDate: meta.at, ModDate: meta.at, Producer: 'Jingwei', Creator: 'Jingwei' },
      },
    });
    this.doc.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
    for (const { name, bytes } of fonts.cut) this.doc.registerFont(name, Buffer.from(bytes));
    this.#root = this.doc.struct('Document');
    this.doc.addStructure(this.#root);
    this.#section = this.#root;
  }

  /** Begins a document. */
  static async begin(meta: Meta): Promise<Sheet> {
    const fonts = await fontsFor(`${meta.characters}${meta.foot}${meta.title}${ALWAYS}${meta.pageOf(1, 1)}`);
    return new Sheet(meta, fonts);
  }

  /** Begins a page. */
  newPage(): void {
    this.doc.addPage();
    this.y = page.top;
  }

  /** Begins a part of the document: what follows belongs to it. */
  section(): void {
    this.#section = this.doc.struct('Sect');
    this.#root.add(this.#section);
  }

  /** A bookmark to the present page; `under` a bookmark of before. */
  bookmark(title: string, under?: PDFKit.PDFOutline): PDFKit.PDFOutline {
    return (under ?? this.doc.outline).addItem(title, { expanded: !under });
  }

  /** Goes to a new page when less than `height` is left. */
  ensure(height: number): void {
    if (this.y + height > page.height - page.bottom) this.newPage();
  }

  /** Draws something that is read out as an element of the structure. */
  tagged<T>(tag: Tag, draw: () => T, options: { alt?: string; parent?: PDFKit.PDFStructureElement } = {}): T {
    const content = this.doc.markStructureContent(tag);
    const out = draw();
    this.doc.endMarkedContent();
    const element = this.doc.struct(tag, options.alt === undefined ? {} : { alt: options.alt }, [content]);
    (options.parent ?? this.#section).add(element);
    return out;
  }

  /** An element that others are put into: a table, a row. */
  group(tag: Tag, parent: PDFKit.PDFStructureElement = this.#section): PDFKit.PDFStructureElement {
    const element = this.doc.struct(tag);
    parent.add(element);
    return element;
  }

  /** Draws something that is not read out: rules, grounds, ornaments. */
  ornament(draw: () => void): void {
    this.doc.markContent('Artifact', { type: 'Layout' });
    draw();
    this.doc.endMarkedContent();
  }

  /** Width of one line. */
  width(text: string, style: Style = {}): number {
    let sum = 0;
    for (const run of this.#fonts.runs(text, style.weight ?? 'plain'))
      sum += this.doc.font(run.font, style.size ?? 10).widthOfString(run.text);
    return sum;
  }

  /** One line at a place, its baseline's line box beginning at `y`. Not tagged by itself. */
  line(text: string, x: number, y: number, style: Style = {}, width?: number): void {
    const size = style.size ?? 10;
    let at = x;
    if (width !== undefined && style.align && style.align !== 'start') {
      const rest = width - this.width(text, style);
      at += style.align === 'end' ? rest : rest / 2;
    }
    this.doc.fillColor(style.colour ?? ink.text);
    for (const run of this.#fonts.runs(text, style.weight ?? 'plain')) {
      this.doc.font(run.font, size).text(run.text, at, y, { lineBreak: false, baseline: -size * 0.88 } as object);
      at += this.doc.widthOfString(run.text);
    }
  }

  /** Lines that a text needs in a width. */
  lines(text: string, width: number, style: Style = {}): string[] {
    return breakLines(text, width, (part) => this.width(part, style));
  }

  /** Lines of text at a place; answers their height. */
  block(lines: readonly string[], x: number, y: number, width: number, style: Style = {}): number {
    const height = (style.size ?? 10) * (style.leading ?? 1.55);
    lines.forEach((text, n) => {
      this.line(text, x, y + n * height, style, width);
    });
    return lines.length * height;
  }

  /** A paragraph at the cursor, over pages where it must. */
  paragraph(text: string, style: Style = {}, tag: Tag = 'P'): void {
    const height = (style.size ?? 10) * (style.leading ?? 1.55);
    let rest = this.lines(text, measureWidth, style);
    this.ensure(height * Math.min(2, rest.length));
    while (rest.length) {
      const fits = Math.max(1, Math.floor((page.height - page.bottom - this.y) / height));
      const part = rest.slice(0, fits);
      this.tagged(tag, () => {
        this.y += this.block(part, page.left, this.y, measureWidth, style);
      });
      rest = rest.slice(fits);
      if (rest.length) this.newPage();
    }
  }

  /** A heading with a bookmark where `under` is given (null: at the top). */
  heading(text: string, level: 1 | 2 | 3, under?: PDFKit.PDFOutline | null): PDFKit.PDFOutline | undefined {
    const size = { 1: 18, 2: 13, 3: 10.5 }[level];
    this.ensure(size * 5);
    if (level > 1 && this.y > page.top) this.y += size * 0.7;
    const mark = under === undefined ? undefined : this.bookmark(text, under ?? undefined);
    const lines = this.lines(text, measureWidth, { size, weight: 'strong' });
    this.tagged(`H${level}`, () => {
      this.y += this.block(lines, page.left, this.y, measureWidth, { size, weight: 'strong', leading: 1.4 });
    });
    this.y += size * 0.35;
    return mark;
  }

  /** Ends the document: feet of the pages, structure; answers its bytes. */
  async finish(): Promise<Uint8Array> {
    const { start, count } = this.doc.bufferedPageRange();
    for (let n = start; n < start + count; n++) {
      this.doc.switchToPage(n);
      if (n === start) continue;
      const y = page.height - 40;
      this.ornament(() => {
        this.doc
          .moveTo(page.left, y - 8)
          .lineTo(page.width - page.right, y - 8)
          .lineWidth(0.5)
          .strokeColor(ink.line)
          .stroke();
        this.line(this.#meta.foot, page.left, y, { size: 8, colour: ink.quiet });
        const number = this.#meta.pageOf(n + 1, count);
        this.line(number, page.left, y, { size: 8, colour: ink.quiet, align: 'end' }, measureWidth);
      });
    }
    this.#root.end();
    const done = new Promise<void>((resolve) => this.doc.on('end', resolve));
    this.doc.end();
    await done;
    return Buffer.concat(this.#chunks);
  }
}

/** Characters that every document may need. */
const ALWAYS =
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,:;/%+-–—()·…“”‘’，。、；：（）《》第页共→≥≤';
