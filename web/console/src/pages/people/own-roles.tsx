/** One's own roles: lending one to a colleague for a time, what colleagues lent, and standing for a former organisation. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, DatePicker, Form, Input, Select } from 'antd';
import type { Dayjs } from 'dayjs';
import { type Answer, api, type Body } from '../../api/client.ts';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { meQuery } from '../../session/session.tsx';
import { Delegations } from './shared.tsx';

type View = Answer<'/api/v1/me/roles'>;
type Lend = Body<'/api/v1/me/delegations'>;
interface Fields {
  role: Lend['role'];
  to: string;
  days: [Dayjs, Dayjs];
  reason: string;
}

const own = ['me', 'roles'] as const;

export default function OwnRoles() {
  const { t } = useSpeech();
  const view = useQuery({
    queryKey: own,
    queryFn: ({ signal }) => api.get('/api/v1/me/roles', { signal }),
  });
  return (
    <Page
      title={t('titles.own-roles')}
      lead={t('people.own.lead')}
      back={{ to: '/account', label: t('titles.account') }}
    >
      <Loaded query={view}>
        {(data) => (
          <div className="stack">
            {data.formers.length ? <Standing of={data} /> : null}
            <Panel title={t('people.delegation.title')}>
              <div className="stack">
                <p className="small quiet">{t('people.delegation.lead', { n: data.mostDays })}</p>
                <New of={data} />
                <Delegations of={data.delegations} caption={t('people.delegation.title')} mayEnd refresh={own} />
              </div>
            </Panel>
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function New({ of: data }: { of: View }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const [form] = Form.useForm<Fields>();
  const lend = useMutation({
    mutationFn: (v: Fields) =>
      api.post('/api/v1/me/delegations', {
        body: {
          ...{ role: v.role, to_login: v.to, reason: v.reason },
          ...{ from: v.days[0].format('YYYY-MM-DD'), to: v.days[1].format('YYYY-MM-DD') },
        },
      }),
    onSuccess: async () => {
      form.resetFields();
      await client.invalidateQueries({ queryKey: own });
    },
  });
  if (!data.lendable.length) return <Empty title={t('people.delegation.nothing-to-lend')} />;
  if (!data.colleagues.length) return <Empty title={t('people.delegation.nobody')} />;
  const required = [{ required: true, message: t('common.required') }];
  return (
    <Form form={form} layout="vertical" requiredMark={false} onFinish={(v) => lend.mutate(v)} className="people-lend">
      <Form.Item name="role" label={t('people.delegation.role')} rules={required}>
        <Select options={data.lendable.map((role) => ({ value: role, label: t(`frame.role.${role}`) }))} />
      </Form.Item>
      <Form.Item name="to" label={t('people.delegation.to')} rules={required}>
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          options={data.colleagues.map((c) => ({ value: c.login, label: `${c.name}（${c.login}）` }))}
        />
      </Form.Item>
      <Form.Item name="days" label={t('people.days')} rules={required}>
        <DatePicker.RangePicker style={{ width: '100%' }} />
      </Form.Item>
      <Form.Item
        name="reason"
        label={t('common.reason')}
        rules={[{ required: true, min: 2, message: t('common.required') }]}
      >
        <Input maxLength={200} />
      </Form.Item>
      {lend.isError ? <Failure error={lend.error} /> : null}
      <Button type="primary" htmlType="submit" loading={lend.isPending}>
        {t('people.delegation.lend')}
      </Button>
    </Form>
  );
}

/** The organisation's former codes: whoever belongs to the successor can stand for one of them. */
function Standing({ of: data }: { of: View }) {
  const { t, say } = useSpeech();
  const client = useQueryClient();
  const stand = useMutation({
    mutationFn: (organisation: string | null) => api.put('/api/v1/me/standing', { body: { organisation } }),
    onSuccess: async () => {
      await client.fetchQuery({ ...meQuery, staleTime: 0 });
      await client.invalidateQueries();
    },
  });
  return (
    <Panel title={t('people.standing.title')}>
      <div className="stack-s">
        <p className="small quiet">{t('people.standing.lead')}</p>
        <ul className="stack-s people-standing">
          {[
            ...(data.organisation ? [{ ...data.organisation, own: true }] : []),
            ...data.formers.map((f) => ({ ...f, own: false })),
          ].map((o) => {
            const here = data.standsFor === (o.own ? null : o.code);
            return (
              <li key={o.code} className="row spread">
                <span>
                  {say(o.name)} <span className="mono small quiet">{o.code}</span>{' '}
                  {o.own ? null : <Label>{t('people.standing.former')}</Label>}
                </span>
                {here ? (
                  <Label tone="good">{t('people.standing.now')}</Label>
                ) : (
                  <Button size="small" loading={stand.isPending} onClick={() => stand.mutate(o.own ? null : o.code)}>
                    {t('people.standing.choose')}
                  </Button>
                )}
              </li>
            );
          })}
        </ul>
        {stand.isError ? <Failure error={stand.error} /> : null}
      </div>
    </Panel>
  );
}
