/** 信用评分: an enterprise's score on its page: the sum, its parts, and the records behind every point. */
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useMemo, useState } from 'react';
import { ApiProblem, api } from '../../api/client.ts';
import { Chart } from '../../components/chart.tsx';
import { Unit } from '../../components/figure.tsx';
import { Label, Panel } from '../../components/page.tsx';
import { Failure, Skeleton } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { type EnterpriseScore, gradeTone, type Reason, signed, valueText } from './types.ts';

export function Score({ entity }: { entity: string }) {
  const { t, say } = useSpeech();
  const score = useQuery({
    queryKey: ['credit', 'score', entity],
    queryFn: ({ signal }) => api.get('/api/v1/credit/score/enterprises/{entity}', { params: { entity }, signal }),
  });
  if (score.isPending) return <Skeleton rows={5} />;
  if (score.isError) {
    const none = score.error instanceof ApiProblem && score.error.body.status === 404;
    return (
      <Panel id="score" title={t('assess.score.title')}>
        {none ? (
          <p className="quiet">{say((score.error as ApiProblem).body.title)}</p>
        ) : (
          <Failure error={score.error} retry={() => void score.refetch()} />
        )}
      </Panel>
    );
  }
  return <Told data={score.data} entity={entity} />;
}

function Told({ data, entity }: { data: EnterpriseScore; entity: string }) {
  const { t, say } = useSpeech();
  const { ranks } = data;
  const rank = (label: string, of: EnterpriseScore['ranks']['city']) => (
    <div key={label}>
      <dt>{label}</dt>
      <dd>
        {of.rank !== null
          ? t('assess.score.rank', { rank: full(of.rank), of: full(of.of ?? 0) })
          : of.band
            ? t('assess.score.band', { ...of.band, of: full(of.of ?? 0) })
            : t('assess.score.few')}
      </dd>
    </div>
  );
  const grade = data.model.grades.find((g) => g.grade === data.grade);
  return (
    <Panel id="score" title={t('assess.score.title')} extra={<span className="quiet">{t('assess.score.note')}</span>}>
      <div className="score-head">
        <div className="score-sum">
          <div className={`score-number ${gradeTone(data.grade)}-text`}>{data.score.toFixed(1)}</div>
          <Label tone={gradeTone(data.grade)}>
            {data.grade} · {say(grade?.title)}
          </Label>
          <p className="small quiet">
            {t('assess.score.out-of', { n: data.model.scale.max })}
            {data.change === null
              ? ''
              : ` · ${data.change === 0 ? t('assess.score.same') : t('assess.score.change', { n: signed(data.change) })}`}
          </p>
        </div>
        <dl className="score-ranks">
          {rank(t('assess.score.rank-city'), ranks.city)}
          {ranks.town
            ? rank(t('assess.score.rank-town', { name: say(ranks.town.title) || ranks.town.code }), ranks.town)
            : null}
          {ranks.industry
            ? rank(
                t('assess.score.rank-industry', { name: say(ranks.industry.title) || ranks.industry.code }),
                ranks.industry,
              )
            : null}
        </dl>
        <Dimensions data={data} />
      </div>
      <p className="small quiet">
        {t('assess.score.day', { day: data.day, model: say(data.model.title), version: data.model.version })}
      </p>
      <History entity={entity} max={data.model.scale.max} />
      <Reasons data={data} />
    </Panel>
  );
}

/** Points of every dimension as bars from a middle line. */
function Dimensions({ data }: { data: EnterpriseScore }) {
  const { t, say } = useSpeech();
  const most = Math.max(1, ...data.dimensions.map((d) => Math.abs(d.points)));
  return (
    <ul className="score-bars" aria-label={t('assess.score.dimensions')}>
      {data.dimensions.map((d) => (
        <li key={d.id}>
          <span>{say(d.title)}</span>
          <span className="score-bar" aria-hidden="true">
            <i
              className={d.points < 0 ? 'minus' : 'plus'}
              style={{
                inlineSize: `${(Math.abs(d.points) / most) * 50}%`,
                ...(d.points < 0 ? { insetInlineEnd: '50%' } : { insetInlineStart: '50%' }),
              }}
            />
          </span>
          <span className={`num ${d.points < 0 ? 'bad-text' : ''}`}>{signed(d.points)}</span>
        </li>
      ))}
    </ul>
  );
}

function History({ entity, max }: { entity: string; max: number }) {
  const { t } = useSpeech();
  const history = useQuery({
    queryKey: ['credit', 'score', entity, 'history'],
    queryFn: ({ signal }) =>
      api.get('/api/v1/credit/score/enterprises/{entity}/history', { params: { entity }, signal }),
  });
  const scores = history.data?.scores ?? [];
  const option = useMemo(
    () => ({
      xAxis: { type: 'category' as const, data: scores.map((s) => s.day) },
      yAxis: { type: 'value' as const, max, scale: true },
      series: [{ type: 'line' as const, name: t('assess.score.title'), data: scores.map((s) => s.score) }],
    }),
    [scores, max, t],
  );
  if (scores.length < 2) return null;
  return <Chart option={option} height={180} label={t('assess.score.history')} />;
}

type Line =
  | { key: string; kind: 'reason'; reason: Reason }
  | { key: string; kind: 'line'; title: string; group: string; points: number; sum?: boolean };

function Reasons({ data }: { data: EnterpriseScore }) {
  const { t, say } = useSpeech();
  const [all, setAll] = useState(false);
  const reasons = data.reasons.filter((r) => all || r.points !== 0);
  const titleOf = (id: string) => say(data.dimensions.find((d) => d.id === id)?.title);
  const lines: Line[] = [
    { key: 'base', kind: 'line', title: t('assess.score.base'), group: '', points: data.model.scale.base },
    ...reasons.map((reason): Line => ({ key: reason.indicator, kind: 'reason', reason })),
    ...data.adjustments.map(
      (a): Line => ({
        key: `${a.kind} ${a.id}`,
        kind: 'line',
        title: say(a.title),
        group: t('assess.score.adjustment'),
        points: a.points,
      }),
    ),
    { key: 'total', kind: 'line', title: t('assess.score.total'), group: '', points: data.score, sum: true },
  ];
  return (
    <section className="stack-s">
      <div className="row spread">
        <h3>{t('assess.score.reasons')}</h3>
        <Button size="small" onClick={() => setAll(!all)}>
          {all ? t('assess.score.only') : t('assess.score.all')}
        </Button>
      </div>
      <DataTable
        caption={t('assess.score.reasons')}
        rows={lines}
        rowKey={(line) => line.key}
        columns={[
          {
            key: 'indicator',
            title: t('assess.score.indicator'),
            head: true,
            render: (line) => (line.kind === 'line' ? line.title : say(line.reason.title)),
          },
          {
            key: 'dimension',
            title: t('assess.score.dimension'),
            tight: true,
            render: (line) => (
              <span className="quiet">{line.kind === 'line' ? line.group : titleOf(line.reason.dimension)}</span>
            ),
          },
          {
            key: 'value',
            title: t('assess.score.value'),
            align: 'end',
            render: (line) => (line.kind === 'line' ? '' : <Value reason={line.reason} />),
          },
          {
            key: 'points',
            title: t('assess.score.points'),
            align: 'end',
            render: (line) => {
              if (line.kind === 'line' && (line.key === 'base' || line.sum))
                return <strong>{line.points.toFixed(1)}</strong>;
              const points = line.kind === 'line' ? line.points : line.reason.points;
              return (
                <span className={points < 0 ? 'bad-text' : points > 0 ? 'good-text' : 'quiet'}>{signed(points)}</span>
              );
            },
          },
          {
            key: 'records',
            title: t('assess.score.records'),
            render: (line) =>
              line.kind === 'line' ? '' : <Evidence facts={line.reason.facts} count={line.reason.count} />,
          },
        ]}
      />
    </section>
  );
}

function Value({ reason }: { reason: Reason }) {
  const { t } = useSpeech();
  if (reason.hidden) return <span className="quiet">{t('assess.score.hidden')}</span>;
  if (reason.state !== 'found' || reason.value === null)
    return <span className="quiet">{t(`assess.score.${reason.state}`)}</span>;
  return (
    <span className="num">
      {valueText(reason.value, reason.unit)}
      {reason.unit === '比率' ? null : <Unit of={reason.unit} />}
    </span>
  );
}

/** The newest records behind a value; each opens with its origin. */
export function Evidence({ facts, count }: { facts: readonly string[]; count?: number | null }) {
  const { t } = useSpeech();
  const url = useUrlState();
  const shown = facts.slice(0, 4);
  return (
    <span className="row small">
      {shown.map((fact, n) => (
        <button key={fact} type="button" className="link-button" onClick={() => url.set({ fact })}>
          {t('assess.score.record', { n: n + 1 })}
        </button>
      ))}
      {(count ?? 0) > shown.length && shown.length > 0 ? (
        <span className="quiet">{t('assess.score.more', { n: full(count ?? 0) })}</span>
      ) : null}
    </span>
  );
}
