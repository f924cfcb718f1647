/** What waits: drafts, what a head is to agree to, what the authority is to review within its legal days, duties to update. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { App, Button, DatePicker, Input, Modal, Select } from 'antd';
import type { Dayjs } from 'dayjs';
import { useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Figure, Figures } from '../../components/figure.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { day, full, instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { ClockLabel, WorkingLabel } from './entry-parts.tsx';

type Desk = Answer<'/api/v1/catalogue/desk'>;
type Line = Desk['drafts'][number];
type Duty = Desk['duties'][number];

export default function DeskPage() {
  const { t } = useSpeech();
  const desk = useQuery({
    queryKey: ['catalogue', 'desk'],
    queryFn: ({ signal }) => api.get('/api/v1/catalogue/desk', { signal }),
  });
  return (
    <Loaded query={desk} heading={t('titles.entry-desk')}>
      {(data) => {
        const open = data.duties.filter((d) => !d.doneAt && !d.stoppedGround);
        const late =
          data.toReview.filter((l) => l.clock?.state === 'overdue').length +
          open.filter((d) => d.clock.state === 'overdue').length;
        return (
          <Page
            title={t('titles.entry-desk')}
            lead={t('entries.desk-lead')}
            actions={
              data.departments.length ? (
                <>
                  <Link to="/catalogue/new">
                    <Button type="primary">{t('entries.new')}</Button>
                  </Link>
                  <Link to="/catalogue/import">
                    <Button>{t('titles.entry-import')}</Button>
                  </Link>
                </>
              ) : null
            }
          >
            <div className="stack">
              <Figures>
                <Figure label={t('entries.desk.drafts')}>{full(data.drafts.length)}</Figure>
                <Figure label={t('entries.desk.to-approve')}>{full(data.toApprove.length)}</Figure>
                <Figure label={t('entries.desk.to-review')}>{full(data.toReview.length)}</Figure>
                <Figure label={t('entries.desk.duties')}>{full(open.length)}</Figure>
                <Figure label={t('entries.desk.late')} {...(late ? { tone: 'bad' as const } : {})}>
                  {full(late)}
                </Figure>
              </Figures>
              <Lines
                title={t('entries.desk.to-review')}
                note={t('entries.desk.review-note')}
                lines={data.toReview}
                clock
              />
              <Lines
                title={t('entries.desk.to-approve')}
                note={t('entries.desk.approve-note')}
                lines={data.toApprove}
              />
              <Lines title={t('entries.desk.drafts')} note={t('entries.desk.drafts-note')} lines={data.drafts} />
              <Duties desk={data} />
            </div>
          </Page>
        );
      }}
    </Loaded>
  );
}

function Lines({
  title,
  note,
  lines,
  clock = false,
}: {
  title: string;
  note: string;
  lines: readonly Line[];
  clock?: boolean;
}) {
  const { t, say } = useSpeech();
  return (
    <Panel title={`${title}（${lines.length}）`} extra={<span className="quiet">{note}</span>} flush>
      <DataTable
        caption={title}
        rows={lines}
        rowKey={(row) => row.id}
        empty={<p className="quiet entry-none">{t('entries.desk.nothing')}</p>}
        columns={[
          {
            key: 'title',
            title: t('catalogue.resource'),
            head: true,
            render: (row) => (
              <div style={{ minWidth: '14em' }}>
                <Link to="/catalogue/entries/$entry" params={{ entry: row.id } as never}>
                  {say(row.title)}
                </Link>
                <div className="small quiet mono">{row.code}</div>
              </div>
            ),
          },
          { key: 'provider', title: t('exchange.owner'), render: (row) => say(row.provider.name) },
          {
            key: 'state',
            title: t('entries.state-title'),
            tight: true,
            render: (row) => (row.working ? <WorkingLabel working={row.working} /> : null),
          },
          {
            key: 'findings',
            title: t('entries.findings'),
            tight: true,
            render: (row) => (
              <span className="row" style={{ gap: 4 }}>
                {row.errors ? <Label tone="bad">{t('entries.errors-n', { n: row.errors })}</Label> : null}
                {row.warnings ? <Label tone="warn">{t('entries.warnings-n', { n: row.warnings })}</Label> : null}
                {row.errors + row.warnings === 0 ? <Label tone="good">{t('entries.no-errors')}</Label> : null}
              </span>
            ),
          },
          ...(clock
            ? [
                {
                  key: 'clock',
                  title: t('entries.clock.title'),
                  tight: true,
                  render: (row: Line) => (row.clock ? <ClockLabel clock={row.clock} /> : '—'),
                },
              ]
            : []),
          {
            key: 'changed',
            title: t('entries.changed-at'),
            tight: true,
            render: (row) => (row.working ? instant(row.working.changedAt) : '—'),
          },
        ]}
      />
    </Panel>
  );
}

function Duties({ desk }: { desk: Desk }) {
  const { t, say } = useSpeech();
  const [raising, setRaising] = useState(false);
  const [asked, setAsked] = useState<{ duty: Duty; what: 'extend' | 'stop' }>();
  return (
    <Panel
      title={`${t('entries.desk.duties')}（${desk.duties.length}）`}
      extra={
        <>
          <span className="quiet">{t('entries.desk.duties-note')}</span>
          {desk.mayRaise ? (
            <Button size="small" onClick={() => setRaising(true)}>
              {t('entries.desk.raise')}
            </Button>
          ) : null}
        </>
      }
      flush
    >
      <DataTable
        caption={t('entries.desk.duties')}
        rows={desk.duties}
        rowKey={(row) => row.id}
        empty={<p className="quiet entry-none">{t('entries.desk.no-duties')}</p>}
        columns={[
          {
            key: 'ground',
            title: t('entries.desk.ground'),
            head: true,
            render: (row) => <div style={{ minWidth: '12em' }}>{row.ground}</div>,
          },
          { key: 'provider', title: t('exchange.owner'), render: (row) => say(row.provider.name) },
          {
            key: 'entry',
            title: t('catalogue.resource'),
            render: (row) =>
              row.entry && row.entryTitle ? (
                <Link to="/catalogue/entries/$entry" params={{ entry: row.entry } as never}>
                  {say(row.entryTitle)}
                </Link>
              ) : (
                <span className="quiet">{t('entries.desk.whole')}</span>
              ),
          },
          { key: 'occurred', title: t('entries.desk.occurred'), tight: true, render: (row) => day(row.occurred) },
          {
            key: 'clock',
            title: t('entries.clock.title'),
            tight: true,
            render: (row) => (
              <>
                <ClockLabel clock={row.clock} />
                {row.extendedDays ? (
                  <div className="small quiet">
                    {t('entries.desk.extended', { n: row.extendedDays, ground: row.extendedGround })}
                  </div>
                ) : null}
                {row.stoppedGround ? <div className="small quiet">{row.stoppedGround}</div> : null}
              </>
            ),
          },
          {
            key: 'do',
            title: '',
            tight: true,
            render: (row) => (
              <span className="row" style={{ gap: 4 }}>
                {row.mayExtend ? (
                  <Button size="small" onClick={() => setAsked({ duty: row, what: 'extend' })}>
                    {t('entries.desk.extend')}
                  </Button>
                ) : null}
                {row.mayStop ? (
                  <Button size="small" onClick={() => setAsked({ duty: row, what: 'stop' })}>
                    {t('entries.desk.stop')}
                  </Button>
                ) : null}
              </span>
            ),
          },
        ]}
      />
      {raising ? <Raise departments={desk.departments} onDone={() => setRaising(false)} /> : null}
      {asked ? <Ground asked={asked} onDone={() => setAsked(undefined)} /> : null}
    </Panel>
  );
}

/** A new duty: what changed, and when. */
function Raise({ departments, onDone }: { departments: Desk['departments']; onDone: () => void }) {
  const { t, say } = useSpeech();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [provider, setProvider] = useState(departments[0]?.id);
  const [ground, setGround] = useState('');
  const [occurred, setOccurred] = useState<Dayjs | null>(null);
  const raise = useMutation({
    mutationFn: () =>
      api.post('/api/v1/catalogue/duties', {
        body: { provider: provider!, ground: ground.trim(), occurred: occurred!.format('YYYY-MM-DD') },
      }),
    onSuccess: async () => {
      void message.success(t('entries.saved'));
      await client.invalidateQueries({ queryKey: ['catalogue', 'desk'] });
      onDone();
    },
  });
  return (
    <Modal
      open
      title={t('entries.desk.raise')}
      okButtonProps={{ disabled: !provider || ground.trim().length < 2 || !occurred, loading: raise.isPending }}
      onOk={() => raise.mutate()}
      onCancel={onDone}
    >
      <div className="stack-s">
        <p className="small quiet">{t('entries.desk.raise-text')}</p>
        <Select
          aria-label={t('exchange.owner')}
          value={provider ?? null}
          onChange={(v: string | null) => setProvider(v ?? undefined)}
          options={departments.map((d) => ({ value: d.id, label: say(d.name) }))}
        />
        <Input.TextArea
          aria-label={t('entries.desk.ground')}
          placeholder={t('entries.desk.ground')}
          rows={3}
          value={ground}
          onChange={(e) => setGround(e.target.value)}
        />
        <DatePicker
          aria-label={t('entries.desk.occurred')}
          placeholder={t('entries.desk.occurred')}
          value={occurred}
          onChange={setOccurred}
        />
        {raise.error ? <Failure error={raise.error} /> : null}
      </div>
    </Modal>
  );
}

/** Consent to more time, or an end with its legal ground. */
function Ground({ asked, onDone }: { asked: { duty: Duty; what: 'extend' | 'stop' }; onDone: () => void }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const [ground, setGround] = useState('');
  const send = useMutation({
    mutationFn: () => {
      const given = { params: { duty: asked.duty.id }, body: { ground: ground.trim() } };
      return asked.what === 'extend'
        ? api.post('/api/v1/catalogue/duties/{duty}/extend', given)
        : api.post('/api/v1/catalogue/duties/{duty}/stop', given);
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['catalogue', 'desk'] });
      onDone();
    },
  });
  return (
    <Modal
      open
      title={t(`entries.desk.${asked.what}`)}
      okButtonProps={{ disabled: ground.trim().length < 2, loading: send.isPending }}
      onOk={() => send.mutate()}
      onCancel={onDone}
    >
      <div className="stack-s">
        <p>{asked.duty.ground}</p>
        <p className="small quiet">{t(`entries.desk.${asked.what}-text`)}</p>
        <Input.TextArea
          aria-label={t('entries.desk.ground')}
          rows={3}
          value={ground}
          onChange={(e) => setGround(e.target.value)}
        />
        {send.error ? <Failure error={send.error} /> : null}
      </div>
    </Modal>
  );
}
