/** Controls of plain values. Dates and times are the browser's own: on a phone they are the fastest, and they work without a network. */
import { Button, Checkbox, Input, Radio, Select } from 'antd';
import { useEffect, useState } from 'react';
import { useSpeech } from '../../../i18n/index.ts';
import type { Field, Value } from '../shared/pure.ts';
import { type ControlProps, useFill, useWords } from './context.tsx';

type Of<K extends Field['kind']> = Extract<Field, { kind: K }>;
const text = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
const status = (invalid: boolean | undefined) => (invalid ? { status: 'error' as const } : {});

export function TextControl({ field, value, set, aria }: ControlProps<Of<'text'> | Of<'uscc'> | Of<'address'>>) {
  const most = field.kind === 'text' ? field.maxLength : field.kind === 'uscc' ? 30 : 300;
  const shown = typeof value === 'object' && value !== null && 'text' in value ? text(value.text) : text(value);
  return (
    <Input
      {...aria}
      {...status(aria['aria-invalid'])}
      value={shown}
      maxLength={most}
      autoComplete="off"
      spellCheck={false}
      className={field.kind === 'uscc' ? 'mono' : ''}
      autoCapitalize={field.kind === 'uscc' ? 'characters' : 'off'}
      inputMode={field.kind === 'text' && field.meaning === 'email' ? 'email' : 'text'}
      onChange={(event) => set(event.target.value || null)}
    />
  );
}

export function LongControl({ field, value, set, aria }: ControlProps<Of<'long-text'>>) {
  return (
    <Input.TextArea
      {...aria}
      {...status(aria['aria-invalid'])}
      value={text(value)}
      maxLength={field.maxLength}
      autoSize={{ minRows: 3, maxRows: 12 }}
      onChange={(event) => set(event.target.value || null)}
    />
  );
}

/** A number, typed as text: what is no number stays visible until it is mended. */
export function NumberControl({ field, value, set, aria }: ControlProps<Of<'integer'> | Of<'decimal'>>) {
  const [typed, setTyped] = useState(text(value));
  useEffect(() => {
    setTyped((before) => (Number(before.replaceAll(/[,，\s]/g, '')) === value && before !== '' ? before : text(value)));
  }, [value]);
  return (
    <Input
      {...aria}
      {...status(aria['aria-invalid'])}
      value={typed}
      inputMode={field.kind === 'integer' && (field.min ?? -1) >= 0 ? 'numeric' : 'decimal'}
      autoComplete="off"
      suffix={field.unit ? <span className="quiet">{field.unit}</span> : null}
      onChange={(event) => {
        const next = event.target.value.normalize('NFKC');
        setTyped(next);
        const bare = next.replaceAll(/[,\s]/g, '');
        const number = Number(bare);
        set(bare === '' ? null : Number.isFinite(number) ? number : next);
      }}
    />
  );
}

export function DateControl({ field, value, set, aria }: ControlProps<Of<'date'>>) {
  const limit = (day: string | undefined) =>
    day === 'today' ? new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10) : day;
  return (
    <Input
      {...aria}
      {...status(aria['aria-invalid'])}
      type="date"
      value={text(value)}
      min={limit(field.min)}
      max={limit(field.max) ?? '9999-12-31'}
      onChange={(event) => set(event.target.value || null)}
    />
  );
}

const shanghai = (instant: unknown): string => {
  const at = typeof instant === 'string' ? Date.parse(instant) : Number.NaN;
  return Number.isNaN(at) ? '' : new Date(at + 8 * 3_600_000).toISOString().slice(0, 16);
};

/** Date and time in Asia/Shanghai, kept with its zone. */
export function DateTimeControl({ value, set, aria }: ControlProps<Of<'datetime'>>) {
  return (
    <Input
      {...aria}
      {...status(aria['aria-invalid'])}
      type="datetime-local"
      value={shanghai(value)}
      max="9999-12-31T23:59"
      onChange={(event) => set(event.target.value ? `${event.target.value}:00+08:00` : null)}
    />
  );
}

export function YesNoControl({ value, set, aria, label, required }: ControlProps<Of<'boolean'>>) {
  const { t } = useSpeech();
  return (
    <div className="ff-options" role="radiogroup" aria-label={label} aria-describedby={aria['aria-describedby']}>
      <Radio.Group
        id={aria.id}
        optionType="button"
        value={typeof value === 'boolean' ? value : null}
        onChange={(event) => set(event.target.value as boolean)}
        options={[
          { value: true, label: t('common.yes') },
          { value: false, label: t('common.no') },
        ]}
      />
      {typeof value === 'boolean' && !required ? (
        <Button type="text" size="small" onClick={() => set(null)}>
          {t('forms.fill.clear')}
        </Button>
      ) : null}
    </div>
  );
}

/** More than this many options are searched in instead of shown. */
const SHOWN = 7;

export function ChoiceControl({ field, value, set, aria, label, required }: ControlProps<Of<'choice'>>) {
  const { t } = useSpeech();
  const words = useWords();
  const { tables } = useFill();
  const own = field.options.map((option) => ({ value: option.code, label: words(option.title) }));
  const table = field.table ? (tables[`${field.table}:${field.under ?? ''}`] ?? []) : [];
  const options = field.table ? table.map(({ code, zh }) => ({ value: code, label: `${code} ${zh}` })) : own;
  if (field.multiple) {
    const chosen = Array.isArray(value) ? (value as string[]) : [];
    const full = field.maxChosen !== undefined && chosen.length >= field.maxChosen;
    if (options.length <= SHOWN)
      return (
        <fieldset className="ff-options" id={aria.id} tabIndex={-1}>
          <legend className="visually-hidden">{label}</legend>
          {options.map((option) => (
            <Checkbox
              key={option.value}
              checked={chosen.includes(option.value)}
              disabled={full && !chosen.includes(option.value)}
              onChange={(event) => {
                const next = options
                  .map((o) => o.value)
                  .filter((code) => (code === option.value ? event.target.checked : chosen.includes(code)));
                set(next.length ? next : null);
              }}
            >
              {option.label}
            </Checkbox>
          ))}
        </fieldset>
      );
    return (
      <Select
        {...aria}
        aria-label={label}
        mode="multiple"
        value={chosen}
        {...(field.maxChosen === undefined ? {} : { maxCount: field.maxChosen })}
        showSearch={{ optionFilterProp: 'label' }}
        options={options}
        onChange={(next: string[]) => set(next.length ? next : null)}
        {...status(aria['aria-invalid'])}
      />
    );
  }
  const one = typeof value === 'string' ? value : null;
  if (options.length > SHOWN || options.length === 0)
    return (
      <Select
        {...aria}
        aria-label={label}
        value={one}
        allowClear={!required}
        showSearch={{ optionFilterProp: 'label' }}
        options={options}
        notFoundContent={field.table && options.length === 0 ? t('forms.fill.table-later') : undefined}
        onChange={(next: string | undefined) => set((next ?? null) as Value)}
        {...status(aria['aria-invalid'])}
      />
    );
  return (
    <div className="ff-options" role="radiogroup" aria-label={label} aria-describedby={aria['aria-describedby']}>
      <Radio.Group
        id={aria.id}
        optionType="button"
        value={one}
        options={options}
        onChange={(event) => set(event.target.value as string)}
      />
      {one !== null && !required ? (
        <Button type="text" size="small" onClick={() => set(null)}>
          {t('forms.fill.clear')}
        </Button>
      ) : null}
    </div>
  );
}

/** An identity or telephone number: what is kept already is shown masked and stays unless it is written anew. */
export function SecretControl({ field, value, set, aria }: ControlProps<Of<'citizen-id'> | Of<'phone'>>) {
  const { t } = useSpeech();
  if (typeof value === 'object' && value !== null && 'token' in value) {
    const held = value as { token: string; shown?: string };
    return (
      <div className="row">
        <span className="masked mono" id={aria.id} tabIndex={-1}>
          {held.shown ?? '******'}
        </span>
        <Button size="small" onClick={() => set(null)}>
          {t('forms.fill.write-anew')}
        </Button>
      </div>
    );
  }
  return (
    <Input
      {...aria}
      {...status(aria['aria-invalid'])}
      className="mono"
      value={text(value)}
      maxLength={field.kind === 'phone' ? 30 : 24}
      autoComplete="off"
      spellCheck={false}
      inputMode={field.kind === 'phone' ? 'tel' : 'text'}
      autoCapitalize="characters"
      onChange={(event) => set(event.target.value || null)}
    />
  );
}
