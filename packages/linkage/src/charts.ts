/** Charts of the report as SVG: bars, waterfall, precision and recall. Colours are variables of the page. */
import type { Evaluation } from './evaluate.ts';
import type { Explanation } from './explain.ts';

/** Text for HTML. */
export const esc = (text: unknown): string =>
  String(text ?? '').replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);

/** A figure with at most two decimals. */
export const figure = (n: number): string => n.toLocaleString('en', { maximumFractionDigits: 2 });

const svg = (width: number, height: number, label: string, inner: string): string =>
  `<svg role="img" aria-label="${esc(label)}" viewBox="0 0 ${width} ${height}" style="max-width:${width}px">${inner}</svg>`;
const text = (x: number, y: number, value: unknown, more = ''): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}"${more}>${esc(value)}</text>`;
const rect = (x: number, y: number, w: number, h: number, kind: string, title = ''): string =>
  `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${Math.max(w, 0.8).toFixed(1)}" height="${h}" rx="2" class="${kind}">${title ? `<title>${esc(title)}</title>` : ''}</rect>`;
const line = (x1: number, y1: number, x2: number, y2: number, kind = 'axis'): string =>
  `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" class="${kind}"/>`;

/** Shortens a text that would run out of its place. */
const short = (value: string, most: number): string => (value.length > most ? `${value.slice(0, most - 1)}…` : value);

/** Weights around zero, negative to the left, under the name of each group. */
export function weightBars(
  groups: readonly { name: string; rows: { label: string; bits: number; note: string }[] }[],
): string {
  const most = Math.max(1, ...groups.flatMap((g) => g.rows.map((r) => Math.abs(r.bits))));
  const [left, half, row] = [250, 210, 20];
  const zero = left + half;
  let y = 0;
  let inner = '';
  for (const g of groups) {
    inner += text(0, y + 17, g.name, ' class="strong"');
    y += 26;
    for (const r of g.rows) {
      const w = (Math.abs(r.bits) / most) * half;
      inner += text(left - 8, y + 14, short(r.label, 34), ' text-anchor="end"');
      inner += rect(r.bits >= 0 ? zero : zero - w, y + 3, w, row - 6, r.bits >= 0 ? 'plus' : 'minus', r.note);
      inner += text(
        left + 2 * half + 12,
        y + 14,
        `${r.bits >= 0 ? '+' : '−'}${Math.abs(r.bits).toFixed(2)}`,
        ' class="figure"',
      );
      inner += text(left + 2 * half + 70, y + 14, r.note, ' class="soft"');
      y += row;
    }
    y += 10;
  }
  return svg(960, y + 4, 'weights by level in bits', line(zero, 0, zero, y) + inner);
}

/** Pairs by rule on a logarithmic scale: all that a rule makes (pale), and those that no rule before it made (full). */
export function ruleBars(rows: readonly { rule: string; pairs: number; added: number; cumulative: number }[]): string {
  const [left, width, row] = [250, 420, 22];
  const most = Math.log10(Math.max(10, ...rows.map((r) => r.pairs)));
  const w = (n: number) => (n >= 1 ? (Math.max(Math.log10(n), 0.02) / most) * width : 0);
  let inner = '';
  for (let k = 0; k <= most; k++)
    inner +=
      line(left + (k / most) * width, 0, left + (k / most) * width, rows.length * row, 'grid') +
      text(left + (k / most) * width, rows.length * row + 16, figure(10 ** k), ' text-anchor="middle" class="soft"');
  rows.forEach((r, i) => {
    const y = i * row;
    inner += text(left - 8, y + 15, short(r.rule, 36), ' text-anchor="end"');
    inner +=
      rect(left, y + 4, w(r.pairs), row - 8, 'pale', `${figure(r.pairs)} pairs`) +
      rect(left, y + 4, w(r.added), row - 8, 'plus', `${figure(r.added)} new pairs`);
    inner += text(
      left + width + 12,
      y + 15,
      `${figure(r.pairs)}; 新增 new ${figure(r.added)}; 累计 total ${figure(r.cumulative)}`,
      ' class="soft"',
    );
  });
  return svg(960, rows.length * row + 24, 'pairs by blocking rule', inner);
}

/** The waterfall of a pair: each bar begins where the one before ended; the broken line is the threshold. */
export function waterfall(e: Explanation, threshold = 0): string {
  const ends = e.bars.flatMap((b) => [b.total, b.total - b.bits]);
  const [low, high] = [Math.min(0, threshold, ...ends), Math.max(0, threshold, ...ends)];
  const [left, width, row] = [150, 380, 24];
  const x = (bits: number) => left + ((bits - low) / Math.max(high - low, 1)) * width;
  const bottom = (e.bars.length + 1) * row;
  let inner = line(x(0), 0, x(0), bottom) + line(x(threshold), 0, x(threshold), bottom, 'threshold');
  e.bars.forEach((b, i) => {
    const from = b.total - b.bits;
    const [x0, x1] = [x(Math.min(from, b.total)), x(Math.max(from, b.total))];
    const y = i * row;
    const values =
      b.left === null && b.right === null ? '' : `${short(b.left ?? '∅', 24)} ／ ${short(b.right ?? '∅', 24)}`;
    const name = b.name === 'prior' ? '先验 prior' : b.name;
    inner += text(left - 8, y + 16, short(name, 20), ' text-anchor="end"');
    inner += rect(
      x0,
      y + 4,
      x1 - x0,
      row - 8,
      b.bits >= 0 ? 'plus' : 'minus',
      `m ${b.m.toPrecision(3)}, u ${b.u.toPrecision(3)}`,
    );
    inner += line(x(b.total), y + row - 4, x(b.total), y + row + 4, 'axis');
    inner += text(
      left + width + 12,
      y + 16,
      `${b.bits >= 0 ? '+' : '−'}${Math.abs(b.bits).toFixed(2)}`,
      ' class="figure"',
    );
    inner += text(left + width + 66, y + 16, values);
    inner += text(960, y + 16, b.level, ' text-anchor="end" class="soft"');
  });
  const y = e.bars.length * row;
  inner += text(left - 8, y + 16, '合计 total', ' text-anchor="end" class="strong"');
  inner += rect(
    Math.min(x(0), x(e.bits)),
    y + 4,
    Math.abs(x(e.bits) - x(0)),
    row - 8,
    e.bits >= threshold ? 'plus' : 'minus',
  );
  inner += text(
    left + width + 12,
    y + 16,
    `${e.bits >= 0 ? '+' : '−'}${Math.abs(e.bits).toFixed(2)}`,
    ' class="figure strong"',
  );
  return svg(960, bottom + 4, `weights of ${e.left.id} and ${e.right.id}`, inner);
}

/** Precision over recall as the threshold falls; marked: the preset threshold (full) and the best one (ring). */
export function recallCurve(e: Evaluation): string {
  const [w, h, left, bottom] = [460, 320, 48, 40];
  const x = (recall: number) => left + recall * (w - left - 16);
  const y = (precision: number) => h - bottom - precision * (h - bottom - 16);
  let inner = '';
  for (const tick of [0, 0.2, 0.4, 0.6, 0.8, 1]) {
    inner += line(x(tick), y(0), x(tick), y(1), 'grid') + line(x(0), y(tick), x(1), y(tick), 'grid');
    inner += text(x(tick), h - bottom + 16, tick.toFixed(1), ' text-anchor="middle" class="soft"');
    inner += text(left - 6, y(tick) + 4, tick.toFixed(1), ' text-anchor="end" class="soft"');
  }
  const points = e.curve.map((c) => `${x(c.recall).toFixed(1)},${y(c.precision).toFixed(1)}`).join(' ');
  inner += `<polyline fill="none" class="line" points="${points}"/>`;
  inner += `<circle cx="${x(e.best.recall).toFixed(1)}" cy="${y(e.best.precision).toFixed(1)}" r="7" class="ring"/><circle cx="${x(e.pairs.recall).toFixed(1)}" cy="${y(e.pairs.precision).toFixed(1)}" r="4" class="dot"/>`;
  inner += text((left + w) / 2, h - 6, '召回率 recall', ' text-anchor="middle"');
  inner += `<text transform="translate(12 ${h / 2}) rotate(-90)" text-anchor="middle">精确率 precision</text>`;
  return svg(w, h, 'precision over recall', inner);
}
