/** One sensor: what it reads, its history, whether it can be trusted, where it stands. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '../../api/client.ts';
import { Chart } from '../../components/chart.tsx';
import { CityMap, type Overlay } from '../../components/city-map/index.ts';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Fact, Facts, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useOwners } from '../exchange/shared.tsx';
import { SensorActs } from './sensor-acts.tsx';
import { type Detail, HealthLabel, type History, healthColours, Reading, type Series, valueText } from './shared.tsx';

/** Axes tell the city's clock, wherever the browser stands: drawn as UTC, shifted by so much. */
const CITY = 8 * 3_600_000;
const spans = { hour: 3_600_000, day: 86_400_000, week: 604_800_000, quarter: 90 * 86_400_000 } as const;
type Span = keyof typeof spans;
const by = { hour: 'reading', day: 'reading', week: 'hour', quarter: 'day' } as const;

export default function Sensor() {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const id = url.get('id') ?? '';
  const one = useQuery({
    queryKey: ['sensing', 'entity', id],
    queryFn: ({ signal }) => api.get('/api/v1/sensing/entities/{id}', { params: { id }, signal }),
    refetchInterval: 10_000,
    enabled: id !== '',
  });
  const name = one.data ? say(one.data.label) : t('titles.sensing-sensor');
  return (
    <Page
      title={name}
      back={{ to: '/sensing', label: t('titles.sensing') }}
      actions={one.data ? <SensorActs key={one.data.version} of={one.data} /> : null}
    >
      {id === '' ? (
        <div className="panel">
          <Empty title={t('sensing.no-sensor')} />
        </div>
      ) : (
        <Loaded query={one}>{(e) => <Shown of={e} />}</Loaded>
      )}
    </Page>
  );
}

function Shown({ of: e }: { of: Detail }) {
  const { t, say } = useSpeech();
  const { nameOf } = useOwners();
  const url = useUrlState();
  const series = e.series.find((s) => s.property === url.get('property')) ?? e.series[0]!;
  return (
    <div className="stack">
      <Panel title={t('sensing.about')}>
        <Facts>
          <Fact label={t('sensing.state')}>
            <HealthLabel of={e.health} />
          </Fact>
          <Fact label={t('sensing.type')}>{say(e.typeTitle)}</Fact>
          <Fact label={t('sensing.owner')}>{e.owner ? nameOf(e.owner) : '—'}</Fact>
          <Fact label={t('sensing.place')}>
            {e.address ?? (e.lon === null ? '—' : `${e.lon.toFixed(5)}, ${e.lat!.toFixed(5)}`)}
          </Fact>
          <Fact label={t('sensing.origin')}>{e.origin}</Fact>
          <Fact label={t('sensing.id')} wide>
            <code style={{ overflowWrap: 'anywhere' }}>{e.id}</code>
          </Fact>
        </Facts>
      </Panel>
      <Panel title={t('sensing.latest')} flush>
        <DataTable
          caption={t('sensing.latest')}
          rows={e.series}
          rowKey={(row) => row.number}
          columns={[
            { key: 'title', title: t('sensing.property'), head: true, render: (row) => say(row.title) },
            { key: 'value', title: t('sensing.value'), align: 'end', render: (row) => <Reading of={row} /> },
            { key: 'state', title: t('sensing.state'), tight: true, render: (row) => <HealthLabel of={row.health} /> },
            {
              key: 'at',
              title: t('sensing.at'),
              tight: true,
              render: (row) => <span className="num">{instant(row.at)}</span>,
            },
            {
              key: 'range',
              title: t('sensing.range'),
              tight: true,
              render: (row) => (
                <span className="num">
                  {valueText(row.least)} – {valueText(row.most)}
                </span>
              ),
            },
            {
              key: 'interval',
              title: t('sensing.interval'),
              align: 'end',
              render: (row) => (row.interval ? t('sensing.seconds', { n: row.interval }) : '—'),
            },
          ]}
        />
      </Panel>
      {e.lon === null || e.lat === null ? null : <Where of={e} lon={e.lon} lat={e.lat} />}
      <Past of={series} all={e.series} />
      <Panel title={t('sensing.calibrations')} flush>
        <DataTable
          caption={t('sensing.calibrations')}
          rows={e.calibrations}
          rowKey={(_, i) => i}
          empty={<Empty title={t('sensing.no-calibration')} />}
          columns={[
            {
              key: 'at',
              title: t('sensing.at'),
              tight: true,
              render: (row) => <span className="num">{instant(row.at)}</span>,
            },
            { key: 'property', title: t('sensing.property'), head: true, render: (row) => row.property },
            { key: 'scale', title: t('sensing.scale'), align: 'end', render: (row) => `× ${row.scale}` },
            {
              key: 'shift',
              title: t('sensing.shift'),
              align: 'end',
              render: (row) => `${row.shift >= 0 ? '+' : ''}${row.shift}`,
            },
            { key: 'certificate', title: t('sensing.certificate'), render: (row) => row.certificate || '—' },
            { key: 'due', title: t('sensing.due'), tight: true, render: (row) => row.due ?? '—' },
            { key: 'by', title: t('sensing.by'), render: (row) => row.by },
          ]}
        />
      </Panel>
    </div>
  );
}

/** Where it stands, and its like around it. */
function Where({ of: e, lon, lat }: { of: Detail; lon: number; lat: number }) {
  const { t, say } = useSpeech();
  const view = useMemo(() => ({ lon, lat, zoom: 14 }), [lon, lat]);
  const name = say(e.label);
  const overlays = useMemo<Overlay[]>(
    () => [
      {
        id: 'sensor',
        size: 9,
        colour: healthColours[e.health],
        data: {
          type: 'FeatureCollection',
          features: [
            {
              ...{ type: 'Feature', id: e.id, geometry: { type: 'Point', coordinates: [lon, lat] } },
              properties: { label: name },
            },
          ],
        },
      },
    ],
    [e.id, e.health, name, lon, lat],
  );
  return (
    <Panel title={t('sensing.where')} flush>
      <CityMap label={`${t('sensing.where')}: ${name}`} view={view} overlays={overlays} height={300} />
    </Panel>
  );
}

function Past({ of: s, all }: { of: Series; all: readonly Series[] }) {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const asked = url.get('span') as Span;
  const span: Span = asked in spans ? asked : 'day';
  const past = useQuery({
    queryKey: ['sensing', 'history', s.number, span],
    queryFn: ({ signal }) => {
      const now = Date.now();
      const query = {
        from: new Date(now - spans[span]).toISOString(),
        to: new Date(now + 300_000).toISOString(),
        by: by[span],
        limit: 5000,
      };
      return api.get('/api/v1/sensing/series/{number}/history', { params: { number: s.number }, query, signal });
    },
    refetchInterval: 30_000,
  });
  return (
    <Panel title={`${t('sensing.history')} · ${say(s.title)}`}>
      <div className="stack-s">
        <Filters keys={[]}>
          <ChoiceFilter
            name="property"
            label={t('sensing.property')}
            choices={all.map((x) => ({ value: x.property, label: say(x.title) }))}
          />
          <ChoiceFilter
            name="span"
            label={t('sensing.span')}
            choices={(Object.keys(spans) as Span[]).map((value) => ({ value, label: t(`sensing.spans.${value}`) }))}
          />
        </Filters>
        <Loaded query={past}>
          {({ points }) =>
            points.length ? (
              <Line points={points} label={`${say(s.title)} ${s.symbol}`} unit={s.symbol} />
            ) : (
              <Empty title={t('sensing.no-history')} />
            )
          }
        </Loaded>
      </div>
    </Panel>
  );
}

function Line({ points, label, unit }: { points: History['points']; label: string; unit: string }) {
  const { t } = useSpeech();
  const option = useMemo(() => {
    const line = (name: string, of: (p: History['points'][number]) => number | undefined, width: number) => ({
      ...{ name, type: 'line' as const, showSymbol: points.length < 3, lineStyle: { width } },
      data: points.map((p) => [Date.parse(p.at) + CITY, of(p) ?? null] as [number, number | null]),
    });
    const rolled = points[0]?.least !== undefined;
    return {
      useUTC: true,
      tooltip: { trigger: 'axis' as const },
      xAxis: { type: 'time' as const },
      yAxis: { type: 'value' as const, scale: true, name: unit },
      series: [
        line(rolled ? t('sensing.mean') : t('sensing.value'), (p) => p.value, 2),
        ...(rolled ? [line(t('sensing.least'), (p) => p.least, 1), line(t('sensing.most'), (p) => p.most, 1)] : []),
      ],
    };
  }, [points, unit, t]);
  return <Chart option={option} label={label} height={280} />;
}
