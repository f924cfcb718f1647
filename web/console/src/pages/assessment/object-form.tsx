/** The form of an objection: what it is about, how many points are at stake, why. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Input, Modal } from 'antd';
import { useId, useState } from 'react';
import { api } from '../../api/client.ts';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { type RecordItem, two } from './shared.tsx';

/** What is objected to; without a record the whole indicator. */
export interface Target {
  indicator: string;
  title: { zh: string; en: string };
  record: RecordItem | null;
  lost: number;
}

export function ObjectForm({
  target,
  base,
  onClose,
}: {
  target: Target | undefined;
  base: { scheme: string; month: string; unit: string; name: string };
  onClose: () => void;
}) {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const id = useId();
  const [reason, setReason] = useState('');
  const send = useMutation({
    mutationFn: () =>
      api.post('/api/v1/assessment/objections', {
        body: {
          ...{
            scheme: base.scheme,
            month: base.month,
            unit: base.unit,
            indicator: target!.indicator,
            reason: reason.trim(),
          },
          record: target!.record ? { kind: target!.record.kind, ref: target!.record.ref } : null,
        },
      }),
    onSuccess: () => {
      message.success(t('assessment.object-done'));
      setReason('');
      onClose();
      return client.invalidateQueries({ queryKey: ['assessment'] });
    },
  });
  return (
    <Modal
      open={target !== undefined}
      title={t('assessment.object')}
      okText={t('assessment.object-send')}
      cancelText={t('common.cancel')}
      okButtonProps={{ disabled: reason.trim().length < 4, loading: send.isPending }}
      onOk={() => send.mutate()}
      onCancel={() => {
        send.reset();
        onClose();
      }}
    >
      {target ? (
        <div className="stack-s">
          <p>
            <span className="quiet">{t('assessment.object-to')}</span> {base.name} · {base.month} · {say(target.title)}
            {target.record ? ` · ${say(target.record.title)}` : ` · ${t('assessment.whole')}`}
          </p>
          <p className="small quiet">{t('assessment.stake', { n: two(target.lost) })}</p>
          <label htmlFor={id}>{t('assessment.object-reason')}</label>
          <Input.TextArea
            id={id}
            rows={4}
            maxLength={1000}
            showCount
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <p className="small quiet">{t('assessment.object-hint')}</p>
          {send.isError ? <Failure error={send.error} /> : null}
        </div>
      ) : null}
    </Modal>
  );
}
