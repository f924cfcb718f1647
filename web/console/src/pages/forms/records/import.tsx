/** Spreadsheets: the template, a file looked at first with every fault at its cell, the good rows taken, the faulty ones fetched to be mended. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { App, Button, Checkbox } from 'antd';
import { useState } from 'react';
import { urlOf } from '../../../api/client.ts';
import { download } from '../../../api/download.ts';
import { FileDrop } from '../../../components/drop.tsx';
import { Figure, Figures, Num } from '../../../components/figure.tsx';
import { Label, Page, Panel } from '../../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../../components/states.tsx';
import { DataTable } from '../../../components/table.tsx';
import { Value } from '../../../components/value.tsx';
import { useSpeech } from '../../../i18n/index.ts';
import { useWords } from '../fill/context.tsx';
import { hub } from '../shared/hub.ts';
import { type Design, listedOf, shownText } from '../shared/pure.ts';
import type { FormDetail, ImportAnswer } from '../shared/types.ts';
import { useForm } from './form.tsx';

export default function ImportPage() {
  const { t } = useSpeech();
  const { form } = useParams({ strict: false }) as { form: string };
  const query = useForm(form);
  return (
    <Loaded query={query} heading={t('titles.form-import')}>
      {(data) =>
        data.design ? <Importing form={data} design={data.design} /> : <Empty title={t('forms.fill.no-form')} />
      }
    </Loaded>
  );
}

function Importing({ form, design }: { form: FormDetail; design: Design }) {
  const { t } = useSpeech();
  const words = useWords();
  const [read, setRead] = useState<ImportAnswer | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const params = { form: form.id };
  return (
    <Page
      title={t('titles.form-import')}
      lead={t('forms.import.lead')}
      back={{ to: `/forms/${form.id}`, label: words(form.title) }}
      actions={
        <Button
          onClick={() => {
            setFault(null);
            download(urlOf('/api/v1/forms/{form}/template', params)).catch(setFault);
          }}
        >
          {t('forms.import.template')}
        </Button>
      }
    >
      <div className="stack">
        {fault ? <Failure error={fault} /> : null}
        <FileDrop<ImportAnswer>
          address={(file) => {
            setRead(null);
            return urlOf('/api/v1/forms/{form}/imports', params, { name: file.name });
          }}
          title={t('forms.import.drop')}
          note={t('forms.import.note')}
          sending={(name) => t('verify.sending', { name })}
          onSent={setRead}
        />
        {read ? <Outcome form={form} design={design} read={read} changed={setRead} /> : null}
      </div>
    </Page>
  );
}

function Outcome(props: {
  form: FormDetail;
  design: Design;
  read: ImportAnswer;
  changed: (read: ImportAnswer) => void;
}) {
  const { t, language } = useSpeech();
  const words = useWords();
  const { message } = App.useApp();
  const client = useQueryClient();
  const { form, design, read } = props;
  const [submit, setSubmit] = useState(true);
  const [fault, setFault] = useState<unknown>(null);
  const params = { form: form.id, import: read.id };
  const apply = useMutation({
    mutationFn: () =>
      hub.post<ImportAnswer>('/api/v1/forms/{form}/imports/{import}/apply', {
        params,
        body: { mode: read.bad ? 'good' : 'whole', submit },
      }),
    onSuccess: async (answer) => {
      props.changed(answer);
      void message.success(t('forms.import.applied', { n: answer.applied }));
      await client.invalidateQueries({ queryKey: ['forms'] });
    },
  });
  const unknown = read.columns.filter((column) => column.field === null);
  const columns = listedOf(design);
  return (
    <>
      <Figures>
        <Figure label={t('forms.import.rows')}>
          <Num value={read.rows} />
        </Figure>
        <Figure label={t('forms.import.good')} tone="good">
          <Num value={read.good} />
        </Figure>
        <Figure label={t('forms.import.bad')} tone={read.bad ? 'bad' : undefined}>
          <Num value={read.bad} />
        </Figure>
        <Figure label={t('forms.import.taken')}>
          <Num value={read.applied} />
        </Figure>
      </Figures>
      {unknown.length ? (
        <p className="note warn">
          {t('forms.import.unknown')} {unknown.map((column) => `${column.cell} ${column.header}`).join('、')}
        </p>
      ) : null}
      {read.state === 'checked' ? (
        <div className="row">
          <Button type="primary" disabled={read.good === 0} loading={apply.isPending} onClick={() => apply.mutate()}>
            {t(read.bad ? 'forms.import.take-good' : 'forms.import.take-all', { n: read.good })}
          </Button>
          <Checkbox checked={submit} onChange={(e) => setSubmit(e.target.checked)}>
            {t('forms.import.submit')}
          </Checkbox>
        </div>
      ) : null}
      {read.state === 'applied' ? (
        <p className="note good">
          {t('forms.import.applied', { n: read.applied })}{' '}
          <Link to="/forms/$form" params={{ form: String(form.id) } as never}>
            {t('forms.import.see')}
          </Link>
        </p>
      ) : null}
      {apply.isError ? <Failure error={apply.error} /> : null}
      {read.faults.length ? (
        <Panel
          title={t('forms.import.faults', { n: read.faultsTotal })}
          extra={
            <Button
              size="small"
              onClick={() => {
                setFault(null);
                download(urlOf('/api/v1/forms/{form}/imports/{import}/faults', params)).catch(setFault);
              }}
            >
              {t('forms.import.fetch-faults')}
            </Button>
          }
          flush
        >
          {fault ? <Failure error={fault} /> : null}
          <DataTable
            caption={t('forms.import.faults', { n: read.faultsTotal })}
            rows={read.faults}
            rowKey={(row, n) => `${row.cell}-${n}`}
            columns={[
              {
                key: 'cell',
                title: t('forms.import.cell'),
                tight: true,
                head: true,
                render: (row) => <code>{row.cell}</code>,
              },
              { key: 'value', title: t('forms.import.value'), render: (row) => <Value value={row.value} /> },
              { key: 'fault', title: t('forms.import.fault'), render: (row) => row[language] },
            ]}
          />
        </Panel>
      ) : null}
      {read.preview.length ? (
        <Panel title={t('forms.import.preview')} flush>
          <DataTable
            caption={t('forms.import.preview')}
            rows={read.preview}
            rowKey={(row) => row.row}
            columns={[
              { key: 'row', title: t('common.place.row'), tight: true, head: true, render: (row) => row.row },
              {
                key: 'good',
                title: t('forms.list.state'),
                tight: true,
                render: (row) => (
                  <Label tone={row.good ? 'good' : 'bad'}>
                    {t(row.good ? 'forms.import.is-good' : 'forms.import.is-bad')}
                  </Label>
                ),
              },
              ...columns.map((field) => ({
                key: field.name,
                title: words(field.title),
                render: (row: ImportAnswer['preview'][number]) => (
                  <Value value={shownText(field, row.values[field.name], language)} />
                ),
              })),
            ]}
          />
        </Panel>
      ) : null}
    </>
  );
}
