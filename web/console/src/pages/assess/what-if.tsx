/** 权重试算: other weights, and whose grade they would change; nothing is published by it. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, InputNumber } from 'antd';
import { useMemo, useState } from 'react';
import { api } from '../../api/client.ts';
import { Chart } from '../../components/chart.tsx';
import { Figure, Figures, Num } from '../../components/figure.tsx';
import { Label, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { gradeTone, signed } from './types.ts';

export function WhatIf() {
  const { t, say } = useSpeech();
  const [weights, setWeights] = useState<Record<string, number>>({});
  const models = useQuery({
    queryKey: ['credit', 'score', 'models'],
    queryFn: ({ signal }) => api.get('/api/v1/credit/score/models', { signal }),
    staleTime: 300_000,
  });
  const draft = useMutation({
    mutationFn: () => api.post('/api/v1/credit/score/what-if', { body: { weights } }),
  });
  return (
    <div className="stack">
      <p className="small quiet">{t('assess.draft.lead')}</p>
      <Loaded query={models}>
        {({ models: [model] }) =>
          model ? (
            <Panel
              title={t('assess.draft.weights')}
              flush
              extra={
                <span className="row">
                  <Button
                    size="small"
                    disabled={Object.keys(weights).length === 0}
                    onClick={() => {
                      setWeights({});
                      draft.reset();
                    }}
                  >
                    {t('assess.draft.back')}
                  </Button>
                  <Button
                    size="small"
                    type="primary"
                    disabled={Object.keys(weights).length === 0}
                    loading={draft.isPending}
                    onClick={() => draft.mutate()}
                  >
                    {t('assess.draft.run')}
                  </Button>
                </span>
              }
            >
              <div className="draft-weights">
                <DataTable
                  caption={t('assess.draft.weights')}
                  rows={model.indicators}
                  rowKey={(i) => i.id}
                  columns={[
                    { key: 'title', title: t('assess.score.indicator'), head: true, render: (i) => say(i.title) },
                    {
                      key: 'dimension',
                      title: t('assess.score.dimension'),
                      render: (i) => say(model.dimensions.find((d) => d.id === i.dimension)?.title),
                    },
                    { key: 'now', title: t('assess.draft.now'), align: 'end', render: (i) => full(i.weight) },
                    {
                      key: 'draft',
                      title: t('assess.draft.new'),
                      align: 'end',
                      render: (i) => (
                        <InputNumber
                          size="small"
                          min={0.1}
                          max={1000}
                          value={weights[i.id] ?? i.weight}
                          status={weights[i.id] === undefined ? '' : 'warning'}
                          aria-label={`${t('assess.draft.new')} ${say(i.title)}`}
                          onChange={(value) =>
                            setWeights(({ [i.id]: _, ...rest }) =>
                              value === null || value === i.weight ? rest : { ...rest, [i.id]: value },
                            )
                          }
                        />
                      ),
                    },
                  ]}
                />
              </div>
            </Panel>
          ) : (
            <Empty title={t('assess.ranking.none')}>{t('assess.ranking.none-text')}</Empty>
          )
        }
      </Loaded>
      {draft.isError ? <Failure error={draft.error} retry={() => draft.mutate()} /> : null}
      {draft.data ? <Answered data={draft.data} /> : null}
    </div>
  );
}

type Drafted = Awaited<ReturnType<typeof ask>>;
const ask = () => api.post('/api/v1/credit/score/what-if', { body: { weights: {} } });

function Answered({ data }: { data: Drafted }) {
  const { t } = useSpeech();
  const option = useMemo(
    () => ({
      xAxis: { type: 'category' as const, data: data.grades.map((g) => g.grade) },
      yAxis: { type: 'value' as const, minInterval: 1 },
      series: [
        { type: 'bar' as const, name: t('assess.draft.before'), data: data.grades.map((g) => g.before) },
        { type: 'bar' as const, name: t('assess.draft.after'), data: data.grades.map((g) => g.after) },
      ],
    }),
    [data, t],
  );
  return (
    <>
      <Figures>
        <Figure label={t('assess.draft.regraded')} note={t('assess.draft.of', { n: full(data.entities) })}>
          <Num value={data.regraded} />
        </Figure>
        <Figure label={t('assess.draft.mean')} note={t('assess.draft.mean-before', { n: data.meanBefore.toFixed(1) })}>
          <Num value={data.meanAfter} />
        </Figure>
      </Figures>
      <Panel title={t('assess.draft.distribution')}>
        <Chart option={option} height={240} label={t('assess.draft.distribution')} />
      </Panel>
      <Panel title={t('assess.draft.movers')} flush>
        <DataTable
          caption={t('assess.draft.movers')}
          rows={data.movers}
          rowKey={(m) => m.entity}
          empty={<p className="panel-body quiet">{t('assess.draft.nobody')}</p>}
          columns={[
            {
              key: 'name',
              title: t('assess.ranking.enterprise'),
              head: true,
              render: (m) => (
                <Link to="/credit/enterprises/$entity" params={{ entity: String(m.entity) }} hash="score">
                  {m.name ?? m.entity}
                </Link>
              ),
            },
            { key: 'before', title: t('assess.draft.before'), align: 'end', render: (m) => m.before.toFixed(1) },
            { key: 'after', title: t('assess.draft.after'), align: 'end', render: (m) => m.after.toFixed(1) },
            {
              key: 'change',
              title: t('assess.ranking.change'),
              align: 'end',
              render: (m) => signed(m.after - m.before),
            },
            {
              key: 'grade',
              title: t('assess.ranking.grade'),
              render: (m) => (
                <span className="row">
                  <Label tone={gradeTone(m.gradeBefore)}>{m.gradeBefore}</Label> →{' '}
                  <Label tone={gradeTone(m.gradeAfter)}>{m.gradeAfter}</Label>
                </span>
              ),
            },
          ]}
        />
      </Panel>
    </>
  );
}
