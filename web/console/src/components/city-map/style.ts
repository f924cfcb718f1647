/** Declared layers as MapLibre draws them, in the colours of the console's palette. Pure. */
import type {
  DataDrivenPropertyValueSpecification,
  ExpressionSpecification,
  LayerSpecification,
  StyleSpecification,
} from 'maplibre-gl';
import { type Mode, type Palette, palettes, seriesColours } from '../../theme/tokens.ts';
import type { LayerColouring, MapLayer } from './types.ts';

/** Family that every label is written in; glyphs are drawn by the browser, none are fetched. */
export const LABEL_FONT = ['Noto Sans CJK SC, Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif'];

/** A colour of the palette or of the series by its name. */
export function colourOf(name: string, mode: Mode): string {
  const series = /^series-(\d)$/.exec(name);
  if (series) return seriesColours[mode][Number(series[1])]!;
  return palettes[mode][name as keyof Palette] ?? palettes[mode].ink3;
}

/** Mixes two #rrggbb colours. */
function mixed(a: string, b: string, share: number): string {
  const part = (c: string, i: number) => Number.parseInt(c.slice(1 + 2 * i, 3 + 2 * i), 16);
  const hex = (i: number) =>
    Math.round(part(a, i) * (1 - share) + part(b, i) * share)
      .toString(16)
      .padStart(2, '0');
  return `#${hex(0)}${hex(1)}${hex(2)}`;
}

/** Colours of the steps of a ramp, from faint to full. */
export function rampOf(ramp: string, steps: number, mode: Mode): string[] {
  const full = colourOf(ramp, mode);
  const faint = mixed(palettes[mode].surface, full, 0.12);
  return Array.from({ length: steps }, (_, i) => mixed(faint, full, steps === 1 ? 1 : i / (steps - 1)));
}

type Colour = DataDrivenPropertyValueSpecification<string>;

/** What a colouring is in the map's own language. */
export function colourExpression(colouring: LayerColouring, mode: Mode): Colour {
  if (typeof colouring === 'string') return colourOf(colouring, mode);
  if ('by' in colouring) {
    const pairs = colouring.values.flatMap((v) => [String(v.is), colourOf(v.colour, mode)]);
    const field: ExpressionSpecification = ['to-string', ['get', colouring.by]];
    return ['match', field, ...pairs, colourOf(colouring.otherwise, mode)] as unknown as Colour;
  }
  const colours = rampOf(colouring.ramp, colouring.breaks.length + 1, mode);
  const steps = colouring.breaks.flatMap((b, i) => [b, colours[i + 1]!]);
  // What was kept back has no figure: it is drawn as nothing, not as little.
  return [
    'case',
    ['==', ['typeof', ['get', colouring.steps]], 'number'],
    ['step', ['get', colouring.steps], colours[0]!, ...steps],
    'rgba(0,0,0,0)',
  ] as unknown as Colour;
}

function sizeOf(style: MapLayer['style'], otherwise: number): DataDrivenPropertyValueSpecification<number> {
  const { size } = style;
  if (size === undefined || typeof size === 'number') return size ?? otherwise;
  const pairs = size.values.flatMap((v) => [String(v.is), v.size]);
  return ['match', ['to-string', ['get', size.by]], ...pairs, size.otherwise] as never;
}

/** Half as large at zoom 10 as at 15: so that a county full of points is not one blot. */
const growing = (value: DataDrivenPropertyValueSpecification<number>, least = 0.5) =>
  ['interpolate', ['linear'], ['zoom'], 9, ['*', least, value], 15, value, 20, ['*', 1.8, value]] as never;

/** Where a layer's features come from: the name of its source and, for tiles, of its layer in them. */
export interface SourceOf {
  source: string;
  sourceLayer?: string;
}

/** The drawing of one declared layer: ids start with the layer's. `filter`: what the time slider leaves. */
export function drawn(
  layer: MapLayer,
  { source, sourceLayer }: SourceOf,
  mode: Mode,
  { filter, opacity = 1 }: { filter?: ExpressionSpecification; opacity?: number } = {},
): LayerSpecification[] {
  const { style } = layer;
  const p = palettes[mode];
  const colour = colourExpression(style.colour, mode);
  const see = (style.opacity ?? 1) * opacity;
  const of = (suffix: string) => ({
    id: `${layer.id}${suffix}`,
    source,
    ...(sourceLayer ? { 'source-layer': sourceLayer } : {}),
    minzoom: layer.zooms.min,
    maxzoom: 24,
    metadata: { layer: layer.id },
  });
  const where = (own?: ExpressionSpecification) => {
    const both = [own, filter].filter((f): f is ExpressionSpecification => f !== undefined);
    if (both.length === 0) return {};
    return { filter: (both.length === 1 ? both[0]! : ['all', ...both]) as ExpressionSpecification };
  };
  const out: LayerSpecification[] = [];
  const single: ExpressionSpecification = ['!', ['has', 'point_count']];
  if (style.draw === 'circle') {
    const many: ExpressionSpecification = ['has', 'point_count'];
    if (style.clusterBelow !== undefined) {
      const radius = ['interpolate', ['linear'], ['log10', ['get', 'point_count']], 0.3, 9, 2, 16, 4, 26];
      out.push({
        ...of('~many'),
        ...where(many),
        type: 'circle',
        paint: {
          'circle-color': colour,
          'circle-radius': radius as never,
          'circle-opacity': 0.82 * see,
          'circle-stroke-color': p.surface,
          'circle-stroke-width': 1.5,
        },
      });
      out.push({
        ...of('~count'),
        ...where(many),
        type: 'symbol',
        layout: {
          'text-field': ['to-string', ['get', 'point_count']],
          'text-font': LABEL_FONT,
          'text-size': 11.5,
          'text-allow-overlap': true,
        },
        paint: { 'text-color': p['primary-ink'] },
      });
    }
    out.push({
      ...of(''),
      ...where(single),
      type: 'circle',
      paint: {
        'circle-color': colour,
        'circle-radius': growing(sizeOf(style, 5)),
        'circle-opacity': see,
        'circle-stroke-color': p.surface,
        'circle-stroke-width': 1.2,
      },
    });
  } else if (style.draw === 'line' || style.draw === 'outline') {
    out.push({
      ...of(''),
      ...where(),
      type: 'line',
      layout: { 'line-cap': style.dash ? 'butt' : 'round', 'line-join': 'round' },
      paint: {
        'line-color': colour,
        'line-width': growing(sizeOf(style, 1.5)),
        'line-opacity': see,
        ...(style.dash ? { 'line-dasharray': [...style.dash] } : {}),
      },
    });
    // An outline is picked by its inside.
    if (style.draw === 'outline')
      out.unshift({ ...of('~inside'), ...where(), type: 'fill', paint: { 'fill-color': '#000', 'fill-opacity': 0 } });
  } else if (style.draw === 'fill') {
    out.push({ ...of(''), ...where(), type: 'fill', paint: { 'fill-color': colour, 'fill-opacity': see } });
    out.push({
      ...of('~edge'),
      ...where(),
      type: 'line',
      paint: { 'line-color': colour, 'line-width': 0.8, 'line-opacity': Math.min(1, see + 0.2) },
    });
  } else {
    out.push({
      ...of(''),
      ...where(),
      type: 'fill-extrusion',
      paint: {
        'fill-extrusion-color': colour,
        'fill-extrusion-height': style.height ? (['coalesce', ['get', style.height], 3] as never) : 3,
        'fill-extrusion-opacity': see,
        'fill-extrusion-vertical-gradient': true,
      },
    });
  }
  if (style.label) {
    const line = layer.geometry === 'line';
    out.push({
      ...of('~label'),
      // A polygon that tiles cut has its name at one place only, in a layer of its own.
      ...(sourceLayer && layer.geometry === 'polygon' ? { 'source-layer': `${sourceLayer}~names` } : {}),
      ...where(single),
      minzoom: Math.max(layer.zooms.min, style.labelFrom ?? 0),
      type: 'symbol',
      layout: {
        'text-field': ['to-string', ['get', style.label]],
        'text-font': LABEL_FONT,
        'text-size': layer.geometry === 'polygon' ? 13 : 11.5,
        ...(line
          ? { 'symbol-placement': 'line' as const, 'text-max-angle': 30 }
          : layer.geometry === 'point'
            ? { 'text-anchor': 'top' as const, 'text-offset': [0, 0.7] as [number, number] }
            : {}),
        'text-max-width': 9,
        'text-padding': 4,
      },
      paint: {
        'text-color': layer.geometry === 'point' ? p.ink2 : line ? p.ink2 : p.ink3,
        'text-halo-color': p.sunken,
        'text-halo-width': 1.6,
      },
    });
  }
  return out;
}

/** Below: areas, then lines, then points; within a kind in the order of declaration. */
export const heightOf = (layer: MapLayer): number =>
  layer.style.draw === 'fill'
    ? 0
    : layer.style.draw === 'outline'
      ? 2
      : layer.style.draw === 'line'
        ? 1
        : layer.style.draw === 'extrusion'
          ? 3
          : 4;

/** An empty style in the palette's colour of land. */
export const emptyStyle = (mode: Mode): StyleSpecification => ({
  version: 8,
  sources: {},
  layers: [{ id: 'land', type: 'background', paint: { 'background-color': palettes[mode].sunken } }],
});

/** Features that are there at an instant (ms): those of layers with a time. */
export function timeFilter(layer: MapLayer, at: number | null): ExpressionSpecification | undefined {
  if (at === null || !layer.time || layer.live) return undefined;
  const begun: ExpressionSpecification = ['<=', ['coalesce', ['get', 'at_from'], 0], at];
  if (!layer.time.to) return begun;
  return ['all', begun, ['>=', ['coalesce', ['get', 'at_to'], 9e15], at]];
}

/** Lines of a legend: what each colour means. */
export function legendOf(
  layer: MapLayer,
  mode: Mode,
): { colour: string; title: { zh: string; en: string } | string }[] {
  const { colour } = layer.style;
  if (typeof colour === 'string') return [{ colour: colourOf(colour, mode), title: layer.title }];
  if ('by' in colour)
    return [
      ...colour.values.map((v) => ({ colour: colourOf(v.colour, mode), title: v.title })),
      { colour: colourOf(colour.otherwise, mode), title: { zh: '其他', en: 'Other' } },
    ];
  const colours = rampOf(colour.ramp, colour.breaks.length + 1, mode);
  const unit = colour.unit ? ` ${colour.unit}` : '';
  return colours.map((c, i) => ({
    colour: c,
    title:
      i === 0
        ? `< ${colour.breaks[0]}${unit}`
        : i === colours.length - 1
          ? `≥ ${colour.breaks.at(-1)}${unit}`
          : `${colour.breaks[i - 1]} – ${colour.breaks[i]}${unit}`,
  }));
}
