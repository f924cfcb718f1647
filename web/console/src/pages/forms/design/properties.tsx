/** Properties of the chosen field: its texts, whether it must be filled in and when it is shown, what its kind allows, how it is protected. */
import { Alert, Input, Segmented } from 'antd';
import { useEffect, useState } from 'react';
import { Empty } from '../../../components/states.tsx';
import { useSpeech } from '../../../i18n/index.ts';
import {
  type CellField,
  type Design,
  type Fault,
  type Field,
  type FieldProtection,
  hasValue,
  type Names,
  namesOf,
  protectionOf,
  type TableField,
} from '../shared/pure.ts';
import { Columns } from './columns.tsx';
import { ConditionEditor, useExpressionFault } from './condition.tsx';
import { renamed } from './editing.ts';
import { CheckLine, Line, NumberLine, SelectLine, WordsInput } from './inputs.tsx';
import { Options } from './options.tsx';

type Change = (next: Design, of?: string) => void;

/** Without a property; an absent one must not stand as undefined in what the hub gets. */
function cleaned<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T;
}

export function Properties(props: {
  design: Design;
  chosen: string | null;
  change: Change;
  choose: (name: string) => void;
  faults: readonly Pick<Fault, 'at' | 'zh' | 'en'>[];
}) {
  const { t, language } = useSpeech();
  const { design, chosen } = props;
  const field = design.fields.find((f) => f.name === chosen);
  if (!field) return <Empty title={t('forms.design.choose')} />;
  const patch = (part: Partial<Field>, of = '') =>
    props.change(
      {
        ...design,
        fields: design.fields.map((f) => (f.name === field.name ? (cleaned({ ...f, ...part }) as Field) : f)),
      },
      of ? `${field.name}/${of}` : '',
    );
  const own = props.faults.filter((f) => f.at === field.name || f.at.startsWith(`${field.name}.`));
  return (
    <div className="stack-s">
      {own.map((fault) => (
        <Alert key={fault.at + fault.en} type="error" message={fault[language]} role="status" />
      ))}
      <FieldProperties
        field={field}
        others={design.fields.filter((f) => f.name !== field.name)}
        names={namesOf(design)}
        patch={patch}
        rename={(name) => {
          if (name === field.name || design.fields.some((f) => f.name === name)) return;
          props.change(renamed(design, field.name, name));
          props.choose(name);
        }}
      />
      {field.kind === 'table' ? (
        <Columns table={field} design={design} patch={(fields) => patch({ fields } as Partial<TableField>)} />
      ) : null}
    </div>
  );
}

export function FieldProperties(props: {
  field: Field | CellField;
  others: readonly (Field | CellField)[];
  names: Names;
  patch: (part: Partial<Field>, of?: string) => void;
  rename: (name: string) => void;
  cell?: boolean;
}) {
  const { t } = useSpeech();
  const { field, patch } = props;
  const faultOf = useExpressionFault();
  return (
    <>
      {field.kind === 'note' ? (
        <WordsInput
          long
          label={t('forms.kind.note')}
          value={field.text}
          set={(text) => patch({ text: text ?? { zh: '' } } as Partial<Field>, 'text')}
        />
      ) : (
        <WordsInput
          label={t('forms.design.label')}
          value={field.title}
          set={(title) => patch({ title: title ?? { zh: '' } } as Partial<Field>, 'title')}
        />
      )}
      {'hint' in field || hasValue(field as Field) ? (
        <WordsInput
          label={t('forms.design.hint')}
          value={'hint' in field ? field.hint : undefined}
          set={(hint) => patch({ hint } as Partial<Field>, 'hint')}
        />
      ) : null}
      <NameLine field={field} rename={props.rename} />
      {field.kind === 'calculated' ? (
        <Line label={t('forms.design.calculation')} hint={t('forms.design.calculation-hint')}>
          {(id) => (
            <>
              <Input.TextArea
                id={id}
                className="mono"
                autoSize={{ minRows: 2, maxRows: 8 }}
                maxLength={1000}
                spellCheck={false}
                value={field.expression}
                onChange={(e) => patch({ expression: e.target.value } as Partial<Field>, 'expression')}
              />
              {faultOf(field.expression, props.names) ? (
                <p className="small bad-text">{faultOf(field.expression, props.names)}</p>
              ) : null}
            </>
          )}
        </Line>
      ) : null}
      {'required' in field ? <Required {...props} value={field.required} /> : null}
      <ConditionEditor
        label={t('forms.design.shown-when')}
        value={('visible' in field && field.visible) || ''}
        fields={props.others}
        names={props.names}
        change={(visible) => patch({ visible: visible || undefined } as Partial<Field>, 'visible')}
      />
      <KindProperties field={field} patch={patch} />
      {hasValue(field as Field) ? <Protection field={field as Field} patch={patch} /> : null}
    </>
  );
}

function Required(props: {
  value: boolean | string;
  others: readonly (Field | CellField)[];
  names: Names;
  patch: (part: Partial<Field>, of?: string) => void;
}) {
  const { t } = useSpeech();
  const { value, patch } = props;
  const mode = value === true ? 'yes' : value === false ? 'no' : 'when';
  return (
    <div className="prop">
      <span className="prop-label">{t('forms.design.required')}</span>
      <Segmented
        aria-label={t('forms.design.required')}
        value={mode}
        onChange={(next) => {
          const first = props.others[0];
          patch({
            required: next === 'yes' ? true : next === 'no' ? false : first ? `not blank(${first.name})` : true,
          } as Partial<Field>);
        }}
        options={[
          { value: 'no', label: t('common.no') },
          { value: 'yes', label: t('common.yes') },
          { value: 'when', label: t('forms.design.when') },
        ]}
      />
      {typeof value === 'string' ? (
        <ConditionEditor
          label={t('forms.design.required-when')}
          value={value}
          fields={props.others}
          names={props.names}
          change={(required) => patch({ required: required || false } as Partial<Field>, 'required')}
        />
      ) : null}
    </div>
  );
}

/** The field's name: taken when one leaves the input, so that half a name renames nothing. */
function NameLine({ field, rename }: { field: Field | CellField; rename: (name: string) => void }) {
  const { t } = useSpeech();
  const [name, setName] = useState(field.name);
  useEffect(() => setName(field.name), [field.name]);
  const good = /^[a-z][a-z0-9_]{0,39}$/.test(name);
  return (
    <Line label={t('forms.design.name')} hint={t('forms.design.name-hint')}>
      {(id) => (
        <Input
          id={id}
          className="mono"
          maxLength={40}
          value={name}
          {...(good ? {} : { status: 'error' as const })}
          onChange={(event) => setName(event.target.value.trim())}
          onBlur={() => (good ? rename(name) : setName(field.name))}
        />
      )}
    </Line>
  );
}

function KindProperties({
  field,
  patch,
}: {
  field: Field | CellField;
  patch: (part: Partial<Field>, of?: string) => void;
}) {
  const { t } = useSpeech();
  const set = (part: object, of?: string) => patch(part as Partial<Field>, of);
  const unit = (value: string | undefined) => (
    <Line label={t('forms.design.unit')}>
      {(id) => (
        <Input
          id={id}
          maxLength={20}
          value={value ?? ''}
          onChange={(e) => set({ unit: e.target.value || undefined }, 'unit')}
        />
      )}
    </Line>
  );
  switch (field.kind) {
    case 'text':
      return (
        <>
          <SelectLine
            label={t('forms.design.meaning')}
            value={field.meaning ?? 'none'}
            hint={t('forms.design.meaning-hint')}
            options={(['none', 'person-name', 'company-name', 'document-number', 'email', 'postcode'] as const).map(
              (value) => ({
                value,
                label: t(`forms.meaning.${value}`),
              }),
            )}
            set={(meaning) => set({ meaning: meaning === 'none' ? undefined : meaning })}
          />
          <div className="prop-pair">
            <NumberLine
              label={t('forms.design.min-length')}
              value={field.minLength}
              min={0}
              max={500}
              set={(minLength) => set({ minLength })}
            />
            <NumberLine
              label={t('forms.design.max-length')}
              value={field.maxLength}
              min={1}
              max={500}
              set={(maxLength) => set({ maxLength: maxLength ?? 200 })}
            />
          </div>
          <Line label={t('forms.design.pattern')} hint={t('forms.design.pattern-hint')}>
            {(id) => (
              <Input
                id={id}
                className="mono"
                maxLength={200}
                value={field.pattern ?? ''}
                onChange={(e) => set({ pattern: e.target.value || undefined }, 'pattern')}
              />
            )}
          </Line>
          <CheckLine label={t('forms.design.unique')} value={field.unique} set={(unique) => set({ unique })} />
        </>
      );
    case 'long-text':
      return (
        <NumberLine
          label={t('forms.design.max-length')}
          value={field.maxLength}
          min={1}
          max={5000}
          set={(maxLength) => set({ maxLength: maxLength ?? 2000 })}
        />
      );
    case 'integer':
    case 'decimal':
      return (
        <>
          <div className="prop-pair">
            <NumberLine
              label={t('forms.design.min')}
              value={field.min}
              whole={field.kind === 'integer'}
              set={(min) => set({ min })}
            />
            <NumberLine
              label={t('forms.design.max')}
              value={field.max}
              whole={field.kind === 'integer'}
              set={(max) => set({ max })}
            />
          </div>
          {field.kind === 'decimal' ? (
            <NumberLine
              label={t('forms.design.places')}
              value={field.places}
              min={0}
              max={6}
              set={(places) => set({ places: places ?? 2 })}
            />
          ) : null}
          {unit(field.unit)}
        </>
      );
    case 'calculated':
      return (
        <>
          <NumberLine
            label={t('forms.design.places')}
            value={field.places}
            min={0}
            max={6}
            set={(places) => set({ places: places ?? 2 })}
          />
          {unit(field.unit)}
        </>
      );
    case 'date':
      return (
        <>
          {(['min', 'max'] as const).map((side) => (
            <div className="prop" key={side}>
              <Line label={t(`forms.design.${side}-day`)}>
                {(id) => (
                  <Input
                    id={id}
                    type="date"
                    disabled={field[side] === 'today'}
                    value={field[side] === 'today' ? '' : (field[side] ?? '')}
                    onChange={(e) => set({ [side]: e.target.value || undefined })}
                  />
                )}
              </Line>
              <CheckLine
                label={t('forms.design.today')}
                value={field[side] === 'today'}
                set={(on) => set({ [side]: on ? 'today' : undefined })}
              />
            </div>
          ))}
        </>
      );
    case 'choice':
      return <Options field={field} patch={set} />;
    case 'citizen-id':
    case 'uscc':
      return <CheckLine label={t('forms.design.unique')} value={field.unique} set={(unique) => set({ unique })} />;
    case 'place':
      return (
        <NumberLine
          label={t('forms.design.accuracy')}
          value={field.accuracy}
          min={1}
          max={10_000}
          set={(accuracy) => set({ accuracy })}
        />
      );
    case 'picture':
    case 'file':
      return (
        <NumberLine
          label={t('forms.design.most-files')}
          value={field.most}
          min={1}
          max={9}
          set={(most) => set({ most: most ?? 1 })}
        />
      );
    case 'relation':
      return (
        <>
          <SelectLine
            label={t('forms.design.relation-to')}
            value={field.to}
            options={(['person', 'enterprise', 'building', 'address'] as const).map((value) => ({
              value,
              label: t(`forms.relation.${value}`),
            }))}
            set={(to) => set({ to })}
          />
          <CheckLine label={t('forms.design.relation-free')} value={field.free} set={(free) => set({ free })} />
        </>
      );
    case 'table':
      return (
        <div className="prop-pair">
          <NumberLine
            label={t('forms.design.min-rows')}
            value={field.min}
            min={0}
            max={200}
            set={(min) => set({ min: min ?? 0 })}
          />
          <NumberLine
            label={t('forms.design.max-rows')}
            value={field.max}
            min={1}
            max={200}
            set={(max) => set({ max: max ?? 50 })}
          />
        </div>
      );
    default:
      return null;
  }
}

/** How the field is protected, in plain words. */
function Protection({ field, patch }: { field: Field; patch: (part: Partial<Field>) => void }) {
  const { t } = useSpeech();
  if (!hasValue(field)) return null;
  const now = protectionOf(field);
  const fixed = field.kind === 'citizen-id' || field.kind === 'phone';
  return (
    <SelectLine<FieldProtection>
      label={t('forms.design.protection')}
      value={now}
      hint={t(`forms.protection-means.${now}`)}
      options={(fixed ? (['sensitive'] as const) : (['public', 'internal', 'personal'] as const)).map((value) => ({
        value,
        label: t(`forms.protection.${value}`),
      }))}
      set={(protection) => patch({ protection } as Partial<Field>)}
    />
  );
}
