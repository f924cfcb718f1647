/** The acts of the administrators on one user; each asks for what the hub asks for. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Checkbox, Form, Input, Modal, Select, Switch } from 'antd';
import type { ReactNode } from 'react';
import { api, type Body } from '../../api/client.ts';
import { Failure } from '../../components/states.tsx';
import { Hash } from '../../components/value.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { roles, type User } from './users.tsx';

const bound = new Set<string>(['data-officer', 'credit-user', 'department-head', 'collector', 'field-officer']);

function useRefresh() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ['users'] });
}

/** Departments to choose from; administrators do not read the catalogue, so its absence leaves a text field. */
function OrganisationField({
  name,
  label,
  extra,
}: {
  name: string | (string | number)[];
  label: string;
  extra?: string;
}) {
  const { t } = useSpeech();
  return (
    <Form.Item
      name={name}
      label={label}
      extra={extra}
      rules={[{ pattern: /^[a-z][a-z0-9-]{0,62}$/, message: t('system.users.organisation-id') }]}
    >
      <Input placeholder="scjg" allowClear />
    </Form.Item>
  );
}

function Dialog({
  title,
  ok,
  danger = false,
  pending,
  onClose,
  onOk,
  children,
}: {
  title: string;
  ok: string;
  danger?: boolean;
  pending: boolean;
  onClose: () => void;
  onOk: () => void;
  children: ReactNode;
}) {
  const { t } = useSpeech();
  return (
    <Modal
      open
      title={title}
      okText={ok}
      cancelText={t('common.cancel')}
      okButtonProps={{ danger, loading: pending }}
      onOk={onOk}
      onCancel={onClose}
    >
      {children}
    </Modal>
  );
}

/** A one-time password, shown this once. */
function OneTime({ login, password, onClose }: { login: string; password: string; onClose: () => void }) {
  const { t } = useSpeech();
  return (
    <Modal
      open
      title={t('system.users.one-time-title')}
      onCancel={onClose}
      footer={<Button onClick={onClose}>{t('common.close')}</Button>}
    >
      <p style={{ marginBlockEnd: 10 }}>{t('system.users.one-time-text', { login })}</p>
      <p className="revealed">
        <Hash value={password} whole />
      </p>
    </Modal>
  );
}

export function CreateUser({ onClose }: { onClose: () => void }) {
  const { t } = useSpeech();
  const refresh = useRefresh();
  const [form] = Form.useForm<Body<'/api/v1/users'>>();
  const create = useMutation({
    gcTime: 0,
    mutationFn: (values: Body<'/api/v1/users'>) =>
      api.post('/api/v1/users', {
        body: {
          login: values.login,
          name: values.name,
          organisation: values.organisation || null,
          ...(values.oidcSubject ? { oidcSubject: values.oidcSubject } : {}),
        },
      }),
    onSuccess: refresh,
  });
  if (create.data)
    return <OneTime login={create.data.user.login} password={create.data.oneTimePassword} onClose={onClose} />;
  return (
    <Dialog
      title={t('system.users.create')}
      ok={t('system.users.create')}
      pending={create.isPending}
      onClose={onClose}
      onOk={() => form.submit()}
    >
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => create.mutate(values)}>
        <Form.Item
          name="login"
          label={t('frame.account.login')}
          rules={[{ required: true, pattern: /^[a-z0-9][a-z0-9._@-]{1,63}$/, message: t('system.users.login-rule') }]}
        >
          <Input autoComplete="off" />
        </Form.Item>
        <Form.Item
          name="name"
          label={t('frame.account.name')}
          rules={[{ required: true, whitespace: true, message: t('common.required') }]}
        >
          <Input autoComplete="off" maxLength={100} />
        </Form.Item>
        <OrganisationField name="organisation" label={t('frame.account.organisation')} />
        <Form.Item name="oidcSubject" label={t('system.users.oidc')}>
          <Input autoComplete="off" maxLength={255} />
        </Form.Item>
      </Form>
      {create.isError ? <Failure error={create.error} /> : null}
    </Dialog>
  );
}

export function EditUser({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useSpeech();
  const refresh = useRefresh();
  const [form] = Form.useForm<{ name: string; organisation?: string; disabled: boolean }>();
  const edit = useMutation({
    mutationFn: (values: { name: string; organisation?: string; disabled: boolean }) =>
      api.patch('/api/v1/users/{id}', {
        params: { id: user.id },
        body: { name: values.name, organisation: values.organisation || null, disabled: values.disabled },
      }),
    onSuccess: async () => {
      await refresh();
      onClose();
    },
  });
  return (
    <Dialog
      title={`${t('system.users.act.edit')} · ${user.login}`}
      ok={t('common.save')}
      pending={edit.isPending}
      onClose={onClose}
      onOk={() => form.submit()}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ name: user.name, organisation: user.organisation ?? '', disabled: user.disabled }}
        onFinish={(values) => edit.mutate(values)}
      >
        <Form.Item
          name="name"
          label={t('frame.account.name')}
          rules={[{ required: true, whitespace: true, message: t('common.required') }]}
        >
          <Input maxLength={100} />
        </Form.Item>
        <OrganisationField
          name="organisation"
          label={t('frame.account.organisation')}
          extra={t('people.person.edit-hint')}
        />
        <Form.Item
          name="disabled"
          label={t('system.users.disable')}
          valuePropName="checked"
          extra={t('system.users.disable-text')}
        >
          <Switch />
        </Form.Item>
      </Form>
      {edit.isError ? <Failure error={edit.error} /> : null}
    </Dialog>
  );
}

interface GrantForm {
  held: string[];
  organisations: Record<string, string>;
  reason: string;
}

export function GrantRoles({ user, onClose }: { user: User; onClose: () => void }) {
  const { t, say } = useSpeech();
  const refresh = useRefresh();
  const [form] = Form.useForm<GrantForm>();
  const table = useQuery({
    queryKey: ['roles'],
    queryFn: ({ signal }) => api.get('/api/v1/roles', { signal }),
    staleTime: 600_000,
  });
  const held: string[] = Form.useWatch('held', form) ?? user.grants.map((grant) => grant.role);
  const grant = useMutation({
    mutationFn: (values: GrantForm) =>
      api.put('/api/v1/users/{id}/grants', {
        params: { id: user.id },
        body: {
          grants: values.held.map((role) => ({
            role,
            organisation: bound.has(role) ? values.organisations?.[role] || user.organisation : null,
          })),
          reason: values.reason,
        },
      }),
    onSuccess: async () => {
      await refresh();
      onClose();
    },
  });
  const titles = new Map(table.data?.roles.map((role) => [role.role as string, say(role.title)]));
  return (
    <Dialog
      title={`${t('system.users.act.grant')} · ${user.login}`}
      ok={t('common.save')}
      pending={grant.isPending}
      onClose={onClose}
      onOk={() => form.submit()}
    >
      <p className="small quiet" style={{ marginBlockEnd: 10 }}>
        {t('system.users.separation')}
      </p>
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{
          held: user.grants.map((one) => one.role),
          organisations: Object.fromEntries(user.grants.map((one) => [one.role, one.organisation ?? ''])),
        }}
        onFinish={(values) => grant.mutate(values)}
      >
        <Form.Item name="held" label={t('frame.account.roles')}>
          <Select
            mode="multiple"
            showSearch={{ optionFilterProp: 'label' }}
            // Leaving the field by the Tab key would else choose the first role, and that is the administrator.
            defaultActiveFirstOption={false}
            options={roles.map((value) => ({ value, label: titles.get(value) ?? t(`frame.role.${value}`) }))}
          />
        </Form.Item>
        {held
          .filter((role) => bound.has(role))
          .map((role) => (
            <OrganisationField
              key={role}
              name={['organisations', role]}
              label={t('system.users.role-organisation', { role: t(`frame.role.${role}`) })}
            />
          ))}
        <Reason />
      </Form>
      {grant.isError ? <Failure error={grant.error} /> : null}
    </Dialog>
  );
}

function Reason() {
  const { t } = useSpeech();
  return (
    <Form.Item
      name="reason"
      label={t('common.reason')}
      rules={[{ required: true, min: 4, message: t('common.reason-short') }]}
    >
      <Input.TextArea rows={2} maxLength={500} />
    </Form.Item>
  );
}

export function ResetUser({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useSpeech();
  const refresh = useRefresh();
  const [form] = Form.useForm<{ removeTotp: boolean; reason: string }>();
  const reset = useMutation({
    gcTime: 0,
    mutationFn: (values: { removeTotp: boolean; reason: string }) =>
      api.post('/api/v1/users/{id}/reset', {
        params: { id: user.id },
        body: { removeTotp: values.removeTotp ?? false, reason: values.reason },
      }),
    onSuccess: refresh,
  });
  if (reset.data) return <OneTime login={user.login} password={reset.data.oneTimePassword} onClose={onClose} />;
  return (
    <Dialog
      title={`${t('system.users.act.reset')} · ${user.login}`}
      ok={t('system.users.act.reset')}
      danger
      pending={reset.isPending}
      onClose={onClose}
      onOk={() => form.submit()}
    >
      <p style={{ marginBlockEnd: 10 }}>{t('system.users.reset-text')}</p>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => reset.mutate(values)}>
        {user.totp ? (
          <Form.Item name="removeTotp" valuePropName="checked">
            <Checkbox>{t('system.users.remove-totp')}</Checkbox>
          </Form.Item>
        ) : null}
        <Reason />
      </Form>
      {reset.isError ? <Failure error={reset.error} /> : null}
    </Dialog>
  );
}

export function UnlockUser({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useSpeech();
  const refresh = useRefresh();
  const [form] = Form.useForm<{ reason: string }>();
  const unlock = useMutation({
    mutationFn: (values: { reason: string }) =>
      api.post('/api/v1/users/{id}/unlock', { params: { id: user.id }, body: values }),
    onSuccess: async () => {
      await refresh();
      onClose();
    },
  });
  return (
    <Dialog
      title={`${t('system.users.act.unlock')} · ${user.login}`}
      ok={t('system.users.act.unlock')}
      pending={unlock.isPending}
      onClose={onClose}
      onOk={() => form.submit()}
    >
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => unlock.mutate(values)}>
        <Reason />
      </Form>
      {unlock.isError ? <Failure error={unlock.error} /> : null}
    </Dialog>
  );
}
