/** What readers say of a dataset: a rating, and an error that they found, without an account. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Input, Rate } from 'antd';
import { useId, useState } from 'react';
import { api } from '../../api/client.ts';
import { Panel } from '../../components/page.tsx';
import { Failure } from '../../components/states.tsx';
import { day } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { type OpenDetail, Stars, visitorToken } from './shared.tsx';

export function Voices({ d }: { d: OpenDetail }) {
  const { t } = useSpeech();
  return (
    <Panel title={t('opendata.voices')} extra={<Stars value={d.rating.average} count={d.rating.count} />}>
      <div className="stack">
        {d.rating.said.length ? (
          <ul className="plain stack-s">
            {d.rating.said.map((s) => (
              <li key={s.id} className="note">
                <span className="num" role="img" aria-label={t('opendata.stars', { n: s.stars })}>
                  {'★'.repeat(s.stars)}
                </span>{' '}
                {s.words} <span className="quiet small">{day(s.at)}</span>
              </li>
            ))}
          </ul>
        ) : (
          <p className="small quiet">{t('opendata.voices-none')}</p>
        )}
        <div className="open-two">
          <Rating d={d} />
          <Report d={d} />
        </div>
      </div>
    </Panel>
  );
}

function Rating({ d }: { d: OpenDetail }) {
  const { t } = useSpeech();
  const id = useId();
  const client = useQueryClient();
  const [stars, setStars] = useState(0);
  const [words, setWords] = useState('');
  const send = useMutation({
    mutationFn: () =>
      api.post('/open/api/v1/datasets/{id}/ratings', {
        params: { id: d.id },
        body: { stars, words: words.trim(), visitor: visitorToken() },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['open', 'dataset', d.id] }),
  });
  return (
    <section className="stack-s" aria-labelledby={`${id}-h`}>
      <h3 id={`${id}-h`}>{t('opendata.rate')}</h3>
      <Rate value={stars} onChange={setStars} aria-label={t('opendata.rate')} />
      <label htmlFor={id} className="small">
        {t('opendata.rate-words')}
      </label>
      <Input.TextArea
        id={id}
        rows={2}
        maxLength={500}
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      <p className="small quiet">{t('opendata.no-personal')}</p>
      {send.isError ? <Failure error={send.error} /> : null}
      {send.isSuccess ? (
        <p className="note" role="status">
          {t('opendata.rate-done')}
        </p>
      ) : null}
      <div>
        <Button type="primary" disabled={stars === 0} loading={send.isPending} onClick={() => send.mutate()}>
          {t('opendata.send')}
        </Button>
      </div>
    </section>
  );
}

function Report({ d }: { d: OpenDetail }) {
  const { t } = useSpeech();
  const id = useId();
  const [title, setTitle] = useState('');
  const [body, setBody] = useState('');
  const send = useMutation({
    mutationFn: () =>
      api.post('/open/api/v1/messages', {
        body: { kind: 'error', dataset: d.id, title: title.trim(), body: body.trim() },
      }),
    onSuccess: () => {
      setTitle('');
      setBody('');
    },
  });
  return (
    <section className="stack-s" aria-labelledby={`${id}-h`}>
      <h3 id={`${id}-h`}>{t('opendata.report')}</h3>
      <label htmlFor={`${id}-t`} className="small">
        {t('opendata.report-title')}
      </label>
      <Input id={`${id}-t`} maxLength={80} value={title} onChange={(event) => setTitle(event.target.value)} />
      <label htmlFor={`${id}-b`} className="small">
        {t('opendata.report-body')}
      </label>
      <Input.TextArea
        id={`${id}-b`}
        rows={2}
        maxLength={1000}
        value={body}
        onChange={(event) => setBody(event.target.value)}
      />
      {send.isError ? <Failure error={send.error} /> : null}
      {send.isSuccess ? <Receipt receipt={send.data.receipt} due={send.data.due} /> : null}
      <div>
        <Button
          disabled={title.trim().length < 4 || body.trim().length < 4}
          loading={send.isPending}
          onClick={() => send.mutate()}
        >
          {t('opendata.send')}
        </Button>
      </div>
    </section>
  );
}

/** The receipt number of a message: the only way to what became of it, since nobody is asked for a name. */
export function Receipt({ receipt, due }: { receipt: string; due: string | null }) {
  const { t } = useSpeech();
  return (
    <div className="note stack-s" role="status">
      <p>
        {t('opendata.receipt')} <code className="strong">{receipt}</code>
      </p>
      <p className="small quiet">
        {due ? t('opendata.receipt-due', { day: due }) : t('opendata.receipt-open')}{' '}
        <Link to="/open/requests" search={{ receipt } as never}>
          {t('opendata.receipt-look')}
        </Link>
      </p>
    </div>
  );
}
