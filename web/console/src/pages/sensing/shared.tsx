/** What the pages of sensing have in common: how a sensor stands, a value with its unit, a line of the last day. */
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Label } from '../../components/page.tsx';
import { useSpeech } from '../../i18n/index.ts';

export type EntityList = Answer<'/api/v1/sensing/entities'>;
export type Detail = Answer<'/api/v1/sensing/entities/{id}'>;
export type Series = Detail['series'][number];
export type Health = Detail['health'];
export type History = Answer<'/api/v1/sensing/series/{number}/history'>;
export type Intake = Answer<'/api/v1/sensing/intake'>;
export type Gateway = Answer<'/api/v1/sensing/gateways'>['items'][number];
export type Broker = Intake['brokers'][number];
export const healths: readonly Health[] = ['silent', 'flat', 'drifting', 'new', 'ok', 'retired'];

const tones = { ok: 'good', new: 'info', silent: 'bad', flat: 'warn', drifting: 'warn', retired: undefined } as const;

/** Colours of the palette by health, for marks on a map. */
export const healthColours = {
  ...{ ok: 'good', new: 'info', silent: 'bad', flat: 'warn', drifting: 'warn', retired: 'ink3' },
} as const satisfies Record<Health, string>;

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

/** Organisations as choices; asked for when a form is open. */
export function useOrganisations(enabled: boolean): { value: string; label: string }[] {
  const { say } = useSpeech();
  const all = useQuery({
    queryKey: ['catalogue', 'organisations'],
    queryFn: ({ signal }) => api.get('/api/v1/catalogue/organisations', { signal }),
    enabled,
  });
  return (all.data?.items ?? []).map((o) => ({ value: o.id, label: say(o.name) }));
}

/** A control of a form with its name above it and, where it needs one, a hint below. */
export function Field({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  return (
    <div className="stack-s" style={{ minInlineSize: 0, gap: 4, alignContent: 'start' }}>
      <span className="small">{label}</span>
      {children}
      {hint ? <span className="small quiet">{hint}</span> : null}
    </div>
  );
}

/** Fields of a form beside each other, as many as there is room for. */
export const formGrid = {
  display: 'grid',
  gap: 12,
  gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 220px), 1fr))',
} as const;

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
