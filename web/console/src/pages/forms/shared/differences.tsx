/** Two versions of a record's values, field by field; only what differs. */
import { Value as Shown } from '../../../components/value.tsx';
import { useSpeech } from '../../../i18n/index.ts';
import { useWords } from '../fill/context.tsx';
import {
  type CellField,
  type Design,
  type Field,
  hasValue,
  isRows,
  shownText,
  type Value,
  type Values,
} from './pure.ts';

/** A value in words; a sub-table row by row. */
export function useShown(): (field: Field | CellField, value: unknown) => string {
  const { language } = useSpeech();
  const words = useWords();
  return (field, value) => {
    if (field.kind === 'table' && isRows(value))
      return value
        .map((row, n) => {
          const cells = field.fields.flatMap((cell) => {
            const text = shownText(cell, row[cell.name] as Value, language);
            return text ? [`${words(cell.title)} ${text}`] : [];
          });
          return `${n + 1}. ${cells.join('，')}`;
        })
        .join('\n');
    return shownText(field, value as Value, language);
  };
}

export function Differences({
  design,
  before,
  after,
  titles,
}: {
  design: Design;
  before: Values;
  after: Values;
  titles: readonly [string, string];
}) {
  const { t } = useSpeech();
  const words = useWords();
  const shown = useShown();
  const changed = design.fields
    .filter(hasValue)
    .map((field) => ({ field, one: shown(field, before[field.name]), two: shown(field, after[field.name]) }))
    .filter(({ one, two }) => one !== two);
  if (changed.length === 0) return <p className="small quiet">{t('forms.no-differences')}</p>;
  return (
    <dl className="differences">
      {changed.map(({ field, one, two }) => (
        <div key={field.name}>
          <dt className="strong">{words(field.title)}</dt>
          <dd>
            <span className="small quiet">{titles[0]}</span> <Shown value={one} />
          </dd>
          <dd>
            <span className="small quiet">{titles[1]}</span> <Shown value={two} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
