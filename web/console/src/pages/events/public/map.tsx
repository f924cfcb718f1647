/** A map for who has no account: the open layers of the base map, and one point that a click sets. The address field stands beside it. */
import { useQuery } from '@tanstack/react-query';
import type { Map as GlMap, StyleSpecification } from 'maplibre-gl';
import { useEffect, useRef, useState } from 'react';
import { emptyStyle, LABEL_FONT } from '../../../components/city-map/style.ts';
import '../../../components/city-map/city-map.css';
import { useSpeech } from '../../../i18n/index.ts';
import { useTheme } from '../../../theme/mode.tsx';
import { type Mode, palettes } from '../../../theme/tokens.ts';
import type { Point } from '../place-map.tsx';

type Box = [number, number, number, number];
const tiles = () => `${location.origin}/api/v1/map/tiles/base/{z}/{x}/{y}`;

/** The city's extent, as the open service of its county layer says it. */
function useExtent() {
  return useQuery({
    queryKey: ['public', 'extent'],
    queryFn: async ({ signal }): Promise<Box> => {
      const answer = await fetch('/api/v1/map/ogc/collections/county', {
        signal,
        headers: { accept: 'application/json' },
      });
      if (!answer.ok) throw new Error(`${answer.status}`);
      const body = (await answer.json()) as { extent?: { spatial?: { bbox?: Box[] } } };
      const box = body.extent?.spatial?.bbox?.[0];
      if (!box || box.some((n) => typeof n !== 'number')) throw new Error('no extent');
      return box;
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}

function styleOf(mode: Mode): StyleSpecification {
  const p = palettes[mode];
  const base = { source: 'base' };
  const text = { 'text-font': LABEL_FONT, 'text-padding': 4 };
  const halo = { 'text-halo-color': p.sunken, 'text-halo-width': 1.6 };
  return {
    ...emptyStyle(mode),
    sources: { base: { type: 'vector', tiles: [tiles()], minzoom: 4, maxzoom: 15 } },
    layers: [
      ...emptyStyle(mode).layers,
      { ...base, id: 'lake', 'source-layer': 'lake', type: 'fill', paint: { 'fill-color': p['info-soft'] } },
      {
        ...{ ...base, id: 'water', 'source-layer': 'water', type: 'line' },
        paint: { 'line-color': p.info, 'line-opacity': 0.5, 'line-width': 1.6 },
      },
      {
        ...{ ...base, id: 'road', 'source-layer': 'road', type: 'line' },
        paint: {
          'line-color': ['match', ['get', 'class'], '主干路', p.weft, '次干路', p.ink3, p['line-strong']],
          'line-width': ['interpolate', ['linear'], ['zoom'], 9, 0.6, 15, 3, 18, 7],
          'line-opacity': 0.75,
        },
      },
      {
        ...{ ...base, id: 'county', 'source-layer': 'county', type: 'line' },
        paint: { 'line-color': p.ink3, 'line-width': 1.5, 'line-dasharray': [4, 2] },
      },
      {
        ...{ ...base, id: 'division', 'source-layer': 'division', type: 'line' },
        paint: { 'line-color': p['line-strong'], 'line-width': 1 },
      },
      {
        ...{ ...base, id: 'place', 'source-layer': 'place', type: 'circle', minzoom: 13 },
        paint: { 'circle-color': p.weft, 'circle-radius': 3, 'circle-opacity': 0.8 },
      },
      {
        ...{ ...base, id: 'road-name', 'source-layer': 'road', type: 'symbol', minzoom: 13 },
        layout: { ...text, 'text-field': ['get', 'name'], 'symbol-placement': 'line', 'text-size': 11.5 },
        paint: { ...halo, 'text-color': p.ink2 },
      },
      {
        ...{ ...base, id: 'place-name', 'source-layer': 'place', type: 'symbol', minzoom: 14 },
        layout: {
          ...text,
          'text-field': ['get', 'name'],
          'text-size': 11.5,
          'text-anchor': 'top',
          'text-offset': [0, 0.6],
        },
        paint: { ...halo, 'text-color': p.ink2 },
      },
      {
        ...{ ...base, id: 'division-name', 'source-layer': 'division', type: 'symbol', maxzoom: 14 },
        layout: { ...text, 'text-field': ['get', 'name'], 'text-size': 13 },
        paint: { ...halo, 'text-color': p.ink3 },
      },
    ],
  };
}

/** Draws the point above everything. */
function mark(map: GlMap, at: Point | null, mode: Mode): void {
  const p = palettes[mode];
  const data = {
    type: 'FeatureCollection' as const,
    features: at
      ? [
          {
            type: 'Feature' as const,
            geometry: { type: 'Point' as const, coordinates: [at.lon, at.lat] },
            properties: {},
          },
        ]
      : [],
  };
  const source = map.getSource('own');
  if (source && 'setData' in source) (source as { setData(d: unknown): void }).setData(data);
  else {
    map.addSource('own', { type: 'geojson', data });
    map.addLayer({
      ...{ id: 'own', source: 'own', type: 'circle' },
      paint: {
        'circle-color': p.primary,
        'circle-radius': 9,
        'circle-stroke-color': p.surface,
        'circle-stroke-width': 3,
      },
    });
  }
}

export function PublicMap({ at, onPlace }: { at: Point | null; onPlace: (at: Point) => void }) {
  const { t, language } = useSpeech();
  const { mode } = useTheme();
  const extent = useExtent();
  const box = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<GlMap | null>(null);
  const [failed, setFailed] = useState(false);
  const latest = useRef({ at, onPlace });
  latest.current = { at, onPlace };
  const bounds = extent.data;

  // biome-ignore lint/correctness/useExhaustiveDependencies: made anew only with another theme; the point is brought to it below.
  useEffect(() => {
    const element = box.current;
    if (!element || !bounds) return;
    let gone = false;
    let made: GlMap | null = null;
    void import('../../../components/city-map/engine.ts')
      .then(({ GlMap, NavigationControl }) => {
        if (gone) return;
        made = new GlMap({
          ...{ container: element, style: styleOf(mode), bounds, fitBoundsOptions: { padding: 16 } },
          ...{ attributionControl: false, dragRotate: false, maxZoom: 18, minZoom: 8, renderWorldCopies: false },
          // On a phone one finger scrolls the page, two move the map.
          cooperativeGestures: matchMedia('(pointer: coarse)').matches,
          locale: {
            'Map.Title': t('events.map-pick'),
            'NavigationControl.ZoomIn': t('map.zoom-in'),
            'NavigationControl.ZoomOut': t('map.zoom-out'),
            'CooperativeGesturesHandler.MobileHelpText': t('events.public.two-fingers'),
          },
        });
        const own = made;
        own.touchZoomRotate.disableRotation();
        own.addControl(new NavigationControl({ showCompass: false }), 'top-right');
        own.getCanvas().setAttribute('aria-label', t('events.map-pick'));
        own.on('click', ({ lngLat }) =>
          latest.current.onPlace({ lon: Number(lngLat.lng.toFixed(6)), lat: Number(lngLat.lat.toFixed(6)) }),
        );
        own.once('style.load', () => {
          if (gone) return;
          mark(own, latest.current.at, mode);
          setMap(own);
        });
      })
      .catch(() => setFailed(true));
    return () => {
      gone = true;
      made?.remove();
      setMap(null);
    };
  }, [bounds, mode]);

  useEffect(() => {
    if (!map) return;
    mark(map, at, mode);
    if (at && !map.getBounds().contains([at.lon, at.lat])) map.jumpTo({ center: [at.lon, at.lat], zoom: 15 });
  }, [map, at, mode]);

  // Without a map the address is enough: nothing is said but that.
  if (extent.isError || failed) return <p className="small quiet">{t('events.public.no-map')}</p>;
  return (
    <div className="city-map" style={{ height: 320 }}>
      <div className="city-map-canvas" ref={box} lang={language} />
    </div>
  );
}
