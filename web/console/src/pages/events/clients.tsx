/** 接入方: systems that report by a key of their own; the key is shown once. */
import { PlusOutlined } from '@ant-design/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Input, InputNumber, Modal, Select } from 'antd';
import { useId, useState } from 'react';
import { type Answer, api, type Body } from '../../api/client.ts';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Hash, Instant } from '../../components/value.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useCatalogue, useNames } from './shared.tsx';

type Client = Answer<'/api/v1/events/clients'>['clients'][number];
type Made = Body<'/api/v1/events/clients'>;

export default function Clients() {
  const { t } = useSpeech();
  const names = useNames();
  const { modal, message } = App.useApp();
  const client = useQueryClient();
  const [making, setMaking] = useState<Partial<Made>>();
  const all = useQuery({
    queryKey: ['events', 'clients'],
    queryFn: ({ signal }) => api.get('/api/v1/events/clients', { signal }),
  });
  const end = useMutation({
    mutationFn: (id: string) => api.post('/api/v1/events/clients/{client}/end', { params: { client: id } }),
    onSuccess: () => {
      void message.success(t('events.client-ended'));
      return client.invalidateQueries({ queryKey: ['events', 'clients'] });
    },
  });
  const ask = (c: Client) =>
    modal.confirm({
      title: t('events.client-end', { title: c.title }),
      content: t('events.client-end-text'),
      okText: t('events.client-end-go'),
      okButtonProps: { danger: true },
      cancelText: t('common.cancel'),
      onOk: () => end.mutateAsync(c.id).catch(() => undefined),
    });
  return (
    <Page
      title={t('titles.events-clients')}
      lead={t('events.clients-lead')}
      actions={
        <Button type="primary" icon={<PlusOutlined />} onClick={() => setMaking({ channel: 'department' })}>
          {t('events.client-new')}
        </Button>
      }
    >
      {end.isError ? <Failure error={end.error} /> : null}
      <Loaded query={all}>
        {({ clients }) => (
          <Panel title={t('titles.events-clients')} flush>
            <DataTable
              caption={t('titles.events-clients')}
              rows={clients}
              rowKey={(c) => c.id}
              empty={<Empty title={t('events.clients-none')}>{t('events.clients-none-text')}</Empty>}
              columns={[
                {
                  key: 'title',
                  title: t('events.client'),
                  head: true,
                  render: (c) => <span className="strong">{c.title}</span>,
                },
                { key: 'id', title: t('events.client-short'), tight: true, render: (c) => <code>{c.id}</code> },
                { key: 'channel', title: t('events.channel'), tight: true, render: (c) => names.channel(c.channel) },
                {
                  key: 'state',
                  title: t('events.state'),
                  tight: true,
                  render: (c) => (
                    <Label tone={c.active ? 'good' : undefined}>
                      {t(c.active ? 'events.client-active' : 'events.client-off')}
                    </Label>
                  ),
                },
                { key: 'rate', title: t('events.per-minute'), align: 'end', render: (c) => c.perMinute },
                { key: 'reports', title: t('events.reports-30'), align: 'end', render: (c) => c.reports },
                {
                  key: 'last',
                  title: t('events.last-report'),
                  tight: true,
                  render: (c) => <Instant at={c.last} only="ago" />,
                },
                {
                  key: 'act',
                  title: t('events.acts'),
                  tight: true,
                  render: (c) => (
                    <span className="row" style={{ flexWrap: 'nowrap' }}>
                      <Button
                        size="small"
                        onClick={() =>
                          setMaking({
                            ...{ id: c.id, title: c.title, perMinute: c.perMinute },
                            channel: c.channel as Made['channel'],
                          })
                        }
                      >
                        {t('events.client-renew')}
                      </Button>
                      {c.active ? (
                        <Button size="small" danger onClick={() => ask(c)}>
                          {t('events.client-end-go')}
                        </Button>
                      ) : null}
                    </span>
                  ),
                },
              ]}
            />
          </Panel>
        )}
      </Loaded>
      {making ? <Make given={making} onClose={() => setMaking(undefined)} /> : null}
      <p className="small quiet" style={{ marginBlockStart: 12 }}>
        {t('events.clients-how')} <code>POST /events/v1/reports</code> · <code>Jingwei-Key</code> ·{' '}
        <code>/open311/v2</code>
      </p>
    </Page>
  );
}

/** A new client, or a new key of one: the old key ends. */
function Make({ given, onClose }: { given: Partial<Made>; onClose: () => void }) {
  const { t, say } = useSpeech();
  const client = useQueryClient();
  const { data } = useCatalogue();
  const base = useId();
  const renewing = given.id !== undefined;
  const [form, setForm] = useState<Partial<Made>>({ perMinute: 60, ...given });
  const make = useMutation({
    mutationFn: () => api.post('/api/v1/events/clients', { body: form }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['events', 'clients'] }),
  });
  const ready = /^[a-z][a-z0-9-]{1,40}$/.test(form.id ?? '') && (form.title?.trim().length ?? 0) >= 2;
  return (
    <Modal
      open
      title={t(renewing ? 'events.client-renew' : 'events.client-new')}
      onCancel={onClose}
      maskClosable={!make.data}
      footer={
        make.data ? (
          <Button type="primary" onClick={onClose}>
            {t('events.key-kept')}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="primary" disabled={!ready} loading={make.isPending} onClick={() => make.mutate()}>
              {t('events.confirm')}
            </Button>
          </>
        )
      }
    >
      {make.data ? (
        <div className="note warn stack-s">
          <p className="strong">{t('events.key-once')}</p>
          <p>
            <Hash value={make.data.key} whole />
          </p>
        </div>
      ) : (
        <div className="stack-s">
          {renewing ? <p className="note warn">{t('events.client-renew-text')}</p> : null}
          <label htmlFor={`${base}-i`}>{t('events.client-id')}</label>
          <Input
            id={`${base}-i`}
            disabled={renewing}
            maxLength={41}
            value={form.id ?? ''}
            placeholder="hotline-system"
            onChange={(e) => setForm({ ...form, id: e.target.value.trim() })}
          />
          <label htmlFor={`${base}-t`}>{t('events.client')}</label>
          <Input
            id={`${base}-t`}
            maxLength={80}
            value={form.title ?? ''}
            onChange={(e) => setForm({ ...form, title: e.target.value })}
          />
          <label htmlFor={`${base}-c`}>{t('events.channel')}</label>
          <Select
            id={`${base}-c`}
            aria-label={t('events.channel')}
            value={form.channel ?? null}
            options={Object.entries(data?.channels ?? {}).map(([value, title]) => ({ value, label: say(title) }))}
            onChange={(channel: Made['channel']) => setForm({ ...form, channel })}
          />
          <label htmlFor={`${base}-n`}>{t('events.per-minute')}</label>
          <InputNumber
            id={`${base}-n`}
            min={1}
            max={6000}
            value={form.perMinute ?? 60}
            onChange={(n) => setForm({ ...form, perMinute: n ?? 60 })}
          />
          {make.isError ? <Failure error={make.error} /> : null}
        </div>
      )}
    </Modal>
  );
}
