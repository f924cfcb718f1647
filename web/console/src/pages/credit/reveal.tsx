/** Looking at one identity or telephone number in plain text: a reason each time, an audited act, shown for a minute. */
import { useMutation } from '@tanstack/react-query';
import { Button, Form, Input, Modal } from 'antd';
import { useEffect, useState } from 'react';
import { api } from '../../api/client.ts';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { usePurposeDialog } from '../../session/purpose.tsx';
import { useSession } from '../../session/session.tsx';

const shownSeconds = 60;

export function RevealDialog({ token, masked, onClose }: { token: string; masked: string; onClose: () => void }) {
  const { t } = useSpeech();
  const { me } = useSession();
  const { ask } = usePurposeDialog();
  const [form] = Form.useForm<{ reason: string }>();
  const [left, setLeft] = useState(shownSeconds);
  const reveal = useMutation({
    // Nothing revealed outlives the dialog.
    gcTime: 0,
    mutationFn: (reason: string) => api.post('/api/v1/vault/reveal', { body: { tokens: [token], reason } }),
  });
  const shown = reveal.isSuccess;
  useEffect(() => {
    if (!shown) return;
    const timer = setInterval(() => setLeft((before) => before - 1), 1000);
    return () => clearInterval(timer);
  }, [shown]);
  useEffect(() => {
    if (left <= 0) onClose();
  }, [left, onClose]);
  return (
    <Modal
      open
      title={t('credit.reveal.title')}
      onCancel={onClose}
      footer={
        shown ? (
          <Button onClick={onClose}>{t('common.close')}</Button>
        ) : (
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="primary" disabled={!me.purpose} loading={reveal.isPending} onClick={() => form.submit()}>
              {t('credit.reveal.show')}
            </Button>
          </>
        )
      }
    >
      {shown ? (
        <div className="stack-s">
          <p className="revealed mono">{reveal.data.values[token] ?? t('credit.reveal.gone')}</p>
          <p className="small quiet" aria-live="polite">
            {t('credit.reveal.left', { n: left })}
          </p>
        </div>
      ) : (
        <div className="stack-s">
          <p>{t('credit.reveal.lead', { masked })}</p>
          {me.purpose ? (
            <p className="small quiet">
              {t('frame.purpose.chosen', {
                purpose: `${t(`frame.purpose.codes.${me.purpose.code}`)} · ${me.purpose.caseReference}`,
              })}
            </p>
          ) : (
            <div className="note warn row spread">
              <span>{t('credit.reveal.no-purpose')}</span>
              <Button size="small" onClick={ask}>
                {t('frame.purpose.title')}
              </Button>
            </div>
          )}
          <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => reveal.mutate(values.reason)}>
            <Form.Item
              name="reason"
              label={t('common.reason')}
              rules={[{ required: true, min: 4, message: t('common.reason-short') }]}
            >
              <Input.TextArea rows={2} maxLength={500} autoFocus />
            </Form.Item>
          </Form>
          {reveal.isError ? <Failure error={reveal.error} /> : null}
        </div>
      )}
    </Modal>
  );
}
