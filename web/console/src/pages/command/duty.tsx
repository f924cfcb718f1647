/** 值班表: a week of every post, its holes, who is on duty now, hand-over. */
import { useQuery } from '@tanstack/react-query';
import { Button, DatePicker, Input, Modal } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';
import { DutyPhone } from './phone.tsx';
import { useAct } from './shared.tsx';

type Roster = Answer<'/api/v1/command/duty'>;
type Shift = Roster['shifts'][number];
const DAY = 86_400_000;
/** Beijing's midnight of a day as an instant. */
const midnight = (day: string): number => Date.parse(`${day}T00:00:00+08:00`);
const dayOf = (ms: number): string => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 10);

export default function DutyPage() {
  const { t } = useSpeech();
  const url = useUrlState();
  const start = url.get('from') || dayOf(Date.now() - DAY);
  const from = midnight(start);
  const query = { from: new Date(from).toISOString(), to: new Date(from + 7 * DAY).toISOString() };
  const roster = useQuery({
    queryKey: ['command', 'duty', query],
    queryFn: ({ signal }) => api.get('/api/v1/command/duty', { query, signal }),
    placeholderData: (before) => before,
  });
  const turn = (days: number) => url.set({ from: dayOf(from + days * DAY) });
  return (
    <Page
      title={t('titles.command-duty')}
      lead={t('command.duty-lead')}
      actions={
        <>
          <Button onClick={() => turn(-7)}>{t('command.week-before')}</Button>
          <Button onClick={() => url.set({ from: undefined })}>{t('command.today')}</Button>
          <Button onClick={() => turn(7)}>{t('command.week-after')}</Button>
        </>
      }
    >
      <Loaded query={roster}>{(data) => <Whole data={data} from={from} />}</Loaded>
    </Page>
  );
}

function Whole({ data, from }: { data: Roster; from: number }) {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const [shift, setShift] = useState<Shift>();
  const [post, setPost] = useState<string>();
  const days = Array.from({ length: 7 }, (_, n) => from + n * DAY);
  const at = Date.parse(data.at);
  if (!data.posts.length) return <Empty title={t('command.no-posts')}>{t('command.no-posts-text')}</Empty>;
  const share = (ms: number) => `${Math.min(100, Math.max(0, ((ms - from) / (7 * DAY)) * 100))}%`;
  const width = (a: number, b: number) =>
    `${Math.max(0.6, ((Math.min(b, from + 7 * DAY) - Math.max(a, from)) / (7 * DAY)) * 100)}%`;
  return (
    <div className="stack">
      <Handovers data={data} />
      <Panel title={t('command.roster')} flush>
        {/* biome-ignore lint/a11y: a region that scrolls must be reachable by keyboard (WCAG 2.1.1). */}
        <div className="table-wrap" role="group" tabIndex={0} aria-label={t('command.roster')}>
          <div className="command-roster">
            <div className="command-roster-head">
              <span>{t('command.post')}</span>
              <div className="command-days">
                {days.map((d) => (
                  <span key={d} className={dayOf(d) === dayOf(at) ? 'today' : ''}>
                    {dayOf(d).slice(5)} {dayjs(d).format('dd')}
                  </span>
                ))}
              </div>
            </div>
            {data.posts.map((p) => (
              <div key={p.id} className="command-roster-row">
                <span>
                  {say(p.title)}
                  {may('command.manage') ? (
                    <Button
                      size="small"
                      type="text"
                      aria-label={`${t('command.add-shift')} ${say(p.title)}`}
                      onClick={() => setPost(p.id)}
                    >
                      ＋
                    </Button>
                  ) : null}
                </span>
                <div className="command-line">
                  {p.holes.map((h) => (
                    <span
                      key={h.from}
                      className="command-hole"
                      style={{
                        insetInlineStart: share(Date.parse(h.from)),
                        inlineSize: width(Date.parse(h.from), Date.parse(h.to)),
                      }}
                      title={t('command.hole', { from: instant(h.from), to: instant(h.to) })}
                    />
                  ))}
                  {data.shifts
                    .filter((s) => s.post === p.id)
                    .map((s) => (
                      <button
                        key={s.id}
                        type="button"
                        className={`command-shift ${s.state} ${Date.parse(s.startsAt) <= at && at < Date.parse(s.endsAt) ? 'now' : ''}`}
                        style={{
                          insetInlineStart: share(Date.parse(s.startsAt)),
                          inlineSize: width(Date.parse(s.startsAt), Date.parse(s.endsAt)),
                        }}
                        onClick={() => setShift(s)}
                      >
                        {s.state === 'away' ? (s.deputy ?? t('command.nobody')) : s.person}
                      </button>
                    ))}
                  {at >= from && at < from + 7 * DAY ? (
                    <i className="command-now" style={{ insetInlineStart: share(at) }} />
                  ) : null}
                </div>
              </div>
            ))}
          </div>
        </div>
      </Panel>
      <ShiftCard
        shift={shift}
        title={say(data.posts.find((p) => p.id === shift?.post)?.title)}
        at={at}
        onClose={() => setShift(undefined)}
      />
      <AddShift post={post} onClose={() => setPost(undefined)} />
    </div>
  );
}

function Handovers({ data }: { data: Roster }) {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const take = useAct((id: number) => api.post('/api/v1/command/duty/handovers/{id}/take', { params: { id } }));
  const waiting = data.handovers.filter((h) => !h.takenAt);
  if (!waiting.length) return null;
  return (
    <div className="note warn">
      <p className="strong">{t('command.handovers')}</p>
      {waiting.map((h) => (
        <p key={h.id} className="row spread small">
          <span>
            {say(data.posts.find((p) => p.id === h.post)?.title)} · {h.givenBy} · {h.note} ·{' '}
            {t('command.handover-open', { ...h.open })}
          </span>
          {may('command.act') ? (
            <Button size="small" type="primary" onClick={() => take.mutate(h.id)}>
              {t('command.take')}
            </Button>
          ) : null}
        </p>
      ))}
      {take.isError ? <Failure error={take.error} /> : null}
    </div>
  );
}

function ShiftCard({
  shift,
  title,
  at,
  onClose,
}: {
  shift: Shift | undefined;
  title: string;
  at: number;
  onClose: () => void;
}) {
  const { t } = useSpeech();
  const { may } = useSession();
  const [note, setNote] = useState('');
  const state = useAct(
    (s: 'on' | 'away') =>
      api.post('/api/v1/command/duty/shifts/{id}/report', { params: { id: shift!.id }, body: { state: s } }),
    onClose,
  );
  const hand = useAct(
    () =>
      api.post('/api/v1/command/duty/shifts/{id}/hand-over', {
        params: { id: shift!.id },
        body: { note: note.trim() },
      }),
    onClose,
  );
  const now = shift && shift.state !== 'over' && Date.parse(shift.startsAt) <= at && at < Date.parse(shift.endsAt);
  return (
    <Modal open={shift !== undefined} title={title} footer={null} onCancel={onClose}>
      {shift ? (
        <div className="stack-s">
          <p>
            <span className="strong">{shift.person}</span>{' '}
            {shift.phone ? <span className="mono small">{shift.phone}</span> : null}{' '}
            <Label>{t(`command.shift-${shift.state}`)}</Label>
          </p>
          {shift.phone && may('vault.reveal') ? <DutyPhone key={shift.id} shift={shift.id} whose="person" /> : null}
          {shift.deputy ? (
            <p>
              {t('command.deputy')} {shift.deputy}
            </p>
          ) : null}
          {shift.deputyPhone && may('vault.reveal') ? (
            <DutyPhone key={`deputy-${shift.id}`} shift={shift.id} whose="deputy" />
          ) : null}
          <p className="small quiet">
            {instant(shift.startsAt)} — {instant(shift.endsAt)}
          </p>
          {now && may('command.act') ? (
            <>
              <p className="row">
                <Button onClick={() => state.mutate('on')}>{t('command.report-on')}</Button>
                <Button danger onClick={() => state.mutate('away')}>
                  {t('command.report-away')}
                </Button>
              </p>
              <Input.TextArea
                aria-label={t('command.handover-note')}
                placeholder={t('command.handover-note')}
                rows={3}
                maxLength={2000}
                value={note}
                onChange={(e) => setNote(e.target.value)}
              />
              <span>
                <Button
                  type="primary"
                  disabled={!note.trim()}
                  loading={hand.isPending}
                  onClick={() => hand.mutate(undefined)}
                >
                  {t('command.hand-over')}
                </Button>
              </span>
            </>
          ) : null}
          {state.isError ? <Failure error={state.error} /> : null}
          {hand.isError ? <Failure error={hand.error} /> : null}
        </div>
      ) : null}
    </Modal>
  );
}

function AddShift({ post, onClose }: { post: string | undefined; onClose: () => void }) {
  const { t } = useSpeech();
  const [range, setRange] = useState<[Dayjs, Dayjs]>();
  const [person, setPerson] = useState('');
  const [deputy, setDeputy] = useState('');
  const [phone, setPhone] = useState('');
  const add = useAct(
    () =>
      api.post('/api/v1/command/duty/shifts', {
        body: {
          ...{ post: post!, startsAt: range![0].toISOString(), endsAt: range![1].toISOString(), person: person.trim() },
          ...(deputy.trim() ? { deputy: deputy.trim() } : {}),
          ...(phone.trim() ? { phone: phone.trim() } : {}),
        },
      }),
    onClose,
  );
  return (
    <Modal
      open={post !== undefined}
      title={t('command.add-shift')}
      okText={t('command.confirm')}
      cancelText={t('common.cancel')}
      okButtonProps={{ disabled: !range || !person.trim(), loading: add.isPending }}
      onOk={() => add.mutate(undefined)}
      onCancel={onClose}
    >
      <div className="stack-s">
        <DatePicker.RangePicker
          showTime={{ format: 'HH:mm' }}
          format="YYYY-MM-DD HH:mm"
          value={range ?? null}
          onChange={(v) => setRange(v?.[0] && v[1] ? [v[0], v[1]] : undefined)}
        />
        <Input
          aria-label={t('command.person')}
          placeholder={t('command.person')}
          maxLength={40}
          value={person}
          onChange={(e) => setPerson(e.target.value)}
        />
        <Input
          aria-label={t('command.phone')}
          placeholder={t('command.phone')}
          maxLength={20}
          value={phone}
          onChange={(e) => setPhone(e.target.value)}
        />
        <Input
          aria-label={t('command.deputy')}
          placeholder={t('command.deputy')}
          maxLength={40}
          value={deputy}
          onChange={(e) => setDeputy(e.target.value)}
        />
        {add.isError ? <Failure error={add.error} /> : null}
      </div>
    </Modal>
  );
}
