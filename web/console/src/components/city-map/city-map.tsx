/**
 * The city's map as a part of any page: declared layers, the page's own overlays, what was clicked. Everything of MapLibre is loaded when
 * the first map is drawn. A map is never the only way to what it shows: the page has a list beside it.
 *
 *     <CityMap label={t('…')} layers={['event', 'resource']} overlays={[{ id: 'area', data }]} height={420} onPick={(p) => …} />
 */
import { useQuery } from '@tanstack/react-query';
import type { Map as GlMap, MapMouseEvent } from 'maplibre-gl';
import { useEffect, useMemo, useRef, useState } from 'react';
import { api } from '../../api/client.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useTheme } from '../../theme/mode.tsx';
import './city-map.css';
import { type Bounds, useLive } from './live.ts';
import { emptyStyle } from './style.ts';
import type { MapData, Overlay, Picked, View } from './types.ts';

/** What there is to draw, for this viewer; shared by all maps of the console. */
export function useMapData() {
  return useQuery({
    queryKey: ['map', 'data'],
    queryFn: ({ signal }) => api.get('/api/v1/map', { signal }),
    staleTime: 60_000,
    refetchInterval: 120_000,
  });
}

export interface CityMapProps {
  /** What the map is, for those who do not see it. */
  label: string;
  /** Declared layers besides the base map. */
  layers?: readonly string[];
  /** Declared layers of the base map: all of them unless told; [] for none. */
  base?: readonly string[];
  /** Where to look; when it changes the map goes there. Absent: the whole city. */
  view?: View | undefined;
  /** Looks at this box instead: west, south, east, north. */
  fit?: Bounds | undefined;
  onView?: (view: View, bounds: Bounds) => void;
  /** A feature of a declared layer was clicked. */
  onPick?: (picked: Picked) => void;
  /** Any place was clicked where no feature is. */
  onPlace?: (place: { lon: number; lat: number }) => void;
  overlays?: readonly Overlay[];
  /** Pixels, or any CSS length. */
  height?: number | string;
  /** Instant of the time slider in ms; null: now. */
  at?: number | null;
  service?: string | null;
  opacity?: Readonly<Record<string, number>>;
  /** Buildings stand up and the map can be turned; otherwise it lies flat and north is up. */
  turning?: boolean;
  /** Buttons for zoom and north. */
  controls?: boolean;
  /** Without a frame: for maps that fill a page. */
  bare?: boolean;
  /** For tools of the page: the map itself, when it is there and when it goes. */
  onMap?: (map: GlMap | null) => void;
}

const none: readonly never[] = [];
const whole = {};

export function CityMap(props: CityMapProps) {
  const { t } = useSpeech();
  const data = useMapData();
  const height = props.height ?? 360;
  return (
    <div className={props.bare ? 'city-map bare' : 'city-map'} style={{ height }}>
      {data.data ? <Drawn {...props} data={data.data} /> : null}
      {data.isPending ? (
        <p className="city-map-state" role="status">
          {t('map.loading')}
        </p>
      ) : null}
      {data.isError && !data.data ? (
        <p className="city-map-state" role="alert">
          {t('map.unavailable')}
        </p>
      ) : null}
    </div>
  );
}

/** The box that a map of the whole city shows. */
export const cityBox = (data: MapData): Bounds => {
  const own = data.layers.find((l) => l.id === 'county')?.box ?? data.city.box;
  const [lon, lat] = data.city.centre;
  return own ?? [lon - 0.3, lat - 0.2, lon + 0.3, lat + 0.2];
};

function Drawn({ data, ...props }: CityMapProps & { data: MapData }) {
  const { t, say, language } = useSpeech();
  const { mode } = useTheme();
  const { layers = none, overlays = none, at = null, service = null, opacity = whole, view, fit } = props;
  const box = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<GlMap | null>(null);
  const [failed, setFailed] = useState(false);
  const [seen, setSeen] = useState<{ bounds: Bounds; zoom: number } | null>(null);
  const latest = useRef(props);
  latest.current = props;

  const shown = useMemo(() => {
    const base = props.base ?? data.layers.filter((l) => l.group === 'base' && l.shown).map((l) => l.id);
    return [...new Set([...base, ...layers])];
  }, [props.base, layers, data]);
  const alive = useMemo(() => data.layers.filter((l) => l.live && shown.includes(l.id)), [data, shown]);
  const live = useLive(alive, seen?.bounds ?? null, seen?.zoom ?? 0, at);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the map is made once; what changes is brought to it below.
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    let gone = false;
    let made: GlMap | null = null;
    void import('./engine.ts')
      .then(({ GlMap, NavigationControl, ScaleControl }) => {
        if (gone) return;
        const first = latest.current.view;
        const start = first
          ? {
              center: [first.lon, first.lat] as [number, number],
              zoom: first.zoom,
              bearing: first.bearing ?? 0,
              pitch: first.pitch ?? 0,
            }
          : {
              bounds: [...(latest.current.fit ?? cityBox(data))] as [number, number, number, number],
              fitBoundsOptions: { padding: 24 },
            };
        made = new GlMap({
          container: element,
          style: emptyStyle(mode),
          ...start,
          attributionControl: false,
          dragRotate: props.turning === true,
          pitchWithRotate: props.turning === true,
          maxPitch: props.turning ? 70 : 0,
          maxZoom: 20,
          minZoom: 4,
          renderWorldCopies: false,
          fadeDuration: 0,
          canvasContextAttributes: { preserveDrawingBuffer: true },
          locale: {
            'Map.Title': latest.current.label,
            'NavigationControl.ZoomIn': t('map.zoom-in'),
            'NavigationControl.ZoomOut': t('map.zoom-out'),
            'NavigationControl.ResetBearing': t('map.north-up'),
          },
        });
        const own = made;
        if (!props.turning) own.touchZoomRotate.disableRotation();
        if (props.controls !== false)
          own.addControl(
            new NavigationControl({ showCompass: props.turning === true, visualizePitch: true }),
            'top-right',
          );
        own.addControl(new ScaleControl({ unit: 'metric' }), 'bottom-left');
        own.getCanvas().setAttribute('aria-label', latest.current.label);
        const told = () => {
          const b = own.getBounds();
          const bounds: Bounds = [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()];
          const { lng, lat } = own.getCenter();
          setSeen({ bounds, zoom: own.getZoom() });
          const now = { lon: lng, lat, zoom: own.getZoom(), bearing: own.getBearing(), pitch: own.getPitch() };
          latest.current.onView?.(now, bounds);
        };
        own.on('moveend', told);
        own.on('click', (event) => picked(own, event, latest.current));
        own.on('mousemove', (event) => {
          own.getCanvas().style.cursor = at0(own, event).length > 0 ? 'pointer' : '';
        });
        own.once('style.load', () => {
          if (gone) return;
          setMap(own);
          latest.current.onMap?.(own);
          told();
        });
      })
      .catch(() => setFailed(true));
    return () => {
      gone = true;
      latest.current.onMap?.(null);
      made?.remove();
      setMap(null);
    };
  }, []);

  useEffect(() => {
    if (!map) return;
    let gone = false;
    void import('./draw.ts').then(({ draw }) => {
      if (!gone) draw(map, { data, layers: shown, mode, at, service, opacity, overlays, live: live.features });
    });
    return () => {
      gone = true;
    };
  }, [map, data, shown, mode, at, service, opacity, overlays, live.features]);

  // A page that follows the map's own moves gives back what it was told: nothing is to be done then.
  useEffect(() => {
    if (!map || !view) return;
    const c = map.getCenter();
    const same =
      Math.abs(c.lng - view.lon) < 1e-5 &&
      Math.abs(c.lat - view.lat) < 1e-5 &&
      Math.abs(map.getZoom() - view.zoom) < 0.01 &&
      Math.abs(map.getBearing() - (view.bearing ?? 0)) < 0.1 &&
      Math.abs(map.getPitch() - (view.pitch ?? 0)) < 0.1;
    if (!same)
      map.jumpTo({ center: [view.lon, view.lat], zoom: view.zoom, bearing: view.bearing ?? 0, pitch: view.pitch ?? 0 });
  }, [map, view]);
  useEffect(() => {
    if (map && fit && !view)
      map.fitBounds([...fit] as [number, number, number, number], { padding: 40, maxZoom: 17, duration: 0 });
  }, [map, fit, view]);

  const found = data.services.find((s) => s.id === service);
  const approval = found ? found.approval : data.own.approval;
  return (
    <>
      <div className="city-map-canvas" ref={box} lang={language} />
      {failed ? (
        <p className="city-map-state" role="alert">
          {t('map.no-webgl')}
        </p>
      ) : null}
      <p className="city-map-note">
        {found ? say(found.attribution) : say(data.own.note)}
        {approval ? ` · ${approval}` : ''}
        {live.failed.length > 0 ? ` · ${t('map.stale')}` : ''}
      </p>
    </>
  );
}

/** What of declared layers and overlays lies under the pointer, the topmost first. */
function at0(map: GlMap, event: MapMouseEvent) {
  const { x, y } = event.point;
  return map
    .queryRenderedFeatures([
      [x - 4, y - 4],
      [x + 4, y + 4],
    ])
    .filter((f) => (f.layer.metadata as { layer?: string; overlay?: string } | undefined) !== undefined);
}

function picked(map: GlMap, event: MapMouseEvent, { onPick, onPlace, overlays }: CityMapProps): void {
  const found = at0(map, event);
  const { lng: lon, lat } = event.lngLat;
  for (const f of found) {
    const { layer, overlay } = f.layer.metadata as { layer?: string; overlay?: string };
    if (f.properties.point_count !== undefined) {
      map.easeTo({ center: [lon, lat], zoom: Math.min(map.getZoom() + 2, 18) });
      return;
    }
    const id = f.properties.id ?? f.id;
    if (overlay) {
      const own = overlays?.find((o) => o.id === overlay);
      if (!own?.onPick || id === undefined) continue;
      own.onPick(String(id));
      return;
    }
    if (layer && id !== undefined && onPick) {
      onPick({ layer, id: String(id), lon, lat });
      return;
    }
  }
  onPlace?.({ lon, lat });
}
