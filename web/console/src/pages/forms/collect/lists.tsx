/** Parts of the collector's page: tasks and what was returned, forms, drafts, what was sent. */
import { DeleteOutlined, RightOutlined } from '@ant-design/icons';
import { App, Button } from 'antd';
import { useState } from 'react';
import { Label } from '../../../components/page.tsx';
import { Empty, Failure } from '../../../components/states.tsx';
import { day, instant } from '../../../format/index.ts';
import { useSpeech } from '../../../i18n/index.ts';
import { useWords } from '../fill/context.tsx';
import { useCollect } from '../offline/collect.tsx';
import { stateTones } from '../shared/parts.tsx';
import type { PulledRecord } from '../shared/types.ts';
import { useBegin } from './begin.ts';

function useFormTitle(): (form: number) => string {
  const { held } = useCollect();
  const words = useWords();
  return (form) => words(held.pulled?.forms.find((one) => one.id === form)?.title) || `#${form}`;
}

/** Records that were returned, and drafts of mine on the hub that are not on this phone; what waits to be sent is being mended already. */
export function useMending(): PulledRecord[] {
  const { held } = useCollect();
  const busy = new Set(held.waiting.map((waiting) => waiting.subject));
  const drafts = new Set(held.drafts.map((draft) => draft.id));
  return (held.pulled?.records ?? []).filter(
    (record) =>
      !busy.has(record.id) && (record.state === 'returned' || (record.state === 'draft' && !drafts.has(record.id))),
  );
}

export function Tasks() {
  const { t } = useSpeech();
  const words = useWords();
  const { held } = useCollect();
  const begin = useBegin();
  const tasks = (held.pulled?.tasks ?? []).filter((task) => task.state === 'open' && task.mine > 0);
  const returned = useMending();
  const records = new Map((held.pulled?.records ?? []).map((record) => [record.id, record]));
  const here = new Map(
    [...held.drafts, ...held.waiting.map((w) => w.operation.draft)].flatMap((d) =>
      d.target ? [[d.target, d] as const] : [],
    ),
  );
  const queued = new Set(held.waiting.flatMap((w) => (w.operation.target ? [w.operation.target] : [])));
  const sending = new Set(held.waiting.map((w) => w.subject));
  if (tasks.length + returned.length === 0)
    return (
      <Empty title={t(held.pulled ? 'forms.collect.no-tasks' : 'forms.collect.not-fetched')}>
        {t('forms.collect.no-tasks-text')}
      </Empty>
    );
  return (
    <div className="collect-list">
      {returned.map((record) => (
        <Returned key={record.id} record={record} />
      ))}
      {tasks
        .sort((a, b) => (a.due ?? '9').localeCompare(b.due ?? '9'))
        .map((task) => {
          const open = task.items.filter((item) => !item.record || ['draft', 'returned'].includes(item.record.state));
          return (
            <section key={task.id} className="collect-card" aria-label={words(task.title)}>
              <div className="row spread">
                <h2>{words(task.title)}</h2>
                <span className="row">
                  {task.overdue ? <Label tone="bad">{t('forms.overdue')}</Label> : null}
                  {task.due ? (
                    <Label tone={task.overdue ? 'bad' : 'info'}>{t('forms.due', { day: day(task.due) })}</Label>
                  ) : null}
                </span>
              </div>
              <p className="small quiet">
                {words(task.formTitle)} · {t('forms.task.mine', { done: task.mineDone, all: task.mine })}
              </p>
              <progress
                className="progress"
                aria-label={words(task.title)}
                value={task.mineDone}
                max={Math.max(1, task.mine)}
              />
              {task.note ? <p>{task.note}</p> : null}
              <ul className="collect-targets">
                {open.slice(0, 100).map((item) => {
                  const draft = here.get(item.id);
                  const waits = queued.has(item.id) || (item.record !== null && sending.has(item.record.id));
                  // The hub has a record of it that is not handed in: that one is gone on with, never a second one begun.
                  const begun = item.record ? records.get(item.record.id) : undefined;
                  const go = () => {
                    if (draft) begin.open(draft.id);
                    else if (begun) void begin.returned(begun);
                    else void begin.empty(task.form, { task: task.id, target: item });
                  };
                  const word = t(draft || begun ? 'forms.collect.go-on' : 'forms.collect.fill');
                  return (
                    <li key={item.id}>
                      <span className="grow">
                        {item.title}
                        {item.division ? <span className="small quiet"> {item.division}</span> : null}
                      </span>
                      {waits ? (
                        <Label tone="info">{t('forms.collect.tab.waiting')}</Label>
                      ) : (
                        <Button onClick={go} aria-label={`${word} ${item.title}`}>
                          {word}
                        </Button>
                      )}
                    </li>
                  );
                })}
              </ul>
            </section>
          );
        })}
    </div>
  );
}

function Returned({ record }: { record: PulledRecord }) {
  const { t } = useSpeech();
  const title = useFormTitle();
  const begin = useBegin();
  const [fault, setFault] = useState<unknown>(null);
  return (
    <section className="collect-card" aria-label={record.caption}>
      <div className="row spread">
        <h2>{record.caption || title(record.form)}</h2>
        <Label tone={stateTones[record.state]}>{t(`forms.state.${record.state}`)}</Label>
      </div>
      <p className="small quiet">{title(record.form)}</p>
      {record.reason ? <p className="note warn">{t('forms.collect.returned', { reason: record.reason })}</p> : null}
      {fault ? <Failure error={fault} /> : null}
      <div>
        <Button type="primary" onClick={() => void begin.returned(record).catch(setFault)}>
          {t(record.state === 'draft' ? 'forms.collect.go-on' : 'forms.collect.mend')}
        </Button>
      </div>
    </section>
  );
}

export function Forms() {
  const { t, say } = useSpeech();
  const words = useWords();
  const { held } = useCollect();
  const begin = useBegin();
  const forms = held.pulled?.forms ?? [];
  if (forms.length === 0)
    return <Empty title={t(held.pulled ? 'forms.collect.no-forms' : 'forms.collect.not-fetched')} />;
  return (
    <ul className="collect-list">
      {forms.map((form) => (
        <li key={form.id} className="collect-card">
          <div className="row spread">
            <div className="grow">
              <h2>{words(form.title)}</h2>
              <p className="small quiet">
                {say(form.organisation.name)} · {t('forms.version', { n: form.version })}
              </p>
            </div>
            <Button
              type="primary"
              icon={<RightOutlined />}
              iconPlacement="end"
              aria-label={`${t('forms.collect.fill')} ${words(form.title)}`}
              onClick={() => void begin.empty(form.id)}
            >
              {t('forms.collect.fill')}
            </Button>
          </div>
          {form.design.abstract ? <p className="small">{words(form.design.abstract)}</p> : null}
        </li>
      ))}
    </ul>
  );
}

export function Drafts() {
  const { t } = useSpeech();
  const { modal } = App.useApp();
  const { held, store, refresh } = useCollect();
  const begin = useBegin();
  const title = useFormTitle();
  if (held.drafts.length === 0)
    return <Empty title={t('forms.collect.no-drafts')}>{t('forms.collect.no-drafts-text')}</Empty>;
  return (
    <ul className="collect-list">
      {held.drafts.map((draft) => (
        <li key={draft.id} className="collect-card">
          <div className="row spread">
            <div className="grow">
              <h2>{draft.caption || title(draft.form)}</h2>
              <p className="small quiet">
                {title(draft.form)} · {t('forms.collect.changed', { at: instant(draft.updatedAt) })}
              </p>
            </div>
            <span className="row">
              <Button
                type="text"
                danger
                icon={<DeleteOutlined />}
                aria-label={t('forms.collect.discard', { name: draft.caption || title(draft.form) })}
                onClick={() =>
                  modal.confirm({
                    title: t('forms.collect.discard', { name: draft.caption || title(draft.form) }),
                    content: t('forms.collect.discard-text'),
                    okButtonProps: { danger: true },
                    okText: t('forms.collect.discard-go'),
                    cancelText: t('common.cancel'),
                    onOk: async () => {
                      await store?.removeDraft(draft.id);
                      await refresh();
                    },
                  })
                }
              />
              <Button type="primary" onClick={() => begin.open(draft.id)}>
                {t('forms.collect.go-on')}
              </Button>
            </span>
          </div>
        </li>
      ))}
    </ul>
  );
}

export function SentList() {
  const { t } = useSpeech();
  const { held } = useCollect();
  const title = useFormTitle();
  const known = new Map((held.pulled?.records ?? []).map((record) => [record.id, record]));
  const mine = held.sent.map((sent) => ({ ...sent, now: known.get(sent.record)?.state ?? sent.state }));
  const others = [...known.values()].filter(
    (r) => r.state !== 'draft' && !held.sent.some((sent) => sent.record === r.id),
  );
  if (mine.length + others.length === 0) return <Empty title={t('forms.collect.no-sent')} />;
  const line = (key: string, caption: string, form: number, at: string, state: string | null) => (
    <li key={key} className="collect-card">
      <div className="row spread">
        <div className="grow">
          <h2>{caption || title(form)}</h2>
          <p className="small quiet">
            {title(form)} · {t('forms.collect.kept', { at: instant(at) })}
          </p>
        </div>
        {state ? <Label tone={stateTones[state as keyof typeof stateTones]}>{t(`forms.state.${state}`)}</Label> : null}
      </div>
    </li>
  );
  return (
    <ul className="collect-list">
      {mine.map((sent) => line(sent.key, sent.caption, sent.form, sent.keptAt, sent.now))}
      {others.map((record) => line(record.id, record.caption, record.form, record.updatedAt, record.state))}
    </ul>
  );
}
