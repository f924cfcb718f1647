/** Small labelled inputs of the designer. */
import { Checkbox, Input, InputNumber, Select } from 'antd';
import { type ReactNode, useId } from 'react';
import { useSpeech } from '../../../i18n/index.ts';
import type { Words } from '../shared/pure.ts';

export function Line({
  label,
  hint,
  children,
}: {
  label: string;
  hint?: string | undefined;
  children: (id: string) => ReactNode;
}) {
  const id = useId();
  return (
    <div className="prop">
      <label htmlFor={id}>{label}</label>
      {children(id)}
      {hint ? <p className="small quiet">{hint}</p> : null}
    </div>
  );
}

/** A text in Chinese, English beside it. */
export function WordsInput({
  label,
  value,
  set,
  long = false,
}: {
  label: string;
  value: Words | undefined;
  set: (value: Words | undefined) => void;
  long?: boolean;
}) {
  const { t } = useSpeech();
  const Box = long ? Input.TextArea : Input;
  const most = long ? 2000 : 200;
  const write = (zh: string, en: string) => set(zh || en ? { zh, ...(en ? { en } : {}) } : undefined);
  return (
    <>
      <Line label={label}>
        {(id) => (
          <Box
            id={id}
            maxLength={most}
            value={value?.zh ?? ''}
            onChange={(e: { target: { value: string } }) => write(e.target.value, value?.en ?? '')}
          />
        )}
      </Line>
      <Line label={t('forms.design.in-english', { label })}>
        {(id) => (
          <Box
            id={id}
            maxLength={most}
            lang="en"
            value={value?.en ?? ''}
            onChange={(e: { target: { value: string } }) => write(value?.zh ?? '', e.target.value)}
          />
        )}
      </Line>
    </>
  );
}

export function NumberLine(props: {
  label: string;
  value: number | undefined;
  set: (value: number | undefined) => void;
  min?: number;
  max?: number;
  whole?: boolean;
}) {
  return (
    <Line label={props.label}>
      {(id) => (
        <InputNumber
          id={id}
          value={props.value ?? null}
          {...(props.min === undefined ? {} : { min: props.min })}
          {...(props.max === undefined ? {} : { max: props.max })}
          {...(props.whole === false ? {} : { precision: 0 })}
          onChange={(value) => props.set(value ?? undefined)}
        />
      )}
    </Line>
  );
}

export function CheckLine({ label, value, set }: { label: string; value: boolean; set: (value: boolean) => void }) {
  return (
    <Checkbox checked={value} onChange={(event) => set(event.target.checked)}>
      {label}
    </Checkbox>
  );
}

export function SelectLine<T extends string>(props: {
  label: string;
  value: T | undefined;
  options: readonly { value: T; label: string }[];
  set: (value: T) => void;
  hint?: string | undefined;
}) {
  return (
    <Line label={props.label} hint={props.hint}>
      {(id) => (
        <Select<T>
          id={id}
          aria-label={props.label}
          value={props.value ?? null}
          options={[...props.options]}
          onChange={props.set}
        />
      )}
    </Line>
  );
}
