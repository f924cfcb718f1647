/** The proof of one received row: what it says, its own signature, and how the two hang together. */
import { DownloadOutlined } from '@ant-design/icons';
import { imprint } from '@jingwei/keyless';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { type Answer, api } from '../../api/client.ts';
import { Fact, Facts } from '../../components/page.tsx';
import { Loaded, Skeleton } from '../../components/states.tsx';
import { Value } from '../../components/value.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { Account } from './account.tsx';
import { hexOf, saveBytes } from './hashing.ts';
import { useJudged } from './judged.ts';
import { SIGNATURE_ENDING } from './pairing.ts';
import { PublicationsFault } from './publications-fault.tsx';
import { Banner, Unreadable } from './verdict.tsx';

type RowSeal = Answer<'/api/v1/seals/rows/{run}/{row}'>;

export default function RowProof({ run, row }: { run: number; row: number }) {
  const query = useQuery({
    queryKey: ['seals', 'row', run, row],
    queryFn: ({ signal }) => api.get('/api/v1/seals/rows/{run}/{row}', { params: { run, row }, signal }),
    refetchInterval: ({ state }) => (state.data?.seal?.state === 'pending' ? 3_000 : false),
  });
  return <Loaded query={query}>{(data) => <Proof seal={data} />}</Loaded>;
}

/** Number of SHA-256, the algorithm of leaves. */
const SHA256 = 0x01;

function Proof({ seal }: { seal: RowSeal }) {
  const { t, say } = useSpeech();
  // Where the text of the row is known here, its fingerprint is computed here; else the one that the hub keeps is believed.
  const text = seal.canonical === null ? undefined : new TextEncoder().encode(seal.canonical);
  const hash = text ? hexOf(imprint(SHA256, text)) : seal.leaf;
  const judged = useJudged(seal.signature, hash);
  const name = `${seal.source}-${seal.run}-${seal.row}`;
  return (
    <div className="stack">
      {seal.signature === null ? (
        <Banner tone="warn" word={seal.seal ? t('trust.state.pending') : t('trust.mark.none')}>
          <p>{seal.seal ? t('trust.certificate.pending') : t('trust.mark.none-text')}</p>
        </Banner>
      ) : null}
      <PublicationsFault />
      {judged.isError ? <Unreadable error={judged.error} /> : null}
      {seal.signature && !judged.data && !judged.isError ? <Skeleton rows={8} /> : null}
      {judged.data ? (
        <>
          <Account
            account={judged.data.account}
            judgement={judged.data.judgement}
            compared={text ? 'file' : 'record'}
            subject={{
              kind: t('trust.row.kind'),
              title: t('trust.row.title', { source: say(seal.title), run: seal.run, row: seal.row }),
              more: <p className="small quiet">{text ? t('trust.row.computed') : t('trust.row.registered')}</p>,
            }}
          />
          <div className="row">
            <Button
              icon={<DownloadOutlined />}
              onClick={() => saveBytes(judged.data.bytes, `${name}.json${SIGNATURE_ENDING}`)}
            >
              {t('trust.mark.row')}
            </Button>
            {text ? (
              <Button icon={<DownloadOutlined />} onClick={() => saveBytes(text, `${name}.json`, 'application/json')}>
                {t('trust.row.text')}
              </Button>
            ) : null}
            {seal.seal ? (
              <Link to="/trust/seals/$seal" params={{ seal: String(seal.seal.id) } as never}>
                {t('trust.row.run')}
              </Link>
            ) : null}
          </div>
        </>
      ) : null}
      {seal.cells.length ? (
        <section className="stack-s">
          <h3>{t('trust.row.cells')}</h3>
          <Facts>
            {seal.cells.map((cell) => (
              <Fact key={cell.field} label={say(cell.title)}>
                {cell.visibility === 'hidden' ? (
                  <span className="quiet">{t('common.hidden')}</span>
                ) : (
                  <Value value={cell.value} masked={cell.visibility === 'masked'} />
                )}
              </Fact>
            ))}
          </Facts>
        </section>
      ) : null}
    </div>
  );
}
