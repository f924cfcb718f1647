/** 事件详情: what happened and where, every report and why they are one, limits, what may be done now, and the whole log. */
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { api } from '../../api/client.ts';
import { CityMap } from '../../components/city-map/index.ts';
import { Fact, Facts, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { Instant } from '../../components/value.tsx';
import { percent } from '../../format/index.ts';
import { NotFound } from '../../frame/not-found.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { Acts } from './acts.tsx';
import { Clocks } from './clocks.tsx';
import { Log } from './log.tsx';
import { SetPlace } from './merge.tsx';
import { Pictures } from './pictures.tsx';
import { colourOf, pointAt } from './places.ts';
import { Reports } from './reports.tsx';
import { type EventPage, Marks, StateLabel, useMayMap, useNames, usePlace } from './shared.tsx';

export function useEvent(id: number) {
  return useQuery({
    queryKey: ['events', 'one', id],
    queryFn: ({ signal }) => api.get('/api/v1/events/{id}', { params: { id }, signal }),
    refetchInterval: 60_000,
  });
}

export default function OneEvent() {
  const id = Number((useParams({ strict: false }) as { event?: string }).event);
  // An address that names no number names no event.
  return Number.isSafeInteger(id) && id > 0 ? <Known id={id} /> : <NotFound />;
}

function Known({ id }: { id: number }) {
  const { t } = useSpeech();
  const { may } = useSession();
  const query = useEvent(id);
  const names = useNames();
  useTabTitle(query.data ? `${query.data.event.number} ${names.matter(query.data.event.matter)}` : undefined);
  const back = may('event.read')
    ? { to: '/events', label: t('titles.events') }
    : may('event.handle')
      ? { to: '/field', label: t('titles.field') }
      : { to: '/field/report', label: t('titles.field-report') };
  return (
    <Loaded query={query} heading={t('titles.event')}>
      {(page) => (
        <Page
          title={names.matter(page.event.matter)}
          lead={
            <span className="row">
              <span className="num">{page.event.number}</span>
              <StateLabel state={page.event.state} />
              <Marks of={page.event} />
            </span>
          }
          back={back}
        >
          <Whole page={page} />
        </Page>
      )}
    </Loaded>
  );
}

/** An event as the page and the queue show it. */
export function Whole({ page }: { page: EventPage }) {
  const { t } = useSpeech();
  return (
    <div className="stack">
      <Merged page={page} />
      <StageStrip page={page} />
      <div className="event-whole">
        <div className="stack">
          <What page={page} />
          <Pictures pictures={page.pictures} />
          <Reports page={page} />
          <Log steps={page.steps} />
        </div>
        <div className="stack">
          <Acts page={page} />
          <Clocks clocks={page.clocks} />
          <Where page={page} />
          {page.alike.length ? (
            <Panel title={t('events.alike')}>
              <Alike page={page} />
            </Panel>
          ) : null}
        </div>
      </div>
    </div>
  );
}

function Merged({ page }: { page: EventPage }) {
  const { t } = useSpeech();
  const { mergedInto } = page.event;
  if (mergedInto === null) return null;
  return (
    <p className="note">
      {t('events.merged-into')}{' '}
      <Link to="/events/$event" params={{ event: String(mergedInto) } as never}>
        {t('events.open-other')}
      </Link>
    </p>
  );
}

/** The seven stages (七步闭环): which are passed and when, and where it stands. */
export function StageStrip({ page }: { page: EventPage }) {
  const { t, say } = useSpeech();
  const names = useNames();
  const { catalogue } = names;
  const e = page.event;
  const rated = page.steps.findLast((s) => s.action === 'rate')?.at ?? null;
  // Handling is passed when it is fed back: what was accepted stands in the fourth stage.
  const passed = [e.reportedAt, e.filedAt, e.dispatchedAt, e.handledAt, e.handledAt, e.closedAt, rated];
  const current: Record<string, number> = {
    ...{ registered: 1, filed: 2, dispatched: 3, handling: 3, paused: 3, handled: 5, closed: 6 },
  };
  return (
    <ol className="event-strip" aria-label={t('events.stages')}>
      {(catalogue?.stages ?? []).map((stage, i) => {
        const at = e.state === 'void' && i > 0 ? null : passed[i];
        const here = i === current[e.state] && !passed[i];
        return (
          <li
            key={stage.zh}
            className={at ? 'passed' : here ? 'here' : undefined}
            {...(here ? { 'aria-current': 'step' as const } : {})}
          >
            <span className="event-strip-n num" aria-hidden="true">
              {i + 1}
            </span>
            <span>
              <span className="event-strip-name">{say(stage)}</span>
              <span className="small quiet">
                {at ? <Instant at={at} only="ago" /> : here ? names.state(e.state) : t('events.stage-later')}
              </span>
            </span>
          </li>
        );
      })}
    </ol>
  );
}

function What({ page }: { page: EventPage }) {
  const { t, say } = useSpeech();
  const names = useNames();
  const e = page.event;
  const matter = names.matterOf(e.matter);
  return (
    <Panel title={t('events.what')} id="event-what">
      <div className="stack-s">
        <p className="event-said">{e.text}</p>
        <Facts>
          <Fact label={t('events.matter')}>
            {names.matter(e.matter)}
            {matter ? <span className="small quiet"> {`${matter.code} · ${say(matter.groupTitle)}`}</span> : null}
          </Fact>
          <Fact label={t('events.matter-by')}>{t(`events.by.${e.matterBy}`)}</Fact>
          <Fact label={t('events.channel')}>{names.channel(e.channel)}</Fact>
          <Fact label={t('events.occurred')}>
            <Instant at={e.occurredAt} />
          </Fact>
          <Fact label={t('events.reported')}>
            <Instant at={e.reportedAt} />
          </Fact>
          <Fact label={t('events.organisation')}>
            {names.organisation(e.organisation) || t('events.nobody-yet')}
            {e.officer ? <span className="small quiet"> {e.officer}</span> : null}
          </Fact>
          {e.joint.length ? (
            <Fact label={t('events.joint')}>{e.joint.map((o) => names.organisation(o)).join('、')}</Fact>
          ) : null}
          <Fact label={t('events.turns')}>
            {t('events.turns-n', { returned: e.returned, transferred: e.transferred, reworked: e.reworked })}
          </Fact>
          {e.rating === null ? null : (
            <Fact label={t('events.rating')}>
              <span aria-hidden="true">{'★'.repeat(e.rating)}</span>
              <span className="visually-hidden">{e.rating}</span>
            </Fact>
          )}
        </Facts>
        {e.asked ? (
          <div className="note warn">
            <p className="strong">{t(`events.asked.${e.asked.kind}`)}</p>
            <p>{e.asked.ground}</p>
            <p className="small quiet">
              {e.asked.by} · <Instant at={e.asked.at} />
              {e.asked.organisation ? ` · ${names.organisation(e.asked.organisation)}` : ''}
            </p>
          </div>
        ) : null}
      </div>
    </Panel>
  );
}

function Where({ page }: { page: EventPage }) {
  const { t } = useSpeech();
  const { may } = useSession();
  const mayMap = useMayMap();
  const place = usePlace();
  const e = page.event;
  const open = !['closed', 'void', 'merged'].includes(e.state);
  const reports = page.reports.filter((r) => r.longitude !== null && r.longitude !== e.longitude);
  return (
    <Panel title={t('events.where')} extra={open && may('event.dispatch') ? <SetPlace event={e} /> : null}>
      <div className="stack-s">
        <p>{place(e)}</p>
        <p className="small quiet">
          {e.longitude === null || e.latitude === null ? (
            t('events.no-point')
          ) : (
            <span className="num">
              {e.longitude.toFixed(5)}, {e.latitude.toFixed(5)} · {t(`events.place-by.${e.placeBy ?? 'given'}`)}
            </span>
          )}
        </p>
        {mayMap && e.longitude !== null && e.latitude !== null ? (
          <CityMap
            label={t('events.map-one')}
            height={260}
            view={{ lon: e.longitude, lat: e.latitude, zoom: 15.5 }}
            overlays={[
              {
                id: 'reports',
                size: 4,
                data: {
                  type: 'FeatureCollection',
                  features: reports.map((r) => pointAt(`r${r.id}`, r.longitude!, r.latitude!, 'ink3')),
                },
              },
              {
                id: 'event',
                size: 9,
                data: {
                  type: 'FeatureCollection',
                  features: [pointAt(String(e.id), e.longitude, e.latitude, colourOf(e))],
                },
              },
            ]}
          />
        ) : null}
      </div>
    </Panel>
  );
}

/** What looked alike when it was reported, without being sure: a person decides. */
function Alike({ page }: { page: EventPage }) {
  const { t } = useSpeech();
  const names = useNames();
  const place = usePlace();
  return (
    <>
      <p className="small quiet">{t('events.alike-text')}</p>
      <ul className="event-short">
        {page.alike.map((a) => (
          <li key={a.id}>
            <Link to="/events/$event" params={{ event: String(a.id) } as never}>
              {a.number} {names.matter(a.matter)}
            </Link>{' '}
            <span className="small quiet">
              {percent(a.probability, 0)} · {place(a)}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
