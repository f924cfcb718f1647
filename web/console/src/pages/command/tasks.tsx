/** Tasks of an operation by organisation, and the answer to one of them. */

import { useQuery } from '@tanstack/react-query';
import { Button, Input, InputNumber, Modal, Radio, Select } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Panel } from '../../components/page.tsx';
import { Empty, Failure } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { Level, type Operation, type Task, TaskState, useAct, useNow } from './shared.tsx';

/** What is left of a limit, or by how much it is past. */
export function Due({ task }: { task: Task }) {
  const { t } = useSpeech();
  const now = useNow(10_000);
  if (!task.due) return <span className="quiet">—</span>;
  const open = ['sent', 'acknowledged', 'working'].includes(task.state);
  const minutes = Math.round((Date.parse(task.due) - now) / 60_000);
  return (
    <span className={open && minutes < 0 ? 'bad-text' : ''}>
      <span className="num">{instant(task.due).slice(5, 16)}</span>
      {open ? (
        <span className="small">
          {' '}
          {minutes < 0 ? t('command.over', { n: -minutes }) : t('command.left', { n: minutes })}
        </span>
      ) : null}
    </span>
  );
}

export function Tasks({ o }: { o: Operation }) {
  const { t, say } = useSpeech();
  const { me } = useSession();
  const [chosen, setChosen] = useState<Task>();
  const [adding, setAdding] = useState(false);
  return (
    <Panel
      title={t('command.tasks')}
      flush
      extra={
        o.mayAct && o.head.state === 'running' ? (
          <Button size="small" onClick={() => setAdding(true)}>
            {t('command.add-task')}
          </Button>
        ) : null
      }
    >
      <DataTable
        caption={t('command.tasks')}
        rows={o.tasks}
        rowKey={(x) => x.id}
        empty={<Empty title={t('command.no-tasks')} />}
        columns={[
          {
            key: 'organisation',
            title: t('command.organisation'),
            tight: true,
            render: (x) => say(x.organisation.name),
          },
          {
            key: 'task',
            title: t('command.task'),
            head: true,
            render: (x) => (
              <>
                {say(x.title)}
                {x.note ? <p className="small quiet">{x.note}</p> : null}
              </>
            ),
          },
          { key: 'level', title: t('command.level'), tight: true, render: (x) => <Level level={x.level} /> },
          { key: 'state', title: t('command.state'), tight: true, render: (x) => <TaskState task={x} /> },
          {
            key: 'progress',
            title: t('command.progress'),
            align: 'end',
            tight: true,
            render: (x) => <span className="num">{x.progress}%</span>,
          },
          { key: 'due', title: t('command.due'), tight: true, render: (x) => <Due task={x} /> },
          {
            key: 'duty',
            title: t('command.on-duty'),
            tight: true,
            render: (x) => x.duty ?? (x.sentAt ? <span className="bad-text">{t('command.nobody')}</span> : '—'),
          },
          {
            key: 'act',
            title: t('command.handle'),
            tight: true,
            render: (x) =>
              o.head.state === 'running' &&
              ['sent', 'acknowledged', 'working'].includes(x.state) &&
              (o.mayAct || me.user.organisation === x.organisation.id) ? (
                <Button size="small" onClick={() => setChosen(x)}>
                  {t('command.answer')}
                </Button>
              ) : null,
          },
        ]}
      />
      <AnswerForm task={chosen} onClose={() => setChosen(undefined)} />
      <AddTask open={adding} id={o.head.id} onClose={() => setAdding(false)} />
    </Panel>
  );
}

/** The answer of an organisation (or of the duty officer on its word). */
export function AnswerForm({ task, onClose }: { task: Task | undefined; onClose: () => void }) {
  const { t, say } = useSpeech();
  const [action, setAction] = useState<'acknowledge' | 'progress' | 'done' | 'refuse'>();
  const [progress, setProgress] = useState(50);
  const [note, setNote] = useState('');
  const send = useAct(
    (_: undefined, key: string) =>
      api.post('/api/v1/command/tasks/{id}/answer', {
        params: { id: task!.id },
        body: {
          action: action!,
          note: note.trim(),
          version: task!.version,
          key,
          ...(action === 'progress' ? { progress } : {}),
        },
      }),
    () => {
      setNote('');
      setAction(undefined);
      onClose();
    },
  );
  const actions = (['acknowledge', 'progress', 'done', 'refuse'] as const).filter(
    (a) => a !== 'acknowledge' || task?.state === 'sent',
  );
  return (
    <Modal
      open={task !== undefined}
      title={task ? say(task.title) : ''}
      okText={t('command.confirm')}
      cancelText={t('common.cancel')}
      okButtonProps={{ disabled: !action || (action === 'refuse' && note.trim().length < 2), loading: send.isPending }}
      onOk={() => send.mutate(undefined)}
      onCancel={() => {
        send.reset();
        onClose();
      }}
    >
      {task ? (
        <div className="stack-s">
          <p>{say(task.text)}</p>
          <Radio.Group
            aria-label={t('command.answer')}
            value={action ?? null}
            onChange={(e) => setAction(e.target.value as 'done')}
            options={actions.map((a) => ({ value: a, label: t(`command.action.${a}`) }))}
          />
          {action === 'progress' ? (
            <InputNumber
              aria-label={t('command.progress')}
              min={0}
              max={99}
              value={progress}
              suffix="%"
              onChange={(n) => setProgress(n ?? 0)}
            />
          ) : null}
          <Input.TextArea
            aria-label={t('command.feedback')}
            placeholder={t('command.feedback')}
            rows={3}
            maxLength={1000}
            value={note}
            onChange={(e) => setNote(e.target.value)}
          />
          {send.isError ? <Failure error={send.error} /> : null}
        </div>
      ) : null}
    </Modal>
  );
}

/** Organisations to choose from. */
export function useOrganisations() {
  const { say } = useSpeech();
  const list = useQuery({
    queryKey: ['command', 'organisations'],
    queryFn: ({ signal }) => api.get('/api/v1/command/organisations', { signal }),
    staleTime: 600_000,
  });
  return (list.data?.items ?? []).map((o) => ({ value: o.id, label: say(o.name) }));
}

function AddTask({ open, id, onClose }: { open: boolean; id: number; onClose: () => void }) {
  const { t } = useSpeech();
  const options = useOrganisations();
  const [organisations, setOrganisations] = useState<string[]>([]);
  const [title, setTitle] = useState('');
  const [text, setText] = useState('');
  const [limit, setLimit] = useState(60);
  const send = useAct(
    (_: undefined, key: string) =>
      api.post('/api/v1/command/operations/{id}/tasks', {
        params: { id },
        body: { title: title.trim(), text: text.trim(), organisations, acknowledge: Math.min(15, limit), limit, key },
      }),
    () => {
      setTitle('');
      setText('');
      onClose();
    },
  );
  return (
    <Modal
      open={open}
      title={t('command.add-task')}
      okText={t('command.confirm')}
      cancelText={t('common.cancel')}
      okButtonProps={{ disabled: !title.trim() || !text.trim() || !organisations.length, loading: send.isPending }}
      onOk={() => send.mutate(undefined)}
      onCancel={onClose}
    >
      <div className="stack-s">
        <Select
          mode="multiple"
          aria-label={t('command.organisation')}
          placeholder={t('command.organisation')}
          optionFilterProp="label"
          options={options}
          value={organisations}
          onChange={setOrganisations}
        />
        <Input
          aria-label={t('command.task')}
          placeholder={t('command.task')}
          maxLength={100}
          value={title}
          onChange={(e) => setTitle(e.target.value)}
        />
        <Input.TextArea
          aria-label={t('command.text')}
          placeholder={t('command.text')}
          rows={3}
          maxLength={1000}
          value={text}
          onChange={(e) => setText(e.target.value)}
        />
        <InputNumber
          aria-label={t('command.limit')}
          min={5}
          max={14_400}
          value={limit}
          suffix={t('command.minutes')}
          onChange={(n) => setLimit(n ?? 60)}
        />
        {send.isError ? <Failure error={send.error} /> : null}
      </div>
    </Modal>
  );
}
