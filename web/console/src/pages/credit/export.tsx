/** Exporting what a query answers: format, purpose, and what happens when there is too much. */
import { useMutation } from '@tanstack/react-query';
import { App, Button, Checkbox, Modal, Radio } from 'antd';
import { useState } from 'react';
import { problemOf, urlOf } from '../../api/client.ts';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { PurposeNote } from './purpose-note.tsx';

/** Fetches the file, so that a refusal is shown as a problem and not saved as a file. */
async function fetchFile(address: string): Promise<{ blob: Blob; name: string }> {
  const response = await fetch(address, { credentials: 'same-origin' });
  if (!response.ok) {
    throw await problemOf(response);
  }
  const disposition = response.headers.get('content-disposition') ?? '';
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1];
  const plain = /filename="?([^";]+)"?/i.exec(disposition)?.[1];
  return { blob: await response.blob(), name: encoded ? decodeURIComponent(encoded) : (plain ?? 'export') };
}

function save(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

export function ExportDialog({ filter, onClose }: { filter: Record<string, string>; onClose: () => void }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const [format, setFormat] = useState<'csv' | 'xlsx'>('xlsx');
  const [cut, setCut] = useState(false);
  const run = useMutation({
    mutationFn: () =>
      fetchFile(urlOf('/api/v1/credit/export', {}, { ...filter, format, cut: cut ? 'true' : undefined })),
    onSuccess: ({ blob, name }) => {
      save(blob, name);
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
        <PurposeNote />
        {run.isError ? <Failure error={run.error} /> : null}
      </div>
    </Modal>
  );
}
