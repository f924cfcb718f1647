/** A sketch map: the entity's own shape among its neighbours, with a scale; drawn here, without tiles from anywhere. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Fact, Facts, Panel } from '../../components/page.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { anchorOf, apart, type Drawn, pathOf, plane, readWkt, scaleBar } from './sketch.ts';

export type MapData = Answer<'/api/v1/libraries/base/{library}/entities/{entity}/map'>;
const LAYERS = ['water', 'division', 'grid', 'road', 'building', 'place'];

/** Square kilometres, hectares or square metres; kilometres or metres. */
export function measured(value: number, kind: 'area' | 'length'): string {
  if (kind === 'length') return value >= 1000 ? `${(value / 1000).toFixed(2)} km` : `${Math.round(value)} m`;
  return value >= 1e6
    ? `${(value / 1e6).toFixed(2)} km²`
    : value >= 1e4
      ? `${(value / 1e4).toFixed(2)} ha`
      : `${full(Math.round(value))} m²`;
}

/** The panel of an entity; nothing where nothing about it has a position. */
export function MapPanel({ library, entity, extra }: { library: string; entity: string; extra?: ReactNode }) {
  const { t, say } = useSpeech();
  const query = useQuery({
    queryKey: ['libraries', 'base', library, 'map', entity],
    queryFn: ({ signal }) =>
      api.get('/api/v1/libraries/base/{library}/entities/{entity}/map', { params: { library, entity }, signal }),
  });
  const own = query.data?.own;
  if (!own || !query.data) return null;
  return (
    <Panel
      title={t('base.map')}
      extra={
        own.through ? (
          <span className="quiet">{t('base.map-through', { what: say(own.title), name: own.label ?? '' })}</span>
        ) : (
          extra
        )
      }
    >
      <div className="stack-s">
        <SketchMap data={query.data} />
        <Facts>
          <Fact label={t('base.position')}>
            <span className="mono">
              {own.longitude.toFixed(6)}, {own.latitude.toFixed(6)}
            </span>
          </Fact>
          {own.area === null ? null : <Fact label={t('base.area')}>{measured(own.area, 'area')}</Fact>}
          {own.length === null ? null : (
            <Fact label={own.area === null ? t('base.length') : t('base.perimeter')}>
              {measured(own.length, 'length')}
            </Fact>
          )}
        </Facts>
      </div>
    </Panel>
  );
}

/** The drawing itself, as wide as its place. */
export function SketchMap({ data }: { data: MapData }) {
  const { t } = useSpeech();
  const navigate = useNavigate();
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const watch = new ResizeObserver(() => setWidth(element.clientWidth));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  const height = Math.round(Math.min(430, Math.max(240, width * 0.55)));
  const shapes = useMemo(
    () =>
      data.neighbours
        .flatMap((n) => {
          const drawn = readWkt(n.wkt);
          return drawn ? [{ ...n, drawn }] : [];
        })
        .sort((a, b) => LAYERS.indexOf(a.library) - LAYERS.indexOf(b.library)),
    [data],
  );
  if (!data.own || !data.window) return null;
  const own = { ...data.own, drawn: readWkt(data.own.wkt) };
  const { at, metres } = plane(data.window, Math.max(width, 1), height);
  const bar = scaleBar(metres, 110);
  const go = (library: string, entity: number) =>
    void navigate({ to: '/libraries/$library/$entity', params: { library, entity: String(entity) } as never });
  const rank = (library: string) => ['place', 'road', 'division', 'water', 'grid', 'building'].indexOf(library);
  const names = apart(
    [
      ...(own.drawn && own.label && own.drawn.kind !== 'point' ? [{ ...own, drawn: own.drawn, mine: true }] : []),
      ...[...shapes]
        .filter((s) => s.library !== 'building')
        .sort((a, b) => rank(a.library) - rank(b.library))
        .map((s) => ({ ...s, mine: false })),
    ].flatMap((s) => {
      const spot = s.label ? anchorOf(s.drawn, at, width, height) : null;
      const lift = s.drawn.kind === 'point' ? -7 : 4;
      return spot && s.label
        ? [
            {
              at: [spot[0], spot[1] + lift] as const,
              text: shortName(s.label),
              library: s.library,
              mine: s.mine,
              key: `${s.library} ${s.entity}`,
            },
          ]
        : [];
    }),
    11,
    width,
    [[0, height - 34, bar.pixels + 60, height]],
  ).slice(0, Math.round(width / 24));
  return (
    <div className="sketch" ref={box}>
      {width === 0 ? null : (
        <svg width={width} height={height} role="img" aria-label={t('base.map-of', { name: own.label ?? '' })}>
          <title>{t('base.map-of', { name: own.label ?? '' })}</title>
          {shapes.map((s) => (
            // biome-ignore lint/a11y/noStaticElementInteractions: a drawing; every neighbour is in the tables below as a link
            <g key={`${s.library} ${s.entity}`} className={`near ${s.library}`} onClick={() => go(s.library, s.entity)}>
              {s.label ? <title>{s.label}</title> : null}
              <Shape drawn={s.drawn} at={at} radius={s.library === 'building' ? 2.2 : 3.4} />
            </g>
          ))}
          {own.drawn ? (
            <g className={`own ${own.library}`}>
              <Shape drawn={own.drawn} at={at} radius={7} />
            </g>
          ) : null}
          {names.map((n) => (
            <text key={n.key} x={n.at[0]} y={n.at[1]} className={n.mine ? 'name mine' : `name ${n.library}`}>
              {n.text}
            </text>
          ))}
          <g className="scale" transform={`translate(12 ${height - 14})`}>
            <path d={`M0 -5V0H${bar.pixels.toFixed(1)}V-5`} />
            <text x={bar.pixels + 6} y={1}>
              {bar.metres >= 1000 ? `${bar.metres / 1000} km` : `${bar.metres} m`}
            </text>
          </g>
        </svg>
      )}
    </div>
  );
}

/** The city's and the town's name before a place say nothing on a map of that town. */
const shortName = (name: string): string => name.replace(/^(?:浙江省)?(?:宁波市)?慈溪市(?=.{3})/, '');

function Shape({ drawn, at, radius }: { drawn: Drawn; at: Parameters<typeof pathOf>[1]; radius: number }) {
  if (drawn.kind !== 'point') return <path d={pathOf(drawn, at)} className={drawn.kind} />;
  const [x, y] = at(drawn.parts[0]![0]!);
  return <circle cx={x} cy={y} r={radius} />;
}
