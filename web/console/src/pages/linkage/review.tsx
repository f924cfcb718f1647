/** 人工复核: one pair at a time, blind, by keyboard alone. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { full, percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { PurposeNote } from '../../session/purpose-note.tsx';
import { Sides } from './shared.tsx';

type Next = Answer<'/api/v1/linkage/{library}/next'>;
type Pair = Next['pairs'][number];
type Verdict = 'same' | 'different' | 'unsure';

const keys: Record<string, Verdict> = {
  s: 'same',
  '1': 'same',
  d: 'different',
  '2': 'different',
  u: 'unsure',
  '3': 'unsure',
};

export default function LinkageReview() {
  const { t } = useSpeech();
  const { library } = useParams({ strict: false }) as { library: string };
  const query = useQuery({
    queryKey: ['linkage', library, 'next'],
    queryFn: ({ signal }) =>
      api.get('/api/v1/linkage/{library}/next', { params: { library }, query: { limit: 20 }, signal }),
    // A queue that is worked through: it is asked for again when it is done, not behind the reviewer's back.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  return (
    <Page
      title={t('titles.linkage-review')}
      lead={t('linkage.review-lead')}
      back={{ to: '/linkage', label: t('titles.linkage') }}
    >
      <div className="stack">
        <PurposeNote />
        <Loaded query={query}>
          {(data) => (
            <Work key={query.dataUpdatedAt} library={library} data={data} onMore={() => void query.refetch()} />
          )}
        </Loaded>
      </div>
    </Page>
  );
}

function Work({ library, data, onMore }: { library: string; data: Next; onMore: () => void }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const [at, setAt] = useState(0);
  const [said, setSaid] = useState<Record<string, Verdict>>({});
  const [progress, setProgress] = useState(data.progress);
  const pair: Pair | undefined = data.pairs[at];
  const judge = useMutation({
    mutationFn: ({ pair: id, verdict, revise }: { pair: string; verdict: Verdict; revise: boolean }) =>
      api.post('/api/v1/linkage/{library}/pairs/{pair}/verdict', {
        params: { library, pair: id },
        body: { verdict, revise },
      }),
    onSuccess: (answer, asked) => {
      setSaid((before) => ({ ...before, [asked.pair]: asked.verdict }));
      setProgress(answer.progress);
      setAt((n) => n + 1);
      void client.invalidateQueries({ queryKey: ['linkage'], exact: true });
    },
  });
  const say = (verdict: Verdict) => {
    if (!pair || judge.isPending) return;
    judge.mutate({ pair: pair.pair, verdict, revise: said[pair.pair] !== undefined });
  };
  const step = (n: number) => {
    judge.reset();
    setAt((now) => Math.max(0, Math.min(data.pairs.length, now + n)));
  };
  const latest = useRef({ say, step });
  latest.current = { say, step };
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
      if (target.closest('[role="dialog"]')) return;
      const verdict = keys[event.key.toLowerCase()];
      if (verdict) latest.current.say(verdict);
      else if (event.key === 'ArrowLeft' || event.key === 'k') latest.current.step(-1);
      else if (event.key === 'ArrowRight' || event.key === 'j') latest.current.step(1);
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);
  const share = progress.mine + progress.left > 0 ? progress.mine / (progress.mine + progress.left) : 1;
  return (
    <div className="stack">
      <div className="linkage-progress">
        <span className="bar" role="img" aria-label={t('linkage.progress', { share: percent(share, 0) })}>
          <span style={{ width: `${share * 100}%`, background: 'var(--jw-primary)' }} />
        </span>
        <span className="small" aria-live="polite">
          {t('linkage.mine', { n: full(progress.mine), left: full(progress.left) })}
        </span>
      </div>
      {judge.isError ? <Failure error={judge.error} /> : null}
      {pair ? (
        <Panel
          title={t('linkage.question')}
          extra={said[pair.pair] ? <Label tone="info">{t(`linkage.verdict.${said[pair.pair]}`)}</Label> : null}
        >
          <div className="stack-s">
            <Sides columns={pair.columns} left={t('linkage.record-a')} right={t('linkage.record-b')} />
            <p className="small quiet">{t('linkage.blind')}</p>
          </div>
        </Panel>
      ) : (
        <div className="panel">
          <Empty
            title={progress.left > 0 ? t('linkage.batch-done') : t('linkage.all-done')}
            action={
              <div className="row" style={{ justifyContent: 'center' }}>
                <Button onClick={() => step(-1)} disabled={data.pairs.length === 0}>
                  <kbd>←</kbd> {t('linkage.back')}
                </Button>
                {progress.left > 0 ? (
                  <Button type="primary" onClick={onMore}>
                    {t('linkage.more')}
                  </Button>
                ) : null}
              </div>
            }
          >
            {t('linkage.done-text')}
          </Empty>
        </div>
      )}
      {pair ? (
        <div className="linkage-keys">
          <Button type="primary" disabled={judge.isPending} onClick={() => say('same')}>
            <kbd>S</kbd> {t('linkage.verdict.same')}
          </Button>
          <Button disabled={judge.isPending} onClick={() => say('different')}>
            <kbd>D</kbd> {t('linkage.verdict.different')}
          </Button>
          <Button disabled={judge.isPending} onClick={() => say('unsure')}>
            <kbd>U</kbd> {t('linkage.verdict.unsure')}
          </Button>
          <Button onClick={() => step(-1)} disabled={at === 0}>
            <kbd>←</kbd> {t('linkage.back')}
          </Button>
          <Button onClick={() => step(1)}>
            <kbd>→</kbd> {t('linkage.next')}
          </Button>
          <span className="small quiet">{t('linkage.of', { n: at + 1, all: data.pairs.length })}</span>
        </div>
      ) : null}
    </div>
  );
}
