/** A unit's score: every point with its numerator, denominator and records; what to do next; objections. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Button, Checkbox, Drawer } from 'antd';
import { useMemo, useState } from 'react';
import { api } from '../../api/client.ts';
import { Chart } from '../../components/chart.tsx';
import { Figure, Figures } from '../../components/figure.tsx';
import { Label, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { ObjectForm, type Target } from './object-form.tsx';
import { ObjectionList } from './objection-list.tsx';
import {
  amount,
  measured,
  type RecordItem,
  Records,
  ShareBar,
  Standing,
  searchOf,
  signed,
  two,
  type UnitView,
  useAsked,
} from './shared.tsx';

export default function UnitPage() {
  const { t, say } = useSpeech();
  const { unit } = useParams({ strict: false }) as { unit: string };
  const query = useAsked();
  const view = useQuery({
    queryKey: ['assessment', 'unit', unit, query],
    queryFn: ({ signal }) => api.get('/api/v1/assessment/units/{unit}', { params: { unit }, query, signal }),
    placeholderData: keepPreviousData,
  });
  const name = view.data ? say(view.data.unit.name) : t('titles.assessment-unit');
  useTabTitle(view.data ? name : undefined);
  return (
    <Page
      title={name}
      back={{ to: '/assessment', label: t('titles.assessment') }}
      lead={view.data ? `${say(view.data.result.formula.title)} · ${view.data.result.month}` : undefined}
    >
      <Loaded query={view}>{(data) => <Whole data={data} />}</Loaded>
    </Page>
  );
}

function Whole({ data }: { data: UnitView }) {
  const { t, say } = useSpeech();
  const { unit, result } = data;
  const [open, setOpen] = useState<string>();
  const [target, setTarget] = useState<Target>();
  const lost = data.indicators.reduce((n, i) => n + i.effective - i.points, 0);
  const object = (indicator: string, record: RecordItem | null) => {
    const i = data.indicators.find((x) => x.id === indicator)!;
    setTarget({ indicator, title: i.title, record, lost: record?.lost ?? i.effective - i.points });
  };
  return (
    <div className="stack">
      <Standing head={result} />
      <Figures>
        <Figure label={t('assessment.score')}>{two(unit.score)}</Figure>
        <Figure
          label={t('assessment.rank')}
          note={unit.rank === null ? t('assessment.unranked-why', { n: Math.round(unit.weight) }) : `/ ${unit.of}`}
        >
          {unit.rank ?? t('assessment.unranked')}
        </Figure>
        <Figure label={t('assessment.change')} {...((unit.change ?? 0) < 0 ? { tone: 'bad' as const } : {})}>
          {unit.change === null ? '—' : signed(unit.change)}
        </Figure>
        <Figure label={t('assessment.lost')}>{two(unit.score === null ? null : lost)}</Figure>
      </Figures>
      <Steps data={data} onSee={setOpen} onObject={data.mayObject ? object : undefined} />
      <Why data={data} onSee={setOpen} />
      <UnitTrend data={data} />
      {data.objections.length ? (
        <Panel title={t('titles.assessment-objections')} flush>
          <ObjectionList items={data.objections} />
        </Panel>
      ) : null}
      <AllRecords
        data={data}
        indicator={open}
        onClose={() => setOpen(undefined)}
        onObject={data.mayObject ? object : undefined}
      />
      <ObjectForm
        target={target}
        base={{ scheme: result.scheme, month: result.month, unit: unit.unit, name: say(unit.name) }}
        onClose={() => setTarget(undefined)}
      />
    </div>
  );
}

type Objecting = ((indicator: string, record: RecordItem | null) => void) | undefined;

function Steps({ data, onSee, onObject }: { data: UnitView; onSee: (id: string) => void; onObject: Objecting }) {
  const { t, say } = useSpeech();
  return (
    <Panel title={t('assessment.next')} extra={<span className="quiet">{t('assessment.next-text')}</span>}>
      {data.steps.length === 0 ? <p className="quiet">{t('assessment.next-none')}</p> : null}
      <ol className="assessment-steps">
        {data.steps.map((s) => (
          <li key={s.indicator}>
            <div className="row spread">
              <h3>{say(s.title)}</h3>
              <span className="num bad-text strong">−{two(s.lost)}</span>
            </div>
            <p>{say(s.advice)}</p>
            <Records
              rows={s.records}
              caption={t('assessment.records-of', { title: say(s.title) })}
              {...(onObject
                ? {
                    action: (r: RecordItem) => (
                      <Button size="small" onClick={() => onObject(s.indicator, r)}>
                        {t('assessment.object')}
                      </Button>
                    ),
                  }
                : {})}
            />
            <p className="row" style={{ gap: 16 }}>
              <Button type="link" size="small" onClick={() => onSee(s.indicator)} style={{ paddingInline: 0 }}>
                {t('assessment.see-all', { n: data.indicators.find((i) => i.id === s.indicator)?.cases ?? 0 })}
              </Button>
              {onObject ? (
                <Button
                  type="link"
                  size="small"
                  onClick={() => onObject(s.indicator, null)}
                  style={{ paddingInline: 0 }}
                >
                  {t('assessment.object-indicator')}
                </Button>
              ) : null}
            </p>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function Why({ data, onSee }: { data: UnitView; onSee: (id: string) => void }) {
  const { t, say } = useSpeech();
  return (
    <Panel title={t('assessment.why')} flush extra={<span className="quiet">{t('assessment.spread')}</span>}>
      <DataTable
        caption={t('assessment.why')}
        rows={data.indicators}
        rowKey={(i) => i.id}
        columns={[
          {
            key: 'title',
            title: t('assessment.indicator'),
            head: true,
            render: (i) => (
              <span className="assessment-what">
                <Link
                  to="/assessment/indicators/$indicator"
                  params={{ indicator: i.id } as never}
                  search={searchOf(data.result)}
                >
                  {say(i.title)}
                </Link>
                <span className="small quiet" style={{ display: 'block' }}>
                  {say(i.text)}
                </span>
              </span>
            ),
          },
          {
            key: 'measured',
            title: t('assessment.measured'),
            render: (i) =>
              i.state === 'scored' ? (
                <>
                  <span className="num strong">{measured(i, i.measured)}</span>
                  <p className="small quiet num">
                    {i.measure === 'share' ? `${amount(i.value)} / ${amount(i.base)} · ` : ''}
                    {t('assessment.targets', { full: measured(i, i.full), zero: measured(i, i.zero) })}
                  </p>
                </>
              ) : (
                <Label>{t(`assessment.state.${i.state}`)}</Label>
              ),
          },
          {
            key: 'share',
            title: t('assessment.points'),
            render: (i) =>
              i.effective ? (
                <span className="assessment-points">
                  <ShareBar share={i.points / i.effective} label={say(i.title)} />
                  <span className="num">
                    <strong>{two(i.points)}</strong> / {two(i.effective)}
                  </span>
                  {i.mean === null ? null : (
                    <span className="small quiet">{t('assessment.city-mean', { n: percent(i.mean) })}</span>
                  )}
                </span>
              ) : (
                <span className="quiet">—</span>
              ),
          },
          {
            key: 'cases',
            title: t('assessment.cases'),
            align: 'end',
            tight: true,
            render: (i) =>
              i.cases ? (
                <Button type="link" size="small" className="num" onClick={() => onSee(i.id)}>
                  {i.cases}
                  <span className="visually-hidden"> {t('assessment.records-of', { title: say(i.title) })}</span>
                </Button>
              ) : (
                <span className="quiet">0</span>
              ),
          },
        ]}
      />
    </Panel>
  );
}

function UnitTrend({ data }: { data: UnitView }) {
  const { t } = useSpeech();
  const months = data.trend.filter((p) => p.score !== null);
  const points = months.length > 1 ? months : data.days;
  const title = t(months.length > 1 ? 'assessment.trend' : 'assessment.days-title');
  const option = useMemo(
    () => ({
      legend: { show: false },
      xAxis: { type: 'category' as const, data: points.map((p) => p.at), boundaryGap: points.length < 2 },
      yAxis: {
        type: 'value' as const,
        max: 100,
        min: (v: { min: number }) => Math.max(0, Math.floor(v.min / 10) * 10 - 10),
      },
      series: [{ type: 'line' as const, name: t('assessment.score'), data: points.map((p) => p.score), symbolSize: 7 }],
    }),
    [points, t],
  );
  return (
    <Panel title={title}>
      <Chart
        option={option}
        height={190}
        label={`${title}: ${points.map((p) => `${p.at} ${two(p.score)}`).join(', ')}`}
      />
      {months.length < 2 ? <p className="small quiet">{t('assessment.trend-short', { n: months.length })}</p> : null}
    </Panel>
  );
}

const LIMIT = 50;

/** Every record of an indicator, in a drawer. */
function AllRecords({
  data,
  indicator,
  onClose,
  onObject,
}: {
  data: UnitView;
  indicator: string | undefined;
  onClose: () => void;
  onObject: Objecting;
}) {
  const { t, say } = useSpeech();
  const [lost, setLost] = useState(false);
  const [offset, setOffset] = useState(0);
  const i = data.indicators.find((x) => x.id === indicator);
  const query = {
    ...{ scheme: data.result.scheme, month: data.result.month, unit: data.unit.unit, indicator },
    ...{ lost: lost ? 'true' : undefined, offset, limit: LIMIT },
  };
  const records = useQuery({
    queryKey: ['assessment', 'records', query],
    queryFn: ({ signal }) => api.get('/api/v1/assessment/records', { query, signal }),
    enabled: indicator !== undefined,
    placeholderData: keepPreviousData,
  });
  return (
    <Drawer
      open={indicator !== undefined}
      onClose={() => {
        setOffset(0);
        onClose();
      }}
      size={760}
      title={i ? t('assessment.records-of', { title: say(i.title) }) : ''}
    >
      {i ? (
        <div className="stack-s">
          <p className="small">{say(i.text)}</p>
          <p className="small quiet">
            {t('assessment.ground')}
            {' · '}
            {say(i.ground)}
          </p>
          <Checkbox
            checked={lost}
            onChange={(event) => {
              setLost(event.target.checked);
              setOffset(0);
            }}
          >
            {t('assessment.only-lost')}
          </Checkbox>
          <Loaded query={records}>
            {(found) => (
              <div className="stack-s">
                <Records
                  rows={found.items}
                  caption={t('assessment.records-of', { title: say(i.title) })}
                  {...(onObject
                    ? {
                        action: (r: RecordItem) =>
                          r.lost > 0 ? (
                            <Button size="small" onClick={() => onObject(i.id, r)}>
                              {t('assessment.object')}
                            </Button>
                          ) : null,
                      }
                    : {})}
                />
                <Pager offset={offset} limit={LIMIT} total={found.total} onOffset={setOffset} />
              </div>
            )}
          </Loaded>
        </div>
      ) : null}
    </Drawer>
  );
}
