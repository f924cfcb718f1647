/** The video directory: cameras, whose they are and how they stand; what analysis saw. No picture passes through the hub. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type Answer, api } from '../../api/client.ts';
import { Figure, Figures, Num } from '../../components/figure.tsx';
import { ChoiceFilter, Filters, TextFilter } from '../../components/filters.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { instant, percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useOwners } from '../exchange/shared.tsx';

export type Camera = Answer<'/api/v1/sensing/cameras/{code}'>;

export const cameraStates = ['online', 'offline', 'fault', 'retired'] as const;
const tones = { online: 'good', offline: undefined, fault: 'bad', retired: undefined } as const;

export function CameraState({ of }: { of: Camera['state'] }) {
  const { t } = useSpeech();
  return <Label tone={tones[of]}>{t(`sensing.camera-state.${of}`)}</Label>;
}

/** What analysis of video saw, of all cameras or one. */
export function SeenTable({ camera }: { camera?: string }) {
  const { t } = useSpeech();
  const seen = useQuery({
    queryKey: ['sensing', 'video-events', camera],
    queryFn: ({ signal }) => api.get('/api/v1/sensing/video-events', { query: { camera }, signal }),
    refetchInterval: 15_000,
  });
  return (
    <Panel title={t('sensing.seen')} flush>
      <Loaded query={seen}>
        {({ items }) => (
          <DataTable
            caption={t('sensing.seen')}
            rows={items}
            rowKey={(row) => row.id}
            empty={<Empty title={t('sensing.none-seen')} />}
            columns={[
              {
                key: 'at',
                title: t('sensing.at'),
                tight: true,
                render: (row) => <span className="num">{instant(row.at)}</span>,
              },
              { key: 'kind', title: t('sensing.kind'), head: true, render: (row) => t(`sensing.video.${row.kind}`) },
              {
                key: 'camera',
                title: t('sensing.camera'),
                render: (row) => (
                  <Link to={'/sensing/camera' as never} search={{ code: row.camera } as never}>
                    <span className="num">{row.camera}</span>
                  </Link>
                ),
              },
              {
                key: 'confidence',
                title: t('sensing.confidence'),
                align: 'end',
                render: (row) => percent(row.confidence, 0),
              },
              { key: 'note', title: t('sensing.note'), render: (row) => row.note || '—' },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}

export default function Video() {
  const { t, say } = useSpeech();
  const { nameOf } = useOwners();
  const url = useUrlState();
  const of = (name: string) => url.get(name) || undefined;
  const page = Math.max(1, Number(url.get('page')) || 1);
  const query = { q: of('q'), owner: of('owner'), state: of('state'), page };
  const all = useQuery({
    queryKey: ['sensing', 'cameras', query],
    queryFn: ({ signal }) => api.get('/api/v1/sensing/cameras', { query, signal }),
    placeholderData: (before) => before,
  });
  return (
    <Page title={t('titles.sensing-video')} lead={t('sensing.video-lead')}>
      <div className="stack">
        <Loaded query={all}>
          {(data) => (
            <div className="stack">
              <Figures>
                {cameraStates.map((s) => (
                  <Figure
                    key={s}
                    label={t(`sensing.camera-state.${s}`)}
                    {...(s === 'fault' && data.states.fault ? { tone: 'bad' as const } : {})}
                  >
                    <Num value={data.states[s] ?? 0} exact />
                  </Figure>
                ))}
              </Figures>
              <Panel title={t('titles.sensing-video')}>
                <div className="stack-s">
                  <Filters keys={['q', 'owner', 'state', 'page']}>
                    <TextFilter name="q" label={t('sensing.search-camera')} />
                    <ChoiceFilter
                      name="owner"
                      label={t('sensing.owner')}
                      choices={data.owners.map((value) => ({ value, label: nameOf(value) }))}
                    />
                    <ChoiceFilter
                      name="state"
                      label={t('sensing.state')}
                      choices={cameraStates.map((value) => ({ value, label: t(`sensing.camera-state.${value}`) }))}
                    />
                  </Filters>
                  <DataTable
                    caption={t('titles.sensing-video')}
                    rows={data.items}
                    rowKey={(row) => row.code}
                    empty={<Empty title={t('sensing.no-cameras')} />}
                    columns={[
                      {
                        key: 'name',
                        title: t('sensing.camera'),
                        head: true,
                        render: (row) => (
                          <>
                            <Link to={'/sensing/camera' as never} search={{ code: row.code } as never}>
                              {say(row.label)}
                            </Link>
                            <p className="small quiet num">{row.code}</p>
                          </>
                        ),
                      },
                      {
                        key: 'state',
                        title: t('sensing.state'),
                        tight: true,
                        render: (row) => <CameraState of={row.state} />,
                      },
                      { key: 'owner', title: t('sensing.owner'), render: (row) => nameOf(row.owner) },
                      {
                        key: 'sensitivity',
                        title: t('sensing.sensitivity'),
                        render: (row) => t(`sensing.sensitive.${row.sensitivity}`),
                      },
                      { key: 'address', title: t('sensing.place'), render: (row) => row.address ?? '—' },
                      {
                        key: 'may',
                        title: t('sensing.may-watch'),
                        tight: true,
                        render: (row) => (row.mayWatch ? t('sensing.yes') : t('sensing.no')),
                      },
                    ]}
                  />
                  <Pager
                    offset={(page - 1) * 30}
                    limit={30}
                    total={data.total}
                    onOffset={(o) => url.set({ page: o / 30 + 1 })}
                  />
                </div>
              </Panel>
            </div>
          )}
        </Loaded>
        <SeenTable />
      </div>
    </Page>
  );
}
