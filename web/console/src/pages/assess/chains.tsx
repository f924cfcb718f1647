/** 控制与担保链: one enterprise's chains, drawn and as tables; without one, the circles of the city. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { api } from '../../api/client.ts';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { full, percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { Cell } from '../credit/cell.tsx';
import { layersOf, place } from './chains-layout.ts';
import type { ChainsAnswer } from './types.ts';

export default function Chains() {
  const { t } = useSpeech();
  const url = useUrlState();
  const entity = url.get('entity');
  return (
    <Page title={t('titles.chains')} lead={t('assess.chains.lead')}>
      {/^\d+$/.test(entity) ? <Of entity={entity} /> : <Circles />}
    </Page>
  );
}

function Circles() {
  const { t } = useSpeech();
  const circles = useQuery({
    queryKey: ['credit', 'circles'],
    queryFn: ({ signal }) => api.get('/api/v1/credit/circles', { signal }),
  });
  return (
    <Loaded query={circles}>
      {(data) => (
        <Panel
          title={t('assess.chains.circles')}
          flush
          extra={<Link to="/credit/search">{t('assess.chains.find')}</Link>}
        >
          <p className="panel-body small quiet">{t('assess.chains.start')}</p>
          <DataTable
            caption={t('assess.chains.circles')}
            rows={data.items}
            rowKey={(_, n) => n}
            empty={<Empty title={t('assess.chains.no-circles')} />}
            columns={[
              {
                key: 'kind',
                title: t('assess.chains.kind'),
                tight: true,
                render: (c) => (
                  <Label tone={c.kind === 'ownership' ? 'warn' : 'bad'}>{t(`assess.chains.${c.kind}`)}</Label>
                ),
              },
              {
                key: 'enterprises',
                title: t('assess.chains.enterprises'),
                render: (c) => (
                  <span className="chain-steps">
                    {c.enterprises.map((e) => (
                      <span key={e.entity}>
                        <EntityLink entity={e.entity} name={e.name} /> →
                      </span>
                    ))}
                    <span className="quiet">{c.enterprises[0]?.name}</span>
                  </span>
                ),
              },
            ]}
          />
        </Panel>
      )}
    </Loaded>
  );
}

/** To the chains of another enterprise. */
function EntityLink({ entity, name }: { entity: number; name: string | null }) {
  return (
    <Link to="/credit/chains" search={{ entity: String(entity) } as never}>
      {name ?? entity}
    </Link>
  );
}

function Of({ entity }: { entity: string }) {
  const chains = useQuery({
    queryKey: ['credit', 'chains', entity],
    queryFn: ({ signal }) => api.get('/api/v1/credit/chains/{entity}', { params: { entity }, signal }),
  });
  return <Loaded query={chains}>{(data) => <Told data={data} />}</Loaded>;
}

function Told({ data }: { data: ChainsAnswer }) {
  const { t } = useSpeech();
  const nodes = new Map(data.nodes.map((n) => [n.id, n]));
  const node = (id: string) => {
    const found = nodes.get(id);
    if (!found) return id;
    return found.entity ? <EntityLink entity={found.entity} name={found.label.value} /> : <Cell cell={found.label} />;
  };
  return (
    <div className="stack">
      <h2>
        <Link to="/credit/enterprises/$entity" params={{ entity: String(data.entity) } as never}>
          {data.name ?? data.entity}
        </Link>
      </h2>
      {data.cut ? <p className="note small">{t('assess.chains.cut')}</p> : null}
      <Panel
        title={t('assess.chains.network')}
        extra={<span className="quiet">{t('assess.chains.guarantees', data.guarantees)}</span>}
      >
        <Drawing data={data} />
      </Panel>
      {data.circles.length ? (
        <Panel title={t('assess.chains.circles')}>
          {data.circles.map((c) => (
            <p key={`${c.kind} ${c.ids.join()}`} className="chain-steps">
              <Label tone="warn">{t(`assess.chains.${c.kind}`)}</Label>
              {c.ids.map((id) => (
                <span key={id}>{node(id)} →</span>
              ))}
              <span className="quiet">{nodes.get(c.ids[0] ?? '')?.label.value}</span>
            </p>
          ))}
        </Panel>
      ) : null}
      <Panel title={t('assess.chains.control')}>
        {data.control.length === 0 ? (
          <p className="quiet">{t('assess.chains.no-control')}</p>
        ) : (
          <p className="chain-steps">
            <span>{data.name}</span>
            {data.control.map((s) => (
              <span key={s.holder}>
                ← {percent(s.share, 1)} · {node(s.holder)}
              </span>
            ))}
          </p>
        )}
      </Panel>
      <Panel
        title={t('assess.chains.owners')}
        flush
        extra={
          data.unknown > 0.00005 ? (
            <span className="quiet">{`${t('assess.chains.unknown')} ${percent(data.unknown, 2)}`}</span>
          ) : null
        }
      >
        <DataTable
          caption={t('assess.chains.owners')}
          rows={data.owners}
          rowKey={(o) => o.id}
          empty={<p className="panel-body quiet">{t('assess.chains.none')}</p>}
          columns={[
            { key: 'holder', title: t('assess.chains.holder'), head: true, render: (o) => node(o.id) },
            { key: 'share', title: t('assess.chains.share'), align: 'end', render: (o) => percent(o.share, 2) },
            {
              key: 'ultimate',
              title: t('assess.chains.kind'),
              render: (o) =>
                o.ultimate ? <Label tone="primary">{t('assess.chains.ultimate')}</Label> : t('assess.chains.middle'),
            },
            { key: 'depth', title: t('assess.chains.depth'), align: 'end', render: (o) => full(o.depth) },
          ]}
        />
      </Panel>
      {data.holdings.length ? (
        <Panel title={t('assess.chains.holdings')} flush>
          <DataTable
            caption={t('assess.chains.holdings')}
            rows={data.holdings}
            rowKey={(h) => h.id}
            columns={[
              { key: 'enterprise', title: t('assess.chains.enterprise'), head: true, render: (h) => node(h.id) },
              { key: 'share', title: t('assess.chains.share'), align: 'end', render: (h) => percent(h.share, 2) },
            ]}
          />
        </Panel>
      ) : null}
      <Panel title={t('assess.chains.officers')} flush>
        <DataTable
          caption={t('assess.chains.officers')}
          rows={data.sharedOfficers}
          rowKey={(_, n) => n}
          empty={<p className="panel-body quiet">{t('assess.chains.none')}</p>}
          columns={[
            {
              key: 'person',
              title: t('assess.chains.person'),
              head: true,
              tight: true,
              render: (o) => <Cell cell={o.person} />,
            },
            {
              key: 'enterprises',
              title: t('assess.chains.enterprises'),
              render: (o) => (
                <span className="chain-steps">
                  {o.enterprises.map((e) => (
                    <EntityLink key={e.entity} entity={e.entity} name={e.name} />
                  ))}
                </span>
              ),
            },
          ]}
        />
      </Panel>
      <Panel title={t('assess.chains.address')} extra={<span className="quiet">{data.sharedAddress.address}</span>}>
        {data.sharedAddress.enterprises.length === 0 ? (
          <p className="quiet">{t('assess.chains.none')}</p>
        ) : (
          <p className="chain-steps">
            {data.sharedAddress.enterprises.map((e) => (
              <EntityLink key={e.entity} entity={e.entity} name={e.name} />
            ))}
          </p>
        )}
      </Panel>
    </div>
  );
}

const BOX = { width: 170, height: 40 };

/** Holders above, what is held or guaranteed below; shares as full lines, guarantees dashed. */
function Drawing({ data }: { data: ChainsAnswer }) {
  const { t } = useSpeech();
  const root = `e:${data.entity}`;
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
      {left > 0 ? <p className="small quiet">{t('assess.chains.cut')}</p> : null}
    </div>
  );
}
