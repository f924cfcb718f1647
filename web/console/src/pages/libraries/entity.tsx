/** One entity of a library: its values with their sources, its relations both ways, the rows that are about it. */
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Button, Drawer } from 'antd';
import { useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { PurposeNote } from '../../session/purpose-note.tsx';
import { useSession } from '../../session/session.tsx';
import { Cell } from '../credit/cell.tsx';
import { Belongs } from '../themes/belongs.tsx';
import { AttributeCorrection, CorrectButton, usePossible } from '../verify/raise.tsx';
import { CountsPanel } from './counts.tsx';
import { MapPanel } from './map.tsx';

type Entity = Answer<'/api/v1/libraries/base/{library}/entities/{entity}'>;

export default function EntityPage() {
  const { t, say } = useSpeech();
  const { library, entity } = useParams({ strict: false }) as { library: string; entity: string };
  const { may } = useSession();
  const [asked, setAsked] = useState<string | null>(null);
  const query = useQuery({
    queryKey: ['libraries', 'base', library, 'entity', entity],
    queryFn: ({ signal }) =>
      api.get('/api/v1/libraries/base/{library}/entities/{entity}', { params: { library, entity }, signal }),
  });
  const linked = useQuery({
    queryKey: ['linkage'],
    queryFn: ({ signal }) => api.get('/api/v1/linkage', { signal }),
    enabled: may('linkage.manage'),
  });
  const data = query.data;
  return (
    <Page
      title={data ? <Cell cell={data.label} /> : t('titles.library-entity')}
      lead={data ? `${say(data.title)} · ${t('base.facts-n', { n: data.facts })}` : null}
      back={{ to: `/libraries/${library}`, label: data ? say(data.title) : t('titles.libraries') }}
      actions={
        linked.data?.libraries.some((one) => one.library === library) ? (
          <Link
            to={'/linkage/$library/explain' as never}
            params={{ library } as never}
            search={{ left: `entity:${entity}` } as never}
          >
            {t('linkage.with-another')}
          </Link>
        ) : null
      }
    >
      <div className="stack">
        <PurposeNote />
        <Loaded query={query}>
          {(one) => (
            <div className="stack">
              <Belongs library={library} entity={entity} />
              <MapPanel library={library} entity={entity} />
              <CountsPanel library={library} entity={entity} />
              <Attributes data={one} onWhy={setAsked} />
              <Relations data={one} />
              <Rows data={one} />
            </div>
          )}
        </Loaded>
      </div>
      {asked === null ? null : (
        <Why library={library} entity={entity} attribute={asked} onClose={() => setAsked(null)} />
      )}
    </Page>
  );
}

/** Outlines and lines are drawn, not written; a point is short enough. */
const isGeometry = (value: string | null): value is string =>
  value !== null && /^(?:MULTI)?(?:LINESTRING|POLYGON) /.test(value);

function Attributes({ data, onWhy }: { data: Entity; onWhy: (attribute: string) => void }) {
  const { t, say } = useSpeech();
  const target = { library: data.library, entity: String(data.entity) };
  const possible = usePossible(target);
  const mendable = new Set(possible.data?.items.map((i) => i.attribute));
  return (
    <Panel
      title={t('base.attributes')}
      extra={data.keys.map((key) => (
        <span key={key.name + key.value.value}>
          {say(key.title)} <span className="mono">{<Cell cell={key.value} />}</span>
        </span>
      ))}
      flush
    >
      <DataTable
        caption={t('base.attributes')}
        rows={data.attributes.filter((a) => a.value.value !== null || a.value.shown !== 'plain')}
        rowKey={(row) => row.name}
        columns={[
          { key: 'name', title: t('base.name'), head: true, render: (row) => say(row.title) },
          {
            key: 'value',
            title: t('credit.why.value'),
            render: (row) => (
              <span>
                {isGeometry(row.value.value) ? (
                  <span className="quiet">{t('base.geometry', { n: row.value.value.split(',').length })}</span>
                ) : (
                  <Cell cell={row.value} unit={row.unit} />
                )}{' '}
                {row.contradicted ? <Label tone="warn">{t('base.contradicted')}</Label> : null}{' '}
                <AttributeCorrection possible={possible} attribute={row.name} />
              </span>
            ),
          },
          { key: 'source', title: t('base.source'), render: (row) => (row.source ? say(row.source) : '—') },
          {
            key: 'why',
            title: t('base.why'),
            tight: true,
            render: (row) => (
              <Button
                type="link"
                size="small"
                onClick={() => onWhy(row.name)}
                aria-label={`${t('base.why')} ${say(row.title)}`}
              >
                {t('base.why')}
              </Button>
            ),
          },
          {
            key: 'correct',
            title: t('correct.raise.action'),
            tight: true,
            render: (row) =>
              mendable.has(row.name) ? <CorrectButton target={target} only={row.name} of={say(row.title)} /> : null,
          },
        ]}
      />
    </Panel>
  );
}

function Relations({ data }: { data: Entity }) {
  const { t, say } = useSpeech();
  return (
    <Panel title={t('base.relations')} extra={data.cut ? t('base.relations-cut') : null} flush>
      <DataTable
        caption={t('base.relations')}
        rows={data.relations}
        rowKey={(row, i) => `${row.kind} ${row.library} ${row.entity} ${i}`}
        empty={<p className="panel-body quiet">{t('base.relations-none')}</p>}
        columns={[
          { key: 'kind', title: t('base.kind'), render: (row) => say(row.title) },
          {
            key: 'other',
            title: t('base.record'),
            head: true,
            render: (row) => (
              <span>
                {row.library === 'legal-person' ? (
                  <Link to="/credit/enterprises/$entity" params={{ entity: String(row.entity) } as never}>
                    <Cell cell={row.label} />
                  </Link>
                ) : (
                  <Link
                    to="/libraries/$library/$entity"
                    params={{ library: row.library, entity: String(row.entity) } as never}
                  >
                    <Cell cell={row.label} />
                  </Link>
                )}{' '}
                <span className="small quiet">{say(row.libraryTitle)}</span>
              </span>
            ),
          },
          {
            key: 'qualifier',
            title: t('base.qualifier'),
            render: (row) => (
              <span>
                {row.qualifier ? <Cell cell={row.qualifier} /> : null}{' '}
                {row.chosen ? null : <Label>{t('base.not-chosen')}</Label>}
              </span>
            ),
          },
          {
            key: 'source',
            title: t('base.source'),
            render: (row) => (
              <span>
                {say(row.source)} <span className="small quiet">{t('base.evidence-n', { n: row.rows })}</span>
              </span>
            ),
          },
          { key: 'day', title: t('base.day'), tight: true, render: (row) => row.day ?? '—' },
        ]}
      />
    </Panel>
  );
}

function Rows({ data }: { data: Entity }) {
  const { t, say } = useSpeech();
  return (
    <Panel title={t('base.history')} extra={t('base.history-note')} flush>
      <DataTable
        caption={t('base.history')}
        rows={data.rows}
        rowKey={(row, i) => `${row.fact} ${i}`}
        columns={[
          { key: 'source', title: t('base.source'), head: true, render: (row) => say(row.title) },
          { key: 'method', title: t('base.method'), render: (row) => say(row.method) },
          { key: 'day', title: t('base.day'), tight: true, render: (row) => row.day ?? '—' },
          {
            key: 'run',
            title: t('base.run'),
            tight: true,
            render: (row) => (
              <span className="nowrap">
                {row.run} · {t('base.row', { n: row.row })}
              </span>
            ),
          },
          {
            key: 'state',
            title: t('base.state'),
            tight: true,
            render: (row) =>
              row.over ? <Label>{t('base.over-yes')}</Label> : <Label tone="good">{t('base.over-no')}</Label>,
          },
        ]}
      />
    </Panel>
  );
}

function Why({
  library,
  entity,
  attribute,
  onClose,
}: {
  library: string;
  entity: string;
  attribute: string;
  onClose: () => void;
}) {
  const { t, say } = useSpeech();
  const why = useQuery({
    queryKey: ['libraries', 'base', library, 'why', entity, attribute],
    queryFn: ({ signal }) =>
      api.get('/api/v1/libraries/base/{library}/entities/{entity}/why/{attribute}', {
        params: { library, entity, attribute },
        signal,
      }),
  });
  return (
    <Drawer open onClose={onClose} size={640} title={t('base.why-title')}>
      <Loaded query={why}>
        {(data) => (
          <div className="stack">
            <p className="quiet">
              <b>{say(data.title)}</b> · {say(data.rule)}
            </p>
            {data.claims.map((claim) => (
              <article key={`${claim.fact} ${claim.source}`} className={claim.chosen ? 'claim chosen' : 'claim'}>
                <div className="row spread">
                  <span className="claim-value">
                    {isGeometry(claim.value.value) ? (
                      <span className="mono small">{claim.value.value.slice(0, 120)}</span>
                    ) : (
                      <Cell cell={claim.value} />
                    )}
                  </span>
                  <Label tone={claim.chosen ? 'good' : undefined}>{say(claim.says)}</Label>
                </div>
                <div className="row small quiet">
                  <span>{say(claim.title)}</span>
                  <span>{say(claim.method)}</span>
                  <span>{t('base.rank', { n: claim.rank })}</span>
                  {claim.day ? <span>{claim.day}</span> : null}
                </div>
                <div className="row small quiet">
                  <span className="mono">{claim.input}</span>
                  <span>
                    {t('base.run')} {claim.run} · {t('base.row', { n: claim.row })}
                  </span>
                  <Instant at={claim.recordedAt} />
                </div>
              </article>
            ))}
          </div>
        )}
      </Loaded>
    </Drawer>
  );
}
