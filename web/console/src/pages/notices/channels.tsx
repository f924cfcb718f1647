/** Channels: how each delivers, what was given up, a test. No contents and no addresses: they are not the administrator's. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Input, Modal } from 'antd';
import { useId, useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Figure, Figures, Num } from '../../components/figure.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded, problemOf } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';

type View = Answer<'/api/v1/notices/channels'>;
type Channel = View['channels'][number];
const tones = { open: 'good', resting: 'warn', disabled: undefined, wrong: 'bad', unset: undefined } as const;

export default function Channels() {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [testing, setTesting] = useState<Channel>();
  const view = useQuery({
    queryKey: ['notices', 'channels'],
    queryFn: ({ signal }) => api.get('/api/v1/notices/channels', { signal }),
    refetchInterval: 15_000,
  });
  const retry = useMutation({
    mutationFn: (what: { channel: string } | { id: number }) =>
      'channel' in what
        ? api.post('/api/v1/notices/channels/{channel}/retry', { params: what })
        : api.post('/api/v1/notices/deliveries/{id}/retry', { params: what }),
    onSuccess: ({ retried }) => {
      message.success(t('notices.retried', { n: retried }));
      return client.invalidateQueries({ queryKey: ['notices', 'channels'] });
    },
    onError: (error) => void message.error(say(problemOf(error).title)),
  });
  const able = may('system.manage');
  return (
    <Page title={t('titles.notices-channels')} lead={t('notices.channels-lead')}>
      {testing ? <Test channel={testing} onClose={() => setTesting(undefined)} /> : null}
      <Loaded query={view}>
        {(data) => (
          <div className="stack">
            <Figures>
              <Figure label={t('notices.open-matters')}>
                <Num value={data.matters.open} exact />
              </Figure>
              <Figure label={t('notices.undispatched')}>
                <Num value={data.matters.undispatched} exact />
              </Figure>
              <Figure
                label={t('notices.nobody')}
                note={t('notices.nobody-hint')}
                {...(data.matters.nobody ? { tone: 'warn' as const } : {})}
              >
                <Num value={data.matters.nobody} exact />
              </Figure>
              <Figure label={t('notices.dead')} {...(data.dead.length ? { tone: 'bad' as const } : {})}>
                <Num value={data.channels.reduce((n, c) => n + c.dead, 0)} exact />
              </Figure>
            </Figures>
            <Panel title={t('titles.notices-channels')} flush>
              <DataTable
                caption={t('titles.notices-channels')}
                rows={data.channels}
                rowKey={(c) => c.name}
                columns={[
                  {
                    key: 'channel',
                    title: t('notices.channel'),
                    head: true,
                    render: (c) => (
                      <div style={{ minInlineSize: 140, overflowWrap: 'anywhere' }}>
                        {say(c.title)}
                        {c.faults.map((f) => (
                          <p className="small quiet" key={`${f.file} ${f.line} ${f.code}`}>
                            {say(f.title)} {f.file ? `${f.file}${f.line ? `:${f.line}` : ''}` : ''}
                          </p>
                        ))}
                      </div>
                    ),
                  },
                  {
                    key: 'state',
                    title: t('notices.state'),
                    tight: true,
                    render: (c) => (
                      <>
                        <Label tone={tones[c.state]}>{t(`notices.channel-state.${c.state}`)}</Label>
                        {c.restsUntil ? (
                          <p className="small quiet">
                            {t('notices.rest-until')} <Instant at={c.restsUntil} only="clock" />
                          </p>
                        ) : null}
                      </>
                    ),
                  },
                  {
                    key: 'waiting',
                    title: t('notices.waiting'),
                    align: 'end',
                    render: (c) => <Num value={c.waiting} exact />,
                  },
                  {
                    key: 'digest',
                    title: t('notices.in-digest'),
                    align: 'end',
                    render: (c) => <Num value={c.digest} exact />,
                  },
                  {
                    key: 'sent',
                    title: t('notices.sent-day'),
                    align: 'end',
                    render: (c) => <Num value={c.sentDay} exact />,
                  },
                  {
                    key: 'failed',
                    title: t('notices.failed-day'),
                    align: 'end',
                    render: (c) => <Num value={c.failedDay} exact />,
                  },
                  {
                    key: 'uncertain',
                    title: <span title={t('notices.uncertain-hint')}>{t('notices.uncertain-day')}</span>,
                    align: 'end',
                    render: (c) => <Num value={c.uncertainDay} exact />,
                  },
                  { key: 'dead', title: t('notices.dead'), align: 'end', render: (c) => <Num value={c.dead} exact /> },
                  {
                    key: 'last',
                    title: t('notices.last-sent'),
                    tight: true,
                    render: (c) => <Instant at={c.lastSentAt} />,
                  },
                  {
                    key: 'problem',
                    title: t('notices.problem'),
                    render: (c) => (c.problem ? say(c.problem.title) : '—'),
                  },
                  {
                    key: 'act',
                    title: t('notices.act'),
                    tight: true,
                    render: (c) =>
                      able && (c.state === 'open' || c.state === 'resting') ? (
                        <div className="row">
                          <Button size="small" onClick={() => setTesting(c)}>
                            {t('notices.test')}
                          </Button>
                          {c.dead ? (
                            <Button
                              size="small"
                              loading={retry.isPending}
                              onClick={() => retry.mutate({ channel: c.name })}
                            >
                              {t('notices.retry-all')}
                            </Button>
                          ) : null}
                        </div>
                      ) : null,
                  },
                ]}
              />
            </Panel>
            <Panel title={t('notices.dead-list')} flush={data.dead.length > 0}>
              {data.dead.length ? (
                <DataTable
                  caption={t('notices.dead-list')}
                  rows={data.dead}
                  rowKey={(d) => d.id}
                  columns={[
                    { key: 'kind', title: t('notices.kind'), head: true, render: (d) => say(d.kindTitle) },
                    { key: 'who', title: t('notices.who'), render: (d) => d.login },
                    {
                      key: 'channel',
                      title: t('notices.channel'),
                      tight: true,
                      render: (d) => nameOf(data, d.channel, say),
                    },
                    {
                      key: 'problem',
                      title: t('notices.problem'),
                      render: (d) => (d.problem ? say(d.problem.title) : '—'),
                    },
                    {
                      key: 'tries',
                      title: t('notices.attempts'),
                      align: 'end',
                      render: (d) => <Num value={d.attempts} exact />,
                    },
                    { key: 'at', title: t('notices.when'), tight: true, render: (d) => <Instant at={d.endedAt} /> },
                    {
                      key: 'act',
                      title: t('notices.act'),
                      tight: true,
                      render: (d) =>
                        able ? (
                          <Button size="small" loading={retry.isPending} onClick={() => retry.mutate({ id: d.id })}>
                            {t('notices.retry')}
                          </Button>
                        ) : null,
                    },
                  ]}
                />
              ) : (
                <Empty title={t('notices.dead-empty')} />
              )}
            </Panel>
          </div>
        )}
      </Loaded>
    </Page>
  );
}

const nameOf = (data: View, channel: string, say: (text: Channel['title']) => string): string => {
  const found = data.channels.find((c) => c.name === channel);
  return found ? say(found.title) : channel;
};

function Test({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  const { t, say } = useSpeech();
  const id = useId();
  const [to, setTo] = useState('');
  const send = useMutation({
    mutationFn: () =>
      api.post('/api/v1/notices/channels/{channel}/test', {
        params: { channel: channel.name },
        body: { to: to.trim() },
      }),
  });
  const problem = send.isError ? problemOf(send.error).title : send.data?.problem?.title;
  return (
    <Modal
      open
      title={t('notices.test-title', { name: say(channel.title) })}
      onCancel={onClose}
      onOk={() => send.mutate()}
      okText={t('notices.test')}
      okButtonProps={{ disabled: !to.trim(), loading: send.isPending }}
    >
      <div className="stack-s">
        <label htmlFor={id}>{t('notices.test-to')}</label>
        <Input id={id} value={to} maxLength={254} onChange={(event) => setTo(event.target.value)} />
        <p role="status" className={problem ? 'bad' : 'good'}>
          {problem ? say(problem) : send.data?.sent ? t('notices.test-sent') : ''}
        </p>
      </div>
    </Modal>
  );
}
