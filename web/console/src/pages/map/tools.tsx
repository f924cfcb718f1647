/** 量算、框选与缓冲区: draw a shape, read its length or area, see what lies inside or around it. */
import { useQuery } from '@tanstack/react-query';
import { Button, InputNumber, Segmented } from 'antd';
import type { Map as GlMap } from 'maplibre-gl';
import { useEffect, useRef, useState } from 'react';
import { api } from '../../api/client.ts';
import type { MapData } from '../../components/city-map/index.ts';
import { Failure, Skeleton } from '../../components/states.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useTheme } from '../../theme/mode.tsx';
import { palettes } from '../../theme/tokens.ts';
import type { Pen, Tool } from './drawing.ts';
import { areaOf, areaText, type Drawn, lengthOf, lengthText } from './measure.ts';

const tools: Tool[] = ['polygon', 'circle', 'linestring', 'point'];

export function Tools({
  map,
  data,
  layers,
  shape,
  metres,
  onShape,
  onMetres,
  onPick,
  onDrawing,
}: {
  map: GlMap | null;
  data: MapData;
  /** Layers that are shown: what is asked about. */
  layers: readonly string[];
  shape: Drawn | null;
  metres: number;
  onShape: (shape: Drawn | null) => void;
  onMetres: (metres: number) => void;
  onPick: (picked: { layer: string; id: string; lon: number; lat: number }) => void;
  onDrawing: (drawing: boolean) => void;
}) {
  const { t } = useSpeech();
  const { mode } = useTheme();
  const pen = useRef<Pen | null>(null);
  const [tool, setTool] = useState<Tool | null>(null);
  const told = useRef({ onShape, onDrawing });
  told.current = { onShape, onDrawing };

  useEffect(() => {
    if (!map) return;
    let gone = false;
    void import('./drawing.ts').then(({ penOn }) => {
      if (gone) return;
      pen.current = penOn(map, palettes[mode].bad, (drawn) => {
        setTool(null);
        told.current.onShape(drawn);
        // The click that ends the drawing is not a click on a feature.
        setTimeout(() => told.current.onDrawing(false), 50);
      });
    });
    return () => {
      gone = true;
      pen.current?.stop();
      pen.current = null;
    };
  }, [map, mode]);

  const take = (next: Tool) => {
    setTool(next);
    onDrawing(true);
    pen.current?.use(next);
  };
  const drop = () => {
    setTool(null);
    onDrawing(false);
    pen.current?.drop();
  };
  return (
    <div className="stack-s">
      <Segmented
        block
        aria-label={t('map.draw')}
        value={tool ?? ''}
        onChange={(v) => take(v as Tool)}
        options={tools.map((v) => ({ value: v, label: t(`map.tool.${v}`) }))}
      />
      {tool ? (
        <div className="row small" role="status">
          <span>{t(`map.how.${tool}`)}</span>
          <Button size="small" onClick={drop}>
            {t('map.cancel')}
          </Button>
        </div>
      ) : null}
      {shape ? (
        <>
          <dl className="map-card-facts">
            {shape.type === 'LineString' ? (
              <Measure name={t('map.length')} value={lengthText(lengthOf(shape.coordinates))} />
            ) : null}
            {shape.type === 'Polygon' ? (
              <>
                <Measure name={t('map.area')} value={areaText(areaOf(shape.coordinates[0]!))} />
                <Measure name={t('map.edge')} value={lengthText(lengthOf(shape.coordinates[0]!))} />
              </>
            ) : null}
            {shape.type === 'Point' ? (
              <Measure name={t('map.place')} value={shape.coordinates.map((v) => v.toFixed(5)).join(', ')} />
            ) : null}
          </dl>
          <div className="row">
            <span className="row small">
              {t('map.buffer')}
              <InputNumber
                aria-label={t('map.buffer')}
                min={0}
                max={50_000}
                step={50}
                value={metres}
                onChange={(v) => onMetres(Number(v ?? 0))}
                suffix="m"
              />
            </span>
            <Button size="small" onClick={() => onShape(null)}>
              {t('map.clear')}
            </Button>
          </div>
          {shape.type === 'Polygon' || metres > 0 ? (
            <Inside shape={shape} metres={metres} layers={layers} data={data} onPick={onPick} />
          ) : (
            <p className="small quiet">{t('map.buffer-needed')}</p>
          )}
        </>
      ) : (
        <p className="small quiet">{t('map.draw-lead')}</p>
      )}
    </div>
  );
}

function Measure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="num strong">{value}</dd>
    </div>
  );
}

/** What lies inside the shape or within the buffer: counts by layer, then the first by name. */
function Inside({
  shape,
  metres,
  layers,
  data,
  onPick,
}: {
  shape: Drawn;
  metres: number;
  layers: readonly string[];
  data: MapData;
  onPick: (picked: { layer: string; id: string; lon: number; lat: number }) => void;
}) {
  const { t, say } = useSpeech();
  const asked = data.layers.filter((l) => layers.includes(l.id) && !l.fault && l.geometry !== 'line').map((l) => l.id);
  const within = useQuery({
    queryKey: ['map', 'within', shape, metres, asked],
    queryFn: ({ signal }) =>
      api.post('/api/v1/map/within', { body: { geometry: shape as never, metres, layers: asked, list: 50 }, signal }),
    enabled: asked.length > 0,
  });
  if (asked.length === 0) return <p className="small quiet">{t('map.inside-none')}</p>;
  if (within.isError) return <Failure error={within.error} retry={() => void within.refetch()} />;
  if (!within.data) return <Skeleton rows={3} />;
  return (
    <div aria-live="polite">
      <h3 className="map-h3">{t('map.inside')}</h3>
      {within.data.layers.map((l) => (
        <details key={l.layer} className="fold small">
          <summary>
            {say(l.title)}{' '}
            <strong className="num">
              {full(l.count)}
              {l.atLeast ? '+' : ''}
            </strong>
          </summary>
          <ul className="map-list">
            {l.items.map((i) => (
              <li key={i.id}>
                <button type="button" onClick={() => onPick({ layer: l.layer, ...i })}>
                  <span>{i.label ?? i.id}</span>
                </button>
              </li>
            ))}
          </ul>
          {l.count > l.items.length ? <p className="quiet">{t('map.first-of', { n: l.items.length })}</p> : null}
        </details>
      ))}
    </div>
  );
}
