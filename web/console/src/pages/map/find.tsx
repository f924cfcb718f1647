/** 查找: places, roads, enterprises, addresses by their names; the keyboard goes from the field to the results. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Input } from 'antd';
import { useDeferredValue, useState } from 'react';
import { api } from '../../api/client.ts';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';

export interface FoundPlace {
  layer: string;
  id: string;
  lon: number;
  lat: number;
}

export function FindOnMap({ onFound }: { onFound: (found: FoundPlace) => void }) {
  const { t, say } = useSpeech();
  const [text, setText] = useState('');
  const q = useDeferredValue(text.trim());
  const found = useQuery({
    queryKey: ['map', 'search', q],
    queryFn: ({ signal }) => api.get('/api/v1/map/search', { query: { q, limit: 30 }, signal }),
    enabled: q.length > 0,
    placeholderData: keepPreviousData,
  });
  return (
    <div className="stack-s">
      <Input.Search
        allowClear
        value={text}
        onChange={(e) => setText(e.target.value)}
        placeholder={t('map.find-hint')}
        aria-label={t('map.find-hint')}
        loading={found.isFetching}
      />
      {found.isError ? <Failure error={found.error} /> : null}
      <div aria-live="polite" className="small quiet">
        {q && found.data ? t('map.found', { n: found.data.found.length }) : null}
      </div>
      <ul className="map-list">
        {(q ? (found.data?.found ?? []) : []).map((f) => (
          <li key={`${f.layer}/${f.id}`}>
            <button type="button" onClick={() => onFound(f)}>
              <span>{f.label}</span>
              <span className="small quiet">{say(f.layerTitle)}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
