/** 事件列表: everything that was reported, by stage and by filters that stand in the address, with its places beside it. */
import { CheckOutlined, LinkOutlined, PlusOutlined } from '@ant-design/icons';
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useMemo, useState } from 'react';
import { type Answer, api, type Query } from '../../api/client.ts';
import { CityMap, type Overlay } from '../../components/city-map/index.ts';
import { ChoiceFilter, DateFilter, Filters, TextFilter } from '../../components/filters.tsx';
import { Page } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { copyText } from '../../format/copy.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';
import { pointsOf } from './places.ts';
import { filterKeys, filterOf, listOf, marks } from './query.ts';
import { EventRow, listStates, useCatalogue, useMayMap, useNames } from './shared.tsx';

const SIZE = 30;
type List = Answer<'/api/v1/events'>;

export default function Events() {
  const { t } = useSpeech();
  const { may } = useSession();
  const url = useUrlState();
  const after = url.get('after');
  const asked = useMemo(() => listOf(url), [url]);
  const query = { ...asked, after: after || undefined, limit: SIZE };
  const list = useQuery({
    queryKey: ['events', 'list', query],
    queryFn: ({ signal }) => api.get('/api/v1/events', { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
  return (
    <Page
      title={t('titles.events')}
      lead={t('events.list-lead')}
      actions={
        <>
          <CopyLink />
          {may('event.dispatch') ? (
            <Link to="/events/new">
              <Button type="primary" icon={<PlusOutlined />}>
                {t('events.take-in')}
              </Button>
            </Link>
          ) : null}
        </>
      }
    >
      <Stages />
      <Narrow />
      <Loaded query={list}>{(data) => <Both data={data} first={!after} />}</Loaded>
    </Page>
  );
}

/** The address of what is looked at, for somebody else or for later. */
function CopyLink() {
  const { t } = useSpeech();
  const [copied, setCopied] = useState(false);
  return (
    <Button
      icon={copied ? <CheckOutlined /> : <LinkOutlined />}
      onClick={() => {
        void copyText(location.href).then(setCopied);
        setTimeout(() => setCopied(false), 3000);
      }}
    >
      {t(copied ? 'common.copied' : 'events.copy-link')}
    </Button>
  );
}

/** How many stand in each state under the filters that are set; up to a thousand are counted. */
function Stages() {
  const { t } = useSpeech();
  const names = useNames();
  const url = useUrlState();
  const filter = filterOf(url);
  const chosen = url.get('state');
  const asks: { key: string; label: string; query: Query }[] = [
    { key: '', label: t('events.all-open'), query: { open: 'true' } },
    ...listStates.map((s) => ({ key: s, label: names.state(s), query: { state: [s] } })),
    { key: 'all', label: t('events.everything'), query: {} },
  ];
  const counts = useQueries({
    queries: asks.map(({ query }) => ({
      queryKey: ['events', 'count', { ...filter, ...query }],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        api.get('/api/v1/events', { query: { ...filter, ...query, limit: 1 }, signal }),
      placeholderData: keepPreviousData,
      refetchInterval: 60_000,
    })),
  });
  return (
    <nav className="event-stages" aria-label={t('events.by-state')}>
      {asks.map(({ key, label }, i) => {
        const { data } = counts[i]!;
        return (
          <button
            key={key || 'open'}
            type="button"
            aria-pressed={chosen === key}
            onClick={() => url.set({ state: key || undefined, after: undefined })}
          >
            <span>{label}</span>
            <strong className="num">{data ? `${data.count ?? 0}${data.more ? '+' : ''}` : '…'}</strong>
          </button>
        );
      })}
    </nav>
  );
}

function Narrow() {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const { data } = useCatalogue();
  return (
    <Filters keys={filterKeys}>
      <TextFilter name="q" label={t('events.words')} hint={t('events.words-hint')} width={190} />
      <ChoiceFilter
        name="matter"
        label={t('events.matter')}
        width={150}
        choices={(data?.matters ?? []).map((m) => ({ value: m.id, label: `${say(m.title)}` }))}
      />
      <ChoiceFilter
        name="town"
        label={t('events.town')}
        width={120}
        choices={(data?.towns ?? []).map((x) => ({ value: x.code, label: x.name }))}
      />
      <ChoiceFilter
        name="organisation"
        label={t('events.organisation')}
        width={150}
        choices={(data?.organisations ?? []).map((o) => ({ value: o.id, label: say(o.name) }))}
      />
      <ChoiceFilter
        name="channel"
        label={t('events.channel')}
        width={120}
        choices={Object.entries(data?.channels ?? {}).map(([value, title]) => ({ value, label: say(title) }))}
      />
      <DateFilter name="from" label={t('common.from')} />
      <DateFilter name="until" label={t('common.to')} />
      <fieldset className="event-marks">
        <legend className="visually-hidden">{t('events.only')}</legend>
        <span className="small quiet" aria-hidden="true">
          {t('events.only')}
        </span>
        {marks.map((mark) => {
          const on = url.get(mark) === 'true';
          return (
            <button
              key={mark}
              type="button"
              aria-pressed={on}
              onClick={() => url.set({ [mark]: on ? undefined : 'true', after: undefined })}
            >
              {t(`events.mark.${mark}`)}
            </button>
          );
        })}
      </fieldset>
    </Filters>
  );
}

function Both({ data, first }: { data: List; first: boolean }) {
  const { t } = useSpeech();
  const url = useUrlState();
  const mayMap = useMayMap();
  const [picked, setPicked] = useState<number>();
  const overlays = useMemo<Overlay[]>(
    () => [
      {
        id: 'events',
        data: pointsOf(data.events),
        size: 7,
        onPick: (id) => {
          setPicked(Number(id));
          document.getElementById(`event-${id}`)?.scrollIntoView({ block: 'nearest' });
        },
      },
    ],
    [data.events],
  );
  if (data.events.length === 0)
    return (
      <Empty title={t(first ? 'events.none' : 'events.no-more')}>{first ? t('events.none-text') : undefined}</Empty>
    );
  const placed = data.events.filter((e) => e.longitude !== null).length;
  return (
    <div className={mayMap ? 'event-both' : undefined}>
      <div className="stack-s">
        <ul className="event-list panel" aria-label={t('titles.events')}>
          {data.events.map((e) => (
            <EventRow key={e.id} of={e} chosen={picked === e.id} />
          ))}
        </ul>
        <nav className="row spread" aria-label={t('common.pages')}>
          <span className="small quiet">
            {data.count === null
              ? t('events.later-page')
              : t(data.more ? 'events.more-than' : 'common.total', { n: data.count.toLocaleString('en-US') })}
          </span>
          <span className="row">
            {first ? null : <Button onClick={() => url.set({ after: undefined })}>{t('common.first')}</Button>}
            {data.next ? (
              <Button onClick={() => url.set({ after: String(data.next) })}>{t('common.next')}</Button>
            ) : null}
          </span>
        </nav>
      </div>
      {mayMap ? (
        <aside className="event-beside" aria-label={t('events.map')}>
          <CityMap label={t('events.map')} overlays={overlays} height="100%" />
          <p className="small quiet event-legend">
            <span className="dot bad" /> {t('events.late')} <span className="dot warn" /> {t('events.urgent')}{' '}
            <span className="dot info" /> {t('events.map-other')} ·{' '}
            {t('events.map-shown', { n: placed, all: data.events.length })}
          </p>
        </aside>
      ) : null}
    </div>
  );
}
