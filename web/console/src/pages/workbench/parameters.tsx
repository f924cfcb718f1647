/** Values of the parameters that a statement names; each with its type. */
import { Input, Select } from 'antd';
import type { Body } from '../../api/client.ts';
import { useSpeech } from '../../i18n/index.ts';
import { withParameters } from './pure.ts';

export type Parameter = NonNullable<Body<'/api/v1/workbench/run'>['parameters']>[number];

const types = ['text', 'integer', 'number', 'day', 'boolean'] as const;

/** The parameters of a text, with the values that are known of them. */
export const parametersOf = (text: string, values: readonly Parameter[]): Parameter[] =>
  withParameters(text).names.map(
    (name) => values.find((p) => p.name === name) ?? { name, type: 'text' as const, value: '' },
  );

export function Parameters({
  parameters,
  onChange,
}: {
  parameters: readonly Parameter[];
  onChange: (all: Parameter[]) => void;
}) {
  const { t } = useSpeech();
  if (!parameters.length) return null;
  const set = (name: string, patch: Partial<Parameter>) =>
    onChange(parameters.map((p) => (p.name === name ? { ...p, ...patch } : p)));
  return (
    <fieldset className="wb-parameters">
      <legend className="small strong">{t('workbench.parameters')}</legend>
      {parameters.map((p) => (
        <div key={p.name} className="row">
          <code>:{p.name}</code>
          <Select
            aria-label={t('workbench.parameter-type', { name: p.name })}
            value={p.type}
            style={{ minWidth: 96 }}
            options={types.map((type) => ({ value: type, label: t(`workbench.type-${type}`) }))}
            onChange={(type) => set(p.name, { type })}
          />
          {p.type === 'boolean' ? (
            <Select
              aria-label={t('workbench.parameter-value', { name: p.name })}
              value={p.value || 'true'}
              options={['true', 'false'].map((value) => ({ value, label: value }))}
              onChange={(value) => set(p.name, { value })}
            />
          ) : (
            <Input
              aria-label={t('workbench.parameter-value', { name: p.name })}
              value={p.value}
              maxLength={2000}
              placeholder={p.type === 'day' ? '2026-11-22' : p.type === 'text' ? '' : '0'}
              onChange={(e) => set(p.name, { value: e.target.value })}
            />
          )}
        </div>
      ))}
    </fieldset>
  );
}
