/** The records of a form: filters, columns to choose, many handled at once, export. */
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { App, Button, Checkbox, Input, Popover } from 'antd';
import { useState } from 'react';
import { ApiProblem, urlOf } from '../../../api/client.ts';
import { download } from '../../../api/download.ts';
import { ChoiceFilter, DateFilter, Filters, TextFilter } from '../../../components/filters.tsx';
import { Label, Panel } from '../../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../../components/states.tsx';
import { type Column, DataTable, Pager } from '../../../components/table.tsx';
import { Instant, Value } from '../../../components/value.tsx';
import { day } from '../../../format/index.ts';
import { useSpeech } from '../../../i18n/index.ts';
import { useUrlState } from '../../../router.tsx';
import { useWords } from '../fill/context.tsx';
import { hub } from '../shared/hub.ts';
import { RecordLabel } from '../shared/parts.tsx';
import { type Design, hasValue, listedOf, shownText } from '../shared/pure.ts';
import type { FormDetail, RecordItem, StepName } from '../shared/types.ts';

const size = 50;
const states = ['draft', 'submitted', 'checked', 'accepted', 'returned', 'withdrawn'] as const;

/** Columns that were chosen on this device, by form. */
function useColumns(form: FormDetail, design: Design): [string[], (names: string[]) => void] {
  const key = `jingwei.forms.columns.${form.id}`;
  const [names, setNames] = useState<string[]>(() => {
    const kept = localStorage.getItem(key);
    const listed = listedOf(design).map((f) => f.name);
    return kept === null ? listed : kept.split(',').filter((n) => listed.includes(n));
  });
  return [
    names,
    (next) => {
      localStorage.setItem(key, next.join(','));
      setNames(next);
    },
  ];
}

export function RecordsList({ form }: { form: FormDetail }) {
  return form.design ? <List form={form} design={form.design} /> : null;
}

function List({ form, design }: { form: FormDetail; design: Design }) {
  const { t, language } = useSpeech();
  const words = useWords();
  const url = useUrlState();
  const [columns, setColumns] = useColumns(form, design);
  const [chosen, setChosen] = useState<ReadonlyMap<string, RecordItem>>(new Map());
  const [fault, setFault] = useState<unknown>(null);
  const query = {
    q: url.get('q'),
    state: url.all('state'),
    from: url.get('from') || undefined,
    to: url.get('to') || undefined,
    overdue: url.get('only') === 'overdue' ? 'true' : undefined,
    conflict: url.get('only') === 'conflict' ? 'true' : undefined,
    mine: url.get('only') === 'mine' ? 'true' : undefined,
    task: url.get('task') || undefined,
    sort: url.get('sort') || undefined,
    offset: url.number('offset', 0),
    limit: size,
  };
  const records = useQuery({
    queryKey: ['forms', 'records', form.id, query],
    queryFn: ({ signal }) =>
      hub.get<{ items: RecordItem[]; total: number }>('/api/v1/forms/{form}/records', {
        params: { form: form.id },
        query,
        signal,
      }),
    placeholderData: keepPreviousData,
  });
  const listed = listedOf(design);
  // What names the record stands in its own column already.
  const naming = design.caption ?? design.fields.find((f) => f.kind === 'text' || f.kind === 'relation')?.name;
  const shown = listed.filter((f) => columns.includes(f.name) && f.name !== naming);
  const pick = (row: RecordItem, on: boolean) => {
    const next = new Map(chosen);
    if (on) next.set(row.id, row);
    else next.delete(row.id);
    setChosen(next);
  };
  const page = records.data?.items ?? [];
  const allOn = page.length > 0 && page.every((row) => chosen.has(row.id));
  const table: Column<RecordItem>[] = [
    ...(form.may.handle
      ? [
          {
            key: 'pick',
            tight: true,
            title: (
              <Checkbox
                aria-label={t('forms.choose-all')}
                checked={allOn}
                onChange={(e) => {
                  const next = new Map(chosen);
                  for (const row of page)
                    if (e.target.checked) next.set(row.id, row);
                    else next.delete(row.id);
                  setChosen(next);
                }}
              />
            ),
            render: (row: RecordItem) => (
              <Checkbox
                aria-label={t('forms.choose-one', { name: row.caption || row.id })}
                checked={chosen.has(row.id)}
                onChange={(e) => pick(row, e.target.checked)}
              />
            ),
          },
        ]
      : []),
    {
      key: 'caption',
      title: t('forms.record'),
      head: true,
      render: (row) => (
        <Link to="/forms/$form/records/$record" params={{ form: String(form.id), record: row.id } as never}>
          <Value value={row.caption || row.id.slice(0, 8)} />
        </Link>
      ),
    },
    {
      key: 'state',
      title: t('forms.list.state'),
      tight: true,
      render: (row) => (
        <span className="row" style={{ gap: 6 }}>
          <RecordLabel state={row.state} />
          {row.conflicts ? <Label tone="bad">{t('forms.conflicts')}</Label> : null}
          {row.overdue ? (
            <Label tone="bad">{t('forms.overdue')}</Label>
          ) : row.due ? (
            <Label>{t('forms.due', { day: day(row.due) })}</Label>
          ) : null}
        </span>
      ),
    },
    ...shown.map((field) => ({
      key: field.name,
      title: words(field.title),
      ...(field.kind === 'integer' || field.kind === 'decimal' ? { align: 'end' as const } : {}),
      tight: ['date', 'datetime', 'citizen-id', 'phone', 'uscc', 'boolean'].includes(field.kind),
      render: (row: RecordItem) => <Value value={shownText(field, row.listed[field.name], language)} />,
    })),
    { key: 'by', title: t('forms.filled-by'), tight: true, render: (row) => row.filledBy.name },
    { key: 'at', title: t('common.updated'), tight: true, render: (row) => <Instant at={row.updatedAt} only="day" /> },
  ];
  return (
    <Panel
      title={t('forms.records')}
      extra={
        <>
          <Popover
            trigger="click"
            placement="bottomRight"
            content={
              <Checkbox.Group
                className="column-choice"
                value={columns}
                onChange={(next) => setColumns(next as string[])}
                options={listed.filter(hasValue).map((f) => ({ value: f.name, label: words(f.title) }))}
              />
            }
          >
            <Button size="small">{t('forms.columns')}</Button>
          </Popover>
          {(['xlsx', 'csv'] as const).map((format) => (
            <Button
              key={format}
              size="small"
              onClick={() => {
                setFault(null);
                download(
                  urlOf('/api/v1/forms/{form}/export', { form: form.id }, { format, state: url.all('state') }),
                ).catch(setFault);
              }}
            >
              {t('forms.export', { format: format.toUpperCase() })}
            </Button>
          ))}
        </>
      }
    >
      <div className="stack-s">
        <Filters keys={['q', 'state', 'only', 'from', 'to', 'task']}>
          <TextFilter name="q" label={t('common.search')} />
          <ChoiceFilter
            name="state"
            label={t('forms.list.state')}
            choices={states.map((value) => ({ value, label: t(`forms.state.${value}`) }))}
          />
          <ChoiceFilter
            name="only"
            label={t('forms.only.label')}
            choices={(['mine', 'overdue', 'conflict'] as const).map((value) => ({
              value,
              label: t(`forms.only.${value}`),
            }))}
          />
          <DateFilter name="from" label={t('common.from')} />
          <DateFilter name="to" label={t('common.to')} />
        </Filters>
        {fault ? <Failure error={fault} /> : null}
        {chosen.size ? <Bulk form={form} chosen={chosen} done={() => setChosen(new Map())} /> : null}
        <Loaded query={records}>
          {(data) => (
            <>
              <DataTable
                caption={t('forms.records')}
                rows={data.items}
                rowKey={(row) => row.id}
                chosen={(row) => chosen.has(row.id)}
                empty={<Empty title={t('forms.records-none')}>{t('forms.records-none-text')}</Empty>}
                columns={table}
              />
              <Pager
                offset={query.offset}
                limit={size}
                total={data.total}
                onOffset={(offset) => url.set({ offset: offset || undefined })}
              />
            </>
          )}
        </Loaded>
      </div>
    </Panel>
  );
}

/** One step for many records: one after the other, and what could not be done is said by name. */
function Bulk({ form, chosen, done }: { form: FormDetail; chosen: ReadonlyMap<string, RecordItem>; done: () => void }) {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState<number | null>(null);
  const [failed, setFailed] = useState<{ name: string; text: string }[]>([]);
  const run = async (action: StepName) => {
    const faults: typeof failed = [];
    let n = 0;
    for (const row of chosen.values()) {
      setBusy(n++);
      try {
        await hub.post('/api/v1/forms/{form}/records/{record}/steps', {
          params: { form: form.id, record: row.id },
          body: { action, revision: row.revision, ...(action === 'return' ? { reason: reason.trim() } : {}) },
        });
      } catch (error) {
        faults.push({
          name: row.caption || row.id.slice(0, 8),
          text: error instanceof ApiProblem ? say(error.body.title) : String(error),
        });
      }
    }
    setBusy(null);
    setFailed(faults);
    if (faults.length < chosen.size) void message.success(t('forms.bulk-done', { n: chosen.size - faults.length }));
    await client.invalidateQueries({ queryKey: ['forms'] });
    if (faults.length === 0) done();
  };
  return (
    <section className="note stack-s" aria-label={t('forms.bulk', { n: chosen.size })}>
      <div className="row">
        <span className="strong">{t('forms.bulk', { n: chosen.size })}</span>
        <Button type="primary" loading={busy !== null} onClick={() => void run('accept')}>
          {t('forms.step.accept')}
        </Button>
        <Button disabled={busy !== null} onClick={() => void run('check')}>
          {t('forms.step.check')}
        </Button>
        <Input
          style={{ maxWidth: 260 }}
          aria-label={t('forms.return-reason')}
          placeholder={t('forms.return-reason')}
          maxLength={500}
          value={reason}
          onChange={(e) => setReason(e.target.value)}
        />
        <Button disabled={busy !== null || reason.trim().length < 2} onClick={() => void run('return')}>
          {t('forms.step.return')}
        </Button>
        <Button type="text" onClick={done}>
          {t('common.cancel')}
        </Button>
      </div>
      {busy === null ? null : (
        <progress className="progress" aria-label={t('common.loading')} value={busy} max={chosen.size} />
      )}
      {failed.length ? (
        <ul className="small bad-text" aria-live="polite">
          {failed.map((one) => (
            <li key={one.name}>
              <span className="strong">{one.name}</span> {one.text}
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}
