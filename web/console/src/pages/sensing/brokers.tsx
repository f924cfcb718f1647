/** Outside brokers: which are listened to, how they are doing; made, changed, switched. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Input, Modal, Select } from 'antd';
import { type ReactNode, useState } from 'react';
import { api } from '../../api/client.ts';
import { Num } from '../../components/figure.tsx';
import { Label, Panel } from '../../components/page.tsx';
import { Empty, Failure, problemOf } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { clockTime } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { useGatewayChoices } from './gateways.tsx';
import { type Broker, Field, formGrid } from './shared.tsx';

const tones = { connected: 'good', waiting: 'bad', connecting: 'info', off: undefined } as const;

export function Brokers({ of: brokers }: { of: readonly Broker[] }) {
  const { t } = useSpeech();
  const { may } = useSession();
  const [editing, setEditing] = useState<Broker | 'new' | null>(null);
  const manage = may('sensing.manage');
  return (
    <Panel
      title={t('sensing.brokers')}
      flush
      extra={
        manage ? (
          <Button size="small" onClick={() => setEditing('new')}>
            {t('sensing.new-broker')}
          </Button>
        ) : null
      }
    >
      {editing ? (
        <BrokerForm
          key={editing === 'new' ? 'new' : editing.id}
          of={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)}
        />
      ) : null}
      <DataTable
        caption={t('sensing.brokers')}
        rows={brokers}
        rowKey={(row) => row.id}
        empty={<Empty title={t('sensing.no-brokers')}>{t('sensing.no-brokers-text')}</Empty>}
        columns={[
          {
            key: 'title',
            title: t('sensing.broker'),
            head: true,
            render: (row) => (
              <div style={{ minInlineSize: 160 }}>
                {row.title}
                <p className="small quiet" style={{ overflowWrap: 'anywhere' }}>
                  {row.url} · {row.topic}
                </p>
              </div>
            ),
          },
          {
            key: 'state',
            title: t('sensing.state'),
            render: (row) => (
              <>
                <Label tone={tones[row.state]}>{t(`sensing.broker-state.${row.state}`)}</Label>
                {row.error ? (
                  <p className="small quiet" style={{ overflowWrap: 'anywhere' }}>
                    {row.error}
                    {row.next ? ` · ${t('sensing.next-try', { at: clockTime(row.next) })}` : ''}
                  </p>
                ) : null}
              </>
            ),
          },
          { key: 'gateway', title: t('sensing.gateway'), tight: true, render: (row) => row.gateway },
          {
            key: 'messages',
            title: t('sensing.messages'),
            align: 'end',
            render: (row) => <Num value={row.messages} exact />,
          },
          ...(manage
            ? [
                {
                  key: 'act',
                  title: t('sensing.act'),
                  tight: true,
                  render: (row: Broker) => (
                    <span className="row" style={{ gap: 6 }}>
                      <Button size="small" onClick={() => setEditing(row)}>
                        {t('sensing.edit')}
                      </Button>
                      <Switch of={row} />
                    </span>
                  ),
                },
              ]
            : []),
        ]}
      />
    </Panel>
  );
}

function Switch({ of }: { of: Broker }) {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const move = useMutation({
    mutationFn: () =>
      api.patch('/api/v1/sensing/brokers/{id}', {
        params: { id: of.id },
        body: { version: of.version, active: !of.active },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['sensing', 'intake'] }),
    onError: (error) => void message.error(say(problemOf(error).title)),
  });
  return (
    <Button size="small" loading={move.isPending} onClick={() => move.mutate()}>
      {t(of.active ? 'sensing.broker-off' : 'sensing.broker-on')}
    </Button>
  );
}

/** A broker made or changed. Its password is never shown; a new address without a new password forgets the old one. */
function BrokerForm({ of, onClose }: { of: Broker | null; onClose: () => void }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const gateways = useGatewayChoices();
  const [form, setForm] = useState({
    ...{ title: of?.title ?? '', url: of?.url ?? '', protocol: (of?.protocol ?? 5) as 4 | 5, topic: of?.topic ?? '' },
    ...{ shareGroup: of?.shareGroup ?? '', gateway: of?.gateway ?? '', username: of?.username ?? '' },
    ...{ password: '', ca: of?.ca ?? '' },
  });
  const set = (patch: Partial<typeof form>) => setForm((f) => ({ ...f, ...patch }));
  const save = useMutation({
    mutationFn: async () => {
      const { title, url, protocol, topic, gateway, password } = form;
      const shareGroup = protocol === 5 ? form.shareGroup.trim() || null : null;
      const body = { title, url, protocol, topic, gateway, shareGroup, username: form.username || null };
      const rest = { ca: form.ca.trim() || null };
      if (of === null)
        await api.post('/api/v1/sensing/brokers', { body: { ...body, ...rest, password: password || null } });
      else
        await api.patch('/api/v1/sensing/brokers/{id}', {
          params: { id: of.id },
          body: { version: of.version, ...body, ...rest, ...(password ? { password } : {}) },
        });
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['sensing', 'intake'] });
      onClose();
    },
  });
  const field = (name: 'title' | 'url' | 'topic' | 'shareGroup' | 'username', more: { off?: boolean } = {}) => (
    <Field label={t(`sensing.broker-form.${name}`)}>
      <Input
        aria-label={t(`sensing.broker-form.${name}`)}
        value={form[name]}
        disabled={more.off === true}
        placeholder={name === 'url' ? 'mqtts://broker.example:8883' : name === 'topic' ? 'sensors/+/readings' : ''}
        onChange={(e) => set({ [name]: e.target.value })}
      />
    </Field>
  );
  const choose = (label: string, control: ReactNode) => <Field label={label}>{control}</Field>;
  return (
    <Modal
      open
      width={680}
      title={of ? of.title : t('sensing.new-broker')}
      onCancel={onClose}
      onOk={() => save.mutate()}
      okText={t('sensing.save')}
      cancelText={t('common.cancel')}
      okButtonProps={{
        loading: save.isPending,
        disabled: !form.title.trim() || !form.url.trim() || !form.topic.trim() || !form.gateway,
      }}
    >
      <div className="stack-s">
        <div style={formGrid}>
          {field('title')}
          {field('url')}
          {field('topic')}
          {choose(
            t('sensing.broker-form.protocol'),
            <Select
              aria-label={t('sensing.broker-form.protocol')}
              value={form.protocol}
              options={[
                { value: 5, label: 'MQTT 5' },
                { value: 4, label: 'MQTT 3.1.1' },
              ]}
              onChange={(protocol) => set({ protocol })}
              style={{ inlineSize: '100%' }}
            />,
          )}
          {field('shareGroup', { off: form.protocol !== 5 })}
          {choose(
            t('sensing.broker-form.gateway'),
            <Select
              aria-label={t('sensing.broker-form.gateway')}
              showSearch
              optionFilterProp="label"
              value={form.gateway || null}
              options={gateways}
              onChange={(v) => set({ gateway: v ?? '' })}
              style={{ inlineSize: '100%' }}
            />,
          )}
          {field('username')}
          {choose(
            t('sensing.broker-form.password'),
            <Input.Password
              aria-label={t('sensing.broker-form.password')}
              autoComplete="new-password"
              placeholder={of?.hasPassword ? t('sensing.password-kept') : ''}
              value={form.password}
              onChange={(e) => set({ password: e.target.value })}
            />,
          )}
        </div>
        <Field label={t('sensing.broker-form.ca')}>
          <Input.TextArea
            aria-label={t('sensing.broker-form.ca')}
            rows={3}
            value={form.ca}
            onChange={(e) => set({ ca: e.target.value })}
          />
        </Field>
        <p className="small quiet">{t('sensing.broker-text')}</p>
        {save.error ? <Failure error={save.error} /> : null}
      </div>
    </Modal>
  );
}
