/** The files of an archive: looked at in the page, taken as marked copies, proven one by one. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Button, Drawer } from 'antd';
import { useEffect, useState } from 'react';
import { problemOf, urlOf } from '../../api/client.ts';
import { download } from '../../api/download.ts';
import { Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded, Skeleton } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Hash } from '../../components/value.tsx';
import { bytes } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import type { Archive } from './marks.tsx';

type FileItem = Archive['fileList'][number];
/** Largest text that the page shows, in bytes. */
const SHOWN = 2 * 2 ** 20;

export function Files({ archive }: { archive: Archive }) {
  const { t } = useSpeech();
  const [open, setOpen] = useState<FileItem | null>(null);
  const fetching = useMutation({ mutationFn: (address: string) => download(address) });
  const at = (file: FileItem, what: 'download' | 'proof') =>
    urlOf(`/api/v1/archives/{id}/files/{no}/${what}`, { id: archive.id, no: file.no });
  const sealed = archive.seals.some((s) => s.signedAt);
  if (!archive.whole) return null;
  return (
    <Panel title={t('archives.files')} flush>
      {fetching.isError ? <Failure error={fetching.error} /> : null}
      <DataTable
        caption={t('archives.files')}
        rows={archive.fileList}
        rowKey={(row) => row.no}
        empty={<Empty title={t('archives.no-files')} />}
        columns={[
          {
            key: 'name',
            title: t('archives.file-name'),
            head: true,
            render: (row) =>
              row.preview && archive.may.view ? (
                <button type="button" className="link-button" onClick={() => setOpen(row)}>
                  {row.name}
                </button>
              ) : (
                row.name
              ),
          },
          {
            key: 'role',
            title: t('archives.role-title'),
            tight: true,
            render: (row) => t(`archives.role.${row.role}`),
          },
          { key: 'format', title: t('archives.format'), tight: true, render: (row) => row.formatTitle ?? '—' },
          { key: 'bytes', title: t('archives.size'), align: 'end', tight: true, render: (row) => bytes(row.bytes) },
          { key: 'sha256', title: 'SHA-256', tight: true, render: (row) => <Hash value={row.sha256} /> },
          {
            key: 'actions',
            title: t('archives.actions'),
            tight: true,
            render: (row) => (
              <span className="row" style={{ gap: 4, flexWrap: 'nowrap' }}>
                {archive.may.download ? (
                  <Button size="small" onClick={() => fetching.mutate(at(row, 'download'))}>
                    {t('archives.copy')}
                  </Button>
                ) : null}
                {sealed ? (
                  <Button size="small" onClick={() => fetching.mutate(at(row, 'proof'))}>
                    {t('archives.proof')}
                  </Button>
                ) : null}
              </span>
            ),
          },
        ]}
      />
      {open ? (
        <Drawer open size={820} onClose={() => setOpen(null)} title={open.name}>
          <Preview archive={archive.id} file={open} />
        </Drawer>
      ) : null}
    </Panel>
  );
}

/** A content in the page. It is fetched and shown as data: nothing in it can act, and the page marks who looks. */
export function Preview({
  archive,
  file,
}: {
  archive: number;
  file: Pick<FileItem, 'no' | 'name' | 'preview' | 'bytes'>;
}) {
  const { t } = useSpeech();
  const content = useQuery({
    queryKey: ['archives', 'content', archive, file.no],
    queryFn: async ({ signal }) => {
      const address = urlOf('/api/v1/archives/{id}/files/{no}/content', { id: archive, no: file.no });
      const response = await fetch(address, { credentials: 'same-origin', signal });
      if (!response.ok) throw await problemOf(response);
      return response.blob();
    },
    // Each look is a step in the archive's life: it is not taken twice for one opening.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  return (
    <Loaded query={content} skeleton={<Skeleton rows={10} />}>
      {(blob) => (
        <Watermarked>
          {file.preview === 'text' ? <TextContent blob={blob} /> : <ObjectContent blob={blob} file={file} />}
          {file.preview === 'text' && file.bytes > SHOWN ? <p className="small quiet">{t('archives.cut')}</p> : null}
        </Watermarked>
      )}
    </Loaded>
  );
}

function Watermarked({ children }: { children: React.ReactNode }) {
  const { me } = useSession();
  const [at] = useState(() => new Date().toLocaleString('zh-CN', { timeZone: 'Asia/Shanghai' }));
  return (
    <div className="watermarked">
      {children}
      <div className="watermark" aria-hidden="true">
        {Array.from({ length: 24 }, (_, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: repeated marks have no identity.
          <span key={i}>
            {me.user.login} {at}
          </span>
        ))}
      </div>
    </div>
  );
}

function TextContent({ blob }: { blob: Blob }) {
  const [text, setText] = useState<string | null>(null);
  useEffect(() => {
    let live = true;
    void blob
      .slice(0, SHOWN)
      .arrayBuffer()
      .then((buffer) => {
        const decode = (label: string) => new TextDecoder(label, { fatal: true }).decode(buffer, { stream: true });
        try {
          if (live) setText(decode('utf-8'));
        } catch {
          if (live) setText(new TextDecoder('gb18030').decode(buffer));
        }
      });
    return () => {
      live = false;
    };
  }, [blob]);
  return <pre className="archive-text">{text}</pre>;
}

function ObjectContent({ blob, file }: { blob: Blob; file: Pick<FileItem, 'name' | 'preview'> }) {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  if (!url) return null;
  if (file.preview === 'image') return <img className="archive-image" src={url} alt={file.name} />;
  return <PdfFrame url={url} name={file.name} />;
}

function PdfFrame({ url, name }: { url: string; name: string }) {
  return <iframe className="archive-pdf" src={url} title={name} />;
}
