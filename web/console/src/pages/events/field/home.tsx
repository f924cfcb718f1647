/** 我的处置: what the own organisation was given, the most urgent first; works without a network. */
import { Link } from '@tanstack/react-router';
import { Label, Page } from '../../../components/page.tsx';
import { Empty, Skeleton } from '../../../components/states.tsx';
import { useSpeech } from '../../../i18n/index.ts';
import { Due, Marks } from '../shared.tsx';
import { FieldGate, useField } from './field.tsx';
import type { Task } from './model.ts';
import { useKept } from './names.ts';
import { Shell } from './shell.tsx';

export default function FieldHome() {
  const { t } = useSpeech();
  return (
    <FieldGate title={t('titles.field')}>
      <Page title={t('titles.field')}>
        <Shell part="tasks">
          <Tasks />
        </Shell>
      </Page>
    </FieldGate>
  );
}

const order = ['dispatched', 'handling', 'paused'] as const;

function Tasks() {
  const { t } = useSpeech();
  const { held, online } = useField();
  const kept = useKept();
  if (!held.pulled) return online ? <Skeleton rows={5} /> : <Empty title={t('events.field.not-fetched')} />;
  const { tasks } = held.pulled;
  if (tasks.length === 0) return <Empty title={t('events.field.no-tasks')}>{t('events.field.no-tasks-text')}</Empty>;
  return (
    <>
      {order.map((state) => {
        const own = tasks.filter((x) => x.state === state);
        return own.length ? (
          <section key={state} className="stack-s">
            <h2 className="field-head">
              {kept.state(state)} <span className="num quiet">{own.length}</span>
            </h2>
            <ul className="collect-list">
              {own.map((task) => (
                <TaskCard key={task.id} task={task} />
              ))}
            </ul>
          </section>
        ) : null;
      })}
    </>
  );
}

function TaskCard({ task }: { task: Task }) {
  const { t } = useSpeech();
  const { held } = useField();
  const kept = useKept();
  const queued = held.waiting.filter((w) => w.operation.kind === 'step' && w.operation.event === task.id);
  return (
    <li className={task.late ? 'collect-card field-late' : 'collect-card'}>
      <div className="row spread">
        <h3>
          <Link to="/field/tasks/$event" params={{ event: String(task.id) } as never}>
            {kept.matter(task.matter)}
          </Link>
        </h3>
        {/* What the limit says is reckoned anew from its instant: the phone may have been without a network for hours. */}
        <Due of={kept.now(task)} />
      </div>
      <p className="event-row-text">{task.text}</p>
      <p className="small quiet">{kept.place(task)}</p>
      <p className="row">
        <Marks of={task} />
        {queued.length ? <Label tone="info">{t('events.field.queued', { n: queued.length })}</Label> : null}
        <span className="small quiet num">{task.number}</span>
      </p>
    </li>
  );
}
