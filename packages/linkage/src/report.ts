/** A report of a linkage as one HTML file without anything from outside: figures, blocking, parameters, precision and recall, pairs explained. */
import { esc, figure, recallCurve, ruleBars, waterfall, weightBars } from './charts.ts';
import type { Evaluation, Quality } from './evaluate.ts';
import { type Explanation, parameterChart } from './explain.ts';
import type { Linkage } from './linker.ts';

/** What to put in. */
export interface ReportOptions {
  title?: string;
  explanations?: readonly Explanation[];
  evaluation?: Evaluation;
}

const STYLE = `:root{color-scheme:light dark;--ink:#1c2733;--soft:#5c6b7a;--paper:#fff;--card:#f4f6f8;--edge:#d5dce3;--plus:#2a7f62;--minus:#b4483c;--pale:#b9d8cc;--line:#2a5d9f}
@media(prefers-color-scheme:dark){:root{--ink:#e3e9ef;--soft:#9aa8b6;--paper:#14191f;--card:#1e252d;--edge:#37424d;--plus:#45a583;--minus:#d0695c;--pale:#2c5547;--line:#6ea3e8}}
*{box-sizing:border-box}body{font:14px/1.5 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;margin:0 auto;padding:2em 1.5em 4em;max-width:1040px;color:var(--ink);background:var(--paper)}
h1{font-size:22px;margin:0 0 .2em}h2{font-size:17px;margin:2.2em 0 .6em;padding-top:.8em;border-top:1px solid var(--edge)}h3{font-size:15px;margin:1.8em 0 .3em}p{margin:.3em 0}.soft{color:var(--soft);fill:var(--soft)}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(165px,1fr));gap:10px;margin:1.2em 0}.card{background:var(--card);border-radius:8px;padding:10px 14px}.card b{display:block;font-size:19px;font-variant-numeric:tabular-nums}
.scroll{overflow-x:auto}svg{width:100%;min-width:680px;height:auto;display:block}svg text{font:12px system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;fill:var(--ink)}svg .soft{fill:var(--soft)}svg .strong{font-weight:600}svg .figure{font-variant-numeric:tabular-nums}
.plus{fill:var(--plus)}.minus{fill:var(--minus)}.pale{fill:var(--pale)}.axis{stroke:var(--soft)}.grid{stroke:var(--edge);stroke-width:.6}.threshold{stroke:var(--line);stroke-dasharray:4 3}.line{stroke:var(--line);stroke-width:2}.dot{fill:var(--line)}.ring{fill:none;stroke:var(--minus);stroke-width:2}
.two{display:flex;flex-wrap:wrap;gap:24px;align-items:flex-start}.two svg{min-width:300px;width:460px;max-width:100%}table{border-collapse:collapse;font-variant-numeric:tabular-nums}th,td{padding:.25em .9em .25em 0;text-align:left;border-bottom:1px solid var(--edge);vertical-align:top}th{color:var(--soft);font-weight:500}td.n{text-align:right}
details{margin:.5em 0}summary{cursor:pointer;color:var(--soft)}code{background:var(--card);padding:.1em .35em;border-radius:4px}`;

const REASONS: Record<Explanation['blocking'][number]['reason'], string> = {
  shared: '相同 shared',
  different: '不同 different',
  missing: '缺值 missing',
  'too-large': '过于常见 too common',
};

const table = (head: readonly string[], rows: readonly (readonly unknown[])[]): string =>
  `<div class="scroll"><table><tr>${head.map((h) => `<th>${esc(h)}</th>`).join('')}</tr>${rows.map((r) => `<tr>${r.map((c) => `<td${typeof c === 'number' ? ' class="n"' : ''}>${esc(typeof c === 'number' ? figure(c) : c)}</td>`).join('')}</tr>`).join('')}</table></div>`;

function measured(e: Evaluation): string {
  const row = (name: string, q: Quality) => [
    name,
    ...[q.f1, q.precision, q.recall].map((x) => x.toFixed(4)),
    q.found,
    q.right,
    q.true,
  ];
  return `<h2>精确率与召回率 Precision and recall</h2><div class="two">${recallCurve(e)}<div>${table(
    ['', 'F1', '精确率 precision', '召回率 recall', '找到 found', '正确 right', '真实 true'],
    [
      row('聚类 clusters', e.clusters),
      row('阈值处 at the threshold', e.pairs),
      row(`最佳阈值 best threshold (${e.best.thresholdBits.toFixed(1)} bits)`, e.best),
    ],
  )}<p class="soft">分块召回率 recall of blocking ${e.blockingRecall.toFixed(4)}。实心点：预设阈值；圆环：最佳阈值（只供参照）。Full point: the preset threshold; ring: the best one, for comparison only.</p></div></div>`;
}

function explained(e: Explanation, threshold: number): string {
  const needed =
    e.needed.length > 0
      ? `<p>需要的分块 Blocking that would compare them: ${e.needed.map((r) => `<code>[${esc(r.on.join(', '))}]</code> <span class="soft">${figure(r.records)} 条 records</span>`).join('　')}</p>`
      : e.compared
        ? ''
        : '<p class="soft">任何一列的任何部分都不相同，没有分块规则能把它们放到一起。They agree on no part of any column: no blocking rule would compare them.</p>';
  const name = (r: Explanation['left']) => esc(r.table ? `${r.table}:${r.id}` : r.id);
  const rules = e.blocking.map((b) => [b.rule, REASONS[b.reason], b.left ?? '∅', b.right ?? '∅']);
  return `<h3>${name(e.left)} — ${name(e.right)}</h3><p>${esc(e.zh)}<br>${esc(e.en)}</p>${needed}<div class="scroll">${waterfall(e, threshold)}</div><details><summary>分块 blocking: ${e.blocking.filter((b) => b.shared).length} / ${e.blocking.length}</summary>${table(['规则 rule', '', '左 left', '右 right'], rules)}</details>`;
}

/** The report as HTML text. */
export function report(l: Linkage, options: ReportOptions = {}): string {
  const s = l.summary;
  const facts: [string, string][] = [
    ['记录 records', figure(s.records)],
    ['实体 clusters', figure(s.clusters)],
    ['多条记录的实体 of several records', figure(s.multiple)],
    ['最大的实体 largest cluster', figure(s.largestCluster)],
    ['最大的连通分量 largest component', figure(s.largestComponent)],
    ['允许的对 allowed pairs', figure(s.allowed)],
    ['候选对 candidate pairs', figure(s.candidates)],
    ['链接 links', figure(s.links)],
    ['估计的匹配 estimated matches', figure(s.estimatedMatches)],
    ['阈值 threshold, bits', s.thresholdBits.toFixed(2)],
    ['用时 seconds', figure(s.seconds)],
  ];
  const groups = new Map<string, { label: string; bits: number; note: string }[]>();
  for (const r of parameterChart(l)) {
    if (r.m <= 1e-4 && r.u <= 1e-4) continue;
    const list = groups.get(r.comparison) ?? [];
    list.push({ label: r.level, bits: r.bits, note: `m ${r.m.toPrecision(3)}; u ${r.u.toPrecision(3)}` });
    groups.set(r.comparison, list);
  }
  const title = esc(options.title ?? '记录连接报告 Record linkage');
  const pairs = (options.explanations ?? []).map((e) => explained(e, s.thresholdBits));
  const tables = s.tables.map((t) => `${esc(t.name)} ${figure(t.records)}`).join('，');
  return `<!doctype html><html lang="zh"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${STYLE}</style></head><body><h1>${title}</h1><p class="soft">${tables}</p>
<div class="cards">${facts.map(([k, v]) => `<div class="card"><span class="soft">${k}</span><b>${esc(v)}</b></div>`).join('')}</div>${s.remarks.map((m) => `<p>⚠ ${esc(m.zh)} <span class="soft">${esc(m.en)}</span></p>`).join('')}${options.evaluation ? measured(options.evaluation) : ''}
<h2>分块 Blocking</h2><p class="soft">浅色：规则自身产生的对；深色：先前规则没有的对（对数刻度）。Pale: the pairs that a rule makes; full: those that no rule before it made (logarithmic).</p><div class="scroll">${ruleBars([...l.ruleCounts].sort((a, b) => b.pairs - a.pairs).slice(0, 40))}</div>
<h2>参数 Parameters</h2><p class="soft">各等级的证据（比特）：m 为同一实体中的概率，u 为不同实体中的概率。Evidence of each level in bits: m among matches, u among others.</p><div class="scroll">${weightBars([...groups].map(([name, rows]) => ({ name, rows })))}</div>${pairs.length > 0 ? `<h2>说明 Pairs explained</h2>${pairs.join('')}` : ''}</body></html>`;
}
