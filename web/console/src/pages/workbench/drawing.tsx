/** An answer as a chart: which columns are drawn how is chosen once and saved with the query. */
import { Select } from 'antd';
import type { EChartsOption } from 'echarts';
import { useMemo } from 'react';
import type { Answer, Body } from '../../api/client.ts';
import { Chart } from '../../components/chart.tsx';
import { Empty } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';

export type Told = Answer<'/api/v1/workbench/run', 'post'>;
export type Drawn = NonNullable<Body<'/api/v1/workbench/saved'>['chart']>;

const kinds = ['table', 'bar', 'line', 'point', 'pie'] as const;
/** Marks of one series; more cannot be told apart. */
const MOST = 500;
const numeric = (type: string): boolean => /INT|DOUBLE|FLOAT|DECIMAL/.test(type);

/** What fits an answer when nothing was chosen: its first column against its numbers. */
export function fitting(told: Told): Drawn {
  const y = told.columns.filter((c, i) => i > 0 && numeric(c.type)).map((c) => c.name);
  const dated = /DATE|TIMESTAMP/.test(told.columns[0]?.type ?? '');
  return {
    kind: y.length && told.rows.length > 1 ? (dated ? 'line' : 'bar') : 'table',
    ...{ x: told.columns[0]?.name ?? '', y: y.slice(0, 3), series: '' },
  };
}

/** Columns that are still there. */
const present = (chart: Drawn, told: Told): Drawn => {
  const names = new Set(told.columns.map((c) => c.name));
  return {
    ...chart,
    y: chart.y.filter((y) => names.has(y)),
    series: names.has(chart.series ?? '') ? chart.series : '',
  };
};

function optionOf(chart: Drawn, told: Told, other: string): EChartsOption | null {
  const at = (name: string) => told.columns.findIndex((c) => c.name === name);
  const x = at(chart.x);
  if (x < 0 || chart.y.length === 0) return null;
  const number = (cell: string | null | undefined) => (cell === null || cell === undefined ? null : Number(cell));
  const rows = told.rows.slice(0, MOST);
  const first = at(chart.y[0]!);
  if (chart.kind === 'pie') {
    const parts = rows
      .map((r) => ({ name: r[x] ?? '—', value: number(r[first]) ?? 0 }))
      .filter((p) => p.value > 0)
      .sort((a, b) => b.value - a.value);
    const rest = parts.slice(11).reduce((n, p) => n + p.value, 0);
    const data = [...parts.slice(0, 11), ...(rest > 0 ? [{ name: other, value: rest }] : [])];
    return {
      tooltip: { trigger: 'item' },
      xAxis: { show: false },
      yAxis: { show: false },
      series: [{ type: 'pie', radius: ['34%', '68%'], center: ['50%', '56%'], data, label: { formatter: '{b} {d}%' } }],
    };
  }
  const type = chart.kind === 'point' ? 'scatter' : chart.kind === 'line' ? 'line' : 'bar';
  if (chart.kind === 'point') {
    const numbers = numeric(told.columns[x]!.type);
    return {
      tooltip: { trigger: 'item' },
      xAxis: { type: numbers ? 'value' : 'category', scale: true, name: chart.x, nameLocation: 'middle', nameGap: 26 },
      yAxis: { type: 'value', scale: true },
      grid: { left: 8, right: 16, top: 30, bottom: 26, containLabel: true },
      series: chart.y.map((y) => ({
        ...{ type: 'scatter' as const, name: y, symbolSize: 8 },
        data: rows.map((r) => [numbers ? number(r[x]) : r[x], number(r[at(y)])]) as never,
      })),
    };
  }
  const labels = [...new Set(rows.map((r) => r[x] ?? '—'))];
  const split = chart.series ? at(chart.series) : -1;
  const series =
    split >= 0
      ? [...new Set(rows.map((r) => r[split] ?? '—'))].slice(0, 20).map((name) => ({
          name,
          data: labels.map((label) => {
            const row = rows.find((r) => (r[x] ?? '—') === label && (r[split] ?? '—') === name);
            return row ? number(row[first]) : null;
          }),
        }))
      : chart.y.map((y) => ({
          name: y,
          data: labels.map((label) => number(rows.find((r) => (r[x] ?? '—') === label)?.[at(y)])),
        }));
  return {
    xAxis: { type: 'category', data: labels },
    yAxis: { type: 'value' },
    series: series.map((s) => ({
      ...s,
      type,
      ...(type === 'bar' ? { barMaxWidth: 36 } : { showSymbol: labels.length < 60 }),
    })) as never,
  };
}

export function Drawing({
  told,
  chart: asked,
  onChange,
}: {
  told: Told;
  chart: Drawn | null;
  onChange: (chart: Drawn) => void;
}) {
  const { t } = useSpeech();
  const chart = useMemo(() => present(asked ?? fitting(told), told), [asked, told]);
  const option = useMemo(
    () => (chart.kind === 'table' ? null : optionOf(chart, told, t('workbench.others'))),
    [chart, told, t],
  );
  const names = told.columns.map((c) => ({ value: c.name, label: c.name }));
  const numbers = told.columns.filter((c) => numeric(c.type)).map((c) => ({ value: c.name, label: c.name }));
  return (
    <div className="stack-s">
      <div className="row wb-choices">
        <Select
          aria-label={t('workbench.chart-kind')}
          value={chart.kind}
          options={kinds.map((kind) => ({ value: kind, label: t(`workbench.chart-${kind}`) }))}
          onChange={(kind) => onChange({ ...chart, kind })}
        />
        {chart.kind === 'table' ? null : (
          <>
            <Select
              aria-label={t('workbench.chart-x')}
              prefix={t('workbench.chart-x')}
              value={chart.x || null}
              options={names}
              onChange={(x) => onChange({ ...chart, x })}
            />
            <Select
              mode="multiple"
              maxCount={chart.kind === 'pie' ? 1 : 8}
              aria-label={t('workbench.chart-y')}
              prefix={t('workbench.chart-y')}
              value={chart.y}
              options={numbers}
              onChange={(y) => onChange({ ...chart, y })}
            />
            {chart.kind === 'bar' || chart.kind === 'line' ? (
              <Select
                allowClear
                aria-label={t('workbench.chart-series')}
                prefix={t('workbench.chart-series')}
                value={chart.series || null}
                options={names}
                onChange={(series) => onChange({ ...chart, series: series ?? '' })}
              />
            ) : null}
          </>
        )}
      </div>
      {chart.kind === 'table' ? (
        <p className="small quiet">{t('workbench.chart-none')}</p>
      ) : option ? (
        <Chart key={JSON.stringify(chart)} option={option} height={360} label={t('workbench.chart')} />
      ) : (
        <Empty title={t('workbench.chart-choose')} />
      )}
      {chart.kind !== 'table' && told.rows.length > MOST ? (
        <p className="small quiet">{t('workbench.chart-cut', { n: MOST })}</p>
      ) : null}
    </div>
  );
}
