/** Other hubs: above, below and beside this one; how each is, when it was last heard of, what waits for it. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { api } from '../../api/client.ts';
import { Fact, Facts, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { full, instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { Level, type Peer, PeerState } from './shared.tsx';

export default function Hubs() {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const all = useQuery({
    queryKey: ['peers', 'hubs'],
    queryFn: ({ signal }) => api.get('/api/v1/peers', { signal }),
    refetchInterval: 30_000,
  });
  const add = may('peers.manage') ? (
    <Link to="/peers/new">
      <Button type="primary">{t('peers.add')}</Button>
    </Link>
  ) : null;
  return (
    <Page title={t('titles.peers-hubs')} lead={t('peers.hubs-lead')} actions={add}>
      <Loaded query={all}>
        {({ items, self }) => (
          <div className="stack">
            <Panel title={t('peers.self')}>
              <Facts>
                <Fact label={t('peers.name')}>{say(self.name)}</Fact>
                <Fact label={t('peers.url')}>
                  <code>{self.url}</code>
                </Fact>
                <Fact label={t('peers.check')}>
                  <code className="strong">{self.check}</code>
                </Fact>
              </Facts>
              <p className="small quiet" style={{ marginBlockStart: 8 }}>
                {t('peers.check-note')}
              </p>
            </Panel>
            <Panel title={t('peers.hubs')}>
              <DataTable
                caption={t('peers.hubs')}
                rows={items}
                rowKey={(row) => row.id}
                empty={
                  <Empty title={t('peers.none')} action={add}>
                    {t('peers.none-text')}
                  </Empty>
                }
                columns={[
                  {
                    key: 'name',
                    title: t('peers.name'),
                    head: true,
                    render: (row) => (
                      <>
                        <Link to="/peers/hubs/$peer" params={{ peer: String(row.id) } as never}>
                          {say(row.name)}
                        </Link>
                        <p className="small quiet" style={{ overflowWrap: 'anywhere' }}>
                          {row.url}
                        </p>
                      </>
                    ),
                  },
                  {
                    key: 'level',
                    title: t('peers.level-title'),
                    tight: true,
                    render: (row) => (
                      <>
                        <Level level={row.level} />
                        <p className="small quiet">{t(`peers.kind.${row.kind}`)}</p>
                      </>
                    ),
                  },
                  {
                    key: 'state',
                    title: t('peers.state-title'),
                    tight: true,
                    render: (row) => <PeerState state={row.state} />,
                  },
                  { key: 'contact', title: t('peers.contact'), render: (row) => <Contact of={row} /> },
                  {
                    key: 'entries',
                    title: t('peers.entries'),
                    align: 'end',
                    tight: true,
                    render: (row) => <span className="num">{full(row.entries)}</span>,
                  },
                  {
                    key: 'matters',
                    title: t('peers.matters-title'),
                    tight: true,
                    render: (row) => (
                      <span className="small num">
                        {t('peers.out-in', { out: row.out, in: row.in })}
                        {row.waiting ? (
                          <span className="warn" style={{ display: 'block' }}>
                            {t('peers.waiting', { n: row.waiting })}
                          </span>
                        ) : null}
                      </span>
                    ),
                  },
                ]}
              />
            </Panel>
          </div>
        )}
      </Loaded>
    </Page>
  );
}

/** When a hub was last heard of, and what is wrong with it now. */
export function Contact({ of }: { of: Peer }) {
  const { t, say } = useSpeech();
  return (
    <div className="small">
      <span className="num">{of.lastContact ? instant(of.lastContact) : t('peers.never')}</span>
      {of.lastProblem ? (
        <p className="note bad" style={{ marginBlockStart: 4 }}>
          {say(of.lastProblem.title)}
        </p>
      ) : null}
    </div>
  );
}
