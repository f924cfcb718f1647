/** What the public asks for, reports and says: answered by departments within the working days, ratings looked at. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Input, Select } from 'antd';
import { useId, useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { day } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';

type Data = Answer<'/api/v1/open/voices'>;
type Message = Data['messages'][number];
const outcomes = {
  request: ['will-open', 'is-open', 'refused', 'dismissed'],
  error: ['corrected', 'not-wrong', 'dismissed'],
} as const;

export default function PublicDesk() {
  const { t } = useSpeech();
  const all = useQuery({
    queryKey: ['open-desk', 'voices'],
    queryFn: ({ signal }) => api.get('/api/v1/open/voices', { signal }),
    refetchInterval: 60_000,
  });
  return (
    <Page title={t('titles.open-voices')} lead={t('opendata.voices-lead')}>
      <Loaded query={all}>
        {(data) => (
          <div className="stack">
            <Panel title={t('opendata.messages')}>
              {data.messages.length ? (
                <ul className="plain stack-s">
                  {data.messages.map((m) => (
                    <li key={m.id}>
                      <One m={m} data={data} />
                    </li>
                  ))}
                </ul>
              ) : (
                <Empty title={t('opendata.messages-none')} />
              )}
            </Panel>
            <Panel title={t('opendata.ratings')}>
              {data.ratings.length ? (
                <ul className="plain stack-s">
                  {data.ratings.map((r) => (
                    <li key={r.id}>
                      <Rating r={r} />
                    </li>
                  ))}
                </ul>
              ) : (
                <Empty title={t('opendata.ratings-none')} />
              )}
            </Panel>
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function One({ m, data }: { m: Message; data: Data }) {
  const { t, say } = useSpeech();
  const late = m.left !== null && m.left < 0;
  return (
    <article className="note stack-s">
      <div className="row spread">
        <h3>{m.title}</h3>
        <span className="row" style={{ gap: 6 }}>
          <Label>{t(`opendata.kind.${m.kind}`)}</Label>
          {m.state === 'answered' ? (
            <Label tone="good">{t(`opendata.outcome.${m.outcome}`)}</Label>
          ) : (
            <Label tone={late ? 'bad' : m.left !== null && m.left <= 2 ? 'warn' : 'info'}>
              {m.due === null
                ? t('opendata.receipt-open')
                : late
                  ? t('opendata.late', { day: m.due })
                  : t('opendata.left', { n: m.left ?? 0, day: m.due })}
            </Label>
          )}
        </span>
      </div>
      <p>{m.body}</p>
      <p className="small quiet">
        {m.organisation ? say(m.organisation.name) : t('opendata.unassigned')} ·{' '}
        {t('opendata.asked-on', { day: day(m.at) })}
        {m.dataset ? (
          <>
            {' · '}
            <Link to="/open-desk/$id" params={{ id: String(m.dataset.id) } as never}>
              {say(m.dataset.title)}
            </Link>
          </>
        ) : null}
      </p>
      {m.answer ? <p>{m.answer}</p> : null}
      {data.mayAssign && m.state === 'waiting' ? <Assign m={m} data={data} /> : null}
      {m.mayAnswer ? <AnswerForm m={m} /> : null}
    </article>
  );
}

function Assign({ m, data }: { m: Message; data: Data }) {
  const { t, say } = useSpeech();
  const client = useQueryClient();
  const give = useMutation({
    mutationFn: (organisation: string) =>
      api.post('/api/v1/open/messages/{id}/assign', { params: { id: m.id }, body: { organisation } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['open-desk', 'voices'] }),
  });
  return (
    <div className="stack-s">
      <Select
        size="small"
        aria-label={`${t('opendata.assign')} ${m.title}`}
        style={{ maxWidth: 280 }}
        placeholder={t('opendata.assign')}
        showSearch={{ optionFilterProp: 'label' }}
        value={null}
        onChange={(value: string | null) => value && give.mutate(value)}
        options={data.organisations.map((o) => ({ value: o.id, label: say(o.name) }))}
      />
      {give.isError ? <Failure error={give.error} /> : null}
    </div>
  );
}

function AnswerForm({ m }: { m: Message }) {
  const { t } = useSpeech();
  const id = useId();
  const client = useQueryClient();
  const [outcome, setOutcome] = useState<string>();
  const [text, setText] = useState('');
  const [dataset, setDataset] = useState('');
  const send = useMutation({
    mutationFn: () =>
      api.post('/api/v1/open/messages/{id}/answer', {
        params: { id: m.id },
        body: { outcome, answer: text.trim(), ...(dataset.trim() ? { dataset: dataset.trim() } : {}) },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['open-desk', 'voices'] }),
  });
  return (
    <details>
      <summary className="small">{t('opendata.answer')}</summary>
      <div className="stack-s" style={{ marginBlockStart: 8 }}>
        <Select
          aria-label={t('opendata.outcome-title')}
          placeholder={t('opendata.outcome-title')}
          style={{ maxWidth: 280 }}
          value={outcome ?? null}
          onChange={setOutcome}
          options={outcomes[m.kind].map((value) => ({ value, label: t(`opendata.outcome.${value}`) }))}
        />
        <label htmlFor={`${id}-a`} className="small">
          {t('opendata.answer-text')}
        </label>
        <Input.TextArea
          id={`${id}-a`}
          rows={3}
          maxLength={2000}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        {outcome === 'is-open' ? (
          <>
            <label htmlFor={`${id}-d`} className="small">
              {t('opendata.answer-dataset')}
            </label>
            <Input id={`${id}-d`} maxLength={80} value={dataset} onChange={(event) => setDataset(event.target.value)} />
          </>
        ) : null}
        {send.isError ? <Failure error={send.error} /> : null}
        <div>
          <Button
            type="primary"
            size="small"
            disabled={!outcome || text.trim().length < 4}
            loading={send.isPending}
            onClick={() => send.mutate()}
          >
            {t('opendata.answer-send')}
          </Button>
        </div>
      </div>
    </details>
  );
}

function Rating({ r }: { r: Data['ratings'][number] }) {
  const { t, say } = useSpeech();
  const { may, me } = useSession();
  const client = useQueryClient();
  const set = useMutation({
    mutationFn: (show: boolean) =>
      api.post('/api/v1/open/ratings/{id}/moderate', { params: { id: r.id }, body: { show } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['open-desk', 'voices'] }),
  });
  const moderates = may('open.manage') || (may('open.propose') && me.user.organisation !== null);
  return (
    <article className="note stack-s">
      <div className="row spread">
        <span>
          <span className="num" role="img" aria-label={t('opendata.stars', { n: r.stars })}>
            {'★'.repeat(r.stars)}
          </span>{' '}
          {say(r.dataset)}
        </span>
        <Label tone={r.state === 'shown' ? 'good' : r.state === 'waiting' ? 'warn' : undefined}>
          {t(`opendata.rating-state.${r.state}`)}
        </Label>
      </div>
      <p>{r.words}</p>
      {set.isError ? <Failure error={set.error} /> : null}
      {moderates ? (
        <div className="row">
          {r.state === 'shown' ? null : (
            <Button size="small" loading={set.isPending} onClick={() => set.mutate(true)}>
              {t('opendata.show')}
            </Button>
          )}
          {r.state === 'hidden' ? null : (
            <Button size="small" disabled={set.isPending} onClick={() => set.mutate(false)}>
              {t('opendata.hide')}
            </Button>
          )}
        </div>
      ) : null}
    </article>
  );
}
