/** One matter of erasure: what is held where, what is to happen, who approved, how far it is, whom it concerns, its certificate. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { App, Button, Popconfirm } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Fact, Facts, Label, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { Empty, Loaded, problemOf } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { day } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { Certificate } from './certificate.tsx';
import { type Changed, Holdings } from './holdings.tsx';
import { Asked, Due, type Matter, State } from './shared.tsx';

type Asking = 'refuse' | 'return' | 'withdraw';

export default function MatterPage() {
  const { t } = useSpeech();
  const { matter } = useParams({ strict: false }) as { matter: string };
  const id = Number(matter);
  const view = useQuery({
    queryKey: ['erasure', 'matter', id],
    queryFn: ({ signal }) => api.get('/api/v1/erasure/matters/{id}', { params: { id }, signal }),
    refetchInterval: (q) => {
      const m = q.state.data;
      const moving = m && ((m.state === 'running' && !m.problem) || (m.state === 'entered' && !m.lookedAt));
      return moving ? 1_500 : 30_000;
    },
  });
  const title = t('erasure.matter', { id });
  useTabTitle(title);
  return (
    <Page title={title} back={{ to: '/erasure', label: t('titles.erasure') }}>
      <Loaded query={view}>{(m) => <Shown of={m} />}</Loaded>
    </Page>
  );
}

function Shown({ of: m }: { of: Matter }) {
  const { t, say } = useSpeech();
  const [changed, setChanged] = useState<Changed>({});
  return (
    <div className="stack">
      {m.problem ? (
        <p role="alert" className="note bad">
          {t('erasure.failed')}：{say(m.problem.title)}
        </p>
      ) : null}
      {m.restored ? <p className="note">{t('erasure.restored')}</p> : null}
      <About of={m} changed={changed} />
      <Panel title={t('erasure.holdings')} flush={m.holdings.length > 0}>
        <Holdings of={m} changed={changed} change={setChanged} />
      </Panel>
      {m.steps.length > 0 || m.state === 'running' ? <Steps of={m} /> : null}
      {m.receiversList.length > 0 || m.executedAt ? <Receivers of={m} /> : null}
      {m.certificates.length > 0 ? <Certificate of={m} /> : null}
      <History of={m} />
    </div>
  );
}

/** What the matter is, and what the viewer may do with it. */
function About({ of: m, changed }: { of: Matter; changed: Changed }) {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [asking, setAsking] = useState<Asking>();
  const params = { id: m.id };
  const act = useMutation({
    mutationFn: (what: 'proposal' | 'approval' | 'look' | 'resumption') => {
      if (what === 'proposal') {
        const decisions = Object.entries(changed).map(([source, d]) => ({ source, ...d }));
        return api.post('/api/v1/erasure/matters/{id}/proposal', { params, body: { decisions } });
      }
      if (what === 'approval') return api.post('/api/v1/erasure/matters/{id}/approval', { params });
      if (what === 'look') return api.post('/api/v1/erasure/matters/{id}/look', { params });
      return api.post('/api/v1/erasure/matters/{id}/resumption', { params });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['erasure'] }),
    onError: (error) => void message.error(say(problemOf(error).title)),
  });
  const who = (login: string | null, at: string | null) =>
    login ? (
      <>
        <span className="mono">{login}</span> <Instant at={at} />
      </>
    ) : (
      '—'
    );
  return (
    <Panel
      title={t('erasure.facts')}
      extra={
        <>
          {m.may.look ? (
            <Button size="small" loading={act.isPending} onClick={() => act.mutate('look')}>
              {t('erasure.look-again')}
            </Button>
          ) : null}
          {m.may.withdraw ? (
            <Button size="small" onClick={() => setAsking('withdraw')}>
              {t('erasure.withdraw')}
            </Button>
          ) : null}
          {m.may.refuse ? (
            <Button size="small" onClick={() => setAsking('refuse')}>
              {t('erasure.refuse')}
            </Button>
          ) : null}
          {m.may.propose ? (
            <Popconfirm
              title={t('erasure.propose-sure')}
              okText={t('erasure.propose')}
              onConfirm={() => act.mutate('proposal')}
            >
              <Button size="small" type="primary" loading={act.isPending}>
                {t('erasure.propose')}
              </Button>
            </Popconfirm>
          ) : null}
          {m.may.sendBack ? (
            <Button size="small" onClick={() => setAsking('return')}>
              {t('erasure.send-back')}
            </Button>
          ) : null}
          {m.may.approve ? (
            <Popconfirm
              title={m.state === 'refusing' ? t('erasure.approve-refusal') : t('erasure.approve-sure')}
              okText={t('erasure.approve')}
              onConfirm={() => act.mutate('approval')}
            >
              <Button size="small" type="primary" danger={m.state !== 'refusing'} loading={act.isPending}>
                {m.state === 'refusing' ? t('erasure.approve-refusal') : t('erasure.approve')}
              </Button>
            </Popconfirm>
          ) : null}
          {m.may.resume ? (
            <Button size="small" type="primary" loading={act.isPending} onClick={() => act.mutate('resumption')}>
              {t('erasure.resume')}
            </Button>
          ) : null}
        </>
      }
    >
      <Facts>
        <Fact label={t('erasure.state')}>
          <State of={m.state} />
        </Fact>
        <Fact label={t('erasure.person')}>
          {m.mask ? <span className="mono">{m.mask}</span> : <span className="quiet">{t('erasure.unnamed')}</span>}
        </Fact>
        <Fact label={t('erasure.ground')}>{t(`erasure.ground-of.${m.ground}`)}</Fact>
        <Fact label={t('erasure.document')}>{m.document}</Fact>
        <Fact label={t('erasure.received')}>
          <span className="num">{day(m.received)}</span>
        </Fact>
        <Fact label={t('erasure.due')}>
          <Due of={m} />
        </Fact>
        <Fact label={t('erasure.entered-by')}>{who(m.enteredBy, m.enteredAt)}</Fact>
        <Fact label={t('erasure.proposed-by')}>{who(m.proposedBy, m.proposedAt)}</Fact>
        <Fact label={t('erasure.decided-by')}>{who(m.decidedBy, m.decidedAt)}</Fact>
        {m.executedAt ? (
          <Fact label={t('erasure.executed-at')}>
            <Instant at={m.executedAt} />
          </Fact>
        ) : null}
        {m.closedAt ? (
          <Fact label={t('erasure.closed-at')}>
            <Instant at={m.closedAt} />
          </Fact>
        ) : null}
        {m.refusal ? (
          <Fact label={t('erasure.refusal')} wide>
            {m.refusal.reason}
            <div className="small quiet">{m.refusal.ground}</div>
          </Fact>
        ) : null}
      </Facts>
      <Asked
        open={asking === 'refuse'}
        title={t('erasure.refuse')}
        fields={[
          { name: 'reason', label: t('erasure.refuse-reason'), max: 2000, rows: 4 },
          { name: 'ground', label: t('erasure.refuse-ground'), max: 500, rows: 2 },
        ]}
        close={() => setAsking(undefined)}
        act={({ reason, ground }) =>
          api.post('/api/v1/erasure/matters/{id}/refusal', { params, body: { reason: reason!, ground: ground! } })
        }
      />
      <Asked
        open={asking === 'return'}
        title={t('erasure.send-back')}
        fields={[{ name: 'comment', label: t('erasure.comment'), max: 1000 }]}
        close={() => setAsking(undefined)}
        act={({ comment }) => api.post('/api/v1/erasure/matters/{id}/return', { params, body: { comment: comment! } })}
      />
      <Asked
        open={asking === 'withdraw'}
        title={t('erasure.withdraw')}
        fields={[{ name: 'comment', label: t('erasure.comment'), max: 1000 }]}
        close={() => setAsking(undefined)}
        act={({ comment }) =>
          api.post('/api/v1/erasure/matters/{id}/withdrawal', { params, body: { comment: comment! } })
        }
      />
    </Panel>
  );
}

function Steps({ of: m }: { of: Matter }) {
  const { t } = useSpeech();
  const name = (step: string) =>
    step.startsWith('room ')
      ? t('erasure.step-room', { room: t(`erasure.room-of.${step.slice(5)}`) })
      : t(`erasure.step-of.${step}`);
  return (
    <Panel
      title={t('erasure.steps')}
      extra={t('erasure.steps-of', { done: m.steps.length, total: m.stepsInAll })}
      flush={m.steps.length > 0}
    >
      <DataTable
        caption={t('erasure.steps')}
        rows={m.steps}
        rowKey={(s) => s.step}
        empty={<Empty title={t('erasure.looking')} />}
        columns={[
          { key: 'step', title: t('erasure.step'), head: true, render: (s) => name(s.step) },
          {
            key: 'n',
            title: t('erasure.records'),
            align: 'end',
            tight: true,
            render: (s) => <span className="num">{s.records || '—'}</span>,
          },
          { key: 'at', title: t('erasure.at'), tight: true, render: (s) => <Instant at={s.at} /> },
        ]}
      />
    </Panel>
  );
}

function Receivers({ of: m }: { of: Matter }) {
  const { t, say } = useSpeech();
  return (
    <Panel title={t('erasure.receivers')} flush={m.receiversList.length > 0}>
      <DataTable
        caption={t('erasure.receivers')}
        rows={m.receiversList}
        rowKey={(r) => r.share}
        empty={<Empty title={t('erasure.receivers-none')} />}
        columns={[
          { key: 'who', title: t('erasure.organisation'), head: true, render: (r) => say(r.name) },
          {
            key: 'n',
            title: t('erasure.records'),
            align: 'end',
            tight: true,
            render: (r) => <span className="num">{r.records}</span>,
          },
          { key: 'told', title: t('erasure.told'), tight: true, render: (r) => <Instant at={r.toldAt} /> },
          {
            key: 'due',
            title: t('erasure.by-when'),
            tight: true,
            render: (r) => (
              <>
                {r.due ? <span className="num">{day(r.due)}</span> : '—'}{' '}
                {r.overdue ? <Label tone="bad">{t('erasure.overdue')}</Label> : null}
              </>
            ),
          },
          {
            key: 'done',
            title: t('erasure.acknowledged'),
            render: (r) =>
              r.acknowledgedAt ? (
                <>
                  <Instant at={r.acknowledgedAt} />
                  <div className="small quiet">{r.statement}</div>
                </>
              ) : (
                '—'
              ),
          },
        ]}
      />
    </Panel>
  );
}

function History({ of: m }: { of: Matter }) {
  const { t } = useSpeech();
  return (
    <Panel title={t('erasure.history')} flush>
      <DataTable
        caption={t('erasure.history')}
        rows={m.entries}
        rowKey={(_, i) => i}
        columns={[
          { key: 'act', title: t('erasure.step'), head: true, render: (e) => t(`erasure.entry-of.${e.action}`) },
          {
            key: 'who',
            title: t('erasure.by'),
            tight: true,
            render: (e) => <span className="mono">{e.login ?? '—'}</span>,
          },
          { key: 'at', title: t('erasure.at'), tight: true, render: (e) => <Instant at={e.at} /> },
          { key: 'comment', title: t('erasure.comment'), render: (e) => e.comment ?? '—' },
        ]}
      />
    </Panel>
  );
}
