/** A cockpit's panels as they are declared: the same on the wall, the desk and the phone; only sizes differ. */
import { ExclamationCircleFilled, InfoCircleFilled, WarningFilled } from '@ant-design/icons';
import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { day, instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { Bars, Columns, Share, Trend, useBox } from './charts.tsx';
import type { Cockpit, Figure, Measure, Panel } from './live.ts';
import { holds, textOf, told } from './numbers.ts';
import { Origin, Tile, ToIndicator, useTrouble } from './tile.tsx';
import { TownMap } from './town-map.tsx';

/** What panels are drawn from. */
export interface View {
  cockpit: Cockpit;
  figures: ReadonlyMap<string, Figure>;
  measures: ReadonlyMap<string, Measure>;
  now: number;
}

export const viewOf = (cockpit: Cockpit, figures: ReadonlyMap<string, Figure>, now: number): View => ({
  cockpit,
  figures,
  measures: new Map(cockpit.measures.map((m) => [m.key, m])),
  now,
});

const keyOf = (view: View, name: string) => (name.includes('/') ? name : `${view.cockpit.id}/${name}`);

/** Figures by id of the scenario itself, for sentences. */
const ownValues = (view: View) =>
  new Map(
    view.cockpit.measures.flatMap((measure) => {
      const figure = view.figures.get(measure.key);
      return measure.scenario === view.cockpit.id && figure ? [[measure.id, { figure, measure }] as const] : [];
    }),
  );

/** The sentence that answers the question with today's figures. */
export function Lead({ view }: { view: View }) {
  const { language, say } = useSpeech();
  const text = view.cockpit.texts.lead;
  return <>{text ? told(say(text), ownValues(view), language) : say(view.cockpit.question)}</>;
}

/** Said over the whole cockpit while one of its figures shows an exercise. */
export function ExerciseBand({ view }: { view: View }) {
  const { t } = useSpeech();
  const n = [...view.measures.keys()].filter((key) => view.figures.get(key)?.exercise).length;
  return n ? (
    <p className="ck-exercise-band" role="status">
      {t('cockpits.exercise-band', { n })}
    </p>
  ) : null;
}

/** One panel in its place. */
export function PanelOf({
  view,
  id,
  style,
  className,
}: {
  view: View;
  id: string;
  style?: React.CSSProperties;
  className?: string;
}) {
  const panel = view.cockpit.panels[id]!;
  const shown = panel.of.flatMap((name) => {
    const measure = view.measures.get(keyOf(view, name));
    const figure = measure && view.figures.get(measure.key);
    return measure && figure ? [{ measure, figure }] : [];
  });
  const own = { style, className: `ck-panel ckp-${panel.show} ${className ?? ''}`, id: `panel-${id}` };
  if (panel.show === 'figures')
    return <Strip panel={panel} shown={shown} now={view.now} own={own} head={id === 'head'} />;
  if (panel.show === 'map') return <MapPanel shown={shown} now={view.now} own={own} />;
  if (panel.show === 'notices') return <Notices view={view} own={own} />;
  if (panel.show === 'scenarios') return <Others view={view} own={own} />;
  if (panel.show === 'text')
    return (
      <Framed own={own} title={panel.title ? <Say of={panel.title} /> : null}>
        <p>
          {panel.of.map((n) => (
            <Sentence key={n} view={view} id={n} />
          ))}
        </p>
      </Framed>
    );
  const first = shown[0];
  return first ? <One panel={panel} {...first} now={view.now} own={own} /> : null;
}

interface Own {
  style: React.CSSProperties | undefined;
  className: string;
  id: string;
}
type Shown = { measure: Measure; figure: Figure };

function Say({ of }: { of: { zh: string; en: string } }) {
  const { say } = useSpeech();
  return <>{say(of)}</>;
}

function Sentence({ view, id }: { view: View; id: string }) {
  const { say, language } = useSpeech();
  return <>{told(say(view.cockpit.texts[id]), ownValues(view), language)} </>;
}

function Framed({
  own,
  title,
  extra,
  children,
}: {
  own: Own;
  title: ReactNode;
  extra?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section {...own} aria-labelledby={title ? `${own.id}-h` : undefined}>
      {title ? (
        <header>
          <h2 id={`${own.id}-h`}>{title}</h2>
          {extra}
        </header>
      ) : null}
      <div className="ck-body">{children}</div>
    </section>
  );
}

function Strip({
  panel,
  shown,
  now,
  own,
  head,
}: {
  panel: Panel;
  shown: Shown[];
  now: number;
  own: Own;
  head: boolean;
}) {
  const { say } = useSpeech();
  return (
    <Framed
      own={{ ...own, className: `${own.className} ${head ? 'head' : 'rows'}` }}
      title={head ? null : panel.title ? say(panel.title) : null}
    >
      <div className="ck-tiles">
        {shown.map(({ measure, figure }) => (
          <Tile key={measure.key} measure={measure} figure={figure} now={now} row={!head} />
        ))}
      </div>
    </Framed>
  );
}

function One({ panel, measure, figure, now, own }: { panel: Panel; now: number; own: Own } & Shown) {
  const { say, language } = useSpeech();
  const navigate = useNavigate();
  const trouble = useTrouble()(figure);
  const pick = (part: string) =>
    void navigate({
      to: '/cockpits/$scenario/indicators/$indicator',
      params: { scenario: measure.scenario, indicator: measure.id } as never,
      search: (part ? { key: part } : {}) as never,
    });
  const unit = measure.unit && panel.show !== 'list' ? <small>{measure.unit[language]}</small> : null;
  return (
    <Framed
      own={own}
      title={
        <ToIndicator measure={measure}>
          {say(panel.title ?? measure.title)}
          {unit}
        </ToIndicator>
      }
      extra={<Origin figure={figure} measure={measure} now={now} />}
    >
      {trouble && figure.rows.length === 0 ? (
        <Nothing text={trouble.text} why={trouble.why} />
      ) : panel.show === 'trend' ? (
        <Trend figure={figure} measure={measure} />
      ) : panel.show === 'columns' ? (
        <Columns figure={figure} measure={measure} />
      ) : panel.show === 'share' ? (
        <Share figure={figure} measure={measure} />
      ) : panel.show === 'list' ? (
        <Rows figure={figure} measure={measure} />
      ) : (
        <Bars figure={figure} measure={measure} onPick={measure.drill ? pick : undefined} />
      )}
    </Framed>
  );
}

function Nothing({ text, why }: { text: string; why?: string | undefined }) {
  return (
    <div className="ck-none">
      <p>{text}</p>
      {why ? <p className="quiet">{why}</p> : null}
    </div>
  );
}

/** The rows that fit: a wall does not scroll. */
function Rows({ figure, measure }: Shown) {
  const { say } = useSpeech();
  const [box, { height }] = useBox();
  const font = box.current && height > 0 ? Number.parseFloat(getComputedStyle(box.current).fontSize) : 14;
  const room =
    height > 0
      ? Math.max(1, Math.floor(height / (font * (box.current?.closest('.ck-wall') ? 1.76 : 2.05))) - 1)
      : figure.rows.length;
  return (
    <div className="ck-fill" ref={box}>
      <table className="ck-rows">
        <thead>
          <tr>
            {measure.columns.map((c) => (
              <th key={c.name} scope="col" className={c.as === 'text' ? '' : 'end'}>
                {say(c.title)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {figure.rows.slice(0, room).map((row, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of an answer have no identity.
            <tr key={i}>
              {measure.columns.map((c) => (
                <td key={c.name} className={c.as === 'text' ? '' : 'end num'}>
                  <CellOf value={row[c.name] ?? null} column={c} row={row} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type ColumnOf = Measure['columns'][number];

/** A value of a list as its column says. */
export function CellOf({
  value,
  column,
  row,
}: {
  value: Figure['rows'][number][string] | null;
  column: ColumnOf;
  row: Figure['rows'][number];
}) {
  const { say, language } = useSpeech();
  if (value === null || value === undefined || value === '') return <span className="quiet">—</span>;
  const words = column.words?.[String(value)];
  const text = words
    ? say(words)
    : column.as === 'day'
      ? day(String(value))
      : column.as === 'instant'
        ? instant(String(value)).slice(5, 16)
        : column.as === 'number' || column.as === 'money' || column.as === 'percent'
          ? textOf(Number(value), { as: column.as, digits: 2, unit: null }, language)
          : String(value);
  const link = column.link?.replace(/\{([a-z0-9_]+)\}/g, (_, name: string) =>
    encodeURIComponent(String(row[name] ?? '')),
  );
  return link && !link.endsWith('/') ? <Link to={link as never}>{text}</Link> : text;
}

function MapPanel({ shown, now, own }: { shown: Shown[]; now: number; own: Own }) {
  const { t, say, language } = useSpeech();
  const url = useUrlState();
  const navigate = useNavigate();
  const trouble = useTrouble();
  const wanted = url.get('layer');
  // A layer that has something to show stands first, unless another is asked for.
  const one = shown.find((s) => s.measure.id === wanted) ?? shown.find((s) => s.figure.rows.length > 0) ?? shown[0];
  if (!one) return null;
  const wrong = trouble(one.figure);
  return (
    <Framed
      own={own}
      title={
        <ToIndicator measure={one.measure}>
          {say(one.measure.title)}
          {one.measure.unit ? <small>{one.measure.unit[language]}</small> : null}
        </ToIndicator>
      }
      extra={<Origin figure={one.figure} measure={one.measure} now={now} />}
    >
      {shown.length > 1 ? (
        <fieldset className="ck-layers" aria-label={t('cockpits.layers')}>
          {shown.map(({ measure }) => (
            <button
              type="button"
              key={measure.key}
              aria-pressed={measure === one.measure}
              onClick={() => url.set({ layer: measure.id }, { replace: true })}
            >
              {say(measure.title)}
            </button>
          ))}
        </fieldset>
      ) : null}
      {wrong && one.figure.rows.length === 0 ? (
        <p className="ck-map-note" title={wrong.why}>
          {wrong.text}
          {wrong.why ? ` · ${wrong.why}` : ''}
        </p>
      ) : null}
      <TownMap
        figure={one.figure}
        measure={one.measure}
        onPick={
          one.measure.drill === 'records'
            ? (key) =>
                void navigate({
                  to: '/cockpits/$scenario/indicators/$indicator',
                  params: { scenario: one.measure.scenario, indicator: one.measure.id } as never,
                  search: { key } as never,
                })
            : undefined
        }
      />
    </Framed>
  );
}

const icons = { bad: <ExclamationCircleFilled />, warn: <WarningFilled />, note: <InfoCircleFilled /> };

function Notices({ view, own }: { view: View; own: Own }) {
  const { t, say, language } = useSpeech();
  const order = { bad: 0, warn: 1, note: 2 };
  const now = view.cockpit.rules
    .flatMap((rule) => {
      const measure = view.measures.get(`${view.cockpit.id}/${rule.indicator}`);
      const figure = measure && view.figures.get(measure.key);
      return measure && figure && holds(rule.when, figure, measure, view.now) ? [{ rule, measure, figure }] : [];
    })
    .sort((a, b) => order[a.rule.level] - order[b.rule.level]);
  return (
    <Framed
      own={own}
      title={t('cockpits.attention')}
      extra={<span className="ck-origin">{t('cockpits.rules', { n: view.cockpit.rules.length })}</span>}
    >
      {now.length === 0 ? (
        <Nothing text={t('cockpits.calm')} />
      ) : (
        <ul className="ck-notices">
          {now.map(({ rule, measure, figure }) => (
            <li key={rule.id} className={`lv-${rule.level}`}>
              <ToIndicator measure={measure}>
                <span aria-hidden="true">{icons[rule.level]}</span>
                <span>
                  <span className="visually-hidden">{t(`cockpits.level-${rule.level}`)} </span>
                  {say(rule.say)
                    .replaceAll('{value}', textOf(figure.value, { ...measure, unit: null }, language))
                    .replaceAll('{target}', textOf(figure.target, { ...measure, unit: null }, language))}
                </span>
              </ToIndicator>
            </li>
          ))}
        </ul>
      )}
    </Framed>
  );
}

function Others({ view, own }: { view: View; own: Own }) {
  const { t, say } = useSpeech();
  return (
    <Framed own={own} title={t('cockpits.scenarios')}>
      <ul className="ck-others">
        {view.cockpit.others
          .filter((o) => o.id !== view.cockpit.id)
          .map((o) => (
            <li key={o.id}>
              <Link to="/cockpits/$scenario" params={{ scenario: o.id } as never}>
                {say(o.title)}
              </Link>
            </li>
          ))}
      </ul>
    </Framed>
  );
}

/** Counts renders of a wall only when the hub is heard or a minute is over. */
export function useMinute(): string {
  const [text, setText] = useState(() => instant(new Date()));
  useEffect(() => {
    const timer = setInterval(() => setText(instant(new Date())), 1000);
    return () => clearInterval(timer);
  }, []);
  return text;
}
