/** Requests that pass between hubs: ours to them, theirs to us, with the clock that runs on the other side. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/client.ts';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';
import { Clocks, matterTones } from './shared.tsx';

const size = 20;
const states = [
  'draft',
  'agreeing',
  'passing',
  'received',
  'supplement',
  'deciding',
  'granted',
  'refused',
  'withdrawn',
];

export default function Matters() {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const { me } = useSession();
  const page = url.number('page', 1);
  const query = { direction: url.get('direction') || undefined, state: url.get('state') || undefined, page, size };
  const all = useQuery({
    queryKey: ['peers', 'matters', query],
    queryFn: ({ signal }) => api.get('/api/v1/peers/matters', { query: query as never, signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <Page title={t('titles.peers-matters')} lead={t('peers.matters-lead')}>
      <Panel title={t('peers.matters')}>
        <div className="stack-s">
          <Filters keys={['direction', 'state']}>
            {me.user.organisation ? null : (
              <ChoiceFilter
                name="direction"
                label={t('peers.direction-title')}
                choices={(['out', 'in'] as const).map((value) => ({ value, label: t(`peers.direction.${value}`) }))}
              />
            )}
            <ChoiceFilter
              name="state"
              label={t('peers.state-title')}
              width={190}
              choices={states.map((value) => ({ value, label: t(`peers.matter-state.${value}`) }))}
            />
          </Filters>
          <Loaded query={all}>
            {(answer) => (
              <>
                <DataTable
                  caption={t('peers.matters')}
                  rows={answer.items}
                  rowKey={(row) => row.id}
                  empty={<Empty title={t('peers.no-matters')}>{t('peers.no-matters-text')}</Empty>}
                  columns={[
                    {
                      key: 'title',
                      title: t('peers.resource'),
                      head: true,
                      render: (row) => (
                        <>
                          <Link to="/peers/matters/$matter" params={{ matter: String(row.id) } as never}>
                            {row.title}
                          </Link>
                          <p className="small quiet num">#{row.id}</p>
                        </>
                      ),
                    },
                    {
                      key: 'way',
                      title: t('peers.direction-title'),
                      render: (row) =>
                        t(`peers.way-line.${row.direction}`, {
                          department: row.departmentName,
                          hub: say(row.peer.name),
                        }),
                    },
                    {
                      key: 'state',
                      title: t('peers.state-title'),
                      tight: true,
                      render: (row) => (
                        <>
                          <Label tone={matterTones[row.state]}>{say(row.stateTitle)}</Label>
                          {row.waiting ? <p className="small quiet">{t('peers.in-outbox')}</p> : null}
                        </>
                      ),
                    },
                    {
                      key: 'clock',
                      title: t('peers.clock-title'),
                      tight: true,
                      render: (row) => <Clocks clocks={row.clocks} brief />,
                    },
                    {
                      key: 'at',
                      title: t('peers.since'),
                      tight: true,
                      render: (row) => instant(row.passedAt ?? row.createdAt),
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
