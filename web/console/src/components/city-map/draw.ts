/** Brings a map to what its page wants: sources, layers, overlays. Called again whenever any of that changes. */
import type { Map as GlMap, LayerSpecification, SourceSpecification } from 'maplibre-gl';
import { urlOf } from '../../api/client.ts';
import { type Mode, palettes } from '../../theme/tokens.ts';
import { archiveSource } from './engine.ts';
import { colourOf, drawn, heightOf, LABEL_FONT, type SourceOf, timeFilter } from './style.ts';
import type { Features, MapData, MapLayer, Overlay } from './types.ts';

/** What is wanted on a map. */
export interface Wanted {
  data: MapData;
  /** Ids of declared layers that are shown. */
  layers: readonly string[];
  mode: Mode;
  /** Instant of the time slider in ms; null: now. */
  at: number | null;
  /** Id of a map service below everything, or null. */
  service: string | null;
  /** 0 … 1 by layer, where it is not whole. */
  opacity: Readonly<Record<string, number>>;
  overlays: readonly Overlay[];
  /** Features of live layers as they are now. */
  live: Readonly<Record<string, Features>>;
}

const nothing: Features = { type: 'FeatureCollection', features: [] };
const MOST_ZOOM = 15;

/** Address of a layer's tiles; it changes with the data, so that no old tile is shown. */
function tilesOf(layer: string, version: string): string {
  return `${location.origin}/api/v1/map/tiles/${encodeURIComponent(layer)}/{z}/{x}/{y}?v=${encodeURIComponent(version)}`;
}

/** The source that a layer is drawn from; layers of the base map share one. */
function sourceOf(layer: MapLayer, data: MapData, live: Wanted['live']): SourceOf & { spec: SourceSpecification } {
  if (layer.live) {
    return { source: `live-${layer.id}`, spec: { type: 'geojson', data: (live[layer.id] ?? nothing) as never } };
  }
  if (layer.group === 'base') {
    if (data.archive) {
      const url = `${location.origin}${urlOf('/api/v1/map/archive/base.pmtiles', {}, {})}?v=${data.archive.version}`;
      return { source: 'base', sourceLayer: layer.id, spec: { type: 'vector', url: archiveSource(url) } };
    }
    const all = data.layers.filter((l) => l.group === 'base' && !l.live);
    const version = all.map((l) => l.version ?? '').join('.');
    return {
      ...{ source: 'base', sourceLayer: layer.id },
      spec: { type: 'vector', tiles: [tilesOf('base', short(version))], minzoom: 4, maxzoom: MOST_ZOOM },
    };
  }
  return {
    ...{ source: `tiles-${layer.id}`, sourceLayer: layer.id },
    spec: {
      type: 'vector',
      tiles: [tilesOf(layer.id, layer.version ?? '')],
      minzoom: Math.min(MOST_ZOOM, Math.floor(layer.zooms.min)),
      maxzoom: MOST_ZOOM,
    },
  };
}

/** A short name of a long text (FNV-1a, 32 bits, twice). */
function short(text: string): string {
  let [a, b] = [0x811c9dc5, 0x01000193];
  for (let i = 0; i < text.length; i++) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193);
    b = Math.imul(b + text.charCodeAt(i), 0x85ebca6b) ^ (b >>> 13);
  }
  return `${(a >>> 0).toString(36)}${(b >>> 0).toString(36)}`;
}

/** Draws what is wanted. What is there already and the same is left alone. */
export function draw(map: GlMap, wanted: Wanted): void {
  const { data, mode } = wanted;
  const shown = data.layers
    .filter((l) => wanted.layers.includes(l.id) && !l.fault)
    .map((l, order) => ({ l, order }))
    .sort((a, b) => heightOf(a.l) - heightOf(b.l) || a.order - b.order)
    .map(({ l }) => l);
  const sources = new Map<string, SourceSpecification>();
  const layers: LayerSpecification[] = [
    { id: 'land', type: 'background', paint: { 'background-color': palettes[mode].sunken } },
  ];
  const service = data.services.find((s) => s.id === wanted.service);
  if (service) {
    const url = `${location.origin}/api/v1/map/services/${service.id}/{z}/{x}/{y}`;
    sources.set('service', { type: 'raster', tiles: [url], tileSize: 256, maxzoom: service.maxZoom });
    layers.push({ id: 'service', type: 'raster', source: 'service' });
  }
  const labels: LayerSpecification[] = [];
  for (const layer of shown) {
    const { spec, ...from } = sourceOf(layer, data, wanted.live);
    sources.set(from.source, spec);
    const filter = timeFilter(layer, wanted.at);
    const opacity = wanted.opacity[layer.id] ?? 1;
    for (const one of drawn(layer, from, mode, { opacity, ...(filter ? { filter } : {}) }))
      (one.type === 'symbol' ? labels : layers).push(one);
  }
  // Writing lies above all that is drawn, what the page puts on the map above that.
  layers.push(...labels);
  for (const overlay of wanted.overlays) {
    sources.set(`overlay-${overlay.id}`, { type: 'geojson', data: overlay.data as never });
    layers.push(...overlayLayers(overlay, mode));
  }
  const before = map.getStyle();
  const tools = Object.entries(before?.sources ?? {}).filter(([id]) => id.startsWith(TOOL));
  const own = (before?.layers ?? []).filter((l) => l.id.startsWith(TOOL));
  // Compared with what is drawn: only what differs is changed, all else stays on the screen.
  map.setStyle(
    { version: 8, sources: Object.fromEntries([...sources, ...tools]), layers: [...layers, ...own] },
    { diff: true },
  );
}

/** What a tool (drawing) put on the map by itself starts with this: it stays. */
const TOOL = 'td-';

/** Points as circles, lines, and areas faintly with their outline; the property `label` beside them. */
function overlayLayers(overlay: Overlay, mode: Mode): LayerSpecification[] {
  const source = `overlay-${overlay.id}`;
  const p = palettes[mode];
  const names = Object.keys(p);
  const own = colourOf(overlay.colour ?? 'primary', mode);
  const colour = [
    'match',
    ['to-string', ['get', 'colour']],
    ...names.flatMap((n) => [n, p[n as keyof typeof p]]),
    own,
  ] as never;
  const see = overlay.opacity ?? 1;
  const of = (suffix: string) => ({ id: `${source}${suffix}`, source, metadata: { overlay: overlay.id } });
  const kind = (type: string) => ['==', ['geometry-type'], type] as never;
  return [
    ...bufferLayers(overlay, own, of),
    {
      ...of('-area'),
      type: 'fill',
      filter: kind('Polygon'),
      paint: { 'fill-color': colour, 'fill-opacity': 0.16 * see },
    },
    {
      ...of('-line'),
      type: 'line',
      filter: ['!=', ['geometry-type'], 'Point'],
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': colour, 'line-width': overlay.size ?? 2.2, 'line-opacity': see },
    },
    {
      ...of('-point'),
      type: 'circle',
      filter: kind('Point'),
      paint: {
        'circle-color': colour,
        'circle-radius': overlay.size ?? 6,
        'circle-opacity': see,
        'circle-stroke-color': p.surface,
        'circle-stroke-width': 2,
      },
    },
    {
      ...of('-label'),
      type: 'symbol',
      filter: ['has', 'label'],
      layout: {
        'text-field': ['to-string', ['get', 'label']],
        'text-font': LABEL_FONT,
        'text-size': 12,
        'text-anchor': 'top',
        'text-offset': [0, 0.8],
      },
      paint: { 'text-color': p.ink, 'text-halo-color': p.surface, 'text-halo-width': 1.6 },
    },
  ];
}

/** A buffer to scale: twice its metres as the width of the line, which doubles with every zoom. */
function bufferLayers(
  { metres, data }: Overlay,
  colour: string,
  of: (suffix: string) => { id: string; source: string; metadata: unknown },
): LayerSpecification[] {
  if (!metres) return [];
  const first = (c: unknown): number =>
    Array.isArray(c) && typeof c[0] === 'number' ? (c[1] as number) : first((c as unknown[])[0]);
  const lat = data.features[0] ? first(data.features[0].geometry.coordinates) : 0;
  // Tiles are 512 pixels: so many metres is a pixel at zoom 0.
  const pixel = (40_075_016.686 * Math.cos((lat * Math.PI) / 180)) / 512;
  const grown = (value: number) =>
    ['interpolate', ['exponential', 2], ['zoom'], 0, value, 24, value * 2 ** 24] as never;
  const width = (2 * metres) / pixel;
  return [
    {
      ...of('-buffer'),
      type: 'line',
      filter: ['!=', ['geometry-type'], 'Point'],
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': colour, 'line-opacity': 0.16, 'line-width': grown(width) },
    },
    {
      ...of('-buffer-point'),
      type: 'circle',
      filter: ['==', ['geometry-type'], 'Point'],
      paint: { 'circle-color': colour, 'circle-opacity': 0.16, 'circle-radius': grown(width / 2) },
    },
  ];
}
