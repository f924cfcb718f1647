/** A place, by a click on the map or by coordinates typed: the map is never the only way. */
import { Input } from 'antd';
import { useEffect, useId, useMemo, useState } from 'react';
import { CityMap } from '../../components/city-map/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { pointAt } from './places.ts';
import { useMayMap } from './shared.tsx';

export interface Point {
  lon: number;
  lat: number;
}

const digits = (n: number) => Number(n.toFixed(6));

/** Longitude and latitude by hand. */
export function Coordinates({ at, onPlace }: { at: Point | null; onPlace: (at: Point | null) => void }) {
  const { t } = useSpeech();
  const id = useId();
  const [typed, setTyped] = useState({ lon: '', lat: '' });
  useEffect(() => {
    setTyped(at ? { lon: String(at.lon), lat: String(at.lat) } : { lon: '', lat: '' });
  }, [at]);
  const leave = () => {
    const [lon, lat] = [Number(typed.lon), Number(typed.lat)];
    const whole = typed.lon !== '' && typed.lat !== '' && Math.abs(lon) <= 180 && Math.abs(lat) <= 90;
    if (whole) onPlace({ lon, lat });
    else if (typed.lon === '' && typed.lat === '') onPlace(null);
  };
  return (
    <div className="row">
      {(['lon', 'lat'] as const).map((part) => (
        <span key={part} className="row" style={{ gap: 6 }}>
          <label htmlFor={`${id}-${part}`} className="small quiet">
            {t(`events.${part}`)}
          </label>
          <Input
            id={`${id}-${part}`}
            style={{ width: 130 }}
            inputMode="decimal"
            maxLength={14}
            value={typed[part]}
            onChange={(event) => setTyped({ ...typed, [part]: event.target.value.normalize('NFKC').trim() })}
            onBlur={leave}
            onPressEnter={leave}
          />
        </span>
      ))}
    </div>
  );
}

export function PlaceMap({
  at,
  onPlace,
  height = 300,
  near = [],
}: {
  at: Point | null;
  onPlace: (at: Point | null) => void;
  height?: number;
  /** Events beside it, to be seen. */
  near?: Parameters<typeof CityMap>[0]['overlays'];
}) {
  const { t } = useSpeech();
  const mayMap = useMayMap();
  // Begins where the place is; afterwards the map is the person's own.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only where it begins.
  const view = useMemo(() => (at ? { lon: at.lon, lat: at.lat, zoom: 14.5 } : undefined), []);
  return (
    <div className="stack-s">
      {mayMap ? (
        <>
          <CityMap
            label={t('events.map-pick')}
            height={height}
            view={view}
            layers={['open-events']}
            overlays={[
              ...(near ?? []),
              {
                id: 'place',
                size: 9,
                data: {
                  type: 'FeatureCollection',
                  features: at ? [pointAt('place', at.lon, at.lat, 'primary', t('events.here'))] : [],
                },
              },
            ]}
            onPlace={(p) => onPlace({ lon: digits(p.lon), lat: digits(p.lat) })}
            onPick={(p) => onPlace({ lon: digits(p.lon), lat: digits(p.lat) })}
          />
          <p className="small quiet">{t('events.map-pick-text')}</p>
        </>
      ) : null}
      <Coordinates at={at} onPlace={onPlace} />
    </div>
  );
}
