/** The drawing of one enterprise's chains. */
import { Button } from 'antd';
import { useMemo, useRef } from 'react';
import { percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { layersOf, place } from './chains-layout.ts';
import type { ChainsAnswer } from './types.ts';

const BOX = { width: 170, height: 40 };

/** Holders above, what is held or guaranteed below; shares as full lines, guarantees dashed; to be taken along as it is. */
export function Drawing({ data }: { data: ChainsAnswer }) {
  const { t } = useSpeech();
  const root = `e:${data.entity}`;
  const svg = useRef<SVGSVGElement>(null);
  const { placed, size, left } = useMemo(() => place(layersOf(root, data.edges)), [root, data.edges]);
  if (placed.length < 2) return <p className="quiet">{t('assess.chains.none')}</p>;
  const at = new Map(placed.map((p) => [p.id, p]));
  const label = new Map(data.nodes.map((n) => [n.id, n.label.value ?? '***']));
  const seen = new Set<string>();
  const edges = data.edges.filter((e) => {
    const key = `${e.from} ${e.to} ${e.kind}`;
    if (!at.has(e.from) || !at.has(e.to) || e.from === e.to || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  return (
    // biome-ignore lint/a11y: a named group; a region that scrolls must be reachable by keyboard (WCAG 2.1.1).
    <div className="chain-drawing" role="group" aria-label={t('assess.chains.network')} tabIndex={0}>
      <svg
        ref={svg}
        viewBox={`0 0 ${size.width} ${size.height}`}
        width={size.width}
        height={size.height}
        role="img"
        aria-label={t('assess.chains.network')}
      >
        <defs>
          <marker
            id="chain-arrow"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto-start-reverse"
          >
            <path d="M0 0L8 4L0 8z" fill="var(--jw-ink3)" />
          </marker>
        </defs>
        {edges.map((e) => {
          const a = at.get(e.from)!;
          const b = at.get(e.to)!;
          const down = b.y >= a.y ? 1 : -1;
          const y1 = a.y + (down * BOX.height) / 2;
          const y2 = b.y - (down * BOX.height) / 2;
          const guarantee = e.kind === 'guarantee';
          return (
            <g key={`${e.from} ${e.to} ${e.kind}`}>
              <title>
                {t('assess.chains.edge', {
                  from: label.get(e.from),
                  to: label.get(e.to),
                  kind: guarantee ? t('assess.chains.guarantee') : percent(e.share ?? 0, 1),
                })}
              </title>
              <line
                x1={a.x}
                y1={y1}
                x2={b.x}
                y2={y2}
                stroke={guarantee ? 'var(--jw-weft)' : 'var(--jw-ink3)'}
                strokeDasharray={guarantee ? '5 4' : undefined}
                markerEnd="url(#chain-arrow)"
              />
              {guarantee || e.share === null ? null : (
                <text
                  x={(a.x + b.x) / 2 + 4}
                  y={(y1 + y2) / 2}
                  fontSize="12"
                  fill="var(--jw-ink2)"
                  stroke="var(--jw-surface)"
                  strokeWidth="4"
                  paintOrder="stroke"
                >
                  {percent(e.share, 1)}
                </text>
              )}
            </g>
          );
        })}
        {placed.map((p) => {
          const text = label.get(p.id) ?? p.id;
          const own = p.id === root;
          return (
            <g key={p.id}>
              <title>{text}</title>
              <rect
                x={p.x - BOX.width / 2}
                y={p.y - BOX.height / 2}
                width={BOX.width}
                height={BOX.height}
                rx={p.id.startsWith('p') ? 20 : 4}
                fill={own ? 'var(--jw-primary-soft)' : 'var(--jw-surface)'}
                stroke={own ? 'var(--jw-primary)' : 'var(--jw-line-strong)'}
              />
              <text x={p.x} y={p.y + 4} textAnchor="middle" fontSize="12.5" fill="var(--jw-ink)">
                {text.length > 12 ? `${text.slice(0, 11)}…` : text}
              </text>
            </g>
          );
        })}
      </svg>
      <p className="row small">
        <Button size="small" onClick={() => svg.current && save('chain.svg', 'image/svg+xml', picture(svg.current))}>
          {t('assess.chains.save-picture')}
        </Button>
        <Button size="small" onClick={() => save('chain.csv', 'text/csv', table(data))}>
          {t('assess.chains.save-table')}
        </Button>
        <span className="quiet">{t('assess.chains.legend')}</span>
      </p>
      {left > 0 ? <p className="small quiet">{t('assess.chains.cut')}</p> : null}
    </div>
  );
}

/** Hands a text to the browser as a file. */
function save(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

/** The drawing by itself: colours written out, since the page's variables stay behind. */
function picture(svg: SVGSVGElement): string {
  const style = getComputedStyle(svg);
  const text = new XMLSerializer().serializeToString(svg);
  return text
    .replace(/var\((--[\w-]+)\)/g, (_, name: string) => style.getPropertyValue(name).trim())
    .replace(
      '<svg',
      `<svg font-family="sans-serif" style="background:${style.getPropertyValue('--jw-surface').trim()}"`,
    );
}

/** Every relation that is drawn or was too much to draw, names as this person may see them. */
function table(data: ChainsAnswer): string {
  const names = new Map(data.nodes.map((n) => [n.id, n.label.value ?? '***']));
  const cell = (value: string) => `"${(/^[=+\-@\t\r]/.test(value) ? `'${value}` : value).replaceAll('"', '""')}"`;
  const rows = data.edges.map((e) =>
    [names.get(e.from) ?? '', names.get(e.to) ?? '', e.kind, e.share === null ? '' : String(e.share), e.amount ?? '']
      .map(cell)
      .join(','),
  );
  return `\ufefffrom,to,kind,share,amount\r\n${rows.join('\r\n')}\r\n`;
}
