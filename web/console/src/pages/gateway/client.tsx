/** A client: what it may, its secrets and their rotation, stopping and ending it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { App, Button, Input, Modal, Popconfirm } from 'antd';
import { useId, useState } from 'react';
import { api } from '../../api/client.ts';
import { Fact, Facts, Label, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { day, full, instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { ClientForm, keysOf } from './client-form.tsx';
import { SecretOnce } from './secret.tsx';
import { Address, type Client, ClientState } from './shared.tsx';

export default function ClientPage() {
  const { t, say } = useSpeech();
  const { client } = useParams({ strict: false }) as { client: string };
  const one = useQuery({
    queryKey: ['gateway', 'client', client],
    queryFn: ({ signal }) => api.get('/api/v1/gateway/clients/{id}', { params: { id: client }, signal }),
  });
  useTabTitle(one.data?.name);
  return (
    <Page
      title={one.data?.name ?? t('titles.gateway-client')}
      lead={one.data ? say(one.data.organisation.name) : undefined}
      back={{ to: '/gateway/clients', label: t('titles.gateway-clients') }}
      actions={
        one.data ? (
          <Link to="/gateway/usage" search={{ client } as never}>
            <Button>{t('titles.gateway-usage')}</Button>
          </Link>
        ) : null
      }
    >
      <Loaded query={one}>{(data) => <Body data={data} />}</Loaded>
    </Page>
  );
}

function Body({ data }: { data: Client }) {
  const { t } = useSpeech();
  const limit = (n: number | null) => (n === null ? t('gateway.form.as-service') : full(n));
  return (
    <div className="stack">
      <Panel
        title={t('gateway.client')}
        extra={
          <>
            {data.sandbox ? <Label tone="weft">{t('gateway.sandbox')}</Label> : null}
            <ClientState of={data.state} />
          </>
        }
      >
        <div className="stack-s">
          <Facts>
            <Fact label="client_id" wide>
              <Address text={data.id} label="client_id" />
            </Fact>
            <Fact label={t('gateway.form.purpose')} wide>
              {data.purpose}
            </Fact>
            <Fact label={t('gateway.method-title')}>{t(`gateway.method.${data.method}`)}</Fact>
            <Fact label={t('gateway.expires')}>
              {data.expiresAt ? day(data.expiresAt.slice(0, 10)) : t('gateway.never')}
            </Fact>
            <Fact label={t('gateway.form.rate')}>{limit(data.perSecond)}</Fact>
            <Fact label={t('gateway.limit.concurrent')}>{limit(data.concurrent)}</Fact>
            <Fact label={t('gateway.form.scope')} wide>
              {data.scope.length ? data.scope.map((s) => <code key={s}>{s} </code>) : t('gateway.form.scope-all')}
            </Fact>
            <Fact label={t('gateway.form.networks')} wide>
              {data.networks.length ? data.networks.map((n) => <code key={n}>{n} </code>) : t('gateway.any-network')}
            </Fact>
            {data.endedAt ? <Fact label={t('gateway.ended')}>{instant(data.endedAt)}</Fact> : null}
          </Facts>
          {data.mayStop || data.mayChange ? <States data={data} /> : null}
        </div>
      </Panel>
      {data.method === 'secret' && data.state !== 'ended' ? <Secrets data={data} /> : null}
      {data.mayChange ? <Change data={data} /> : null}
    </div>
  );
}

type Target = 'active' | 'disabled' | 'ended';

function States({ data }: { data: Client }) {
  const { t } = useSpeech();
  const queries = useQueryClient();
  const id = useId();
  const [to, setTo] = useState<Target | null>(null);
  const [reason, setReason] = useState('');
  const act = useMutation({
    mutationFn: (state: Target) =>
      api.post('/api/v1/gateway/clients/{id}/state', {
        params: { id: data.id },
        body: { state, reason: reason.trim() },
      }),
    onSuccess: async () => {
      setTo(null);
      setReason('');
      await queries.invalidateQueries({ queryKey: ['gateway'] });
    },
  });
  return (
    <div className="row">
      {data.state === 'disabled' && data.mayChange ? (
        <Button onClick={() => setTo('active')}>{t('gateway.to.active')}</Button>
      ) : null}
      {data.state === 'active' || data.state === 'expired' ? (
        <Button onClick={() => setTo('disabled')}>{t('gateway.to.disabled')}</Button>
      ) : null}
      <Button danger onClick={() => setTo('ended')}>
        {t('gateway.to.ended')}
      </Button>
      <Modal
        open={to !== null}
        title={to ? t(`gateway.to.${to}`) : ''}
        onCancel={() => setTo(null)}
        okText={to ? t(`gateway.to.${to}`) : ''}
        cancelText={t('common.cancel')}
        okButtonProps={{ danger: to === 'ended', disabled: [...reason.trim()].length < 2, loading: act.isPending }}
        onOk={() => to && act.mutate(to)}
      >
        <div className="stack-s">
          {to ? <p>{t(`gateway.to-note.${to}`)}</p> : null}
          <label htmlFor={id}>{t('gateway.reason')}</label>
          <Input.TextArea id={id} rows={2} maxLength={300} value={reason} onChange={(e) => setReason(e.target.value)} />
          {act.isError ? <Failure error={act.error} /> : null}
        </div>
      </Modal>
    </div>
  );
}

function Secrets({ data }: { data: Client }) {
  const { t } = useSpeech();
  const queries = useQueryClient();
  const [fresh, setFresh] = useState<string | null>(null);
  const again = () => queries.invalidateQueries({ queryKey: ['gateway', 'client'] });
  const add = useMutation({
    mutationFn: () => api.post('/api/v1/gateway/clients/{id}/secrets', { params: { id: data.id }, body: {} as never }),
    onSuccess: async (answer) => {
      setFresh(answer.secret);
      await again();
    },
  });
  const end = useMutation({
    mutationFn: (secret: number) =>
      api.delete('/api/v1/gateway/clients/{id}/secrets/{secret}', { params: { id: data.id, secret } }),
    onSuccess: again,
  });
  const live = data.secrets.filter((s) => !s.expired).length;
  return (
    <Panel
      title={t('gateway.secrets')}
      extra={
        data.mayChange ? (
          <Button size="small" disabled={live >= 2} loading={add.isPending} onClick={() => add.mutate()}>
            {t('gateway.secret-add')}
          </Button>
        ) : null
      }
    >
      <div className="stack-s">
        <p className="small quiet">{t('gateway.secrets-note')}</p>
        {add.isError ? <Failure error={add.error} /> : null}
        {end.isError ? <Failure error={end.error} /> : null}
        <DataTable
          caption={t('gateway.secrets')}
          rows={data.secrets}
          rowKey={(row) => row.id}
          empty={<p className="note warn">{t('gateway.secrets-none')}</p>}
          columns={[
            { key: 'hint', title: t('gateway.secret'), head: true, render: (row) => <code>jws_…{row.hint}</code> },
            {
              key: 'made',
              title: t('gateway.made'),
              render: (row) => (
                <>
                  <span className="num">{instant(row.createdAt)}</span>{' '}
                  <span className="small quiet">{row.createdBy}</span>
                </>
              ),
            },
            {
              key: 'expires',
              title: t('gateway.expires'),
              tight: true,
              render: (row) =>
                row.expired ? (
                  <Label tone="bad">{t('gateway.client-state.expired')}</Label>
                ) : (
                  <span className="num">{row.expiresAt ? instant(row.expiresAt) : '—'}</span>
                ),
            },
            {
              key: 'end',
              title: <span className="visually-hidden">{t('gateway.secret-end')}</span>,
              tight: true,
              render: (row) =>
                data.mayChange ? (
                  <Popconfirm
                    title={t('gateway.secret-end-sure')}
                    okText={t('gateway.secret-end')}
                    cancelText={t('common.cancel')}
                    onConfirm={() => end.mutate(row.id)}
                  >
                    <Button size="small" danger>
                      {t('gateway.secret-end')}
                    </Button>
                  </Popconfirm>
                ) : null,
            },
          ]}
        />
      </div>
      <SecretOnce id={data.id} secret={fresh} onClose={() => setFresh(null)} />
    </Panel>
  );
}

function Change({ data }: { data: Client }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const { name, purpose, sandbox, method, scope, networks, perSecond, concurrent, expiresAt } = data;
  const initial = { name, purpose, sandbox, method, scope, networks, perSecond, concurrent, expiresAt, keys: '' };
  const save = useMutation({
    mutationFn: (draft: typeof initial) => {
      const { sandbox: _s, method: _m, keys, ...rest } = draft;
      const given = keys.trim() ? { keys: keysOf(keys) } : {};
      return api.put('/api/v1/gateway/clients/{id}', {
        params: { id: data.id },
        body: { ...rest, ...given, version: data.version } as never,
      });
    },
    onSuccess: async () => {
      message.success(t('gateway.saved'));
      await queries.invalidateQueries({ queryKey: ['gateway'] });
    },
  });
  return (
    <Panel title={t('gateway.change')}>
      <p className="small quiet" style={{ marginBlockEnd: 12 }}>
        {t('gateway.change-note')}
      </p>
      <ClientForm
        key={data.version}
        initial={initial}
        fresh={false}
        saving={save.isPending}
        error={save.error}
        submit={t('gateway.save')}
        onSubmit={(draft) => save.mutate(draft)}
      />
    </Panel>
  );
}
