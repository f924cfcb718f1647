/** 本单位任务: what an organisation was asked for, by desk or phone: acknowledge, report, finish; orders; the inbox. */
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { Exercise, type Task, TaskState, useAct } from './shared.tsx';
import { AnswerForm, Due } from './tasks.tsx';

export default function Mine() {
  const { t, say } = useSpeech();
  const [chosen, setChosen] = useState<Task>();
  const mine = useQuery({
    queryKey: ['command', 'mine'],
    queryFn: ({ signal }) => api.get('/api/v1/command/mine', { signal }),
    refetchInterval: 10_000,
  });
  const inbox = useQuery({
    queryKey: ['command', 'inbox'],
    queryFn: ({ signal }) => api.get('/api/v1/command/inbox', { query: { limit: 50 }, signal }),
    refetchInterval: 15_000,
  });
  const quick = useAct((task: Task, key: string) =>
    api.post('/api/v1/command/tasks/{id}/answer', {
      params: { id: task.id },
      body: { action: 'acknowledge', note: '', version: task.version, key },
    }),
  );
  const receive = useAct((id: number) =>
    api.post('/api/v1/command/orders/{id}/receive', { params: { id }, body: { note: '' } }),
  );
  const duty = useAct(({ id, state }: { id: number; state: 'on' | 'away' }) =>
    api.post('/api/v1/command/mine/shifts/{id}/report', { params: { id }, body: { state } }),
  );
  const read = useAct((id: number) => api.post('/api/v1/command/inbox/{id}/read', { params: { id } }));
  return (
    <Page title={t('titles.command-mine')} lead={t('command.mine-lead')}>
      <Loaded query={mine}>
        {(data) => (
          <div className="stack">
            {quick.isError ? <Failure error={quick.error} /> : null}
            {receive.isError ? <Failure error={receive.error} /> : null}
            {data.organisation === null ? <p className="note">{t('command.no-organisation')}</p> : null}
            {duty.isError ? <Failure error={duty.error} /> : null}
            {data.shifts.length ? (
              <Panel title={t('command.own-duty')}>
                <ul className="command-mine">
                  {data.shifts.map((s) => (
                    <li key={s.id}>
                      <p className="row spread">
                        <span className="strong">{`${say(s.title)} · ${s.person}`}</span>
                        <Label tone={s.state === 'on' ? 'good' : s.state === 'away' ? 'warn' : undefined}>
                          {t(`command.shift-${s.state}`)}
                        </Label>
                      </p>
                      <p className="row spread small quiet">
                        <span>
                          {`${instant(s.startsAt)} — ${instant(s.endsAt).slice(5)}`}
                          {s.deputy ? ` · ${t('command.deputy')} ${s.deputy}` : ''}
                        </span>
                        {s.own && s.now ? (
                          <span className="row">
                            {s.state === 'on' ? null : (
                              <Button
                                type="primary"
                                loading={duty.isPending}
                                onClick={() => duty.mutate({ id: s.id, state: 'on' })}
                              >
                                {t('command.report-on')}
                              </Button>
                            )}
                            {s.state === 'away' ? null : (
                              <Button onClick={() => duty.mutate({ id: s.id, state: 'away' })}>
                                {t('command.report-away')}
                              </Button>
                            )}
                          </span>
                        ) : null}
                      </p>
                    </li>
                  ))}
                </ul>
              </Panel>
            ) : null}
            {data.organisation ? (
              <Panel title={`${say(data.organisation.name)} · ${t('command.tasks')}`}>
                {data.tasks.length ? (
                  <ul className="command-mine">
                    {data.tasks.map((x) => (
                      <li key={x.id}>
                        <p className="row spread">
                          <span className="strong">
                            <Exercise of={x.exercise} /> {say(x.title)}
                          </span>
                          <TaskState task={x} />
                        </p>
                        <p className="small">{say(x.text)}</p>
                        <p className="row spread small quiet">
                          <span>
                            {x.operationTitle} · <Due task={x} />
                          </span>
                          {x.running && ['sent', 'acknowledged', 'working'].includes(x.state) ? (
                            <span className="row">
                              {x.state === 'sent' ? (
                                <Button type="primary" loading={quick.isPending} onClick={() => quick.mutate(x)}>
                                  {t('command.action.acknowledge')}
                                </Button>
                              ) : null}
                              <Button onClick={() => setChosen(x)}>{t('command.answer')}</Button>
                            </span>
                          ) : null}
                        </p>
                      </li>
                    ))}
                  </ul>
                ) : (
                  <Empty title={t('command.no-tasks')}>{t('command.mine-empty')}</Empty>
                )}
              </Panel>
            ) : null}
            {data.orders.length ? (
              <Panel title={t('command.orders')}>
                <ul className="command-mine">
                  {data.orders.map((o) => (
                    <li key={o.id}>
                      <p>
                        <Exercise of={o.exercise} /> {o.text}
                      </p>
                      <p className="row spread small quiet">
                        <span>
                          {o.givenBy} · {instant(o.givenAt)}
                        </span>
                        {o.receivedAt ? (
                          <Label tone="good">{t('command.received')}</Label>
                        ) : (
                          <Button size="small" type="primary" onClick={() => receive.mutate(o.id)}>
                            {t('command.receive')}
                          </Button>
                        )}
                      </p>
                    </li>
                  ))}
                </ul>
              </Panel>
            ) : null}
            <Panel
              title={t('command.inbox')}
              extra={<span className="quiet">{t('command.unread', { n: data.unread })}</span>}
            >
              {inbox.isError ? <p className="small quiet">{t('command.no-organisation')}</p> : null}
              <ul className="command-mine">
                {(inbox.data?.items ?? []).map((m) => (
                  <li key={m.id}>
                    <p className="row spread">
                      <span className={m.readAt ? '' : 'strong'}>{say(m.title)}</span>
                      <span className="small quiet num">{instant(m.arrivedAt)}</span>
                    </p>
                    <p className="small">{say(m.text)}</p>
                    {m.readAt ? (
                      <p className="small quiet">{t('command.read-by', { name: m.readBy })}</p>
                    ) : (
                      <Button size="small" onClick={() => read.mutate(m.id)}>
                        {t('command.mark-read')}
                      </Button>
                    )}
                  </li>
                ))}
              </ul>
              {inbox.data && !inbox.data.items.length ? <Empty title={t('command.no-messages')} /> : null}
            </Panel>
          </div>
        )}
      </Loaded>
      <AnswerForm task={chosen} onClose={() => setChosen(undefined)} />
    </Page>
  );
}
