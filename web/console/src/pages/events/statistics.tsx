/** 运行统计: every stage, where things get stuck, towns, organisations, matters and channels; each figure opens into its list. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { EChartsOption } from 'echarts';
import { useMemo } from 'react';
import { type Answer, api, type Query } from '../../api/client.ts';
import { Chart } from '../../components/chart.tsx';
import { Figure, Figures, Num } from '../../components/figure.tsx';
import { DateFilter, Filters } from '../../components/filters.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { Instant } from '../../components/value.tsx';
import { percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useTheme } from '../../theme/mode.tsx';
import { palettes } from '../../theme/tokens.ts';
import { Groups } from './groups.tsx';
import { listLink } from './query.ts';
import { Due, openStates, StateLabel, useNames, useSpan } from './shared.tsx';

export type Statistics = Answer<'/api/v1/events/statistics'>;
const spans = [7, 30, 90, 365] as const;

/** The day so many days before another, in the city's calendar. */
const before = (days: number) => new Date(Date.now() + 8 * 3_600_000 - days * 86_400_000).toISOString().slice(0, 10);

export default function EventStatistics() {
  const { t } = useSpeech();
  const url = useUrlState();
  const query = { from: url.get('from') || undefined, until: url.get('until') || undefined };
  const statistics = useQuery({
    queryKey: ['events', 'statistics', query],
    queryFn: ({ signal }) => api.get('/api/v1/events/statistics', { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  return (
    <Page title={t('titles.events-statistics')} lead={t('events.statistics-lead')}>
      <Filters keys={['from', 'until']}>
        <DateFilter name="from" label={t('common.from')} />
        <DateFilter name="until" label={t('common.to')} />
        <fieldset className="event-marks">
          <legend className="visually-hidden">{t('events.period')}</legend>
          <span className="small quiet" aria-hidden="true">
            {t('events.period')}
          </span>
          {spans.map((n) => (
            <button
              key={n}
              type="button"
              aria-pressed={query.until === undefined && (query.from ?? before(29)) === before(n - 1)}
              onClick={() => url.set({ from: before(n - 1), until: undefined })}
            >
              {t('events.last-days', { n })}
            </button>
          ))}
        </fieldset>
      </Filters>
      <Loaded query={statistics}>
        {(data) =>
          data.all.total === 0 ? (
            <Empty title={t('events.statistics-none')}>{t('events.statistics-none-text')}</Empty>
          ) : (
            <Numbers data={data} />
          )
        }
      </Loaded>
    </Page>
  );
}

function Numbers({ data }: { data: Statistics }) {
  const { t } = useSpeech();
  const span = useSpan();
  const period = { from: data.from, until: data.until };
  const { all } = data;
  const to = (filters: Query) => listLink({ ...period, ...filters });
  return (
    <div className="stack">
      <Figures>
        <Figure label={t('events.total')} note={t('events.reports-n', { n: all.reports })}>
          <Drill to={to({ state: 'all' })}>
            <Num value={all.total} />
          </Drill>
        </Figure>
        <Figure label={t('events.open')} note={t('events.paused-n', { n: data.paused })}>
          <Drill to={to({})}>
            <Num value={all.open} />
          </Drill>
        </Figure>
        <Figure label={t('events.late-open')} tone={all.lateOpen ? 'bad' : 'good'}>
          <Drill to={to({ late: 'true' })}>
            <Num value={all.lateOpen} />
          </Drill>
        </Figure>
        <Figure
          label={t('events.on-time')}
          note={t('events.closed-n', { n: all.closed })}
          {...(all.onTime === null ? {} : { tone: all.onTime >= 0.95 ? 'good' : all.onTime >= 0.85 ? 'warn' : 'bad' })}
        >
          {percent(all.onTime)}
        </Figure>
        <Figure label={t('events.mean-handling')}>
          {all.handleMinutes === null ? '—' : <span className="num">{span(all.handleMinutes, 1)}</span>}
        </Figure>
        <Figure label={t('events.satisfaction')} note={t('events.rated-n', { n: all.rated })}>
          {all.rating === null ? '—' : <span className="num">{all.rating.toFixed(2)}</span>}
        </Figure>
        <Figure
          label={t('events.went-wrong')}
          note={t('events.turns-n', {
            returned: all.returned,
            transferred: all.transferred,
            reworked: all.reworked,
          })}
        >
          <Num value={all.returned + all.transferred + all.reworked} />
        </Figure>
        <Figure label={t('events.mark.supervised')}>
          <Drill to={to({ supervised: 'true', state: 'all' })}>
            <Num value={all.supervised} />
          </Drill>
        </Figure>
      </Figures>
      <StageFlow data={data} />
      <div className="cols-2">
        <Panel title={t('events.by-day')}>
          <Days data={data} />
        </Panel>
        <Stuck data={data} />
      </div>
      <Groups data={data} />
    </div>
  );
}

export function Drill({ to, children }: { to: ReturnType<typeof listLink>; children: React.ReactNode }) {
  return (
    <Link to={to.to} search={to.search as never}>
      {children}
    </Link>
  );
}

/** The seven stages: how many stand in each, how many have passed, how long it takes; the fullest is marked. */
function StageFlow({ data }: { data: Statistics }) {
  const { t, say } = useSpeech();
  const names = useNames();
  const span = useSpan();
  const most = Math.max(1, ...data.stages.slice(0, 5).map((s) => s.standing));
  const period = { from: data.from, until: data.until };
  // What stands in a stage is in the state that its next step leaves.
  const states = [...openStates.filter((s) => s !== 'paused'), 'closed'];
  return (
    <Panel title={t('events.stage-flow')} extra={<span className="quiet">{t('events.stage-flow-note')}</span>}>
      <ol className="event-flow">
        {data.stages.map((s, i) => {
          const stuck = i < 5 && s.standing === most && s.standing > 0;
          return (
            <li key={s.stage} className={stuck ? 'stuck' : undefined}>
              <span className="strong">{say(names.catalogue?.stages[i])}</span>
              <span className="event-flow-n num">
                {states[i] && s.standing ? (
                  <Drill to={listLink({ ...period, state: states[i] })}>{s.standing}</Drill>
                ) : (
                  s.standing
                )}
              </span>
              <span className="bar" aria-hidden="true">
                <span
                  style={{
                    width: `${i < 5 ? Math.round((s.standing / most) * 100) : 0}%`,
                    background: stuck ? 'var(--jw-weft)' : 'var(--jw-primary)',
                  }}
                />
              </span>
              <span className="small quiet">
                {i < 5 ? t('events.stage-waits', { state: names.state(states[i]!) }) : ' '}
              </span>
              <span className="small quiet">
                {t('events.passed-n', { n: s.passed })}
                {s.minutes === null ? '' : ` · ${t('events.takes', { span: span(s.minutes) })}`}
              </span>
            </li>
          );
        })}
      </ol>
    </Panel>
  );
}

function Days({ data }: { data: Statistics }) {
  const { t } = useSpeech();
  const { mode } = useTheme();
  const option = useMemo<EChartsOption>(() => {
    const p = palettes[mode];
    return {
      xAxis: { type: 'category', data: data.days.map((d) => d.day.slice(5)) },
      yAxis: { type: 'value', minInterval: 1 },
      series: [
        {
          name: t('events.total'),
          type: 'bar',
          barMaxWidth: 28,
          data: data.days.map((d) => d.total),
          itemStyle: { color: p.primary },
        },
        { name: t('events.closed'), type: 'line', data: data.days.map((d) => d.closed), color: p.good },
        { name: t('events.late'), type: 'line', data: data.days.map((d) => d.late), color: p.bad },
      ],
    };
  }, [data.days, t, mode]);
  return (
    <>
      <Chart option={option} height={240} label={t('events.by-day')} />
      <details className="fold small">
        <summary>{t('events.as-table')}</summary>
        <table className="data">
          <thead>
            <tr>
              <th scope="col">{t('events.day')}</th>
              <th scope="col" className="end">
                {t('events.total')}
              </th>
              <th scope="col" className="end">
                {t('events.closed')}
              </th>
              <th scope="col" className="end">
                {t('events.late')}
              </th>
            </tr>
          </thead>
          <tbody>
            {data.days.toReversed().map((d) => (
              <tr key={d.day}>
                <td>
                  <Drill to={listLink({ from: d.day, until: d.day, state: 'all' })}>{d.day}</Drill>
                </td>
                <td className="end num">{d.total}</td>
                <td className="end num">{d.closed}</td>
                <td className="end num">{d.late}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}

/** What stands nearest to its limit, or longest beyond it. */
function Stuck({ data }: { data: Statistics }) {
  const { t } = useSpeech();
  const names = useNames();
  return (
    <Panel title={t('events.stuck')} extra={<span className="quiet">{t('events.stuck-note')}</span>}>
      {data.stuck.length ? (
        <ul className="event-short">
          {data.stuck.map((e) => (
            <li key={e.id} className="row spread">
              <span>
                <Link to="/events/$event" params={{ event: String(e.id) } as never}>
                  {names.matter(e.matter)}
                </Link>{' '}
                <span className="small quiet">
                  {names.organisation(e.organisation)} · {t('events.since')} <Instant at={e.since} only="ago" />
                </span>
              </span>
              <span className="row">
                <StateLabel state={e.state} />
                <Due
                  of={{
                    ...{ due: e.due, late: e.late, state: e.state },
                    minutesLeft: e.due ? Math.round((Date.parse(e.due) - Date.now()) / 60_000) : null,
                  }}
                />
              </span>
            </li>
          ))}
        </ul>
      ) : (
        <Empty title={t('events.stuck-none')} />
      )}
    </Panel>
  );
}
