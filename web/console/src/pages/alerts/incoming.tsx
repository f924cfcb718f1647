/** Messages of others (CAP): taken in, and refused with their reason and place. */
import { UploadOutlined } from '@ant-design/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { App, Button, Modal } from 'antd';
import { useRef } from 'react';
import { ApiProblem, api, type ProblemBody } from '../../api/client.ts';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded, placeText } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';
import { LevelMark } from './shared.tsx';

const SIZE = 50;

export default function Incoming() {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const { message } = App.useApp();
  const client = useQueryClient();
  const url = useUrlState();
  const file = useRef<HTMLInputElement>(null);
  const page = Math.max(1, Number(url.get('page')) || 1);
  const shown = Number(url.get('message')) || null;
  const query = { offset: (page - 1) * SIZE, limit: SIZE };
  const all = useQuery({
    queryKey: ['alerts', 'incoming', page],
    queryFn: ({ signal }) => api.get('/api/v1/alerts/incoming', { query, signal }),
  });
  const one = useQuery({
    queryKey: ['alerts', 'message', shown],
    queryFn: ({ signal }) => api.get('/api/v1/alerts/incoming/{id}', { params: { id: shown ?? 0 }, signal }),
    enabled: shown !== null,
  });
  const send = useMutation({
    async mutationFn(chosen: File) {
      const answer = await fetch('/api/v1/alerts/cap', {
        method: 'POST',
        headers: { 'content-type': 'application/cap+xml' },
        body: chosen,
      });
      const said = (await answer.json()) as ProblemBody & { alert: number | null };
      if (!answer.ok) throw new ApiProblem(said);
      return said;
    },
    onSuccess: () => message.success(t('alerts.done')),
    onSettled: () => client.invalidateQueries({ queryKey: ['alerts'] }),
  });
  const upload = may('alert.handle') ? (
    <>
      <input
        ref={file}
        type="file"
        hidden
        accept=".xml,.cap,application/cap+xml,text/xml"
        aria-label={t('alerts.upload')}
        onChange={(e) => {
          const chosen = e.target.files?.[0];
          e.target.value = '';
          if (chosen) send.mutate(chosen);
        }}
      />
      <Button type="primary" icon={<UploadOutlined />} loading={send.isPending} onClick={() => file.current?.click()}>
        {t('alerts.upload')}
      </Button>
    </>
  ) : null;
  return (
    <Page title={t('titles.cap-messages')} lead={t('alerts.cap-lead')} actions={upload}>
      <div className="stack">
        {send.error ? <Failure error={send.error} /> : null}
        <Loaded query={all}>
          {({ messages, total, refused }) => (
            <>
              <Panel title={t('alerts.taken-in')}>
                <DataTable
                  caption={t('alerts.taken-in')}
                  rows={messages}
                  rowKey={(m) => m.id}
                  empty={<Empty title={t('alerts.cap-empty')}>{t('alerts.cap-empty-text')}</Empty>}
                  columns={[
                    {
                      key: 'level',
                      title: t('alerts.level-name'),
                      tight: true,
                      render: (m) => <LevelMark level={m.level} />,
                    },
                    {
                      key: 'headline',
                      title: t('alerts.headline'),
                      head: true,
                      render: (m) => (
                        <div style={{ minInlineSize: 200 }}>
                          <button type="button" className="link" onClick={() => url.set({ message: String(m.id) })}>
                            {m.headline}
                          </button>
                          <p className="small quiet" style={{ overflowWrap: 'anywhere' }}>
                            {m.sender} · {m.identifier}
                          </p>
                        </div>
                      ),
                    },
                    {
                      key: 'type',
                      title: t('alerts.msg-type'),
                      tight: true,
                      render: (m) => `${t(`alerts.msg.${m.msgType}`)} · ${t(`alerts.status.${m.status}`)}`,
                    },
                    {
                      key: 'signed',
                      title: t('alerts.signature'),
                      tight: true,
                      render: (m) => <Label>{t(m.signed ? 'alerts.signed' : 'alerts.unsigned')}</Label>,
                    },
                    {
                      key: 'at',
                      title: t('alerts.received'),
                      tight: true,
                      render: (m) => <Instant at={m.receivedAt} />,
                    },
                    {
                      key: 'alert',
                      title: t('titles.alert'),
                      tight: true,
                      render: (m) =>
                        m.alert === null ? (
                          <span className="quiet">—</span>
                        ) : (
                          <Link to="/alerts/$alert" params={{ alert: String(m.alert) } as never}>
                            {t('alerts.look')}
                          </Link>
                        ),
                    },
                  ]}
                />
                <Pager
                  total={total}
                  offset={(page - 1) * SIZE}
                  limit={SIZE}
                  onOffset={(offset) => url.set({ page: String(offset / SIZE + 1) })}
                />
              </Panel>
              {refused.length ? (
                <Panel title={t('alerts.refused')}>
                  <DataTable
                    caption={t('alerts.refused')}
                    rows={refused}
                    rowKey={(r) => r.id}
                    columns={[
                      { key: 'at', title: t('alerts.when'), tight: true, render: (r) => <Instant at={r.at} /> },
                      {
                        key: 'why',
                        title: t('alerts.reason'),
                        head: true,
                        render: (r) => say((r.problem as ProblemBody).title),
                      },
                      {
                        key: 'place',
                        title: t('alerts.place'),
                        render: (r) => (
                          <span style={{ overflowWrap: 'anywhere' }}>
                            {placeText((r.problem as ProblemBody).place, t)}
                          </span>
                        ),
                      },
                      {
                        key: 'code',
                        title: t('alerts.code'),
                        tight: true,
                        render: (r) => <code>{(r.problem as ProblemBody).code}</code>,
                      },
                      { key: 'who', title: t('alerts.who'), tight: true, render: (r) => r.by },
                    ]}
                  />
                </Panel>
              ) : null}
            </>
          )}
        </Loaded>
      </div>
      <Modal
        open={shown !== null}
        width={860}
        title={one.data?.head.headline ?? ''}
        footer={null}
        onCancel={() => url.set({ message: undefined })}
      >
        <Loaded query={one}>
          {(data) => (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
            <pre className="small" tabIndex={0} style={{ overflow: 'auto', maxBlockSize: '60vh' }}>
              {data.xml}
            </pre>
          )}
        </Loaded>
      </Modal>
    </Page>
  );
}
