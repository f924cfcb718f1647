/** 亩均论英雄: enterprises graded A to D by the declared formula, with the parts of each score. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { api } from '../../api/client.ts';
import { Chart } from '../../components/chart.tsx';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Fact, Facts, Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useOverview } from './economy.tsx';
import { axis, type Grading, gradeTone, latestPeriod, number, type Overview, periodText, titled } from './shared.ts';

const LIMIT = 20;

export default function EconomyGrading() {
  const { t } = useSpeech();
  const overview = useOverview();
  return (
    <Page title={t('titles.economy-grading')} lead={t('economy.grading-lead')}>
      <Loaded query={overview}>
        {(data) =>
          data.gradings.length === 0 || data.periods.year.length === 0 ? (
            <Empty title={t('economy.empty')}>{t('economy.empty-text')}</Empty>
          ) : data.detail ? (
            <View overview={data} />
          ) : (
            <p className="note">{t('economy.detail-needed')}</p>
          )
        }
      </Loaded>
    </Page>
  );
}

function View({ overview }: { overview: Overview }) {
  const { t, say, language } = useSpeech();
  const url = useUrlState();
  const id = url.get('grading') || overview.gradings[0]!.id;
  const year = url.get('year') || latestPeriod(overview, 'year');
  const grade = url.get('grade');
  const offset = url.number('offset', 0);
  const where = url.get('town') ? `town:${url.get('town')}` : undefined;
  const query = { year: Number(year), offset, limit: LIMIT, ...(grade ? { grade } : {}), ...(where ? { where } : {}) };
  const grading = useQuery({
    queryKey: ['economy', 'grading', id, query],
    queryFn: ({ signal }) =>
      api.get('/api/v1/libraries/economy/gradings/{grading}', { params: { grading: id }, query, signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <div className="stack">
      <Filters keys={['grading', 'year', 'grade']}>
        {overview.gradings.length > 1 ? (
          <ChoiceFilter
            name="grading"
            label={t('economy.grading')}
            otherwise={overview.gradings[0]!.id}
            choices={overview.gradings.map((g) => ({ value: g.id, label: say(g.title) }))}
          />
        ) : null}
        <ChoiceFilter
          name="year"
          label={t('economy.period')}
          otherwise={latestPeriod(overview, 'year')}
          choices={(grading.data?.years.length ? grading.data.years : overview.periods.year).map((y) => ({
            value: y,
            label: periodText('year', y, language),
          }))}
        />
        <ChoiceFilter
          name="grade"
          label={t('economy.grade-label')}
          choices={(grading.data?.shares ?? []).map((g) => ({
            value: g.grade,
            label: t('economy.grade', { grade: g.grade }),
          }))}
        />
      </Filters>
      <Loaded query={grading}>
        {(data) => (
          <div className="stack">
            <Grades data={data} onPick={(g) => url.set({ grade: g === grade ? undefined : g, offset: undefined })} />
            <Members data={data} offset={offset} onOffset={(next) => url.set({ offset: next || undefined })} />
            <Rule data={data} />
          </div>
        )}
      </Loaded>
    </div>
  );
}

/** How many are in each grade, what land they use and what taxes they pay. */
function Grades({ data, onPick }: { data: Grading; onPick: (grade: string) => void }) {
  const { t, language } = useSpeech();
  const sum = (of: 'n' | 'land' | 'tax') => data.grades.reduce((n, g) => n + (g[of] ?? 0), 0);
  const option = useMemo(() => {
    const whole = { n: 0, land: 0, tax: 0 };
    for (const g of data.grades) {
      whole.n += g.n;
      whole.land += g.land ?? 0;
      whole.tax += g.tax ?? 0;
    }
    const share = (of: 'n' | 'land' | 'tax') =>
      data.grades.map((g) => (whole[of] ? Math.round(((g[of] ?? 0) / whole[of]) * 1000) / 10 : 0));
    return {
      xAxis: { type: 'category' as const, data: data.grades.map((g) => g.grade) },
      yAxis: { type: 'value' as const, axisLabel: { formatter: (n: number) => `${axis(n, language)}%` } },
      series: (['n', 'land', 'tax'] as const).map((of) => ({
        type: 'bar' as const,
        name: t(`economy.share-of.${of}`),
        data: share(of),
        barMaxWidth: 26,
      })),
    };
  }, [data, t, language]);
  if (data.grades.length === 0) return <Empty title={t('economy.no-graded')} />;
  return (
    <Panel title={t('economy.grades')}>
      <Chart option={option} height={230} label={t('economy.grades')} onPick={onPick} />
      <DataTable
        caption={t('economy.grades')}
        rows={data.grades}
        rowKey={(g) => g.grade}
        columns={[
          {
            key: 'grade',
            title: t('economy.grade-label'),
            head: true,
            render: (g) => <Label tone={gradeTone(g.grade)}>{t('economy.grade', { grade: g.grade })}</Label>,
          },
          {
            key: 'n',
            title: t('economy.share-of.n'),
            align: 'end',
            render: (g) => `${full(g.n)} (${((g.n / sum('n')) * 100).toFixed(1)}%)`,
          },
          { key: 'land', title: t('economy.land'), align: 'end', render: (g) => number(g.land, 1) },
          { key: 'tax', title: t('economy.tax'), align: 'end', render: (g) => number(g.tax, 1) },
          {
            key: 'per',
            title: t('economy.tax-per-mu'),
            align: 'end',
            render: (g) => (g.land && g.tax !== null ? number(g.tax / g.land, 2) : '—'),
          },
        ]}
      />
    </Panel>
  );
}

function Members({ data, offset, onOffset }: { data: Grading; offset: number; onOffset: (n: number) => void }) {
  const { t, language } = useSpeech();
  return (
    <Panel title={t('economy.graded')} flush>
      <DataTable
        caption={t('economy.graded')}
        rows={data.items}
        rowKey={(e) => e.entity}
        empty={<Empty title={t('economy.no-graded')} />}
        columns={[
          { key: 'rank', title: t('economy.rank'), tight: true, align: 'end', render: (e) => e.rank },
          {
            key: 'name',
            title: t('economy.enterprise'),
            head: true,
            render: (e) => (
              <Link
                to="/economy/enterprises/$entity"
                params={{ entity: String(e.entity) } as never}
                style={{ display: 'inline-block', minWidth: 170 }}
              >
                {e.name ?? e.entity}
              </Link>
            ),
          },
          {
            key: 'grade',
            title: t('economy.grade-label'),
            render: (e) => (
              <Label
                tone={gradeTone(e.grade)}
                title={e.rule === null ? undefined : data.rules[e.rule]?.title[language]}
              >
                {t('economy.grade', { grade: e.grade })}
                {e.rule === null ? '' : ' *'}
              </Label>
            ),
          },
          { key: 'score', title: t('economy.score'), align: 'end', render: (e) => number(e.score, 1) },
          ...data.indicators.map((i) => ({
            key: i.id,
            title: titled(i, language),
            align: 'end' as const,
            render: (e: Grading['items'][number]) => number(e.indicators[i.id], i.decimals),
          })),
          { key: 'town', title: t('economy.town'), render: (e) => e.townTitle ?? '—' },
          { key: 'industry', title: t('economy.industry'), render: (e) => e.industryTitle ?? '—' },
        ]}
      />
      <Pager offset={offset} limit={LIMIT} total={data.total} onOffset={onOffset} />
    </Panel>
  );
}

/** The formula as it is declared, and the city's averages that it is held against. */
function Rule({ data }: { data: Grading }) {
  const { t, say, language } = useSpeech();
  return (
    <Panel title={t('economy.rule')}>
      <Facts>
        <Fact label={t('economy.ground')} wide>
          {say(data.ground)}
        </Fact>
        <Fact label={t('economy.shares')}>{data.shares.map((s) => `${s.grade} ${s.share}%`).join(' · ')}</Fact>
        {data.rules.map((r) => (
          <Fact key={r.when} label={t('economy.grade', { grade: r.grade })}>
            {say(r.title)}
          </Fact>
        ))}
        {data.indicators.map((i) => (
          <Fact key={i.id} label={t('economy.city-of', { what: say(i.title) })}>
            {number(data.city[i.id], i.decimals)} {language === 'zh' ? i.unit : ''}
          </Fact>
        ))}
      </Facts>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard (WCAG 2.1.1). */}
      <pre className="small" style={{ overflowX: 'auto' }} tabIndex={0}>
        {data.score.replaceAll(' + ', '\n  + ')}
      </pre>
    </Panel>
  );
}
