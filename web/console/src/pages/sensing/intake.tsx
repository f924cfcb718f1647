/** What comes in: how much, what was refused and why, who brings it, which outside brokers are heard. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useMemo } from 'react';
import { api } from '../../api/client.ts';
import { Chart } from '../../components/chart.tsx';
import { Figure, Figures, Num } from '../../components/figure.tsx';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Fact, Facts, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { clockTime, instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';
import { Brokers } from './brokers.tsx';
import { ReadingsFile } from './file.tsx';
import { Gateways } from './gateways.tsx';
import type { Intake as View } from './shared.tsx';

type Counts = View['day'];

export default function Intake() {
  const { t } = useSpeech();
  const all = useQuery({
    queryKey: ['sensing', 'intake'],
    queryFn: ({ signal }) => api.get('/api/v1/sensing/intake', { signal }),
    refetchInterval: 5_000,
  });
  return (
    <Page title={t('titles.sensing-intake')} lead={t('sensing.intake-lead')}>
      <Loaded query={all}>{(data) => <Shown of={data} />}</Loaded>
    </Page>
  );
}

function Shown({ of: data }: { of: View }) {
  const { t, say } = useSpeech();
  return (
    <div className="stack">
      <Figures>
        {(['received', 'kept', 'late', 'repeated', 'refused'] as const).map((key) => (
          <Figure
            key={key}
            label={t(`sensing.count.${key}`)}
            {...(key === 'refused' && data.day.refused ? { tone: 'warn' as const } : {})}
          >
            <Num value={data.day[key]} />
          </Figure>
        ))}
      </Figures>
      <p className="small quiet">{t('sensing.count-note')}</p>
      <Panel title={t('sensing.by-minute')}>
        {data.minutes.length ? <Minutes of={data.minutes} /> : <Empty title={t('sensing.nothing-yet')} />}
      </Panel>
      <Panel title={t('sensing.doors')}>
        <Facts>
          <Fact label={t('sensing.http')} wide>
            <code style={{ overflowWrap: 'anywhere' }}>POST {data.http}</code>
          </Fact>
          <Fact label={t('sensing.mqtt')} wide>
            {data.mqtt ? (
              <>
                <code>
                  {data.mqtt.secure ? 'mqtts' : 'mqtt'}://{data.mqtt.address}:{data.mqtt.port}
                </code>{' '}
                <span className="small quiet">
                  {t('sensing.mqtt-text', {
                    connections: data.mqtt.connections,
                    messages: data.mqtt.messages,
                    rejected: data.mqtt.rejected,
                  })}
                </span>
              </>
            ) : (
              t('sensing.no-mqtt')
            )}
          </Fact>
        </Facts>
      </Panel>
      <Panel title={t('sensing.by-gateway')} flush>
        <DataTable
          caption={t('sensing.by-gateway')}
          rows={data.gateways}
          rowKey={(row) => row.id}
          empty={<Empty title={t('sensing.nothing-yet')} />}
          columns={[
            {
              key: 'title',
              title: t('sensing.gateway'),
              head: true,
              render: (row) => (
                <>
                  {row.title} <span className="small quiet">{row.id}</span>
                </>
              ),
            },
            ...(['received', 'kept', 'late', 'repeated', 'converted', 'refused'] as const).map((key) => ({
              ...{ key, title: t(`sensing.count.${key}`), align: 'end' as const },
              render: (row: Counts) => <Num value={row[key]} exact />,
            })),
          ]}
        />
      </Panel>
      <Gateways />
      <Brokers of={data.brokers} />
      <ReadingsFile />
      <RefusedList reasons={data.reasons.map((x) => ({ value: x.reason, label: `${say(x.title)} (${x.n})` }))} />
    </div>
  );
}

function Minutes({ of: minutes }: { of: View['minutes'] }) {
  const { t } = useSpeech();
  const option = useMemo(() => {
    const bar = (name: string, of: (m: View['minutes'][number]) => number) => ({
      ...{ name, type: 'bar' as const, stack: 'all', barMaxWidth: 18, data: minutes.map(of) },
    });
    return {
      tooltip: { trigger: 'axis' as const },
      xAxis: { type: 'category' as const, data: minutes.map((m) => clockTime(m.minute).slice(0, 5)) },
      yAxis: { type: 'value' as const, minInterval: 1 },
      series: [
        bar(t('sensing.count.kept'), (m) => m.kept),
        bar(t('sensing.count.repeated'), (m) => m.repeated),
        bar(t('sensing.count.refused'), (m) => m.refused),
      ],
    };
  }, [minutes, t]);
  return <Chart option={option} label={t('sensing.by-minute')} height={220} />;
}

function RefusedList({ reasons }: { reasons: { value: string; label: string }[] }) {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const url = useUrlState();
  const client = useQueryClient();
  const page = Math.max(1, Number(url.get('page')) || 1);
  const query = { reason: url.get('reason') || undefined, page };
  const list = useQuery({
    queryKey: ['sensing', 'refused', query],
    queryFn: ({ signal }) => api.get('/api/v1/sensing/refused', { query, signal }),
    refetchInterval: 15_000,
  });
  const release = useMutation({
    mutationFn: () => api.post('/api/v1/sensing/refused/release'),
    onSuccess: () => client.invalidateQueries({ queryKey: ['sensing'] }),
  });
  return (
    <Panel
      title={t('sensing.refused')}
      extra={
        may('sensing.manage') ? (
          <Button size="small" loading={release.isPending} onClick={() => release.mutate()}>
            {t('sensing.release')}
          </Button>
        ) : null
      }
    >
      <div className="stack-s">
        {release.error ? <Failure error={release.error} /> : null}
        <Filters keys={['reason', 'page']}>
          <ChoiceFilter name="reason" label={t('sensing.reason')} choices={reasons} />
        </Filters>
        <Loaded query={list}>
          {(data) => (
            <>
              <DataTable
                caption={t('sensing.refused')}
                rows={data.items}
                rowKey={(_, i) => i}
                empty={<Empty title={t('sensing.none-refused')} />}
                columns={[
                  {
                    key: 'at',
                    title: t('sensing.received-at'),
                    tight: true,
                    render: (row) => <span className="num">{instant(row.received)}</span>,
                  },
                  { key: 'reason', title: t('sensing.reason'), head: true, render: (row) => say(row.title) },
                  {
                    key: 'what',
                    title: t('sensing.reading'),
                    render: (row) => (
                      <span className="small" style={{ overflowWrap: 'anywhere' }}>
                        {row.entity} {row.property}
                      </span>
                    ),
                  },
                  { key: 'value', title: t('sensing.value'), render: (row) => `${row.value} ${row.unit}` },
                  {
                    key: 'time',
                    title: t('sensing.said-at'),
                    render: (row) => <span className="small">{row.at}</span>,
                  },
                  { key: 'gateway', title: t('sensing.gateway'), render: (row) => row.gateway },
                ]}
              />
              <Pager
                offset={(page - 1) * 50}
                limit={50}
                total={data.total}
                onOffset={(o) => url.set({ page: o / 50 + 1 })}
              />
            </>
          )}
        </Loaded>
      </div>
    </Panel>
  );
}
