/** 派遣台: what waits for a dispatcher, by what it waits for; the chosen one stands open beside the list with its steps. */
import { keepPreviousData, useQueries } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, type Query } from '../../api/client.ts';
import { Page } from '../../components/page.tsx';
import { Empty, Loaded, Skeleton } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useEvent, Whole } from './event.tsx';
import { EventRow, Marks, StateLabel, useNames } from './shared.tsx';

/** What waits, in the order in which it should be looked at. */
const waits: { key: string; query: Query }[] = [
  { key: 'filed', query: { state: ['filed'] } },
  { key: 'registered', query: { state: ['registered'] } },
  { key: 'asked', query: { asked: 'true' } },
  { key: 'handled', query: { state: ['handled'] } },
  { key: 'late', query: { late: 'true', open: 'true' } },
];

export default function Queue() {
  const { t } = useSpeech();
  const url = useUrlState();
  const lists = useQueries({
    queries: waits.map(({ query }) => ({
      queryKey: ['events', 'list', 'queue', query],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        api.get('/api/v1/events', { query: { ...query, limit: 100 }, signal }),
      placeholderData: keepPreviousData,
      refetchInterval: 20_000,
    })),
  });
  // Without a choice, the first in which something waits.
  const some = waits.find((_, i) => (lists[i]!.data?.count ?? 0) > 0) ?? waits[0]!;
  const kind = waits.find((w) => w.key === url.get('waits')) ?? some;
  const list = lists[waits.indexOf(kind)]!;
  return (
    <Page title={t('titles.events-queue')} lead={t('events.queue-lead')}>
      <nav className="event-stages" aria-label={t('events.waits')}>
        {waits.map((w, i) => (
          <button
            key={w.key}
            type="button"
            aria-pressed={w === kind}
            onClick={() => url.set({ waits: w.key, event: undefined })}
          >
            <span>{t(`events.waits-${w.key}`)}</span>
            <strong className="num">
              {lists[i]!.data ? `${lists[i]!.data.count ?? 0}${lists[i]!.data.more ? '+' : ''}` : '…'}
            </strong>
          </button>
        ))}
      </nav>
      <Loaded query={list}>
        {({ events }) => {
          // The oldest first: it has waited longest.
          const rows = events.toReversed();
          const chosen = rows.find((e) => String(e.id) === url.get('event')) ?? rows[0];
          if (!chosen) return <Empty title={t('events.queue-none')}>{t(`events.waits-${kind.key}-none`)}</Empty>;
          return (
            <div className="event-queue">
              <ul className="event-list panel" aria-label={t(`events.waits-${kind.key}`)}>
                {rows.map((e) => (
                  <EventRow
                    key={e.id}
                    of={e}
                    chosen={e.id === chosen.id}
                    onChoose={() => url.set({ event: String(e.id) }, { replace: true })}
                  />
                ))}
              </ul>
              <Chosen key={chosen.id} id={chosen.id} />
            </div>
          );
        }}
      </Loaded>
    </Page>
  );
}

function Chosen({ id }: { id: number }) {
  const { t } = useSpeech();
  const names = useNames();
  const one = useEvent(id);
  return (
    <section className="event-chosen" aria-label={t('titles.event')}>
      <Loaded query={one} skeleton={<Skeleton rows={8} />}>
        {(page) => (
          <div className="stack">
            <header className="row spread">
              <h2>
                {names.matter(page.event.matter)} <span className="num quiet small">{page.event.number}</span>
              </h2>
              <span className="row">
                <StateLabel state={page.event.state} />
                <Marks of={page.event} />
                <Link to="/events/$event" params={{ event: String(id) } as never} className="small">
                  {t('events.open-event')}
                </Link>
              </span>
            </header>
            <Whole page={page} />
          </div>
        )}
      </Loaded>
    </section>
  );
}
