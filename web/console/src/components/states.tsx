/** The states that every page has besides its content: loading, nothing there, failed. */
import { ReloadOutlined } from '@ant-design/icons';
import type { UseQueryResult } from '@tanstack/react-query';
import { Button } from 'antd';
import { type ReactNode, useContext } from 'react';
import { ApiProblem, type ProblemBody } from '../api/client.ts';
import { useSpeech } from '../i18n/index.ts';
import { PurposeContext } from '../session/purpose-context.ts';
import { Mark } from './mark.tsx';

/** Grey bones in the shape of what is coming. */
export function Skeleton({ rows = 6 }: { rows?: number }) {
  const { t } = useSpeech();
  return (
    <div className="panel panel-body stack-s" role="status" aria-label={t('common.loading')}>
      {Array.from({ length: rows }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bones have no identity.
        <div key={i} className="bone" style={{ width: `${92 - ((i * 37) % 48)}%` }} />
      ))}
    </div>
  );
}

/** Nothing is there: says why and what to do. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <Mark size={34} />
      <p className="strong">{title}</p>
      {children ? <p className="small">{children}</p> : null}
      {action ? <div style={{ marginBlockStart: 14 }}>{action}</div> : null}
    </div>
  );
}

/** Where a problem says that the fault lies, as one line in the page's language. */
export function placeText(place: ProblemBody['place'], t: (key: string) => string): string {
  return Object.entries(place ?? {})
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${t(`common.place.${name}`)} ${value}`)
    .join(' · ');
}

export function problemOf(error: unknown): ProblemBody {
  if (error instanceof ApiProblem) return error.body;
  return {
    code: 'console.unexpected',
    status: 0,
    title: { zh: '页面出现意外错误，请重试。', en: 'Something unexpected happened on this page. Try again.' },
  };
}

/** Problems that end when the person says for what they look. */
const PURPOSE_NEEDED = 'auth.purpose-needed';

/** A failed call: its sentence, its code, its place, and a way on. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t, say } = useSpeech();
  const problem = problemOf(error);
  const place = placeText(problem.place, t);
  const purpose = useContext(PurposeContext);
  if (purpose && problem.code === PURPOSE_NEEDED) {
    return (
      <div className="note warn" role="status">
        <p className="strong">{say(problem.title)}</p>
        <p className="small quiet">{t('frame.purpose.lead')}</p>
        <Button type="primary" size="small" onClick={purpose.ask} style={{ marginBlockStart: 10 }}>
          {t('frame.purpose.choose')}
        </Button>
      </div>
    );
  }
  return (
    <div className="note bad" role="alert">
      <p className="strong">{say(problem.title)}</p>
      <p className="small quiet">
        {t('common.code')} <code>{problem.code}</code>
        {place ? ` · ${place}` : ''}
      </p>
      {problem.details?.length ? (
        <ul className="small" style={{ marginBlockStart: 6, listStyle: 'disc', paddingInlineStart: 18 }}>
          {problem.details.slice(0, 20).map((detail) => (
            <li key={`${detail.code}-${placeText(detail.place, t)}-${detail.title.en}`}>
              {say(detail.title)} <span className="quiet">{placeText(detail.place, t)}</span>
            </li>
          ))}
        </ul>
      ) : null}
      {retry ? (
        <Button size="small" icon={<ReloadOutlined />} onClick={retry} style={{ marginBlockStart: 10 }}>
          {t('common.retry')}
        </Button>
      ) : null}
    </div>
  );
}

/** Shows a query's content, or its skeleton, or its failure; keeps old content on screen while new content is fetched. */
export function Loaded<T>({
  query,
  skeleton,
  heading,
  children,
}: {
  query: UseQueryResult<T>;
  skeleton?: ReactNode;
  /** The page's heading until its content brings its own. */
  heading?: string;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) {
    return (
      <>
        {query.isError ? <Failure error={query.error} retry={() => void query.refetch()} /> : null}
        {children(query.data)}
      </>
    );
  }
  return (
    <>
      {heading ? (
        <header className="page-head">
          <h1>{heading}</h1>
        </header>
      ) : null}
      {query.isError ? <Failure error={query.error} retry={() => void query.refetch()} /> : (skeleton ?? <Skeleton />)}
    </>
  );
}
