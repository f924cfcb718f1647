/** The queue of matches that a person decides: what was given beside what it could be, decided by keyboard. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { App, Button, Input } from 'antd';
import { useCallback, useEffect, useRef, useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { ChoiceFilter, Filters, TextFilter } from '../../components/filters.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded, Skeleton } from '../../components/states.tsx';
import { Pager } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { full, percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { signed, Waterfall } from '../linkage/shared.tsx';
import { useClasses } from './shared.ts';

type ReviewPage = Answer<'/api/v1/refinery/reviews'>;
type ReviewItem = ReviewPage['items'][number];
type Weights = Answer<'/api/v1/linkage/legal-person/reviews/{review}'>;
type Weight = Weights['candidates'][number];
type Decision = { decision: 'link' | 'none' | 'new'; entity?: number; comment?: string };

const reasons = ['code-against-name', 'shared-name', 'similar-name', 'code-without-name'] as const;
const given = ['name', 'former', 'uscc', 'orgcode', 'regno'] as const;
const size = 30;

export default function Review() {
  const { t } = useSpeech();
  const url = useUrlState();
  const classes = useClasses();
  const page = url.number('page', 1);
  const query = {
    state: url.get('state') || 'open',
    reason: url.get('reason'),
    source: url.get('source'),
    search: url.get('search'),
    page,
    size,
  };
  const reviews = useQuery({
    queryKey: ['refinery', 'reviews', query],
    queryFn: ({ signal }) => api.get('/api/v1/refinery/reviews', { query, signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <Page title={t('titles.review')} lead={t('refinery.review.lead')}>
      <Filters keys={['state', 'reason', 'source', 'search']}>
        <ChoiceFilter
          name="state"
          label={t('exchange.state')}
          otherwise="open"
          width={120}
          choices={['open', 'decided', 'all'].map((value) => ({ value, label: t(`refinery.review.state.${value}`) }))}
        />
        <ChoiceFilter
          name="reason"
          label={t('refinery.review.reason')}
          width={200}
          choices={reasons.map((value) => ({ value, label: t(`refinery.review.reasons.${value}`) }))}
        />
        <ChoiceFilter name="source" label={t('refinery.class')} choices={classes.choices} width={200} />
        <TextFilter name="search" label={t('common.search')} hint={t('refinery.review.search-hint')} />
      </Filters>
      <Loaded query={reviews}>
        {(data) =>
          data.items.length === 0 ? (
            <div className="panel">
              <Empty title={t('refinery.review.empty')}>{t('refinery.review.empty-text')}</Empty>
            </div>
          ) : (
            <>
              <Queue data={data} />
              <Pager
                offset={(page - 1) * size}
                limit={size}
                total={data.total}
                onOffset={(offset) => url.set({ page: offset ? offset / size + 1 : undefined })}
              />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

function Queue({ data }: { data: ReviewPage }) {
  const { t } = useSpeech();
  const url = useUrlState();
  const at = Math.max(
    0,
    data.items.findIndex((item) => item.review === url.get('review')),
  );
  const item = data.items[at]!;
  const { set } = url;
  const go = useCallback(
    (step: number) => {
      const next = data.items[Math.min(data.items.length - 1, Math.max(0, at + step))];
      if (next) set({ review: next.review }, { replace: true });
    },
    [data.items, at, set],
  );
  return (
    <div className="aside-left wide-left" style={{ marginBlockEnd: 12 }}>
      <Panel title={t('refinery.review.queue', { n: full(data.total) })} flush>
        <ul className="picks queue">
          {data.items.map((one) => (
            <li key={one.review}>
              <button
                type="button"
                aria-pressed={one.review === item.review}
                onClick={() => set({ review: one.review }, { replace: true })}
              >
                <span>
                  {one.given.name ?? one.given.uscc ?? one.given.regno ?? '—'}
                  <span className="small quiet" style={{ display: 'block' }}>
                    {t(`refinery.review.reasons.${one.reason}`)} · {t('refinery.review.rows', { n: full(one.rows) })}
                  </span>
                </span>
                {one.decision ? <Label tone="good">{t(`refinery.review.decision.${one.decision}`)}</Label> : null}
              </button>
            </li>
          ))}
        </ul>
      </Panel>
      <Weighed key={item.review} item={item} onStep={go} />
    </div>
  );
}

/** A case with its candidates in the order of their weights; shown once the order is known, since keys choose by it. */
function Weighed({ item, onStep }: { item: ReviewItem; onStep: (step: number) => void }) {
  const weights = useQuery({
    queryKey: ['linkage', 'legal-person', item.review],
    queryFn: ({ signal }) =>
      api.get('/api/v1/linkage/legal-person/reviews/{review}', { params: { review: item.review }, signal }),
    retry: false,
  });
  if (weights.isPending) return <Skeleton />;
  const by = new Map((weights.data?.candidates ?? []).map((c, place) => [c.entity, { ...c, place }]));
  const last = by.size;
  const candidates = [...item.candidates].sort(
    (a, b) => (by.get(a.entity)?.place ?? last) - (by.get(b.entity)?.place ?? last),
  );
  return <Case item={{ ...item, candidates }} weights={by} onStep={onStep} />;
}

/** The weight of a candidate; every part of it on demand. */
function WeightOf({ weight }: { weight: Weight }) {
  const { t } = useSpeech();
  return (
    <div>
      <dt>{t('refinery.review.weight')}</dt>
      <dd>
        <span className="row" style={{ gap: 4 }}>
          <span className="num">{t('linkage.bits', { n: signed(weight.bits) })}</span>
          {weight.clear ? <Label tone="good">{t('refinery.review.clear')}</Label> : null}
          {weight.against ? <Label tone="bad">{t('refinery.review.against')}</Label> : null}
        </span>
        <details>
          <summary className="small">{t('linkage.why')}</summary>
          <Waterfall bars={weight.bars} />
        </details>
      </dd>
    </div>
  );
}

function Case({
  item,
  weights,
  onStep,
}: {
  item: ReviewItem;
  weights: ReadonlyMap<number, Weight>;
  onStep: (step: number) => void;
}) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const classes = useClasses();
  const [comment, setComment] = useState('');
  const title = classes.items.find((one) => one.class === item.class);
  const { say } = useSpeech();
  const decide = useMutation({
    mutationFn: (body: Decision) =>
      api.post('/api/v1/refinery/reviews/{review}/decision', { params: { review: item.review }, body }),
    onSuccess: async () => {
      message.success(t('refinery.review.done'));
      onStep(1);
      await client.invalidateQueries({ queryKey: ['refinery'] });
    },
  });
  const open = item.decision === null;
  const act = (body: Decision) => {
    if (!open || decide.isPending) return;
    decide.mutate({ ...body, ...(comment.trim() ? { comment: comment.trim() } : {}) });
  };
  const latest = useRef({ act, onStep });
  latest.current = { act, onStep };
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
      if (target.closest('.ant-select, [role="dialog"]')) return;
      const digit = /^[1-9]$/.test(event.key) ? item.candidates[Number(event.key) - 1] : undefined;
      if (digit) latest.current.act({ decision: 'link', entity: digit.entity });
      else if (event.key === '0') latest.current.act({ decision: 'none' });
      else if (event.key === 'n') latest.current.act({ decision: 'new' });
      else if (event.key === 'j') latest.current.onStep(1);
      else if (event.key === 'k') latest.current.onStep(-1);
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [item.candidates]);
  return (
    <div className="stack">
      <Panel
        title={t(`refinery.review.reasons.${item.reason}`)}
        extra={
          <span className="quiet">
            {title ? say(title.title) : ''} · {t('refinery.review.rows', { n: full(item.rows) })}
          </span>
        }
      >
        <p className="quiet small" style={{ marginBlockEnd: 12 }}>
          {t(`refinery.review.reason-text.${item.reason}`)}
        </p>
        <div
          className="compare"
          style={{
            gridTemplateColumns: `minmax(180px, 1fr) repeat(${Math.max(1, item.candidates.length)}, minmax(200px, 1fr))`,
          }}
        >
          <section className="compare-given">
            <h3>{t('refinery.review.given')}</h3>
            <dl>
              {given.map((key) => (
                <div key={key}>
                  <dt>{t(`refinery.review.field.${key}`)}</dt>
                  <dd className={key === 'name' || key === 'former' ? '' : 'mono'}>
                    {item.given[key] ?? <span className="quiet">—</span>}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
          {item.candidates.map((candidate, i) => (
            <section
              key={candidate.entity}
              className={item.entity === candidate.entity ? 'compare-candidate chosen' : 'compare-candidate'}
            >
              <h3>
                {open ? <kbd>{i + 1}</kbd> : null} <Same text={candidate.name} as={item.given.name} />
              </h3>
              <dl>
                <div>
                  <dt>{t('terms.attribute.uscc')}</dt>
                  <dd className="mono">
                    <Same text={candidate.uscc} as={item.given.uscc} />
                  </dd>
                </div>
                <div>
                  <dt>{t('refinery.review.evidence')}</dt>
                  <dd className="row" style={{ gap: 4 }}>
                    {candidate.evidence.map((kind) => (
                      <Label key={kind} tone="good">
                        {t(`refinery.evidence.${kind}`, { defaultValue: kind })}
                      </Label>
                    ))}
                  </dd>
                </div>
                <div>
                  <dt>{t('refinery.review.score')}</dt>
                  <dd>
                    <span className="bar" aria-hidden="true">
                      <span
                        style={{ width: `${Math.min(1, candidate.score) * 100}%`, background: 'var(--jw-primary)' }}
                      />
                    </span>{' '}
                    {percent(candidate.score, 0)}
                  </dd>
                </div>
                {weights.has(candidate.entity) ? <WeightOf weight={weights.get(candidate.entity)!} /> : null}
              </dl>
              <div className="row">
                {open ? (
                  <Button
                    size="small"
                    type="primary"
                    loading={decide.isPending}
                    onClick={() => act({ decision: 'link', entity: candidate.entity })}
                  >
                    {t('refinery.review.it-is')}
                  </Button>
                ) : null}
                <Link
                  to="/credit/enterprises/$entity"
                  params={{ entity: String(candidate.entity) } as never}
                  target="_blank"
                >
                  {t('refinery.review.open')}
                </Link>
              </div>
            </section>
          ))}
          {item.candidates.length === 0 ? <p className="quiet">{t('refinery.review.no-candidates')}</p> : null}
        </div>
      </Panel>
      {decide.isError ? <Failure error={decide.error} /> : null}
      {open ? (
        <div className="row">
          <Input
            value={comment}
            onChange={(event) => setComment(event.target.value)}
            maxLength={500}
            placeholder={t('refinery.review.comment')}
            aria-label={t('refinery.review.comment')}
            style={{ maxWidth: 360 }}
          />
          <Button onClick={() => act({ decision: 'none' })}>
            <kbd>0</kbd> {t('refinery.review.none')}
          </Button>
          <Button onClick={() => act({ decision: 'new' })}>
            <kbd>n</kbd> {t('refinery.review.new')}
          </Button>
          <span className="small quiet">{t('refinery.review.keys')}</span>
        </div>
      ) : (
        <p className="note good">
          {t(`refinery.review.decision.${item.decision}`)} · {item.by} · <Instant at={item.at} />{' '}
          {item.comment ? `· ${item.comment}` : ''}
        </p>
      )}
    </div>
  );
}

/** A text in which the characters that the other lacks are marked. */
function Same({ text, as }: { text: string | null; as: string | null }) {
  if (!text) return <span className="quiet">—</span>;
  if (!as) return text;
  if (text === as) return <span className="good-text">{text}</span>;
  const others = new Set(as);
  return [...text].map((character, i) =>
    others.has(character) && text.length === as.length && as[i] !== character ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: a character's place is what it is.
      <mark key={i}>{character}</mark>
    ) : others.has(character) ? (
      character
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: a character's place is what it is.
      <mark key={i}>{character}</mark>
    ),
  );
}
