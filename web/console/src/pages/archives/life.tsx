/** The life-cycle line of an archive: each step with who, when, and its proof. */
import { SafetyCertificateOutlined } from '@ant-design/icons';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { api, urlOf } from '../../api/client.ts';
import { download } from '../../api/download.ts';
import { Label, Panel } from '../../components/page.tsx';
import { Failure, Loaded } from '../../components/states.tsx';
import { Instant } from '../../components/value.tsx';
import { shortHash } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import type { Archive } from './marks.tsx';

/** What of a step's detail is told; the rest is in its record. */
const told = [
  'reason',
  'to',
  'kind',
  'file',
  'outcome',
  'failed',
  'algorithm',
  'ground',
  'verdict',
  'reference',
] as const;

/** Values that are codes, and where their words stand. */
const words: Readonly<Record<string, string>> = { outcome: 'outcome', kind: 'kind', verdict: 'verdict' };
const coded = new Set(Object.keys(words));

export function Life({ archive }: { archive: Archive }) {
  const { t, say } = useSpeech();
  const steps = useQuery({
    queryKey: ['archives', 'one', String(archive.id), 'steps', archive.state, archive.verified],
    queryFn: ({ signal }) => api.get('/api/v1/archives/{id}/steps', { params: { id: archive.id }, signal }),
    refetchInterval: ({ state }) => (state.data?.items.some((s) => s.signedAt === null) ? 3_000 : false),
  });
  const fetching = useMutation({ mutationFn: (address: string) => download(address) });
  const at = (seq: number, what: 'record' | 'proof') =>
    urlOf(`/api/v1/archives/{id}/steps/{seq}/${what}`, { id: archive.id, seq });
  const word = (key: string, value: unknown) => (coded.has(key) ? t(`archives.${words[key]}.${value}`) : String(value));
  const detail = (of: Record<string, unknown>) =>
    told
      .filter((key) => of[key] !== undefined && of[key] !== null && (of[key] as unknown[]).length !== 0)
      .map(
        (key) =>
          `${t(`archives.detail.${key}`)} ${[of[key]]
            .flat()
            .map((one) => word(key, one))
            .join('、')}`,
      )
      .join(' · ');
  return (
    <Panel
      title={t('archives.life')}
      extra={
        steps.data ? (
          steps.data.fault ? (
            <Label tone="bad">{say(steps.data.fault)}</Label>
          ) : (
            <Label tone="good">{t('archives.chain-whole')}</Label>
          )
        ) : null
      }
    >
      <Loaded query={steps}>
        {({ items }) => (
          <div className="stack-s">
            {fetching.isError ? <Failure error={fetching.error} /> : null}
            <ol className="life">
              {[...items].reverse().map((step) => (
                <li key={step.seq} className={step.signedAt ? 'life-step proven' : 'life-step'}>
                  <div className="row spread">
                    <span>
                      <span className="strong">{say(step.title)}</span>{' '}
                      <span className="quiet small">
                        {step.actor ?? t('archives.by-hub')} · <Instant at={step.at} />
                      </span>
                    </span>
                    <span className="row" style={{ gap: 4 }}>
                      {step.seal !== null && step.signedAt ? (
                        <>
                          <Link to="/trust/seals/$seal" params={{ seal: String(step.seal) } as never} className="small">
                            <SafetyCertificateOutlined aria-hidden="true" /> {t('archives.proven')}
                          </Link>
                          <Button size="small" type="text" onClick={() => fetching.mutate(at(step.seq, 'record'))}>
                            {t('archives.record')}
                          </Button>
                          <Button size="small" type="text" onClick={() => fetching.mutate(at(step.seq, 'proof'))}>
                            {t('archives.proof')}
                          </Button>
                        </>
                      ) : (
                        <Label tone="warn">{t('archives.seal-pending')}</Label>
                      )}
                    </span>
                  </div>
                  <p className="small quiet">
                    {detail(step.detail)}{' '}
                    <span className="mono">
                      #{step.seq} {shortHash(step.hash, 6)}
                    </span>
                  </p>
                </li>
              ))}
            </ol>
          </div>
        )}
      </Loaded>
    </Panel>
  );
}
