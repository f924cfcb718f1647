/** 风险评估: objects ranked by a model's risk, on the map and as a list; every number opens into what it follows from. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Tabs } from 'antd';
import { useMemo } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { CityMap, type Overlay } from '../../components/city-map/index.ts';
import { Figure, Figures } from '../../components/figure.tsx';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { full, instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { comma } from './comma.ts';
import { PathPage } from './path.tsx';
import './risk.css';
import { TellPanel } from './tell.tsx';
import { one, Tree, three } from './tree.tsx';

type Models = Answer<'/api/v1/risk/models'>;
const tone = (score: number) => (score >= 40 ? 'bad' : score >= 20 ? 'warn' : 'info');
const PAGE = 100;

export default function RiskPage() {
  const { t } = useSpeech();
  const models = useQuery({
    queryKey: ['risk', 'models'],
    queryFn: ({ signal }) => api.get('/api/v1/risk/models', { signal }),
  });
  const url = useUrlState();
  const ranked = (
    <Loaded query={models}>
      {(data) => (data.items.length ? <Ranked models={data} /> : <Empty title={t('risk.no-models')} />)}
    </Loaded>
  );
  return (
    <Page title={t('titles.risk')} lead={t('risk.lead')}>
      <Tabs
        activeKey={url.get('view') === 'path' ? 'path' : 'ranked'}
        onChange={(view) => url.set({ view: view === 'path' ? view : undefined, chosen: undefined })}
        destroyOnHidden
        items={[
          { key: 'ranked', label: t('risk.tab-ranked'), children: ranked },
          { key: 'path', label: t('risk.tab-path'), children: <PathPage /> },
        ]}
      />
    </Page>
  );
}

/** What organisations are told unless the sender writes something else. */
function noticeOf(
  data: Answer<'/api/v1/risk/models/{model}'>,
  say: (text: { zh: string; en: string }) => string,
  t: (key: string, values?: Record<string, string | number>) => string,
  between: string,
): string {
  const names = data.items
    .filter((i) => i.score >= 20)
    .slice(0, 5)
    .map((i) => `${i.name ?? i.id}（${one(i.score)}）`);
  return t('risk.notice-text', {
    ...{ model: say(data.title), at: data.at ? instant(data.at) : '—', hit: data.hit },
    names: names.join(between) || '—',
  });
}

function Ranked({ models }: { models: Models }) {
  const { t, say, language } = useSpeech();
  const url = useUrlState();
  const model = models.items.find((m) => m.model === url.get('model')) ?? models.items[0]!;
  const kind = model.kinds.find((k) => k.kind === url.get('kind')) ?? model.kinds[0]!;
  const horizon = Number(url.get('horizon')) || 0;
  const offset = Number(url.get('offset')) || 0;
  const chosen = url.get('chosen');
  const query = { kind: kind.kind, horizon, offset, limit: PAGE };
  const list = useQuery({
    queryKey: ['risk', model.model, query],
    queryFn: ({ signal }) => api.get('/api/v1/risk/models/{model}', { params: { model: model.model }, query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  const overlays = useMemo<Overlay[]>(
    () => [
      {
        ...{ id: 'risk', size: kind.kind === 'town' ? 11 : 6, onPick: (id: string) => url.set({ chosen: id }) },
        data: {
          type: 'FeatureCollection',
          features: (list.data?.items ?? []).map((r) => ({
            ...{ type: 'Feature', id: r.id, geometry: { type: 'Point', coordinates: [r.lon, r.lat] } },
            properties: {
              id: r.id,
              colour: tone(r.score),
              ...(kind.kind === 'town' ? { label: `${r.name ?? ''} ${one(r.score)}` } : {}),
            },
          })),
        },
      },
    ],
    [list.data, kind.kind, url.set],
  );
  const hours = (n: number) => (n === 0 ? t('risk.now') : t('risk.in-hours', { n }));
  return (
    <div className="stack">
      <Filters keys={['model', 'kind', 'horizon']}>
        <ChoiceFilter
          name="model"
          label={t('risk.model')}
          otherwise={model.model}
          choices={models.items.map((m) => ({ value: m.model, label: say(m.title) }))}
        />
        <ChoiceFilter
          name="kind"
          label={t('risk.kind')}
          otherwise={kind.kind}
          choices={model.kinds.map((k) => ({ value: k.kind, label: say(k.title) }))}
        />
        <ChoiceFilter
          name="horizon"
          label={t('risk.horizon')}
          otherwise="0"
          choices={[0, 1, 3, 6].map((n) => ({ value: String(n), label: hours(n) }))}
        />
      </Filters>
      <p className="note small">{say(model.note)}</p>
      <Loaded query={list}>
        {(data) => (
          <div className="stack">
            <Figures>
              <Figure label={t('risk.objects')}>{full(data.objects)}</Figure>
              <Figure label={t('risk.stations')}>{data.stations}</Figure>
              <Figure label={t('risk.hit')} note={t('risk.hit-text')}>
                <span className={data.hit ? 'bad-text' : ''}>{full(data.hit)}</span>
              </Figure>
              <Figure label={t('risk.exposed')}>{full(Math.round(data.exposed))}</Figure>
              <Figure label={t('risk.at')}>
                <span style={{ fontSize: 16 }}>{data.at ? instant(data.at) : '—'}</span>
              </Figure>
            </Figures>
            {data.terrain === 'none' ? <p className="note warn small">{t('risk.no-terrain')}</p> : null}
            {data.alerts.length ? (
              <Panel title={t('risk.alerts')}>
                <ul className="risk-alerts">
                  {data.alerts.map((a) => (
                    <li key={a.id}>
                      <Label tone={a.level >= 3 ? 'bad' : 'warn'}>{t(`risk.level-${a.level}`)}</Label>
                      <span>{say(a.title)}</span>
                      <span className="small quiet">{`${a.place ?? ''} ${instant(a.openedAt).slice(5, 16)}`}</span>
                    </li>
                  ))}
                </ul>
              </Panel>
            ) : null}
            {data.items.length ? (
              <>
                <TellPanel
                  tell={data.tell}
                  title={t('risk.notice-title', { model: say(data.title) })}
                  text={noticeOf(data, say, t, comma(language))}
                />
                <Panel title={t('risk.map')}>
                  <CityMap label={t('risk.map')} overlays={overlays} height={400} controls />
                </Panel>
                <Panel title={t('risk.list')} flush>
                  <DataTable
                    caption={t('risk.list')}
                    rows={data.items}
                    rowKey={(r) => r.id}
                    chosen={(r) => r.id === chosen}
                    columns={[
                      {
                        key: 'name',
                        title: t('risk.object'),
                        head: true,
                        render: (r) => (
                          <button type="button" className="link-button" onClick={() => url.set({ chosen: r.id })}>
                            {r.name ?? r.id}
                          </button>
                        ),
                      },
                      {
                        key: 'score',
                        title: t('risk.score'),
                        align: 'end',
                        tight: true,
                        render: (r) => (
                          <strong className={r.score >= 20 ? 'num bad-text' : 'num'}>{one(r.score)}</strong>
                        ),
                      },
                      {
                        key: 'later',
                        title: t('risk.later'),
                        align: 'end',
                        tight: true,
                        render: (r) => <span className="num">{one(r.later)}</span>,
                      },
                      {
                        key: 'h',
                        title: t('risk.hazard'),
                        align: 'end',
                        tight: true,
                        render: (r) => <span className="num">{three(r.h)}</span>,
                      },
                      {
                        key: 'exposure',
                        title: t('risk.exposure'),
                        align: 'end',
                        tight: true,
                        render: (r) => <span className="num">{full(r.exposure)}</span>,
                      },
                    ]}
                  />
                </Panel>
                <Pager
                  offset={offset}
                  limit={PAGE}
                  total={data.total}
                  onOffset={(n) => url.set({ offset: String(n) })}
                />
              </>
            ) : (
              <Empty title={t('risk.nothing')}>{data.objects ? t('risk.no-stations') : t('risk.no-objects')}</Empty>
            )}
          </div>
        )}
      </Loaded>
      {chosen ? (
        <Tree model={model.model} kind={kind.kind} id={chosen} onClose={() => url.set({ chosen: undefined })} />
      ) : null}
    </div>
  );
}
