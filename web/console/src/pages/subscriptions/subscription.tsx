/** One subscription: how it is doing, where to and what, progress by partition, every attempt, use by day. */
import { DownloadOutlined } from '@ant-design/icons';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Button, Switch } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { download } from '../../api/download.ts';
import { Figure, Figures, Num } from '../../components/figure.tsx';
import { Fact, Facts, Label, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { bytes, day, full, instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { Acts } from './acts.tsx';
import { Health, Lag, type Subscription } from './parts.tsx';

export default function SubscriptionPage() {
  const { t, say } = useSpeech();
  const { subscription } = useParams({ strict: false }) as { subscription: string };
  const one = useQuery({
    queryKey: ['subscriptions', 'one', subscription],
    queryFn: ({ signal }) => api.get('/api/v1/subscriptions/{id}', { params: { id: subscription }, signal }),
    refetchInterval: 10_000,
  });
  useTabTitle(one.data?.title);
  return (
    <Page
      title={one.data?.title ?? t('titles.subscription')}
      lead={one.data ? `${say(one.data.recipient.name)} ← ${say(one.data.provider.name)}` : undefined}
      back={{ to: '/subscriptions', label: t('titles.subscriptions') }}
    >
      <Loaded query={one}>{(data) => <Body data={data} />}</Loaded>
    </Page>
  );
}

function Body({ data }: { data: Subscription }) {
  const { t, say } = useSpeech();
  return (
    <div className="stack">
      <Panel title={t('subscriptions.state')} extra={<Health of={data.health} />}>
        <div className="stack-s">
          <Notes data={data} />
          <Figures>
            <Figure label={t('subscriptions.lag')}>
              <span style={{ fontSize: 15, whiteSpace: 'normal' }}>
                <Lag of={data.lag} />
              </span>
            </Figure>
            <Figure label={t('subscriptions.last-success')}>
              <span className="num" style={{ fontSize: 15, whiteSpace: 'normal', overflowWrap: 'anywhere' }}>
                {data.lastSuccess ? instant(data.lastSuccess) : t('subscriptions.never')}
              </span>
            </Figure>
            <Figure label={t('subscriptions.events-today')}>
              <Num value={data.today.events} />
            </Figure>
            <Figure label={t('subscriptions.failures-today')}>
              <Num value={data.today.failures} />
            </Figure>
          </Figures>
          <Acts data={data} />
        </div>
      </Panel>
      <What data={data} />
      <Progress data={data} />
      <Attempts id={data.id} />
      <Usage data={data} />
      <p className="small quiet">
        {t('subscriptions.created')} {instant(data.createdAt)} · {data.createdBy} ·{' '}
        <Link to="/sharing/shares/$share" params={{ share: String(data.grant) } as never}>
          {t('subscriptions.grant')}：{say(data.entry.title)}
        </Link>
      </p>
    </div>
  );
}

/** What stands in the way, in words. */
function Notes({ data }: { data: Subscription }) {
  const { t, say } = useSpeech();
  const why = data.problem ? say(data.problem.title) : '';
  if (data.state === 'paused')
    return (
      <p className="note warn">{t('subscriptions.paused-note', { why: data.reason ? say(data.reason.title) : '' })}</p>
    );
  if (data.health === 'halted') return <p className="note warn">{t('subscriptions.halted-note')}</p>;
  if (data.health !== 'failing' && data.health !== 'open') return null;
  return (
    <div className="note bad">
      <p>{t('subscriptions.failing-note', { why })}</p>
      <p className="small quiet num">
        {data.failingSince ? t('subscriptions.failing-since', { at: instant(data.failingSince) }) : ''}
        {data.nextAt ? ` · ${t('subscriptions.next-try')} ${instant(data.nextAt)}` : ''}
      </p>
    </div>
  );
}

function What({ data }: { data: Subscription }) {
  const { t, say, language } = useSpeech();
  return (
    <Panel title={t('subscriptions.what')} extra={<Label>{t(`subscriptions.kind.${data.kind}`)}</Label>}>
      <div className="stack-s">
        <Facts>
          {data.kind === 'pull' ? (
            <Fact label={t('subscriptions.pull-how')} wide>
              <code style={{ overflowWrap: 'anywhere' }}>{`GET /api/v1/subscriptions/${data.id}/events?wait=30`}</code>
              <p className="small quiet">{t('subscriptions.pull-note')}</p>
            </Fact>
          ) : (
            <Fact label={t('subscriptions.target')} wide>
              <span style={{ overflowWrap: 'anywhere' }}>{data.where.url ?? data.target}</span>
              {data.where.topic ? (
                <p>
                  <code style={{ overflowWrap: 'anywhere' }}>{data.where.topic}</code>
                </p>
              ) : null}
            </Fact>
          )}
          <Fact label={t('subscriptions.changes')}>
            {data.changes.map((c) => t(`subscriptions.change.${c}`)).join(language === 'zh' ? '、' : ', ')}
          </Fact>
          <Fact label={t('subscriptions.batch')}>
            {data.batch === 1 ? t('subscriptions.batch-one') : t('subscriptions.batch-n', { n: data.batch })}
          </Fact>
          <Fact label={t('subscriptions.partitions')}>
            {data.partitions === 1
              ? t('subscriptions.partitions-one')
              : t('subscriptions.partitions-n', { n: data.partitions })}
          </Fact>
          <Fact label={t('subscriptions.event-source')} wide>
            <code style={{ overflowWrap: 'anywhere' }}>{data.eventSource}</code>
          </Fact>
          {data.secrets.length ? (
            <Fact label={t(data.kind === 'pull' ? 'subscriptions.token' : 'subscriptions.secret')} wide>
              {data.secrets.map((s) => (
                <p key={s.createdAt} className="num">
                  <code>{s.hint}</code>{' '}
                  <span className="small quiet">
                    {t('subscriptions.secret-since', { at: instant(s.createdAt) })}
                    {s.expiresAt ? ` · ${t('subscriptions.secret-until', { at: instant(s.expiresAt) })}` : ''}
                  </span>
                </p>
              ))}
            </Fact>
          ) : null}
        </Facts>
        {data.filtered ? <p className="small quiet">{t('subscriptions.filtered')}</p> : null}
        <DataTable
          caption={t('subscriptions.items')}
          rows={data.items}
          rowKey={(row) => row.name}
          columns={[
            {
              key: 'title',
              title: `${t('subscriptions.items')} ${full(data.items.filter((i) => i.chosen).length)}`,
              head: true,
              render: (row) => say(row.title),
            },
            { key: 'name', title: t('subscriptions.item'), render: (row) => <code>{row.name}</code> },
            {
              key: 'shown',
              title: t('subscriptions.shown'),
              tight: true,
              render: (row) =>
                row.chosen ? (
                  <Label tone={row.shown === 'masked' ? 'warn' : undefined}>{t(`subscriptions.${row.shown}`)}</Label>
                ) : (
                  <span className="quiet">{t('subscriptions.not-chosen')}</span>
                ),
            },
          ]}
        />
      </div>
    </Panel>
  );
}

const circuits = { closed: 'good', 'half-open': 'warn', open: 'bad' } as const;

function Progress({ data }: { data: Subscription }) {
  const { t, say } = useSpeech();
  return (
    <Panel title={t('subscriptions.cursors')}>
      <div className="stack-s">
        <Facts>
          <Fact label={t('subscriptions.log-head')}>
            <Num value={data.log.head} exact />
          </Fact>
          <Fact label={t('subscriptions.log-first')}>
            <Num value={data.log.first} exact />
          </Fact>
          <Fact label={t('subscriptions.log-since')}>
            {data.log.since ? instant(data.log.since) : '—'}
            <p className="small quiet">
              {t('subscriptions.log-kept', { n: data.log.keptDays })}
              {data.log.dropped ? ` · ${t('subscriptions.log-dropped', { n: full(data.log.dropped) })}` : ''}
            </p>
          </Fact>
        </Facts>
        <DataTable
          caption={t('subscriptions.cursors')}
          rows={data.cursors}
          rowKey={(row) => row.partition}
          columns={[
            {
              key: 'partition',
              title: t('subscriptions.partition'),
              head: true,
              tight: true,
              render: (row) => <span className="num">{row.partition}</span>,
            },
            {
              key: 'sequence',
              title: t('subscriptions.sequence'),
              align: 'end',
              render: (row) => <Num value={row.sequence} exact />,
            },
            {
              key: 'phase',
              title: t('subscriptions.state'),
              tight: true,
              render: (row) => t(`subscriptions.phase.${row.phase}`),
            },
            {
              key: 'circuit',
              title: t('subscriptions.circuit-title'),
              tight: true,
              render: (row) => <Label tone={circuits[row.circuit]}>{t(`subscriptions.circuit.${row.circuit}`)}</Label>,
            },
            {
              key: 'failures',
              title: t('subscriptions.failures'),
              align: 'end',
              render: (row) => <Num value={row.failures} exact />,
            },
            {
              key: 'problem',
              title: t('subscriptions.result'),
              render: (row) => (row.problem ? say(row.problem.title) : '—'),
            },
            {
              key: 'next',
              title: t('subscriptions.next-try'),
              tight: true,
              render: (row) => <span className="num">{row.nextAt ? instant(row.nextAt) : '—'}</span>,
            },
          ]}
        />
      </div>
    </Panel>
  );
}

function Attempts({ id }: { id: number }) {
  const { t, say } = useSpeech();
  const [failed, setFailed] = useState(false);
  const [before, setBefore] = useState<number[]>([]);
  const query = { failed: failed || undefined, before: before.at(-1), limit: 25 };
  const all = useQuery({
    queryKey: ['subscriptions', 'attempts', id, query],
    queryFn: ({ signal }) => api.get('/api/v1/subscriptions/{id}/attempts', { params: { id }, query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: before.length ? false : 10_000,
  });
  const toggle = (
    <span className="row small" style={{ gap: 6 }}>
      <Switch
        size="small"
        aria-label={t('subscriptions.attempts-failed')}
        checked={failed}
        onChange={(next) => {
          setFailed(next);
          setBefore([]);
        }}
      />
      {t('subscriptions.attempts-failed')}
    </span>
  );
  return (
    <Panel title={t('subscriptions.attempts')} extra={toggle}>
      <Loaded query={all}>
        {({ items, more }) => (
          <div className="stack-s">
            <DataTable
              caption={t('subscriptions.attempts')}
              rows={items}
              rowKey={(row) => row.seq}
              empty={<Empty title={t('subscriptions.attempts-empty')}>{t('subscriptions.attempts-empty-text')}</Empty>}
              columns={[
                {
                  key: 'at',
                  title: t('subscriptions.at'),
                  head: true,
                  tight: true,
                  render: (row) => <span className="num">{instant(row.at)}</span>,
                },
                {
                  key: 'result',
                  title: t('subscriptions.result'),
                  render: (row) => (
                    <>
                      <Label tone={row.ok ? 'good' : 'bad'}>
                        {row.ok ? t('subscriptions.taken') : row.problem ? say(row.problem.title) : '—'}
                      </Label>{' '}
                      {row.status ? <span className="small quiet num">{row.status}</span> : null}
                    </>
                  ),
                },
                {
                  key: 'events',
                  title: t('subscriptions.events'),
                  align: 'end',
                  render: (row) => <Num value={row.events} exact />,
                },
                {
                  key: 'range',
                  title: t('subscriptions.range'),
                  tight: true,
                  render: (row) => (
                    <span className="num">{row.first === row.last ? row.first : `${row.first}–${row.last}`}</span>
                  ),
                },
                {
                  key: 'size',
                  title: t('subscriptions.size'),
                  align: 'end',
                  render: (row) => <span className="num">{bytes(row.bytes)}</span>,
                },
                {
                  key: 'ms',
                  title: t('subscriptions.latency'),
                  align: 'end',
                  render: (row) => <span className="num">{full(row.ms)} ms</span>,
                },
              ]}
            />
            {more || before.length ? (
              <div className="row">
                {before.length ? (
                  <Button size="small" onClick={() => setBefore(before.slice(0, -1))}>
                    {t('subscriptions.newer')}
                  </Button>
                ) : null}
                {more ? (
                  <Button size="small" onClick={() => setBefore([...before, items.at(-1)!.seq])}>
                    {t('subscriptions.older')}
                  </Button>
                ) : null}
              </div>
            ) : null}
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

function Usage({ data }: { data: Subscription }) {
  const { t } = useSpeech();
  const fetchLog = useMutation({
    mutationFn: (of: string) => download(`/api/v1/subscriptions/${data.id}/days/${of}`),
  });
  return (
    <Panel title={t('subscriptions.usage')}>
      <div className="stack-s">
        <p className="small quiet">{t('subscriptions.usage-note')}</p>
        {fetchLog.isError ? <Failure error={fetchLog.error} /> : null}
        <DataTable
          caption={t('subscriptions.usage')}
          rows={data.usage}
          rowKey={(row) => row.day}
          empty={<Empty title={t('subscriptions.usage-empty')} />}
          columns={[
            {
              key: 'day',
              title: t('subscriptions.day'),
              head: true,
              tight: true,
              render: (row) => <span className="num">{day(row.day)}</span>,
            },
            {
              key: 'events',
              title: t('subscriptions.events'),
              align: 'end',
              render: (row) => <Num value={row.events} exact />,
            },
            {
              key: 'messages',
              title: t('subscriptions.messages'),
              align: 'end',
              render: (row) => <Num value={row.messages} exact />,
            },
            {
              key: 'bytes',
              title: t('subscriptions.size'),
              align: 'end',
              render: (row) => <span className="num">{bytes(row.bytes)}</span>,
            },
            {
              key: 'failures',
              title: t('subscriptions.failed-count'),
              align: 'end',
              render: (row) => <Num value={row.failures} exact />,
            },
            {
              key: 'seal',
              title: t('subscriptions.sealed'),
              render: (row) =>
                row.seal === null ? (
                  <span className="quiet">{t('subscriptions.sealed-no')}</span>
                ) : (
                  <span className="row" style={{ flexWrap: 'wrap' }}>
                    <Link to="/trust/seals/$seal" params={{ seal: String(row.seal) } as never}>
                      {t('subscriptions.sealed-yes')}
                    </Link>
                    <Button
                      size="small"
                      type="text"
                      icon={<DownloadOutlined />}
                      onClick={() => fetchLog.mutate(row.day)}
                    >
                      {t('subscriptions.download')}
                    </Button>
                  </span>
                ),
            },
          ]}
        />
      </div>
    </Panel>
  );
}
