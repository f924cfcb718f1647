/** Where a resource comes from and who reads it: a graph in stages from left to right, and the same as a table by field. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Select } from 'antd';
import type { EChartsOption } from 'echarts';
import { useMemo, useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Chart } from '../../components/chart.tsx';
import { Label } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useTheme } from '../../theme/mode.tsx';
import { palettes, seriesColours } from '../../theme/tokens.ts';

type Graph = Answer<'/api/v1/catalogue/lineage/{source}'>;
const ROW = 46;
const stages = ['provider', 'source', 'run', 'class', 'library', 'use', 'delivery'] as const;

/** Address of the page that a node stands for; undefined where it has none. */
function addressOf(id: string, source: string): { to: string; params: Record<string, string> } | undefined {
  const [kind, ...rest] = id.split('/');
  const name = rest.join('/');
  switch (kind) {
    case 'run':
      return { to: '/exchange/runs/$run', params: { run: name } };
    case 'source':
    case 'class':
      return { to: '/exchange/sources/$source', params: { source } };
    case 'library':
      return name === 'legal-person' ? undefined : { to: '/libraries/$library', params: { library: name } };
    case 'list':
      return { to: '/lists/$list', params: { list: name } };
    case 'theme':
      return { to: '/themes/$theme', params: { theme: name } };
    default:
      return undefined;
  }
}

export function Lineage({ source }: { source: string }) {
  const { t, say } = useSpeech();
  const [field, setField] = useState<string>();
  const graph = useQuery({
    queryKey: ['catalogue', 'lineage', source, field ?? ''],
    queryFn: ({ signal }) =>
      api.get('/api/v1/catalogue/lineage/{source}', { params: { source }, query: { field }, signal }),
    staleTime: 60_000,
  });
  return (
    <Loaded query={graph}>
      {(data) => (
        <div className="stack-s">
          <div className="filter" style={{ maxWidth: 320 }}>
            <label htmlFor="lineage-field">{t('entries.lineage.field')}</label>
            <Select
              id="lineage-field"
              aria-label={t('entries.lineage.field')}
              allowClear
              showSearch={{ optionFilterProp: 'label' }}
              placeholder={t('common.all')}
              value={field ?? null}
              onChange={(value: string | null) => setField(value ?? undefined)}
              options={data.fields.map((f) => ({ value: f.name, label: `${say(f.title)} ${f.name}` }))}
            />
          </div>
          <Drawing graph={data} source={source} />
          <details>
            <summary>{t('entries.lineage.by-field')}</summary>
            <ByField graph={data} />
          </details>
        </div>
      )}
    </Loaded>
  );
}

function Drawing({ graph, source }: { graph: Graph; source: string }) {
  const { t, say } = useSpeech();
  const { mode } = useTheme();
  const navigate = useNavigate();
  const { option, height } = useMemo(() => {
    const byStage = stages.map((_, stage) => graph.nodes.filter((n) => n.stage === stage));
    const used = byStage.filter((s) => s.length > 0);
    const tallest = Math.max(1, ...byStage.map((s) => s.length));
    const p = palettes[mode];
    const nodes = used.flatMap((own, column) =>
      own.map((n, i) => ({
        ...{ id: n.id, name: n.id, x: column * 220, y: ((i + 0.5) * tallest * ROW) / own.length },
        itemStyle: { color: seriesColours[mode][n.stage % seriesColours[mode].length] ?? p.primary },
        label: {
          formatter: short(say(n.title)),
          ...{ position: 'right' as const, color: p.ink },
          ...{ backgroundColor: p.surface, padding: [1, 3] },
        },
        tip: `${t(`entries.lineage.kind.${n.kind}`)}：${say(n.title)}${n.detail ? `\n${n.detail}` : ''}`,
      })),
    );
    const drawn: EChartsOption = {
      legend: { show: false },
      tooltip: {
        trigger: 'item',
        formatter: (params: unknown) => {
          const { data } = params as { data: { tip: string } };
          return data.tip;
        },
      },
      series: [
        {
          ...{ type: 'graph', layout: 'none', roam: false, left: 14, right: 220, top: 16, bottom: 16, symbolSize: 13 },
          ...{ edgeSymbol: ['none', 'arrow'], edgeSymbolSize: 7, data: nodes as never },
          label: { show: true, fontSize: 12 },
          lineStyle: { color: p['line-strong'], curveness: 0.08, width: 1.2 },
          emphasis: { focus: 'adjacency' },
          links: graph.edges.map((e) => ({
            ...{ source: e.from, target: e.to },
            tip: e.fields
              ? `${t('entries.lineage.fields')}：${e.fields.slice(0, 12).join('、')}`
              : `${e.from} → ${e.to}`,
          })) as never,
        },
      ],
    };
    return { option: drawn, height: Math.max(220, tallest * ROW + 40) };
  }, [graph, mode, say, t]);
  if (graph.nodes.length === 0) return <Empty title={t('entries.lineage.none')} />;
  return (
    <div className="lineage-scroll">
      <div className="lineage-drawing">
        <Chart
          option={option}
          height={height}
          label={t('entries.lineage.label', { n: graph.nodes.length })}
          onPick={(name) => {
            const to = addressOf(name, source);
            if (to) void navigate(to as never);
          }}
        />
      </div>
    </div>
  );
}

/** A long name is cut in its middle of the drawing; the tooltip has all of it. */
const short = (name: string): string => (name.length > 16 ? `${name.slice(0, 15)}…` : name);

function ByField({ graph }: { graph: Graph }) {
  const { t, say } = useSpeech();
  const titles = new Map(graph.nodes.map((n) => [n.id, n]));
  return (
    <DataTable
      caption={t('entries.lineage.by-field')}
      rows={graph.fields}
      rowKey={(row) => row.name}
      columns={[
        {
          key: 'field',
          title: t('exchange.field.title'),
          head: true,
          render: (row) => (
            <>
              {say(row.title)}
              <div className="small quiet mono">{row.name}</div>
            </>
          ),
        },
        {
          key: 'uses',
          title: t('entries.lineage.read-by'),
          render: (row) =>
            row.uses.length ? (
              <span className="row" style={{ gap: 4 }}>
                {row.uses.map((id) => {
                  const node = titles.get(id);
                  return (
                    <Label key={id} tone="info">
                      {node ? `${t(`entries.lineage.kind.${node.kind}`)} · ${say(node.title)}` : id}
                    </Label>
                  );
                })}
              </span>
            ) : (
              <span className="quiet">{t('entries.lineage.nobody')}</span>
            ),
        },
      ]}
    />
  );
}
