/** Every run, the newest first, and the deliveries that were refused whole. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Tabs } from 'antd';
import { api } from '../../api/client.ts';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Page } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { bytes } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { RunTable } from './run-table.tsx';
import { Kept, useOwners, useSourceChoices } from './shared.tsx';

const limit = 50;

export default function Runs() {
  const { t } = useSpeech();
  const url = useUrlState();
  const tab = url.get('tab') || 'runs';
  return (
    <Page title={t('titles.runs')} lead={t('exchange.runs.lead')}>
      <Tabs
        activeKey={tab}
        onChange={(key) => url.set({ tab: key === 'runs' ? undefined : key, offset: undefined })}
        items={[
          { key: 'runs', label: t('exchange.runs.done'), children: tab === 'runs' ? <Done /> : null },
          { key: 'refused', label: t('exchange.runs.refused'), children: tab === 'refused' ? <Refused /> : null },
        ]}
      />
    </Page>
  );
}

function Done() {
  const { t } = useSpeech();
  const url = useUrlState();
  const owners = useOwners();
  const sources = useSourceChoices();
  const offset = url.number('offset', 0);
  const query = { source: url.get('source'), owner: url.get('owner'), kind: url.get('kind'), offset, limit };
  const runs = useQuery({
    queryKey: ['exchange', 'runs', query],
    queryFn: ({ signal }) => api.get('/api/v1/exchange/runs', { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
  });
  return (
    <>
      <Filters keys={['source', 'owner', 'kind']}>
        <ChoiceFilter name="source" label={t('exchange.source')} choices={sources} width={260} />
        <ChoiceFilter name="owner" label={t('exchange.owner')} choices={owners.choices} width={200} />
        <ChoiceFilter
          name="kind"
          label={t('exchange.run.kind')}
          choices={['collect', 'push', 'release'].map((value) => ({ value, label: t(`terms.runKind.${value}`) }))}
        />
      </Filters>
      <Loaded query={runs}>
        {(data) =>
          data.items.length === 0 ? (
            <div className="panel">
              <Empty title={t('exchange.runs.empty')}>{t('exchange.runs.empty-text')}</Empty>
            </div>
          ) : (
            <div className="stack-s">
              <RunTable runs={data.items} />
              <Pager
                offset={offset}
                limit={limit}
                total={data.total}
                onOffset={(next) => url.set({ offset: next || undefined })}
              />
            </div>
          )
        }
      </Loaded>
    </>
  );
}

function Refused() {
  const { t } = useSpeech();
  const url = useUrlState();
  const sources = useSourceChoices();
  const offset = url.number('offset', 0);
  const query = { source: url.get('source'), offset, limit };
  const refusals = useQuery({
    queryKey: ['exchange', 'refusals', query],
    queryFn: ({ signal }) => api.get('/api/v1/exchange/refusals', { query, signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <Filters keys={['source']}>
        <ChoiceFilter name="source" label={t('exchange.source')} choices={sources} width={260} />
      </Filters>
      <Loaded query={refusals}>
        {(data) =>
          data.items.length === 0 ? (
            <div className="panel">
              <Empty title={t('exchange.runs.no-refusals')}>{t('exchange.runs.no-refusals-text')}</Empty>
            </div>
          ) : (
            <div className="stack-s">
              <DataTable
                caption={t('exchange.runs.refused')}
                rows={data.items}
                rowKey={(row) => row.id}
                columns={[
                  {
                    key: 'at',
                    title: t('exchange.run.finished'),
                    tight: true,
                    render: (row) => <Instant at={row.at} />,
                  },
                  {
                    key: 'source',
                    title: t('exchange.source'),
                    head: true,
                    render: (row) => (
                      <Link to="/exchange/sources/$source" params={{ source: row.source } as never} className="mono">
                        {row.source}
                      </Link>
                    ),
                  },
                  {
                    key: 'input',
                    title: t('exchange.run.input'),
                    render: (row) => <span className="mono">{row.input}</span>,
                  },
                  { key: 'bytes', title: t('exchange.run.bytes'), align: 'end', render: (row) => bytes(row.bytes) },
                  { key: 'problem', title: t('exchange.problem'), render: (row) => <Kept problem={row.problem} /> },
                ]}
              />
              <Pager
                offset={offset}
                limit={limit}
                total={data.total}
                onOffset={(next) => url.set({ offset: next || undefined })}
              />
            </div>
          )
        }
      </Loaded>
    </>
  );
}
