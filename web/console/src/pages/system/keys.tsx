/** Keys: every key of the hub, what depends on it, when it is due, custody; rotation for who may. Key material never comes here. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Figure, Figures, Num } from '../../components/figure.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded, problemOf } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';

type View = Answer<'/api/v1/keys'>;
type Key = View['keys'][number];
type Use = 'vault' | 'files';
const tones = { active: 'good', retired: undefined, destroyed: undefined, lost: 'bad' } as const;

export default function Keys() {
  const { t } = useSpeech();
  const { may } = useSession();
  const [asked, setAsked] = useState<Use>();
  const view = useQuery({
    queryKey: ['keys'],
    queryFn: ({ signal }) => api.get('/api/v1/keys', { signal }),
    refetchInterval: (q) =>
      q.state.data?.rotation?.state === 'running' || q.state.data?.rotation?.state === 'queued' ? 2_000 : 60_000,
  });
  return (
    <Page
      title={t('titles.keys')}
      lead={t('keys.lead')}
      actions={
        may('keys.manage') ? (
          <>
            <Button onClick={() => setAsked('files')}>{t('keys.rotate-files')}</Button>
            <Button type="primary" onClick={() => setAsked('vault')}>
              {t('keys.rotate-vault')}
            </Button>
          </>
        ) : null
      }
    >
      <Loaded query={view}>{(data) => <Shown of={data} />}</Loaded>
      <Rotation use={asked} close={() => setAsked(undefined)} />
    </Page>
  );
}

/** Asks why before a key is replaced. */
function Rotation({ use, close }: { use: Use | undefined; close: () => void }) {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [form] = Form.useForm<{ reason: string }>();
  const act = useMutation({
    mutationFn: ({ reason }: { reason: string }) => api.post('/api/v1/keys/rotations', { body: { use: use!, reason } }),
    onSuccess: () => {
      close();
      form.resetFields();
      void message.success(t(use === 'vault' ? 'keys.begun' : 'keys.replaced'));
      return client.invalidateQueries({ queryKey: ['keys'] });
    },
    onError: (error) => void message.error(say(problemOf(error).title)),
  });
  return (
    <Modal
      open={use !== undefined}
      title={t(`keys.rotate-${use ?? 'vault'}`)}
      okText={t('keys.rotate')}
      okButtonProps={{ loading: act.isPending }}
      onOk={() => form.submit()}
      onCancel={close}
    >
      <p className="quiet">{t(`keys.what-${use ?? 'vault'}`)}</p>
      <Form form={form} layout="vertical" onFinish={(values) => act.mutate(values)}>
        <Form.Item
          name="reason"
          label={t('keys.reason')}
          rules={[{ required: true, min: 4, message: t('keys.reason-needed') }]}
        >
          <Input.TextArea rows={3} maxLength={500} />
        </Form.Item>
      </Form>
    </Modal>
  );
}

function Shown({ of: data }: { of: View }) {
  const { t } = useSpeech();
  const now = Date.now();
  const count = (state: Key['state']) => data.keys.filter((key) => key.state === state).length;
  const due = data.keys.filter((key) => key.due !== null && Date.parse(key.due) <= now).length;
  const { custody, rotation } = data;
  const running = rotation?.state === 'running' || rotation?.state === 'queued';
  return (
    <div className="stack">
      <Figures>
        <Figure label={t('keys.active')}>
          <Num value={count('active')} exact />
        </Figure>
        <Figure label={t('keys.due')} {...(due ? { tone: 'warn' as const } : {})}>
          <Num value={due} exact />
        </Figure>
        <Figure label={t('keys.lost')} {...(count('lost') ? { tone: 'bad' as const } : {})}>
          <Num value={count('lost')} exact />
        </Figure>
        <Figure
          label={t('keys.custody')}
          {...(custody
            ? { note: t('keys.custody-since', { day: custody.made.slice(0, 10) }) }
            : { tone: 'warn' as const })}
        >
          {custody ? t('keys.custody-of', custody) : t('keys.custody-none')}
        </Figure>
      </Figures>
      {running ? (
        <p role="status" className="note">
          {t('keys.rotating', { done: rotation.done, total: rotation.total ?? '…' })}
        </p>
      ) : null}
      <Panel title={t('keys.list')} flush>
        <List of={data.keys} now={now} />
      </Panel>
      {custody ? null : (
        <Panel title={t('keys.custody')}>
          <Empty title={t('keys.custody-none')}>{t('keys.custody-how')}</Empty>
        </Panel>
      )}
    </div>
  );
}

function List({ of: keys, now }: { of: Key[]; now: number }) {
  const { t, say } = useSpeech();
  const none = <span className="quiet">—</span>;
  return (
    <DataTable
      caption={t('keys.list')}
      rows={keys}
      rowKey={(row) => row.id}
      columns={[
        { key: 'for', title: t('keys.for'), head: true, render: (row) => say(row.title) },
        { key: 'id', title: t('keys.id'), render: (row) => <code style={{ overflowWrap: 'anywhere' }}>{row.id}</code> },
        {
          key: 'state',
          title: t('keys.state'),
          tight: true,
          render: (row) => <Label tone={tones[row.state]}>{t(`keys.states.${row.state}`)}</Label>,
        },
        { key: 'held', title: t('keys.held'), tight: true, render: (row) => t(`keys.places.${row.held}`) },
        {
          key: 'since',
          title: t('keys.since'),
          tight: true,
          render: (row) => (row.since ? <Instant at={row.since} only="day" /> : none),
        },
        {
          key: 'depends',
          title: t('keys.depends'),
          align: 'end',
          render: (row) => (row.depends === null ? none : <Num value={row.depends} exact />),
        },
        {
          key: 'due',
          title: t('keys.due-at'),
          tight: true,
          render: (row) =>
            row.due === null ? (
              none
            ) : (
              <span className={Date.parse(row.due) <= now ? 'bad-text' : undefined}>
                <Instant at={row.due} only="day" />
              </span>
            ),
        },
        {
          key: 'custody',
          title: t('keys.custody'),
          tight: true,
          render: (row) => (row.inCustody ? t('keys.yes') : none),
        },
      ]}
    />
  );
}
