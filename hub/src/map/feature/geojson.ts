/** WKT as the lake holds it, as GeoJSON (RFC 7946). */
import type { MapGeometry, Position } from '../layer/types.ts';

const KINDS: Record<string, MapGeometry['type']> = {
  POINT: 'Point',
  MULTIPOINT: 'MultiPoint',
  LINESTRING: 'LineString',
  MULTILINESTRING: 'MultiLineString',
  POLYGON: 'Polygon',
  MULTIPOLYGON: 'MultiPolygon',
};

/** The geometry of a WKT in degrees of WGS 84; null where it cannot be read. */
export function geoJsonOfWkt(wkt: string): MapGeometry | null {
  const kind = /^\s*([A-Z]+)\s*(\(.*\))\s*$/i.exec(wkt);
  const type = kind ? KINDS[kind[1]!.toUpperCase()] : undefined;
  if (!kind || !type) return null;
  const text = kind[2]!
    .replace(/(-?\d[\d.eE+-]*)\s+(-?\d[\d.eE+-]*)/g, (_, x: string, y: string) => `[${Number(x)},${Number(y)}]`)
    .replaceAll('(', '[')
    .replaceAll(')', ']');
  try {
    let coordinates = JSON.parse(text) as unknown;
    if (type === 'Point') coordinates = (coordinates as unknown[])[0];
    // MULTIPOINT ((1 2), (3 4)) has a bracket for each point.
    if (type === 'MultiPoint')
      coordinates = (coordinates as (Position | [Position])[]).map((p) => (Array.isArray(p[0]) ? p[0] : p));
    return { type, coordinates } as MapGeometry;
  } catch {
    return null;
  }
}
