/** A report of a linkage as one HTML file without anything from outside: figures, blocking, parameters, precision and recall, pairs explained. */

import type { Evaluation } from './evaluate.ts';
import { type Explanation, parameterChart } from './explain.ts';
import type { Linkage } from './linker.ts';

/** What to put in. */
export interface ReportOptions {
  title?: string;
  explanations?: readonly Explanation[];
  evaluation?: Evaluation;
}

const esc = (text: unknown) =>
  String(text ?? '').replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);
const figure = (n: number) => n.toLocaleString('en', { maximumFractionDigits: 2 });

/** Horizontal bars around a middle line: positive right, negative left. */
function bars(rows: readonly { label: string; value: number; note: string }[]): string {
  const most = Math.max(1, ...rows.map((r) => Math.abs(r.value)));
  const [left, width, height] = [330, 420, 20];
  const zero = left + width / 2;
  const lines = rows.map((r, i) => {
    const w = (Math.abs(r.value) / most) * (width / 2);
    const x = r.value >= 0 ? zero : zero - w;
    return `<text x="${left - 8}" y="${i * height + 14}" text-anchor="end">${esc(r.label)}</text><rect x="${x.toFixed(1)}" y="${i * height + 3}" width="${Math.max(w, 0.5).toFixed(1)}" height="${height - 6}" class="${r.value >= 0 ? 'plus' : 'minus'}"><title>${esc(r.note)}</title></rect><text x="${left + width + 8}" y="${i * height + 14}">${esc(r.note)}</text>`;
  });
  return `<svg role="img" width="1000" height="${rows.length * height + 4}" viewBox="0 0 1000 ${rows.length * height + 4}"><line x1="${zero}" x2="${zero}" y1="0" y2="${rows.length * height}" class="axis"/>${lines.join('')}</svg>`;
}

/** The waterfall of a pair: each bar begins where the one before ended. */
export function waterfall(e: Explanation): string {
  const low = Math.min(0, ...e.bars.map((b) => b.total), ...e.bars.map((b) => b.total - b.bits));
  const high = Math.max(0, ...e.bars.map((b) => b.total), ...e.bars.map((b) => b.total - b.bits));
  const [left, width, height] = [220, 380, 22];
  const x = (bits: number) => left + ((bits - low) / Math.max(high - low, 1)) * width;
  const lines = e.bars.map((b, i) => {
    const from = b.total - b.bits;
    const [x0, x1] = [x(Math.min(from, b.total)), x(Math.max(from, b.total))];
    const values = b.left === null && b.right === null ? b.level : `${b.left ?? '∅'} / ${b.right ?? '∅'} (${b.level})`;
    return `<text x="${left - 8}" y="${i * height + 15}" text-anchor="end">${esc(b.name)}</text><rect x="${x0.toFixed(1)}" y="${i * height + 3}" width="${Math.max(x1 - x0, 0.5).toFixed(1)}" height="${height - 6}" class="${b.bits >= 0 ? 'plus' : 'minus'}"><title>m ${b.m.toPrecision(3)}, u ${b.u.toPrecision(3)}</title></rect><text x="${left + width + 8}" y="${i * height + 15}">${b.bits >= 0 ? '+' : ''}${b.bits.toFixed(2)} ${esc(values)}</text>`;
  });
  const h = e.bars.length * height + 4;
  return `<svg role="img" width="1100" height="${h}" viewBox="0 0 1100 ${h}"><line x1="${x(0).toFixed(1)}" x2="${x(0).toFixed(1)}" y1="0" y2="${h}" class="axis"/>${lines.join('')}</svg>`;
}

function curve(e: Evaluation): string {
  const [w, h] = [420, 300];
  const point = (c: { recall: number; precision: number }) =>
    `${(40 + c.recall * (w - 60)).toFixed(1)},${(h - 30 - c.precision * (h - 50)).toFixed(1)}`;
  return `<svg role="img" width="${w}" height="${h}"><polyline fill="none" class="line" points="${e.curve.map(point).join(' ')}"/><line x1="40" y1="${h - 30}" x2="${w - 20}" y2="${h - 30}" class="axis"/><line x1="40" y1="20" x2="40" y2="${h - 30}" class="axis"/><text x="${w / 2}" y="${h - 8}">召回率 recall</text><text x="4" y="14">精确率 precision</text></svg>`;
}

/** The report as HTML text. */
export function report(l: Linkage, options: ReportOptions = {}): string {
  const s = l.summary;
  const facts: [string, string][] = [
    ['记录 records', figure(s.records)],
    ['允许的对 allowed pairs', figure(s.allowed)],
    ['候选对 candidate pairs', figure(s.candidates)],
    ['链接 links', figure(s.links)],
    ['估计的匹配 estimated matches', figure(s.estimatedMatches)],
    ['聚类 clusters', `${figure(s.clusters)} (${figure(s.multiple)} of several records)`],
    ['最大的聚类 largest cluster', `${figure(s.largestCluster)} (component ${figure(s.largestComponent)})`],
    ['阈值 threshold', `${s.thresholdBits.toFixed(2)} bits`],
    ['用时 seconds', figure(s.seconds)],
  ];
  const blocking = [...l.ruleCounts]
    .sort((a, b) => b.pairs - a.pairs)
    .map((r) => ({
      label: r.rule,
      value: r.pairs,
      note: `${figure(r.pairs)}; new ${figure(r.added)}; together ${figure(r.cumulative)}`,
    }));
  const parameters = parameterChart(l)
    .filter((r) => r.m > 1e-4 || r.u > 1e-4)
    .map((r) => ({
      label: `${r.comparison}: ${r.level}`,
      value: r.bits,
      note: `${r.bits.toFixed(2)} bits; m ${r.m.toPrecision(3)}; u ${r.u.toPrecision(3)}`,
    }));
  const explained = (options.explanations ?? []).map(
    (e) => `<h3>${esc(e.left.id)} — ${esc(e.right.id)}</h3><p>${esc(e.zh)}<br>${esc(e.en)}</p>${waterfall(e)}`,
  );
  const title = esc(options.title ?? '记录连接报告 Record linkage');
  return `<!doctype html><html lang="zh"><meta charset="utf-8"><title>${title}</title><style>body{font:14px/1.5 system-ui,sans-serif;margin:2em;max-width:1120px;color:#1c2733}svg text{font:12px system-ui,sans-serif;fill:#1c2733}.plus{fill:#2a7f62}.minus{fill:#b4483c}.axis{stroke:#8a97a5}.line{stroke:#2a5d9f;stroke-width:2}td{padding:.1em 1em .1em 0}</style><h1>${title}</h1><table>${facts.map(([k, v]) => `<tr><td>${k}</td><td>${esc(v)}</td></tr>`).join('')}</table>${
    options.evaluation
      ? `<h2>精确率与召回率 Precision and recall</h2><p>F1 ${options.evaluation.clusters.f1.toFixed(4)}</p>${curve(options.evaluation)}`
      : ''
  }<h2>分块 Blocking</h2>${bars(blocking)}<h2>参数 Parameters</h2>${bars(parameters)}${explained.length > 0 ? `<h2>说明 Pairs explained</h2>${explained.join('')}` : ''}</html>`;
}
