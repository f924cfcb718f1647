import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Label, Panel } from '../../components/page.tsx';
import { Loaded, Skeleton } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';
import { Cell } from './cell.tsx';
import type { Panorama } from './types.ts';

const Network = lazy(() => import('./network.tsx'));
type RelationItem = Answer<'/api/v1/credit/enterprises/{entity}/relations'>['relations'][number];

/** Who is related to the enterprise, as a list and as a network. */
export function Relations({ entity, summary }: { entity: string; summary: Panorama['relations'] }) {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const [drawn, setDrawn] = useState(false);
  const [kind, setKind] = useState('');
  const total = summary.reduce((sum, one) => sum + one.count, 0);
  const query = { kind, limit: 50 };
  const relations = useQuery({
    queryKey: ['credit', 'relations', entity, query],
    queryFn: ({ signal }) =>
      api.get('/api/v1/credit/enterprises/{entity}/relations', { params: { entity }, query, signal }),
    enabled: total > 0,
  });
  return (
    <Panel
      id="relations"
      flush
      title={
        <>
          {t('credit.relations.title')} <span className="num quiet">{full(total)}</span>
        </>
      }
      extra={
        total > 0 && may('person.read') ? (
          <Button size="small" onClick={() => setDrawn(!drawn)} aria-expanded={drawn}>
            {drawn ? t('credit.relations.hide') : t('credit.relations.draw')}
          </Button>
        ) : null
      }
    >
      {total === 0 ? (
        <p className="panel-body quiet">{t('credit.relations.none')}</p>
      ) : (
        <>
          {drawn ? (
            <Suspense fallback={<Skeleton rows={8} />}>
              <Network root={`e:${entity}`} />
            </Suspense>
          ) : null}
          <div className="row" style={{ padding: '10px 16px' }}>
            {summary.map((one) => (
              <Button
                key={one.kind}
                size="small"
                type={kind === one.kind ? 'primary' : 'default'}
                aria-pressed={kind === one.kind}
                onClick={() => setKind(kind === one.kind ? '' : one.kind)}
              >
                {say(one.title)} {full(one.count)}
              </Button>
            ))}
          </div>
          <Loaded query={relations}>{(data) => <RelationTable items={data.relations} />}</Loaded>
        </>
      )}
    </Panel>
  );
}

function RelationTable({ items }: { items: readonly RelationItem[] }) {
  const { t, say } = useSpeech();
  const url = useUrlState();
  return (
    <DataTable
      caption={t('credit.relations.title')}
      rows={items}
      rowKey={(row, i) => `${row.fact}-${row.kind}-${i}`}
      columns={[
        {
          key: 'kind',
          title: t('credit.relations.kind'),
          tight: true,
          render: (row) => <Label>{say(row.title)}</Label>,
        },
        { key: 'who', title: t('credit.relations.who'), head: true, render: (row) => <OtherEnd item={row} /> },
        {
          key: 'position',
          title: t('credit.relations.position'),
          render: (row) => row.position ?? <span className="quiet">—</span>,
        },
        {
          key: 'amount',
          title: t('credit.relations.amount'),
          align: 'end',
          render: (row) => (row.amount ? full(Number(row.amount)) : <span className="quiet">—</span>),
        },
        {
          key: 'share',
          title: t('credit.relations.share'),
          align: 'end',
          render: (row) => (row.share === null ? <span className="quiet">—</span> : `${row.share}%`),
        },
        {
          key: 'valid',
          title: t('credit.relations.valid'),
          tight: true,
          render: (row) =>
            row.validFrom || row.validTo ? (
              `${row.validFrom ?? '…'} – ${row.validTo ?? t('credit.why.now')}`
            ) : (
              <span className="quiet">—</span>
            ),
        },
        {
          key: 'origin',
          title: t('credit.origin.short'),
          tight: true,
          render: (row) =>
            row.fact ? (
              <button type="button" className="link-button" onClick={() => url.set({ fact: row.fact ?? undefined })}>
                {t('credit.origin.open')}
              </button>
            ) : null,
        },
      ]}
    />
  );
}

function OtherEnd({ item }: { item: RelationItem }) {
  const { may } = useSession();
  if (item.person) {
    return item.node && may('person.read') ? (
      <Link to="/credit/persons/$person" params={{ person: item.node } as never}>
        <Cell cell={item.person} />
      </Link>
    ) : (
      <Cell cell={item.person} />
    );
  }
  if (item.organisation) {
    return item.organisation.entity ? (
      <Link to="/credit/enterprises/$entity" params={{ entity: String(item.organisation.entity) } as never}>
        {item.organisation.name}
      </Link>
    ) : (
      item.organisation.name
    );
  }
  return <span className="quiet">—</span>;
}
