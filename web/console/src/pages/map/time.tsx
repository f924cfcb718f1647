/** 时间轴: the instant that layers with a time are shown at. */
import { CaretRightOutlined, PauseOutlined } from '@ant-design/icons';
import { Button, Slider } from 'antd';
import { useEffect, useState } from 'react';
import type { MapData } from '../../components/city-map/index.ts';
import { instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';

const DAY = 86_400_000;
const STEPS = 240;

/** From when to when the shown layers have anything to tell; null: none of them knows time. */
export function spanOf(data: MapData, shown: readonly string[], now: number): [number, number] | null {
  const timed = data.layers.filter((l) => shown.includes(l.id) && l.time && !l.fault);
  if (timed.length === 0) return null;
  const from = timed.map((l) => (l.times ? Date.parse(l.times[0]) : now - DAY));
  return [Math.min(...from), Math.max(now, ...timed.map((l) => (l.times ? Date.parse(l.times[1]) : now)))];
}

export function TimeSlider({
  span: [from, to],
  at,
  onAt,
  label,
}: {
  span: [number, number];
  at: number | null;
  onAt: (at: number | null) => void;
  label: string;
}) {
  const { t } = useSpeech();
  const [playing, setPlaying] = useState(false);
  const [moved, setMoved] = useState<number | null>(null);
  const step = Math.max(60_000, Math.round((to - from) / STEPS));
  const value = moved ?? at ?? to;
  useEffect(() => {
    if (!playing) return;
    const timer = setTimeout(() => {
      const next = Math.min(to, value + step);
      onAt(next >= to ? null : next);
      if (next >= to) setPlaying(false);
    }, 400);
    return () => clearTimeout(timer);
  }, [playing, value, step, to, onAt]);
  return (
    <div className="map-time">
      <Button
        size="small"
        icon={playing ? <PauseOutlined /> : <CaretRightOutlined />}
        aria-label={t(playing ? 'map.pause' : 'map.play')}
        onClick={() => {
          if (!playing && at === null) onAt(from);
          setPlaying(!playing);
        }}
      />
      <Slider
        style={{ flex: 1 }}
        min={from}
        max={to}
        step={step}
        value={value}
        onChange={setMoved}
        onChangeComplete={(v) => {
          setMoved(null);
          // Half a step from the end is the end: a whole one is where the first press of a key leads.
          onAt(v >= to - step / 2 ? null : v);
        }}
        tooltip={{ open: false }}
        ariaLabelForHandle={label}
        ariaValueTextFormatterForHandle={(v) => instant(v)}
      />
      <output className="num small">{at === null && moved === null ? t('map.now') : instant(value)}</output>
      {at !== null ? (
        <Button size="small" onClick={() => onAt(null)}>
          {t('map.now')}
        </Button>
      ) : null}
    </div>
  );
}
