/** Verifying without an account (公开验证): by dropping files, or a certificate whose number stands in the address; and what is proven, in plain words. */
import { DownloadOutlined, PrinterOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { api } from '../../api/client.ts';
import { Page, Panel } from '../../components/page.tsx';
import { Loaded, problemOf, Skeleton } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { Account } from './account.tsx';
import { CertificateFoot, CertificateHead } from './certificate-frame.tsx';
import { CompareFile } from './compare.tsx';
import { saveBytes } from './hashing.ts';
import { useJudged } from './judged.ts';
import { PublicationsFault } from './publications-fault.tsx';
import { Banner, Unreadable } from './verdict.tsx';
import { VerifyPanel } from './verify-panel.tsx';

export default function PublicVerify() {
  const { t } = useSpeech();
  const reference = useUrlState().get('ref');
  return (
    <Page title={t('titles.verify-public')} lead={reference ? t('trust.public.ref-lead') : t('trust.public.lead')}>
      <div className="stack">
        {reference ? <Referred reference={reference} /> : <VerifyPanel />}
        <Explanation />
      </div>
    </Page>
  );
}

/** The certificate of a number, judged here; the file itself is held against it by whoever has it. */
function Referred({ reference }: { reference: string }) {
  const { t, say } = useSpeech();
  const query = useQuery({
    queryKey: ['trust', 'certificate', reference],
    queryFn: ({ signal }) => api.get('/api/v1/trust/certificates/{reference}', { params: { reference }, signal }),
    refetchInterval: ({ state }) => (state.data?.state === 'pending' ? 3_000 : false),
    retry: false,
  });
  const judged = useJudged(query.data?.signature);
  // An address that was printed and is not known here is no fault of the line: whoever holds the paper must be told.
  if (problemOf(query.error).code === 'seal.reference-unknown')
    return (
      <Banner tone="bad" word={t('trust.public.unknown')}>
        <p>{t('trust.public.unknown-text')}</p>
        <p className="small">
          {t('common.code')} <code>seal.reference-unknown</code> · <Link to="/verify">{t('trust.public.other')}</Link>
        </p>
      </Banner>
    );
  return (
    <Loaded query={query}>
      {(data) =>
        data.signature === null ? (
          <Banner tone="warn" word={t('trust.state.pending')}>
            <p>{t('trust.certificate.pending')}</p>
          </Banner>
        ) : (
          <>
            <article className="panel certificate">
              <CertificateHead reference={reference} />
              <div className="panel-body">
                <PublicationsFault />
                {judged.isError ? <Unreadable error={judged.error} /> : null}
                {judged.data ? (
                  <Account
                    account={judged.data.account}
                    judgement={judged.data.judgement}
                    compared="none"
                    subject={{
                      kind: t(`trust.kind.${data.kind}`),
                      level: data.level,
                      ...(data.title ? { title: say(data.title) } : {}),
                      more: data.title ? null : (
                        <p className="small quiet">
                          {t(data.level ? 'trust.public.no-title-root' : 'trust.public.no-title')}
                        </p>
                      ),
                    }}
                  >
                    <CertificateFoot reference={reference} />
                  </Account>
                ) : judged.isError ? null : (
                  <Skeleton rows={8} />
                )}
              </div>
            </article>
            {judged.data && data.level === 0 ? (
              <Panel title={t('trust.compare.title')}>
                <CompareFile document={judged.data.account.document} />
              </Panel>
            ) : null}
            <div className="row no-print">
              <Button icon={<PrinterOutlined />} onClick={() => window.print()}>
                {t('trust.print')}
              </Button>
              {judged.data ? (
                <Button
                  icon={<DownloadOutlined />}
                  onClick={() => saveBytes(judged.data.bytes, `${data.kind}-${reference}.ksig`)}
                >
                  {t('trust.sign.download')}
                </Button>
              ) : null}
              <Link to="/verify">{t('trust.public.other')}</Link>
            </div>
          </>
        )
      }
    </Loaded>
  );
}

/** What a signature proves and what not, and how to check it without believing us. */
function Explanation() {
  const { t } = useSpeech();
  return (
    <div className="cols-2 no-print">
      <Panel title={t('trust.public.proves')}>
        <ul className="plain-list">
          {(['when', 'who', 'unchanged', 'not-true', 'not-who'] as const).map((key) => (
            <li key={key}>{t(`trust.public.prove.${key}`)}</li>
          ))}
        </ul>
      </Panel>
      <Panel title={t('trust.public.without-us')}>
        <div className="stack-s">
          <ol className="plain-list numbered">
            {(['download', 'drop', 'gazette'] as const).map((key) => (
              <li key={key}>{t(`trust.public.way.${key}`)}</li>
            ))}
          </ol>
          <div className="row">
            <Button icon={<DownloadOutlined />} href="/verify/offline.html" download>
              {t('trust.public.offline')}
            </Button>
            <Button icon={<DownloadOutlined />} href="/keyless/publications" download>
              {t('trust.outside.file')}
            </Button>
            <Link to="/trust/publications">{t('titles.publications')}</Link>
          </div>
        </div>
      </Panel>
    </div>
  );
}
