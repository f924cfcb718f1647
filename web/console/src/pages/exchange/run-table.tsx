import { Link } from '@tanstack/react-router';
import type { RunItem } from '../../api/types.ts';
import { Num } from '../../components/figure.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { bytes, duration } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { Parts } from './shared.tsx';

/** Runs, the newest first. */
export function RunTable({ runs, withSource = true }: { runs: readonly RunItem[]; withSource?: boolean }) {
  const { t, say, language } = useSpeech();
  return (
    <DataTable
      caption={t('titles.runs')}
      rows={runs}
      rowKey={(row) => row.run}
      columns={[
        {
          key: 'run',
          title: t('exchange.run.number'),
          head: true,
          tight: true,
          render: (row) => (
            <Link to="/exchange/runs/$run" params={{ run: String(row.run) } as never}>
              #{row.run}
            </Link>
          ),
        },
        ...(withSource
          ? [
              {
                key: 'source',
                title: t('exchange.source'),
                render: (row: RunItem) => (
                  <Link to="/exchange/sources/$source" params={{ source: row.source } as never}>
                    {say(row.title)}
                  </Link>
                ),
              },
            ]
          : []),
        { key: 'kind', title: t('exchange.run.kind'), tight: true, render: (row) => t(`terms.runKind.${row.kind}`) },
        {
          key: 'input',
          title: t('exchange.run.input'),
          render: (row) => (
            <span className="clip mono" style={{ maxWidth: '22em' }} title={row.input}>
              {row.input}
            </span>
          ),
        },
        {
          key: 'bytes',
          title: t('exchange.run.bytes'),
          align: 'end',
          render: (row) => <span className="num">{bytes(row.bytes)}</span>,
        },
        {
          key: 'received',
          title: t('exchange.received'),
          align: 'end',
          render: (row) => <Num value={row.received} exact />,
        },
        { key: 'parts', title: t('exchange.parts'), render: (row) => <Parts counters={row} width={90} /> },
        {
          key: 'quarantined',
          title: t('exchange.quarantined'),
          align: 'end',
          render: (row) => (
            <span className={row.quarantined ? 'warn-text' : 'quiet'}>
              <Num value={row.quarantined} exact />
            </span>
          ),
        },
        {
          key: 'took',
          title: t('exchange.run.took'),
          align: 'end',
          render: (row) => (
            <span title={`${Math.round(row.rate).toLocaleString('en-US')} ${t('common.rate')}`}>
              {duration(Date.parse(row.finished) - Date.parse(row.started), language)}
            </span>
          ),
        },
        {
          key: 'finished',
          title: t('exchange.run.finished'),
          tight: true,
          render: (row) => <Instant at={row.finished} />,
        },
      ]}
    />
  );
}
