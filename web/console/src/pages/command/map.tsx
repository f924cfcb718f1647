/** The map that all seats share: drawing with terra-draw, every shape sent at once; others' shapes come by the stream. */
import { Button, Input } from 'antd';
import type { Map as GlMap } from 'maplibre-gl';
import { useEffect, useMemo, useRef, useState } from 'react';
import { api } from '../../api/client.ts';
import { CityMap, type Features, type Overlay } from '../../components/city-map/index.ts';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useTheme } from '../../theme/mode.tsx';
import { palettes } from '../../theme/tokens.ts';
import type { Pen, Tool } from '../map/drawing.ts';
import { newKey, type Operation, type Shape, useAct } from './shared.tsx';

/** Shapes as the map takes them. */
export function featuresOf(shapes: readonly Pick<Shape, 'id' | 'geometry' | 'properties'>[]): Features {
  return {
    type: 'FeatureCollection',
    features: shapes.map((s) => ({
      ...{ type: 'Feature', id: s.id, geometry: s.geometry as { type: string; coordinates: unknown } },
      properties: { ...s.properties, id: s.id },
    })),
  };
}

/** Resources that are out, and where the operation is. */
export function placesOf(
  o: Pick<Operation, 'head' | 'resources'>,
  say: (t: { zh: string; en: string }) => string,
): Features {
  const at = (id: string, lon: number, lat: number, label: string, colour: string): Features['features'][number] => ({
    ...{ type: 'Feature', id, geometry: { type: 'Point', coordinates: [lon, lat] }, properties: { id, label, colour } },
  });
  const own = o.resources.map((r) => at(r.id, r.lon, r.lat, say(r.name), r.state === 'working' ? 'good' : 'warn'));
  const { lon, lat, title } = o.head;
  return {
    type: 'FeatureCollection',
    features: lon !== null && lat !== null ? [...own, at('operation', lon, lat, title, 'bad')] : own,
  };
}

export function SharedMap({ o, may, height = 440 }: { o: Operation; may: boolean; height?: number | string }) {
  const { t, say } = useSpeech();
  const { mode } = useTheme();
  const [map, setMap] = useState<GlMap | null>(null);
  const [tool, setTool] = useState<Tool>();
  const [label, setLabel] = useState('');
  const [chosen, setChosen] = useState<string>();
  const pen = useRef<Pen | undefined>(undefined);
  const write = useRef(label);
  write.current = label;
  const { id } = o.head;
  const draw = useAct((shape: Omit<Shape, 'by' | 'at'> & { deleted: boolean }, key: string) =>
    api.post('/api/v1/command/operations/{id}/shapes', { params: { id }, body: { ...shape, key } as never }),
  );
  const send = useRef(draw.mutate);
  send.current = draw.mutate;
  useEffect(() => {
    if (!map || !may) return;
    let gone = false;
    void import('../map/drawing.ts').then(({ penOn }) => {
      if (gone) return;
      pen.current = penOn(map, palettes[mode].bad, (shape) => {
        setTool(undefined);
        const properties = { label: write.current.trim(), colour: 'bad' };
        send.current({ id: newKey(), version: 0, geometry: shape as Shape['geometry'], properties, deleted: false });
        setLabel('');
      });
    });
    return () => {
      gone = true;
      pen.current?.stop();
      pen.current = undefined;
    };
  }, [map, may, mode]);
  const overlays = useMemo<Overlay[]>(
    () => [
      { id: 'drawing', data: featuresOf(o.shapes), colour: 'bad', onPick: setChosen },
      { id: 'places', data: placesOf(o, say), colour: 'warn', size: 6 },
    ],
    [o, say],
  );
  const shape = o.shapes.find((s) => s.id === chosen);
  const take = (next: Tool) => {
    pen.current?.use(next);
    setTool(next);
  };
  return (
    <div className="stack-s">
      {may ? (
        <div className="row command-tools">
          {(['point', 'linestring', 'polygon', 'circle'] as const).map((one) => (
            <Button key={one} size="small" type={tool === one ? 'primary' : 'default'} onClick={() => take(one)}>
              {t(`command.tool-${one}`)}
            </Button>
          ))}
          <Input
            size="small"
            style={{ width: 180 }}
            aria-label={t('command.label')}
            placeholder={t('command.label')}
            maxLength={60}
            value={label}
            onChange={(e) => setLabel(e.target.value)}
          />
        </div>
      ) : null}
      <CityMap label={t('command.map')} overlays={overlays} height={height} onMap={setMap} controls />
      {shape ? (
        <p className="row small">
          <span>
            {String(shape.properties.label ?? '') || t('command.shape')} · {shape.by} · v{shape.version}
          </span>
          {may ? (
            <Button
              size="small"
              danger
              onClick={() => {
                const { id: name, version, geometry, properties } = shape;
                draw.mutate({ id: name, version, geometry, properties, deleted: true });
                setChosen(undefined);
              }}
            >
              {t('command.wipe')}
            </Button>
          ) : null}
        </p>
      ) : null}
      {draw.isError ? <Failure error={draw.error} /> : null}
      {o.shapes.length ? (
        <details className="fold small">
          <summary>{t('command.shapes', { n: o.shapes.length })}</summary>
          <ul className="command-list">
            {o.shapes.map((s) => (
              <li key={s.id}>
                {String(s.properties.label ?? '') || t('command.shape')} · {s.by}
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </div>
  );
}
