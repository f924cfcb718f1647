/** One enterprise's economic sheet: measures by year, quarter, month; indicators beside the city's; grades; what is disputed, doubtful, changed; why. */
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Drawer } from 'antd';
import { useMemo, useState } from 'react';
import { api } from '../../api/client.ts';
import { Chart } from '../../components/chart.tsx';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Fact, Facts, Label, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { day } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { axis, gradeTone, number, periodText, type Sheet, titled, unitOf } from './shared.ts';

type Asked = { measure: string; grain: 'month' | 'quarter' | 'year'; period: string };

export default function EconomySheet() {
  const { t } = useSpeech();
  const { entity } = useParams({ strict: false }) as { entity: string };
  const [asked, setAsked] = useState<Asked | null>(null);
  const sheet = useQuery({
    queryKey: ['economy', 'sheet', entity],
    queryFn: ({ signal }) =>
      api.get('/api/v1/libraries/economy/enterprises/{entity}', { params: { entity: Number(entity) }, signal }),
  });
  const data = sheet.data;
  useTabTitle(data?.name ?? undefined);
  return (
    <Page
      title={data?.name ?? t('titles.economy-sheet')}
      lead={data ? [data.town, data.industry, data.form].filter(Boolean).join(' · ') : undefined}
      back={{ to: '/economy', label: t('titles.economy') }}
      actions={
        <Link to="/credit/enterprises/$entity" params={{ entity } as never}>
          {t('economy.panorama')}
        </Link>
      }
    >
      <Loaded query={sheet}>
        {(one) =>
          one.measures.length === 0 ? (
            <Empty title={t('economy.no-figures')}>{t('economy.no-figures-text')}</Empty>
          ) : (
            <div className="stack">
              <Head sheet={one} />
              <Table sheet={one} onWhy={setAsked} />
              <Indicators sheet={one} />
              <Notes sheet={one} />
            </div>
          )
        }
      </Loaded>
      {asked ? <WhyDrawer entity={entity} asked={asked} onClose={() => setAsked(null)} /> : null}
    </Page>
  );
}

function Head({ sheet }: { sheet: Sheet }) {
  const { t, say, language } = useSpeech();
  return (
    <Panel title={t('economy.where')}>
      <Facts>
        {sheet.belongs.map((b) => (
          <Fact key={`${b.dimension}-${b.code}`} label={say(b.title)}>
            <Link to="/economy/$dimension/$code" params={{ dimension: b.dimension, code: b.code } as never}>
              {b.name ?? b.code}
            </Link>
          </Fact>
        ))}
        {sheet.grades.map((g) => (
          <Fact key={`${g.grading}-${g.year}`} label={`${say(g.title)} ${periodText('year', g.year, language)}`}>
            <Label tone={gradeTone(g.grade)}>{t('economy.grade', { grade: g.grade })}</Label>{' '}
            {t('economy.grade-place', { score: number(g.score, 1), rank: g.rank, of: g.of })}
          </Fact>
        ))}
      </Facts>
    </Panel>
  );
}

function Table({ sheet, onWhy }: { sheet: Sheet; onWhy: (asked: Asked) => void }) {
  const { t, say, language } = useSpeech();
  const url = useUrlState();
  const grain = (['month', 'quarter', 'year'].includes(url.get('grain')) ? url.get('grain') : 'year') as Asked['grain'];
  const rows = sheet.measures.filter((m) => m.figures.some((f) => f.grain === grain));
  const periods = [...new Set(rows.flatMap((m) => m.figures.filter((f) => f.grain === grain).map((f) => f.period)))]
    .sort()
    .slice(grain === 'month' ? -12 : -8);
  const pictured = sheet.measures.find((m) => m.id === (url.get('measure') || 'sales')) ?? sheet.measures[0]!;
  const option = useMemo(() => {
    const points = pictured.figures.filter((f) => f.grain === 'month').slice(-36);
    const shown = points.length ? points : pictured.figures.filter((f) => f.grain !== 'quarter');
    return {
      legend: { show: false },
      xAxis: { type: 'category' as const, data: shown.map((p) => p.period), axisLabel: { hideOverlap: true } },
      yAxis: { type: 'value' as const, axisLabel: { formatter: (n: number) => axis(n, language) } },
      series: [
        {
          type: shown.length > 6 ? ('line' as const) : ('bar' as const),
          name: titled(pictured, language),
          data: shown.map((p) => p.value),
          showSymbol: false,
          barMaxWidth: 40,
        },
      ],
    };
  }, [pictured, language]);
  return (
    <>
      <Filters keys={['grain', 'measure']}>
        <ChoiceFilter
          name="grain"
          label={t('economy.grain.label')}
          otherwise="year"
          choices={(['year', 'quarter', 'month'] as const).map((g) => ({ value: g, label: t(`economy.grain.${g}`) }))}
        />
        <ChoiceFilter
          name="measure"
          label={t('economy.pictured')}
          otherwise={pictured.id}
          width={180}
          choices={sheet.measures.map((m) => ({ value: m.id, label: say(m.title) }))}
        />
      </Filters>
      <Panel title={t('economy.figures')} flush>
        <DataTable
          caption={t('economy.figures')}
          rows={rows}
          rowKey={(m) => m.id}
          empty={<Empty title={t('economy.no-grain')} />}
          columns={[
            { key: 'title', title: t('economy.measure'), head: true, render: (m) => titled(m, language) },
            ...periods.map((period) => ({
              key: period,
              title: period,
              align: 'end' as const,
              render: (m: Sheet['measures'][number]) => {
                const f = m.figures.find((x) => x.grain === grain && x.period === period);
                if (!f) return '—';
                const whole = { month: 1, quarter: 3, year: 12 }[grain];
                return (
                  <span>
                    <button
                      type="button"
                      className="link-button"
                      onClick={() => onWhy({ measure: m.id, grain, period })}
                      title={t('economy.why')}
                    >
                      {number(f.value, m.decimals)}
                    </button>
                    {f.parts < whole ? (
                      <span className="small quiet"> {t('economy.parts', { n: f.parts, of: whole })}</span>
                    ) : null}
                    {f.disputed ? <Label tone="warn">{t('economy.disputed')}</Label> : null}
                  </span>
                );
              },
            })),
          ]}
        />
      </Panel>
      <Panel title={titled(pictured, language)}>
        <Chart option={option} height={220} label={t('economy.series', { what: say(pictured.title) })} />
      </Panel>
    </>
  );
}

function Indicators({ sheet }: { sheet: Sheet }) {
  const { t, language } = useSpeech();
  const years = [...new Set(sheet.indicators.flatMap((i) => i.values.map((v) => v.period)))].sort();
  if (!sheet.indicators.length) return null;
  return (
    <Panel title={t('economy.indicators')} flush>
      <DataTable
        caption={t('economy.indicators')}
        rows={sheet.indicators}
        rowKey={(i) => i.id}
        columns={[
          { key: 'title', title: t('economy.indicator'), head: true, render: (i) => titled(i, language) },
          ...years.map((year) => ({
            key: year,
            title: `${year}`,
            align: 'end' as const,
            render: (i: Sheet['indicators'][number]) => {
              const v = i.values.find((x) => x.period === year);
              return v?.value === null || !v ? (
                '—'
              ) : (
                <span>
                  {number(v.value, i.decimals)}{' '}
                  <span className="small quiet">{t('economy.city', { value: number(v.city, i.decimals) })}</span>
                </span>
              );
            },
          })),
        ]}
      />
    </Panel>
  );
}

/** What sources differ on, what is not used, and what figures were before. */
function Notes({ sheet }: { sheet: Sheet }) {
  const { t, say, language } = useSpeech();
  const of = (id: string) => sheet.measures.find((m) => m.id === id);
  const what = (row: { id: string; period: string; grain: 'month' | 'quarter' | 'year' }) =>
    `${of(row.id) ? say(of(row.id)!.title) : row.id} · ${periodText(row.grain, row.period, language)}`;
  const worth = (row: { id: string; value: number }) => {
    const m = of(row.id);
    return `${number(row.value, m?.decimals ?? 1)} ${m ? unitOf(m.unit, language) : ''}`;
  };
  return (
    <>
      {sheet.contradictions.length ? (
        <Panel title={t('economy.contradictions')} flush>
          <DataTable
            caption={t('economy.contradictions')}
            rows={sheet.contradictions}
            rowKey={(_, i) => i}
            columns={[
              { key: 'what', title: t('economy.figure'), head: true, render: what },
              { key: 'source', title: t('economy.source'), render: (row) => say(row.sourceTitle) },
              { key: 'value', title: t('economy.value'), align: 'end', render: worth },
              {
                key: 'chosen',
                title: t('economy.use'),
                render: (row) => (row.chosen ? <Label tone="good">{t('economy.chosen-value')}</Label> : '—'),
              },
            ]}
          />
        </Panel>
      ) : null}
      {sheet.doubts.length ? (
        <Panel title={t('economy.doubts')} flush>
          <DataTable
            caption={t('economy.doubts')}
            rows={sheet.doubts}
            rowKey={(_, i) => i}
            columns={[
              { key: 'what', title: t('economy.figure'), head: true, render: what },
              { key: 'source', title: t('economy.source'), render: (row) => say(row.sourceTitle) },
              { key: 'value', title: t('economy.value'), align: 'end', render: worth },
              { key: 'reason', title: t('economy.reason'), render: (row) => t(`economy.doubt.${row.reason}`) },
            ]}
          />
        </Panel>
      ) : null}
      <Panel title={t('economy.history')} flush>
        <DataTable
          caption={t('economy.history')}
          rows={sheet.history}
          rowKey={(_, i) => i}
          empty={<Empty title={t('economy.no-history')} />}
          columns={[
            { key: 'what', title: t('economy.figure'), head: true, render: what },
            { key: 'value', title: t('economy.was'), align: 'end', render: worth },
            { key: 'source', title: t('economy.source'), render: (row) => say(row.sourceTitle) },
            { key: 'recorded', title: t('economy.recorded'), render: (row) => <Instant at={row.recorded} /> },
            { key: 'until', title: t('economy.until'), render: (row) => <Instant at={row.until} /> },
          ]}
        />
      </Panel>
    </>
  );
}

function WhyDrawer({ entity, asked, onClose }: { entity: string; asked: Asked; onClose: () => void }) {
  const { t, say, language } = useSpeech();
  const why = useQuery({
    queryKey: ['economy', 'why', entity, asked],
    queryFn: ({ signal }) =>
      api.get('/api/v1/libraries/economy/enterprises/{entity}/why', {
        params: { entity: Number(entity) },
        query: asked,
        signal,
      }),
  });
  return (
    <Drawer open onClose={onClose} size="large" title={t('economy.why')}>
      <Loaded query={why}>
        {(data) => (
          <div className="stack-s">
            <p className="strong">
              {say(data.measure.title)} · {periodText(asked.grain, data.period, language)}：
              {data.figure ? number(data.figure.value, data.measure.decimals) : '—'}{' '}
              {unitOf(data.measure.unit, language)}
            </p>
            <p className="small quiet">{say(data.rule)}</p>
            <DataTable
              caption={t('economy.why')}
              rows={data.said}
              rowKey={(_, i) => i}
              empty={<Empty title={t('economy.no-records')} />}
              columns={[
                {
                  key: 'source',
                  title: t('economy.source'),
                  head: true,
                  render: (s) => (
                    <>
                      {say(s.sourceTitle)}
                      <p className="small quiet">
                        {say(s.fieldTitle)} · {t('economy.trust', { rank: s.rank })}
                      </p>
                    </>
                  ),
                },
                { key: 'stated', title: t('economy.period'), render: (s) => s.stated },
                {
                  key: 'raw',
                  title: t('economy.stated'),
                  align: 'end',
                  render: (s) => (
                    <>
                      {s.raw ?? '—'} {s.unit ? unitOf(s.unit, language) : ''}
                    </>
                  ),
                },
                {
                  key: 'value',
                  title: titled(data.measure, language),
                  align: 'end',
                  render: (s) => number(s.value, data.measure.decimals),
                },
                {
                  key: 'used',
                  title: t('economy.use'),
                  render: (s) =>
                    s.doubt ? (
                      <Label tone="bad">{t(`economy.doubt.${s.doubt}`)}</Label>
                    ) : s.used ? (
                      <Label tone="good">{t('economy.chosen-value')}</Label>
                    ) : (
                      <span className="quiet">{t('economy.not-used')}</span>
                    ),
                },
                {
                  key: 'origin',
                  title: t('economy.origin'),
                  render: (s) => (
                    <>
                      <Link to="/exchange/runs/$run" params={{ run: String(s.run) } as never}>
                        {t('economy.run-row', { run: s.run, row: s.row })}
                      </Link>
                      <p className="small quiet">
                        {s.input} {day(s.day)}
                      </p>
                    </>
                  ),
                },
              ]}
            />
          </div>
        )}
      </Loaded>
    </Drawer>
  );
}
