/** One field: its label, its hint, its control by kind, and what is wrong with it, beside it. */
import type { ReactNode } from 'react';
import { useSpeech } from '../../../i18n/index.ts';
import type { CellField, Fault, Field, FileValue, PlaceValue, RelationValue, RowValue, Value } from '../shared/pure.ts';
import { shownText } from '../shared/pure.ts';
import { type ControlProps, controlOf, useFill, useWords } from './context.tsx';
import { FilesControl, SignatureControl } from './files.tsx';
import { PlaceControl } from './place.tsx';
import {
  ChoiceControl,
  DateControl,
  DateTimeControl,
  LongControl,
  NumberControl,
  SecretControl,
  TextControl,
  YesNoControl,
} from './plain.tsx';
import { RelationControl } from './relation.tsx';
import { TableControl } from './table.tsx';

type ValueOf = Exclude<Field, { kind: 'section' | 'note' }> | CellField;

/** Kinds whose control is a group and not one input: their label is a heading of the group. */
const groups = new Set(['table', 'picture', 'file', 'signature', 'place']);

function control(props: ControlProps<ValueOf>, required: ReadonlySet<string>): ReactNode {
  // Each control reads its own kind of value; the design says which kind stands here.
  const p = props as never;
  switch (props.field.kind) {
    case 'text':
    case 'uscc':
    case 'address':
      return <TextControl {...(p as Parameters<typeof TextControl>[0])} />;
    case 'long-text':
      return <LongControl {...(p as Parameters<typeof LongControl>[0])} />;
    case 'integer':
    case 'decimal':
      return <NumberControl {...(p as Parameters<typeof NumberControl>[0])} />;
    case 'date':
      return <DateControl {...(p as Parameters<typeof DateControl>[0])} />;
    case 'datetime':
      return <DateTimeControl {...(p as Parameters<typeof DateTimeControl>[0])} />;
    case 'boolean':
      return <YesNoControl {...(p as Parameters<typeof YesNoControl>[0])} />;
    case 'choice':
      return <ChoiceControl {...(p as Parameters<typeof ChoiceControl>[0])} />;
    case 'citizen-id':
    case 'phone':
      return <SecretControl {...(p as Parameters<typeof SecretControl>[0])} />;
    case 'place':
      return <PlaceControl {...(p as ControlProps<Extract<Field, { kind: 'place' }>, PlaceValue>)} />;
    case 'picture':
    case 'file':
      return <FilesControl {...(p as ControlProps<Extract<Field, { kind: 'picture' | 'file' }>, FileValue[]>)} />;
    case 'signature':
      return <SignatureControl {...(p as ControlProps<Extract<Field, { kind: 'signature' }>, FileValue[]>)} />;
    case 'relation':
      return <RelationControl {...(p as ControlProps<Extract<Field, { kind: 'relation' }>, RelationValue>)} />;
    case 'table':
      return (
        <TableControl {...(p as ControlProps<Extract<Field, { kind: 'table' }>, RowValue[]>)} demanded={required} />
      );
    case 'calculated':
      return (
        <output id={props.aria.id} className="ff-output num">
          {shownText(props.field, props.value ?? undefined) || '—'}
          {props.field.unit && props.value != null ? <span className="unit"> {props.field.unit}</span> : null}
        </output>
      );
  }
}

export function FieldControl(props: {
  field: ValueOf;
  at: string;
  value: Value | undefined;
  set: (value: Value | null) => void;
  required: ReadonlySet<string>;
}) {
  const { t, language } = useSpeech();
  const words = useWords();
  const { faults } = useFill();
  const { field, at } = props;
  const id = controlOf(at);
  const inside = (fault: Fault) => fault.at === at || (field.kind !== 'table' && fault.at.startsWith(`${at}[`));
  const own = faults.filter(inside);
  const label = words(field.title);
  const required = props.required.has(at);
  const described = [field.hint ? `${id}-hint` : '', own.length ? `${id}-faults` : ''].filter(Boolean).join(' ');
  const aria = {
    id,
    'aria-describedby': described || undefined,
    'aria-invalid': own.length > 0 || undefined,
    'aria-required': required || undefined,
  };
  const heading = (
    <>
      {label}
      {required ? <span className="ff-required">{t('common.required')}</span> : null}
    </>
  );
  return (
    <div className={own.length ? 'ff-field bad' : 'ff-field'} data-kind={field.kind}>
      {groups.has(field.kind) ? (
        <p className="ff-label">{heading}</p>
      ) : (
        <label className="ff-label" htmlFor={id}>
          {heading}
        </label>
      )}
      {field.hint ? (
        <p className="small quiet" id={`${id}-hint`}>
          {words(field.hint)}
        </p>
      ) : null}
      {control({ ...props, label, required, aria } as ControlProps<ValueOf>, props.required)}
      {own.length ? (
        <ul className="small bad-text ff-faults" id={`${id}-faults`}>
          {own.map((fault) => (
            <li key={fault.code + fault.at}>{fault[language]}</li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
