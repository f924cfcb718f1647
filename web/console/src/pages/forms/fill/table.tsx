/** A sub-table: each row a card on a phone, the cells of a card side by side where there is room. */
import { CopyOutlined, DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useSpeech } from '../../../i18n/index.ts';
import type { Field, RowValue } from '../shared/pure.ts';
import { type ControlProps, useFill, useWords } from './context.tsx';
import { FieldControl } from './field.tsx';

export function TableControl({
  field,
  at,
  value,
  set,
  aria,
  label,
  demanded,
}: ControlProps<Extract<Field, { kind: 'table' }>, RowValue[]> & { demanded: ReadonlySet<string> }) {
  const { t } = useSpeech();
  const words = useWords();
  const { faults } = useFill();
  const rows = Array.isArray(value) ? value : [];
  const write = (next: RowValue[]) => set(next.length ? next : null);
  const change = (at: number, name: string, cell: unknown) =>
    write(rows.map((row, n) => (n === at ? { ...row, [name]: cell as RowValue[string] } : row)));
  return (
    <div className="stack-s">
      {rows.map((row, n) => {
        const wrong = faults.some((fault) => fault.at.startsWith(`${at}[${n + 1}]`));
        return (
          <section
            // biome-ignore lint/suspicious/noArrayIndexKey: a row is known by its place only.
            key={n}
            className={wrong ? 'ff-row bad' : 'ff-row'}
            aria-label={t('forms.fill.row', { label, n: n + 1 })}
          >
            <div className="row spread">
              <span className="small strong">{t('forms.fill.row', { label: words(field.title), n: n + 1 })}</span>
              <span className="row" style={{ gap: 0 }}>
                <Button
                  type="text"
                  size="small"
                  icon={<CopyOutlined />}
                  disabled={rows.length >= field.max}
                  aria-label={t('forms.fill.copy-row', { n: n + 1 })}
                  onClick={() => write([...rows.slice(0, n + 1), { ...row }, ...rows.slice(n + 1)])}
                />
                <Button
                  type="text"
                  size="small"
                  danger
                  icon={<DeleteOutlined />}
                  aria-label={t('forms.fill.remove-row', { n: n + 1 })}
                  onClick={() => write(rows.filter((_, at) => at !== n))}
                />
              </span>
            </div>
            <div className="ff-cells">
              {field.fields.map((cell) => (
                <FieldControl
                  key={cell.name}
                  field={cell}
                  at={`${at}[${n + 1}].${cell.name}`}
                  value={row[cell.name]}
                  set={(next) => change(n, cell.name, next)}
                  required={demanded}
                />
              ))}
            </div>
          </section>
        );
      })}
      <div className="row">
        <Button
          id={aria.id}
          icon={<PlusOutlined />}
          disabled={rows.length >= field.max}
          aria-describedby={aria['aria-describedby']}
          onClick={() => set([...rows, {}])}
        >
          {t('forms.fill.add-row', { label })}
        </Button>
        <span className="small quiet num">{t('forms.fill.rows-of', { n: rows.length, most: field.max })}</span>
      </div>
    </div>
  );
}
