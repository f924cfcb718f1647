import type { ReactNode } from 'react';
import { full, type Measured, short } from '../format/index.ts';
import { unitText } from '../format/units.ts';
import { useSpeech } from '../i18n/index.ts';

/** A number with its unit, its digits of equal width. */
export function Num({
  value,
  unit,
  exact = false,
}: {
  value: number | null | undefined;
  unit?: string;
  exact?: boolean;
}) {
  const { language } = useSpeech();
  if (value === null || value === undefined) return <span className="quiet">—</span>;
  const m: Measured = exact ? { number: full(value), unit: '' } : short(value, language);
  const text = [m.unit, unit].filter(Boolean).join(language === 'zh' ? '' : ' ');
  return (
    <span className="num" title={exact ? undefined : full(value)}>
      {m.number}
      {text ? <span className="unit">{text}</span> : null}
    </span>
  );
}

/** A unit or currency that the hub names, in the language of the page; nothing where there is none. */
export function Unit({ of }: { of: string | null | undefined }) {
  const { language } = useSpeech();
  return of ? <span className="unit">{unitText(of, language)}</span> : null;
}

/** One figure of a strip of figures: what it is, how much, and what it is measured against. */
export function Figure({
  label,
  children,
  note,
  tone,
}: {
  label: ReactNode;
  children: ReactNode;
  note?: ReactNode;
  tone?: 'good' | 'warn' | 'bad';
}) {
  return (
    <div className="figure">
      <dt className="figure-label">{label}</dt>
      <dd>
        <div className={`figure-value ${tone ? `${tone}-text` : ''}`}>{children}</div>
        {note === undefined ? null : <div className="figure-note">{note}</div>}
      </dd>
    </div>
  );
}

/** A strip of figures. */
export function Figures({ children }: { children: ReactNode }) {
  return <dl className="figures">{children}</dl>;
}
