/** Features of live layers inside what the map shows, asked again as often as the layers say. */
import { keepPreviousData, useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '../../api/client.ts';
import type { Features, MapLayer } from './types.ts';

/** West, south, east, north in degrees. */
export type Bounds = readonly [number, number, number, number];

/** A box somewhat larger than what is seen, on a raster of its own size, so that small moves ask nothing. */
export function askedBox([w, s, e, n]: Bounds): Bounds {
  const [dx, dy] = [Math.max(e - w, 0.002) / 2, Math.max(n - s, 0.002) / 2];
  const down = (v: number, d: number) => Math.floor(v / d) * d;
  const up = (v: number, d: number) => Math.ceil(v / d) * d;
  const held = (v: number, most: number) => Math.max(-most, Math.min(most, v));
  return [held(down(w, dx), 180), held(down(s, dy), 90), held(up(e, dx), 180), held(up(n, dy), 90)];
}

/** Features by layer. `at`: an instant in ms, null for now. */
export function useLive(
  layers: readonly MapLayer[],
  bounds: Bounds | null,
  zoom: number,
  at: number | null,
): { features: Record<string, Features>; more: string[]; failed: string[] } {
  const bbox = bounds
    ? askedBox(bounds)
        .map((v) => v.toFixed(4))
        .join(',')
    : null;
  const instant = at === null ? undefined : new Date(at).toISOString();
  const answers = useQueries({
    queries: layers.map((l) => ({
      queryKey: ['map', 'live', l.id, bbox, Math.floor(zoom), instant],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        api.get('/api/v1/map/layers/{layer}/features', {
          params: { layer: l.id },
          query: { bbox, zoom: Math.floor(zoom), at: instant },
          signal,
        }),
      enabled: bbox !== null && zoom >= l.zooms.min,
      placeholderData: keepPreviousData,
      refetchInterval: at === null ? (l.refresh ?? 10) * 1000 : (false as const),
    })),
  });
  const stamp = answers.map((a) => a.dataUpdatedAt).join(' ');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the stamps change exactly when an answer does.
  return useMemo(() => {
    const features: Record<string, Features> = {};
    const more: string[] = [];
    const failed: string[] = [];
    for (const [i, l] of layers.entries()) {
      const data = answers[i]?.data;
      if (answers[i]?.isError) failed.push(l.id);
      if (!data) continue;
      if (data.more) more.push(l.id);
      features[l.id] = {
        type: 'FeatureCollection',
        features: data.features.map((f) => ({
          ...{ type: 'Feature', geometry: f.geometry as never },
          properties: { ...f.properties, id: f.id },
        })),
      };
    }
    return { features, more, failed };
  }, [stamp, layers]);
}
