/** What the pages of the assessment have in common: which month is looked at, how a result stands, records with the pages that they lead to. */
import { Link } from '@tanstack/react-router';
import { Select } from 'antd';
import { type ReactNode, useId } from 'react';
import type { Answer } from '../../api/client.ts';
import { Label } from '../../components/page.tsx';
import { DataTable } from '../../components/table.tsx';
import { day, percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';

export type Board = Answer<'/api/v1/assessment/board'>;
export type Head = NonNullable<Board['result']>;
export type UnitView = Answer<'/api/v1/assessment/units/{unit}'>;
export type RecordItem = Answer<'/api/v1/assessment/records'>['items'][number];
export type Objection = Answer<'/api/v1/assessment/objections'>['items'][number];

/** Points with two decimals; a dash where there are none. */
export const two = (n: number | null | undefined): string => (n === null || n === undefined ? '—' : n.toFixed(2));
export const signed = (n: number): string => (n > 0 ? `+${n.toFixed(2)}` : n.toFixed(2));

/** Which scheme and month the URL asks for. */
export function useAsked() {
  const url = useUrlState();
  return { scheme: url.get('scheme') || undefined, month: url.get('month') || undefined };
}

/** The same as a search of a link. */
export const searchOf = (head: Pick<Head, 'scheme' | 'month'>) => ({ scheme: head.scheme, month: head.month }) as never;

/** Chooses scheme and month. */
export function MonthChoice({ schemes, head }: { schemes: Board['schemes']; head: Head }) {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const id = useId();
  const months = schemes.find((s) => s.scheme === head.scheme)?.months ?? [];
  return (
    <search className="filters">
      <div className="filter" style={{ minWidth: 200 }}>
        <label htmlFor={`${id}-s`}>{t('assessment.scheme')}</label>
        <Select
          id={`${id}-s`}
          aria-label={t('assessment.scheme')}
          value={head.scheme}
          options={schemes.map((s) => ({ value: s.scheme, label: say(s.title) }))}
          popupMatchSelectWidth={false}
          onChange={(scheme: string) => url.set({ scheme, month: undefined, first: undefined, second: undefined })}
        />
      </div>
      <div className="filter" style={{ minWidth: 130 }}>
        <label htmlFor={`${id}-m`}>{t('assessment.month')}</label>
        <Select
          id={`${id}-m`}
          aria-label={t('assessment.month')}
          value={head.month}
          options={[...months].reverse().map((m) => ({ value: m, label: m }))}
          onChange={(month: string) => url.set({ month })}
        />
      </div>
      <Standing head={head} />
    </search>
  );
}

/** How a result stands: provisional or closed, until when it may be objected to. */
export function Standing({ head }: { head: Head }) {
  const { t } = useSpeech();
  const o = head.objections;
  const time =
    head.version === 0
      ? t('assessment.objections-now', { n: o.days })
      : o.due === null
        ? t('assessment.objections-unknown', { year: o.missingYear })
        : t(o.open ? 'assessment.objections-until' : 'assessment.objections-over', { day: o.due });
  const closes =
    head.version > 0
      ? null
      : head.closes.due
        ? t('assessment.closes', { day: head.closes.due })
        : t('assessment.closes-unknown', { year: head.closes.missingYear });
  return (
    <p className="small quiet assessment-standing">
      <Label tone={head.version === 0 ? 'warn' : 'good'}>
        {head.version === 0 ? t('assessment.provisional') : t('assessment.version', { n: head.version })}
      </Label>{' '}
      {[t('assessment.as-of', { day: day(head.day) }), closes, time].filter(Boolean).join(' · ')}
      {head.waiting ? (
        <>
          {' · '}
          <Link to="/assessment/objections" search={searchOf(head)}>
            {t('assessment.waiting', { n: head.waiting })}
          </Link>
        </>
      ) : null}
    </p>
  );
}

/** A bar of a share with its words beside it. */
export function ShareBar({ share, label, tone }: { share: number; label: string; tone?: 'weft' | 'quiet' }) {
  return (
    <span className={`assessment-bar ${tone ?? ''}`} title={label}>
      <i style={{ inlineSize: `${Math.max(0, Math.min(1, share)) * 100}%` }} aria-hidden="true" />
    </span>
  );
}

/** Months of a unit as a small line; nothing where there is only one. */
export function Spark({ points, label }: { points: Board['trend']; label: string }) {
  const known = points.filter((p) => p.score !== null);
  if (known.length < 2) return <span className="quiet">—</span>;
  const scores = known.map((p) => p.score!);
  const [least, most] = [Math.min(...scores) - 1, Math.max(...scores) + 1];
  const at = known.map(
    (p, n) => `${(n / (known.length - 1)) * 72 + 2},${22 - ((p.score! - least) / (most - least)) * 18}`,
  );
  return (
    <svg
      width={76}
      height={24}
      role="img"
      aria-label={`${label}: ${known.map((p) => `${p.at} ${two(p.score)}`).join(', ')}`}
    >
      <polyline points={at.join(' ')} fill="none" stroke="var(--jw-primary)" strokeWidth={1.6} />
    </svg>
  );
}

const pagesOf: Record<
  string,
  (ref: string) => { to: string; params?: Record<string, string>; search?: object } | null
> = {
  entry: (ref) => ({ to: '/catalogue/entries/$entry', params: { entry: ref } }),
  source: (ref) => ({ to: '/exchange/sources/$source', params: { source: ref } }),
  run: (ref) => ({ to: '/exchange/runs/$run', params: { run: ref } }),
  quality: (ref) => ({ to: '/refinery/quality', search: { source: ref.split('/')[0] } }),
  clock: (ref) => ({ to: '/sharing/requests/$request', params: { request: ref.split('/')[0]! } }),
  dispute: (ref) => ({ to: '/sharing/requests/$request', params: { request: ref.split('/')[0]! } }),
  misuse: (ref) => ({ to: '/sharing/requests/$request', params: { request: ref.split('/')[0]! } }),
  delivery: (ref) => ({ to: '/sharing/shares/$share', params: { share: ref.split('/')[0]! } }),
  correction: () => ({ to: '/corrections' }),
  duty: () => ({ to: '/catalogue/desk' }),
  list: (ref) => ({ to: '/lists/$list', params: { list: ref } }),
  enterprise: (ref) => ({ to: '/credit/enterprises/$entity', params: { entity: ref } }),
};

/** A record's title, leading to its page where it has one. */
export function RecordTitle({ record }: { record: Pick<RecordItem, 'kind' | 'ref' | 'title'> }) {
  const { say } = useSpeech();
  const page = pagesOf[record.kind]?.(record.ref);
  if (!page) return say(record.title);
  return (
    <Link to={page.to} params={(page.params ?? {}) as never} search={(page.search ?? {}) as never}>
      {say(record.title)}
    </Link>
  );
}

/** Numbers of a record: whole ones plain, others with two decimals. */
export const amount = (n: number): string => (Number.isInteger(n) ? n.toLocaleString('en-US') : n.toFixed(2));

/** Records with what they count and cost. */
export function Records({
  rows,
  caption,
  empty,
  action,
}: {
  rows: readonly RecordItem[];
  caption: string;
  empty?: ReactNode;
  action?: (row: RecordItem) => ReactNode;
}) {
  const { t, say } = useSpeech();
  return (
    <DataTable
      caption={caption}
      rows={rows}
      rowKey={(r) => `${r.unit} ${r.indicator} ${r.kind} ${r.ref}`}
      empty={empty ?? <p className="small quiet">{t('assessment.records-none')}</p>}
      columns={[
        {
          key: 'title',
          title: t('assessment.record'),
          head: true,
          render: (r) => (
            <span className="assessment-what">
              <RecordTitle record={r} />
              {r.note ? (
                <span className="small quiet" style={{ display: 'block' }}>
                  {say(r.note)}
                </span>
              ) : null}
              {r.objection ? <Label tone="info">{t('assessment.exempt', { n: r.objection })}</Label> : null}
            </span>
          ),
        },
        {
          key: 'value',
          title: `${t('assessment.value')} / ${t('assessment.base')}`,
          align: 'end',
          tight: true,
          render: (r) => (
            <span className="num">
              {amount(r.value)} / {amount(r.base)}
            </span>
          ),
        },
        {
          key: 'lost',
          title: t('assessment.lost'),
          align: 'end',
          tight: true,
          render: (r) => (
            <span className={r.lost > 0 ? 'num bad-text' : 'num quiet'}>{r.lost > 0 ? two(r.lost) : '—'}</span>
          ),
        },
        ...(action ? [{ key: 'action', title: t('assessment.object'), tight: true, render: action }] : []),
      ]}
    />
  );
}

/** A measure as people read it. */
export const measured = (i: { measure: string }, v: number | null): string =>
  v === null ? '—' : i.measure === 'share' ? percent(v) : amount(v);
