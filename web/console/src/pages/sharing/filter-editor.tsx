/** Row filter of a request: simple conditions over public and internal items. */
import { DeleteOutlined } from '@ant-design/icons';
import { Button, Input, Select } from 'antd';
import type { Answer } from '../../api/client.ts';
import { useSpeech } from '../../i18n/index.ts';
import type { Content } from './wizard-content.ts';

type Filter = Content['filter'];
const operators = ['eq', 'ne', 'in', 'ge', 'le', 'prefix', 'present', 'absent'] as const;
const MOST = 8;

export function FilterEditor({
  entry,
  filter,
  set,
}: {
  entry: Answer<'/api/v1/sharing/entries/{id}'>;
  filter: Filter;
  set: (filter: Filter) => void;
}) {
  const { t, say } = useSpeech();
  const usable = entry.items.filter((i) => i.protection === 'public' || i.protection === 'internal');
  const change = (at: number, patch: Partial<Filter[number]>) =>
    set(filter.map((c, n) => (n === at ? { ...c, ...patch } : c)));
  return (
    <section className="stack-s" aria-label={t('sharing.wizard.filter')}>
      <h3>{t('sharing.wizard.filter')}</h3>
      <p className="small quiet">{t('sharing.wizard.filter-note')}</p>
      {filter.map((c, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a condition is known by its place only.
        <div key={n} className="row" style={{ flexWrap: 'wrap' }}>
          <Select
            aria-label={t('sharing.item')}
            style={{ minWidth: 180 }}
            showSearch={{ optionFilterProp: 'label' }}
            value={c.item}
            onChange={(item) => change(n, { item })}
            options={usable.map((i) => ({ value: i.name, label: say(i.title) }))}
          />
          <Select
            aria-label={t('sharing.wizard.filter')}
            style={{ minWidth: 110 }}
            value={c.is}
            onChange={(is) => change(n, { is, ...(is === 'present' || is === 'absent' ? { values: [] } : {}) })}
            options={operators.map((value) => ({ value, label: t(`sharing.op.${value}`) }))}
          />
          {c.is === 'present' || c.is === 'absent' ? null : (
            <Input
              aria-label={t('sharing.wizard.values')}
              placeholder={c.is === 'in' ? t('sharing.wizard.values') : ''}
              style={{ maxWidth: 240 }}
              value={(c.values ?? []).join(',')}
              onChange={(event) =>
                change(n, { values: c.is === 'in' ? event.target.value.split(/[,，]/) : [event.target.value] })
              }
            />
          )}
          <Button
            type="text"
            aria-label={t('common.reset')}
            icon={<DeleteOutlined />}
            onClick={() => set(filter.filter((_, at) => at !== n))}
          />
        </div>
      ))}
      {filter.length < MOST && usable[0] ? (
        <div>
          <Button size="small" onClick={() => set([...filter, { item: usable[0]!.name, is: 'eq', values: [''] }])}>
            {t('sharing.wizard.add-filter')}
          </Button>
        </div>
      ) : null}
    </section>
  );
}
