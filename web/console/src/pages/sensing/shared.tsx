/** What the pages of sensing have in common: how a sensor stands, a value with its unit, a line of the last day. */
import { api, type Bilingual } from '../../api/client.ts';
import { Label } from '../../components/page.tsx';
import { useSpeech } from '../../i18n/index.ts';

export type Health = 'ok' | 'new' | 'silent' | 'flat' | 'drifting' | 'retired';
export const healths: readonly Health[] = ['silent', 'flat', 'drifting', 'new', 'ok', 'retired'];

export interface Series {
  number: number;
  property: string;
  title: Bilingual;
  unit: string;
  symbol: string;
  health: Health;
  at: string | null;
  value: number | null;
  heard: string | null;
  interval: number;
  least: number;
  most: number;
}
export interface Entity {
  id: string;
  type: string;
  typeTitle: Bilingual;
  label: Bilingual;
  lon: number | null;
  lat: number | null;
  owner: string | null;
  health: Health;
  series: Series[];
}
export interface EntityList {
  total: number;
  items: (Entity & { spark: number[] })[];
  types: { type: string; title: Bilingual; count: number }[];
  healths: Partial<Record<Health, number>>;
  owners: string[];
}

type Parts = { params?: object; query?: object; body?: unknown; signal?: AbortSignal };
/** Calls of sensing's routes with the types of these pages. */
export const get = <T,>(path: string, parts: Parts = {}): Promise<T> =>
  api.get(path as never, parts as never) as unknown as Promise<T>;
export const post = <T,>(path: string, parts: Parts = {}): Promise<T> =>
  api.post(path as never, parts as never) as unknown as Promise<T>;

const tones = { ok: 'good', new: 'info', silent: 'bad', flat: 'warn', drifting: 'warn', retired: undefined } as const;

export function HealthLabel({ of }: { of: Health }) {
  const { t } = useSpeech();
  return <Label tone={tones[of]}>{t(`sensing.health.${of}`)}</Label>;
}

/** A value as people read it: four digits that count. */
export const valueText = (value: number | null): string =>
  value === null
    ? '—'
    : Math.abs(value) >= 10_000
      ? Math.round(value).toLocaleString('en-US')
      : String(Number(value.toPrecision(4)));

export function Reading({ of }: { of: Series }) {
  return (
    <span className="num" style={{ whiteSpace: 'nowrap' }}>
      {valueText(of.value)} <span className="small quiet">{of.value === null ? '' : of.symbol}</span>
    </span>
  );
}

/** The hours of the last day as a line; the figures stand beside it. */
export function Spark({ values }: { values: readonly number[] }) {
  if (values.length < 2) return <span className="quiet">—</span>;
  const low = Math.min(...values);
  const high = Math.max(...values);
  const y = (v: number) => (high === low ? 12 : 22 - ((v - low) / (high - low)) * 20);
  const points = values.map((v, i) => `${((i / (values.length - 1)) * 96 + 2).toFixed(1)},${y(v).toFixed(1)}`);
  return (
    <svg width="100" height="24" viewBox="0 0 100 24" aria-hidden="true">
      <polyline points={points.join(' ')} fill="none" stroke="currentColor" strokeWidth="1.5" opacity="0.7" />
    </svg>
  );
}
