/** Matters of erasure: where each stands, by when it is to be answered; entering a request. */
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { App, Button, DatePicker, Form, Input, Modal, Select } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Figure, Figures, Num } from '../../components/figure.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded, problemOf } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';
import { Due, State } from './shared.tsx';

const grounds = ['request', 'consent-withdrawn', 'purpose-ended', 'unlawful'] as const;

export default function Matters() {
  const { t } = useSpeech();
  const { may } = useSession();
  const url = useUrlState();
  const offset = Number(url.get('offset') ?? 0) || 0;
  const [entering, setEntering] = useState(false);
  const list = useQuery({
    queryKey: ['erasure', 'list', offset],
    queryFn: ({ signal }) => api.get('/api/v1/erasure/matters', { query: { offset }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: (q) =>
      q.state.data?.items.some((m) => m.state === 'running' || (m.state === 'entered' && !m.held)) ? 2_000 : 60_000,
  });
  return (
    <Page
      title={t('titles.erasure')}
      lead={t('erasure.lead')}
      actions={
        may('erasure.handle') ? (
          <Button type="primary" onClick={() => setEntering(true)}>
            {t('erasure.new')}
          </Button>
        ) : null
      }
    >
      <Loaded query={list}>
        {(data) => (
          <div className="stack">
            <Figures>
              <Figure label={t('erasure.open')}>
                <Num value={data.counts.open} exact />
              </Figure>
              <Figure label={t('erasure.waiting')} {...(data.counts.waiting ? { tone: 'warn' as const } : {})}>
                <Num value={data.counts.waiting} exact />
              </Figure>
              <Figure label={t('erasure.overdue')} {...(data.counts.overdue ? { tone: 'bad' as const } : {})}>
                <Num value={data.counts.overdue} exact />
              </Figure>
              <Figure label={t('erasure.done')}>
                <Num value={data.counts.done} exact />
              </Figure>
            </Figures>
            <Panel title={t('titles.erasure')} flush={data.items.length > 0}>
              <DataTable
                caption={t('titles.erasure')}
                rows={data.items}
                rowKey={(m) => m.id}
                empty={<Empty title={t('erasure.none')}>{t('erasure.none-how')}</Empty>}
                columns={[
                  {
                    key: 'id',
                    title: t('titles.erasure-matter'),
                    head: true,
                    render: (m) => (
                      <>
                        <Link to="/erasure/$matter" params={{ matter: String(m.id) }}>
                          {t('erasure.matter', { id: m.id })}
                        </Link>
                        <div className="small quiet">{m.document}</div>
                      </>
                    ),
                  },
                  { key: 'state', title: t('erasure.state'), tight: true, render: (m) => <State of={m.state} /> },
                  { key: 'ground', title: t('erasure.ground'), render: (m) => t(`erasure.ground-of.${m.ground}`) },
                  {
                    key: 'person',
                    title: t('erasure.person'),
                    tight: true,
                    render: (m) =>
                      m.mask ? (
                        <span className="mono">{m.mask}</span>
                      ) : (
                        <span className="quiet">{t('erasure.unnamed')}</span>
                      ),
                  },
                  { key: 'due', title: t('erasure.due'), tight: true, render: (m) => <Due of={m} /> },
                  {
                    key: 'held',
                    title: t('erasure.holdings'),
                    render: (m) =>
                      m.held ? t('erasure.held', m.held) : m.state === 'entered' ? t('erasure.looking') : '—',
                  },
                  {
                    key: 'receivers',
                    title: t('erasure.receivers'),
                    tight: true,
                    render: (m) => (m.receivers.told ? t('erasure.receivers-of', m.receivers) : '—'),
                  },
                ]}
              />
            </Panel>
            <Pager
              offset={offset}
              limit={50}
              total={data.total}
              onOffset={(n) => url.set({ offset: n ? String(n) : undefined })}
            />
          </div>
        )}
      </Loaded>
      <Enter open={entering} close={() => setEntering(false)} />
    </Page>
  );
}

interface Entered {
  number: string;
  ground: (typeof grounds)[number];
  document: string;
  received: Dayjs;
}

function Enter({ open, close }: { open: boolean; close: () => void }) {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const [form] = Form.useForm<Entered>();
  const needed = { required: true, message: t('erasure.needed') };
  const act = useMutation({
    mutationFn: ({ received, ...body }: Entered) =>
      api.post('/api/v1/erasure/matters', { body: { ...body, received: received.format('YYYY-MM-DD') } }),
    onSuccess: ({ id }) => {
      close();
      form.resetFields();
      void message.success(t('erasure.entered'));
      return navigate({ to: '/erasure/$matter', params: { matter: String(id) } });
    },
    onError: (error) => {
      const problem = problemOf(error);
      const field = problem.place?.field;
      if (field) form.setFields([{ name: field as keyof Entered, errors: [say(problem.title)] }]);
      else void message.error(say(problem.title));
    },
  });
  return (
    <Modal
      open={open}
      title={t('erasure.new')}
      okText={t('erasure.enter')}
      okButtonProps={{ loading: act.isPending }}
      onOk={() => form.submit()}
      onCancel={close}
      destroyOnHidden
    >
      <Form
        form={form}
        layout="vertical"
        initialValues={{ ground: 'request', received: dayjs() }}
        onFinish={(values) => act.mutate(values)}
        autoComplete="off"
      >
        <Form.Item
          name="number"
          label={t('erasure.number')}
          extra={t('erasure.number-note')}
          rules={[needed, { min: 15, max: 40, message: t('erasure.number-wrong') }]}
        >
          <Input autoComplete="off" inputMode="text" className="mono" maxLength={40} />
        </Form.Item>
        <Form.Item name="ground" label={t('erasure.ground')} rules={[needed]}>
          <Select options={grounds.map((value) => ({ value, label: t(`erasure.ground-of.${value}`) }))} />
        </Form.Item>
        <Form.Item
          name="document"
          label={t('erasure.document')}
          extra={t('erasure.document-note')}
          rules={[{ ...needed, whitespace: true }]}
        >
          <Input maxLength={200} />
        </Form.Item>
        <Form.Item name="received" label={t('erasure.received')} rules={[needed]}>
          <DatePicker maxDate={dayjs()} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
