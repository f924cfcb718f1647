/** Asking for an archive: to look at it or to take it out, for what, for how long. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Input, InputNumber, Modal, Radio } from 'antd';
import { useId, useState } from 'react';
import { api } from '../../api/client.ts';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import type { Archive } from './marks.tsx';

export function BorrowModal({ archive, onClose }: { archive: Archive; onClose: () => void }) {
  const { t } = useSpeech();
  const { me } = useSession();
  const id = useId();
  const client = useQueryClient();
  const { message } = App.useApp();
  const own = me.user.organisation === archive.organisation.id;
  const [kind, setKind] = useState<'view' | 'download'>(own ? 'download' : 'view');
  const [purpose, setPurpose] = useState('');
  const [days, setDays] = useState(7);
  const ask = useMutation({
    mutationFn: () =>
      api.post('/api/v1/archives/{id}/borrowings', {
        params: { id: archive.id },
        body: { kind, purpose: purpose.trim(), days },
      }),
    onSuccess: () => {
      void message.success(t('archives.asked'));
      void client.invalidateQueries({ queryKey: ['archives'] });
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t('archives.borrow')}
      okText={t('archives.ask')}
      cancelText={t('common.cancel')}
      confirmLoading={ask.isPending}
      okButtonProps={{ disabled: purpose.trim().length < 2 }}
      onOk={() => ask.mutate()}
      onCancel={onClose}
    >
      <div className="stack-s">
        <p className="small quiet">{archive.title}</p>
        <Radio.Group
          aria-label={t('archives.borrow-kind')}
          value={kind}
          onChange={(event) => setKind(event.target.value as 'view' | 'download')}
          options={[
            ...(own ? [] : [{ value: 'view', label: t('archives.kind.view') }]),
            { value: 'download', label: t('archives.kind.download') },
          ]}
        />
        <label htmlFor={`${id}-p`}>{t('archives.purpose')}</label>
        <Input.TextArea
          id={`${id}-p`}
          rows={2}
          maxLength={300}
          placeholder={t('archives.purpose-hint')}
          value={purpose}
          onChange={(event) => setPurpose(event.target.value)}
        />
        <label htmlFor={`${id}-d`}>{t('archives.days')}</label>
        <InputNumber id={`${id}-d`} min={1} max={365} value={days} onChange={(value) => setDays(value ?? 1)} />
        {ask.isError ? <Failure error={ask.error} /> : null}
      </div>
    </Modal>
  );
}
