/** 查看值班电话: asked with its purpose each time, audited by the vault, shown for a minute. */
import { useMutation } from '@tanstack/react-query';
import { Button, Input } from 'antd';
import { useEffect, useState } from 'react';
import { api } from '../../api/client.ts';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';

const SECONDS = 60;

export function DutyPhone({ shift, whose }: { shift: number; whose: 'person' | 'deputy' }) {
  const { t } = useSpeech();
  const [purpose, setPurpose] = useState('');
  const open = useMutation({
    // Nothing that was opened outlives its minute.
    gcTime: 0,
    mutationFn: () =>
      api.post('/api/v1/command/duty/shifts/{id}/phone', {
        params: { id: shift },
        body: { whose, purpose: purpose.trim() },
      }),
  });
  const { isSuccess, reset } = open;
  useEffect(() => {
    if (!isSuccess) return;
    const timer = setTimeout(reset, SECONDS * 1000);
    return () => clearTimeout(timer);
  }, [isSuccess, reset]);
  if (open.data)
    return (
      <p className="revealed mono" role="status">
        {open.data.phone}
      </p>
    );
  return (
    <div className="stack-s">
      <div className="row">
        <Input
          style={{ maxWidth: 260 }}
          aria-label={t('command.phone-purpose')}
          placeholder={t('command.phone-purpose')}
          maxLength={200}
          value={purpose}
          onChange={(e) => setPurpose(e.target.value)}
        />
        <Button disabled={purpose.trim().length < 2} loading={open.isPending} onClick={() => open.mutate()}>
          {t('command.phone-show')}
        </Button>
      </div>
      {open.isError ? <Failure error={open.error} /> : null}
    </div>
  );
}
