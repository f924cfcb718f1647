/** Export of an answer: format and purpose; the statement, its purpose and the file's fingerprint stand in the audit. */
import { useMutation } from '@tanstack/react-query';
import { App, Button, Input, Modal, Radio } from 'antd';
import { useId, useState } from 'react';
import { download } from '../../api/download.ts';
import { SealedExports } from '../../components/seal-mark.tsx';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import type { Parameter } from './parameters.tsx';

export function ExportDialog({
  statement,
  parameters,
  most,
  onClose,
}: {
  statement: string;
  parameters: Parameter[];
  most: number;
  onClose: () => void;
}) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const id = useId();
  const [format, setFormat] = useState<'csv' | 'xlsx'>('xlsx');
  const [purpose, setPurpose] = useState('');
  const run = useMutation({
    mutationFn: () => download('/api/v1/workbench/export', { json: { statement, parameters, format, purpose } }),
    onSuccess: (name) => {
      message.success(t('workbench.exported', { name }));
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t('workbench.export')}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button
            type="primary"
            disabled={purpose.trim().length < 4}
            loading={run.isPending}
            onClick={() => run.mutate()}
          >
            {t('workbench.export')}
          </Button>
        </>
      }
    >
      <div className="stack-s">
        <p>{t('workbench.export-lead', { n: most.toLocaleString('en-US') })}</p>
        <Radio.Group
          value={format}
          aria-label={t('workbench.format')}
          onChange={(e) => setFormat(e.target.value as 'csv' | 'xlsx')}
          options={[
            { value: 'xlsx', label: 'XLSX' },
            { value: 'csv', label: 'CSV' },
          ]}
        />
        <label htmlFor={`${id}-p`}>{t('workbench.purpose')}</label>
        <Input.TextArea
          id={`${id}-p`}
          value={purpose}
          maxLength={500}
          autoSize={{ minRows: 2, maxRows: 5 }}
          onChange={(e) => setPurpose(e.target.value)}
        />
        <SealedExports />
        {run.isError ? <Failure error={run.error} /> : null}
      </div>
    </Modal>
  );
}
