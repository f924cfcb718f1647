/** What a request to another hub asks for: items, ground, use, time limit. */
import { Button, Checkbox, DatePicker, Input, Select } from 'antd';
import dayjs from 'dayjs';
import type { Body } from '../../api/client.ts';
import { DataTable } from '../../components/table.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { Protection } from '../sharing/shared.tsx';
import { Field } from './settings-form.tsx';
import type { RemoteDetail } from './shared.tsx';

export type Content = Required<Body<'/api/v1/peers/matters'>['content']>;
export const blankContent: Content = {
  ...{ ground: '', scene: '', scope: '', mode: null, until: null, items: [], necessity: {}, filter: [] },
  ...{ frequency: 'once', format: 'csv', conditions: '', contact: '' },
};
const personal = (protection: string) => protection === 'personal' || protection === 'sensitive';
const texts = ['ground', 'scene', 'scope'] as const;

export function RequestForm({
  items,
  condition,
  content,
  set,
}: {
  items: RemoteDetail['items'];
  /** Scope and use that conditional sharing is bound to. */
  condition: string | null;
  content: Content;
  set: (patch: Partial<Content>) => void;
}) {
  const { t, say } = useSpeech();
  const toggle = (name: string, on: boolean) =>
    set({ items: items.map((i) => i.name).filter((n) => (n === name ? on : content.items.includes(n))) });
  return (
    <div className="stack-s">
      <div className="row" style={{ flexWrap: 'wrap' }}>
        <span className="strong">{t('sharing.wizard.chosen', { n: content.items.length })}</span>
        <Button
          size="small"
          onClick={() => set({ items: items.filter((i) => !personal(i.protection)).map((i) => i.name) })}
        >
          {t('sharing.wizard.all')}
        </Button>
      </div>
      <DataTable
        caption={t('sharing.items')}
        rows={items}
        rowKey={(row) => row.name}
        columns={[
          {
            key: 'item',
            title: t('sharing.item'),
            head: true,
            render: (row) => (
              <Checkbox checked={content.items.includes(row.name)} onChange={(e) => toggle(row.name, e.target.checked)}>
                {say(row.title)}
              </Checkbox>
            ),
          },
          {
            key: 'protection',
            title: t('peers.protection'),
            tight: true,
            render: (row) => <Protection of={row.protection} />,
          },
          {
            key: 'why',
            title: t('peers.necessity'),
            render: (row) =>
              personal(row.protection) && content.items.includes(row.name) ? (
                <Input
                  aria-label={`${say(row.title)} · ${t('peers.necessity')}`}
                  maxLength={500}
                  value={content.necessity[row.name] ?? ''}
                  onChange={(e) => set({ necessity: { ...content.necessity, [row.name]: e.target.value } })}
                />
              ) : null,
          },
        ]}
      />
      <div className="stack-s" style={{ maxWidth: 720 }}>
        {texts.map((name) => (
          <Field key={name} label={t(`sharing.${name}`)}>
            {(id) => (
              <Input.TextArea
                id={id}
                autoSize={{ minRows: 2, maxRows: 6 }}
                maxLength={1000}
                value={content[name]}
                onChange={(e) => set({ [name]: e.target.value })}
              />
            )}
          </Field>
        ))}
        {condition ? (
          <>
            <p className="note">{t('sharing.wizard.condition', { condition })}</p>
            <Field label={t('sharing.conditions')}>
              {(id) => (
                <Input.TextArea
                  id={id}
                  rows={2}
                  maxLength={1000}
                  value={content.conditions}
                  onChange={(e) => set({ conditions: e.target.value })}
                />
              )}
            </Field>
          </>
        ) : null}
        <Field label={t('sharing.frequency-title')}>
          {(id) => (
            <Select
              id={id}
              aria-label={t('sharing.frequency-title')}
              style={{ minWidth: 180 }}
              value={content.frequency}
              onChange={(frequency) => set({ frequency })}
              options={(['once', 'daily', 'weekly', 'monthly', 'quarterly'] as const).map((value) => ({
                value,
                label: t(`sharing.frequency.${value}`),
              }))}
            />
          )}
        </Field>
        <Field label={t('peers.until')}>
          {(id) => (
            <DatePicker
              id={id}
              aria-label={t('peers.until')}
              value={content.until ? dayjs(content.until) : null}
              format="YYYY-MM-DD"
              onChange={(next) => set({ until: next ? next.format('YYYY-MM-DD') : null })}
            />
          )}
        </Field>
        <Field label={t('sharing.contact')}>
          {(id) => (
            <Input id={id} maxLength={100} value={content.contact} onChange={(e) => set({ contact: e.target.value })} />
          )}
        </Field>
      </div>
    </div>
  );
}
