/** Exporting what a query answers: format, purpose, and what happens when there is too much. */
import { useMutation } from '@tanstack/react-query';
import { App, Button, Checkbox, Modal, Radio } from 'antd';
import { useState } from 'react';
import { urlOf } from '../../api/client.ts';
import { download } from '../../api/download.ts';
import { SealedExports } from '../../components/seal-mark.tsx';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { PurposeNote } from '../../session/purpose-note.tsx';

export function ExportDialog({ filter, onClose }: { filter: Record<string, string>; onClose: () => void }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const [format, setFormat] = useState<'csv' | 'xlsx'>('xlsx');
  const [cut, setCut] = useState(false);
  const run = useMutation({
    mutationFn: () =>
      download(urlOf('/api/v1/credit/export', {}, { ...filter, format, cut: cut ? 'true' : undefined })),
    onSuccess: (name) => {
      message.success(t('credit.export.done', { name }));
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t('credit.export.title')}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="primary" loading={run.isPending} onClick={() => run.mutate()}>
            {t('credit.export.go')}
          </Button>
        </>
      }
    >
      <div className="stack">
        <p>{t('credit.export.lead')}</p>
        <Radio.Group
          value={format}
          aria-label={t('credit.export.format')}
          onChange={(event) => setFormat(event.target.value as 'csv' | 'xlsx')}
          options={[
            { value: 'xlsx', label: t('credit.export.xlsx') },
            { value: 'csv', label: t('credit.export.csv') },
          ]}
        />
        <Checkbox checked={cut} onChange={(event) => setCut(event.target.checked)}>
          {t('credit.export.cut')}
        </Checkbox>
        <SealedExports />
        <PurposeNote />
        {run.isError ? <Failure error={run.error} /> : null}
      </div>
    </Modal>
  );
}
