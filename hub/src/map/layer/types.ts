/**
 * What a layer of the one map (一张图的图层) is. A layer is declared: either a SELECT over published lake views, copied into the map's
 * own table whenever its views changed, or a function that answers what is there now (live layers of rooms that keep their state in
 * PostgreSQL). The map serves every layer alike: as vector tiles, GeoJSON and OGC API Features, with the viewer's rights applied.
 */
import type { Level, Permission, Principal, Protection } from '../../platform/auth/index.ts';
import type { Bilingual } from '../../platform/i18n/index.ts';

/** Where a layer stands in the tree of layers. */
export const groups = [
  'base',
  'region',
  'economy',
  'people',
  'sensing',
  'video',
  'alert',
  'risk',
  'event',
  'resource',
  'plan',
  'other',
] as const;
export type LayerGroup = (typeof groups)[number];

export type LayerGeometry = 'point' | 'line' | 'polygon';

/** A property of the features. */
export interface LayerField {
  /** Column of the SELECT or key of a live feature's properties: letters, digits and `_`. */
  name: string;
  title: Bilingual;
  /** text unless told otherwise; `instant` is an ISO 8601 instant in UTC. */
  type?: 'text' | 'integer' | 'decimal' | 'date' | 'instant' | 'boolean';
  /** Default internal. Personal and sensitive fields never stand in tiles or lists: only on the card of one feature, masked, audited. */
  protection?: Protection;
  /** How a personal value is masked (person-name, phone, address …; see platform/auth/protection). */
  format?: string;
  unit?: string;
  /** Whether tiles carry it. What the style, the label and the time need is carried anyhow. */
  tile?: boolean;
}

/** Colours are names of the console's palette, so that they hold in light and in dark. */
export const colours = [
  'primary',
  'weft',
  'good',
  'warn',
  'bad',
  'info',
  'ink2',
  'ink3',
  'line',
  'line-strong',
] as const;
export type LayerColour = (typeof colours)[number] | `series-${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9}`;

/** How colours follow a field: by its value, or by steps of a number (`breaks` ascending; one colour more than breaks, made of a ramp). */
export type LayerColouring =
  | LayerColour
  | { by: string; values: { is: string | number; title: Bilingual; colour: LayerColour }[]; otherwise: LayerColour }
  | { steps: string; breaks: number[]; ramp: 'primary' | 'weft' | 'bad' | 'info'; unit?: string };

/** How a layer is drawn. */
export interface LayerStyle {
  /** Points are circles (`cluster` gathers them far out); `extrusion` raises polygons by `height` (metres); `outline` draws borders only. */
  draw: 'circle' | 'line' | 'fill' | 'outline' | 'extrusion';
  colour: LayerColouring;
  /** Pixels: radius of circles, width of lines; by a field's values where it depends on one. */
  size?: number | { by: string; values: { is: string | number; size: number }[]; otherwise: number };
  dash?: [number, number];
  /** 0 … 1. */
  opacity?: number;
  /** Field with metres above ground (`extrusion`). */
  height?: string;
  /** Field whose text is written at features, from this zoom on. */
  label?: string;
  labelFrom?: number;
  /** Gather points that lie closer than some 40 pixels below this zoom. */
  clusterBelow?: number;
}

/** A feature of a live layer, in WGS 84. */
export interface MapFeature {
  id: string;
  geometry: MapGeometry;
  properties: Record<string, string | number | boolean | null>;
}

export type Position = [longitude: number, latitude: number];
export type MapGeometry =
  | { type: 'Point'; coordinates: Position }
  | { type: 'MultiPoint'; coordinates: Position[] }
  | { type: 'LineString'; coordinates: Position[] }
  | { type: 'MultiLineString'; coordinates: Position[][] }
  | { type: 'Polygon'; coordinates: Position[][] }
  | { type: 'MultiPolygon'; coordinates: Position[][][] };

/** West, south, east, north in degrees. */
export type Box = [west: number, south: number, east: number, north: number];

/** What a live layer is asked. Answer only what `who` may see; `limit + 1` features at most say that there is more. */
export interface LiveAsk {
  bbox: Box | null;
  /** Zoom of the map that asks, 0 … 22; null when no map does. */
  zoom: number | null;
  /** The instant of the time slider; null: now. */
  at: Date | null;
  /** Only this feature. */
  id: string | null;
  limit: number;
  who: Principal;
}

/**
 * Where a layer's features come from.
 * - `select`: one SELECT over `v.*` views that answers `id` (text), the declared fields, and either `lon` and `lat` or `wkt` (WGS 84).
 *   It is copied anew at first use, after every integration, and every `refresh` seconds while somebody looks (absent: only those two).
 * - `features`: asked every time.
 */
export type LayerSource =
  | { select: string; refresh?: number }
  | {
      features(ask: LiveAsk): Promise<MapFeature[]>;
      /** Seconds after which the console asks again; default 10. */
      refresh?: number;
    };

/** A declared layer. */
export interface LayerDefinition {
  /** Lower-case letters, digits, `-`; unique in the hub. */
  id: string;
  title: Bilingual;
  abstract?: Bilingual;
  group: LayerGroup;
  geometry: LayerGeometry;
  /** Who may see the layer, besides `map.read`, which every one asks. */
  permission?: Permission;
  /** Everybody may read it through OGC API Features without an account: its public fields. */
  open?: boolean;
  /** Organisation whose data it is; with the level it decides about fields (platform/auth/protection). Level default general. */
  owner: string;
  level?: Level;
  fields: LayerField[];
  /** Name of the field that names a feature. */
  label?: string;
  /** Features are found by their label. */
  search?: boolean;
  /** The field with a feature's instant or date: the layer obeys the time slider. `to`: the end, where a feature lasts. */
  time?: { from: string; to?: string };
  /** Zooms at which it is drawn; default 0 … 22. */
  zooms?: { min: number; max: number };
  /** Shown when the map is opened without a state of its own. */
  shown?: boolean;
  style: LayerStyle;
  /** Address in the console of a feature's record: `/libraries/building/{id}`; `{field}` for fields. */
  link?: string;
  source: LayerSource;
}
