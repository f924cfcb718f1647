/** Filters whose values are in the URL: a change is a step of the history and starts at the first page again. */
import { Button, DatePicker, Input, Select } from 'antd';
import dayjs from 'dayjs';
import { type ReactNode, useEffect, useId, useState } from 'react';
import { useSpeech } from '../i18n/index.ts';
import { useUrlState } from '../router.tsx';

/** Keys that say where in a list one is; they lose their meaning when a filter changes. */
const places = { offset: undefined, 'items-offset': undefined, page: undefined, after: undefined, cursor: undefined };

export function Filters({ children, keys }: { children: ReactNode; keys: readonly string[] }) {
  const { t } = useSpeech();
  const url = useUrlState();
  const any = keys.some((key) => url.get(key) !== '');
  return (
    <search className="filters">
      {children}
      {any ? (
        <Button
          type="text"
          onClick={() => url.set({ ...Object.fromEntries(keys.map((key) => [key, undefined])), ...places })}
        >
          {t('common.reset')}
        </Button>
      ) : null}
    </search>
  );
}

export interface Choice {
  value: string;
  label: string;
}

/** One of some values, or all. */
export function ChoiceFilter({
  name,
  label,
  choices,
  width = 160,
  otherwise,
}: {
  name: string;
  label: string;
  choices: readonly Choice[];
  width?: number;
  /** The value that stands when the URL says nothing. */
  otherwise?: string;
}) {
  const { t } = useSpeech();
  const url = useUrlState();
  const value = url.get(name) || otherwise || undefined;
  const id = useId();
  return (
    <div className="filter" style={{ minWidth: width }}>
      <label htmlFor={id}>{label}</label>
      <Select
        id={id}
        aria-label={label}
        value={value ?? null}
        allowClear={!otherwise}
        placeholder={t('common.all')}
        showSearch={choices.length > 10 ? { optionFilterProp: 'label' } : false}
        popupMatchSelectWidth={false}
        options={[...choices]}
        onChange={(next: string | undefined) => url.set({ ...places, [name]: next })}
      />
    </div>
  );
}

/** Words; taken when one stops typing. */
export function TextFilter({
  name,
  label,
  hint,
  width = 220,
  type,
}: {
  name: string;
  label: string;
  hint?: string;
  width?: number;
  type?: 'number';
}) {
  const url = useUrlState();
  const inUrl = url.get(name);
  const [text, setText] = useState(inUrl);
  const id = useId();
  const { set } = url;
  useEffect(() => setText(inUrl), [inUrl]);
  useEffect(() => {
    if (text === inUrl) return;
    const timer = setTimeout(() => set({ ...places, [name]: text.trim() }, { replace: true }), 300);
    return () => clearTimeout(timer);
  }, [text, inUrl, name, set]);
  return (
    <div className="filter" style={{ minWidth: width }}>
      <label htmlFor={id}>{label}</label>
      <Input
        id={id}
        type={type ?? 'text'}
        value={text}
        placeholder={hint}
        allowClear={!type}
        onChange={(event) => setText(event.target.value)}
      />
    </div>
  );
}

/** A day, in the URL as `2026-11-21`. */
export function DateFilter({ name, label, width = 140 }: { name: string; label: string; width?: number }) {
  const url = useUrlState();
  const value = url.get(name);
  const day = value ? dayjs(value, 'YYYY-MM-DD') : null;
  const id = useId();
  return (
    <div className="filter" style={{ minWidth: width }}>
      <label htmlFor={id}>{label}</label>
      <DatePicker
        id={id}
        aria-label={label}
        value={day?.isValid() ? day : null}
        format="YYYY-MM-DD"
        onChange={(next) => url.set({ ...places, [name]: next ? next.format('YYYY-MM-DD') : undefined })}
      />
    </div>
  );
}
