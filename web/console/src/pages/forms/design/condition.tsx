/** A condition by choosing, or as an expression for those who want it; what is wrong with it is said at once. */
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Input, Segmented, Select } from 'antd';
import { useEffect, useId, useState } from 'react';
import { useSpeech } from '../../../i18n/index.ts';
import { useWords } from '../fill/context.tsx';
import { type CellField, ExpressionError, type Field, type Names, parse, typeOf } from '../shared/pure.ts';
import { type Condition, opsOf, read, sortOf, type Term, type TermOp, takesValue, written } from './conditions.ts';

/** What is wrong with an expression; null: nothing. */
export function useExpressionFault(): (text: string, names: Names, wanted?: 'boolean') => string | null {
  const { language, t } = useSpeech();
  return (text, names, wanted) => {
    if (!text.trim()) return null;
    try {
      const type = typeOf(parse(text), names);
      return wanted && type !== wanted && type !== 'null' ? t('forms.design.not-a-condition') : null;
    } catch (error) {
      return error instanceof ExpressionError
        ? `${t('forms.design.at', { n: error.at })} ${error[language]}`
        : String(error);
    }
  };
}

export function ConditionEditor(props: {
  label: string;
  value: string;
  /** Fields that may be asked about. */
  fields: readonly (Field | CellField)[];
  names: Names;
  change: (text: string) => void;
}) {
  const { t } = useSpeech();
  const words = useWords();
  const id = useId();
  const usable = props.fields.filter((field) => sortOf(field) !== null);
  const held = read(props.value, usable);
  const [text, setText] = useState(held === null);
  const faultOf = useExpressionFault();
  const fault = faultOf(props.value, props.names, 'boolean');
  const set = (condition: Condition) => props.change(written(condition, usable));
  const first = usable[0];
  const fresh = (): Term => ({ field: first!.name, op: opsOf[sortOf(first!)!][0]!, value: '' });
  const name = (field: Field | CellField) => (field.kind === 'note' ? field.name : words(field.title) || field.name);
  return (
    <fieldset className="condition">
      <legend className="small strong">{props.label}</legend>
      {text || held === null ? (
        <>
          <Input.TextArea
            id={id}
            aria-label={props.label}
            className="mono"
            autoSize={{ minRows: 2, maxRows: 8 }}
            maxLength={1000}
            spellCheck={false}
            value={props.value}
            onChange={(event) => props.change(event.target.value)}
          />
          <p className="small quiet">{t('forms.design.expression-hint')}</p>
        </>
      ) : (
        <>
          {held.terms.length > 1 ? (
            <Segmented<'and' | 'or'>
              size="small"
              aria-label={t('forms.design.join')}
              value={held.join}
              onChange={(join) => set({ ...held, join })}
              options={[
                { value: 'and', label: t('forms.design.all') },
                { value: 'or', label: t('forms.design.any') },
              ]}
            />
          ) : null}
          {held.terms.map((term, n) => (
            <TermRow
              // biome-ignore lint/suspicious/noArrayIndexKey: a term is known by its place only.
              key={n}
              term={term}
              usable={usable}
              name={name}
              change={(next) => set({ ...held, terms: held.terms.map((one, at) => (at === n ? next : one)) })}
              remove={() => set({ ...held, terms: held.terms.filter((_, at) => at !== n) })}
            />
          ))}
          {first ? (
            <Button
              size="small"
              icon={<PlusOutlined />}
              onClick={() => set({ ...held, terms: [...held.terms, fresh()] })}
            >
              {t('forms.design.add-term')}
            </Button>
          ) : (
            <p className="small quiet">{t('forms.design.no-fields-to-ask')}</p>
          )}
        </>
      )}
      {fault ? <p className="small bad-text">{fault}</p> : null}
      {held === null ? (
        <p className="small quiet">{t('forms.design.only-text')}</p>
      ) : (
        <Button type="link" size="small" onClick={() => setText((on) => !on)}>
          {t(text ? 'forms.design.by-choosing' : 'forms.design.as-text')}
        </Button>
      )}
    </fieldset>
  );
}

function TermRow(props: {
  term: Term;
  usable: readonly (Field | CellField)[];
  name: (field: Field | CellField) => string;
  change: (term: Term) => void;
  remove: () => void;
}) {
  const { t } = useSpeech();
  const words = useWords();
  const { term, usable } = props;
  const field = usable.find((one) => one.name === term.field);
  const sort = field ? sortOf(field) : null;
  // What is being typed may not be a value yet (`-`, `1.`): shown as typed, written as it is understood.
  const [typed, setTyped] = useState(term.value);
  useEffect(
    () => setTyped((before) => (sort === 'number' && Number(before) === Number(term.value) ? before : term.value)),
    [term.value, sort],
  );
  return (
    <div className="condition-term">
      <Select
        aria-label={t('forms.design.field')}
        showSearch={{ optionFilterProp: 'label' }}
        value={term.field}
        options={usable.map((one) => ({ value: one.name, label: props.name(one) }))}
        onChange={(next) => {
          const other = usable.find((one) => one.name === next)!;
          const ops = opsOf[sortOf(other)!];
          props.change({ field: next, op: ops.includes(term.op) ? term.op : ops[0]!, value: '' });
        }}
      />
      <Select<TermOp>
        aria-label={t('forms.design.operation')}
        value={term.op}
        options={(sort ? opsOf[sort] : []).map((op) => ({
          value: op,
          label: t(`forms.op.${sort === 'date' ? `date-${op}` : op}`, { defaultValue: t(`forms.op.${op}`) }),
        }))}
        onChange={(op) => props.change({ ...term, op, value: takesValue(op) ? term.value : '' })}
      />
      {!takesValue(term.op) ? null : field?.kind === 'choice' && !field.table ? (
        <Select
          aria-label={t('forms.design.value')}
          value={term.value || null}
          options={field.options.map((option) => ({ value: option.code, label: words(option.title) }))}
          onChange={(value: string) => props.change({ ...term, value })}
        />
      ) : (
        <Input
          aria-label={t('forms.design.value')}
          type={sort === 'date' && term.value !== 'today' ? 'date' : 'text'}
          inputMode={sort === 'number' ? 'decimal' : 'text'}
          value={term.value === 'today' ? t('forms.design.today') : sort === 'number' ? typed : term.value}
          readOnly={term.value === 'today'}
          maxLength={100}
          suffix={
            sort === 'date' ? (
              <Button
                type="link"
                size="small"
                onClick={() => props.change({ ...term, value: term.value === 'today' ? '' : 'today' })}
              >
                {t(term.value === 'today' ? 'forms.design.a-day' : 'forms.design.today')}
              </Button>
            ) : null
          }
          onChange={(event) => {
            setTyped(event.target.value);
            props.change({ ...term, value: event.target.value });
          }}
        />
      )}
      <Button
        type="text"
        danger
        icon={<DeleteOutlined />}
        aria-label={t('forms.design.remove-term')}
        onClick={props.remove}
      />
    </div>
  );
}
