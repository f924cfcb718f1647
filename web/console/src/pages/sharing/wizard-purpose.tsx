/** Third step: ground, purpose, mode, time limit. */
import { DatePicker, Input, Radio, Select } from 'antd';
import dayjs from 'dayjs';
import { useId } from 'react';
import { Panel } from '../../components/page.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { type Content, frequencies, frequencyOf, type Part } from './wizard-content.ts';

function Text({
  label,
  value,
  rows,
  onChange,
}: {
  label: string;
  value: string;
  rows?: number;
  onChange: (text: string) => void;
}) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id}>{label}</label>
      <Input.TextArea
        id={id}
        autoSize={{ minRows: rows ?? 2, maxRows: 6 }}
        maxLength={1000}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}

export function Purpose({ entry, content, set }: Part) {
  const { t } = useSpeech();
  const id = useId();
  return (
    <Panel title={t('sharing.wizard.purpose')}>
      <div className="stack-s" style={{ maxWidth: 720 }}>
        <Text label={t('sharing.ground')} value={content.ground} onChange={(ground) => set({ ground })} />
        <Text label={t('sharing.scene')} value={content.scene} onChange={(scene) => set({ scene })} />
        <Text label={t('sharing.scope')} value={content.scope} onChange={(scope) => set({ scope })} />
        {entry.sharing.type === 'conditional' ? (
          <>
            <p className="note">{t('sharing.wizard.condition', { condition: entry.sharing.condition })}</p>
            <Text
              label={t('sharing.conditions')}
              value={content.conditions}
              onChange={(conditions) => set({ conditions })}
            />
          </>
        ) : null}
        <fieldset style={{ border: 0, padding: 0, margin: 0 }}>
          <legend>{t('sharing.mode-title')}</legend>
          <Radio.Group
            value={content.mode}
            onChange={(event) => {
              const mode = event.target.value as Content['mode'];
              set({ mode, frequency: mode === 'batch' ? frequencyOf(entry.cycle) : 'once' });
            }}
            options={(['file', 'batch', 'service'] as const).map((value) => ({
              value,
              label: t(`sharing.mode.${value}`),
            }))}
          />
        </fieldset>
        {content.mode === 'batch' ? (
          <div>
            <label htmlFor={`${id}-f`}>{t('sharing.frequency-title')}</label>
            <div>
              <Select
                id={`${id}-f`}
                aria-label={t('sharing.frequency-title')}
                style={{ minWidth: 160 }}
                value={content.frequency}
                onChange={(frequency) => set({ frequency })}
                options={frequencies.map((value) => ({
                  value,
                  label: t(`sharing.frequency.${value}`),
                }))}
              />
            </div>
          </div>
        ) : null}
        <div>
          <label htmlFor={`${id}-m`}>{t('sharing.format-title')}</label>
          <div>
            <Select
              id={`${id}-m`}
              aria-label={t('sharing.format-title')}
              style={{ minWidth: 160 }}
              value={content.format}
              onChange={(format) => set({ format })}
              options={(['csv', 'parquet', 'xlsx'] as const).map((value) => ({ value, label: value.toUpperCase() }))}
            />
          </div>
        </div>
        <div>
          <label htmlFor={`${id}-u`}>{t('sharing.until')}</label>
          <div>
            <DatePicker
              id={`${id}-u`}
              aria-label={t('sharing.until')}
              value={content.until ? dayjs(content.until) : null}
              format="YYYY-MM-DD"
              onChange={(next) => set({ until: next ? next.format('YYYY-MM-DD') : null })}
            />
          </div>
        </div>
        <Text
          label={t('sharing.contact')}
          rows={1}
          value={content.contact}
          onChange={(contact) => set({ contact: contact.slice(0, 100) })}
        />
      </div>
    </Panel>
  );
}
