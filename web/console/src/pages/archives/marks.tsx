/** How an archive stands, shown alike on every page of archives; and the reasons that actions ask for. */
import { useMutation } from '@tanstack/react-query';
import { Input, Modal } from 'antd';
import { type ReactNode, useId, useState } from 'react';
import type { Answer } from '../../api/client.ts';
import { Label } from '../../components/page.tsx';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';

export type Archive = Answer<'/api/v1/archives/{id}'>;
export type Item = Answer<'/api/v1/archives'>['items'][number];
export type Rules = Answer<'/api/v1/archives/rules'>;

const tones = {
  draft: undefined,
  submitted: 'info',
  failed: 'bad',
  passed: 'warn',
  archived: 'info',
  preserved: 'good',
  destroyed: 'weft',
} as const;

export function ArchiveState({ item }: { item: Pick<Item, 'state' | 'condition'> }) {
  const { t } = useSpeech();
  return (
    <span className="row" style={{ gap: 6 }}>
      <Label tone={tones[item.state]}>{t(`archives.state.${item.state}`)}</Label>
      {item.condition === 'damaged' ? <Label tone="bad">{t('archives.damaged')}</Label> : null}
    </span>
  );
}

/** Asks for a sentence before something is done. */
export function ReasonModal<T>({
  title,
  label,
  note,
  okText,
  danger = false,
  optional = false,
  run,
  onClose,
  onDone,
}: {
  title: string;
  label: string;
  note?: ReactNode;
  okText: string;
  danger?: boolean;
  optional?: boolean;
  run: (reason: string) => Promise<T>;
  onClose: () => void;
  onDone: (answer: T) => void;
}) {
  const { t } = useSpeech();
  const id = useId();
  const [text, setText] = useState('');
  const act = useMutation({ mutationFn: () => run(text.trim()), onSuccess: onDone });
  return (
    <Modal
      open
      title={title}
      okText={okText}
      cancelText={t('common.cancel')}
      confirmLoading={act.isPending}
      okButtonProps={{ danger, disabled: !optional && text.trim().length < 2 }}
      onOk={() => act.mutate()}
      onCancel={onClose}
    >
      <div className="stack-s">
        {note ? <div className="small">{note}</div> : null}
        <label htmlFor={id}>{label}</label>
        <Input.TextArea
          id={id}
          rows={3}
          maxLength={500}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        {act.isError ? <Failure error={act.error} /> : null}
      </div>
    </Modal>
  );
}
