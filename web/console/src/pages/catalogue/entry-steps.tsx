/** The steps that somebody may take with a version: submit, agree, publish, return with all reasons at once, withdraw. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Input, Modal } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { type Finding, placeOf, type Step } from './entry-parts.tsx';

const order: readonly Step[] = ['submit', 'approve', 'publish', 'return', 'withdraw'];

export function StepButtons(props: {
  id: string;
  revision: number;
  steps: readonly Step[];
  findings: readonly Finding[];
  /** Errors that were not mended keep it from being submitted. */
  blocked?: boolean;
}) {
  const { t, say } = useSpeech();
  const { message, modal } = App.useApp();
  const client = useQueryClient();
  const [returning, setReturning] = useState(false);
  const [reasons, setReasons] = useState('');
  const take = useMutation({
    mutationFn: ({ step, given }: { step: Step; given?: string[] }) =>
      api.post('/api/v1/catalogue/entries/{id}/steps/{step}', {
        params: { id: props.id, step },
        body: { revision: props.revision, ...(given ? { reasons: given } : {}) },
      }),
    onSuccess: async (_, { step }) => {
      setReturning(false);
      void message.success(t(`entries.step-done.${step}`));
      await client.invalidateQueries({ queryKey: ['catalogue'] });
    },
  });
  const errors = props.findings.filter((f) => f.severity === 'error').length;
  const forward = (step: Step) => step === 'submit' || step === 'approve' || step === 'publish';
  const click = (step: Step) => {
    if (step === 'return') {
      // The machine's findings are a beginning; whoever returns says all of it at once.
      setReasons(props.findings.map((f) => `${placeOf(f.pointer, t)}：${say(f)}`).join('\n'));
      setReturning(true);
    } else if (step === 'withdraw')
      modal.confirm({
        title: t('entries.withdraw-title'),
        onOk: () => take.mutateAsync({ step }).catch(() => undefined),
      });
    else take.mutate({ step });
  };
  const given = reasons
    .split('\n')
    .map((r) => r.trim())
    .filter(Boolean);
  return (
    <div className="stack-s">
      <div className="row">
        {order
          .filter((step) => props.steps.includes(step))
          .map((step) => (
            <Button
              key={step}
              type={forward(step) ? 'primary' : 'default'}
              danger={step === 'withdraw'}
              loading={take.isPending && take.variables?.step === step}
              disabled={forward(step) && (errors > 0 || props.blocked)}
              onClick={() => click(step)}
            >
              {t(`entries.step.${step}`)}
            </Button>
          ))}
        {errors > 0 && props.steps.some(forward) ? (
          <span className="small bad-text">{t('entries.errors-first', { n: errors })}</span>
        ) : null}
      </div>
      {take.error ? <Failure error={take.error} /> : null}
      <Modal
        open={returning}
        title={t('entries.return-title')}
        okText={t('entries.step.return')}
        okButtonProps={{ disabled: given.length === 0, loading: take.isPending }}
        onOk={() => take.mutate({ step: 'return', given })}
        onCancel={() => setReturning(false)}
      >
        <p className="small quiet">{t('entries.return-text')}</p>
        <Input.TextArea
          aria-label={t('entries.return-title')}
          rows={8}
          value={reasons}
          onChange={(event) => setReasons(event.target.value)}
        />
      </Modal>
    </div>
  );
}
