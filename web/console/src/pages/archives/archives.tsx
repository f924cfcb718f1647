/** Archives: found by words and facets. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { type Answer, api } from '../../api/client.ts';
import { Figure, Figures } from '../../components/figure.tsx';
import { ChoiceFilter, Filters, TextFilter } from '../../components/filters.tsx';
import { Label, Page } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { bytes, day, full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';
import { ArchiveState, type Item } from './marks.tsx';

const size = 30;
const facets = ['state', 'organisation', 'year', 'category', 'retention'] as const;

export default function Archives() {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const { me } = useSession();
  const page = url.number('page', 1);
  const query = {
    q: url.get('q') || undefined,
    ...Object.fromEntries(facets.map((name) => [name, url.get(name) || undefined])),
    condition: url.get('condition') || undefined,
    page,
    size,
  };
  const found = useQuery({
    queryKey: ['archives', 'search', query],
    queryFn: ({ signal }) => api.get('/api/v1/archives', { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.items.some((i) => i.state === 'submitted' || i.state === 'archived') ? 3_000 : false,
  });
  const choices = (name: (typeof facets)[number]) =>
    (found.data?.facets[name] ?? []).map((f) => ({ value: f.value, label: `${say(f.title)} ${full(f.count)}` }));
  return (
    <Page
      title={t('titles.archives')}
      lead={t('archives.lead')}
      actions={
        me.permissions.includes('archive.deposit') ? (
          <Link to="/archive-deposit">
            <Button type="primary">{t('titles.archive-deposit')}</Button>
          </Link>
        ) : null
      }
    >
      <div className="stack">
        <Desk />
        <Filters keys={['q', ...facets, 'condition']}>
          <TextFilter name="q" label={t('archives.words')} hint={t('archives.words-hint')} width={280} />
          {facets.map((name) => (
            <ChoiceFilter
              key={name}
              name={name}
              label={t(`archives.facet.${name}`)}
              choices={choices(name)}
              width={name === 'organisation' ? 200 : 130}
            />
          ))}
        </Filters>
        <Loaded query={found}>
          {(data) => (
            <div className="stack-s">
              <DataTable
                caption={t('titles.archives')}
                rows={data.items}
                rowKey={(row) => row.id}
                empty={<Empty title={t('archives.empty')}>{t('archives.empty-text')}</Empty>}
                columns={columns(t, say)}
              />
              <Pager
                offset={(page - 1) * size}
                limit={size}
                total={data.total}
                onOffset={(offset) => url.set({ page: offset ? String(offset / size + 1) : undefined })}
              />
            </div>
          )}
        </Loaded>
      </div>
    </Page>
  );
}

type Speech = ReturnType<typeof useSpeech>;

const columns = (t: Speech['t'], say: Speech['say']) => [
  {
    key: 'title',
    title: t('archives.field.title'),
    head: true,
    render: (row: Item) => (
      <div style={{ minWidth: '13em' }}>
        <Link to="/archives/$archive" params={{ archive: String(row.id) } as never}>
          {row.title ?? t('archives.untitled')}
        </Link>
        <p className="small quiet mono">{row.reference ?? t('archives.no-reference')}</p>
      </div>
    ),
  },
  {
    key: 'state',
    title: t('archives.facet.state'),
    render: (row: Item) => (
      <span className="row" style={{ gap: 6 }}>
        <ArchiveState item={row} />
        {row.personal ? <Label tone="warn">{t('archives.personal')}</Label> : null}
        {row.whole ? null : <Label title={t('archives.title-only-text')}>{t('archives.title-only')}</Label>}
      </span>
    ),
  },
  { key: 'organisation', title: t('archives.facet.organisation'), render: (row: Item) => say(row.organisation.name) },
  {
    key: 'retention',
    title: t('archives.facet.retention'),
    tight: true,
    render: (row: Item) => (row.retention ? t(`archives.retention.${row.retention}`) : '—'),
  },
  { key: 'year', title: t('archives.facet.year'), tight: true, render: (row: Item) => row.year ?? '—' },
  {
    key: 'files',
    title: t('archives.files'),
    align: 'end' as const,
    tight: true,
    render: (row: Item) => (row.files === null ? '—' : `${full(row.files)} · ${bytes(row.bytes ?? 0)}`),
  },
  {
    key: 'archived',
    title: t('archives.archived-at'),
    tight: true,
    render: (row: Item) => (row.archived ? day(row.archived) : '—'),
  },
];

type Desk = Answer<'/api/v1/archive-desk'>;
const waiting = ['drafts', 'failed', 'passed', 'requests', 'overdue', 'damaged'] as const;
const goes: Partial<Record<keyof Desk, { to: string; search?: Record<string, string> }>> = {
  kept: { to: '/archives', search: { state: 'preserved' } },
  drafts: { to: '/archives', search: { state: 'draft' } },
  failed: { to: '/archives', search: { state: 'failed' } },
  passed: { to: '/archives', search: { state: 'passed' } },
  requests: { to: '/archive-borrowings' },
  overdue: { to: '/archive-borrowings' },
  damaged: { to: '/archives', search: { condition: 'damaged' } },
};

/** What waits for who looks: each figure leads to its list. */
function Desk() {
  const { t } = useSpeech();
  const { me } = useSession();
  const desk = useQuery({
    queryKey: ['archives', 'desk'],
    queryFn: ({ signal }) => api.get('/api/v1/archive-desk', { signal }),
  });
  // Who only reads has no desk.
  if (!desk.data || !me.permissions.includes('archive.deposit')) return null;
  const bad: readonly string[] = ['failed', 'overdue', 'damaged'];
  return (
    <Figures>
      {(['kept', ...waiting] as const).map((name) => {
        const n = desk.data[name];
        const goal = goes[name];
        return (
          <Figure
            key={name}
            label={t(`archives.desk.${name}`)}
            {...(n > 0 && bad.includes(name) ? { tone: 'bad' as const } : {})}
          >
            {goal && n > 0 ? (
              <Link to={goal.to} search={(goal.search ?? {}) as never}>
                {full(n)}
              </Link>
            ) : (
              full(n)
            )}
          </Figure>
        );
      })}
    </Figures>
  );
}
