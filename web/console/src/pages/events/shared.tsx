/** What the pages of events have in common: the catalogue's names, states, limits in words, one line of a list. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Label } from '../../components/page.tsx';
import { Instant } from '../../components/value.tsx';
import { instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import '../../styles/forms.css';
import './events.css';

export type CityEvent = Answer<'/api/v1/events'>['events'][number];
export type EventPage = Answer<'/api/v1/events/{id}'>;
export type Catalogue = Answer<'/api/v1/events/catalogue'>;
export type Matter = Catalogue['matters'][number];
export type Clock = EventPage['clocks'][number];

/** States that are still worked on, in the order of the seven stages. */
export const openStates = ['registered', 'filed', 'dispatched', 'handling', 'paused', 'handled'] as const;
/** All that a list can be narrowed to. */
export const listStates = [...openStates, 'closed', 'void'] as const;

const tones: Record<string, 'good' | 'warn' | 'bad' | 'info' | 'primary' | 'weft' | undefined> = {
  ...{ registered: 'warn', filed: 'warn', dispatched: 'info', handling: 'primary', paused: undefined },
  ...{ handled: 'weft', closed: 'good', void: undefined, merged: undefined },
};

/** The city's matters, rules, organisations and names of states: one answer for all pages. */
export function useCatalogue() {
  return useQuery({
    queryKey: ['events-catalogue'],
    queryFn: ({ signal }) => api.get('/api/v1/events/catalogue', { signal }),
    staleTime: 60_000,
  });
}

/** Names of what stands as a code in an event; the code itself while the catalogue is not there. */
export function useNames() {
  const { say, t } = useSpeech();
  const { data } = useCatalogue();
  return useMemo(() => {
    const matters = new Map(data?.matters.map((m) => [m.id, m]));
    const groups = new Map(data?.matters.map((m) => [m.group, m.groupTitle]));
    const organisations = new Map(data?.organisations.map((o) => [o.id, o.name]));
    const towns = new Map(data?.towns.map((x) => [x.code, x.name]));
    return {
      catalogue: data,
      matterOf: (id: string | null) => (id ? matters.get(id) : undefined),
      matter: (id: string | null) => (id ? say(matters.get(id)?.title) || id : t('events.no-matter')),
      group: (id: string | null) => (id ? say(groups.get(id)) || id : ''),
      organisation: (id: string | null) => (id ? say(organisations.get(id)) || id : ''),
      town: (code: string | null) => (code ? (towns.get(code) ?? code) : ''),
      channel: (id: string) => say(data?.channels[id]) || id,
      state: (id: string) => say(data?.states[id]) || id,
    };
  }, [data, say, t]);
}

export function StateLabel({ state }: { state: string }) {
  const names = useNames();
  return <Label tone={tones[state]}>{names.state(state)}</Label>;
}

/** Minutes in words, two units at most (2 天 3 小时), or only the largest. */
export function useSpan(): (minutes: number, units?: 1 | 2) => string {
  const { t } = useSpeech();
  return (minutes, units = 2) => {
    const n = Math.abs(Math.round(minutes));
    const parts = (
      [
        ['events.n-days', Math.floor(n / 1440)],
        ['events.n-hours', Math.floor((n % 1440) / 60)],
        ['events.n-minutes', n % 60],
      ] as const
    ).map(([key, value]) => ({ value, text: t(key, { n: value }) }));
    const first = parts.findIndex((p) => p.value > 0);
    if (first < 0) return parts[2]!.text;
    return parts
      .slice(first, first + units)
      .filter((p) => p.value > 0)
      .map((p) => p.text)
      .join(' ');
  };
}

/** `4 working-hours` as people say it. */
export function useWithin(): (span: string) => string {
  const { t } = useSpeech();
  return (span) => {
    const [n = '', unit = ''] = span.split(' ');
    return unit ? t(`events.unit.${unit}`, { n }) : span;
  };
}

/** How much of the next limit is left, or by how much it is overdone. */
export function Due({ of }: { of: Pick<CityEvent, 'due' | 'minutesLeft' | 'late' | 'state'> }) {
  const { t } = useSpeech();
  const span = useSpan();
  if (of.state === 'paused') return <span className="quiet small">{t('events.due-paused')}</span>;
  if (of.minutesLeft === null || of.due === null) return null;
  const over = of.minutesLeft < 0;
  const near = !over && of.minutesLeft < 60;
  return (
    <span
      className={`num small ${over ? 'bad-text strong' : near ? 'warn-text strong' : 'quiet'}`}
      title={instant(of.due)}
    >
      {t(over ? 'events.over-by' : 'events.left', { span: span(of.minutesLeft) })}
    </span>
  );
}

/** What is special about an event, each with its words. */
export function Marks({ of }: { of: CityEvent }) {
  const { t } = useSpeech();
  return (
    <>
      {of.urgency === 'urgent' ? <Label tone="bad">{t('events.urgent')}</Label> : null}
      {of.late ? <Label tone="bad">{t('events.late')}</Label> : null}
      {of.supervised ? <Label tone="weft">{t('events.supervised-n', { n: of.supervised })}</Label> : null}
      {of.asked ? <Label tone="warn">{t(`events.asked.${of.asked.kind}`)}</Label> : null}
      {of.reworked ? <Label tone="warn">{t('events.reworked-n', { n: of.reworked })}</Label> : null}
      {of.reports > 1 ? <Label tone="info">{t('events.reports-n', { n: of.reports })}</Label> : null}
    </>
  );
}

/** Where an event is, in words. */
export function usePlace(): (e: Pick<CityEvent, 'town' | 'address' | 'longitude'>) => string {
  const { t } = useSpeech();
  const names = useNames();
  return (e) => {
    const town = names.town(e.town);
    const address = e.address ?? '';
    const whole = address.includes(town) ? address : [town, address].filter(Boolean).join(' ');
    return whole || (e.longitude === null ? t('events.no-place') : t('events.only-point'));
  };
}

/** One line of a list of events. `chosen`: it stands open beside the list. */
export function EventRow({ of, chosen, onChoose }: { of: CityEvent; chosen?: boolean; onChoose?: () => void }) {
  const { t } = useSpeech();
  const names = useNames();
  const place = usePlace();
  const title = names.matter(of.matter);
  return (
    <li id={`event-${of.id}`} className={chosen ? 'event-row chosen' : 'event-row'}>
      <div className="event-row-head">
        {onChoose ? (
          <button type="button" className="link-button strong" aria-pressed={chosen === true} onClick={onChoose}>
            {title}
          </button>
        ) : (
          <Link to="/events/$event" params={{ event: String(of.id) } as never} className="strong">
            {title}
          </Link>
        )}
        <Marks of={of} />
        <span className="event-row-state">
          <StateLabel state={of.state} />
          <Due of={of} />
        </span>
      </div>
      <p className="event-row-text">{of.text}</p>
      <p className="small quiet event-row-facts">
        <span className="num">{of.number}</span>
        <span>{place(of)}</span>
        <span>{names.organisation(of.organisation) || t('events.nobody-yet')}</span>
        <span>{names.channel(of.channel)}</span>
        <Instant at={of.reportedAt} only="ago" />
      </p>
    </li>
  );
}

/** Whether maps may be drawn for this viewer. */
export function useMayMap(): boolean {
  const { may } = useSession();
  return may('map.read');
}

/** Pictures of one event, for who may see it; nothing where it cannot be asked. */
export function useEventPictures(id: number) {
  return useQuery({
    queryKey: ['events', 'one', id],
    queryFn: ({ signal }) => api.get('/api/v1/events/{id}', { params: { id }, signal }),
    select: (page) => page.pictures,
    retry: false,
  });
}
