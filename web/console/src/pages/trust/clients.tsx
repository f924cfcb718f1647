/** Logins of outside clients of the signing service (外部接入): made, limited, stopped, given a new key by the security administrator. */
import { PlusOutlined } from '@ant-design/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input, InputNumber, Modal, Popconfirm, Select } from 'antd';
import { useState } from 'react';
import { type Answer, api, type Body } from '../../api/client.ts';
import { Label, Page } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Hash, Instant } from '../../components/value.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { originsQuery, useOriginNames } from './names.ts';
import { algorithmText } from './time.tsx';

type Client = Answer<'/api/v1/seals/clients'>['items'][number];
type Patch = Body<'/api/v1/seals/clients/{login}', 'patch'>;
const algorithms = ['sha256', 'sha512', 'sm3'] as const;

export default function Clients() {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const nameOf = useOriginNames();
  const [making, setMaking] = useState(false);
  const [fresh, setFresh] = useState<{ login: string; key: string } | null>(null);
  const clients = useQuery({
    queryKey: ['seal-clients'],
    queryFn: ({ signal }) => api.get('/api/v1/seals/clients', { signal }),
  });
  const again = () => queries.invalidateQueries({ queryKey: ['seal-clients'] });
  const patch = useMutation({
    mutationFn: ({ login, body }: { login: string; body: Patch }) =>
      api.patch('/api/v1/seals/clients/{login}', { params: { login }, body }),
    onSuccess: async (answer) => {
      if (answer.key) setFresh({ login: answer.login, key: answer.key });
      else message.success(t('trust.clients.saved'));
      await again();
    },
  });
  const remove = useMutation({
    mutationFn: (login: string) => api.delete('/api/v1/seals/clients/{login}', { params: { login } }),
    onSuccess: again,
  });
  return (
    <Page
      title={t('titles.seal-clients')}
      lead={t('trust.clients.lead')}
      actions={
        <Button type="primary" icon={<PlusOutlined />} onClick={() => setMaking(true)}>
          {t('trust.clients.add')}
        </Button>
      }
    >
      <div className="stack">
        {patch.isError ? <Failure error={patch.error} /> : null}
        {remove.isError ? <Failure error={remove.error} /> : null}
        <Loaded query={clients}>
          {(data) => (
            <DataTable
              caption={t('titles.seal-clients')}
              rows={data.items}
              rowKey={(row) => row.login}
              empty={
                <div className="panel">
                  <Empty title={t('trust.clients.empty')}>{t('trust.clients.empty-text')}</Empty>
                </div>
              }
              columns={[
                {
                  key: 'login',
                  title: t('trust.clients.login'),
                  head: true,
                  render: (row) => <span className="mono">{row.login}</span>,
                },
                {
                  key: 'organisation',
                  title: t('trust.seals.organisation'),
                  render: (row) => (row.organisation ? nameOf(row.organisation) : '—'),
                },
                {
                  key: 'algorithm',
                  title: t('trust.clients.algorithm'),
                  render: (row) => algorithmText(row.algorithm),
                },
                {
                  key: 'quota',
                  title: t('trust.clients.quota'),
                  align: 'end',
                  render: (row) => (
                    <Quota
                      client={row}
                      onChange={(perSecond) => patch.mutate({ login: row.login, body: { perSecond } })}
                    />
                  ),
                },
                {
                  key: 'state',
                  title: t('trust.seals.state'),
                  render: (row) =>
                    row.disabled ? (
                      <Label tone="bad">{t('trust.clients.disabled')}</Label>
                    ) : (
                      <Label tone="good">{t('trust.clients.enabled')}</Label>
                    ),
                },
                {
                  key: 'made',
                  title: t('trust.clients.made'),
                  render: (row) => (
                    <>
                      <Instant at={row.createdAt} />
                      <div className="small quiet">{row.createdBy}</div>
                    </>
                  ),
                },
                {
                  key: 'actions',
                  title: <span className="visually-hidden">{t('trust.sign.actions')}</span>,
                  render: (row) => (
                    <div className="row">
                      <Button
                        size="small"
                        onClick={() => patch.mutate({ login: row.login, body: { disabled: !row.disabled } })}
                      >
                        {row.disabled ? t('trust.clients.enable') : t('trust.clients.disable')}
                      </Button>
                      <Popconfirm
                        title={t('trust.clients.new-key-sure')}
                        okText={t('trust.clients.new-key')}
                        cancelText={t('common.cancel')}
                        onConfirm={() => patch.mutate({ login: row.login, body: { newKey: true } })}
                      >
                        <Button size="small">{t('trust.clients.new-key')}</Button>
                      </Popconfirm>
                      <Popconfirm
                        title={t('trust.clients.remove-sure')}
                        okText={t('trust.clients.remove')}
                        cancelText={t('common.cancel')}
                        onConfirm={() => remove.mutate(row.login)}
                      >
                        <Button size="small" danger>
                          {t('trust.clients.remove')}
                        </Button>
                      </Popconfirm>
                    </div>
                  ),
                },
              ]}
            />
          )}
        </Loaded>
        <p className="small quiet">{t('trust.clients.audited')}</p>
      </div>
      {making ? (
        <NewClient
          onClose={() => setMaking(false)}
          onMade={async (made) => {
            setMaking(false);
            setFresh(made);
            await again();
          }}
        />
      ) : null}
      <Modal
        open={fresh !== null}
        title={t('trust.clients.key-title', { login: fresh?.login })}
        onCancel={() => setFresh(null)}
        footer={
          <Button type="primary" onClick={() => setFresh(null)}>
            {t('trust.clients.key-kept')}
          </Button>
        }
        // The key is shown this once: a click beside the dialog must not lose it.
        mask={{ closable: false }}
      >
        <div className="stack-s">
          <p className="note warn">{t('trust.clients.key-once')}</p>
          {fresh ? <Hash value={fresh.key} whole /> : null}
        </div>
      </Modal>
    </Page>
  );
}

/** Requests a second, changed where it stands. */
function Quota({ client, onChange }: { client: Client; onChange: (perSecond: number) => void }) {
  const { t } = useSpeech();
  const [value, setValue] = useState<number | null>(null);
  if (value === null) {
    return (
      <button type="button" className="link-button num" onClick={() => setValue(client.perSecond)}>
        {full(client.perSecond)}
        <span className="visually-hidden"> {t('trust.clients.quota-change')}</span>
      </button>
    );
  }
  const take = () => {
    if (value !== client.perSecond) onChange(value);
    setValue(null);
  };
  return (
    <InputNumber
      autoFocus
      size="small"
      min={1}
      max={1_000_000}
      precision={0}
      value={value}
      aria-label={`${t('trust.clients.quota')} ${client.login}`}
      onChange={(next) => setValue(next ?? client.perSecond)}
      onBlur={take}
      onPressEnter={take}
    />
  );
}

type NewForm = Body<'/api/v1/seals/clients', 'post'>;

function NewClient({
  onClose,
  onMade,
}: {
  onClose: () => void;
  onMade: (made: { login: string; key: string }) => void;
}) {
  const { t, say } = useSpeech();
  const [form] = Form.useForm<NewForm>();
  const organisations = useQuery(originsQuery);
  const make = useMutation({
    mutationFn: (body: NewForm) => api.post('/api/v1/seals/clients', { body }),
    onSuccess: (answer) => onMade({ login: answer.login, key: answer.key ?? '' }),
  });
  const known = organisations.data?.items ?? [];
  return (
    <Modal
      open
      title={t('trust.clients.add')}
      onCancel={onClose}
      onOk={() => form.submit()}
      confirmLoading={make.isPending}
      okText={t('trust.clients.add')}
      cancelText={t('common.cancel')}
    >
      <Form<NewForm>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ algorithm: 'sha256', perSecond: 100 }}
        onFinish={(values) => make.mutate({ ...values, organisation: values.organisation || null })}
      >
        <Form.Item
          name="login"
          label={t('trust.clients.login')}
          extra={t('trust.clients.login-note')}
          rules={[
            { required: true, message: t('common.required') },
            { pattern: /^[a-z0-9][a-z0-9._@-]{1,63}$/, message: t('trust.clients.login-note') },
          ]}
        >
          <Input autoComplete="off" autoCapitalize="none" spellCheck={false} maxLength={64} />
        </Form.Item>
        <Form.Item name="organisation" label={t('trust.seals.organisation')}>
          <Select
            allowClear
            showSearch={{ optionFilterProp: 'label' }}
            options={known.map((o) => ({ value: o.id, label: say(o.name) }))}
          />
        </Form.Item>
        <Form.Item name="algorithm" label={t('trust.clients.algorithm')}>
          <Select options={algorithms.map((value) => ({ value, label: algorithmText(value) }))} />
        </Form.Item>
        <Form.Item name="perSecond" label={t('trust.clients.quota')}>
          <InputNumber min={1} max={1_000_000} precision={0} style={{ width: '100%' }} />
        </Form.Item>
      </Form>
      {make.isError ? <Failure error={make.error} /> : null}
    </Modal>
  );
}
