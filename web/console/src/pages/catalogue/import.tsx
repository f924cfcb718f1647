/** A filled-in form becomes drafts: looked at first, every fault with its cell, then kept. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { App, Button } from 'antd';
import { useState } from 'react';
import { type Answer, sendFile, urlOf } from '../../api/client.ts';
import { FileDrop } from '../../components/drop.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { useSpeech } from '../../i18n/index.ts';

type Read = Answer<'/api/v1/catalogue/import', 'post'>;
const address = (file: File, dry: boolean) =>
  urlOf('/api/v1/catalogue/import', {}, { name: file.name, dry: String(dry) });

export default function Import() {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [read, setRead] = useState<{ file: File; answer: Read }>();
  const keep = useMutation({
    mutationFn: (file: File) =>
      sendFile<Read>(address(file, false), file, () => undefined, new AbortController().signal),
    onSuccess: async (answer, file) => {
      setRead({ file, answer });
      if (answer.made.length) void message.success(t('entries.import.made', { n: answer.made.length }));
      await client.invalidateQueries({ queryKey: ['catalogue'] });
    },
  });
  const [last, setLast] = useState<File>();
  return (
    <Page
      title={t('titles.entry-import')}
      back={{ to: '/catalogue/desk', label: t('titles.entry-desk') }}
      lead={t('entries.import.lead')}
      actions={<Button href="/api/v1/catalogue/form">{t('entries.import.form')}</Button>}
    >
      <div className="stack">
        <FileDrop<Read>
          address={(file) => {
            setLast(file);
            setRead(undefined);
            return address(file, true);
          }}
          title={t('entries.import.drop')}
          note={t('entries.import.note')}
          sending={(name) => t('verify.sending', { name })}
          onSent={(answer) => setRead((before) => ({ file: before?.file ?? (undefined as never), answer }))}
        />
        {keep.error ? <Failure error={keep.error} /> : null}
        {read ? (
          <Outcome read={read.answer} busy={keep.isPending} onKeep={last ? () => keep.mutate(last) : undefined} />
        ) : null}
      </div>
    </Page>
  );
}

function Outcome({ read, busy, onKeep }: { read: Read; busy: boolean; onKeep: (() => void) | undefined }) {
  const { t, say } = useSpeech();
  const made = read.made.length > 0;
  const passed = read.columns.filter((c) => c.meaning === null);
  return (
    <>
      <Panel
        title={t('entries.import.read', { sheet: read.sheet, rows: read.rows, n: read.total })}
        extra={
          made ? (
            <Link to="/catalogue/desk">{t('entries.import.to-desk')}</Link>
          ) : (
            <Button type="primary" disabled={read.errorsTotal > 0 || read.total === 0} loading={busy} onClick={onKeep}>
              {t('entries.import.keep', { n: read.total })}
            </Button>
          )
        }
      >
        <div className="stack-s">
          <p>
            {made
              ? t('entries.import.made', { n: read.made.length })
              : read.errorsTotal
                ? t('entries.import.faults', { n: read.errorsTotal })
                : t('entries.import.no-faults')}
          </p>
          {passed.length ? (
            <p className="small quiet">
              {t('entries.import.passed')} {passed.map((c) => `${c.cell} ${c.header}`).join('、')}
            </p>
          ) : null}
        </div>
      </Panel>
      {read.errors.length ? (
        <Panel title={t('entries.import.faults-title', { n: read.errorsTotal })} flush>
          <DataTable
            caption={t('entries.import.faults-title', { n: read.errorsTotal })}
            rows={read.errors}
            rowKey={(row, i) => `${row.cell} ${i}`}
            columns={[
              {
                key: 'cell',
                title: t('entries.import.cell'),
                head: true,
                tight: true,
                render: (row) => <span className="mono">{row.cell}</span>,
              },
              {
                key: 'value',
                title: t('entries.import.value'),
                render: (row) => row.value || <span className="quiet">—</span>,
              },
              { key: 'what', title: t('entries.import.fault'), render: (row) => say(row) },
              {
                key: 'code',
                title: t('entries.import.code'),
                render: (row) => <span className="mono small quiet">{row.code}</span>,
              },
            ]}
          />
        </Panel>
      ) : null}
      <Panel title={t('entries.import.entries', { n: read.total })} flush>
        <DataTable
          caption={t('entries.import.entries', { n: read.total })}
          rows={read.entries}
          rowKey={(row) => row.cell}
          empty={<Empty title={t('entries.import.none')} />}
          columns={[
            {
              key: 'cell',
              title: t('entries.import.cell'),
              tight: true,
              render: (row) => <span className="mono">{row.cell}</span>,
            },
            { key: 'title', title: t('catalogue.resource'), head: true, render: (row) => row.title },
            {
              key: 'provider',
              title: t('exchange.owner'),
              render: (row) => (row.provider ? say(row.provider.name) : '—'),
            },
            { key: 'items', title: t('catalogue.items'), align: 'end', render: (row) => row.items },
            {
              key: 'findings',
              title: t('entries.import.to-complete'),
              tight: true,
              render: (row) => (
                <span className="row" style={{ gap: 4 }}>
                  {row.errors ? <Label tone="bad">{t('entries.errors-n', { n: row.errors })}</Label> : null}
                  {row.warnings ? <Label tone="warn">{t('entries.warnings-n', { n: row.warnings })}</Label> : null}
                  {row.errors + row.warnings === 0 ? <Label tone="good">{t('entries.no-errors')}</Label> : null}
                </span>
              ),
            },
          ]}
        />
      </Panel>
    </>
  );
}
