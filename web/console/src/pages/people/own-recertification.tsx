/** What waits for one's answer in the review of roles under way: confirm or withdraw, one by one. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Figure, Figures, Num } from '../../components/figure.tsx';
import { Page } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { day } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { ItemState } from './item-state.tsx';
import { Roles } from './shared.tsx';

type Item = Answer<'/api/v1/me/recertification'>['items'][number];
const own = ['me', 'recertification'] as const;

export default function OwnRecertification() {
  const { t } = useSpeech();
  const view = useQuery({
    queryKey: own,
    queryFn: ({ signal }) => api.get('/api/v1/me/recertification', { signal }),
  });
  return (
    <Page
      title={t('titles.own-recertification')}
      lead={t('people.review.own-lead')}
      back={{ to: '/account', label: t('titles.account') }}
    >
      <Loaded query={view}>
        {(data) =>
          data.items.length ? (
            <div className="stack">
              <Figures>
                <Figure label={t('people.review.due')}>{data.due ? day(data.due) : '—'}</Figure>
                <Figure label={t('people.review.state.open')}>
                  <Num value={data.items.filter((i) => i.state === 'open').length} exact />
                </Figure>
              </Figures>
              <Items of={data.items} />
            </div>
          ) : (
            <div className="panel">
              <Empty title={t('people.review.nothing')}>{t('people.review.nothing-text')}</Empty>
            </div>
          )
        }
      </Loaded>
    </Page>
  );
}

function Items({ of: items }: { of: readonly Item[] }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const [withdrawing, setWithdrawing] = useState<Item | null>(null);
  const decide = useMutation({
    mutationFn: ({ id, keep, comment = '' }: { id: number; keep: boolean; comment?: string }) =>
      api.post('/api/v1/me/recertification/{id}', { params: { id }, body: { keep, comment } }),
    onSuccess: async () => {
      setWithdrawing(null);
      await client.invalidateQueries({ queryKey: own });
    },
  });
  return (
    <div className="stack-s">
      {decide.isError && !withdrawing ? <Failure error={decide.error} /> : null}
      <DataTable
        caption={t('titles.own-recertification')}
        rows={[...items]}
        rowKey={(row) => row.id}
        columns={[
          {
            key: 'who',
            title: t('frame.account.name'),
            head: true,
            render: (row) => (
              <>
                {row.name}
                <div className="small quiet mono">{row.login}</div>
              </>
            ),
          },
          { key: 'role', title: t('people.review.role'), render: (row) => <Roles of={[row.role]} /> },
          { key: 'state', title: t('exchange.state'), tight: true, render: (row) => <ItemState of={row} /> },
          {
            key: 'act',
            title: <span className="visually-hidden">{t('people.acts')}</span>,
            tight: true,
            render: (row) =>
              row.state === 'open' ? (
                <span className="row" style={{ gap: 8 }}>
                  <Button
                    size="small"
                    type="primary"
                    loading={decide.isPending}
                    onClick={() => decide.mutate({ id: row.id, keep: true })}
                  >
                    {t('people.review.keep')}
                  </Button>
                  <Button size="small" danger onClick={() => setWithdrawing(row)}>
                    {t('people.review.withdraw')}
                  </Button>
                </span>
              ) : null,
          },
        ]}
      />
      {withdrawing ? (
        <Withdraw
          of={withdrawing}
          pending={decide.isPending}
          error={decide.error}
          onClose={() => setWithdrawing(null)}
          onOk={(comment) => decide.mutate({ id: withdrawing.id, keep: false, comment })}
        />
      ) : null}
    </div>
  );
}

function Withdraw({
  of: item,
  pending,
  error,
  onClose,
  onOk,
}: {
  of: Item;
  pending: boolean;
  error: unknown;
  onClose: () => void;
  onOk: (comment: string) => void;
}) {
  const { t } = useSpeech();
  const [form] = Form.useForm<{ comment: string }>();
  return (
    <Modal
      open
      title={`${t('people.review.withdraw')} · ${item.login} · ${t(`frame.role.${item.role}`)}`}
      okText={t('people.review.withdraw')}
      cancelText={t('common.cancel')}
      okButtonProps={{ danger: true, loading: pending }}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(v) => onOk(v.comment)}>
        <Form.Item
          name="comment"
          label={t('common.reason')}
          rules={[{ required: true, min: 2, message: t('common.required') }]}
        >
          <Input.TextArea rows={2} maxLength={500} />
        </Form.Item>
      </Form>
      {error ? <Failure error={error} /> : null}
    </Modal>
  );
}
