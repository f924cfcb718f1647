/** The map's whole state, in the page's address: who opens the address sees the same. */
import { useCallback, useMemo } from 'react';
import type { MapData, View } from '../../components/city-map/index.ts';
import { type UrlState, useUrlState } from '../../router.tsx';
import { type Drawn, shapeOf, shapeText } from './measure.ts';

export interface MapState {
  view: View | undefined;
  /** Layers shown, of the left map and of the right one; null: as declared. */
  layers: string[];
  right: string[] | null;
  /** Instants in ms. */
  at: number | null;
  rightAt: number | null;
  service: string | null;
  opacity: Record<string, number>;
  picked: { layer: string; id: string } | null;
  shape: Drawn | null;
  metres: number;
  tab: string;
  turning: boolean;
}

const instant = (text: string): number | null => {
  const ms = text ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
};

function viewOf(text: string): View | undefined {
  const [lon, lat, zoom, bearing = 0, pitch = 0] = text.split(',').map(Number) as number[];
  const good = [lon, lat, zoom, bearing, pitch].every((v) => v !== undefined && Number.isFinite(v));
  if (!text || !good || Math.abs(lon!) > 180 || Math.abs(lat!) > 85) return undefined;
  return {
    lon: lon!,
    lat: lat!,
    zoom: Math.max(0, Math.min(22, zoom!)),
    bearing,
    pitch: Math.max(0, Math.min(70, pitch)),
  };
}

export const viewText = (v: View): string =>
  [v.lon.toFixed(5), v.lat.toFixed(5), v.zoom.toFixed(2), Math.round(v.bearing ?? 0), Math.round(v.pitch ?? 0)].join(
    ',',
  );

/** What the map shows unless told otherwise. */
export const declared = (data: MapData): string[] => data.layers.filter((l) => l.shown).map((l) => l.id);

/** The state and how it is changed. */
export function useMapState(data: MapData): {
  state: MapState;
  set: UrlState['set'];
  change: (patch: Partial<MapState>) => void;
} {
  const url = useUrlState();
  const { set } = url;
  const keys = ['v', 'at', 'rat', 'base', 'pick', 'shape', 'm', 'tab', '3d'] as const;
  const lists = ['on', 'ron', 'o'] as const;
  const stamp = [...keys.map((k) => url.get(k)), ...lists.map((k) => url.all(k).join('|'))].join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the stamp is everything that is read.
  const state = useMemo((): MapState => {
    const known = new Set(data.layers.map((l) => l.id));
    const listed = (key: string) => {
      const all = url.all(key);
      return all.length === 0 ? null : all.filter((id) => known.has(id));
    };
    const pick = /^([a-z0-9-]+)\/(.+)$/.exec(url.get('pick'));
    return {
      view: viewOf(url.get('v')),
      layers: listed('on') ?? declared(data),
      right: listed('ron'),
      ...{ at: instant(url.get('at')), rightAt: instant(url.get('rat')) },
      service: data.services.some((s) => s.id === url.get('base')) ? url.get('base') : null,
      opacity: Object.fromEntries(
        url.all('o').flatMap((o) => {
          const m = /^([a-z0-9-]+):(\d{1,3})$/.exec(o);
          return m ? [[m[1]!, Math.min(100, Number(m[2])) / 100]] : [];
        }),
      ),
      picked: pick && known.has(pick[1]!) ? { layer: pick[1]!, id: pick[2]! } : null,
      shape: shapeOf(url.get('shape')),
      metres: Math.max(0, Math.min(50_000, url.number('m', 0))),
      tab: url.get('tab') || 'layers',
      turning: url.get('3d') !== '',
    };
  }, [stamp, data]);
  const change = useCallback(
    (patch: Partial<MapState>) => {
      const out: Record<string, string | string[] | undefined> = {};
      const iso = (ms: number | null | undefined) =>
        ms === null || ms === undefined ? undefined : new Date(ms).toISOString();
      if (patch.view) out.v = viewText(patch.view);
      // An empty list would be taken for "as declared": a word that is no layer's stands for nothing.
      if (patch.layers) out.on = patch.layers.length ? patch.layers : ['-'];
      if ('right' in patch) out.ron = patch.right ? (patch.right.length ? patch.right : ['-']) : undefined;
      if ('at' in patch) out.at = iso(patch.at);
      if ('rightAt' in patch) out.rat = iso(patch.rightAt);
      if ('service' in patch) out.base = patch.service ?? undefined;
      if (patch.opacity) out.o = Object.entries(patch.opacity).map(([id, v]) => `${id}:${Math.round(v * 100)}`);
      if ('picked' in patch) out.pick = patch.picked ? `${patch.picked.layer}/${patch.picked.id}` : undefined;
      if ('shape' in patch) out.shape = patch.shape ? shapeText(patch.shape) : undefined;
      if (patch.metres !== undefined) out.m = patch.metres ? String(patch.metres) : undefined;
      if (patch.tab) out.tab = patch.tab === 'layers' ? undefined : patch.tab;
      if (patch.turning !== undefined) out['3d'] = patch.turning ? '1' : undefined;
      set(out, { replace: true });
    },
    [set],
  );
  return { state, set, change };
}
