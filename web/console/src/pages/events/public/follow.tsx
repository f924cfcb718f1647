/** 查询进度: how far one's own report has come, by its number and word; when it is closed, what one thinks of it. Nothing of others. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useLocation, useNavigate } from '@tanstack/react-router';
import { Button, Input, Rate } from 'antd';
import { useId, useState } from 'react';
import { Fact, Facts, Label, Page, Panel } from '../../../components/page.tsx';
import { Failure, Loaded } from '../../../components/states.tsx';
import { Instant } from '../../../components/value.tsx';
import { useSpeech } from '../../../i18n/index.ts';
import { type PublicState, publicCall } from './shared.tsx';

/** What stands behind `#`: number and word. */
function useGiven(): { number: string; token: string } {
  const { hash } = useLocation();
  const [number = '', token = ''] = decodeURIComponent(hash).split('.', 2);
  return { number, token };
}

export default function Follow() {
  const { t } = useSpeech();
  const given = useGiven();
  return (
    <Page title={t('titles.public-follow')} lead={t('events.public.follow-lead')}>
      <div className="public-report stack">
        <Ask key={`${given.number}.${given.token}`} given={given} />
        {given.number && given.token ? <State given={given} /> : null}
        <p className="small">
          <Link to="/report">{t('events.public.to-report')}</Link>
        </p>
      </div>
    </Page>
  );
}

function Ask({ given }: { given: { number: string; token: string } }) {
  const { t } = useSpeech();
  const navigate = useNavigate();
  const id = useId();
  const [number, setNumber] = useState(given.number);
  const [token, setToken] = useState(given.token);
  const ready = /^\d{8}-\d+$/.test(number) && /^[A-Za-z0-9_-]{20,40}$/.test(token);
  return (
    <form
      className="ff collect-card"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) void navigate({ to: '/report/follow', hash: `${number}.${token}` });
      }}
    >
      <div className="ff-field">
        <label htmlFor={`${id}-n`} className="ff-label">
          {t('events.number')}
        </label>
        <Input
          id={`${id}-n`}
          value={number}
          maxLength={20}
          autoComplete="off"
          placeholder="20261121-00042"
          onChange={(event) => setNumber(event.target.value.normalize('NFKC').trim())}
        />
      </div>
      <div className="ff-field">
        <label htmlFor={`${id}-w`} className="ff-label">
          {t('events.public.word')}
        </label>
        <Input
          id={`${id}-w`}
          value={token}
          maxLength={40}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setToken(event.target.value.trim())}
        />
      </div>
      <Button type="primary" htmlType="submit" size="large" disabled={!ready}>
        {t('events.public.ask')}
      </Button>
    </form>
  );
}

function State({ given }: { given: { number: string; token: string } }) {
  const { t, say } = useSpeech();
  const key = ['public', 'report', given.token];
  const state = useQuery({
    queryKey: key,
    queryFn: ({ signal }) =>
      publicCall<PublicState>('GET', '/api/v1/public/events/reports/{token}', {
        params: { token: given.token },
        signal,
      }),
    retry: false,
    refetchInterval: 60_000,
  });
  return (
    <Loaded query={state}>
      {(found) => (
        <div className="stack" aria-live="polite">
          {found.number === given.number ? null : (
            <p className="note">{t('events.public.joined-other', { given: given.number, number: found.number })}</p>
          )}
          <Panel
            title={`${found.matter ? say(found.matter) : t('events.no-matter')} · ${found.number}`}
            extra={<Label tone={found.open ? 'primary' : 'good'}>{say(found.stateTitle)}</Label>}
          >
            <div className="stack">
              <p className="event-said">{found.text}</p>
              <Facts>
                {found.address ? <Fact label={t('events.address')}>{found.address}</Fact> : null}
                <Fact label={t('events.reported')}>
                  <Instant at={found.reportedAt} />
                </Fact>
                {found.organisation ? <Fact label={t('events.organisation')}>{say(found.organisation)}</Fact> : null}
                {found.open && found.due ? (
                  <Fact label={t('events.public.due')}>
                    <Instant at={found.due} />
                  </Fact>
                ) : null}
                {found.closedAt ? (
                  <Fact label={t('events.closed-at')}>
                    <Instant at={found.closedAt} />
                  </Fact>
                ) : null}
              </Facts>
              <ol className="public-steps">
                {found.steps.map((s) => (
                  <li key={`${s.at}-${s.title.en}`}>
                    <span className="strong">{say(s.title)}</span>{' '}
                    <span className="small quiet">
                      <Instant at={s.at} />
                    </span>
                  </li>
                ))}
              </ol>
              {found.answer ? (
                <div className="note good">
                  <p className="strong">{t('events.public.answer')}</p>
                  <p className="event-said">{found.answer}</p>
                </div>
              ) : null}
            </div>
          </Panel>
          {found.state === 'closed' ? <Rating found={found} token={given.token} queryKey={key} /> : null}
        </div>
      )}
    </Loaded>
  );
}

function Rating({ found, token, queryKey }: { found: PublicState; token: string; queryKey: readonly string[] }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const id = useId();
  const [stars, setStars] = useState(0);
  const [comment, setComment] = useState('');
  const rate = useMutation({
    mutationFn: () =>
      publicCall<PublicState>('POST', '/api/v1/public/events/reports/{token}/rating', {
        params: { token },
        body: { stars, comment: comment.trim() },
      }),
    onSuccess: (state) => client.setQueryData(queryKey, state),
  });
  if (found.rating !== null)
    return (
      <p className="note good">
        {t('events.public.rated')} <span aria-hidden="true">{'★'.repeat(found.rating)}</span>
        <span className="visually-hidden">{found.rating}</span>
      </p>
    );
  return (
    <Panel title={t('events.public.rate')}>
      <div className="ff">
        <Rate value={stars} onChange={setStars} aria-label={t('events.stars')} style={{ fontSize: 30 }} />
        <div className="ff-field">
          <label htmlFor={id} className="ff-label">
            {t('events.public.rate-words')}
          </label>
          <Input.TextArea
            id={id}
            rows={3}
            maxLength={500}
            value={comment}
            onChange={(event) => setComment(event.target.value)}
          />
        </div>
        {rate.isError ? <Failure error={rate.error} /> : null}
        <div>
          <Button
            type="primary"
            size="large"
            disabled={stars === 0}
            loading={rate.isPending}
            onClick={() => rate.mutate()}
          >
            {t('events.public.rate-go')}
          </Button>
        </div>
      </div>
    </Panel>
  );
}
