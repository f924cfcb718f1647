/** Places of events as maps take them. Pure. */
import type { Features } from '../../components/city-map/index.ts';

interface Placed {
  id: number;
  number: string;
  longitude: number | null;
  latitude: number | null;
  late: boolean;
  urgency: string;
  state: string;
}

/** Colour of an event on a map: late, urgent, over, or neither. */
export const colourOf = (e: Pick<Placed, 'late' | 'urgency' | 'state'>): string =>
  e.state === 'closed' || e.state === 'void' ? 'good' : e.late ? 'bad' : e.urgency === 'urgent' ? 'warn' : 'info';

/** Points of those events that have a place. */
export function pointsOf(events: readonly Placed[]): Features {
  return {
    type: 'FeatureCollection',
    features: events.flatMap((e) =>
      e.longitude === null || e.latitude === null
        ? []
        : [
            {
              type: 'Feature' as const,
              id: e.id,
              geometry: { type: 'Point', coordinates: [e.longitude, e.latitude] },
              properties: { id: e.id, colour: colourOf(e) },
            },
          ],
    ),
  };
}

/** One point with its words. */
export const pointAt = (
  id: string,
  lon: number,
  lat: number,
  colour: string,
  label = '',
): Features['features'][number] => ({
  ...{ type: 'Feature', id, geometry: { type: 'Point', coordinates: [lon, lat] } },
  properties: { id, colour, label },
});

/** Metres between two places, and the direction from the first to the second in degrees from north. */
export function between(
  a: { lon: number; lat: number },
  b: { lon: number; lat: number },
): { metres: number; bearing: number } {
  const k = Math.cos(((a.lat + b.lat) / 2) * (Math.PI / 180));
  const [dx, dy] = [(b.lon - a.lon) * k * 111_320, (b.lat - a.lat) * 111_320];
  return { metres: Math.hypot(dx, dy), bearing: ((Math.atan2(dx, dy) * 180) / Math.PI + 360) % 360 };
}
