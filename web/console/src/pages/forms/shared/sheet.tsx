/** A record, or an empty form, as it stands on paper and is read on the screen: fields in a ruled table, pictures and signatures as pictures. */
import { Value as Shown } from '../../../components/value.tsx';
import { useSpeech } from '../../../i18n/index.ts';
import { useWords } from '../fill/context.tsx';
import {
  type CellField,
  type Design,
  type Field,
  type FileValue,
  hasValue,
  isFiles,
  isRows,
  shownText,
  type Value,
  type Values,
} from './pure.ts';

const wide = new Set(['long-text', 'table', 'picture', 'file', 'signature', 'address']);

function Files({ value, field }: { value: readonly FileValue[]; field: Field }) {
  const { t } = useSpeech();
  return (
    <ul className="sheet-files">
      {value.map((file) => (
        <li key={file.id}>
          {file.type?.startsWith('image/') || field.kind !== 'file' ? (
            <img
              className={field.kind === 'signature' ? 'sheet-signature' : ''}
              src={`/api/v1/forms/files/${file.id}/content`}
              alt={field.kind === 'signature' ? t('forms.fill.signed') : (file.name ?? '')}
              loading="lazy"
            />
          ) : (
            <a href={`/api/v1/forms/files/${file.id}/content`}>{file.name ?? file.id}</a>
          )}
        </li>
      ))}
    </ul>
  );
}

function SubTable({
  field,
  rows,
  blank,
}: {
  field: Extract<Field, { kind: 'table' }>;
  rows: readonly Record<string, unknown>[];
  blank: number;
}) {
  const { language } = useSpeech();
  const words = useWords();
  const lines = rows.length ? rows : Array.from({ length: blank }, () => ({}) as Record<string, unknown>);
  return (
    // biome-ignore lint/a11y: a named group that scrolls must be reachable by keyboard (WCAG 2.1.1), as in components/table.tsx.
    <div className="table-wrap sheet-sub" role="group" aria-label={words(field.title)} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {field.fields.map((cell) => (
              <th key={cell.name} scope="col">
                {words(cell.title)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map((row, n) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row is known by its place only.
            <tr key={n}>
              {field.fields.map((cell: CellField) => (
                <td key={cell.name}>{shownText(cell, row[cell.name] as Value, language)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What an empty form offers to tick. */
function Ticks({ field }: { field: Field }) {
  const { t } = useSpeech();
  const words = useWords();
  const options =
    field.kind === 'boolean'
      ? [t('common.yes'), t('common.no')]
      : field.kind === 'choice'
        ? field.options.slice(0, 30).map((o) => words(o.title))
        : [];
  return options.length ? (
    <span className="sheet-ticks">
      {options.map((text) => (
        <span key={text}>
          <span aria-hidden="true">□</span> {text}
        </span>
      ))}
    </span>
  ) : null;
}

/** Fields that stand beside another one in a line; whoever has no neighbour takes the whole line, so that the ruling has no hole. */
function paired(fields: readonly Field[]): Set<string> {
  const pairs = new Set<string>();
  let open: string | null = null;
  for (const field of fields) {
    if (!hasValue(field) || wide.has(field.kind)) open = null;
    else if (open === null) open = field.name;
    else {
      pairs.add(open).add(field.name);
      open = null;
    }
  }
  return pairs;
}

/** `values` null: an empty form to be filled in by hand. Hidden fields stay away from a record, and stand on an empty form. */
export function Sheet({
  design,
  values,
  visible,
}: {
  design: Design;
  values: Values | null;
  visible?: ReadonlySet<string>;
}) {
  const { language, t } = useSpeech();
  const words = useWords();
  const shown = design.fields.filter((field) => !(values && visible && !visible.has(field.name)));
  const pairs = paired(shown);
  return (
    <div className="sheet-fields">
      {shown.map((field) => {
        if (field.kind === 'section')
          return (
            <h3 key={field.name} className="sheet-section">
              {words(field.title)}
            </h3>
          );
        if (field.kind === 'note')
          return (
            <p key={field.name} className="sheet-note">
              {words(field.text)}
            </p>
          );
        if (!hasValue(field)) return null;
        const value = values?.[field.name];
        return (
          <div
            key={field.name}
            className={pairs.has(field.name) ? 'sheet-field' : 'sheet-field wide'}
            data-kind={field.kind}
          >
            <div className="sheet-label">{words(field.title)}</div>
            <div className="sheet-value">
              {field.kind === 'table' ? (
                <SubTable field={field} rows={isRows(value) ? value : []} blank={values ? 0 : Math.max(3, field.min)} />
              ) : values === null ? (
                <Ticks field={field} />
              ) : isFiles(value) && value.length ? (
                <Files value={value} field={field} />
              ) : (
                <span style={{ whiteSpace: 'pre-line' }}>
                  <Shown value={shownText(field, value as Value, language)} />
                </span>
              )}
              {field.kind === 'calculated' && value != null && field.unit ? (
                <span className="unit"> {field.unit}</span>
              ) : null}
              {values === null && 'unit' in field && field.unit ? <span className="unit">{field.unit}</span> : null}
              {values === null && field.kind === 'signature' ? (
                <span className="quiet small">{t('forms.print.sign')}</span>
              ) : null}
            </div>
          </div>
        );
      })}
    </div>
  );
}
