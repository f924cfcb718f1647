/** Collection tasks of a form: their progress, and handing out a new one. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { App, Button, Input, InputNumber, Select } from 'antd';
import { useId, useMemo, useState } from 'react';
import { Label, Panel } from '../../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../../components/states.tsx';
import { DataTable } from '../../../components/table.tsx';
import { day } from '../../../format/index.ts';
import { useSpeech } from '../../../i18n/index.ts';
import { useWords } from '../fill/context.tsx';
import { hub } from '../shared/hub.ts';
import type { FormDetail, Person, TaskItem } from '../shared/types.ts';
import { readTargets } from './targets.ts';

export function Tasks({ form }: { form: FormDetail }) {
  const { t } = useSpeech();
  const words = useWords();
  const [making, setMaking] = useState(false);
  const tasks = useQuery({
    queryKey: ['forms', 'tasks', form.id],
    queryFn: ({ signal }) =>
      hub.get<{ items: TaskItem[]; total: number }>('/api/v1/forms/{form}/tasks', {
        params: { form: form.id },
        query: { limit: 100 },
        signal,
      }),
  });
  const mayMake = form.may.design && form.state === 'published';
  return (
    <div className="stack">
      {making ? <NewTask form={form} close={() => setMaking(false)} /> : null}
      <Panel
        title={t('forms.tasks')}
        extra={
          mayMake && !making ? (
            <Button type="primary" size="small" onClick={() => setMaking(true)}>
              {t('forms.task.new')}
            </Button>
          ) : null
        }
      >
        <Loaded query={tasks}>
          {(data) => (
            <DataTable
              caption={t('forms.tasks')}
              rows={data.items}
              rowKey={(row) => row.id}
              empty={<Empty title={t('forms.task.none')}>{t('forms.task.none-text')}</Empty>}
              columns={[
                {
                  key: 'title',
                  title: t('forms.task.title'),
                  head: true,
                  render: (row) => (
                    <Link
                      to="/forms/$form/tasks/$task"
                      params={{ form: String(form.id), task: String(row.id) } as never}
                    >
                      {words(row.title)}
                    </Link>
                  ),
                },
                {
                  key: 'state',
                  title: t('forms.list.state'),
                  tight: true,
                  render: (row) => (
                    <span className="row" style={{ gap: 6 }}>
                      <Label tone={row.state === 'open' ? 'info' : undefined}>{t(`forms.task.${row.state}`)}</Label>
                      {row.overdue ? <Label tone="bad">{t('forms.overdue')}</Label> : null}
                    </span>
                  ),
                },
                {
                  key: 'progress',
                  title: t('forms.task.progress'),
                  render: (row) => (
                    <span className="row">
                      <progress
                        className="progress"
                        style={{ width: 120 }}
                        aria-label={words(row.title)}
                        value={row.done}
                        max={Math.max(1, row.targets)}
                      />
                      <span className="num small">
                        {row.done} / {row.targets}
                      </span>
                    </span>
                  ),
                },
                { key: 'due', title: t('forms.task.due'), tight: true, render: (row) => day(row.due) },
                { key: 'by', title: t('forms.task.by'), tight: true, render: (row) => row.by.name },
              ]}
            />
          )}
        </Loaded>
      </Panel>
    </div>
  );
}

function NewTask({ form, close }: { form: FormDetail; close: () => void }) {
  const { t, language } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const id = useId();
  const [title, setTitle] = useState('');
  const [note, setNote] = useState('');
  const [days, setDays] = useState<number | null>(5);
  const [lines, setLines] = useState('');
  const [chosen, setChosen] = useState<string[]>([]);
  const [divisions, setDivisions] = useState<Record<string, string>>({});
  const people = useQuery({
    queryKey: ['forms', 'people'],
    queryFn: ({ signal }) => hub.get<{ items: Person[] }>('/api/v1/forms/people', { signal }),
  });
  const read = useMemo(() => readTargets(lines), [lines]);
  const make = useMutation({
    mutationFn: () =>
      hub.post('/api/v1/forms/{form}/tasks', {
        params: { form: form.id },
        body: {
          title: { zh: title.trim() },
          ...(note.trim() ? { note: note.trim() } : {}),
          ...(days ? { days } : {}),
          targets: read.targets,
          assignees: chosen.map((login) => ({
            login,
            divisions: (divisions[login] ?? '').split(/[,，、\s]+/).filter(Boolean),
          })),
        },
      }),
    onSuccess: async () => {
      void message.success(t('forms.task.made'));
      await client.invalidateQueries({ queryKey: ['forms', 'tasks'] });
      close();
    },
  });
  const good = title.trim().length > 0 && read.targets.length > 0 && read.faults.length === 0 && chosen.length > 0;
  return (
    <Panel title={t('forms.task.new')}>
      <div className="stack-s" style={{ maxWidth: 720 }}>
        <label htmlFor={`${id}-t`}>{t('forms.task.title')}</label>
        <Input id={`${id}-t`} maxLength={200} value={title} onChange={(e) => setTitle(e.target.value)} />
        <label htmlFor={`${id}-n`}>{t('forms.task.note')}</label>
        <Input.TextArea
          id={`${id}-n`}
          rows={2}
          maxLength={1000}
          value={note}
          onChange={(e) => setNote(e.target.value)}
        />
        <label htmlFor={`${id}-d`}>{t('forms.task.days')}</label>
        <InputNumber id={`${id}-d`} min={1} max={250} value={days} onChange={setDays} />
        <label htmlFor={`${id}-l`}>{t('forms.task.targets')}</label>
        <Input.TextArea
          id={`${id}-l`}
          rows={6}
          value={lines}
          placeholder={t('forms.task.targets-example')}
          onChange={(e) => setLines(e.target.value)}
        />
        <p className="small quiet" aria-live="polite">
          {t('forms.task.targets-hint')} {t('forms.task.targets-n', { n: read.targets.length })}
        </p>
        {read.faults.slice(0, 5).map((fault) => (
          <p key={fault.line} className="small bad-text">
            {fault[language]}
          </p>
        ))}
        <label htmlFor={`${id}-p`}>{t('forms.task.collectors')}</label>
        <Select
          id={`${id}-p`}
          mode="multiple"
          aria-label={t('forms.task.collectors')}
          value={chosen}
          onChange={setChosen}
          loading={people.isPending}
          options={(people.data?.items ?? []).map((p) => ({ value: p.login, label: `${p.name} (${p.login})` }))}
        />
        {people.isError ? <Failure error={people.error} /> : null}
        {chosen.length > 1
          ? chosen.map((login) => (
              <div key={login} className="row">
                <label htmlFor={`${id}-${login}`} className="small">
                  {t('forms.task.divisions', { who: people.data?.items.find((p) => p.login === login)?.name ?? login })}
                </label>
                <Input
                  id={`${id}-${login}`}
                  style={{ maxWidth: 320 }}
                  value={divisions[login] ?? ''}
                  onChange={(e) => setDivisions({ ...divisions, [login]: e.target.value })}
                />
              </div>
            ))
          : null}
        {make.isError ? <Failure error={make.error} /> : null}
        <div className="row">
          <Button type="primary" disabled={!good} loading={make.isPending} onClick={() => make.mutate()}>
            {t('forms.task.hand-out')}
          </Button>
          <Button onClick={close}>{t('common.cancel')}</Button>
        </div>
      </div>
    </Panel>
  );
}
