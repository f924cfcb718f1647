/** Numbers of events by organisation, town, matter and channel, sorted as one likes; each opens into its list. */
import { Tabs } from 'antd';
import { Panel } from '../../components/page.tsx';
import { Empty } from '../../components/states.tsx';
import { type Column, DataTable } from '../../components/table.tsx';
import { percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { listLink } from './query.ts';
import { useNames, useSpan } from './shared.tsx';
import { Drill, type Statistics } from './statistics.tsx';

type Group = Statistics['all'];
const kinds = ['organisation', 'town', 'matter', 'channel'] as const;
type Kind = (typeof kinds)[number];

/** Figures that a table can be sorted by. */
const sorts: Record<string, (g: Group) => number> = {
  total: (g) => g.total,
  open: (g) => g.open,
  late: (g) => g.lateOpen,
  // The worst first; what has closed nothing stands last.
  onTime: (g) => (g.onTime === null ? -1 : 1 - g.onTime),
  handling: (g) => g.handleMinutes ?? -1,
  wrong: (g) => g.returned + g.transferred + g.reworked,
  rating: (g) => (g.rating === null ? -1 : 5 - g.rating),
};

export function Groups({ data }: { data: Statistics }) {
  const { t } = useSpeech();
  const url = useUrlState();
  const by = kinds.find((k) => k === url.get('by')) ?? 'organisation';
  return (
    <Panel title={t('events.groups')}>
      <Tabs
        activeKey={by}
        onChange={(key) => url.set({ by: key === 'organisation' ? undefined : key })}
        items={kinds.map((kind) => ({
          key: kind,
          label: t(`events.${kind}`),
          children: by === kind ? <Table kind={kind} data={data} /> : null,
        }))}
      />
    </Panel>
  );
}

function Table({ kind, data }: { kind: Kind; data: Statistics }) {
  const { t } = useSpeech();
  const url = useUrlState();
  const names = useNames();
  const span = useSpan();
  const sort = url.get('sort') in sorts ? url.get('sort') : 'total';
  const groups = { organisation: data.organisations, town: data.towns, matter: data.matters, channel: data.channels };
  const rows = groups[kind].toSorted((a, b) => sorts[sort]!(b) - sorts[sort]!(a));
  const most = Math.max(1, ...rows.map((g) => g.total));
  const title = (key: string): string => (key === '' ? t(`events.none-of.${kind}`) : names[kind](key));
  const to = (g: Group, more: Record<string, string> = {}) =>
    listLink({ from: data.from, until: data.until, [kind]: g.key, state: 'all', ...more });
  const head = (key: string, label: string) => (
    <button
      type="button"
      className="sort"
      aria-pressed={sort === key}
      onClick={() => url.set({ sort: key === 'total' ? undefined : key })}
    >
      {label} {sort === key ? '↓' : ''}
    </button>
  );
  const columns: Column<Group>[] = [
    {
      key: 'name',
      title: t(`events.${kind}`),
      head: true,
      render: (g) => (g.key === '' ? title('') : <Drill to={to(g)}>{title(g.key)}</Drill>),
    },
    {
      key: 'total',
      title: head('total', t('events.total')),
      align: 'end',
      render: (g) => (
        <span className="event-amount">
          <span className="num">{g.total}</span>
          <span className="bar" aria-hidden="true">
            <span style={{ width: `${Math.round((g.total / most) * 100)}%`, background: 'var(--jw-primary)' }} />
          </span>
        </span>
      ),
    },
    { key: 'open', title: head('open', t('events.open')), align: 'end', render: (g) => g.open },
    {
      key: 'late',
      title: head('late', t('events.late-open')),
      align: 'end',
      render: (g) =>
        g.lateOpen && g.key ? (
          <Drill to={to(g, { late: 'true', state: '' })}>
            <span className="bad-text">{g.lateOpen}</span>
          </Drill>
        ) : (
          g.lateOpen
        ),
    },
    {
      key: 'onTime',
      title: head('onTime', t('events.on-time')),
      align: 'end',
      render: (g) => (
        <span className={g.onTime !== null && g.onTime < 0.85 ? 'bad-text' : undefined}>{percent(g.onTime)}</span>
      ),
    },
    {
      key: 'handling',
      title: head('handling', t('events.mean-handling')),
      align: 'end',
      render: (g) => (g.handleMinutes === null ? '—' : span(g.handleMinutes)),
    },
    {
      key: 'wrong',
      title: head('wrong', t('events.went-wrong')),
      align: 'end',
      render: (g) => (
        <span title={t('events.turns-n', { returned: g.returned, transferred: g.transferred, reworked: g.reworked })}>
          {g.returned} / {g.transferred} / {g.reworked}
        </span>
      ),
    },
    {
      key: 'rating',
      title: head('rating', t('events.satisfaction')),
      align: 'end',
      render: (g) => (g.rating === null ? '—' : `${g.rating.toFixed(2)} (${g.rated})`),
    },
  ];
  return (
    <DataTable
      caption={`${t('events.groups')} · ${t(`events.${kind}`)}`}
      rows={rows}
      rowKey={(g) => g.key || '-'}
      columns={columns}
      empty={<Empty title={t('events.statistics-none')} />}
    />
  );
}
