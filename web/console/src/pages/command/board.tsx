/** 指挥台: what runs, what alerts propose, who is on duty, what is at hand. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Input, Modal } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Figure, Figures } from '../../components/figure.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { CityMatters } from './matters.tsx';
import { type Board, clock, Exercise, Level, romans, useAct, useNow } from './shared.tsx';
import { StartForm, type Target } from './start.tsx';

export default function BoardPage() {
  const { t } = useSpeech();
  const board = useQuery({
    queryKey: ['command', 'board'],
    queryFn: ({ signal }) => api.get('/api/v1/command/board', { signal }),
    refetchInterval: 5_000,
  });
  return (
    <Page title={t('titles.command')} lead={t('command.lead')}>
      <Loaded query={board}>{(data) => <Whole data={data} />}</Loaded>
    </Page>
  );
}

function Whole({ data }: { data: Board }) {
  const { t } = useSpeech();
  const [target, setTarget] = useState<Target>();
  const real = data.running.filter((o) => !o.exercise);
  const sum = (of: (n: Board['running'][number]) => number) => data.running.reduce((n, o) => n + of(o), 0);
  return (
    <div className="stack">
      <Figures>
        <Figure label={t('command.running')} note={t('command.exercises', { n: data.running.length - real.length })}>
          {real.length}
        </Figure>
        <Figure label={t('command.proposals')} {...(data.proposals.length ? { tone: 'warn' as const } : {})}>
          {data.proposals.length}
        </Figure>
        <Figure label={t('command.open-tasks')} note={t('command.late-n', { n: sum((o) => o.late) })}>
          {sum((o) => o.open)}
        </Figure>
        <Figure label={t('command.on-duty')} note={t('command.empty-posts', { n: data.empty.length })}>
          {data.duty.length}
        </Figure>
        <Figure
          label={t('command.ready')}
          note={t('command.low-n', { n: data.resources.reduce((n, r) => n + r.low, 0) })}
        >
          {data.resources.filter((r) => r.state === 'ready').reduce((n, r) => n + r.n, 0)}
        </Figure>
      </Figures>
      {data.proposals.length ? <Proposals data={data} onStart={setTarget} /> : null}
      <Running data={data} />
      <CityMatters />
      <Duty data={data} />
      <StartForm target={target} onClose={() => setTarget(undefined)} />
    </div>
  );
}

function Running({ data }: { data: Board }) {
  const { t } = useSpeech();
  const now = useNow();
  return (
    <Panel
      title={t('command.running')}
      flush
      extra={<Link to="/command/operations">{t('command.all-operations')}</Link>}
    >
      {data.running.length ? (
        <ul className="command-running">
          {data.running.map((o) => (
            <li key={o.id} className={o.exercise ? 'exercise' : ''}>
              <Level level={o.level} />
              <div className="grow">
                <p className="strong">
                  <Exercise of={o.exercise} />{' '}
                  <Link to="/command/operations/$operation" params={{ operation: String(o.id) } as never}>
                    {o.title}
                  </Link>
                </p>
                <p className="small quiet">
                  {t('command.commander')} {o.commander} · {instant(o.startedAt)} · {o.place || t('command.whole-city')}
                </p>
              </div>
              <div className="command-count">
                <strong className="num">{clock(now - Date.parse(o.startedAt))}</strong>
                <span className="small quiet">{t('command.elapsed')}</span>
              </div>
              <div className="command-count">
                <strong className="num">
                  {o.tasks - o.open}/{o.tasks}
                </strong>
                <span className={o.late ? 'small bad-text' : 'small quiet'}>
                  {o.late ? t('command.late-n', { n: o.late }) : t('command.tasks')}
                </span>
              </div>
            </li>
          ))}
        </ul>
      ) : (
        <Empty title={t('command.calm')} action={<Link to="/command/plans">{t('command.to-plans')}</Link>}>
          {t('command.calm-text')}
        </Empty>
      )}
    </Panel>
  );
}

function Proposals({ data, onStart }: { data: Board; onStart: (target: Target) => void }) {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const [no, setNo] = useState<readonly number[]>();
  const [note, setNote] = useState('');
  const dismiss = useAct(
    async (ids: readonly number[]) => {
      for (const id of ids)
        await api.post('/api/v1/command/proposals/{id}/dismiss', { params: { id }, body: { note: note.trim() } });
    },
    () => setNo(undefined),
  );
  // One decision for each plan: its gravest proposal first, everything else that proposes it below.
  const plans = [...new Set(data.proposals.map((p) => p.plan))].map((plan) => {
    const all = data.proposals.filter((p) => p.plan === plan).sort((a, b) => a.level - b.level || b.id - a.id);
    return { ...all[0]!, all };
  });
  return (
    <Panel title={t('command.proposals')} flush extra={<span className="quiet">{t('command.proposals-text')}</span>}>
      <DataTable
        caption={t('command.proposals')}
        rows={plans}
        rowKey={(p) => p.id}
        columns={[
          { key: 'level', title: t('command.level'), tight: true, render: (p) => <Level level={p.level} /> },
          { key: 'plan', title: t('command.plan'), head: true, render: (p) => say(p.planTitle) },
          {
            key: 'why',
            title: t('command.grounds'),
            render: (p) => (
              <>
                <p>{say(p.title)}</p>
                <p className="small quiet">
                  {say(p.reason)} · {instant(p.madeAt)}
                </p>
                {p.all.length > 1 ? (
                  <details className="fold small">
                    <summary>{t('command.more-proposals', { n: p.all.length - 1 })}</summary>
                    <ul className="command-list">
                      {p.all.slice(1).map((x) => (
                        <li key={x.id}>
                          <Level level={x.level} /> {say(x.title)} · {instant(x.madeAt)}
                        </li>
                      ))}
                    </ul>
                  </details>
                ) : null}
              </>
            ),
          },
          {
            key: 'act',
            title: t('command.decide'),
            tight: true,
            render: (p) =>
              may('command.act') ? (
                <span className="row">
                  <Button
                    size="small"
                    type="primary"
                    danger
                    onClick={() => {
                      const level = romans[p.level] as 'IV';
                      onStart({
                        ...{
                          plan: p.plan,
                          title: say(p.planTitle),
                          levels: ['IV', 'III', 'II', 'I'],
                          level,
                          proposal: p.id,
                        },
                        ...{
                          grounds: `${say(p.title)}：${say(p.reason)}`,
                          lon: p.lon ?? undefined,
                          lat: p.lat ?? undefined,
                        },
                        causes: p.all
                          .slice(0, 20)
                          .map((x) => ({ kind: 'alert' as const, key: x.alert, title: x.title })),
                      });
                    }}
                  >
                    {t('command.start')}
                  </Button>
                  <Button size="small" onClick={() => setNo(p.all.map((x) => x.id))}>
                    {t('command.dismiss')}
                  </Button>
                </span>
              ) : (
                <Label>{t('command.undecided')}</Label>
              ),
          },
        ]}
      />
      <Modal
        open={no !== undefined}
        title={t('command.dismiss')}
        okText={t('command.dismiss')}
        cancelText={t('common.cancel')}
        okButtonProps={{ disabled: note.trim().length < 2, loading: dismiss.isPending }}
        onOk={() => dismiss.mutate(no!)}
        onCancel={() => setNo(undefined)}
      >
        <Input.TextArea
          aria-label={t('command.grounds')}
          rows={3}
          value={note}
          maxLength={500}
          onChange={(e) => setNote(e.target.value)}
        />
        {dismiss.isError ? <Failure error={dismiss.error} /> : null}
      </Modal>
    </Panel>
  );
}

function Duty({ data }: { data: Board }) {
  const { t, say } = useSpeech();
  return (
    <Panel title={t('command.on-duty')} extra={<Link to="/command/duty">{t('titles.command-duty')}</Link>}>
      {data.empty.length ? (
        <p className="note warn small">
          {t('command.nobody-at')} {data.empty.map((p) => say(p.title)).join(' · ')}
        </p>
      ) : null}
      <ul className="command-duty">
        {data.duty.map((d) => (
          <li key={d.shift}>
            <span className="small quiet">{say(d.title)}</span>
            <span className="strong">
              {d.person} {d.deputy ? <Label tone="weft">{t('command.deputy')}</Label> : null}
            </span>
            <span className="small quiet">
              {d.reported ? t('command.reported') : t('command.by-roster')} ·{' '}
              {t('command.until', { at: instant(d.until).slice(5, 16) })}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
