/** The versions of an entry held against each other, and every step that it took. */
import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Label, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import type { EntryDetail } from './entry-parts.tsx';

export function Versions({ entry }: { entry: EntryDetail }) {
  const { t } = useSpeech();
  return (
    <div className="stack">
      <Panel title={t('entries.tab.versions')} flush>
        <DataTable
          caption={t('entries.tab.versions')}
          rows={entry.versions}
          rowKey={(row) => row.version}
          columns={[
            { key: 'version', title: t('catalogue.version'), head: true, tight: true, render: (row) => row.version },
            {
              key: 'state',
              title: t('entries.state-title'),
              tight: true,
              render: (row) => (
                <span className="row" style={{ gap: 4 }}>
                  <Label tone={row.version === entry.version ? 'good' : undefined}>
                    {row.version === entry.version ? t('entries.in-force') : t(`entries.working.${row.state}`)}
                  </Label>
                  {row.kind === 'retire' ? <Label tone="bad">{t('entries.retiring')}</Label> : null}
                  {row.overdue ? <Label tone="bad">{t('entries.was-overdue')}</Label> : null}
                </span>
              ),
            },
            { key: 'origin', title: t('entries.origin-title'), render: (row) => t(`entries.origin.${row.origin}`) },
            {
              key: 'by',
              title: t('entries.made-by'),
              render: (row) => (row.madeBy === 'system' ? t('entries.system') : row.madeBy),
            },
            { key: 'at', title: t('entries.made-at'), tight: true, render: (row) => <Instant at={row.madeAt} /> },
            {
              key: 'decided',
              title: t('entries.decided-at'),
              tight: true,
              render: (row) => instant(row.decidedAt) || '—',
            },
          ]}
        />
      </Panel>
      {entry.versions.length > 1 ? <Compare entry={entry} /> : null}
    </div>
  );
}

function Compare({ entry }: { entry: EntryDetail }) {
  const { t, say } = useSpeech();
  const numbers = entry.versions.map((v) => v.version);
  const [to, setTo] = useState(numbers[0]!);
  const [from, setFrom] = useState(numbers[1]!);
  const differences = useQuery({
    queryKey: ['catalogue', 'entry', entry.id, 'compare', from, to],
    queryFn: ({ signal }) =>
      api.get('/api/v1/catalogue/entries/{id}/compare', { params: { id: entry.id }, query: { from, to }, signal }),
  });
  const options = numbers.map((value) => ({ value, label: t('entries.version-n', { n: value }) }));
  const changes = { added: 'good', removed: 'bad', changed: 'info' } as const;
  return (
    <Panel
      title={t('entries.compare')}
      extra={
        <>
          <Select
            aria-label={t('entries.compare-from')}
            size="small"
            value={from}
            options={options}
            onChange={setFrom}
          />
          →
          <Select aria-label={t('entries.compare-to')} size="small" value={to} options={options} onChange={setTo} />
        </>
      }
    >
      <Loaded query={differences}>
        {(data) => {
          const rows = [
            ...data.fields.map((f) => ({ key: f.pointer, what: say(f.title), change: 'changed' as const, ...f })),
            ...data.items.flatMap((i) =>
              i.change === 'changed'
                ? i.fields.map((f) => ({
                    ...{ key: `${i.name} ${f.pointer}`, what: `${t('entries.item')} ${i.name} · ${say(f.title)}` },
                    ...{ change: i.change, before: f.before, after: f.after },
                  }))
                : [
                    {
                      ...{ key: i.name, what: `${t('entries.item')} ${i.name}`, change: i.change },
                      ...{
                        before: i.change === 'removed' ? i.name : null,
                        after: i.change === 'added' ? i.name : null,
                      },
                    },
                  ],
            ),
          ];
          return (
            <DataTable
              caption={t('entries.compare')}
              rows={rows}
              rowKey={(row) => row.key}
              empty={<Empty title={t('entries.same')} />}
              columns={[
                { key: 'what', title: t('entries.what'), head: true, render: (row) => row.what },
                {
                  key: 'change',
                  title: t('entries.changed'),
                  tight: true,
                  render: (row) => <Label tone={changes[row.change]}>{t(`entries.changes.${row.change}`)}</Label>,
                },
                {
                  key: 'before',
                  title: t('entries.before'),
                  render: (row) => row.before ?? <span className="quiet">—</span>,
                },
                {
                  key: 'after',
                  title: t('entries.after'),
                  render: (row) => row.after ?? <span className="quiet">—</span>,
                },
              ]}
            />
          );
        }}
      </Loaded>
    </Panel>
  );
}

export function History({ entry }: { entry: EntryDetail }) {
  const { t } = useSpeech();
  return (
    <Panel title={t('entries.tab.history')} flush>
      <DataTable
        caption={t('entries.tab.history')}
        rows={entry.history}
        rowKey={(row, i) => `${row.at} ${i}`}
        columns={[
          { key: 'at', title: t('entries.at'), tight: true, render: (row) => <Instant at={row.at} /> },
          { key: 'version', title: t('catalogue.version'), align: 'end', render: (row) => row.version },
          {
            key: 'step',
            title: t('entries.step-title'),
            head: true,
            tight: true,
            render: (row) => t(`entries.steps.${row.step}`),
          },
          {
            key: 'by',
            title: t('entries.by'),
            render: (row) => row.by ?? <span className="quiet">{t('entries.system')}</span>,
          },
          {
            key: 'reasons',
            title: t('entries.reasons'),
            render: (row) =>
              row.reasons.length ? (
                <ol className="plain-list numbered">
                  {row.reasons.map((r) => (
                    <li key={r}>{r}</li>
                  ))}
                </ol>
              ) : (
                <span className="quiet">—</span>
              ),
          },
        ]}
      />
    </Panel>
  );
}
