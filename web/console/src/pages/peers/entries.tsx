/** Catalogues of other hubs beside our own: searched together, each entry with whose it is. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/client.ts';
import { ChoiceFilter, Filters, TextFilter } from '../../components/filters.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { day } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';
import { Level, Sharing } from './shared.tsx';

const size = 20;
const levels = ['province', 'city', 'county', 'sideways', 'other'] as const;

export default function RemoteEntries() {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const { may } = useSession();
  const page = url.number('page', 1);
  const query = {
    ...{ q: url.get('q') || undefined, peer: url.get('peer') || undefined, level: url.get('level') || undefined },
    ...{ sharing: url.get('sharing') || undefined, show: url.get('show') || 'all', page, size },
  };
  const all = useQuery({
    queryKey: ['peers', 'entries', query],
    queryFn: ({ signal }) => api.get('/api/v1/peers/entries', { query: query as never, signal }),
    placeholderData: keepPreviousData,
  });
  const hubs = useQuery({
    queryKey: ['peers', 'hubs'],
    queryFn: ({ signal }) => api.get('/api/v1/peers', { signal }),
    enabled: may('peers.read'),
  });
  const count = (level: string) => all.data?.byLevel[level] ?? 0;
  return (
    <Page title={t('titles.peers-entries')} lead={t('peers.entries-lead')}>
      <Panel title={t('peers.entries')}>
        <div className="stack-s">
          <Filters keys={['q', 'level', 'peer', 'sharing', 'show']}>
            <TextFilter name="q" label={t('peers.search')} />
            <ChoiceFilter
              name="level"
              label={t('peers.level-title')}
              choices={levels
                .filter((l) => count(l) > 0 || url.get('level') === l)
                .map((value) => ({ value, label: `${t(`peers.level.${value}`)} · ${count(value)}` }))}
            />
            {hubs.data ? (
              <ChoiceFilter
                name="peer"
                label={t('peers.hub')}
                width={180}
                choices={hubs.data.items.map((p) => ({ value: String(p.id), label: say(p.name) }))}
              />
            ) : null}
            <ChoiceFilter
              name="sharing"
              label={t('peers.sharing')}
              choices={(['open', 'unconditional', 'conditional', 'refused'] as const).map((value) => ({
                value,
                label: value === 'open' ? t('peers.open') : t(`sharing.sharing-type.${value}`),
              }))}
            />
            <ChoiceFilter
              name="show"
              label={t('peers.show-title')}
              otherwise="all"
              choices={(['all', 'changed', 'gone'] as const).map((value) => ({
                value,
                label: t(`peers.show.${value}`),
              }))}
            />
          </Filters>
          <Loaded query={all}>
            {(answer) => (
              <>
                <DataTable
                  caption={t('peers.entries')}
                  rows={answer.items}
                  rowKey={(row) => row.id}
                  empty={<Empty title={t('peers.no-entries')}>{t('peers.no-entries-text')}</Empty>}
                  columns={[
                    {
                      key: 'title',
                      title: t('peers.resource'),
                      head: true,
                      render: (row) => (
                        <>
                          <Link to="/peers/entries/$entry" params={{ entry: String(row.id) } as never}>
                            {say(row.title)}
                          </Link>
                          <p className="small quiet">{row.publisher ?? '—'}</p>
                        </>
                      ),
                    },
                    {
                      key: 'hub',
                      title: t('peers.hub'),
                      render: (row) => (
                        <>
                          {say(row.peer.name)}
                          <p>
                            <Level level={row.peer.level} />
                          </p>
                        </>
                      ),
                    },
                    {
                      key: 'sharing',
                      title: t('peers.sharing'),
                      tight: true,
                      render: (row) => <Sharing sharing={row.sharing} open={row.open} />,
                    },
                    {
                      key: 'code',
                      title: t('peers.code-of'),
                      tight: true,
                      render: (row) => <code>{row.code ?? '—'}</code>,
                    },
                    {
                      key: 'changed',
                      title: t('peers.changed-at'),
                      tight: true,
                      render: (row) =>
                        row.goneAt ? (
                          <Label tone="bad">{t('peers.gone-at', { day: day(row.goneAt.slice(0, 10)) })}</Label>
                        ) : (
                          <span className="small num">{day((row.changedAt ?? row.firstSeen).slice(0, 10))}</span>
                        ),
                    },
                  ]}
                />
                <Pager
                  offset={(page - 1) * size}
                  limit={size}
                  total={answer.total}
                  onOffset={(offset) => url.set({ page: offset ? offset / size + 1 : undefined })}
                />
              </>
            )}
          </Loaded>
        </div>
      </Panel>
    </Page>
  );
}
