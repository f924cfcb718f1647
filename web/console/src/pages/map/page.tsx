/** 一张图: the whole city on one map, with layers, search, drawing, time, side by side, printing; its whole state is its address. */
import {
  BorderVerticleOutlined,
  CloseOutlined,
  DownloadOutlined,
  MenuFoldOutlined,
  MenuUnfoldOutlined,
  PrinterOutlined,
  ShareAltOutlined,
} from '@ant-design/icons';
import { App, Button, Segmented, Select, Tabs } from 'antd';
import type { Map as GlMap } from 'maplibre-gl';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import {
  CityMap,
  type Features,
  type MapData,
  type Overlay,
  type Picked,
  useMapData,
  type View,
} from '../../components/city-map/index.ts';
import { legendOf } from '../../components/city-map/style.ts';
import { Loaded } from '../../components/states.tsx';
import { copyText } from '../../format/copy.ts';
import { instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { FeatureCard } from './card.tsx';
import { FindOnMap } from './find.tsx';
import { LayerTree } from './layers.tsx';
import { InView } from './list.tsx';
import './map.css';
import { useMapState } from './state.ts';
import { spanOf, TimeSlider } from './time.tsx';
import { Tools } from './tools.tsx';

export default function MapPage() {
  const { t } = useSpeech();
  const data = useMapData();
  return (
    <Loaded query={data} heading={t('titles.map')}>
      {(d) => <Whole data={d} />}
    </Loaded>
  );
}

type Bounds = readonly [number, number, number, number];

function Whole({ data }: { data: MapData }) {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const { state, change } = useMapState(data);
  const [bounds, setBounds] = useState<Bounds | null>(null);
  const [panel, setPanel] = useState(() => window.innerWidth > 860);
  const [side, setSide] = useState<'left' | 'right'>('left');
  const [goal, setGoal] = useState<View | undefined>(state.view);
  const [map, setMap] = useState<GlMap | null>(null);
  const [spot, setSpot] = useState<[number, number] | null>(null);
  const drawing = useRef(false);
  const [opened] = useState(() => Date.now());

  // Between flat and turning one map takes the place of another: what the old one still tells is no wish of anybody.
  const turning = useRef(state.turning);
  useEffect(() => {
    turning.current = state.turning;
  }, [state.turning]);
  const onView = useCallback(
    (view: View, seen: Bounds, own: boolean) => {
      if (own !== turning.current) return;
      setBounds(seen);
      setGoal(view);
      change({ view });
    },
    [change],
  );
  const onPick = useCallback(
    (picked: Picked) => {
      if (drawing.current) return;
      setSpot([picked.lon, picked.lat]);
      change({ picked: { layer: picked.layer, id: picked.id } });
    },
    [change],
  );
  const go = useCallback(
    (picked: Picked) => {
      setGoal((g) => ({ ...(g ?? { zoom: 16 }), lon: picked.lon, lat: picked.lat, zoom: Math.max(g?.zoom ?? 0, 16) }));
      onPick(picked);
      if (window.innerWidth <= 860) setPanel(false);
    },
    [onPick],
  );
  const overlays = useMemo((): Overlay[] => {
    const one = (geometry: Features['features'][number]['geometry']): Features => ({
      type: 'FeatureCollection',
      features: [{ type: 'Feature', geometry, properties: {} }],
    });
    return [
      ...(state.shape ? [{ id: 'shape', data: one(state.shape), colour: 'bad', metres: state.metres }] : []),
      ...(spot && state.picked
        ? [{ id: 'picked', data: one({ type: 'Point', coordinates: spot }), colour: 'bad', size: 8, opacity: 0.9 }]
        : []),
    ];
  }, [state.shape, state.metres, spot, state.picked]);

  const compared = state.right !== null;
  const right = compared && side === 'right';
  const shown = right ? state.right! : state.layers;
  const none = useMemo(() => [] as string[], []);
  const common = {
    bare: true,
    height: '100%',
    base: none,
    turning: state.turning,
    service: state.service,
    opacity: state.opacity,
    overlays,
  } as const;
  const span = spanOf(data, [...state.layers, ...(state.right ?? [])], opened);

  const print = async (how: 'print' | 'save') => {
    if (!map) return;
    const { printSheet, saveSheet, sheetOf } = await import('./print.ts');
    const service = data.services.find((s) => s.id === state.service);
    const approval = service ? service.approval : data.own.approval;
    const title = `${say(data.city.name)} · ${t('titles.map')}`;
    const legend = data.layers
      .filter((l) => state.layers.includes(l.id) && !l.fault)
      .flatMap((l): { colour?: string; text: string }[] => {
        const lines = legendOf(l, 'light').map((i) => ({
          colour: i.colour,
          text: typeof i.title === 'string' ? i.title : say(i.title),
        }));
        return lines.length > 1 ? [{ text: say(l.title) }, ...lines] : lines;
      });
    const notes = [
      `${service ? say(service.attribution) : say(data.own.note)} · ${approval ?? t('map.no-approval')}`,
      `${t('map.made-at')} ${instant(new Date())}${state.at ? ` · ${t('map.shown-at')} ${instant(state.at)}` : ''}`,
    ];
    const sheet = sheetOf(map, { title, legend, notes, legendTitle: t('map.legend'), north: t('map.north') });
    if (how === 'print') await printSheet(sheet, title);
    else await saveSheet(sheet, `${title}.png`);
  };
  const share = async () => {
    const done = await copyText(location.href);
    if (done) void message.success(t('map.shared'));
    else void message.info(location.href);
  };
  const tabs = [
    {
      key: 'layers',
      label: t('map.tab.layers'),
      children: (
        <div className="stack-s">
          {compared ? (
            <Segmented
              block
              value={side}
              onChange={(v) => setSide(v as 'left' | 'right')}
              options={[
                { value: 'left', label: t('map.left') },
                { value: 'right', label: t('map.right') },
              ]}
            />
          ) : null}
          {data.services.length > 0 ? (
            <Select
              aria-label={t('map.service')}
              value={state.service ?? ''}
              onChange={(v) => change({ service: v || null })}
              options={[
                { value: '', label: t('map.own-base') },
                ...data.services.map((s) => ({ value: s.id, label: say(s.title) })),
              ]}
            />
          ) : null}
          <LayerTree
            data={data}
            shown={shown}
            onShown={(layers) => change(right ? { right: layers } : { layers })}
            opacity={state.opacity}
            onOpacity={(opacity) => change({ opacity })}
          />
        </div>
      ),
    },
    { key: 'find', label: t('map.tab.find'), children: <FindOnMap onFound={go} /> },
    {
      key: 'tools',
      label: t('map.tab.tools'),
      children: (
        <Tools
          map={map}
          data={data}
          layers={state.layers}
          shape={state.shape}
          metres={state.metres}
          onShape={(shape) => change({ shape, ...(shape ? {} : { metres: 0 }) })}
          onMetres={(metres) => change({ metres })}
          onPick={go}
          onDrawing={(on) => {
            drawing.current = on;
            if (on && window.innerWidth <= 860) setPanel(false);
          }}
        />
      ),
    },
    {
      key: 'list',
      label: t('map.tab.list'),
      children: <InView data={data} layers={state.layers} bounds={bounds} onPick={go} />,
    },
  ];
  return (
    <div className="map-page">
      <header className="map-head">
        <h1>{t('titles.map')}</h1>
        <span className="spacer" />
        <Button
          icon={panel ? <MenuFoldOutlined /> : <MenuUnfoldOutlined />}
          aria-expanded={panel}
          aria-label={t(panel ? 'map.hide-panel' : 'map.show-panel')}
          onClick={() => setPanel(!panel)}
        />
        <Button
          type={state.turning ? 'primary' : 'default'}
          aria-pressed={state.turning}
          onClick={() => {
            const next = !state.turning;
            turning.current = next;
            const c = map?.getCenter();
            const view = c
              ? {
                  lon: c.lng,
                  lat: c.lat,
                  zoom: next ? Math.max(map!.getZoom(), 15) : map!.getZoom(),
                  pitch: next ? 55 : 0,
                  bearing: 0,
                }
              : state.view;
            setGoal(view);
            change({ turning: next, ...(view ? { view } : {}) });
          }}
        >
          3D
        </Button>
        <Button
          type={compared ? 'primary' : 'default'}
          icon={<BorderVerticleOutlined />}
          aria-pressed={compared}
          aria-label={t('map.compare')}
          title={t('map.compare')}
          onClick={() => {
            setSide('left');
            change({ right: compared ? null : [...state.layers], ...(compared ? { rightAt: null } : {}) });
          }}
        />
        <Button
          icon={<PrinterOutlined />}
          aria-label={t('map.print')}
          title={t('map.print')}
          onClick={() => void print('print')}
        />
        <Button
          icon={<DownloadOutlined />}
          aria-label={t('map.save')}
          title={t('map.save')}
          onClick={() => void print('save')}
        />
        <Button
          icon={<ShareAltOutlined />}
          aria-label={t('map.share')}
          title={t('map.share')}
          onClick={() => void share()}
        />
      </header>
      <div className={panel ? 'map-body' : 'map-body wide'}>
        {panel ? (
          <aside className="map-panel" aria-label={t('map.panel')}>
            <Button
              className="map-panel-close only-narrow"
              type="text"
              size="small"
              icon={<CloseOutlined />}
              aria-label={t('map.hide-panel')}
              onClick={() => setPanel(false)}
            />
            <Tabs activeKey={state.tab} onChange={(tab) => change({ tab })} items={tabs} size="small" />
          </aside>
        ) : null}
        <div className="map-stage">
          <div className={compared ? 'map-pair' : 'map-one'}>
            <CityMap
              {...common}
              key={state.turning ? 'turning' : 'flat'}
              label={compared ? t('map.left') : t('titles.map')}
              layers={state.layers}
              at={state.at}
              view={goal}
              onView={(view, seen) => onView(view, seen, state.turning)}
              onPick={onPick}
              onMap={setMap}
            />
            {compared ? (
              <CityMap
                {...common}
                key={state.turning ? 'turning-right' : 'flat-right'}
                label={t('map.right')}
                layers={state.right!}
                at={state.rightAt}
                view={goal}
                onView={(view, seen) => onView(view, seen, state.turning)}
                onPick={onPick}
              />
            ) : null}
          </div>
          {state.picked ? (
            <FeatureCard
              key={`${state.picked.layer}/${state.picked.id}`}
              layer={state.picked.layer}
              id={state.picked.id}
              onClose={() => {
                setSpot(null);
                change({ picked: null });
              }}
            />
          ) : null}
          {span ? (
            <div className={compared ? 'map-times two' : 'map-times'}>
              <TimeSlider
                span={span}
                at={state.at}
                onAt={(at) => change({ at })}
                label={t(compared ? 'map.time-left' : 'map.time')}
              />
              {compared ? (
                <TimeSlider
                  span={span}
                  at={state.rightAt}
                  onAt={(rightAt) => change({ rightAt })}
                  label={t('map.time-right')}
                />
              ) : null}
            </div>
          ) : null}
        </div>
      </div>
    </div>
  );
}
