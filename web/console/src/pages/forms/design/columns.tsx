/** Columns of a sub-table: added, ordered, and each with its own properties. */
import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined } from '@ant-design/icons';
import { Button, Select } from 'antd';
import { useState } from 'react';
import { useSpeech } from '../../../i18n/index.ts';
import { useWords } from '../fill/context.tsx';
import { type CellField, type Design, namesOf, type TableField } from '../shared/pure.ts';
import { moved, newField } from './editing.ts';
import { kindIcons } from './palette.tsx';
import { FieldProperties } from './properties.tsx';

const kinds = [
  'text',
  'long-text',
  'integer',
  'decimal',
  'date',
  'datetime',
  'boolean',
  'choice',
  'uscc',
  'address',
  'calculated',
] as const;

export function Columns({
  table,
  design,
  patch,
}: {
  table: TableField;
  design: Design;
  patch: (fields: CellField[]) => void;
}) {
  const { t } = useSpeech();
  const words = useWords();
  const [open, setOpen] = useState<string | null>(null);
  const outer = design.fields.filter((field) => field.name !== table.name);
  return (
    <section className="stack-s" aria-label={t('forms.design.columns')}>
      <h3 className="prop-label">{t('forms.design.columns')}</h3>
      {table.fields.map((cell, n) => (
        <div key={cell.name} className="column-card">
          <div className="row spread">
            <button
              type="button"
              className="link-button"
              aria-expanded={open === cell.name}
              onClick={() => setOpen(open === cell.name ? null : cell.name)}
            >
              <span aria-hidden="true">{kindIcons[cell.kind]}</span> {words(cell.title) || cell.name}{' '}
              <span className="small quiet">{t(`forms.kind.${cell.kind}`)}</span>
            </button>
            <span>
              <Button
                type="text"
                size="small"
                icon={<ArrowUpOutlined />}
                disabled={n === 0}
                aria-label={t('forms.design.up', { title: words(cell.title) })}
                onClick={() => patch(moved(table.fields, n, n - 1))}
              />
              <Button
                type="text"
                size="small"
                icon={<ArrowDownOutlined />}
                disabled={n === table.fields.length - 1}
                aria-label={t('forms.design.down', { title: words(cell.title) })}
                onClick={() => patch(moved(table.fields, n, n + 1))}
              />
              <Button
                type="text"
                size="small"
                danger
                icon={<DeleteOutlined />}
                disabled={table.fields.length === 1}
                aria-label={t('forms.design.remove', { title: words(cell.title) })}
                onClick={() => patch(table.fields.filter((_, at) => at !== n))}
              />
            </span>
          </div>
          {open === cell.name ? (
            <FieldProperties
              cell
              field={cell}
              others={[...table.fields.filter((one) => one.name !== cell.name), ...outer]}
              names={namesOf(design, table)}
              patch={(part) =>
                patch(
                  table.fields.map((one, at) =>
                    at === n
                      ? (Object.fromEntries(
                          Object.entries({ ...one, ...part }).filter(([, v]) => v !== undefined),
                        ) as CellField)
                      : one,
                  ),
                )
              }
              rename={(name) => {
                if (table.fields.some((one) => one.name === name)) return;
                patch(table.fields.map((one, at) => (at === n ? { ...one, name } : one)));
                setOpen(name);
              }}
            />
          ) : null}
        </div>
      ))}
      <Select<(typeof kinds)[number]>
        aria-label={t('forms.design.add-column')}
        placeholder={t('forms.design.add-column')}
        value={null}
        options={kinds.map((value) => ({ value, label: t(`forms.kind.${value}`) }))}
        onChange={(kind) => {
          const cell = newField(
            kind,
            t(`forms.kind.${kind}`),
            table.fields.map((f) => f.name),
          ) as CellField;
          patch([...table.fields, cell]);
          setOpen(cell.name);
        }}
      />
    </section>
  );
}
