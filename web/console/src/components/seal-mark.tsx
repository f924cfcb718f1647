/**
 * The mark 可信标签 beside whatever is sealed: its state in one word; a click opens the certificate. Only for who may read seals; where nothing was
 * sealed it says so.
 */
import { SafetyCertificateOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Drawer } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { type Answer, api } from '../api/client.ts';
import { useSpeech } from '../i18n/index.ts';
import { useMe } from '../session/session.tsx';
import { Label } from './page.tsx';
import { SealState } from './seal-state.tsx';
import { Skeleton } from './states.tsx';

type Brief = Answer<'/api/v1/seals'>['items'][number];

// The verifier is loaded when a certificate is opened, not with every page that bears a mark.
const SealDrawerBody = lazy(() => import('../pages/trust/drawer.tsx'));
const RowProof = lazy(() => import('../pages/trust/row.tsx'));

function useMaySee(): boolean {
  return useMe().data?.permissions.includes('seal.read') === true;
}

/**
 * The newest seal of one thing. `kind` and `subject` as the hub names them; a subject that ends in `/` means whatever stands below it, none the newest
 * of its kind.
 */
export function SealMark({
  kind,
  subject,
  silent = false,
}: {
  kind: Brief['kind'];
  subject?: string;
  /** Shows nothing where nothing was sealed, because nothing needed to be. */
  silent?: boolean;
}) {
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
  if (!seal && silent) return null;
  if (!seal) return <Label title={t('trust.mark.none-text')}>{t('trust.mark.none')}</Label>;
  return (
    <>
      <button type="button" className="seal-mark" onClick={() => setOpen(true)}>
        <span className="small quiet">{t('trust.mark.name')}</span> <SealState seal={seal} />{' '}
        <span className="visually-hidden">{t('trust.mark.open')}</span>
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
  const me = useMe();
  const [open, setOpen] = useState(false);
  const may = (['seal.read', 'exchange.read'] as const).every((p) => me.data?.permissions.includes(p));
  if (!may) return null;
  return (
    <span>
      <Button size="small" icon={<SafetyCertificateOutlined />} onClick={() => setOpen(true)}>
        {t('trust.mark.of-row')}
      </Button>
      {open ? (
        <Drawer open onClose={() => setOpen(false)} size={820} title={t('trust.mark.of-row')}>
          <Suspense fallback={<Skeleton rows={8} />}>
            <RowProof run={run} row={row} />
          </Suspense>
        </Drawer>
      ) : null}
    </span>
  );
}

/** Says that what is exported gets a signature, and where the seals of exports are. */
export function SealedExports() {
  const { t } = useSpeech();
  if (!useMaySee()) return null;
  return (
    <p className="small quiet">
      {t('trust.mark.exports')}{' '}
      <Link to="/trust/seals" search={{ kind: 'export' } as never}>
        {t('titles.seals')}
      </Link>
    </p>
  );
}
