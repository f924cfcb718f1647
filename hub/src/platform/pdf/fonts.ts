/**
 * Fonts for documents made in the hub: Noto Sans SC as it is installed, a variable font in a hundred slices by code point. Of the
 * slices only what a document's text needs is cut out, at a fixed weight, as TrueType, so that a report carries its fonts and
 * stays small. The same characters give the same bytes.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import subsetFont from 'subset-font';
import { Problem, problemKind } from '../problem.ts';

const glyphMissing = problemKind(
  'pdf.glyph',
  422,
  '字体中没有这些字符：{characters}',
  'The fonts have no glyph for: {characters}',
);

/** Weights that documents are set in. */
export const weights = { plain: 400, strong: 650 } as const;
export type Weight = keyof typeof weights;

interface Slice {
  file: string;
  has(code: number): boolean;
}

let known: { folder: string; slices: Slice[] } | undefined;

/** The slices with the code points that each holds; the stylesheet of the package says them. */
function slices(): { folder: string; slices: Slice[] } {
  if (known) return known;
  const folder = dirname(createRequire(import.meta.url).resolve('@fontsource-variable/noto-sans-sc/package.json'));
  const css = readFileSync(join(folder, 'wght.css'), 'utf8');
  const found = [...css.matchAll(/url\(\.\/(files\/[^)]+\.woff2)\)[^;]*;\s*unicode-range:\s*([^;]+);/g)].map(
    (m): Slice => {
      const ranges = m[2]!.split(',').map((r) => {
        const [from, to] = r.trim().slice(2).split('-');
        return [Number.parseInt(from!, 16), Number.parseInt(to ?? from!, 16)] as const;
      });
      return { file: m[1]!, has: (code) => ranges.some(([from, to]) => code >= from && code <= to) };
    },
  );
  known = { folder, slices: found };
  return known;
}

/** A cut font: its name in the document and its bytes. */
export interface CutFont {
  name: string;
  bytes: Uint8Array;
}

/** The fonts of one document. */
export interface Fonts {
  cut: readonly CutFont[];
  /** Pieces of a text that one font can set. A character that no font has is a Problem when the fonts are made. */
  runs(text: string, weight: Weight): { font: string; text: string }[];
}

/** Fonts that were cut, by slice, weight and characters: reports of a month differ little from each other. */
const cutBefore = new Map<string, Uint8Array>();
/** Most of them kept; each has some ten kilobytes. */
const KEPT = 400;

async function cutFont(file: string, characters: string, wght: number): Promise<Uint8Array> {
  const key = `${file} ${wght} ${characters}`;
  const known = cutBefore.get(key);
  if (known) return known;
  const bytes = await subsetFont(readFileSync(file), characters, { targetFormat: 'truetype', variationAxes: { wght } });
  if (cutBefore.size >= KEPT) cutBefore.delete(cutBefore.keys().next().value!);
  cutBefore.set(key, bytes);
  return bytes;
}

/** Cuts fonts for the characters of a document. */
export async function fontsFor(text: string): Promise<Fonts> {
  const { folder, slices: all } = slices();
  const characters = [...new Set([...text, ' '])].filter((c) => c >= ' ').sort();
  const bySlice = new Map<number, string[]>();
  const sliceOf = new Map<string, number>();
  const missing: string[] = [];
  for (const c of characters) {
    const n = all.findIndex((s) => s.has(c.codePointAt(0)!));
    if (n < 0) {
      missing.push(c);
      continue;
    }
    sliceOf.set(c, n);
    bySlice.set(n, [...(bySlice.get(n) ?? []), c]);
  }
  if (missing.length) throw new Problem(glyphMissing, { characters: missing.slice(0, 20).join(' ') });
  const cut: CutFont[] = [];
  for (const [n, own] of [...bySlice].sort((a, b) => a[0] - b[0])) {
    const file = join(folder, all[n]!.file);
    for (const [weight, wght] of Object.entries(weights)) {
      const bytes = await cutFont(file, own.join(''), wght);
      cut.push({ name: `noto-${weight}-${n}`, bytes });
    }
  }
  return {
    cut,
    runs(line, weight) {
      const out: { font: string; text: string }[] = [];
      for (const c of line) {
        const n = sliceOf.get(c) ?? sliceOf.get(' ')!;
        const font = `noto-${weight}-${n}`;
        const last = out.at(-1);
        // A space is set with what stands before it: every slice change costs a switch of fonts.
        if (last && last.font === font) last.text += c;
        else out.push({ font, text: c });
      }
      return out;
    },
  };
}
