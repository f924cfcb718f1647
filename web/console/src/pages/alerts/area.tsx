/** An area for a rule or a silence: clicked together on the map, or written as coordinates for those who do not see it. */
import { Button, Input } from 'antd';
import { useMemo, useState } from 'react';
import { CityMap, type Overlay } from '../../components/city-map/index.ts';
import { useSpeech } from '../../i18n/index.ts';

type Position = [number, number];

/** Corners of a ring without its last, which is its first again. */
const cornersOf = (ring: readonly (readonly number[])[] | undefined): Position[] =>
  (ring ?? []).slice(0, -1).map((p) => [p[0]!, p[1]!]);
const written = (corners: readonly Position[]): string => corners.map(([lon, lat]) => `${lon} ${lat}`).join('\n');
const round = (x: number): number => Math.round(x * 1e6) / 1e6;

/** Corners out of lines of `longitude latitude`; null where one is none. */
function readCorners(text: string): Position[] | null {
  const rows = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => line.split(/[\s,，]+/).map(Number));
  const good = rows.every(
    ([lon, lat, ...more]) => !more.length && Math.abs(lon ?? Number.NaN) <= 180 && Math.abs(lat ?? Number.NaN) <= 90,
  );
  return good ? rows.map(([lon, lat]) => [lon!, lat!]) : null;
}

/** `value`: a closed ring of WGS 84 positions, or none; told anew when it has at least three corners or none. */
export function AreaEditor(props: {
  label: string;
  value: readonly (readonly number[])[] | undefined;
  disabled?: boolean;
  onChange: (ring: Position[] | undefined) => void;
}) {
  const { label, disabled = false, onChange } = props;
  const { t } = useSpeech();
  const [corners, setCorners] = useState<Position[]>(() => cornersOf(props.value));
  const [text, setText] = useState(() => written(cornersOf(props.value)));
  const [wrong, setWrong] = useState(false);
  const put = (next: Position[], shown = written(next)) => {
    setCorners(next);
    setText(shown);
    setWrong(false);
    if (next.length >= 3) onChange([...next, next[0]!]);
    else onChange(undefined);
  };
  const overlays = useMemo<Overlay[]>(() => {
    const shape =
      corners.length >= 3
        ? { type: 'Polygon', coordinates: [[...corners, corners[0]]] }
        : { type: 'LineString', coordinates: corners };
    return [
      {
        id: 'area',
        data: {
          type: 'FeatureCollection',
          features: [
            ...(corners.length >= 2 ? [{ type: 'Feature' as const, geometry: shape, properties: {} }] : []),
            ...corners.map((c, i) => ({
              type: 'Feature' as const,
              id: i,
              geometry: { type: 'Point', coordinates: c },
              properties: {},
            })),
          ],
        },
      },
    ];
  }, [corners]);
  return (
    <div className="stack-s">
      <CityMap
        label={label}
        overlays={overlays}
        height={280}
        onPlace={({ lon, lat }) => {
          if (!disabled) put([...corners, [round(lon), round(lat)]]);
        }}
      />
      <p className="small quiet">{t('alerts.area-hint')}</p>
      {disabled ? null : (
        <div className="row">
          <Button size="small" disabled={!corners.length} onClick={() => put(corners.slice(0, -1))}>
            {t('alerts.area-back')}
          </Button>
          <Button size="small" disabled={!corners.length} onClick={() => put([])}>
            {t('alerts.area-clear')}
          </Button>
        </div>
      )}
      <Input.TextArea
        aria-label={t('alerts.area-text')}
        rows={4}
        value={text}
        disabled={disabled}
        placeholder="121.2000 30.2000"
        status={wrong ? 'error' : ''}
        onChange={(e) => {
          const next = readCorners(e.target.value);
          if (next) put(next, e.target.value);
          else {
            setText(e.target.value);
            setWrong(true);
          }
        }}
      />
      {wrong ? (
        <p className="small" role="alert">
          {t('alerts.area-wrong')}
        </p>
      ) : null}
    </div>
  );
}
