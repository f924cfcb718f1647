/** The certificate of a signature (签名证书): an account that a court can read, with every hash for whoever computes it again; printable on A4. */
import { DownloadOutlined, FolderOpenOutlined, PrinterOutlined } from '@ant-design/icons';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Button } from 'antd';
import { type Answer, api, urlOf } from '../../api/client.ts';
import { Page, Panel, useTabTitle } from '../../components/page.tsx';
import { Failure, Loaded, Skeleton } from '../../components/states.tsx';
import { Instant } from '../../components/value.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { Account } from './account.tsx';
import { saveBundle } from './bundle.ts';
import { CertificateFoot, CertificateHead } from './certificate-frame.tsx';
import { CompareFile } from './compare.tsx';
import { fromBase64 } from './hashing.ts';
import { useJudged } from './judged.ts';
import { PublicationsFault } from './publications-fault.tsx';
import { Banner, Unreadable } from './verdict.tsx';

export type SealDetail = Answer<'/api/v1/seals/{seal}'>;

export const sealQuery = (seal: string | number) => ({
  queryKey: ['seals', 'one', String(seal)],
  queryFn: ({ signal }: { signal: AbortSignal }) => api.get('/api/v1/seals/{seal}', { params: { seal }, signal }),
  // What waits for its signature gets it within seconds.
  refetchInterval: ({ state }: { state: { data?: SealDetail | undefined } }) =>
    state.data?.state === 'pending' ? (2_000 as const) : (false as const),
});

export default function CertificatePage() {
  const { t, say } = useSpeech();
  const { seal } = useParams({ strict: false }) as { seal: string };
  const query = useQuery(sealQuery(seal));
  useTabTitle(query.data ? `${t('titles.seal')} ${say(query.data.title)}` : undefined);
  return (
    <Loaded query={query} heading={t('titles.seal')}>
      {(data) => (
        <Page
          title={t('titles.seal')}
          back={{ to: '/trust/seals', label: t('titles.seals') }}
          actions={data.signature ? <Actions seal={data} /> : null}
        >
          <Certificate seal={data} />
          {data.level === 0 && data.signature ? (
            <div className="no-print" style={{ marginBlockStart: 16 }}>
              <Panel title={t('trust.compare.title')}>
                <Compare seal={data} />
              </Panel>
            </div>
          ) : null}
        </Page>
      )}
    </Loaded>
  );
}

function Compare({ seal }: { seal: SealDetail }) {
  const judged = useJudged(seal.signature, seal.imprint, seal.level);
  return judged.data ? <CompareFile document={judged.data.account.document} /> : null;
}

function Actions({ seal }: { seal: SealDetail }) {
  const { t } = useSpeech();
  const bundle = useMutation({ mutationFn: () => saveBundle(fromBase64(seal.signature!), `${seal.kind}-${seal.id}`) });
  return (
    <>
      <Button icon={<PrinterOutlined />} type="primary" onClick={() => window.print()}>
        {t('trust.print')}
      </Button>
      <Button icon={<DownloadOutlined />} href={urlOf('/api/v1/seals/{seal}/signature', { seal: seal.id })} download>
        {t('trust.sign.download')}
      </Button>
      <Button icon={<FolderOpenOutlined />} loading={bundle.isPending} onClick={() => bundle.mutate()}>
        {t('trust.certificate.evidence')}
      </Button>
      {bundle.isError ? <Failure error={bundle.error} /> : null}
    </>
  );
}

/** The certificate itself, as it is shown in a drawer, on its page and on paper. */
export function Certificate({ seal }: { seal: SealDetail }) {
  const { t, say } = useSpeech();
  const judged = useJudged(seal.signature, seal.imprint, seal.level);
  if (!seal.signature) {
    return (
      <Banner tone="warn" word={t('trust.state.pending')}>
        <p>{t('trust.certificate.pending')}</p>
        <p className="small">
          {t('trust.seals.requested')} <Instant at={seal.requestedAt} />
        </p>
      </Banner>
    );
  }
  return (
    <article className="panel certificate">
      <CertificateHead reference={seal.reference} number={seal.id} />
      <div className="panel-body">
        <PublicationsFault />
        {judged.isError ? <Unreadable error={judged.error} /> : null}
        {judged.data ? (
          <Account
            account={judged.data.account}
            judgement={judged.data.judgement}
            compared="record"
            subject={{
              kind: t(`trust.kind.${seal.kind}`),
              title: say(seal.title),
              facts: seal.facts,
              level: seal.level,
            }}
          >
            <CertificateFoot reference={seal.reference} />
          </Account>
        ) : judged.isError ? null : (
          <Skeleton rows={8} />
        )}
      </div>
    </article>
  );
}
