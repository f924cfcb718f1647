/** Records of use: by day, service, client and refusal, and the latest calls; both sides of a grant see the same. */
import { DownloadOutlined } from '@ant-design/icons';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { App, Button } from 'antd';
import { useMemo, useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { download } from '../../api/download.ts';
import { Chart } from '../../components/chart.tsx';
import { Figure, Figures, Num } from '../../components/figure.tsx';
import { ChoiceFilter, DateFilter, Filters } from '../../components/filters.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded, problemOf } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { full, instant, percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import './shared.tsx';

type Usage = Answer<'/api/v1/gateway/usage'>;

export default function UsagePage() {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const url = useUrlState();
  const query = {
    from: url.get('from') || undefined,
    to: url.get('to') || undefined,
    service: url.get('service') || undefined,
    client: url.get('client') || undefined,
    sandbox: url.get('sandbox') || 'false',
  };
  const usage = useQuery({
    queryKey: ['gateway', 'usage', query],
    queryFn: ({ signal }) => api.get('/api/v1/gateway/usage', { query, signal }),
    placeholderData: keepPreviousData,
  });
  const services = useQuery({
    queryKey: ['gateway', 'services', { which: 'all' }],
    queryFn: ({ signal }) => api.get('/api/v1/gateway/services', { query: { which: 'all' }, signal }),
  });
  const clients = useQuery({
    queryKey: ['gateway', 'clients'],
    queryFn: ({ signal }) => api.get('/api/v1/gateway/clients', { signal }),
  });
  const save = () => {
    const given = Object.entries(query).filter((e): e is [string, string] => e[1] !== undefined);
    return download(`/api/v1/gateway/usage/export?${new URLSearchParams(given)}`).catch((error: unknown) =>
      message.error(say(problemOf(error).title)),
    );
  };
  return (
    <Page
      title={t('titles.gateway-usage')}
      lead={t('gateway.usage-lead')}
      actions={
        <Button icon={<DownloadOutlined />} onClick={save}>
          {t('gateway.export-records')}
        </Button>
      }
    >
      <div className="stack">
        <Filters keys={['from', 'to', 'service', 'client', 'sandbox']}>
          <DateFilter name="from" label={t('gateway.from')} />
          <DateFilter name="to" label={t('gateway.to-day')} />
          <ChoiceFilter
            name="service"
            label={t('gateway.service')}
            width={200}
            choices={(services.data?.items ?? []).map((s) => ({ value: String(s.id), label: say(s.title) }))}
          />
          <ChoiceFilter
            name="client"
            label={t('gateway.client')}
            width={180}
            choices={(clients.data?.items ?? []).map((c) => ({ value: c.id, label: c.name }))}
          />
          <ChoiceFilter
            name="sandbox"
            label={t('gateway.calls-of')}
            otherwise="false"
            choices={[
              { value: 'false', label: t('gateway.live') },
              { value: 'true', label: t('gateway.sandbox') },
            ]}
          />
        </Filters>
        <Loaded query={usage}>{(data) => <Sums data={data} />}</Loaded>
        <Calls query={query} />
      </div>
    </Page>
  );
}

/** Every day of the span, also those without a call: a line of days has no gaps. */
function everyDay({ from, to, days }: Usage): Usage['days'] {
  const known = new Map(days.map((d) => [d.day, d]));
  const all: Usage['days'] = [];
  for (let at = Date.parse(from); at <= Date.parse(to) && all.length < 1100; at += 86_400_000) {
    const day = new Date(at).toISOString().slice(0, 10);
    all.push(known.get(day) ?? { day, calls: 0, refused: 0, rows: 0 });
  }
  return all;
}

function Sums({ data }: { data: Usage }) {
  const { t, say } = useSpeech();
  const days = useMemo(() => everyDay(data), [data]);
  const option = useMemo(
    () => ({
      xAxis: { type: 'category' as const, data: days.map((d) => d.day.slice(5)) },
      yAxis: { type: 'value' as const, minInterval: 1 },
      series: [
        {
          ...{ name: t('gateway.answered'), type: 'bar' as const, stack: 'calls', barMaxWidth: 36 },
          data: days.map((d) => d.calls - d.refused),
        },
        {
          ...{ name: t('gateway.refused'), type: 'bar' as const, stack: 'calls', barMaxWidth: 36 },
          data: days.map((d) => d.refused),
        },
      ],
    }),
    [days, t],
  );
  if (!data.calls)
    return (
      <div className="panel">
        <Empty title={t('gateway.usage-empty')}>{t('gateway.usage-empty-text')}</Empty>
      </div>
    );
  const figures = (row: { calls: number; refused: number; rows: number }) => row;
  const columns = [
    { key: 'calls', title: t('gateway.calls'), align: 'end' as const, get: 'calls' as const },
    { key: 'refused', title: t('gateway.refused'), align: 'end' as const, get: 'refused' as const },
    { key: 'rows', title: t('gateway.rows-given'), align: 'end' as const, get: 'rows' as const },
  ].map(({ get, ...c }) => ({
    ...c,
    render: (row: { calls: number; refused: number; rows: number }) => (
      <span className="num">{full(figures(row)[get])}</span>
    ),
  }));
  return (
    <div className="stack">
      <Figures>
        <Figure label={t('gateway.calls')} note={`${data.from} – ${data.to}`}>
          <Num value={data.calls} />
        </Figure>
        <Figure label={t('gateway.refused')} note={percent(data.refused / data.calls)}>
          <Num value={data.refused} />
        </Figure>
        <Figure label={t('gateway.rows-given')}>
          <Num value={data.rows} />
        </Figure>
        <Figure
          label={t('gateway.mean')}
          note={data.slowest === null ? '' : t('gateway.slowest', { n: Math.round(data.slowest) })}
        >
          <span className="num">
            {data.mean === null ? '—' : Math.round(data.mean * 10) / 10}
            <span className="unit">ms</span>
          </span>
        </Figure>
      </Figures>
      <Panel title={t('gateway.by-day')}>
        <Chart option={option} label={t('gateway.by-day')} height={240} />
      </Panel>
      <div className="gw-grid">
        <Panel title={t('gateway.by-service')} flush>
          <DataTable
            caption={t('gateway.by-service')}
            rows={data.services}
            rowKey={(row) => row.id}
            empty={<Empty title={t('gateway.usage-empty')} />}
            columns={[
              {
                key: 'title',
                title: t('gateway.service'),
                head: true,
                render: (row) => (
                  <Link to="/gateway/services/$service" params={{ service: String(row.id) } as never}>
                    {say(row.title)}
                  </Link>
                ),
              },
              ...columns,
            ]}
          />
        </Panel>
        <Panel title={t('gateway.by-client')} flush>
          <DataTable
            caption={t('gateway.by-client')}
            rows={data.clients}
            rowKey={(row) => row.id}
            columns={[
              {
                key: 'name',
                title: t('gateway.client'),
                head: true,
                render: (row) => (
                  <>
                    {row.name}
                    <p className="small quiet">{say(row.organisation.name)}</p>
                  </>
                ),
              },
              ...columns,
            ]}
          />
        </Panel>
        {data.refusals.length ? (
          <Panel title={t('gateway.by-refusal')} flush>
            <DataTable
              caption={t('gateway.by-refusal')}
              rows={data.refusals}
              rowKey={(row) => row.code}
              columns={[
                {
                  key: 'title',
                  title: t('gateway.reason'),
                  head: true,
                  render: (row) => (
                    <>
                      {say(row.title)}
                      <p className="small quiet">
                        <code>{row.code}</code>
                      </p>
                    </>
                  ),
                },
                {
                  key: 'calls',
                  title: t('gateway.calls'),
                  align: 'end',
                  render: (row) => <span className="num">{full(row.calls)}</span>,
                },
              ]}
            />
          </Panel>
        ) : null}
      </div>
    </div>
  );
}

function Calls({ query }: { query: Record<string, string | undefined> }) {
  const { t, say } = useSpeech();
  const [shown, setShown] = useState(25);
  const calls = useQuery({
    queryKey: ['gateway', 'calls', query],
    queryFn: ({ signal }) => api.get('/api/v1/gateway/usage/calls', { query, signal }),
    placeholderData: keepPreviousData,
  });
  if (calls.data && !calls.data.items.length) return null;
  return (
    <Panel title={t('gateway.latest')}>
      <Loaded query={calls}>
        {(data) => (
          <div className="stack-s">
            <p className="small quiet">{t('gateway.latest-note')}</p>
            <DataTable
              caption={t('gateway.latest')}
              rows={data.items.slice(0, shown)}
              rowKey={(row) => `${row.id} ${row.operation}`}
              columns={[
                {
                  key: 'at',
                  title: t('gateway.when'),
                  tight: true,
                  render: (row) => <span className="num">{instant(row.at)}</span>,
                },
                {
                  key: 'client',
                  title: t('gateway.client'),
                  head: true,
                  render: (row) => (
                    <>
                      {row.clientName}
                      <p className="small quiet">{say(row.requester.name)}</p>
                    </>
                  ),
                },
                {
                  key: 'operation',
                  title: t('gateway.operation-title'),
                  render: (row) => (
                    <>
                      {t(`gateway.operations.${row.operation}`, { defaultValue: row.operation })}
                      {row.service ? <span className="small quiet"> grant:{row.service}</span> : null}
                      {row.key ? (
                        <p className="small quiet">
                          <code>{row.key}</code>
                        </p>
                      ) : null}
                    </>
                  ),
                },
                { key: 'purpose', title: t('gateway.purpose'), render: (row) => row.purpose ?? '—' },
                {
                  key: 'rows',
                  title: t('gateway.rows-given'),
                  align: 'end',
                  render: (row) => <span className="num">{full(row.rows)}</span>,
                },
                {
                  key: 'status',
                  title: t('gateway.answer'),
                  tight: true,
                  render: (row) => (
                    <Label
                      tone={row.status < 400 ? 'good' : row.status === 404 ? 'warn' : 'bad'}
                      title={row.problem ?? undefined}
                    >
                      {row.status}
                    </Label>
                  ),
                },
                {
                  key: 'ms',
                  title: 'ms',
                  align: 'end',
                  render: (row) => <span className="num">{Math.round(row.ms * 10) / 10}</span>,
                },
              ]}
            />
            {data.items.length > shown ? (
              <div>
                <Button onClick={() => setShown(200)}>
                  {t('gateway.more-calls', { n: data.items.length - shown })}
                </Button>
              </div>
            ) : null}
          </div>
        )}
      </Loaded>
    </Panel>
  );
}
