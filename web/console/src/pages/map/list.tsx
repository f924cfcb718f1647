/** 清单: what the map shows, as a list for keyboard and reader: the features of a layer inside the window. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import type { MapData } from '../../components/city-map/index.ts';
import { Failure, Skeleton } from '../../components/states.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';

export function InView({
  data,
  layers,
  bounds,
  onPick,
}: {
  data: MapData;
  layers: readonly string[];
  bounds: readonly [number, number, number, number] | null;
  onPick: (picked: { layer: string; id: string; lon: number; lat: number }) => void;
}) {
  const { t, say } = useSpeech();
  const own = data.layers.filter((l) => layers.includes(l.id) && !l.fault);
  const [chosen, setChosen] = useState<string | null>(null);
  const layer = own.find((l) => l.id === chosen) ?? own.find((l) => l.geometry === 'point') ?? own[0];
  const bbox = bounds?.map((v) => v.toFixed(4)).join(',');
  const found = useQuery({
    queryKey: ['map', 'list', layer?.id, bbox],
    queryFn: ({ signal }) =>
      api.get('/api/v1/map/layers/{layer}/features', {
        params: { layer: layer!.id },
        query: { bbox, limit: 100 },
        signal,
      }),
    enabled: layer !== undefined && bbox !== undefined,
    placeholderData: keepPreviousData,
  });
  if (!layer) return <p className="small quiet">{t('map.inside-none')}</p>;
  const middle = (c: unknown): [number, number] => {
    const flat = JSON.stringify(c)
      .match(/-?\d+(\.\d+)?/g)!
      .map(Number);
    const pick = (o: 0 | 1) => flat.filter((_, i) => i % 2 === o);
    const mid = (v: number[]) => (Math.min(...v) + Math.max(...v)) / 2;
    return [mid(pick(0)), mid(pick(1))];
  };
  return (
    <div className="stack-s">
      <Select
        value={layer.id}
        onChange={setChosen}
        aria-label={t('map.list-layer')}
        options={own.map((l) => ({ value: l.id, label: say(l.title) }))}
      />
      {found.isError ? <Failure error={found.error} /> : null}
      {found.isPending ? <Skeleton rows={4} /> : null}
      {found.data ? (
        <>
          <p className="small quiet" aria-live="polite">
            {found.data.matched === null
              ? t('map.in-view-some', { n: found.data.features.length })
              : t('map.in-view', { n: full(found.data.matched), shown: found.data.features.length })}
          </p>
          <ul className="map-list">
            {found.data.features.map((f) => {
              const name = layer.label ? f.properties[layer.label] : null;
              const [lon, lat] = middle(f.geometry.coordinates);
              return (
                <li key={f.id}>
                  <button type="button" onClick={() => onPick({ layer: layer.id, id: f.id, lon, lat })}>
                    <span>{name === null || name === undefined ? f.id : String(name)}</span>
                  </button>
                </li>
              );
            })}
          </ul>
        </>
      ) : null}
    </div>
  );
}
