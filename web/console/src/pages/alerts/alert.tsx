/** One alert: what it rests on, what is to be expected, what was done; and what people may do. */
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Select } from 'antd';
import type { EChartsOption } from 'echarts';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Chart } from '../../components/chart.tsx';
import { Fact, Facts, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useTheme } from '../../theme/mode.tsx';
import { palettes } from '../../theme/tokens.ts';
import { EventOfAlert } from '../events/of-alert.tsx';
import { Acts } from './alert-acts.tsx';
import {
  type Detail,
  figure,
  LevelMark,
  LiveMark,
  levelTones,
  Marks,
  Measured,
  unitOf,
  useLiveAlerts,
} from './shared.tsx';

/** Axes tell the city's clock, wherever the browser stands: drawn as UTC, shifted by so much. */
const CITY = 8 * 3_600_000;

export default function AlertPage() {
  const { t, say } = useSpeech();
  const id = Number((useParams({ strict: false }) as { alert?: string }).alert);
  const live = useLiveAlerts();
  const one = useQuery({
    queryKey: ['alerts', 'one', id],
    queryFn: ({ signal }) => api.get('/api/v1/alerts/{id}', { params: { id }, signal }),
  });
  useTabTitle(one.data ? say(one.data.alert.title) : undefined);
  return (
    <Page
      title={one.data ? say(one.data.alert.title) : t('titles.alert')}
      lead={one.data?.alert.label ? say(one.data.alert.label) : undefined}
      back={{ to: '/alerts', label: t('titles.alerts') }}
      actions={<LiveMark live={live} />}
    >
      <Loaded query={one}>
        {(data) => (
          <div className="stack">
            <Head data={data} />
            <Evidence data={data} />
            {data.members.length > 1 ? <Members data={data} /> : null}
            <Steps data={data} />
            <Warnings data={data} />
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function Head({ data }: { data: Detail }) {
  const { t, say } = useSpeech();
  const a = data.alert;
  return (
    <Panel title={t('alerts.now')} extra={<Acts data={data} />}>
      <Facts>
        <Fact label={t('alerts.level-name')}>
          <span className="row" style={{ flexWrap: 'wrap', gap: 6 }}>
            <LevelMark level={a.state === 'closed' ? a.peak : a.level} />
            <Marks of={a} />
          </span>
        </Fact>
        <Fact label={t('alerts.measure')}>
          <Measured of={a} />
        </Fact>
        <Fact label={t('alerts.since')}>
          <Instant at={a.openedAt} />
        </Fact>
        {a.closedAt ? (
          <Fact label={t('alerts.until')}>
            <Instant at={a.closedAt} />
          </Fact>
        ) : null}
        <Fact label={t('alerts.members')}>{a.members}</Fact>
        {a.entity ? (
          <Fact label={t('alerts.entity')}>
            <span style={{ overflowWrap: 'anywhere' }}>{a.entity}</span>
          </Fact>
        ) : null}
        {data.rule ? (
          <Fact label={t('titles.alert-rule')}>
            <Link to="/alert-rules/$rule" params={{ rule: data.rule.name } as never}>
              {say(data.rule.title)}
            </Link>{' '}
            <span className="small quiet">{t('alerts.version-n', { n: data.rule.version })}</span>
          </Fact>
        ) : null}
        <EventOfAlert alert={a.id} />
        {a.escalatedTo ? <Fact label={t('alerts.escalated')}>{a.escalatedTo}</Fact> : null}
        {data.rule ? (
          <Fact label={t('alerts.advice')} wide>
            {say(data.rule.text)}
          </Fact>
        ) : null}
      </Facts>
    </Panel>
  );
}

function Evidence({ data }: { data: Detail }) {
  const { t } = useSpeech();
  const { mode } = useTheme();
  const [series, setSeries] = useState<number | undefined>(undefined);
  const id = data.alert.id;
  const chart = useQuery({
    queryKey: ['alerts', 'chart', id, series],
    queryFn: ({ signal }) =>
      api.get('/api/v1/alerts/{id}/chart', { params: { id }, query: { series, hours: 12 }, signal }),
    enabled: data.alert.source === 'rule',
    refetchInterval: data.alert.state === 'closed' ? false : 30_000,
  });
  if (data.alert.source === 'cap')
    return (
      <Panel title={t('alerts.message')}>
        {data.message ? (
          <Link to={`/cap-messages?message=${data.message.id}` as never}>{data.message.identifier}</Link>
        ) : (
          <p>{t('alerts.no-evidence')}</p>
        )}
      </Panel>
    );
  const p = palettes[mode];
  const readings = chart.data?.readings.length ? chart.data.readings : (data.evidence?.readings ?? []);
  const forecast = chart.data?.forecast ?? data.evidence?.forecast ?? null;
  const plain = ['value', 'mean', 'max', 'min', 'forecast'].includes(data.rule?.measure ?? '');
  const option: EChartsOption = {
    useUTC: true,
    xAxis: { type: 'time' },
    yAxis: { type: 'value', scale: true, name: unitOf(data.alert.unit) },
    series: [
      {
        ...{
          type: 'line',
          name: t('alerts.readings'),
          data: readings.map(([at, v]) => [at + CITY, v]),
          showSymbol: false,
          step: false,
        },
        markLine: {
          ...{ symbol: 'none', silent: true },
          data: plain
            ? (data.rule?.levels ?? []).map((l) => ({
                yAxis: l.threshold,
                lineStyle: { color: p[levelTones[l.level - 1] ?? 'bad'], type: 'dashed' },
                label: {
                  formatter: `${t(`alerts.level.${l.level}`)} ${figure(l.threshold)}`,
                  position: 'insideEndTop',
                  color: p.ink2,
                },
              }))
            : [],
        },
        markArea: {
          silent: true,
          itemStyle: { color: p.sunken },
          data: [
            [
              { xAxis: Date.parse(data.alert.openedAt) + CITY },
              {
                xAxis:
                  CITY +
                  (data.alert.closedAt
                    ? Date.parse(data.alert.closedAt)
                    : (chart.data?.to ?? Date.parse(data.alert.changedAt))),
              },
            ],
          ],
        },
      },
      ...(forecast
        ? [
            {
              type: 'line' as const,
              name: t('alerts.forecast'),
              data: forecast.points.map((f) => [f.at + CITY, f.median]),
              showSymbol: false,
              lineStyle: { type: 'dashed' as const },
            },
            {
              type: 'line' as const,
              name: t('alerts.forecast-low'),
              data: forecast.points.map((f) => [f.at + CITY, f.low]),
              showSymbol: false,
              lineStyle: { width: 1, opacity: 0.5 },
            },
            {
              type: 'line' as const,
              name: t('alerts.forecast-high'),
              data: forecast.points.map((f) => [f.at + CITY, f.high]),
              showSymbol: false,
              lineStyle: { width: 1, opacity: 0.5 },
            },
          ]
        : []),
    ],
  };
  const choose =
    data.members.length > 1 ? (
      <Select
        style={{ minInlineSize: 180 }}
        value={series ?? chart.data?.series ?? undefined}
        onChange={(v) => setSeries(v)}
        aria-label={t('alerts.series')}
        options={data.members.map((m) => ({ value: m.series, label: `${m.label.zh} · ${m.property}` }))}
      />
    ) : null;
  return (
    <Panel title={t('alerts.evidence')} extra={choose}>
      {readings.length ? (
        <>
          <Chart option={option} height={320} label={t('alerts.evidence')} />
          <Crossings forecast={forecast} />
        </>
      ) : (
        <Empty title={t(chart.isLoading ? 'common.loading' : 'alerts.no-evidence')} />
      )}
    </Panel>
  );
}

function Crossings({ forecast }: { forecast: NonNullable<Detail['evidence']>['forecast'] }) {
  const { t } = useSpeech();
  if (!forecast?.crossings.length) return <p className="small quiet">{t('alerts.no-forecast')}</p>;
  return (
    <ul className="small" style={{ margin: 0, paddingInlineStart: 18 }}>
      {forecast.crossings.map((c) => (
        <li key={c.level}>
          {t(c.at === null ? `alerts.crosses-not-${c.direction}` : `alerts.crosses-${c.direction}`, {
            level: t(`alerts.level.${c.level}`),
            threshold: figure(c.threshold),
            at: c.at === null ? '' : instant(c.at),
          })}
        </li>
      ))}
    </ul>
  );
}

function Members({ data }: { data: Detail }) {
  const { t, say } = useSpeech();
  return (
    <Panel title={t('alerts.members')}>
      {data.alert.members > data.members.length ? (
        <p className="small">{t('alerts.members-more', { n: data.alert.members, shown: data.members.length })}</p>
      ) : null}
      <DataTable
        caption={t('alerts.members')}
        rows={data.members}
        rowKey={(m) => m.series}
        columns={[
          { key: 'label', title: t('alerts.entity'), head: true, render: (m) => say(m.label) },
          { key: 'property', title: t('alerts.property'), render: (m) => m.property },
          {
            key: 'level',
            title: t('alerts.level-name'),
            tight: true,
            render: (m) =>
              m.endedAt ? t('alerts.mark.closed') : m.noData ? t('alerts.mark.no-data') : <LevelMark level={m.level} />,
          },
          {
            key: 'value',
            title: t('alerts.measure'),
            align: 'end',
            render: (m) => (m.measure === null ? '—' : figure(m.measure)),
          },
          { key: 'since', title: t('alerts.since'), tight: true, render: (m) => <Instant at={m.since} /> },
        ]}
      />
    </Panel>
  );
}

function Steps({ data }: { data: Detail }) {
  const { t } = useSpeech();
  return (
    <Panel title={t('alerts.history')}>
      <DataTable
        caption={t('alerts.history')}
        rows={[...data.steps].reverse()}
        rowKey={(s) => s.id}
        columns={[
          { key: 'at', title: t('alerts.when'), tight: true, render: (s) => <Instant at={s.at} /> },
          { key: 'kind', title: t('alerts.what'), tight: true, head: true, render: (s) => t(`alerts.kind.${s.kind}`) },
          { key: 'level', title: t('alerts.level-name'), tight: true, render: (s) => <LevelMark level={s.level} /> },
          {
            key: 'who',
            title: t('alerts.who'),
            tight: true,
            render: (s) => s.name ?? <span className="quiet">{t('alerts.by-rule')}</span>,
          },
          {
            key: 'note',
            title: t('alerts.words'),
            render: (s) => <span style={{ overflowWrap: 'anywhere' }}>{s.note ?? ''}</span>,
          },
        ]}
      />
    </Panel>
  );
}

function Warnings({ data }: { data: Detail }) {
  const { t, say } = useSpeech();
  if (!data.warnings.length) return null;
  return (
    <Panel title={t('titles.public-warnings')}>
      <ul style={{ margin: 0, paddingInlineStart: 18 }}>
        {data.warnings.map((w) => (
          <li key={w.id}>
            <Link to="/public-warnings/$warning" params={{ warning: String(w.id) } as never}>
              {say(w.headline)}
            </Link>{' '}
            <span className="small quiet">
              {t(`alerts.msg.${w.msgType}`)} · {t(`alerts.wstate.${w.state}`)} {w.identifier ?? ''}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
