/** The items of an entry as rows that are typed in. */
import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Checkbox, Input, Select } from 'antd';
import { Panel } from '../../components/page.tsx';
import { Empty } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { controlId } from './entry-form.tsx';
import { type EntryItem, type Finding, useClasses } from './entry-parts.tsx';

const protections = ['public', 'internal', 'personal', 'sensitive'] as const;
const fresh: EntryItem = {
  ...{ title: { zh: '', en: '' }, field: null, type: null, length: null, unit: null, required: false, key: false },
  ...{ protection: 'internal', role: null, note: '' },
};

export function ItemsForm(props: {
  items: readonly EntryItem[];
  findings: readonly Finding[];
  onChange: (items: EntryItem[]) => void;
}) {
  const { t, say } = useSpeech();
  const classes = useClasses();
  const { items } = props;
  const set = (index: number, part: Partial<EntryItem>) =>
    props.onChange(items.map((item, i) => (i === index ? { ...item, ...part } : item)));
  const swap = (a: number, b: number) => {
    const next = [...items];
    [next[a], next[b]] = [next[b]!, next[a]!];
    props.onChange(next);
  };
  const of = (index: number) => props.findings.filter((f) => new RegExp(`^/items/${index}(/|$)`).test(f.pointer));
  const typeOptions = (classes.data?.types ?? []).map((c) => ({
    value: c.letter,
    label: `${c.letter} ${say(c.title)}`,
  }));
  const rows = items.map((item, index) => ({ item, index }));
  return (
    <Panel
      title={t('catalogue.items-n', { n: items.length })}
      extra={
        <Button size="small" icon={<PlusOutlined />} onClick={() => props.onChange([...items, fresh])}>
          {t('entries.form.add-item')}
        </Button>
      }
      flush
    >
      <DataTable
        caption={t('catalogue.items-n', { n: items.length })}
        rows={rows}
        rowKey={({ index }) => index}
        empty={<Empty title={t('entries.form.no-items')} />}
        columns={[
          { key: 'n', title: '#', align: 'end', render: ({ index }) => index + 1 },
          {
            key: 'title',
            title: t('exchange.field.title'),
            head: true,
            render: ({ item, index }) => (
              <div style={{ minWidth: 150 }}>
                <Input
                  id={controlId(`/items/${index}/title/zh`)}
                  aria-label={`${t('exchange.field.title')} ${index + 1}`}
                  maxLength={200}
                  value={item.title.zh}
                  onChange={(e) => set(index, { title: { ...item.title, zh: e.target.value } })}
                />
                {item.field ? <div className="small quiet mono">{item.field}</div> : null}
                {of(index).map((f) => (
                  <div key={f.code} className={f.severity === 'error' ? 'small bad-text' : 'small warn-text'}>
                    {say(f)}
                  </div>
                ))}
              </div>
            ),
          },
          {
            key: 'type',
            title: t('catalogue.type'),
            render: ({ item, index }) => (
              <Select
                id={controlId(`/items/${index}/type`)}
                aria-label={`${t('catalogue.type')} ${index + 1}`}
                style={{ width: 130 }}
                value={item.type}
                options={typeOptions}
                onChange={(type) => set(index, { type })}
              />
            ),
          },
          {
            key: 'protection',
            title: t('exchange.field.protection'),
            render: ({ item, index }) => (
              <Select
                id={controlId(`/items/${index}/protection`)}
                aria-label={`${t('exchange.field.protection')} ${index + 1}`}
                style={{ width: 130 }}
                value={item.protection}
                options={protections.map((value) => ({ value, label: t(`terms.protection.${value}`) }))}
                onChange={(protection) => set(index, { protection })}
              />
            ),
          },
          {
            key: 'marks',
            title: t('entries.form.marks'),
            tight: true,
            render: ({ item, index }) => (
              <>
                <Checkbox checked={item.required} onChange={(e) => set(index, { required: e.target.checked })}>
                  {t('exchange.field.required')}
                </Checkbox>
                <Checkbox checked={item.key} onChange={(e) => set(index, { key: e.target.checked })}>
                  {t('catalogue.key')}
                </Checkbox>
              </>
            ),
          },
          {
            key: 'note',
            title: t('entries.note'),
            render: ({ item, index }) => (
              <Input
                aria-label={`${t('entries.note')} ${index + 1}`}
                style={{ minWidth: 120 }}
                maxLength={300}
                value={item.note}
                onChange={(e) => set(index, { note: e.target.value })}
              />
            ),
          },
          {
            key: 'move',
            title: '',
            tight: true,
            render: ({ index }) => (
              <span className="nowrap">
                <Button
                  size="small"
                  type="text"
                  disabled={index === 0}
                  icon={<ArrowUpOutlined />}
                  aria-label={t('entries.form.up', { n: index + 1 })}
                  onClick={() => swap(index, index - 1)}
                />
                <Button
                  size="small"
                  type="text"
                  disabled={index === items.length - 1}
                  icon={<ArrowDownOutlined />}
                  aria-label={t('entries.form.down', { n: index + 1 })}
                  onClick={() => swap(index, index + 1)}
                />
                <Button
                  size="small"
                  type="text"
                  danger
                  icon={<DeleteOutlined />}
                  aria-label={t('entries.form.remove', { n: index + 1 })}
                  onClick={() => props.onChange(items.filter((_, i) => i !== index))}
                />
              </span>
            ),
          },
        ]}
      />
    </Panel>
  );
}
