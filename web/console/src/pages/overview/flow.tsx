/**
 * The flow as threads: departments on the left, what became of their rows in the middle, golden records on the right.
 * Heights stand for rows. On a narrow screen the same numbers are told as a ladder.
 */
import { Link, useNavigate } from '@tanstack/react-router';
import { useLayoutEffect, useRef, useState } from 'react';
import type { Answer } from '../../api/client.ts';
import type { ExchangeSummary } from '../../api/types.ts';
import { full, shortText } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { type FlowNode, flowLayout, shortNames } from './flow-layout.ts';

type RefinerySummary = Answer<'/api/v1/refinery/summary'>;
type LibrarySummary = Answer<'/api/v1/libraries/summary'>;

export function Flow({
  exchange,
  refinery,
  library,
}: {
  exchange: ExchangeSummary;
  refinery: RefinerySummary | undefined;
  library: LibrarySummary | undefined;
}) {
  const { t, say, language } = useSpeech();
  const navigate = useNavigate();
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    return () => observer.disconnect();
  }, []);

  const totals = exchange.totals;
  const linked = refinery?.linked ?? 0;
  const unlinked = refinery?.unlinked ?? 0;
  // Who may not see the refinery is not told what waits there.
  const others = refinery?.others ?? { waiting: 0, apart: 0, withdrawing: 0 };
  const delivering = [...exchange.departments].filter((d) => d.received > 0).sort((a, b) => b.received - a.received);
  const names = shortNames(
    delivering.map((d) => say(d.name)),
    22,
  );
  const departments = delivering.map((d, i) => ({ id: d.owner, title: names[i] ?? say(d.name), rows: d.received }));
  const steps = [
    { key: 'received', rows: totals.received, to: '/exchange/runs', colour: 'var(--jw-primary)' },
    { key: 'accepted', rows: totals.accepted, to: '/exchange/runs', colour: 'var(--jw-primary)' },
    { key: 'quarantined', rows: totals.quarantined, to: '/exchange/quarantine', colour: 'var(--jw-weft)' },
    { key: 'duplicate', rows: totals.duplicate, to: '/exchange/runs', colour: 'var(--jw-ink3)' },
    { key: 'linked', rows: linked, to: '/refinery/quality', colour: 'var(--jw-primary)' },
    { key: 'unlinked', rows: unlinked, to: '/refinery/review', colour: 'var(--jw-warn)' },
    ...(others.waiting
      ? [{ key: 'waiting', rows: others.waiting, to: '/system/jobs', colour: 'var(--jw-line-strong)' }]
      : []),
    ...(others.apart ? [{ key: 'apart', rows: others.apart, to: '/exchange/sources', colour: 'var(--jw-ink3)' }] : []),
  ];

  if (width > 0 && width < 720) {
    const most = Math.max(1, totals.received);
    return (
      <div ref={box}>
        <ol className="ladder">
          {steps.map((step) => (
            <li key={step.key}>
              <div className="row spread">
                <Link to={step.to}>{t(`overview.node.${step.key}`)}</Link>
                <span className="num strong">{full(step.rows)}</span>
              </div>
              <span className="bar" aria-hidden="true">
                <span style={{ width: `${(step.rows / most) * 100}%`, background: step.colour }} />
              </span>
            </li>
          ))}
          {library ? (
            <li className="row spread">
              <Link to="/credit/search">{t('overview.node.golden')}</Link>
              <span className="num strong">{full(library.entities)}</span>
            </li>
          ) : null}
        </ol>
      </div>
    );
  }

  const height = 400;
  const layout = flowLayout({
    width,
    height,
    departments,
    others: (n) => t('overview.other-departments', { n }),
    accepted: totals.accepted,
    quarantined: totals.quarantined,
    duplicate: totals.duplicate,
    linked,
    unlinked,
    entities: library?.entities ?? null,
    ...others,
  });
  const open = (node: FlowNode) => {
    if (node.owner) void navigate({ to: '/exchange/sources', search: { owner: node.owner } as never });
    else if (node.to) void navigate({ to: node.to });
  };
  const summary = `${t('overview.node.received')} ${full(totals.received)} = ${t('overview.node.accepted')} ${full(totals.accepted)} + ${t('overview.node.quarantined')} ${full(totals.quarantined)} + ${t('overview.node.duplicate')} ${full(totals.duplicate)}`;
  return (
    <div ref={box}>
      {width === 0 ? null : (
        <svg className="flow" width={width} height={height} role="img" aria-label={summary}>
          {layout.links.map((link) => (
            <path key={link.key} d={link.path} fill={link.colour} className="flow-link">
              <title>{`${link.title}: ${full(link.rows)}`}</title>
            </path>
          ))}
          {layout.nodes.map((node) => {
            const title = node.title || t(`overview.node.${node.key}`);
            return (
              // biome-ignore lint/a11y/noStaticElementInteractions: the drawing is one image; the same ways stand as links in the table below.
              <g key={node.key} onClick={() => open(node)} className={node.to || node.owner ? 'flow-node' : undefined}>
                <title>{`${title}: ${full(node.rows)}`}</title>
                <rect
                  x={node.x}
                  y={node.y}
                  width={node.width}
                  height={Math.max(node.height, 2)}
                  fill={node.colour}
                  rx="1.5"
                />
                <text
                  x={node.label === 'left' ? node.x - 8 : node.x + node.width + 8}
                  y={node.labelY}
                  textAnchor={node.label === 'left' ? 'end' : 'start'}
                  className={node.label === 'left' ? 'flow-name' : 'flow-title'}
                >
                  {title}
                  {node.label === 'left' ? (
                    <tspan className="flow-count" dx="6">
                      {shortText(node.rows, language)}
                    </tspan>
                  ) : (
                    <tspan className="flow-count" x={node.x + node.width + 8} dy="1.35em">
                      {full(node.rows)}
                    </tspan>
                  )}
                </text>
              </g>
            );
          })}
        </svg>
      )}
      <p className="equation">
        <span>
          {t('overview.node.received')} <b>{full(totals.received)}</b>
        </span>
        <i>=</i>
        <span>
          {t('overview.node.accepted')} <b>{full(totals.accepted)}</b>
        </span>
        <i>+</i>
        <span>
          {t('overview.node.quarantined')} <b>{full(totals.quarantined)}</b>
        </span>
        <i>+</i>
        <span>
          {t('overview.node.duplicate')} <b>{full(totals.duplicate)}</b>
        </span>
      </p>
    </div>
  );
}
