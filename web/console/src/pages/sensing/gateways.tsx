/** Device gateways: whose, what they may write, how fast; their keys. A new key is shown once. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Checkbox, Input, InputNumber, Modal, Popconfirm, Select } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Label, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded, problemOf } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { useOwners } from '../exchange/shared.tsx';
import { Field, formGrid, type Gateway, useOrganisations } from './shared.tsx';

const useGateways = () =>
  useQuery({
    queryKey: ['sensing', 'gateways'],
    queryFn: ({ signal }) => api.get('/api/v1/sensing/gateways', { signal }),
  });

/** Gateways as choices of a form. */
export function useGatewayChoices(): { value: string; label: string }[] {
  return (useGateways().data?.items ?? []).map((g) => ({ value: g.id, label: `${g.title} · ${g.id}` }));
}

export function Gateways() {
  const { t } = useSpeech();
  const { nameOf } = useOwners();
  const { may } = useSession();
  const [editing, setEditing] = useState<Gateway | 'new' | null>(null);
  const [made, setMade] = useState<{ gateway: string; key: string } | null>(null);
  const all = useGateways();
  const manage = may('sensing.manage');
  return (
    <Panel
      title={t('sensing.gateways')}
      extra={
        manage ? (
          <Button size="small" onClick={() => setEditing('new')}>
            {t('sensing.new-gateway')}
          </Button>
        ) : null
      }
    >
      <div className="stack-s">
        {made ? (
          <div className="note" role="status">
            <p>{t('sensing.key-once', { gateway: made.gateway })}</p>
            <code style={{ overflowWrap: 'anywhere' }}>{made.key}</code>
          </div>
        ) : null}
        {editing ? (
          <GatewayForm
            key={editing === 'new' ? 'new' : editing.id}
            of={editing === 'new' ? null : editing}
            onClose={() => setEditing(null)}
            onKey={setMade}
          />
        ) : null}
        <Loaded query={all}>
          {({ items }) => (
            <DataTable
              caption={t('sensing.gateways')}
              rows={items}
              rowKey={(row) => row.id}
              empty={<Empty title={t('sensing.no-gateways')} />}
              columns={[
                {
                  key: 'title',
                  title: t('sensing.gateway'),
                  head: true,
                  render: (row) => (
                    <div style={{ minInlineSize: 140 }}>
                      {row.title} {row.state === 'disabled' ? <Label>{t('sensing.disabled')}</Label> : null}
                      <p className="small quiet">
                        {row.id} · {nameOf(row.owner)}
                      </p>
                    </div>
                  ),
                },
                {
                  key: 'scope',
                  title: t('sensing.form.scope'),
                  render: (row) => (
                    <span className="small" style={{ overflowWrap: 'anywhere' }}>
                      {row.scope.join(' ')}
                    </span>
                  ),
                },
                {
                  key: 'rate',
                  title: t('sensing.per-second'),
                  align: 'end',
                  render: (row) => row.perSecond.toLocaleString('en-US'),
                },
                {
                  key: 'auto',
                  title: t('sensing.auto'),
                  tight: true,
                  render: (row) => (row.auto ? t('sensing.yes') : t('sensing.no')),
                },
                {
                  key: 'keys',
                  title: t('sensing.keys'),
                  render: (row) => <Keys of={row} manage={manage} onKey={setMade} />,
                },
                ...(manage
                  ? [
                      {
                        key: 'act',
                        title: t('sensing.act'),
                        tight: true,
                        render: (row: Gateway) => (
                          <Button size="small" onClick={() => setEditing(row)}>
                            {t('sensing.edit')}
                          </Button>
                        ),
                      },
                    ]
                  : []),
              ]}
            />
          )}
        </Loaded>
      </div>
    </Panel>
  );
}

/** The keys of a gateway: two at most, so that one can be changed for another without a gap. */
function Keys(props: { of: Gateway; manage: boolean; onKey: (made: { gateway: string; key: string }) => void }) {
  const { of, manage, onKey } = props;
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const done = () => client.invalidateQueries({ queryKey: ['sensing', 'gateways'] });
  const onError = (error: unknown) => void message.error(say(problemOf(error).title));
  const more = useMutation({
    mutationFn: () => api.post('/api/v1/sensing/gateways/{id}/keys', { params: { id: of.id } }),
    onSuccess: (made) => {
      onKey(made);
      return done();
    },
    onError,
  });
  const end = useMutation({
    mutationFn: (key: number) => api.delete('/api/v1/sensing/gateways/{id}/keys/{key}', { params: { id: of.id, key } }),
    onSuccess: done,
    onError,
  });
  return (
    <div className="row" style={{ flexWrap: 'wrap', gap: 6 }}>
      {of.keys.length === 0 && !manage ? '—' : null}
      {of.keys.map((k) => (
        <span key={k.id} className="row" style={{ gap: 2 }}>
          <span className="num">{k.hint}</span>
          {manage ? (
            <Popconfirm
              title={t('sensing.key-end-sure')}
              okText={t('common.yes')}
              cancelText={t('common.cancel')}
              onConfirm={() => end.mutate(k.id)}
            >
              <Button size="small" type="text" aria-label={t('sensing.key-end', { key: k.hint })}>
                ✕
              </Button>
            </Popconfirm>
          ) : null}
        </span>
      ))}
      {manage && of.keys.length < 2 ? (
        <Button size="small" loading={more.isPending} onClick={() => more.mutate()}>
          {t('sensing.key-more')}
        </Button>
      ) : null}
    </div>
  );
}

/** A gateway made or changed. What it is called by devices and whose it is stay. */
function GatewayForm(props: {
  of: Gateway | null;
  onClose: () => void;
  onKey: (made: { gateway: string; key: string }) => void;
}) {
  const { of, onClose, onKey } = props;
  const { t } = useSpeech();
  const { nameOf } = useOwners();
  const client = useQueryClient();
  const owners = useOrganisations(of === null);
  const [form, setForm] = useState({
    ...{ id: of?.id ?? '', title: of?.title ?? '', owner: of?.owner ?? '', scope: of?.scope.join('\n') ?? '' },
    ...{ auto: of?.auto ?? false, perSecond: of?.perSecond ?? 1000, state: of?.state ?? ('active' as const) },
  });
  const set = (patch: Partial<typeof form>) => setForm((f) => ({ ...f, ...patch }));
  const scope = form.scope.split(/[\s,]+/).filter(Boolean);
  const save = useMutation({
    mutationFn: async () => {
      const { title, auto, perSecond, state, id, owner } = form;
      if (of === null)
        onKey(await api.post('/api/v1/sensing/gateways', { body: { id, title, owner, scope, auto, perSecond } }));
      else
        await api.patch('/api/v1/sensing/gateways/{id}', {
          params: { id },
          body: { version: of.version, title, scope, auto, perSecond, state },
        });
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['sensing'] });
      onClose();
    },
  });
  return (
    <Modal
      open
      width={640}
      title={of ? of.title : t('sensing.new-gateway')}
      onCancel={onClose}
      onOk={() => save.mutate()}
      okText={t('sensing.save')}
      cancelText={t('common.cancel')}
      okButtonProps={{
        loading: save.isPending,
        disabled: !form.id.trim() || !form.title.trim() || !form.owner || scope.length === 0,
      }}
    >
      <div className="stack-s">
        <div style={formGrid}>
          <Field label={t('sensing.form.id')}>
            <Input
              aria-label={t('sensing.form.id')}
              value={form.id}
              disabled={of !== null}
              onChange={(e) => set({ id: e.target.value })}
            />
          </Field>
          <Field label={t('sensing.form.title')}>
            <Input
              aria-label={t('sensing.form.title')}
              maxLength={100}
              value={form.title}
              onChange={(e) => set({ title: e.target.value })}
            />
          </Field>
          <Field label={t('sensing.form.owner')}>
            <Select
              aria-label={t('sensing.form.owner')}
              showSearch
              optionFilterProp="label"
              value={form.owner || null}
              disabled={of !== null}
              options={of ? [{ value: of.owner, label: nameOf(of.owner) }] : owners}
              onChange={(v) => set({ owner: v ?? '' })}
              style={{ inlineSize: '100%' }}
            />
          </Field>
          <Field label={t('sensing.per-second')}>
            <InputNumber
              aria-label={t('sensing.per-second')}
              min={1}
              max={1_000_000}
              value={form.perSecond}
              onChange={(v) => set({ perSecond: v ?? 1000 })}
              style={{ inlineSize: '100%' }}
            />
          </Field>
        </div>
        <Field label={t('sensing.form.scope')} hint={t('sensing.scope-hint')}>
          <Input.TextArea
            aria-label={t('sensing.form.scope')}
            rows={3}
            value={form.scope}
            onChange={(e) => set({ scope: e.target.value })}
          />
        </Field>
        <Checkbox checked={form.auto} onChange={(e) => set({ auto: e.target.checked })}>
          {t('sensing.auto-text')}
        </Checkbox>
        {of ? (
          <Checkbox
            checked={form.state === 'disabled'}
            onChange={(e) => set({ state: e.target.checked ? 'disabled' : 'active' })}
          >
            {t('sensing.disable-text')}
          </Checkbox>
        ) : null}
        {save.error ? <Failure error={save.error} /> : null}
      </div>
    </Modal>
  );
}
