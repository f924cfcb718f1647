/** An archive that is not taken in yet: described, its files gathered, handed to the checks. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { App, AutoComplete, Button, DatePicker, Form, Input, InputNumber, Popconfirm, Select } from 'antd';
import dayjs from 'dayjs';
import { api, type Body } from '../../api/client.ts';
import { Panel } from '../../components/page.tsx';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { DraftFiles } from './draft-files.tsx';
import type { Archive, Rules } from './marks.tsx';
import { cleaned, draftReference } from './reference.ts';

type Metadata = Body<'/api/v1/archives/{id}/metadata', 'put'>['metadata'];

export function Deposit({ archive, rules }: { archive: Archive; rules: Rules }) {
  const { t, say } = useSpeech();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const [form] = Form.useForm<Record<string, unknown>>();
  const values = Form.useWatch([], form) as Record<string, unknown> | undefined;
  const id = archive.id;
  const changed = () => client.invalidateQueries({ queryKey: ['archives'] });
  const given = (): Metadata => cleaned(form.getFieldsValue(true) as Record<string, unknown>) as Metadata;
  const save = useMutation({
    mutationFn: () => api.put('/api/v1/archives/{id}/metadata', { params: { id }, body: { metadata: given() } }),
    onSuccess: () => {
      void message.success(t('archives.saved'));
      void changed();
    },
  });
  const submit = useMutation({
    mutationFn: async () => {
      await api.put('/api/v1/archives/{id}/metadata', { params: { id }, body: { metadata: given() } });
      await api.post('/api/v1/archives/{id}/submit', { params: { id } });
    },
    onSuccess: () => void changed(),
  });
  const drop = useMutation({
    mutationFn: () => api.delete('/api/v1/archives/{id}', { params: { id } }),
    onSuccess: () => {
      void changed();
      void navigate({ to: '/archives' });
    },
  });
  const missing = rules.metadata.filter((m) => m.mandatory && cleaned({ v: values?.[m.key] }).v === undefined);
  const fault = save.error ?? submit.error ?? drop.error;
  return (
    <>
      <DraftFiles archive={archive} rules={rules} />
      <Panel
        title={t('archives.metadata')}
        extra={
          <code className="archive-code">{draftReference(values ?? archive.metadata, t('archives.next-item'))}</code>
        }
      >
        <Form form={form} layout="vertical" initialValues={archive.metadata} className="archive-form" requiredMark>
          {rules.metadata.map(({ key, title, mandatory }) => (
            <Form.Item
              key={key}
              name={key}
              label={say(title)}
              required={mandatory}
              className={wide.includes(key) ? 'wide' : ''}
              {...(key === 'item' ? { extra: t('archives.item-note') } : {})}
              {...(key === 'date' ? dateProps : {})}
            >
              {control(key, rules, say)}
            </Form.Item>
          ))}
        </Form>
        <div className="stack-s">
          {fault ? <Failure error={fault} /> : null}
          {missing.length > 0 ? (
            <p className="small quiet">
              {t('archives.still-missing', { names: missing.map((m) => say(m.title)).join('、') })}
            </p>
          ) : null}
          <div className="row">
            <Button
              type="primary"
              loading={submit.isPending}
              disabled={missing.length > 0 || archive.fileList.length === 0}
              onClick={() => submit.mutate()}
            >
              {t('archives.submit')}
            </Button>
            <Button loading={save.isPending} onClick={() => save.mutate()}>
              {t('archives.save-draft')}
            </Button>
            <Popconfirm
              title={t('archives.drop-sure')}
              okText={t('archives.drop')}
              cancelText={t('common.cancel')}
              onConfirm={() => drop.mutate()}
            >
              <Button danger type="text">
                {t('archives.drop')}
              </Button>
            </Popconfirm>
          </div>
        </div>
      </Panel>
    </>
  );
}

const wide: readonly string[] = ['title', 'summary', 'keywords', 'attachments', 'relations', 'note'];
const dateProps = {
  getValueProps: (value: unknown) => ({ value: typeof value === 'string' && value ? dayjs(value) : null }),
  normalize: (value: unknown) => (dayjs.isDayjs(value) ? value.format('YYYY-MM-DD') : undefined),
};
const genres = ['决定书', '批复', '通知', '会议纪要', '请示', '报告', '函', '合同'];

/** What an element is filled in with. */
function control(key: string, rules: Rules, say: (text: { zh: string; en: string }) => string) {
  const options = (list: readonly { value: string; title: { zh: string; en: string } }[]) =>
    list.map(({ value, title }) => ({ value, label: `${say(title)}${/^[A-Z]/.test(value) ? ` ${value}` : ''}` }));
  switch (key) {
    case 'category':
      return <Select options={options(rules.categories)} />;
    case 'retention':
      return <Select options={options(rules.retentions)} />;
    case 'secrecy':
      return <Select options={options(rules.secrecies.filter((s) => !s.refused))} />;
    case 'opening':
      return <Select options={options(rules.openings)} />;
    case 'date':
      return <DatePicker style={{ width: '100%' }} />;
    case 'year':
    case 'item':
    case 'files':
      return <InputNumber style={{ width: '100%' }} min={1} controls={false} />;
    case 'keywords':
    case 'attachments':
    case 'relations':
      return <Select mode="tags" open={false} suffixIcon={null} tokenSeparators={['；', ';', '、']} />;
    case 'summary':
      return <Input.TextArea rows={2} maxLength={2000} />;
    case 'genre':
      return <AutoComplete options={genres.map((value) => ({ value }))} />;
    default:
      return <Input maxLength={300} />;
  }
}
