/** One indicator: what it says, how it is counted and of what, its history, and the records behind it as far as the viewer may see them. */
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Button } from 'antd';
import { Fact, Facts, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { Empty, Failure, Loaded, Skeleton } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant, Value } from '../../components/value.tsx';
import { duration } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { Bars, Trend } from './charts.tsx';
import { type Figure, type Measure, useNow } from './live.ts';
import { textOf } from './numbers.ts';
import { CellOf } from './panels.tsx';
import { Tile, useTrouble } from './tile.tsx';
import { ask, type Explained, type Records as RecordsAnswer } from './wire.ts';

export default function Indicator() {
  const { scenario, indicator } = useParams({ strict: false }) as { scenario: string; indicator: string };
  const { t, say, language } = useSpeech();
  const trouble = useTrouble();
  const now = useNow();
  const query = useQuery({
    queryKey: ['cockpits', scenario, 'indicator', indicator],
    queryFn: ({ signal }) =>
      ask<Explained>(`/${encodeURIComponent(scenario)}/indicators/${encodeURIComponent(indicator)}`, { signal }),
    refetchInterval: 15_000,
  });
  useTabTitle(query.data ? say(query.data.measure.title) : undefined);
  return (
    <Loaded query={query} heading={t('titles.cockpit-indicator')}>
      {(data) => {
        const { measure, figure } = data;
        const wrong = trouble(figure);
        const points = data.days.length >= 3 ? data.days : data.hours;
        return (
          <Page
            title={say(measure.title)}
            lead={measure.note ? say(measure.note) : undefined}
            back={{ to: `/cockpits/${scenario}`, label: t('cockpits.back') }}
            actions={
              measure.drill && measure.drill !== 'records' ? (
                <Link to={measure.drill as never}>{t('cockpits.open-page')}</Link>
              ) : null
            }
          >
            <div className="stack">
              <div className="ck-indicator">
                {measure.kind === 'value' ? (
                  <div className="ck-desk ck-single">
                    <section className="ck-panel ckp-figures head">
                      <div className="ck-body">
                        <div className="ck-tiles">
                          <Tile figure={figure} measure={measure} now={now} />
                        </div>
                      </div>
                    </section>
                  </div>
                ) : null}
                <Panel title={t('cockpits.counted')}>
                  <Facts>
                    <Fact label={t('cockpits.sources')}>{measure.sources.map(say).join(' · ')}</Fact>
                    <Fact label={t('cockpits.as-of')}>
                      <Instant at={figure.asOf} />
                    </Fact>
                    <Fact label={t('cockpits.computed')}>
                      <Instant at={figure.at} /> <span className="quiet">{duration(data.ms, language)}</span>
                    </Fact>
                    <Fact label={t('cockpits.refresh')}>
                      {measure.live ? t('cockpits.refresh-live') : duration(measure.refresh * 1000, language)}
                    </Fact>
                    {figure.target !== null ? (
                      <Fact label={t('cockpits.target')}>{textOf(figure.target, measure, language)}</Fact>
                    ) : null}
                    {data.permissions.length ? (
                      <Fact label={t('cockpits.permissions')}>
                        <code>{data.permissions.join(', ')}</code>
                      </Fact>
                    ) : null}
                    {wrong ? (
                      <Fact label={t('cockpits.state')}>
                        {wrong.text}
                        {wrong.why ? ` · ${wrong.why}` : ''}
                      </Fact>
                    ) : null}
                    {figure.suppressed ? (
                      <Fact label={t('cockpits.few')}>{t('cockpits.few-n', { n: figure.suppressed })}</Fact>
                    ) : null}
                  </Facts>
                </Panel>
              </div>
              {measure.kind === 'value' && points.length > 1 ? (
                <Panel title={t('cockpits.history')}>
                  <div className="ck-chart">
                    <Trend
                      measure={{ ...measure, words: {} }}
                      figure={{ ...figure, rows: points.map((p) => ({ at: p.at, value: p.value })) }}
                    />
                  </div>
                </Panel>
              ) : null}
              {measure.kind === 'trend' && figure.rows.length ? (
                <Panel title={say(measure.title)}>
                  <div className="ck-chart">
                    <Trend measure={measure} figure={figure} />
                  </div>
                </Panel>
              ) : null}
              {measure.kind === 'parts' || measure.kind === 'towns' ? (
                <Parts measure={measure} figure={figure} />
              ) : null}
              {measure.drill === 'records' ? <Records scenario={scenario} indicator={indicator} /> : null}
              <Panel title={data.sql ? 'SQL' : t('cockpits.live-fold')}>
                <pre className="ck-sql">{data.sql ?? data.live}</pre>
                <p className="small quiet">
                  {t('cockpits.depends')}{' '}
                  {data.views.map((v) => (
                    <code key={v}>{v} </code>
                  ))}
                </p>
                {data.missing.length ? (
                  <p className="small warn-text">
                    {t('cockpits.waiting')}: {data.missing.join(', ')}
                  </p>
                ) : null}
              </Panel>
            </div>
          </Page>
        );
      }}
    </Loaded>
  );
}

function Parts({ measure, figure }: { measure: Measure; figure: Figure }) {
  const { say } = useSpeech();
  if (figure.rows.length === 0) return null;
  const tall = { blockSize: `${Math.max(4, figure.rows.length * 2 + 1)}em` };
  return (
    <Panel title={say(measure.title)}>
      <div className="ck-chart" style={tall}>
        <Bars measure={measure} figure={figure} />
      </div>
    </Panel>
  );
}

function Records({ scenario, indicator }: { scenario: string; indicator: string }) {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const page = url.number('page', 1);
  const key = url.get('key') || undefined;
  const query = useQuery({
    queryKey: ['cockpits', scenario, 'records', indicator, key, page],
    queryFn: ({ signal }) =>
      ask<RecordsAnswer>(`/${encodeURIComponent(scenario)}/indicators/${encodeURIComponent(indicator)}/records`, {
        query: { key, page, size: 50 },
        signal,
      }),
  });
  return (
    <Panel
      title={t('cockpits.records')}
      extra={
        key ? (
          <Button size="small" onClick={() => url.set({ key: undefined, page: undefined })}>
            {key} ×
          </Button>
        ) : null
      }
      flush
    >
      {query.isError ? (
        <div className="panel-body">
          <Failure error={query.error} retry={() => void query.refetch()} />
        </div>
      ) : query.data === undefined ? (
        <Skeleton rows={4} />
      ) : (
        <>
          <DataTable
            caption={t('cockpits.records')}
            rows={query.data.rows}
            rowKey={(_, i) => i}
            empty={<Empty title={t('cockpits.no-records')} />}
            columns={query.data.columns.map((c) => ({
              key: c.name,
              title: say(c.title),
              ...(c.as === 'text' ? {} : { align: 'end' as const }),
              render: (row: (typeof query.data.rows)[number]) => {
                const cell = row.cells[c.name]!;
                if (cell.shown !== 'plain' || cell.value === null)
                  return <Value value={cell.value} masked={cell.shown === 'masked'} />;
                const target = row.links[c.name];
                const shown = <CellOf value={cell.value} column={{ ...c, link: null }} row={{}} />;
                return target ? <Link to={target as never}>{shown}</Link> : shown;
              },
            }))}
          />
          {page > 1 || query.data.more ? (
            <p className="row panel-body">
              <Button disabled={page <= 1} onClick={() => url.set({ page: page - 1 })}>
                {t('cockpits.page-before')}
              </Button>
              <Button disabled={!query.data.more} onClick={() => url.set({ page: page + 1 })}>
                {t('cockpits.page-next')}
              </Button>
            </p>
          ) : null}
        </>
      )}
    </Panel>
  );
}
