/** What the pages of erasure share: states, deadlines, and asking for a text before an act. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Form, Input, Modal } from 'antd';
import type { Answer } from '../../api/client.ts';
import { Label } from '../../components/page.tsx';
import { problemOf } from '../../components/states.tsx';
import { day } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';

export type Matter = Answer<'/api/v1/erasure/matters/{id}'>;
export type Item = Answer<'/api/v1/erasure/matters'>['items'][number];

const tones = {
  entered: 'info',
  proposed: 'warn',
  running: 'info',
  executed: 'good',
  closed: 'good',
  refusing: 'warn',
  refused: undefined,
  withdrawn: undefined,
} as const;

/** A matter's state in a word. */
export function State({ of: state }: { of: Item['state'] }) {
  const { t } = useSpeech();
  return <Label tone={tones[state]}>{t(`erasure.state-of.${state}`)}</Label>;
}

/** The day for the answer, and how many working days are left. */
export function Due({ of: m }: { of: Pick<Item, 'due' | 'left'> }) {
  const { t } = useSpeech();
  if (m.due === null) return <span className="quiet">{t('erasure.no-due')}</span>;
  return (
    <>
      <span className="num">{day(m.due)}</span>
      {m.left === null ? null : (
        <div className={m.left < 0 ? 'small bad-text' : 'small quiet'}>
          {m.left < 0 ? t('erasure.days-late', { n: -m.left }) : t('erasure.days-left', { n: m.left })}
        </div>
      )}
    </>
  );
}

/** Asks for one or two texts, then does what they are for. */
export function Asked({
  open,
  title,
  note,
  fields,
  act,
  close,
  said,
}: {
  open: boolean;
  title: string;
  note?: string;
  fields: readonly { name: string; label: string; max: number; rows?: number }[];
  act: (values: Record<string, string>) => Promise<unknown>;
  close: () => void;
  said?: string;
}) {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [form] = Form.useForm<Record<string, string>>();
  const doing = useMutation({
    mutationFn: act,
    onSuccess: () => {
      close();
      form.resetFields();
      if (said) void message.success(said);
      return client.invalidateQueries({ queryKey: ['erasure'] });
    },
    onError: (error) => void message.error(say(problemOf(error).title)),
  });
  return (
    <Modal
      open={open}
      title={title}
      okText={title}
      okButtonProps={{ loading: doing.isPending }}
      onOk={() => form.submit()}
      onCancel={close}
      destroyOnHidden
    >
      {note ? <p className="quiet">{note}</p> : null}
      <Form form={form} layout="vertical" onFinish={(values) => doing.mutate(values)}>
        {fields.map((f) => (
          <Form.Item
            key={f.name}
            name={f.name}
            label={f.label}
            rules={[{ required: true, whitespace: true, message: t('erasure.needed') }]}
          >
            <Input.TextArea rows={f.rows ?? 3} maxLength={f.max} />
          </Form.Item>
        ))}
      </Form>
    </Modal>
  );
}
