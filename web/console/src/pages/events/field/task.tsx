/** One task in the field: what, where and how far, pictures before, and the step that is taken here and now, with or without a network. */
import { CompassOutlined } from '@ant-design/icons';
import { useNavigate, useParams } from '@tanstack/react-router';
import { App, Button, Input, InputNumber, Radio, Select } from 'antd';
import { useEffect, useId, useState } from 'react';
import { Label, Page } from '../../../components/page.tsx';
import { Empty, Skeleton } from '../../../components/states.tsx';
import { Instant } from '../../../components/value.tsx';
import { useSpeech } from '../../../i18n/index.ts';
import { useSession } from '../../../session/session.tsx';
import { between } from '../places.ts';
import { Due, Marks, useEventPictures } from '../shared.tsx';
import { Camera, SpotInput } from './camera.tsx';
import { useDraft } from './draft.ts';
import { FieldGate, useField } from './field.tsx';
import { fieldSteps, jointSteps, missing, type Spot, type Task } from './model.ts';
import { useKept } from './names.ts';
import { Shell } from './shell.tsx';
import { WaitingCard } from './waiting.tsx';

export default function FieldTask() {
  const { t } = useSpeech();
  const id = Number((useParams({ strict: false }) as { event?: string }).event);
  return (
    <FieldGate title={t('titles.field-task')}>
      <One id={id} />
    </FieldGate>
  );
}

function One({ id }: { id: number }) {
  const { t } = useSpeech();
  const { held, online } = useField();
  const kept = useKept();
  const task = held.pulled?.tasks.find((x) => x.id === id);
  const back = { to: '/field', label: t('titles.field') };
  if (!task)
    return (
      <Page title={t('titles.field-task')} back={back}>
        <Shell part="tasks">
          {held.pulled ? (
            <Empty title={t('events.field.gone')}>{t('events.field.gone-text')}</Empty>
          ) : online ? (
            <Skeleton rows={5} />
          ) : (
            <Empty title={t('events.field.not-fetched')} />
          )}
        </Shell>
      </Page>
    );
  const queued = held.waiting.filter((w) => w.operation.kind === 'step' && w.operation.event === id);
  return (
    <Page title={kept.matter(task.matter)} back={back}>
      <Shell part="tasks">
        <section className="collect-card">
          <p className="row">
            <Label tone={task.state === 'dispatched' ? 'info' : 'primary'}>{kept.state(task.state)}</Label>
            <Marks of={task} />
            <Due of={kept.now(task)} />
          </p>
          <p className="event-said">{task.text}</p>
          <Way task={task} />
          <p className="small quiet">
            <span className="num">{task.number}</span> · {t('events.reported')} <Instant at={task.reportedAt} />
            {task.due ? (
              <>
                {' · '}
                {t('events.due')} <Instant at={task.due} />
              </>
            ) : null}
          </p>
          {online && task.pictures ? <Before id={id} /> : null}
        </section>
        {queued.length ? (
          <ul className="collect-list">
            {queued.map((w) => (
              <WaitingCard key={w.id} item={w} />
            ))}
          </ul>
        ) : null}
        <Steps task={task} queued={queued.map((w) => (w.operation.kind === 'step' ? w.operation.step.action : ''))} />
      </Shell>
    </Page>
  );
}

/** The pictures that came with the reports: asked for while there is a network. */
function Before({ id }: { id: number }) {
  const { t } = useSpeech();
  const pictures = useEventPictures(id);
  if (!pictures.data?.length) return null;
  return (
    <ul className="event-taken" aria-label={t('events.pictures')}>
      {pictures.data.map((x, i) => (
        <li key={x.id}>
          <a href={`/api/v1/events/pictures/${x.id}`} target="_blank" rel="noreferrer">
            <img
              src={`/api/v1/events/pictures/${x.id}?small=true`}
              alt={t('events.picture-n', { kind: t(`events.picture.${x.kind}`), n: i + 1 })}
              loading="lazy"
            />
          </a>
        </li>
      ))}
    </ul>
  );
}

const winds = ['n', 'ne', 'e', 'se', 's', 'sw', 'w', 'nw'] as const;

/** The address, how far it is from here, and the phone's own map. */
function Way({ task }: { task: Task }) {
  const { t } = useSpeech();
  const kept = useKept();
  const [here, setHere] = useState<{ lon: number; lat: number } | null>(null);
  useEffect(() => {
    // Asked only where the person has allowed it before: a page that asks by itself when it opens is refused.
    void navigator.permissions
      ?.query({ name: 'geolocation' })
      .then((p) => {
        if (p.state === 'granted')
          navigator.geolocation.getCurrentPosition(
            ({ coords }) => setHere({ lon: coords.longitude, lat: coords.latitude }),
            () => undefined,
            { maximumAge: 60_000, timeout: 10_000 },
          );
      })
      .catch(() => undefined);
  }, []);
  const at = task.longitude === null || task.latitude === null ? null : { lon: task.longitude, lat: task.latitude };
  const way = at && here ? between(here, at) : null;
  return (
    <p className="row">
      <span>{kept.place(task)}</span>
      {way ? (
        <span className="small quiet">
          <CompassOutlined aria-hidden="true" />{' '}
          {t('events.field.way', {
            distance: way.metres < 1000 ? `${Math.round(way.metres)} m` : `${(way.metres / 1000).toFixed(1)} km`,
            wind: t(`events.field.wind.${winds[Math.round(way.bearing / 45) % 8]}`),
          })}
        </span>
      ) : null}
      {at ? (
        <a href={`geo:${at.lat},${at.lon}?q=${at.lat},${at.lon}`} className="small">
          {t('events.field.navigate')}
        </a>
      ) : null}
    </p>
  );
}

function Steps({ task, queued }: { task: Task; queued: readonly string[] }) {
  const { t } = useSpeech();
  const { me } = useSession();
  const own = me.user.organisation;
  const joint = task.organisation !== own && task.joint.includes(own ?? '');
  // What waits on the phone is taken as done, so that the next step can be written too: accepted here, handled here, sent later.
  const state = queued.includes('finish')
    ? 'handled'
    : queued.includes('accept') || (queued.includes('resume') && task.state === 'paused')
      ? 'handling'
      : task.state;
  const steps = (joint ? jointSteps : fieldSteps)[state] ?? [];
  const [action, setAction] = useState<string>();
  const chosen = steps.find((s) => s === action) ?? steps[0];
  if (!chosen) return <p className="note">{t('events.field.nothing-more')}</p>;
  const offered = steps.filter((s) => s !== 'milestone' || task.milestones.length > 0);
  return (
    <section className="collect-card">
      <h2>{t('events.acts')}</h2>
      <div className="event-stages field-steps">
        {offered.map((s) => (
          <button key={s} type="button" aria-pressed={s === chosen} onClick={() => setAction(s)}>
            {t(`events.step.${s}`)}
          </button>
        ))}
      </div>
      <StepForm key={`${task.id}-${chosen}`} task={task} action={chosen} />
    </section>
  );
}

function StepForm({ task, action }: { task: Task; action: string }) {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const { held, handIn, online } = useField();
  const navigate = useNavigate();
  const id = useId();
  const kept = useKept();
  const { draft, change, clear } = useDraft(`task-${task.id}-${action}`, action);
  const [busy, setBusy] = useState(false);
  if (!draft) return <Skeleton rows={3} />;
  const { data } = draft;
  const lacks = missing(draft, task.proof);
  const [amount = '1', unit = 'working-days'] = (data.span ?? '').split(' ').filter(Boolean);
  const words = !['accept', 'arrive', 'resume', 'milestone'].includes(action);
  const done = action === 'finish' || action === 'milestone';
  const send = async () => {
    setBusy(true);
    await handIn(draft, task.id, `${t(`events.step.${action}`)} · ${kept.matter(task.matter)} ${task.number}`);
    await clear(false);
    setBusy(false);
    void message.success(t(online ? 'events.field.handed-in' : 'events.field.kept'));
    if (action === 'finish' || action === 'return') void navigate({ to: '/field' });
  };
  return (
    <div className="ff">
      {action === 'ask' ? (
        <>
          <Radio.Group
            aria-label={t('events.ask-for')}
            value={data.ask}
            options={(['delay', 'pause', 'transfer'] as const).map((a) => ({ value: a, label: t(`events.ask.${a}`) }))}
            onChange={(event) => {
              const ask = event.target.value as 'delay' | 'pause' | 'transfer';
              change({ data: { ask, ...(ask === 'delay' ? { span: '1 working-days' } : {}) } });
            }}
          />
          {data.ask === 'delay' ? (
            <div className="row">
              <InputNumber
                min={1}
                max={60}
                aria-label={t('events.span')}
                value={Number(amount)}
                onChange={(n) => change({ data: { ...data, span: `${n ?? 1} ${unit}` } })}
              />
              <Select
                aria-label={t('events.span-unit')}
                value={unit}
                style={{ minWidth: 150 }}
                options={['working-days', 'working-hours', 'hours', 'days'].map((u) => ({
                  value: u,
                  label: t(`events.unit-name.${u}`),
                }))}
                onChange={(u: string) => change({ data: { ...data, span: `${amount} ${u}` } })}
              />
            </div>
          ) : null}
          {data.ask === 'transfer' ? (
            <Select
              aria-label={t('events.to-organisation')}
              placeholder={t('events.to-organisation')}
              showSearch={{ optionFilterProp: 'label' }}
              value={data.organisation ?? null}
              options={(held.pulled?.catalogue.organisations ?? [])
                .filter((o) => o.id !== task.organisation)
                .map((o) => ({ value: o.id, label: say(o.name) }))}
              onChange={(organisation: string) => change({ data: { ...data, organisation } })}
            />
          ) : null}
        </>
      ) : null}
      {action === 'milestone' ? (
        <Radio.Group
          aria-label={t('events.limit')}
          value={data.limit}
          options={task.milestones.map((m) => ({ value: m.name, label: say(m.title) }))}
          onChange={(event) => change({ data: { ...data, limit: event.target.value as string } })}
        />
      ) : null}
      {words ? (
        <div className="ff-field">
          <label htmlFor={id} className="ff-label">
            {t(action === 'finish' ? 'events.field.what-done' : 'events.comment-needed')}
            <span className="ff-required">{t('common.required')}</span>
          </label>
          <Input.TextArea
            id={id}
            rows={3}
            maxLength={1000}
            value={draft.text}
            onChange={(event) => change({ text: event.target.value })}
          />
        </div>
      ) : null}
      {['finish', 'milestone', 'arrive', 'contribute', 'remark'].includes(action) ? (
        <>
          <Camera
            kind={done ? 'done' : 'scene'}
            need={action === 'finish' && task.proof}
            value={draft.pictures}
            onChange={(pictures) => change({ pictures })}
          />
          <SpotInput value={draft.spot} onChange={(spot: Spot | null) => change({ spot })} />
        </>
      ) : null}
      <Button
        type="primary"
        size="large"
        block
        danger={action === 'return'}
        disabled={lacks !== null}
        loading={busy}
        onClick={() => void send()}
      >
        {t(`events.step.${action}`)}
      </Button>
      {lacks ? <p className="small quiet">{t(`events.field.lacks.${lacks}`)}</p> : null}
      {online ? null : <p className="small quiet">{t('events.field.kept-note')}</p>}
    </div>
  );
}
