/** A file of addresses: sent as it is, answered with the columns of the buildings behind its own. */
import { InboxOutlined } from '@ant-design/icons';
import { useMutation } from '@tanstack/react-query';
import { Upload } from 'antd';
import { download } from '../../api/download.ts';
import { Panel } from '../../components/page.tsx';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';

export function AddressFile() {
  const { t } = useSpeech();
  const send = useMutation({ mutationFn: (file: File) => download('/api/v1/libraries/addresses/file', file) });
  return (
    <Panel title={t('base.address-file')}>
      <div className="stack-s">
        <Upload.Dragger
          accept=".csv,text/csv"
          showUploadList={false}
          disabled={send.isPending}
          beforeUpload={(file) => {
            send.mutate(file);
            return false;
          }}
        >
          <p>
            <InboxOutlined aria-hidden="true" /> {t('base.address-drop')}
          </p>
          <p className="small quiet">{t('base.address-file-note')}</p>
        </Upload.Dragger>
        {send.isPending ? <p role="status">{t('base.address-reading', { name: send.variables.name })}</p> : null}
        {send.isError ? <Failure error={send.error} /> : null}
        {send.data ? <p role="status">{t('base.address-saved', { name: send.data })}</p> : null}
      </div>
    </Panel>
  );
}
