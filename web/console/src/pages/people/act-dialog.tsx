/** Proposing an act on organisations: what it is, then what it would do, then the proposal. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, DatePicker, Form, Input, Modal, Select, Switch } from 'antd';
import type { Dayjs } from 'dayjs';
import { useState } from 'react';
import { type Answer, api, type Body } from '../../api/client.ts';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { Effects } from './act-effects.tsx';
import { useNames } from './shared.tsx';

type ActBody = Body<'/api/v1/people/organisations/preview'>;
type Kind = ActBody['kind'];
const kinds: Kind[] = ['found', 'rename', 'merge', 'split', 'end'];

interface Fields {
  kind: Kind;
  day: Dayjs;
  ground: string;
  organisations?: string[] | string;
  heir?: string;
  continues?: boolean;
  newCode?: string;
  zh?: string;
  en?: string;
  uscc?: string;
  moves?: string;
}

/** The request that the fields mean. A line of `moves` is a login and a code. */
function bodyOf(v: Fields): ActBody {
  const uscc = v.uscc ? { uscc: v.uscc } : {};
  const name = { zh: v.zh ?? '', en: v.en ?? '' };
  const founds = v.newCode ? [{ code: v.newCode, name, ...uscc, kind: 'government' }] : [];
  const moves = (v.moves ?? '')
    .split('\n')
    .map((line) => line.trim().split(/[\s,，]+/))
    .filter((parts) => parts.length >= 2)
    .map(([login, to]) => ({ login: login!, to: to! }));
  const heir = v.heir || v.newCode || null;
  return {
    ...{ kind: v.kind, day: v.day.format('YYYY-MM-DD'), ground: v.ground, moves },
    ...{ organisations: v.organisations ? [v.organisations].flat() : [], continues: v.continues ?? false },
    ...(v.kind === 'rename' ? { name, ...uscc, founds: [] } : { founds }),
    ...(v.kind === 'merge' || (v.kind === 'split' && !v.continues) ? { heir } : {}),
    ...(v.kind === 'end' ? { heir: v.heir ?? null, founds: [] } : {}),
  };
}

export function ActDialog({ onClose }: { onClose: () => void }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const [form] = Form.useForm<Fields>();
  const [shown, setShown] = useState<{
    act: ActBody;
    effects: Answer<'/api/v1/people/organisations/preview', 'post'>;
  } | null>(null);
  const preview = useMutation({
    mutationFn: async (v: Fields) => {
      const act = bodyOf(v);
      return { act, effects: await api.post('/api/v1/people/organisations/preview', { body: act }) };
    },
    onSuccess: setShown,
  });
  const propose = useMutation({
    mutationFn: () =>
      api.post('/api/v1/people/organisations/acts', {
        body: { act: shown!.act, fingerprint: shown!.effects.fingerprint },
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['people'] });
      onClose();
    },
  });
  return (
    <Modal
      open
      width={shown ? 860 : 620}
      title={t('people.org.propose')}
      onCancel={onClose}
      footer={
        shown
          ? [
              <Button key="back" onClick={() => setShown(null)}>
                {t('people.org.back')}
              </Button>,
              <Button key="ok" type="primary" loading={propose.isPending} onClick={() => propose.mutate()}>
                {t('people.org.propose-now')}
              </Button>,
            ]
          : [
              <Button key="cancel" onClick={onClose}>
                {t('common.cancel')}
              </Button>,
              <Button key="next" type="primary" loading={preview.isPending} onClick={() => form.submit()}>
                {t('people.org.look')}
              </Button>,
            ]
      }
    >
      {shown ? (
        <div className="stack">
          <p className="note info">{t('people.org.confirm-next')}</p>
          <Effects of={shown.effects} />
          {propose.isError ? <Failure error={propose.error} /> : null}
        </div>
      ) : null}
      <div hidden={shown !== null}>
        <Form
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={{ kind: 'rename' }}
          onFinish={(v) => preview.mutate(v)}
        >
          <ActFields form={form} />
        </Form>
        {preview.isError ? <Failure error={preview.error} /> : null}
      </div>
    </Modal>
  );
}

function ActFields({ form }: { form: ReturnType<typeof Form.useForm<Fields>>[0] }) {
  const { t } = useSpeech();
  const { choices } = useNames();
  const kind: Kind = Form.useWatch('kind', form) ?? 'rename';
  const continues = Form.useWatch('continues', form) ?? false;
  const required = [{ required: true, message: t('common.required') }];
  const founds = kind === 'found' || kind === 'merge' || kind === 'split';
  const select = { showSearch: { optionFilterProp: 'label' as const }, options: choices };
  return (
    <>
      <Form.Item name="kind" label={t('people.org.kind')}>
        <Select options={kinds.map((k) => ({ value: k, label: t(`people.org.kind-of.${k}`) }))} />
      </Form.Item>
      <p className="small quiet" style={{ marginBlockEnd: 12 }}>
        {t(`people.org.kind-text.${kind}`)}
      </p>
      <Form.Item name="day" label={t('people.org.day')} rules={required}>
        <DatePicker style={{ width: '100%' }} />
      </Form.Item>
      <Form.Item
        name="ground"
        label={t('people.org.ground')}
        rules={[{ required: true, min: 4, message: t('common.reason-short') }]}
      >
        <Input maxLength={300} placeholder="慈编〔2026〕12号" />
      </Form.Item>
      {kind === 'found' ? null : (
        <Form.Item name="organisations" label={t(`people.org.which.${kind}`)} rules={required}>
          {kind === 'merge' || kind === 'end' ? <Select mode="multiple" {...select} /> : <Select {...select} />}
        </Form.Item>
      )}
      {kind === 'split' ? (
        <Form.Item name="continues" label={t('people.org.continues')} valuePropName="checked">
          <Switch />
        </Form.Item>
      ) : null}
      {founds ? (
        <Form.Item
          name="newCode"
          label={t(kind === 'found' ? 'people.org.new-code' : 'people.org.new-code-optional')}
          rules={[
            ...(kind === 'found' ? required : []),
            { pattern: /^[a-z][a-z0-9]{0,62}$/, message: t('system.users.organisation-id') },
          ]}
        >
          <Input allowClear maxLength={63} />
        </Form.Item>
      ) : null}
      {founds || kind === 'rename' ? <NameFields required={kind === 'found' || kind === 'rename'} /> : null}
      {(kind === 'merge' || kind === 'split' || kind === 'end') && !continues ? (
        <Form.Item name="heir" label={t('people.org.heir')} extra={t(`people.org.heir-text.${kind}`)}>
          <Select allowClear {...select} />
        </Form.Item>
      ) : null}
      {kind === 'merge' || kind === 'split' ? (
        <Form.Item name="moves" label={t('people.org.named')} extra={t('people.org.named-text')}>
          <Input.TextArea rows={3} placeholder="zhangsan rsj" />
        </Form.Item>
      ) : null}
    </>
  );
}

function NameFields({ required }: { required: boolean }) {
  const { t } = useSpeech();
  const rules = required ? [{ required: true, min: 2, message: t('common.required') }] : [];
  return (
    <>
      <Form.Item name="zh" label={t('people.org.name-zh')} rules={rules}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="en" label={t('people.org.name-en')} rules={rules}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item
        name="uscc"
        label={t('people.org.uscc')}
        rules={[{ pattern: /^[0-9A-HJ-NPQRTUWXY]{18}$/, message: t('people.org.uscc-rule') }]}
      >
        <Input allowClear maxLength={18} />
      </Form.Item>
    </>
  );
}
