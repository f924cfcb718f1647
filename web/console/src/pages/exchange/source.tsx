/** One source: what it declares, what came of it, and the button that collects it now. */
import { PlayCircleOutlined } from '@ant-design/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { App, Button } from 'antd';
import type { EChartsOption } from 'echarts';
import { useMemo } from 'react';
import { api } from '../../api/client.ts';
import type { Me, SourceDetail } from '../../api/types.ts';
import { Chart } from '../../components/chart.tsx';
import { Fact, Facts, Label, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { full, instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { RunTable } from './run-table.tsx';
import { Equation, Kept, StateLabel } from './shared.tsx';
import { Upload } from './upload.tsx';

export default function Source() {
  const { t, say } = useSpeech();
  const { source: id } = useParams({ strict: false }) as { source: string };
  const { may, me } = useSession();
  const { message } = App.useApp();
  const client = useQueryClient();
  const source = useQuery({
    queryKey: ['exchange', 'source', id],
    queryFn: ({ signal }) => api.get('/api/v1/exchange/sources/{id}', { params: { id }, signal }),
    refetchInterval: (q) => (q.state.data?.state === 'running' ? 1_500 : 15_000),
  });
  const collect = useMutation({
    mutationFn: () => api.post('/api/v1/exchange/sources/{id}/collect', { params: { id }, body: {} }),
    onSuccess: async () => {
      message.success(t('exchange.source-page.started'));
      await client.invalidateQueries({ queryKey: ['exchange'] });
    },
  });
  useTabTitle(source.data ? say(source.data.title) : undefined);
  const back = { to: '/exchange/sources', label: t('titles.sources') };
  return (
    <Loaded query={source} heading={t('titles.source')}>
      {(data) => (
        <Page
          title={say(data.title)}
          lead={
            <span className="row">
              <StateLabel source={data} />
              <span>{say(data.owner.name)}</span>
              <span className="mono quiet">{data.id}</span>
            </span>
          }
          back={back}
          actions={
            <>
              <Link to="/catalogue/resources/$resource" params={{ resource: data.id } as never}>
                {t('exchange.source-page.in-catalogue')}
              </Link>
              {may('exchange.operate') && data.transport !== 'unavailable' && data.transport !== 'http-push' ? (
                <Button
                  type="primary"
                  icon={<PlayCircleOutlined />}
                  loading={collect.isPending}
                  onClick={() => collect.mutate()}
                >
                  {t('exchange.source-page.collect')}
                </Button>
              ) : null}
            </>
          }
        >
          <div className="stack">
            {collect.isError ? <Failure error={collect.error} /> : null}
            {data.unavailable ? (
              <div className="note warn">
                <p className="strong">{t('exchange.source-page.unavailable')}</p>
                <p>
                  {say(data.unavailable.reason)} · {t('exchange.expected')} {data.unavailable.expected}
                </p>
              </div>
            ) : null}
            {data.state === 'failed' && data.lastRefusal ? (
              <div className="note bad">
                <p className="strong">{t('exchange.source-page.refused', { input: data.lastRefusal.input })}</p>
                <p>
                  <Kept problem={data.lastRefusal.problem} />
                </p>
              </div>
            ) : null}
            <Panel
              title={t('exchange.source-page.totals')}
              extra={<span className="quiet">{t('exchange.source-page.runs', { n: full(data.runs) })}</span>}
            >
              <Equation counters={data.totals} big />
              {data.open ? (
                <p style={{ marginBlockStart: 8 }}>
                  <Link to="/exchange/quarantine" search={{ source: data.id } as never}>
                    {t('exchange.source-page.open', { n: full(data.open) })}
                  </Link>
                </p>
              ) : null}
            </Panel>
            {data.transport === 'file' && mayDeliver(me, data.owner.id) ? <Upload source={data.id} /> : null}
            <div className="aside-right">
              <div className="stack">
                <Panel title={t('exchange.source-page.trend')}>
                  <Trend source={data} />
                </Panel>
                <Panel
                  title={t('exchange.source-page.recent')}
                  extra={
                    <Link to="/exchange/runs" search={{ source: data.id } as never}>
                      {t('common.all')}
                    </Link>
                  }
                  flush
                >
                  {data.recent.length ? (
                    <RunTable runs={data.recent} withSource={false} />
                  ) : (
                    <Empty title={t('exchange.runs.empty')}>
                      {data.inbox
                        ? t('exchange.source-page.inbox', { inbox: data.inbox })
                        : t('exchange.runs.empty-text')}
                    </Empty>
                  )}
                </Panel>
                <Panel title={t('exchange.source-page.fields', { n: data.fields.length })} flush>
                  <Fields source={data} />
                </Panel>
              </div>
              <Declaration source={data} />
            </div>
          </div>
        </Page>
      )}
    </Loaded>
  );
}

/** Who operates the exchange hands over files; a department's officer those of the department. */
function mayDeliver(me: Me, owner: string): boolean {
  if (!me.permissions.includes('exchange.operate')) return false;
  return !me.roles.includes('data-officer') || me.user.organisation === owner;
}

function Declaration({ source }: { source: SourceDetail }) {
  const { t, say } = useSpeech();
  return (
    <Panel title={t('exchange.source-page.declaration')}>
      <Facts>
        <Fact label={t('exchange.source-page.abstract')} wide>
          {say(source.abstract)}
        </Fact>
        <Fact label={t('exchange.owner')}>{say(source.owner.name)}</Fact>
        <Fact label={t('exchange.category')}>{t(`terms.category.${source.category}`)}</Fact>
        <Fact label={t('exchange.level')}>{t(`terms.level.${source.level}`)}</Fact>
        <Fact label={t('exchange.transport')}>{t(`terms.transport.${source.transport}`)}</Fact>
        <Fact label={t('exchange.cadence')}>{t(`terms.cadence.${source.cadence}`)}</Fact>
        <Fact label={t('exchange.due')}>
          <Instant at={source.nextDue} only="day" />
        </Fact>
        <Fact label={t('exchange.mode')}>{t(`terms.mode.${source.mode}`)}</Fact>
        <Fact label={t('exchange.contract')}>{t(`terms.contract.${source.contract}`)}</Fact>
        <Fact label={t('exchange.key')} wide>
          {source.key.length ? <span className="mono">{source.key.join(' + ')}</span> : t('exchange.no-key')}
        </Fact>
        {source.inbox ? (
          <Fact label={t('exchange.inbox')} wide>
            <span className="mono">{source.inbox}</span>
          </Fact>
        ) : null}
      </Facts>
      {source.refusals.length ? (
        <>
          <h3 style={{ marginBlock: '16px 6px' }}>{t('exchange.runs.refused')}</h3>
          <ul className="stack-s small">
            {source.refusals.slice(0, 5).map((refusal) => (
              <li key={`${refusal.at}-${refusal.input}`}>
                <Instant at={refusal.at} /> <span className="mono">{refusal.input}</span>
                <br />
                <Kept problem={refusal.problem} />
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </Panel>
  );
}

function Fields({ source }: { source: SourceDetail }) {
  const { t, say } = useSpeech();
  return (
    <DataTable
      caption={t('exchange.source-page.fields', { n: source.fields.length })}
      rows={source.fields}
      rowKey={(row) => row.name}
      columns={[
        { key: 'title', title: t('exchange.field.title'), head: true, render: (row) => say(row.title) },
        { key: 'name', title: t('exchange.field.name'), render: (row) => <span className="mono">{row.name}</span> },
        {
          key: 'column',
          title: t('exchange.field.column'),
          render: (row) => <span className="mono">{row.column}</span>,
        },
        {
          key: 'protection',
          title: t('exchange.field.protection'),
          render: (row) => (
            <Label tone={row.protection === 'sensitive' ? 'bad' : row.protection === 'personal' ? 'warn' : undefined}>
              {t(`terms.protection.${row.protection}`)}
            </Label>
          ),
        },
        {
          key: 'required',
          title: t('exchange.field.required'),
          render: (row) => (row.required ? t('common.yes') : <span className="quiet">{t('common.no')}</span>),
        },
        {
          key: 'profile',
          title: <span className="visually-hidden">{t('titles.profile')}</span>,
          render: (row) => (
            <Link to="/refinery/profile" search={{ source: source.id, field: row.name } as never}>
              {t('titles.profile')}
            </Link>
          ),
        },
      ]}
    />
  );
}

function Trend({ source }: { source: SourceDetail }) {
  const { t } = useSpeech();
  const option = useMemo<EChartsOption>(() => {
    const runs = [...source.recent].reverse();
    const series = (key: 'accepted' | 'duplicate' | 'quarantined') => ({
      name: t(`exchange.${key}`),
      type: 'bar' as const,
      stack: 'rows',
      barMaxWidth: 28,
      data: runs.map((run) => run[key]),
    });
    return {
      xAxis: { type: 'category', data: runs.map((run) => `#${run.run}\n${instant(run.finished).slice(5, 16)}`) },
      yAxis: { type: 'value' },
      series: [series('accepted'), series('quarantined'), series('duplicate')],
    };
  }, [source.recent, t]);
  if (source.recent.length === 0) return <p className="quiet">{t('exchange.runs.empty')}</p>;
  return <Chart option={option} label={t('exchange.source-page.trend')} />;
}
