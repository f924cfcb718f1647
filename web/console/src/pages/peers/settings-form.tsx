/** What an administrator settles of another hub: name, level, networks, which way catalogues and requests go. */
import { Checkbox, Input, InputNumber, Select } from 'antd';
import { type ReactNode, useId } from 'react';
import type { Body } from '../../api/client.ts';
import { useSpeech } from '../../i18n/index.ts';

export type Settings = Required<Body<'/api/v1/peers/{id}', 'put'>>;
export const blankSettings: Settings = {
  ...{ name: { zh: '', en: '' }, level: 'city', networks: [], harvestIn: true, harvestOut: true, requests: true },
  ...{ everyHours: 24, divisions: [] },
};
const levels = ['province', 'city', 'county', 'sideways', 'other'] as const;

export function Field({
  label,
  hint,
  children,
}: {
  label: string;
  hint?: string;
  children: (id: string) => ReactNode;
}) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id}>{label}</label>
      <div>{children(id)}</div>
      {hint ? <p className="small quiet">{hint}</p> : null}
    </div>
  );
}

const words = (text: string): string[] =>
  text
    .split(/[\s,，、]+/)
    .map((w) => w.trim())
    .filter(Boolean);

export function SettingsForm({
  value,
  set,
  foreign = false,
}: {
  value: Settings;
  set: (patch: Partial<Settings>) => void;
  /** A catalogue that is only read. */
  foreign?: boolean;
}) {
  const { t } = useSpeech();
  return (
    <div className="stack-s" style={{ maxWidth: 640 }}>
      <Field label={t('peers.name-zh')}>
        {(id) => (
          <Input
            id={id}
            maxLength={80}
            value={value.name.zh}
            onChange={(e) => set({ name: { ...value.name, zh: e.target.value } })}
          />
        )}
      </Field>
      <Field label={t('peers.name-en')}>
        {(id) => (
          <Input
            id={id}
            maxLength={80}
            value={value.name.en}
            onChange={(e) => set({ name: { ...value.name, en: e.target.value } })}
          />
        )}
      </Field>
      <Field label={t('peers.level-title')}>
        {(id) => (
          <Select
            id={id}
            aria-label={t('peers.level-title')}
            style={{ minWidth: 200 }}
            value={value.level}
            onChange={(level) => set({ level })}
            options={levels.map((level) => ({ value: level, label: t(`peers.level.${level}`) }))}
          />
        )}
      </Field>
      <Field label={t('peers.networks')} hint={t('peers.networks-hint')}>
        {(id) => (
          <Input
            id={id}
            placeholder="10.20.0.0/16"
            defaultValue={value.networks.join(' ')}
            onChange={(e) => set({ networks: words(e.target.value) })}
          />
        )}
      </Field>
      <fieldset style={{ border: 0, padding: 0, margin: 0 }} className="stack-s">
        <legend>{t('peers.directions')}</legend>
        <Checkbox checked={value.harvestIn} onChange={(e) => set({ harvestIn: e.target.checked })}>
          {t('peers.harvest-in')}
        </Checkbox>
        <Checkbox checked={value.harvestOut} onChange={(e) => set({ harvestOut: e.target.checked })}>
          {t('peers.harvest-out')}
        </Checkbox>
        {foreign ? null : (
          <Checkbox checked={value.requests} onChange={(e) => set({ requests: e.target.checked })}>
            {t('peers.requests')}
          </Checkbox>
        )}
      </fieldset>
      <Field label={t('peers.every')}>
        {(id) => (
          <InputNumber
            id={id}
            min={1}
            max={720}
            value={value.everyHours}
            onChange={(everyHours) => set({ everyHours: everyHours ?? 24 })}
          />
        )}
      </Field>
      {foreign ? null : (
        <Field label={t('peers.divisions')} hint={t('peers.divisions-hint')}>
          {(id) => (
            <Input
              id={id}
              placeholder="330282"
              defaultValue={value.divisions.join(' ')}
              onChange={(e) => set({ divisions: words(e.target.value) })}
            />
          )}
        </Field>
      )}
    </div>
  );
}
