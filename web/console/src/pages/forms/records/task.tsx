/** One collection task: who has done how much, every target with its record, handing targets to somebody else, closing it. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { App, Button, Checkbox, Select } from 'antd';
import { useState } from 'react';
import { Figure, Figures, Num } from '../../../components/figure.tsx';
import { ChoiceFilter, Filters } from '../../../components/filters.tsx';
import { Label, Page, Panel, useTabTitle } from '../../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../../components/states.tsx';
import { DataTable, Pager } from '../../../components/table.tsx';
import { day } from '../../../format/index.ts';
import { useSpeech } from '../../../i18n/index.ts';
import { useUrlState } from '../../../router.tsx';
import { useSession } from '../../../session/session.tsx';
import { useWords } from '../fill/context.tsx';
import { hub } from '../shared/hub.ts';
import { RecordLabel } from '../shared/parts.tsx';
import type { Person, TaskDetail } from '../shared/types.ts';

const size = 50;

export default function TaskPage() {
  const { t } = useSpeech();
  const { form, task } = useParams({ strict: false }) as { form: string; task: string };
  const url = useUrlState();
  const query = { done: url.get('done') || 'all', offset: url.number('offset', 0), limit: size };
  const detail = useQuery({
    queryKey: ['forms', 'task', form, task, query],
    queryFn: ({ signal }) =>
      hub.get<TaskDetail>('/api/v1/forms/{form}/tasks/{task}', { params: { form, task }, query, signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <Loaded query={detail} heading={t('titles.form-task')}>
      {(data) => <One task={data} offset={query.offset} />}
    </Loaded>
  );
}

function One({ task, offset }: { task: TaskDetail; offset: number }) {
  const { t } = useSpeech();
  const words = useWords();
  const url = useUrlState();
  const { may } = useSession();
  const { modal } = App.useApp();
  const client = useQueryClient();
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  useTabTitle(words(task.title));
  const params = { form: task.form, task: task.id };
  const close = useMutation({
    mutationFn: () => hub.post('/api/v1/forms/{form}/tasks/{task}/close', { params, body: {} }),
    onSettled: () => client.invalidateQueries({ queryKey: ['forms'] }),
  });
  const open = task.state === 'open' && may('forms.design');
  return (
    <Page
      title={words(task.title)}
      lead={task.note ?? undefined}
      back={{ to: `/forms/${task.form}`, label: words(task.formTitle) }}
      actions={
        open ? (
          <Button
            loading={close.isPending}
            onClick={() =>
              modal.confirm({
                title: t('forms.task.close'),
                content: t('forms.task.close-text'),
                okText: t('forms.task.close'),
                cancelText: t('common.cancel'),
                onOk: () => close.mutate(),
              })
            }
          >
            {t('forms.task.close')}
          </Button>
        ) : (
          <Label>{t(`forms.task.${task.state}`)}</Label>
        )
      }
    >
      <div className="stack">
        {close.isError ? <Failure error={close.error} /> : null}
        <Figures>
          <Figure label={t('forms.task.targets')}>
            <Num value={task.targets} />
          </Figure>
          <Figure label={t('forms.task.done')} tone={task.done === task.targets ? 'good' : undefined}>
            <Num value={task.done} />
          </Figure>
          <Figure
            label={t('forms.task.due')}
            tone={task.overdue ? 'bad' : undefined}
            note={task.overdue ? t('forms.overdue') : undefined}
          >
            {day(task.due)}
          </Figure>
        </Figures>
        <Panel title={t('forms.task.progress')} flush>
          <DataTable
            caption={t('forms.task.progress')}
            rows={task.progress}
            rowKey={(row) => row.assignee.login}
            columns={[
              { key: 'who', title: t('forms.task.collectors'), head: true, render: (row) => row.assignee.name },
              {
                key: 'progress',
                title: t('forms.task.progress'),
                render: (row) => (
                  <progress
                    className="progress"
                    aria-label={row.assignee.name}
                    value={row.done}
                    max={Math.max(1, row.targets)}
                  />
                ),
              },
              { key: 'n', title: t('forms.task.done'), align: 'end', render: (row) => `${row.done} / ${row.targets}` },
            ]}
          />
        </Panel>
        <Panel title={t('forms.task.targets')}>
          <div className="stack-s">
            <Filters keys={['done']}>
              <ChoiceFilter
                name="done"
                label={t('forms.list.state')}
                choices={[
                  { value: 'true', label: t('forms.task.done') },
                  { value: 'false', label: t('forms.task.todo') },
                ]}
              />
            </Filters>
            {open && chosen.size ? <Assign params={params} chosen={chosen} done={() => setChosen(new Set())} /> : null}
            <DataTable
              caption={t('forms.task.targets')}
              rows={task.items}
              rowKey={(row) => row.id}
              chosen={(row) => chosen.has(row.id)}
              empty={<Empty title={t('forms.task.no-targets')} />}
              columns={[
                ...(open
                  ? [
                      {
                        key: 'pick',
                        title: '',
                        tight: true,
                        render: (row: TaskDetail['items'][number]) => (
                          <Checkbox
                            aria-label={t('forms.choose-one', { name: row.title })}
                            checked={chosen.has(row.id)}
                            onChange={(e) => {
                              const next = new Set(chosen);
                              if (e.target.checked) next.add(row.id);
                              else next.delete(row.id);
                              setChosen(next);
                            }}
                          />
                        ),
                      },
                    ]
                  : []),
                { key: 'title', title: t('forms.task.target'), head: true, render: (row) => row.title },
                { key: 'division', title: t('forms.task.division'), render: (row) => row.division ?? '—' },
                { key: 'who', title: t('forms.task.collectors'), render: (row) => row.assignee?.name ?? '—' },
                {
                  key: 'record',
                  title: t('forms.record'),
                  tight: true,
                  render: (row) =>
                    row.record ? (
                      <Link
                        to="/forms/$form/records/$record"
                        params={{ form: String(task.form), record: row.record.id } as never}
                      >
                        <RecordLabel state={row.record.state} />
                      </Link>
                    ) : (
                      <span className="quiet">{t('forms.task.todo')}</span>
                    ),
                },
              ]}
            />
            <Pager
              offset={offset}
              limit={size}
              total={task.total}
              onOffset={(next) => url.set({ offset: next || undefined })}
            />
          </div>
        </Panel>
      </div>
    </Page>
  );
}

function Assign({
  params,
  chosen,
  done,
}: {
  params: { form: number; task: number };
  chosen: ReadonlySet<number>;
  done: () => void;
}) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const [login, setLogin] = useState<string | null>(null);
  const people = useQuery({
    queryKey: ['forms', 'people'],
    queryFn: ({ signal }) => hub.get<{ items: Person[] }>('/api/v1/forms/people', { signal }),
  });
  const assign = useMutation({
    mutationFn: () =>
      hub.post('/api/v1/forms/{form}/tasks/{task}/assign', { params, body: { targets: [...chosen], login } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['forms', 'task'] });
      done();
    },
  });
  return (
    <div className="note row">
      <span className="strong">{t('forms.task.chosen', { n: chosen.size })}</span>
      <Select
        aria-label={t('forms.task.collectors')}
        style={{ minWidth: 200 }}
        value={login}
        onChange={setLogin}
        options={(people.data?.items ?? []).map((p) => ({ value: p.login, label: p.name }))}
      />
      <Button type="primary" disabled={!login} loading={assign.isPending} onClick={() => assign.mutate()}>
        {t('forms.task.assign')}
      </Button>
      {assign.isError ? <Failure error={assign.error} /> : null}
    </div>
  );
}
