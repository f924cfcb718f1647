/** What the map is drawn from, and what may be put on it. */
import type { Answer } from '../../api/client.ts';

export type MapData = Answer<'/api/v1/map'>;
export type MapLayer = MapData['layers'][number];
export type LayerColouring = MapLayer['style']['colour'];

/** Where a map looks. Degrees of WGS 84; zoom of web mercator; bearing and pitch in degrees. */
export interface View {
  lon: number;
  lat: number;
  zoom: number;
  bearing?: number;
  pitch?: number;
}

/** A feature that was picked on the map. */
export interface Picked {
  layer: string;
  id: string;
  lon: number;
  lat: number;
}

/** GeoJSON as overlays take it. */
export interface Features {
  type: 'FeatureCollection';
  features: {
    type: 'Feature';
    id?: string | number;
    geometry: { type: string; coordinates: unknown };
    properties: Record<string, unknown>;
  }[];
}

/**
 * Something of the page's own above the layers: GeoJSON with one colour of the palette, or a colour by its property `colour` (names of
 * the palette). Points become circles, lines lines, polygons faint areas with an outline; the property `label` is written beside them.
 */
export interface Overlay {
  id: string;
  data: Features;
  colour?: string;
  /** Radius of points, width of lines in pixels. */
  size?: number;
  opacity?: number;
  /** A buffer (缓冲区) of so many metres drawn around everything, to scale. */
  metres?: number;
  /** Called with the feature's id (or its property `id`) when it is clicked. */
  onPick?: (id: string) => void;
}
