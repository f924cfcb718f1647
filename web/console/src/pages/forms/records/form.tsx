/** One form: its records, its tasks, its versions; the ways to design, fill in, import, export and print it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { App, Button, Input, Tabs } from 'antd';
import { useState } from 'react';
import { Figure, Figures, Num } from '../../../components/figure.tsx';
import { Label, Page, Panel, useTabTitle } from '../../../components/page.tsx';
import { Failure, Loaded } from '../../../components/states.tsx';
import { DataTable } from '../../../components/table.tsx';
import { Instant } from '../../../components/value.tsx';
import { useSpeech } from '../../../i18n/index.ts';
import { useUrlState } from '../../../router.tsx';
import { useWords } from '../fill/context.tsx';
import { hub } from '../shared/hub.ts';
import { FormLabel } from '../shared/parts.tsx';
import type { FormDetail } from '../shared/types.ts';
import { RecordsList } from './list.tsx';
import { Tasks } from './tasks.tsx';
import '../../../styles/forms.css';

/** A form as the hub tells it. */
export function useForm(id: string) {
  return useQuery({
    queryKey: ['forms', 'form', id],
    queryFn: ({ signal }) => hub.get<FormDetail>('/api/v1/forms/{form}', { params: { form: id }, signal }),
  });
}

export default function Form() {
  const { t } = useSpeech();
  const { form } = useParams({ strict: false }) as { form: string };
  const query = useForm(form);
  return (
    <Loaded query={query} heading={t('titles.form')}>
      {(data) => <One form={data} />}
    </Loaded>
  );
}

function One({ form }: { form: FormDetail }) {
  const { t, say } = useSpeech();
  const words = useWords();
  const url = useUrlState();
  useTabTitle(words(form.title));
  const tab = url.get('tab') || (form.version ? 'records' : 'versions');
  const params = { form: String(form.id) } as never;
  const published = form.version !== null && form.state === 'published';
  return (
    <Page
      title={words(form.title)}
      back={{ to: '/forms', label: t('titles.forms') }}
      lead={say(form.organisation.name)}
      actions={
        <>
          {form.may.fill && published ? (
            <Link to="/collect/fill/$draft" params={{ draft: 'new' } as never} search={{ form: form.id } as never}>
              <Button type="primary">{t('forms.collect.fill')}</Button>
            </Link>
          ) : null}
          {form.may.fill && published ? (
            <Link to="/forms/$form/import" params={params}>
              <Button>{t('titles.form-import')}</Button>
            </Link>
          ) : null}
          {form.version ? (
            <Link to="/forms/$form/print" params={params}>
              <Button>{t('forms.print.empty')}</Button>
            </Link>
          ) : null}
          {form.may.design ? (
            <Link to="/forms/$form/design" params={params}>
              <Button type={published ? 'default' : 'primary'}>{t('titles.form-design')}</Button>
            </Link>
          ) : null}
        </>
      }
    >
      <div className="stack">
        <Figures>
          <Figure label={t('forms.records')}>
            <Num value={form.records.total} />
          </Figure>
          <Figure label={t('forms.list.waiting')} tone={form.records.waiting ? 'warn' : undefined}>
            <Num value={form.records.waiting} />
          </Figure>
          <Figure label={t('forms.state.accepted')}>
            <Num value={form.records.accepted} />
          </Figure>
          <Figure label={t('forms.conflicts')} tone={form.records.conflicts ? 'bad' : undefined}>
            <Num value={form.records.conflicts} />
          </Figure>
          <Figure
            label={t('forms.source')}
            note={
              form.source ? (
                <Link to="/exchange/sources/$source" params={{ source: form.source } as never}>
                  {form.source}
                </Link>
              ) : (
                t('forms.source-none')
              )
            }
          >
            <FormLabel state={form.state} />
          </Figure>
        </Figures>
        <Tabs
          activeKey={tab}
          onChange={(key) => url.set({ tab: key, offset: undefined })}
          items={[
            ...(form.version && form.may.read
              ? [{ key: 'records', label: t('forms.records'), children: <RecordsList form={form} /> }]
              : []),
            ...(form.version ? [{ key: 'tasks', label: t('forms.tasks'), children: <Tasks form={form} /> }] : []),
            { key: 'versions', label: t('forms.versions'), children: <Versions form={form} /> },
          ]}
        />
      </div>
    </Page>
  );
}

function Versions({ form }: { form: FormDetail }) {
  const { t } = useSpeech();
  return (
    <div className="stack">
      <Panel title={t('forms.versions')}>
        <DataTable
          caption={t('forms.versions')}
          rows={form.versions}
          rowKey={(row) => row.version}
          empty={<p className="quiet">{t('forms.versions-none')}</p>}
          columns={[
            {
              key: 'n',
              title: t('forms.versions'),
              head: true,
              render: (row) => t('forms.version', { n: row.version }),
            },
            {
              key: 'state',
              title: t('forms.list.state'),
              tight: true,
              render: (row) => <FormLabel state={row.state} />,
            },
            { key: 'at', title: t('forms.published-at'), render: (row) => <Instant at={row.publishedAt} /> },
            { key: 'by', title: t('forms.published-by'), render: (row) => row.publishedBy ?? '—' },
            {
              key: 'old',
              title: t('forms.old'),
              render: (row) => (row.old ? <Label>{t(`forms.old-${row.old}`)}</Label> : '—'),
            },
            { key: 'note', title: t('forms.note'), render: (row) => row.note ?? '—' },
            { key: 'records', title: t('forms.records'), align: 'end', render: (row) => <Num value={row.records} /> },
          ]}
        />
      </Panel>
      {form.may.design && form.state === 'published' ? <Retire form={form} /> : null}
    </div>
  );
}

function Retire({ form }: { form: FormDetail }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const retire = useMutation({
    mutationFn: () =>
      hub.post('/api/v1/forms/{form}/retire', { params: { form: form.id }, body: { reason: reason.trim() } }),
    onSuccess: async () => {
      void message.success(t('forms.retired'));
      await client.invalidateQueries({ queryKey: ['forms'] });
    },
  });
  return (
    <details className="panel panel-body fold">
      <summary>{t('forms.retire')}</summary>
      <div className="stack-s">
        <p className="small">{t('forms.retire-text')}</p>
        <label htmlFor="retire-reason">{t('common.reason')}</label>
        <Input id="retire-reason" maxLength={500} value={reason} onChange={(e) => setReason(e.target.value)} />
        {retire.isError ? <Failure error={retire.error} /> : null}
        <div>
          <Button danger disabled={reason.trim().length < 2} loading={retire.isPending} onClick={() => retire.mutate()}>
            {t('forms.retire')}
          </Button>
        </div>
      </div>
    </details>
  );
}
