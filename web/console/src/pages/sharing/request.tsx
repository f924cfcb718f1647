/** A request: what is asked for, its clocks, what can be done, disputes, and every step with who, when and under which article. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { App, Button, Input, InputNumber } from 'antd';
import { useId, useState } from 'react';
import { api } from '../../api/client.ts';
import { Fact, Facts, Label, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { day, full, instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { type Clock, ClockMark, Protection, type RequestDetail, Timeline } from './shared.tsx';
import { StepForm } from './step-form.tsx';

export default function RequestPage() {
  const { t, say } = useSpeech();
  const { request } = useParams({ strict: false }) as { request: string };
  const one = useQuery({
    queryKey: ['sharing', 'request', request],
    queryFn: ({ signal }) => api.get('/api/v1/sharing/requests/{id}', { params: { id: request }, signal }),
    refetchInterval: 30_000,
  });
  const title = one.data ? say(one.data.title) : t('titles.sharing-request');
  useTabTitle(one.data ? title : undefined);
  return (
    <Page
      title={title}
      lead={one.data ? `#${one.data.id} · ${say(one.data.requester.name)} → ${say(one.data.provider.name)}` : undefined}
      back={{ to: '/sharing/requests', label: t('titles.sharing-requests') }}
      actions={
        <>
          {one.data?.editable ? (
            <Link to="/sharing/new" search={{ request } as never}>
              <Button>{t('sharing.edit')}</Button>
            </Link>
          ) : null}
          {one.data?.share ? (
            <Link to="/sharing/shares/$share" params={{ share: String(one.data.share) } as never}>
              <Button type="primary">{t('sharing.to-share')}</Button>
            </Link>
          ) : null}
        </>
      }
    >
      <Loaded query={one}>{(data) => <Body data={data} />}</Loaded>
    </Page>
  );
}

function Body({ data }: { data: RequestDetail }) {
  const { t, say } = useSpeech();
  const c = data.content;
  return (
    <div className="stack">
      <Panel
        title={t('sharing.steps')}
        extra={
          <>
            <Label tone={data.state === 'refused' ? 'bad' : data.state === 'granted' ? 'good' : 'info'}>
              {say(data.stateTitle)}
            </Label>
            <Label>{t(`sharing.sharing-type.${data.sharing}`)}</Label>
          </>
        }
      >
        <div className="stack-s">
          {data.told ? <Listed title={t('sharing.told')} lines={data.told} /> : null}
          {data.editable && data.missing.length ? (
            <Listed
              title={t('sharing.wizard.lacking', { n: data.missing.length })}
              lines={data.missing.map((m) => say(m.title))}
            />
          ) : null}
          {data.advice ? (
            <p className="note">
              <span className="strong">{t('sharing.advice')}</span>{' '}
              {data.advice.share ? t('sharing.advice-yes') : t('sharing.advice-no')}：{data.advice.comment}
            </p>
          ) : null}
          {data.refusal ? (
            <p className="note bad">
              <span className="strong">{t('sharing.refusal')}</span> {data.refusal.reason}（{data.refusal.ground}）
            </p>
          ) : null}
          <StepForm
            steps={data.steps}
            invalidate={['sharing']}
            take={(given) =>
              api.post('/api/v1/sharing/requests/{id}/steps', {
                params: { id: data.id },
                body: { ...given, version: data.version },
              })
            }
          />
        </div>
      </Panel>
      {data.clocks.length ? (
        <Panel title={t('sharing.clocks')}>
          <div className="stack-s">
            {data.clocks.map((clock) => (
              <ClockLine key={clock.id} clock={clock} data={data} />
            ))}
          </div>
        </Panel>
      ) : null}
      <Panel title={t('sharing.content')}>
        <div className="stack-s">
          <Facts>
            <Fact label={t('sharing.ground')} wide>
              {c.ground || '—'}
            </Fact>
            <Fact label={t('sharing.scene')}>{c.scene || '—'}</Fact>
            <Fact label={t('sharing.scope')}>{c.scope || '—'}</Fact>
            {data.condition ? (
              <Fact label={t('sharing.conditions')} wide>
                {c.conditions || '—'}
                <p className="small quiet">{t('sharing.wizard.condition', { condition: data.condition })}</p>
              </Fact>
            ) : null}
            <Fact label={t('sharing.mode-title')}>{c.mode ? t(`sharing.mode.${c.mode}`) : '—'}</Fact>
            <Fact label={t('sharing.frequency-title')}>{t(`sharing.frequency.${c.frequency}`)}</Fact>
            <Fact label={t('sharing.until')}>{c.until ? day(c.until) : '—'}</Fact>
            <Fact label={t('sharing.contact')}>{c.contact || '—'}</Fact>
            {c.filter.length ? (
              <Fact label={t('sharing.filter')} wide>
                {c.filter.map((f) => `${f.item} ${t(`sharing.op.${f.is}`)} ${f.values.join('、')}`).join('；')}
              </Fact>
            ) : null}
          </Facts>
          <DataTable
            caption={t('sharing.items')}
            rows={data.chosen}
            rowKey={(row) => row.name}
            empty={<p className="small quiet">—</p>}
            columns={[
              {
                key: 'title',
                title: `${t('sharing.items')} ${full(data.chosen.length)}`,
                head: true,
                render: (row) => say(row.title),
              },
              { key: 'protection', title: '', tight: true, render: (row) => <Protection of={row.protection} /> },
              { key: 'necessity', title: t('sharing.wizard.necessity'), render: (row) => c.necessity[row.name] ?? '' },
            ]}
          />
        </div>
      </Panel>
      <Disputes data={data} />
      <Panel title={t('sharing.timeline')}>
        <Timeline steps={data.timeline} />
      </Panel>
    </div>
  );
}

function Listed({ title, lines }: { title: string; lines: readonly string[] }) {
  return (
    <div className="note warn">
      <p className="strong">{title}</p>
      <ul className="small" style={{ listStyle: 'disc', paddingInlineStart: 18 }}>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}

function ClockLine({ clock, data }: { clock: Clock; data: RequestDetail }) {
  const { t, say } = useSpeech();
  const running = clock.state === 'running';
  return (
    <div className="note stack-s">
      <div className="row spread">
        <div>
          <p className="strong">{say(clock.title)}</p>
          <p className="small quiet">
            {say(clock.organisation.name)} · {t('sharing.article', { n: clock.article })} ·{' '}
            {t('sharing.days', { n: clock.days })}
            {clock.extension ? ` · ${t('sharing.extended-by', { n: clock.extension })}` : ''}
          </p>
          {clock.ground ? <p className="small quiet">{t('sharing.stopped-ground', { ground: clock.ground })}</p> : null}
        </div>
        <ClockMark clock={clock} />
      </div>
      {clock.asked ? (
        <p className="small">
          {t('sharing.extension.asked', { n: clock.asked.days, reason: clock.asked.reason })}{' '}
          <Label tone={clock.asked.state === 'asked' ? 'warn' : undefined}>
            {t(`sharing.extension.state.${clock.asked.state}`)}
          </Label>
        </p>
      ) : null}
      {running && clock.extendable && !clock.asked && data.mayAskExtension ? <AskExtension clock={clock} /> : null}
      {running && clock.asked?.state === 'asked' && data.mayDecideExtension ? (
        <DecideExtension clock={clock.id} />
      ) : null}
    </div>
  );
}

function AskExtension({ clock }: { clock: Clock }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const id = useId();
  const [days, setDays] = useState<number | null>(5);
  const [reason, setReason] = useState('');
  const ask = useMutation({
    mutationFn: () =>
      api.post('/api/v1/sharing/clocks/{id}/extension', {
        params: { id: clock.id },
        body: { days, reason: reason.trim() },
      }),
    onSuccess: () => {
      message.success(t('sharing.done'));
      return client.invalidateQueries({ queryKey: ['sharing'] });
    },
  });
  return (
    <details>
      <summary className="small">{t('sharing.extension.ask')}</summary>
      <div className="stack-s" style={{ marginBlockStart: 8 }}>
        <label htmlFor={`${id}-d`}>{t('sharing.extension.days', { max: clock.extendable })}</label>
        <InputNumber id={`${id}-d`} min={1} max={clock.extendable ?? 1} value={days} onChange={setDays} />
        <label htmlFor={`${id}-r`}>{t('sharing.extension.reason')}</label>
        <Input id={`${id}-r`} maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
        {ask.isError ? <Failure error={ask.error} /> : null}
        <div>
          <Button loading={ask.isPending} disabled={!days || reason.trim().length < 4} onClick={() => ask.mutate()}>
            {t('sharing.extension.ask')}
          </Button>
        </div>
      </div>
    </details>
  );
}

/** The authority's word on an extension. */
export function DecideExtension({ clock }: { clock: number }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const decide = useMutation({
    mutationFn: (consent: boolean) =>
      api.put('/api/v1/sharing/clocks/{id}/extension', { params: { id: clock }, body: { consent } }),
    onSuccess: () => {
      message.success(t('sharing.done'));
      return client.invalidateQueries({ queryKey: ['sharing'] });
    },
  });
  return (
    <div className="stack-s">
      <div className="row">
        <Button size="small" type="primary" loading={decide.isPending} onClick={() => decide.mutate(true)}>
          {t('sharing.extension.consent')}
        </Button>
        <Button size="small" disabled={decide.isPending} onClick={() => decide.mutate(false)}>
          {t('sharing.extension.decline')}
        </Button>
      </div>
      {decide.isError ? <Failure error={decide.error} /> : null}
    </div>
  );
}

function Disputes({ data }: { data: RequestDetail }) {
  const { t, say } = useSpeech();
  const client = useQueryClient();
  const id = useId();
  const [reason, setReason] = useState('');
  const raise = useMutation({
    mutationFn: () => api.post('/api/v1/sharing/disputes', { body: { request: data.id, reason: reason.trim() } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['sharing'] }),
  });
  if (!data.disputes.length && !data.mayDispute) return null;
  return (
    <Panel title={t('sharing.dispute.title')}>
      <div className="stack-s">
        <p className="small quiet">{t('sharing.dispute.lead')}</p>
        {data.disputes.map((d) => (
          <div key={d.id} className="note stack-s">
            <p className="row spread">
              <span className="strong">{d.reason}</span>
              <Label tone={d.endedAt ? undefined : 'warn'}>{say(d.stateTitle)}</Label>
            </p>
            <p className="small quiet">
              {say(d.raisedBy === 'requester' ? d.requester.name : d.provider.name)} · {instant(d.createdAt)}
            </p>
            {d.words ? (
              <p>
                {t('sharing.dispute.words')}：{d.outcome ? t(`sharing.outcome.${d.outcome}`) : ''} {d.words}
                {d.document ? `（${d.document}）` : ''}
              </p>
            ) : null}
            {d.steps.length ? (
              <StepForm
                steps={d.steps}
                invalidate={['sharing']}
                take={(given) =>
                  api.post('/api/v1/sharing/disputes/{id}/steps', {
                    params: { id: d.id },
                    body: { ...given, version: d.version },
                  })
                }
              />
            ) : null}
          </div>
        ))}
        {data.mayDispute ? (
          <details>
            <summary className="small">{t('sharing.dispute.raise')}</summary>
            <div className="stack-s" style={{ marginBlockStart: 8 }}>
              <label htmlFor={id}>{t('sharing.dispute.reason')}</label>
              <Input.TextArea
                id={id}
                rows={3}
                maxLength={1000}
                value={reason}
                onChange={(event) => setReason(event.target.value)}
              />
              {raise.isError ? <Failure error={raise.error} /> : null}
              <div>
                <Button loading={raise.isPending} disabled={reason.trim().length < 4} onClick={() => raise.mutate()}>
                  {t('sharing.dispute.raise')}
                </Button>
              </div>
            </div>
          </details>
        ) : null}
      </div>
    </Panel>
  );
}
