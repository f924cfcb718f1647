/** The files of a draft: each gets its fingerprint on this device, is sent, and the hub's own fingerprint is held against it. */
import { DeleteOutlined, InboxOutlined } from '@ant-design/icons';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Select, Upload } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { api, sendFile, urlOf } from '../../api/client.ts';
import { Label, Panel } from '../../components/page.tsx';
import { Empty, Failure } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Hash } from '../../components/value.tsx';
import { bytes, percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { fingerprintOf, hexOf } from '../trust/hashing.ts';
import type { Archive, Rules } from './marks.tsx';

type Role = Archive['fileList'][number]['role'];
interface Sending {
  name: string;
  step: 'hashing' | 'sending';
  share: number;
}

export function DraftFiles({ archive, rules }: { archive: Archive; rules: Rules }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const [role, setRole] = useState<Role>('main');
  const [sending, setSending] = useState<Sending | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const queue = useRef<Promise<void>>(Promise.resolve());
  const stop = useRef<AbortController>(new AbortController());
  useEffect(() => {
    const own = new AbortController();
    stop.current = own;
    return () => own.abort();
  }, []);
  const put = (next: Archive) => client.setQueryData(['archives', 'one', String(archive.id)], next);
  const drop = useMutation({
    mutationFn: (no: number) => api.delete('/api/v1/archives/{id}/files/{no}', { params: { id: archive.id, no } }),
    onSuccess: (next) => put(next as Archive),
  });
  const send = async (file: File, as: Role) => {
    const { signal } = stop.current;
    if (signal.aborted) return;
    try {
      const share = (n: number) => (file.size ? n / file.size : 1);
      const imprint = await fingerprintOf(
        file,
        'sha256',
        (n) => setSending({ name: file.name, step: 'hashing', share: share(n) }),
        signal,
      );
      // The first byte of an imprint says by which algorithm.
      const sha256 = hexOf(imprint.slice(1));
      const address = urlOf('/api/v1/archives/{id}/files', { id: archive.id }, { name: file.name, role: as, sha256 });
      put(
        await sendFile<Archive>(
          address,
          file,
          (n) => setSending({ name: file.name, step: 'sending', share: share(n) }),
          signal,
        ),
      );
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'AbortError')) setFault(error);
    } finally {
      setSending(null);
    }
  };
  return (
    <Panel title={t('archives.files')}>
      <div className="stack-s">
        <div className="row">
          <label htmlFor="archive-role" className="small">
            {t('archives.add-as')}
          </label>
          <Select
            id="archive-role"
            size="small"
            value={role}
            onChange={setRole}
            options={(['main', 'attachment'] as const).map((value) => ({ value, label: t(`archives.role.${value}`) }))}
          />
        </div>
        <Upload.Dragger
          multiple
          showUploadList={false}
          beforeUpload={(file) => {
            setFault(null);
            // One after another, in the order of choosing.
            queue.current = queue.current.then(() => send(file, role));
            return false;
          }}
        >
          <p>
            <InboxOutlined aria-hidden="true" /> {t('archives.drop-files')}
          </p>
          <p className="small quiet">{t('archives.drop-note', { mib: rules.limits.fileMiB, n: rules.limits.files })}</p>
        </Upload.Dragger>
        {sending ? (
          <div role="status">
            <div className="row spread small">
              <span className="clip">
                {t(`archives.step.${sending.step}`)} {sending.name}
              </span>
              <span className="num">{percent(sending.share, 0)}</span>
            </div>
            <progress className="progress" aria-label={sending.name} value={sending.share} max={1} />
          </div>
        ) : null}
        {fault ? <Failure error={fault} /> : null}
        {drop.isError ? <Failure error={drop.error} /> : null}
        <DataTable
          caption={t('archives.files')}
          rows={archive.fileList}
          rowKey={(row) => row.no}
          empty={<Empty title={t('archives.no-files')}>{t('archives.no-files-text')}</Empty>}
          columns={[
            { key: 'name', title: t('archives.file-name'), head: true, render: (row) => row.name },
            {
              key: 'role',
              title: t('archives.role-title'),
              tight: true,
              render: (row) => t(`archives.role.${row.role}`),
            },
            { key: 'bytes', title: t('archives.size'), align: 'end', tight: true, render: (row) => bytes(row.bytes) },
            {
              key: 'sha256',
              title: 'SHA-256',
              render: (row) => (
                <span className="row" style={{ gap: 6 }}>
                  <Hash value={row.sha256} />
                  {row.declaredSha256 === null ? null : row.declaredSha256 === row.sha256 ? (
                    <Label tone="good">{t('archives.same-fingerprint')}</Label>
                  ) : (
                    <Label tone="bad">{t('archives.other-fingerprint')}</Label>
                  )}
                </span>
              ),
            },
            {
              key: 'drop',
              title: <span className="visually-hidden">{t('archives.actions')}</span>,
              tight: true,
              render: (row) => (
                <Button
                  size="small"
                  type="text"
                  icon={<DeleteOutlined />}
                  aria-label={t('archives.remove-file', { name: row.name })}
                  onClick={() => drop.mutate(row.no)}
                />
              ),
            },
          ]}
        />
      </div>
    </Panel>
  );
}
