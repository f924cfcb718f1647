/**
 * The mark 可信标签 beside whatever is sealed: its state in one word; a click opens the certificate. Only for who may read seals; where nothing was
 * sealed it says so.
 */
import { DownloadOutlined } from '@ant-design/icons';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { App, Button, Drawer } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { type Answer, api, urlOf } from '../api/client.ts';
import { download } from '../api/download.ts';
import { useSpeech } from '../i18n/index.ts';
import { useMe } from '../session/session.tsx';
import { Label } from './page.tsx';
import { SealState } from './seal-state.tsx';
import { Failure, Skeleton } from './states.tsx';

type Brief = Answer<'/api/v1/seals'>['items'][number];

// The verifier is loaded when a certificate is opened, not with every page that bears a mark.
const SealDrawerBody = lazy(() => import('../pages/trust/drawer.tsx'));

function useMaySee(): boolean {
  return useMe().data?.permissions.includes('seal.read') === true;
}

/** The newest seal of one thing. `kind` and `subject` as the hub names them. */
export function SealMark({ kind, subject }: { kind: Brief['kind']; subject: string }) {
  const { t } = useSpeech();
  const may = useMaySee();
  const [open, setOpen] = useState(false);
  const seals = useQuery({
    queryKey: ['seals', 'of', kind, subject],
    queryFn: ({ signal }) => api.get('/api/v1/seals', { query: { kind, subject, limit: 1 }, signal }),
    enabled: may,
    refetchInterval: ({ state }) => (state.data?.items[0]?.state === 'pending' ? 3_000 : false),
  });
  if (!may || !seals.data) return null;
  const seal = seals.data.items[0];
  if (!seal) return <Label title={t('trust.mark.none-text')}>{t('trust.mark.none')}</Label>;
  return (
    <>
      <button type="button" className="seal-mark" onClick={() => setOpen(true)} aria-label={t('trust.mark.open')}>
        <span className="small quiet">{t('trust.mark.name')}</span> <SealState seal={seal} />
      </button>
      {open ? <SealDrawer seal={seal.id} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function SealDrawer({ seal, onClose }: { seal: number; onClose: () => void }) {
  const { t } = useSpeech();
  return (
    <Drawer
      open
      onClose={onClose}
      size={820}
      title={t('titles.seal')}
      extra={
        <Link to="/trust/seals/$seal" params={{ seal: String(seal) } as never}>
          {t('trust.mark.page')}
        </Link>
      }
    >
      <Suspense fallback={<Skeleton rows={8} />}>
        <SealDrawerBody seal={seal} />
      </Suspense>
    </Drawer>
  );
}

/** The proof of one received row: a signature of its own, taken out of its run's. */
export function RowSealMark({ run, row }: { run: number; row: number }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const me = useMe();
  const may = ['seal.read', 'exchange.read'].every((p) => me.data?.permissions.includes(p as never));
  const save = useMutation({
    mutationFn: () => download(urlOf('/api/v1/seals/rows/{run}/{row}', { run, row })),
    onSuccess: (name) => void message.success(t('trust.mark.saved', { name })),
  });
  if (!may) return null;
  return (
    <span className="stack-s">
      <span className="row">
        <SealMark kind="run" subject={String(run)} />
        <Button size="small" icon={<DownloadOutlined />} loading={save.isPending} onClick={() => save.mutate()}>
          {t('trust.mark.row')}
        </Button>
      </span>
      {save.isError ? <Failure error={save.error} /> : null}
    </span>
  );
}
