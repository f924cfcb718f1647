/** 风险评估: objects ranked by a model's risk, on the map and as a list; every number opens into what it follows from. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Modal } from 'antd';
import { useMemo } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { CityMap, type Overlay } from '../../components/city-map/index.ts';
import { Figure, Figures } from '../../components/figure.tsx';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Fact, Facts, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { full, instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';

type Models = Answer<'/api/v1/risk/models'>;
type Detail = Answer<'/api/v1/risk/models/{model}/{kind}/{id}'>;
const one = (n: number | null | undefined): string => (n === null || n === undefined ? '—' : n.toFixed(1));
const three = (n: number): string => n.toFixed(3);
const tone = (score: number) => (score >= 40 ? 'bad' : score >= 20 ? 'warn' : 'info');
const PAGE = 100;

export default function RiskPage() {
  const { t } = useSpeech();
  const models = useQuery({
    queryKey: ['risk', 'models'],
    queryFn: ({ signal }) => api.get('/api/v1/risk/models', { signal }),
  });
  return (
    <Page title={t('titles.risk')} lead={t('risk.lead')}>
      <Loaded query={models}>
        {(data) => (data.items.length ? <Ranked models={data} /> : <Empty title={t('risk.no-models')} />)}
      </Loaded>
    </Page>
  );
}

function Ranked({ models }: { models: Models }) {
  const { t, say } = useSpeech();
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
            {data.items.length ? (
              <>
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

/** A number with everything that it follows from. */
function Tree({ model, kind, id, onClose }: { model: string; kind: string; id: string; onClose: () => void }) {
  const { t } = useSpeech();
  const tree = useQuery({
    queryKey: ['risk', 'tree', model, kind, id],
    queryFn: ({ signal }) =>
      api.get('/api/v1/risk/models/{model}/{kind}/{id}', { params: { model, kind, id }, signal }),
  });
  return (
    <Modal open width={860} footer={null} title={t('risk.why')} onCancel={onClose}>
      <Loaded query={tree}>{(d) => <Reasons d={d} />}</Loaded>
    </Modal>
  );
}

function Reasons({ d }: { d: Detail }) {
  const { t, say } = useSpeech();
  const now = d.scores.find((s) => s.horizon === 0);
  const hours = (n: number) => (n === 0 ? t('risk.now') : t('risk.in-hours', { n }));
  return (
    <div className="stack-s">
      <p className="strong">
        {d.name ?? d.id} · {say(d.title)}
      </p>
      {now ? (
        <p className="num">
          {`${one(now.score)} = 100 × ${three(now.h)} (${t('risk.hazard')}) × ${three(d.exposure.factor)} (${t('risk.exposure')}) × ${three(d.vulnerability.factor)} (${t('risk.vulnerability')})`}
        </p>
      ) : null}
      <p className="row small">
        {d.scores.map((s) => (
          <span key={s.horizon}>
            {hours(s.horizon)} <strong className="num">{one(s.score)}</strong>
          </span>
        ))}
      </p>
      <Facts>
        <Fact
          label={say(d.exposure.title)}
        >{`${full(d.exposure.value)} → ${full(d.exposure.value)} / (${full(d.exposure.value)} + ${d.exposure.half}) = ${three(d.exposure.factor)}`}</Fact>
        {d.vulnerability.parts.map((v) => (
          <Fact key={v.id} label={say(v.title)}>
            {v.known
              ? `${v.value} (${v.scale[0]} → ${v.scale[1]}) = ${three(v.factor)}`
              : `${t('risk.unknown')} = ${three(v.factor)}`}
          </Fact>
        ))}
      </Facts>
      {d.hazards.map((h) => (
        <section key={h.id}>
          <h3>{`${say(h.title)} (${h.unit}) · ${t('risk.weight')} ${h.weight} · ${h.scale[0]} → ${h.scale[1]}${h.over ? ` · ${t('risk.over-mean')}` : ''}`}</h3>
          <DataTable
            caption={say(h.title)}
            rows={h.stations}
            rowKey={(s) => `${s.series}-${s.horizon}`}
            empty={<p className="small quiet">{t('risk.no-station')}</p>}
            columns={[
              { key: 'station', title: t('risk.station'), head: true, render: (s) => say(s.label) },
              {
                key: 'metres',
                title: t('risk.metres'),
                align: 'end',
                tight: true,
                render: (s) => <span className="num">{full(s.metres)}</span>,
              },
              { key: 'when', title: t('risk.horizon'), tight: true, render: (s) => hours(s.horizon) },
              {
                key: 'value',
                title: t('risk.value'),
                align: 'end',
                tight: true,
                render: (s) => (
                  <span className="num">{`${s.value.toFixed(2)}${s.low !== null && s.high !== null ? ` (${s.low.toFixed(2)} – ${s.high.toFixed(2)})` : ''}`}</span>
                ),
              },
              {
                key: 'base',
                title: t('risk.base'),
                align: 'end',
                tight: true,
                render: (s) => <span className="num">{s.base ? s.base.toFixed(2) : '—'}</span>,
              },
              {
                key: 'h',
                title: t('risk.hazard'),
                align: 'end',
                tight: true,
                render: (s) => <span className="num">{three(s.h)}</span>,
              },
              { key: 'at', title: t('risk.at'), tight: true, render: (s) => (s.at ? instant(s.at) : '—') },
            ]}
          />
        </section>
      ))}
    </div>
  );
}
