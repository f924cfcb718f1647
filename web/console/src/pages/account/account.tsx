/** One's own account: password, two-step sign-in, sessions. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { App, Button, Form, Input, Modal, QRCode } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Fact, Facts, Label, Page, Panel } from '../../components/page.tsx';
import { Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { PasswordFields, type PasswordForm, PasswordRules } from '../../frame/password.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { meQuery, useSession } from '../../session/session.tsx';
import { useOwners } from '../exchange/shared.tsx';

export default function Account() {
  const { t } = useSpeech();
  const { me } = useSession();
  const owners = useOwners();
  return (
    <Page title={t('titles.account')}>
      <div className="stack">
        <Panel title={t('frame.account.who')}>
          <Facts>
            <Fact label={t('frame.account.name')}>{me.user.name}</Fact>
            <Fact label={t('frame.account.login')}>
              <span className="mono">{me.user.login}</span>
            </Fact>
            <Fact label={t('frame.account.organisation')}>
              {me.user.organisation ? owners.nameOf(me.user.organisation) : '—'}
            </Fact>
            <Fact label={t('frame.account.roles')}>
              <span className="row" style={{ gap: 6 }}>
                {me.roles.map((role) => (
                  <Label key={role} tone="primary">
                    {t(`frame.role.${role}`)}
                    {me.acting.filter((a) => a.role === role).map((a) => `（${a.for}）`)}
                  </Label>
                ))}
              </span>
            </Fact>
          </Facts>
          <p className="row small" style={{ marginBlockStart: 12, gap: 16 }}>
            <Link to="/account/roles">{t('titles.own-roles')}</Link>
            <Link to="/account/recertification">{t('titles.own-recertification')}</Link>
          </p>
        </Panel>
        <div className="cols-2">
          {me.session.method === 'password' ? <Password /> : null}
          <Totp />
        </div>
        <Sessions />
      </div>
    </Page>
  );
}

function Password() {
  const { t } = useSpeech();
  const { me } = useSession();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [form] = Form.useForm<PasswordForm>();
  const change = useMutation({
    mutationFn: (values: PasswordForm) =>
      api.post('/api/v1/me/password', { body: { current: values.current, next: values.next } }),
    onSuccess: async () => {
      message.success(t('frame.password.changed'));
      form.resetFields();
      await client.invalidateQueries({ queryKey: ['me', 'sessions'] });
    },
  });
  return (
    <Panel title={t('frame.account.password')}>
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        onFinish={(values) => change.mutate(values)}
        style={{ maxWidth: 400 }}
      >
        <PasswordFields />
        <PasswordRules login={me.user.login} />
        {change.isError ? <Failure error={change.error} /> : null}
        <Button type="primary" htmlType="submit" loading={change.isPending}>
          {t('frame.password.change')}
        </Button>
      </Form>
    </Panel>
  );
}

function Totp() {
  const { t } = useSpeech();
  const { me } = useSession();
  const client = useQueryClient();
  const [codes, setCodes] = useState<string[] | null>(null);
  const [removing, setRemoving] = useState(false);
  const refresh = () => client.fetchQuery({ ...meQuery, staleTime: 0 });
  const enrol = useMutation({
    gcTime: 0,
    mutationFn: (password: string) => api.post('/api/v1/me/totp', { body: { password } }),
  });
  const confirm = useMutation({
    gcTime: 0,
    mutationFn: (code: string) => api.post('/api/v1/me/totp/confirm', { body: { code } }),
    onSuccess: async (answer) => {
      setCodes(answer.recoveryCodes);
      enrol.reset();
      await refresh();
    },
  });
  const remove = useMutation({
    mutationFn: (body: { password: string; code: string }) => api.post('/api/v1/me/totp/remove', { body }),
    onSuccess: async () => {
      setRemoving(false);
      setCodes(null);
      await refresh();
    },
  });
  const required = [{ required: true, message: t('common.required') }];
  return (
    <Panel title={t('frame.account.totp')}>
      <div className="stack">
        <p>
          {me.totp.enabled ? t('frame.account.totp-on', { n: me.totp.recoveryCodesLeft }) : t('frame.account.totp-off')}
        </p>
        {codes ? (
          <div className="note good stack-s">
            <p className="strong">{t('frame.account.totp-codes')}</p>
            <ul className="codes mono">
              {codes.map((code) => (
                <li key={code}>{code}</li>
              ))}
            </ul>
          </div>
        ) : null}
        {me.totp.enabled ? (
          <Button danger onClick={() => setRemoving(true)} style={{ justifySelf: 'start' }}>
            {t('frame.account.totp-remove')}
          </Button>
        ) : enrol.data ? (
          <div className="row row-top" style={{ gap: 20 }}>
            <div role="img" aria-label={t('frame.account.totp-qr')} className="qr">
              <QRCode value={enrol.data.otpauthUrl} type="svg" size={180} color="#16211e" bgColor="#ffffff" />
            </div>
            <div className="grow stack-s" style={{ minWidth: 220 }}>
              <p className="small">{t('frame.account.totp-scan')}</p>
              <p>
                <span className="quiet small">{t('frame.account.totp-secret')}</span>
                <br />
                <span className="hash">{enrol.data.secret}</span>
              </p>
              <Form
                layout="vertical"
                requiredMark={false}
                onFinish={(values: { code: string }) => confirm.mutate(values.code.trim())}
              >
                <Form.Item
                  name="code"
                  label={t('frame.account.totp-code')}
                  rules={[...required, { pattern: /^\s*\d{6}\s*$/, message: t('frame.account.totp-code') }]}
                >
                  <Input inputMode="numeric" autoComplete="one-time-code" maxLength={6} style={{ width: 140 }} />
                </Form.Item>
                <Button type="primary" htmlType="submit" loading={confirm.isPending}>
                  {t('frame.account.totp-confirm')}
                </Button>
              </Form>
              {confirm.isError ? <Failure error={confirm.error} /> : null}
            </div>
          </div>
        ) : (
          <Form
            layout="vertical"
            requiredMark={false}
            onFinish={(values: { password: string }) => enrol.mutate(values.password)}
            style={{ maxWidth: 400 }}
          >
            <Form.Item name="password" label={t('frame.account.confirm-password')} rules={required}>
              <Input.Password autoComplete="current-password" />
            </Form.Item>
            <Button htmlType="submit" loading={enrol.isPending}>
              {t('frame.account.totp-enable')}
            </Button>
          </Form>
        )}
        {enrol.isError ? <Failure error={enrol.error} /> : null}
      </div>
      <Modal
        open={removing}
        title={t('frame.account.totp-remove')}
        onCancel={() => setRemoving(false)}
        footer={null}
        destroyOnHidden
      >
        <Form
          layout="vertical"
          requiredMark={false}
          onFinish={(values: { password: string; code: string }) => remove.mutate(values)}
        >
          <Form.Item name="password" label={t('frame.account.confirm-password')} rules={required}>
            <Input.Password autoComplete="current-password" />
          </Form.Item>
          <Form.Item name="code" label={t('frame.sign-in.code')} rules={required}>
            <Input autoComplete="one-time-code" maxLength={32} />
          </Form.Item>
          {remove.isError ? <Failure error={remove.error} /> : null}
          <Button danger type="primary" htmlType="submit" loading={remove.isPending} style={{ marginBlockStart: 8 }}>
            {t('frame.account.totp-remove')}
          </Button>
        </Form>
      </Modal>
    </Panel>
  );
}

function Sessions() {
  const { t } = useSpeech();
  const client = useQueryClient();
  const sessions = useQuery({
    queryKey: ['me', 'sessions'],
    queryFn: ({ signal }) => api.get('/api/v1/me/sessions', { signal }),
  });
  const end = useMutation({
    mutationFn: (id: string) => api.delete('/api/v1/me/sessions/{id}', { params: { id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['me', 'sessions'] }),
  });
  return (
    <Panel title={t('frame.account.sessions')} flush>
      {end.isError ? <Failure error={end.error} /> : null}
      <Loaded query={sessions}>
        {(data) => (
          <DataTable
            caption={t('frame.account.sessions')}
            rows={data.items}
            rowKey={(row) => row.id}
            columns={[
              {
                key: 'agent',
                title: t('frame.account.session-agent'),
                head: true,
                render: (row) => (
                  <span className="clip" title={row.agent}>
                    {row.agent}
                  </span>
                ),
              },
              {
                key: 'address',
                title: t('frame.account.session-address'),
                tight: true,
                render: (row) => <span className="mono">{row.address}</span>,
              },
              {
                key: 'method',
                title: t('frame.account.session-method'),
                tight: true,
                render: (row) => t(`frame.account.method.${row.method}`),
              },
              {
                key: 'started',
                title: t('frame.account.session-started'),
                tight: true,
                render: (row) => <Instant at={row.startedAt} />,
              },
              {
                key: 'seen',
                title: t('frame.account.session-seen'),
                tight: true,
                render: (row) => <Instant at={row.lastSeenAt} only="ago" />,
              },
              {
                key: 'end',
                title: <span className="visually-hidden">{t('frame.account.session-end')}</span>,
                tight: true,
                render: (row) =>
                  row.current ? (
                    <Label tone="good">{t('frame.account.session-current')}</Label>
                  ) : (
                    <Button
                      size="small"
                      danger
                      loading={end.isPending && end.variables === row.id}
                      onClick={() => end.mutate(row.id)}
                    >
                      {t('frame.account.session-end')}
                    </Button>
                  ),
              },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}
