/** The tree of layers with their legends: what is shown, how strongly, and why something cannot be. */
import { Checkbox, Slider } from 'antd';
import { useState } from 'react';
import type { MapData, MapLayer } from '../../components/city-map/index.ts';
import { legendOf } from '../../components/city-map/style.ts';
import { full as number } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useTheme } from '../../theme/mode.tsx';

export function LayerTree({
  data,
  shown,
  onShown,
  opacity,
  onOpacity,
}: {
  data: MapData;
  shown: readonly string[];
  onShown: (layers: string[]) => void;
  opacity: Readonly<Record<string, number>>;
  onOpacity: (opacity: Record<string, number>) => void;
}) {
  const { t, say } = useSpeech();
  const groups = [...new Set(data.layers.map((l) => l.group))].sort((a, b) => order.indexOf(a) - order.indexOf(b));
  const toggle = (id: string, on: boolean) => onShown(on ? [...shown, id] : shown.filter((s) => s !== id));
  return (
    <div className="map-tree">
      {groups.map((group) => (
        <fieldset key={group}>
          <legend>{t(`map.group.${group}`)}</legend>
          {data.layers
            .filter((l) => l.group === group)
            .map((l) => (
              <Leaf
                key={l.id}
                layer={l}
                on={shown.includes(l.id)}
                onToggle={(on) => toggle(l.id, on)}
                opacity={opacity[l.id] ?? 1}
                onOpacity={(v) => onOpacity({ ...opacity, [l.id]: v })}
              />
            ))}
        </fieldset>
      ))}
      {data.faults.length > 0 ? (
        <div className="note warn small">
          <p className="strong">{t('map.faults')}</p>
          <ul>
            {data.faults.map((f) => (
              <li key={`${f.file}${f.line}${f.code}`}>
                {say(f.title)}{' '}
                <span className="mono quiet">
                  {f.file}
                  {f.line ? `:${f.line}` : ''}
                </span>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
    </div>
  );
}

const order = [
  'base',
  'region',
  'economy',
  'people',
  'sensing',
  'video',
  'alert',
  'risk',
  'event',
  'resource',
  'plan',
  'other',
];

function Leaf({
  layer,
  on,
  onToggle,
  opacity,
  onOpacity,
}: {
  layer: MapLayer;
  on: boolean;
  onToggle: (on: boolean) => void;
  opacity: number;
  onOpacity: (v: number) => void;
}) {
  const { t, say } = useSpeech();
  const { mode } = useTheme();
  const [open, setOpen] = useState(false);
  const legend = legendOf(layer, mode);
  const far = layer.zooms.min > 9 ? t('map.from-zoom', { zoom: layer.zooms.min }) : '';
  return (
    <div className="map-leaf">
      <div className="row" style={{ flexWrap: 'nowrap', alignItems: 'flex-start' }}>
        <Checkbox checked={on} disabled={layer.fault !== null} onChange={(e) => onToggle(e.target.checked)}>
          <span
            className={`map-swatch ${layer.style.draw}`}
            style={{ ['--swatch' as string]: legend[0]!.colour }}
            aria-hidden="true"
          />
          {say(layer.title)}
        </Checkbox>
        <span className="spacer" />
        {layer.live ? (
          <span className="label info">{t('map.live')}</span>
        ) : layer.count !== null ? (
          <span className="num quiet small">{number(layer.count)}</span>
        ) : null}
        {on ? (
          <button type="button" className="link-button small" aria-expanded={open} onClick={() => setOpen(!open)}>
            {t('map.more')}
            <span className="visually-hidden">{say(layer.title)}</span>
          </button>
        ) : null}
      </div>
      {layer.fault ? <p className="small quiet map-leaf-note">{say(layer.fault.title)}</p> : null}
      {on && legend.length > 1 ? (
        <ul className="map-legend">
          {legend.map((l) => (
            <li key={l.colour + (typeof l.title === 'string' ? l.title : l.title.en)}>
              <span
                className={`map-swatch ${layer.style.draw}`}
                style={{ ['--swatch' as string]: l.colour }}
                aria-hidden="true"
              />
              {typeof l.title === 'string' ? l.title : say(l.title)}
            </li>
          ))}
        </ul>
      ) : null}
      {on && open ? (
        <div className="map-leaf-note small">
          {layer.abstract ? <p className="quiet">{say(layer.abstract)}</p> : null}
          <p className="quiet">
            {[far, layer.left ? t('map.left-out', { n: number(layer.left) }) : ''].filter(Boolean).join(' · ')}
          </p>
          <div className="row" style={{ flexWrap: 'nowrap' }}>
            <span>{t('map.opacity')}</span>
            <Slider
              style={{ flex: 1, minWidth: 90 }}
              min={10}
              max={100}
              value={Math.round(opacity * 100)}
              onChange={(v) => onOpacity(v / 100)}
              ariaLabelForHandle={`${t('map.opacity')} ${say(layer.title)}`}
            />
          </div>
        </div>
      ) : null}
    </div>
  );
}
