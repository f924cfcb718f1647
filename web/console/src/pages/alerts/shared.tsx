/** What the pages of alerts share: levels in colour and words, values with their unit, the live stream. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Answer } from '../../api/client.ts';
import { Label } from '../../components/page.tsx';
import { useSpeech } from '../../i18n/index.ts';

export type Board = Answer<'/api/v1/alerts/board'>;
export type Alert = Board['alerts'][number];
export type Detail = Answer<'/api/v1/alerts/{id}'>;

/** Colours of levels 1 … 4 as the console's palette names them. */
export const levelTones = ['info', 'warn', 'weft', 'bad'] as const;

/** A level with its colour's name: 红色. Level 0 is "no data". */
export function LevelMark({ level }: { level: number }) {
  const { t } = useSpeech();
  return <Label tone={levelTones[level - 1]}>{t(`alerts.level.${level}`)}</Label>;
}

/** States besides the level: no data, silenced, inhibited, acknowledged, storm, flapping, exercise. */
export function Marks({ of }: { of: Alert }) {
  const { t } = useSpeech();
  const marks = [
    of.state === 'no-data' ? 'no-data' : null,
    of.state === 'closed' ? 'closed' : null,
    of.storm ? 'storm' : null,
    of.flapping ? 'flapping' : null,
    of.exercise ? 'exercise' : null,
    of.silenced === null ? null : 'silenced',
    of.inhibited === null ? null : 'inhibited',
    of.acknowledged && of.state !== 'closed' ? 'acknowledged' : null,
  ].filter((m) => m !== null);
  return (
    <>
      {marks.map((m) => (
        <Label key={m} tone={m === 'acknowledged' ? 'good' : m === 'exercise' ? 'primary' : undefined}>
          {t(`alerts.mark.${m}`)}
        </Label>
      ))}
    </>
  );
}

const units: Record<string, string> = {
  ...{ MTR: 'm', MTS: 'm/s', CEL: '°C', MMT: 'mm', GQ: 'µg/m³', GP: 'mg/m³', C62: '', P1: '%', KMH: 'km/h', KWT: 'kW' },
  ...{ MQS: 'm³/s', '2N': 'dB', A97: 'hPa', HUR: 'h', MQH: 'm³/h' },
};
/** The usual sign of a UN/CEFACT unit code. */
export const unitOf = (code: string | null): string => (code === null ? '' : (units[code] ?? code));

/** At most four digits behind the point, no more than are needed. */
export const figure = (value: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) < 10 ? 3 : 1, useGrouping: true });

/** What a measure says beside its threshold. */
export function Measured({ of }: { of: Alert }) {
  const { t } = useSpeech();
  if (of.source === 'cap' || of.measure === null) return <span className="quiet">—</span>;
  return (
    <span className="num">
      {figure(of.measure)} {unitOf(of.unit)}
      {of.threshold === null ? null : (
        <span className="small quiet" style={{ display: 'block' }}>
          {t('alerts.threshold')} {figure(of.threshold)}
        </span>
      )}
    </span>
  );
}

/** Reads everything of alerts anew whenever the hub tells of a change; says whether it listens. */
export function useLiveAlerts(): boolean {
  const client = useQueryClient();
  const [live, setLive] = useState(false);
  useEffect(() => {
    const source = new EventSource('/api/v1/alerts/stream');
    let timer: ReturnType<typeof setTimeout> | undefined;
    // A storm of changes is one reading: a fifth of a second is gathered.
    const again = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void client.invalidateQueries({ queryKey: ['alerts'] });
      }, 200);
    };
    source.addEventListener('hello', () => {
      setLive(true);
      again();
    });
    source.addEventListener('alert', again);
    source.addEventListener('anew', again);
    source.onerror = () => setLive(false);
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [client]);
  return live;
}

/** Whether the hub pushes changes now. */
export function LiveMark({ live }: { live: boolean }) {
  const { t } = useSpeech();
  return <Label tone={live ? 'good' : 'warn'}>{t(live ? 'alerts.live' : 'alerts.not-live')}</Label>;
}

/** Colours of levels 1 … 4 by name. */
export const colourNames = ['blue', 'yellow', 'orange', 'red'] as const;
