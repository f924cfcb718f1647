/** Second step: items, with the necessity of personal ones, and the row filter. */
import { Button, Checkbox, Input } from 'antd';
import { Panel } from '../../components/page.tsx';
import { DataTable } from '../../components/table.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { FilterEditor } from './filter-editor.tsx';
import { Protection } from './shared.tsx';
import type { Part } from './wizard-content.ts';

const personal = (protection: string) => protection === 'personal' || protection === 'sensitive';

export function Items({ entry, content, set }: Part) {
  const { t, say } = useSpeech();
  const toggle = (name: string, on: boolean) =>
    set({ items: entry.items.map((i) => i.name).filter((n) => (n === name ? on : content.items.includes(n))) });
  return (
    <Panel
      title={`${say(entry.title)} · ${t('sharing.items')}`}
      extra={
        <>
          {t('sharing.wizard.chosen', { n: content.items.length })}
          <Button
            size="small"
            onClick={() => set({ items: entry.items.filter((i) => !personal(i.protection)).map((i) => i.name) })}
          >
            {t('sharing.wizard.all')}
          </Button>
          <Button size="small" onClick={() => set({ items: [] })}>
            {t('sharing.wizard.none')}
          </Button>
        </>
      }
    >
      <div className="stack-s">
        <p className="small quiet">{t('sharing.wizard.personal')}</p>
        <DataTable
          caption={t('sharing.items')}
          rows={entry.items}
          rowKey={(row) => row.name}
          columns={[
            {
              key: 'item',
              title: t('sharing.item'),
              head: true,
              render: (row) => (
                <Checkbox
                  checked={content.items.includes(row.name)}
                  onChange={(event) => toggle(row.name, event.target.checked)}
                >
                  {say(row.title)}
                </Checkbox>
              ),
            },
            { key: 'protection', title: '', tight: true, render: (row) => <Protection of={row.protection} /> },
            {
              key: 'necessity',
              title: t('sharing.wizard.necessity'),
              render: (row) =>
                personal(row.protection) && content.items.includes(row.name) ? (
                  <Input
                    aria-label={`${t('sharing.wizard.necessity')} ${say(row.title)}`}
                    style={{ minWidth: 180 }}
                    maxLength={500}
                    value={content.necessity[row.name] ?? ''}
                    onChange={(event) => set({ necessity: { ...content.necessity, [row.name]: event.target.value } })}
                  />
                ) : null,
            },
          ]}
        />
        <FilterEditor entry={entry} filter={content.filter} set={(filter) => set({ filter })} />
      </div>
    </Panel>
  );
}
