/** Every source: where it stands, what came of it, when it is due. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/client.ts';
import type { SourceItem } from '../../api/types.ts';
import { Figure, Figures, Num } from '../../components/figure.tsx';
import { ChoiceFilter, Filters, TextFilter } from '../../components/filters.tsx';
import { Page } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { Kept, Parts, StateLabel, sourceStates, useOwners } from './shared.tsx';

export default function Sources() {
  const { t } = useSpeech();
  const url = useUrlState();
  const owners = useOwners();
  const query = { search: url.get('search'), owner: url.get('owner'), state: url.get('state') };
  const sources = useQuery({
    queryKey: ['exchange', 'sources', query],
    queryFn: ({ signal }) => api.get('/api/v1/exchange/sources', { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: (q) => (q.state.data?.items.some((s) => s.state === 'running') ? 2_000 : 20_000),
  });
  const summary = useQuery({
    queryKey: ['exchange', 'summary'],
    queryFn: ({ signal }) => api.get('/api/v1/exchange/summary', { signal }),
  });
  const counts = summary.data?.sources;
  return (
    <Page title={t('titles.sources')} lead={t('exchange.sources.lead')}>
      <div className="stack">
        {counts ? (
          <Figures>
            <Figure label={t('common.all')}>{full(counts.total)}</Figure>
            {sourceStates.map((state) => (
              <Figure
                key={state}
                label={
                  <Link to="/exchange/sources" search={{ state } as never}>
                    {t(`terms.state.${state}`)}
                  </Link>
                }
                {...(counts[state] && state === 'overdue' ? { tone: 'warn' as const } : {})}
                {...(counts[state] && state === 'failed' ? { tone: 'bad' as const } : {})}
              >
                {full(counts[state])}
              </Figure>
            ))}
          </Figures>
        ) : null}
        <div>
          <Filters keys={['search', 'owner', 'state']}>
            <TextFilter name="search" label={t('common.search')} hint={t('exchange.sources.search-hint')} />
            <ChoiceFilter name="owner" label={t('exchange.owner')} choices={owners.choices} width={200} />
            <ChoiceFilter
              name="state"
              label={t('exchange.state')}
              choices={sourceStates.map((value) => ({ value, label: t(`terms.state.${value}`) }))}
            />
          </Filters>
          <Loaded query={sources}>
            {(data) => (
              <div className="stack-s">
                <SourceTable items={data.items} />
                <p className="small quiet">{t('common.total', { n: data.total })}</p>
              </div>
            )}
          </Loaded>
        </div>
      </div>
    </Page>
  );
}

function SourceTable({ items }: { items: SourceItem[] }) {
  const { t, say } = useSpeech();
  return (
    <DataTable
      caption={t('titles.sources')}
      rows={items}
      rowKey={(row) => row.id}
      empty={
        <div className="panel">
          <Empty title={t('exchange.sources.empty')}>{t('exchange.sources.empty-text')}</Empty>
        </div>
      }
      columns={[
        {
          key: 'title',
          title: t('exchange.source'),
          head: true,
          render: (row) => (
            <>
              <Link to="/exchange/sources/$source" params={{ source: row.id } as never}>
                {say(row.title)}
              </Link>
              <div className="small quiet mono">{row.id}</div>
            </>
          ),
        },
        { key: 'owner', title: t('exchange.owner'), render: (row) => say(row.owner.name) },
        {
          key: 'state',
          title: t('exchange.state'),
          render: (row) => (
            <div style={{ maxWidth: '26em' }}>
              <StateLabel source={row} />
              {row.unavailable ? (
                <div className="small quiet">
                  {say(row.unavailable.reason)} · {t('exchange.expected')} {row.unavailable.expected}
                </div>
              ) : null}
              {row.state === 'failed' && row.lastRefusal ? (
                <div className="small">
                  <Kept problem={row.lastRefusal.problem} />
                </div>
              ) : null}
            </div>
          ),
        },
        {
          key: 'how',
          title: t('exchange.how'),
          render: (row) => (
            <span className="nowrap">
              {t(`terms.transport.${row.transport}`)} · {t(`terms.cadence.${row.cadence}`)}
            </span>
          ),
        },
        {
          key: 'received',
          title: t('exchange.received'),
          align: 'end',
          render: (row) => <Num value={row.totals.received} exact />,
        },
        {
          key: 'parts',
          title: t('exchange.parts'),
          render: (row) => (row.totals.received ? <Parts counters={row.totals} /> : <span className="quiet">—</span>),
        },
        {
          key: 'open',
          title: t('exchange.waiting'),
          align: 'end',
          render: (row) =>
            row.open ? (
              <Link to="/exchange/quarantine" search={{ source: row.id } as never}>
                <Num value={row.open} exact />
              </Link>
            ) : (
              <span className="quiet">0</span>
            ),
        },
        {
          key: 'last',
          title: t('exchange.last'),
          tight: true,
          render: (row) => <Instant at={row.lastRun?.finished} only="ago" />,
        },
        { key: 'due', title: t('exchange.due'), tight: true, render: (row) => <Instant at={row.nextDue} only="day" /> },
      ]}
    />
  );
}
