/** A form as it is filled in: sections, fields that are shown now, faults beside them and as a summary that leads there. */
import { useMemo } from 'react';
import { useSpeech } from '../../../i18n/index.ts';
import { computed, type Design, type Fault, hasValue, type Value, type Values } from '../shared/pure.ts';
import { controlOf, type Fill, FillContext, useWords } from './context.tsx';
import { FieldControl } from './field.tsx';
import '../../../styles/forms.css';

/** Today in the city. */
export const today = (): string => new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);

/** Puts the keyboard on the control of a place, and brings it to the middle of the screen. */
export function goTo(at: string): void {
  // A fault of a whole row leads to its first cell.
  const id = controlOf(at);
  const target =
    document.getElementById(id) ?? document.querySelector<HTMLElement>(`[id^="${CSS.escape(id)}"]`) ?? null;
  if (!target) return;
  const inner = target.matches('input, textarea, button, select, [tabindex]')
    ? target
    : target.querySelector<HTMLElement>('input, textarea, button, [tabindex]');
  target.scrollIntoView({ block: 'center' });
  (inner ?? target).focus({ preventScroll: true });
}

/** The label of a place: 「申请事项，第 3 行，种类」. */
export function usePlaceName(design: Design): (at: string) => string {
  const { t } = useSpeech();
  const words = useWords();
  return (at) => {
    const [, table, row, cell] = /^([a-z0-9_]+)\[(\d+)\](?:\.([a-z0-9_]+))?$/.exec(at) ?? [];
    const field = design.fields.find((f) => f.name === (table ?? at));
    if (!field || field.kind === 'note') return at;
    if (field.kind !== 'table' || !row) return words(field.title);
    const column = field.fields.find((f) => f.name === cell);
    return [words(field.title), t('forms.fill.row-short', { n: row }), column ? words(column.title) : '']
      .filter(Boolean)
      .join(' · ');
  };
}

export function FaultSummary({ design, faults }: { design: Design; faults: readonly Fault[] }) {
  const { t, language } = useSpeech();
  const name = usePlaceName(design);
  if (faults.length === 0) return null;
  // In the order of the form, as one mends them.
  const place = (at: string) => design.fields.findIndex((field) => field.name === at.split('[')[0]);
  const inOrder = [...faults].sort((a, b) => place(a.at) - place(b.at));
  return (
    <section
      className="note bad"
      aria-label={t('forms.fill.faults', { n: faults.length })}
      id="ff-summary"
      tabIndex={-1}
    >
      <p className="strong">{t('forms.fill.faults', { n: faults.length })}</p>
      <ul className="ff-summary">
        {inOrder.map((fault) => (
          <li key={fault.code + fault.at}>
            {fault.at ? (
              <button type="button" className="link-button" onClick={() => goTo(fault.at)}>
                {name(fault.at)}
              </button>
            ) : null}{' '}
            {fault[language]}
          </li>
        ))}
      </ul>
    </section>
  );
}

export function FormFields({
  values,
  set,
  ...fill
}: Fill & { values: Values; set: (name: string, value: Value | null) => void }) {
  const words = useWords();
  const { design } = fill;
  const outcome = useMemo(() => computed(design, values, today()), [design, values]);
  return (
    <FillContext value={fill}>
      <div className="ff">
        {design.fields.map((field) => {
          if (!outcome.visible.has(field.name)) return null;
          if (field.kind === 'section')
            return (
              <h2 key={field.name} className="ff-section">
                {words(field.title)}
              </h2>
            );
          if (field.kind === 'note')
            return (
              <p key={field.name} className="ff-note">
                {words(field.text)}
              </p>
            );
          if (!hasValue(field)) return null;
          return (
            <FieldControl
              key={field.name}
              field={field}
              at={field.name}
              // What was typed is shown as it was typed; of sub-tables and calculated fields what it comes to.
              value={
                field.kind === 'calculated' || field.kind === 'table'
                  ? (outcome.values[field.name] ?? undefined)
                  : values[field.name]
              }
              set={(value) => set(field.name, value)}
              required={outcome.required}
            />
          );
        })}
      </div>
    </FillContext>
  );
}
