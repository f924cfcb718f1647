/** A chart of an open dataset by an item that one chooses, with its figures as a table for who does not see it. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useMemo, useState } from 'react';
import { api } from '../../api/client.ts';
import { Chart } from '../../components/chart.tsx';
import { Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import type { OpenDetail } from './shared.tsx';

export function OpenChart({ d }: { d: OpenDetail }) {
  const { t, say } = useSpeech();
  // What repeats makes a chart: numbers of things and names of their own do not.
  const groups = d.fields.filter((f) => f.role === 'item');
  const likely =
    groups.find((f) => /级|类|kind|level|division|区划|业态|状态|month|year/.test(`${f.name} ${f.title.zh} ${f.as}`)) ??
    groups[0];
  const sums = d.fields.filter((f) => (f.type === 'integer' || f.type === 'decimal') && f.as === 'plain');
  const [by, setBy] = useState(likely?.name ?? '');
  const [sum, setSum] = useState('');
  const chart = useQuery({
    queryKey: ['open', 'chart', d.id, d.edition, by, sum],
    queryFn: ({ signal }) =>
      api.get('/open/api/v1/datasets/{id}/chart', {
        params: { id: d.id },
        query: { by, sum: sum || undefined, limit: 20 },
        signal,
      }),
    enabled: by !== '',
    placeholderData: keepPreviousData,
  });
  if (!likely) return null;
  return (
    <Panel
      title={t('opendata.chart')}
      extra={
        <span className="row">
          <Select
            size="small"
            aria-label={t('opendata.chart-by')}
            value={by}
            onChange={setBy}
            popupMatchSelectWidth={false}
            options={groups.map((f) => ({ value: f.name, label: say(f.title) }))}
          />
          <Select
            size="small"
            aria-label={t('opendata.chart-what')}
            value={sum}
            onChange={setSum}
            popupMatchSelectWidth={false}
            options={[
              { value: '', label: d.kind === 'counts' ? t('opendata.chart-default') : t('opendata.chart-rows') },
              ...sums.map((f) => ({ value: f.name, label: say(f.title) })),
            ]}
          />
        </span>
      }
    >
      <Loaded query={chart}>{(data) => <Drawn data={data} />}</Loaded>
    </Panel>
  );
}

type Data = Awaited<ReturnType<typeof api.get<'/open/api/v1/datasets/{id}/chart'>>>;

function Drawn({ data }: { data: Data }) {
  const { t, say } = useSpeech();
  const none = t('opendata.none-given');
  const title = `${say(data.measure)}${data.unit ? `（${data.unit}）` : ''}`;
  const label = t('opendata.chart-label', { by: say(data.by.title), what: title });
  const option = useMemo(
    () => ({
      legend: { show: false },
      xAxis: data.time
        ? { type: 'category' as const, data: data.points.map((p) => p.value ?? none) }
        : { type: 'value' as const },
      yAxis: data.time
        ? { type: 'value' as const }
        : {
            type: 'category' as const,
            inverse: true,
            data: data.points.map((p) => p.value ?? none),
            axisLabel: { width: 110, overflow: 'truncate' as const },
          },
      series: [
        {
          ...{ name: title, type: data.time && data.points.length > 8 ? ('line' as const) : ('bar' as const) },
          ...{ data: data.points.map((p) => p.n), barMaxWidth: 22 },
        },
      ],
    }),
    [data, title, none],
  );
  if (data.points.length === 0) return <p className="quiet">{t('opendata.no-rows')}</p>;
  return (
    <div className="stack-s">
      <Chart option={option} label={label} height={data.time ? 260 : Math.max(140, 40 + data.points.length * 26)} />
      {data.rest.groups ? (
        <p className="small quiet">
          {t('opendata.chart-rest', { groups: full(data.rest.groups), n: full(data.rest.n) })}
        </p>
      ) : null}
      <details>
        <summary className="small">{t('opendata.chart-table')}</summary>
        <DataTable
          caption={label}
          rows={data.points}
          rowKey={(_, i) => i}
          columns={[
            { key: 'value', title: say(data.by.title), head: true, render: (p) => p.value ?? none },
            { key: 'n', title, align: 'end', render: (p) => <span className="num">{full(p.n)}</span> },
          ]}
        />
      </details>
    </div>
  );
}
