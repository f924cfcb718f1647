/** A person for administrators and the own head: what they hold, where they were, moving and leaving, handing over. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Button, Checkbox, DatePicker, Form, Input, Modal, Popconfirm, Select } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Fact, Facts, Label, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { day } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { Delegations, HeldTable, type Person, Roles, useNames } from './shared.tsx';

const keyOf = (id: string) => ['people', 'person', id] as const;

export default function PersonPage() {
  const { t } = useSpeech();
  const { user } = useParams({ strict: false }) as { user: string };
  const { may } = useSession();
  const { nameOf } = useNames();
  const [acting, setActing] = useState<'move' | 'leave' | 'hand' | null>(null);
  const view = useQuery({
    queryKey: keyOf(user),
    queryFn: ({ signal }) => api.get('/api/v1/people/users/{id}', { params: { id: user }, signal }),
  });
  useTabTitle(view.data?.name);
  const planned = view.data?.changes.find((c) => c.state === 'planned');
  const admin = may('users.manage') || may('roles.manage');
  return (
    <Page
      title={view.data?.name ?? t('titles.person-held')}
      lead={t('people.person.lead')}
      {...(admin ? { back: { to: '/system/users', label: t('titles.users') } } : {})}
      actions={
        view.data?.mayChange && !view.data.disabled ? (
          <>
            <Button disabled={planned !== undefined} onClick={() => setActing('move')}>
              {t('people.person.move')}
            </Button>
            <Button danger disabled={planned !== undefined} onClick={() => setActing('leave')}>
              {t('people.person.leave')}
            </Button>
          </>
        ) : null
      }
    >
      <Loaded query={view}>
        {(data) => (
          <div className="stack">
            <Panel title={t('frame.account.who')}>
              <Facts>
                <Fact label={t('frame.account.login')}>
                  <span className="mono">{data.login}</span>
                </Fact>
                <Fact label={t('frame.account.organisation')}>{nameOf(data.organisation)}</Fact>
                <Fact label={t('exchange.state')}>
                  <Label tone={data.disabled ? 'bad' : 'good'}>
                    {t(`system.users.state.${data.disabled ? 'disabled' : 'active'}`)}
                  </Label>
                </Fact>
                <Fact label={t('frame.account.roles')}>
                  <Roles of={data.roles} none={t('system.users.no-role')} />
                </Fact>
              </Facts>
            </Panel>
            <Panel
              title={t('people.person.held')}
              flush={data.held.length > 0}
              extra={
                data.held.some((h) => h.hand) && data.takers.length ? (
                  <Button size="small" type="primary" onClick={() => setActing('hand')}>
                    {t('people.person.hand')}
                  </Button>
                ) : null
              }
            >
              <HeldTable of={data.held} caption={t('people.person.held')} empty={t('people.person.nothing')} />
            </Panel>
            <Changes of={data} />
            <Panel title={t('people.delegation.title')}>
              <Delegations
                of={data.delegations}
                caption={t('people.delegation.title')}
                mayEnd={may('roles.manage')}
                refresh={keyOf(user)}
              />
            </Panel>
            <History of={data} />
          </div>
        )}
      </Loaded>
      {view.data && (acting === 'move' || acting === 'leave') ? (
        <ChangeDialog of={view.data} kind={acting} onClose={() => setActing(null)} />
      ) : null}
      {view.data && acting === 'hand' ? <Handover of={view.data} onClose={() => setActing(null)} /> : null}
    </Page>
  );
}

const tones = { planned: 'warn', done: 'good', cancelled: undefined } as const;

function Changes({ of: data }: { of: Person }) {
  const { t } = useSpeech();
  const { nameOf } = useNames();
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: (id: number) => api.post('/api/v1/people/changes/{id}/cancel', { params: { id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: keyOf(data.id) }),
  });
  return (
    <Panel title={t('people.person.changes')} flush={data.changes.length > 0}>
      {cancel.isError ? <Failure error={cancel.error} /> : null}
      <DataTable
        caption={t('people.person.changes')}
        rows={data.changes}
        rowKey={(row) => row.id}
        empty={<Empty title={t('people.person.no-changes')} />}
        columns={[
          { key: 'day', title: t('people.org.day'), head: true, tight: true, render: (row) => day(row.day) },
          {
            key: 'what',
            title: t('people.what'),
            render: (row) => (
              <>
                {row.kind === 'move'
                  ? t('people.person.moved-to', { name: nameOf(row.organisation) })
                  : t('people.person.left')}
                <div className="small quiet">
                  {row.reason} · <span className="mono">{row.by}</span>
                </div>
              </>
            ),
          },
          { key: 'roles', title: t('people.person.taken'), render: (row) => <Roles of={row.roles} /> },
          {
            key: 'state',
            title: t('exchange.state'),
            tight: true,
            render: (row) => <Label tone={tones[row.state]}>{t(`people.person.state.${row.state}`)}</Label>,
          },
          {
            key: 'act',
            title: <span className="visually-hidden">{t('people.acts')}</span>,
            tight: true,
            render: (row) =>
              row.state === 'planned' && data.mayChange ? (
                <Popconfirm
                  title={t('people.person.cancel-sure')}
                  okText={t('people.person.cancel')}
                  cancelText={t('common.cancel')}
                  onConfirm={() => cancel.mutate(row.id)}
                >
                  <Button size="small">{t('people.person.cancel')}</Button>
                </Popconfirm>
              ) : null,
          },
        ]}
      />
    </Panel>
  );
}

function History({ of: data }: { of: Person }) {
  const { t } = useSpeech();
  const { nameOf } = useNames();
  const span = (row: { from: string; to: string | null }) => (
    <>
      <Instant at={row.from} /> – {row.to ? <Instant at={row.to} /> : '…'}
    </>
  );
  return (
    <div className="cols-2">
      <Panel title={t('people.person.belonged')} flush>
        <DataTable
          caption={t('people.person.belonged')}
          rows={data.history}
          rowKey={(row, i) => `${row.from} ${i}`}
          columns={[
            {
              key: 'where',
              title: t('frame.account.organisation'),
              head: true,
              render: (row) => (
                <>
                  {nameOf(row.organisation)}{' '}
                  {row.disabled ? <Label tone="bad">{t('system.users.state.disabled')}</Label> : null}
                </>
              ),
            },
            { key: 'days', title: t('people.days'), render: span },
          ]}
        />
      </Panel>
      <Panel title={t('people.person.had')} flush={data.rolesHistory.length > 0}>
        <DataTable
          caption={t('people.person.had')}
          rows={data.rolesHistory}
          rowKey={(row, i) => `${row.role} ${row.from} ${i}`}
          empty={<Empty title={t('system.users.no-role')} />}
          columns={[
            { key: 'role', title: t('people.review.role'), head: true, render: (row) => <Roles of={[row.role]} /> },
            {
              key: 'by',
              title: t('people.person.by'),
              render: (row) => <span className="mono small">{row.by ?? '—'}</span>,
            },
            { key: 'days', title: t('people.days'), render: span },
          ]}
        />
      </Panel>
    </div>
  );
}

function ChangeDialog({ of: data, kind, onClose }: { of: Person; kind: 'move' | 'leave'; onClose: () => void }) {
  const { t } = useSpeech();
  const { choices } = useNames();
  const client = useQueryClient();
  const [form] = Form.useForm<{ day: Dayjs; organisation?: string; reason: string }>();
  const plan = useMutation({
    mutationFn: (v: { day: Dayjs; organisation?: string; reason: string }) =>
      api.post('/api/v1/people/users/{id}/changes', {
        params: { id: data.id },
        body: { kind, day: v.day.format('YYYY-MM-DD'), organisation: v.organisation ?? null, reason: v.reason },
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['people'] });
      await client.invalidateQueries({ queryKey: ['users'] });
      onClose();
    },
  });
  const today = dayjs();
  return (
    <Modal
      open
      title={`${t(`people.person.${kind}`)} · ${data.login}`}
      okText={t(`people.person.${kind}`)}
      cancelText={t('common.cancel')}
      okButtonProps={{ danger: kind === 'leave', loading: plan.isPending }}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <p style={{ marginBlockEnd: 12 }}>{t(`people.person.${kind}-text`)}</p>
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ day: today }}
        onFinish={(v) => plan.mutate(v)}
      >
        <Form.Item name="day" label={t('people.org.day')} rules={[{ required: true, message: t('common.required') }]}>
          <DatePicker style={{ width: '100%' }} minDate={today} />
        </Form.Item>
        {kind === 'move' ? (
          <Form.Item name="organisation" label={t('people.person.where')} extra={t('people.person.where-text')}>
            <Select allowClear showSearch={{ optionFilterProp: 'label' }} options={choices} />
          </Form.Item>
        ) : null}
        <Form.Item
          name="reason"
          label={t('common.reason')}
          rules={[{ required: true, min: 4, message: t('common.reason-short') }]}
        >
          <Input.TextArea rows={2} maxLength={500} />
        </Form.Item>
      </Form>
      {plan.isError ? <Failure error={plan.error} /> : null}
    </Modal>
  );
}

function Handover({ of: data, onClose }: { of: Person; onClose: () => void }) {
  const { t, say } = useSpeech();
  const client = useQueryClient();
  const kinds = data.held.filter((h) => h.hand);
  const [form] = Form.useForm<{ to: string; kinds: string[]; reason: string }>();
  const hand = useMutation({
    mutationFn: (v: { to: string; kinds: string[]; reason: string }) =>
      api.post('/api/v1/people/users/{id}/handover', { params: { id: data.id }, body: v }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keyOf(data.id) });
      onClose();
    },
  });
  return (
    <Modal
      open
      title={`${t('people.person.hand')} · ${data.login}`}
      okText={t('people.person.hand')}
      cancelText={t('common.cancel')}
      okButtonProps={{ loading: hand.isPending }}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ kinds: kinds.map((h) => h.kind) }}
        onFinish={(v) => hand.mutate(v)}
      >
        <Form.Item
          name="kinds"
          label={t('people.what')}
          rules={[{ type: 'array', min: 1, message: t('common.required') }]}
        >
          <Checkbox.Group options={kinds.map((h) => ({ value: h.kind, label: `${say(h.title)} ${h.count}` }))} />
        </Form.Item>
        <Form.Item
          name="to"
          label={t('people.person.taker')}
          rules={[{ required: true, message: t('common.required') }]}
        >
          <Select
            showSearch={{ optionFilterProp: 'label' }}
            options={data.takers.map((c) => ({ value: c.login, label: `${c.name}（${c.login}）` }))}
          />
        </Form.Item>
        <Form.Item
          name="reason"
          label={t('common.reason')}
          rules={[{ required: true, min: 4, message: t('common.reason-short') }]}
        >
          <Input maxLength={500} />
        </Form.Item>
      </Form>
      {hand.isError ? <Failure error={hand.error} /> : null}
    </Modal>
  );
}
