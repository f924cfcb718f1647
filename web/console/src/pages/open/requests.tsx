/** Requests for data: anybody may ask, without an account; answers are published with what was asked. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Input, Select } from 'antd';
import { useId, useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { day } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { Receipt } from './voices.tsx';

type Message = Answer<'/open/api/v1/messages/{receipt}'>;

export default function OpenRequests() {
  const { t } = useSpeech();
  const all = useQuery({
    queryKey: ['open', 'requests'],
    queryFn: ({ signal }) => api.get('/open/api/v1/requests', { signal }),
  });
  return (
    <Page
      title={t('titles.open-requests')}
      lead={t('opendata.requests-lead')}
      back={{ to: '/open', label: t('titles.open') }}
    >
      <div className="stack">
        <div className="open-two">
          <Ask />
          <Look />
        </div>
        <Loaded query={all}>
          {(data) => (
            <Panel
              title={t('opendata.answered')}
              extra={<span className="quiet">{t('opendata.waiting', { n: data.waiting, days: data.days })}</span>}
            >
              {data.items.length ? (
                <ul className="plain stack-s">
                  {data.items.map((m) => (
                    <li key={m.id}>
                      <One m={m} />
                    </li>
                  ))}
                </ul>
              ) : (
                <Empty title={t('opendata.answered-none')} />
              )}
            </Panel>
          )}
        </Loaded>
      </div>
    </Page>
  );
}

function One({ m }: { m: Message }) {
  const { t, say } = useSpeech();
  return (
    <article className="note stack-s">
      <div className="row spread">
        <h3>{m.title}</h3>
        <Label
          tone={m.state === 'waiting' ? 'info' : m.outcome === 'refused' || m.outcome === 'dismissed' ? 'warn' : 'good'}
        >
          {m.outcome ? t(`opendata.outcome.${m.outcome}`) : t('opendata.waits')}
        </Label>
      </div>
      <p>{m.body}</p>
      {m.answer ? (
        <p>
          <span className="strong">{m.organisation ? say(m.organisation.name) : t('opendata.authority')}</span>{' '}
          {m.answer}{' '}
          {m.dataset ? (
            <Link to="/open/$dataset" params={{ dataset: m.dataset } as never}>
              {t('opendata.see')}
            </Link>
          ) : null}
        </p>
      ) : null}
      <p className="small quiet">
        {t('opendata.asked-on', { day: day(m.at) })}
        {m.answeredAt
          ? ` · ${t('opendata.answered-on', { day: day(m.answeredAt) })}`
          : m.due
            ? ` · ${t('opendata.due-on', { day: m.due })}`
            : ''}
      </p>
    </article>
  );
}

function Ask() {
  const { t, say } = useSpeech();
  const id = useId();
  const about = useQuery({
    queryKey: ['open', 'about'],
    queryFn: ({ signal }) => api.get('/open/api/v1/about', { signal }),
  });
  const [title, setTitle] = useState('');
  const [body, setBody] = useState('');
  const [organisation, setOrganisation] = useState<string>();
  const send = useMutation({
    mutationFn: () =>
      api.post('/open/api/v1/messages', {
        body: { kind: 'request', title: title.trim(), body: body.trim(), ...(organisation ? { organisation } : {}) },
      }),
    onSuccess: () => {
      setTitle('');
      setBody('');
    },
  });
  return (
    <Panel title={t('opendata.ask')}>
      <div className="stack-s">
        <label htmlFor={`${id}-t`}>{t('opendata.ask-title')}</label>
        <Input id={`${id}-t`} maxLength={80} value={title} onChange={(event) => setTitle(event.target.value)} />
        <label htmlFor={`${id}-b`}>{t('opendata.ask-body')}</label>
        <Input.TextArea
          id={`${id}-b`}
          rows={3}
          maxLength={1000}
          value={body}
          onChange={(event) => setBody(event.target.value)}
        />
        <label htmlFor={`${id}-o`}>{t('opendata.ask-of')}</label>
        <Select
          id={`${id}-o`}
          aria-label={t('opendata.ask-of')}
          allowClear
          placeholder={t('opendata.ask-of-none')}
          value={organisation ?? null}
          showSearch={{ optionFilterProp: 'label' }}
          onChange={(value: string | undefined) => setOrganisation(value)}
          options={(about.data?.organisations ?? []).map((o) => ({ value: o.id, label: say(o.name) }))}
        />
        <p className="small quiet">{t('opendata.no-personal')}</p>
        {send.isError ? <Failure error={send.error} /> : null}
        {send.isSuccess ? <Receipt receipt={send.data.receipt} due={send.data.due} /> : null}
        <div>
          <Button
            type="primary"
            disabled={title.trim().length < 4 || body.trim().length < 4}
            loading={send.isPending}
            onClick={() => send.mutate()}
          >
            {t('opendata.send')}
          </Button>
        </div>
      </div>
    </Panel>
  );
}

function Look() {
  const { t } = useSpeech();
  const id = useId();
  const url = useUrlState();
  const asked = url.get('receipt');
  const [text, setText] = useState(asked);
  const found = useQuery({
    queryKey: ['open', 'message', asked],
    queryFn: ({ signal }) => api.get('/open/api/v1/messages/{receipt}', { params: { receipt: asked }, signal }),
    enabled: asked !== '',
    retry: false,
  });
  return (
    <Panel title={t('opendata.look')}>
      <div className="stack-s">
        <label htmlFor={id}>{t('opendata.look-number')}</label>
        <Input.Search
          id={id}
          value={text}
          maxLength={40}
          enterButton={t('opendata.look')}
          onChange={(event) => setText(event.target.value)}
          onSearch={(value) => url.set({ receipt: value.trim() || undefined })}
        />
        {found.isError ? <Failure error={found.error} /> : null}
        {found.data ? <One m={found.data} /> : null}
      </div>
    </Panel>
  );
}
