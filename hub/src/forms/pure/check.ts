/** Everything that is wrong with a design, beyond its shape. A design without a fault can be published. */
import type { CellField, Design, Fault, Field, TableField } from '../design.ts';
import { typeOf } from './expression.ts';
import { namesOf, valueFields } from './fields.ts';
import { compilePattern, PatternError } from './pattern.ts';
import { ExpressionError, parse } from './syntax.ts';
import { readBy } from './validate.ts';

/** Fields of a form and of all its sub-tables together. */
export const FIELDS_LIMIT = 300;

/** Judges a design; `at` is the field's name (in a sub-table `needs.kind`), or `rules.<id>`, `listed`, `source`. */
export function check(design: Design): Fault[] {
  const found: Fault[] = [];
  const say = (at: string, code: string, zh: string, en: string) =>
    found.push({ at, code: `forms.design.${code}`, zh, en });
  const names = namesOf(design);
  const byName = new Map(design.fields.map((f) => [f.name, f]));

  const expression = (at: string, text: string | undefined, wanted: 'boolean' | 'value', row?: TableField) => {
    if (text === undefined) return;
    try {
      const type = typeOf(parse(text), row ? namesOf(design, row) : names);
      if (wanted === 'boolean' && type !== 'boolean' && type !== 'null')
        say(at, 'condition', '条件的结果应为是或否。', 'A condition must be yes or no.');
      if (wanted === 'value' && (type === 'table' || type === 'list' || type === 'null' || type.startsWith('column-')))
        say(
          at,
          'calculated',
          '计算结果应为数字、文字、日期或是否。',
          'What is calculated must be a number, a text, a date or yes or no.',
        );
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      say(
        at,
        error.code.replace('forms.expression.', 'expression-'),
        `表达式第 ${error.at} 个字符：${error.zh}`,
        `Expression, character ${error.at}: ${error.en}`,
      );
    }
  };

  const one = (f: Field | CellField, at: string, row?: TableField) => {
    expression(at, f.visible, 'boolean', row);
    if ('required' in f && typeof f.required === 'string') expression(at, f.required, 'boolean', row);
    if (f.kind === 'calculated') expression(at, f.expression, 'value', row);
    if (f.kind === 'text') {
      if (f.minLength !== undefined && f.minLength > f.maxLength)
        say(at, 'bounds', '最小长度大于最大长度。', 'The least length is above the largest.');
      if (f.pattern !== undefined)
        try {
          compilePattern(f.pattern);
        } catch (error) {
          if (!(error instanceof PatternError)) throw error;
          say(
            at,
            'pattern',
            `格式第 ${error.at} 个字符：${error.zh}`,
            `Pattern, character ${error.at}: ${error.message}`,
          );
        }
    }
    if ((f.kind === 'integer' || f.kind === 'decimal') && f.min !== undefined && f.max !== undefined && f.min > f.max)
      say(at, 'bounds', '最小值大于最大值。', 'The least value is above the largest.');
    if (f.kind === 'date' && f.min && f.max && f.min !== 'today' && f.max !== 'today' && f.min > f.max)
      say(at, 'bounds', '最早日期晚于最晚日期。', 'The first day is after the last.');
    if (f.kind === 'choice') {
      if (f.table ? f.options.length > 0 : f.options.length === 0)
        say(at, 'options', '选项与代码表二选一。', 'Give options, or a code table, and not both.');
      if (new Set(f.options.map((o) => o.code)).size !== f.options.length)
        say(at, 'option-twice', '选项代码重复。', 'Two options have one code.');
    }
    if (f.kind === 'citizen-id' || f.kind === 'phone') {
      if (f.protection && f.protection !== 'sensitive')
        say(
          at,
          'protection',
          '证件号码和电话号码只能按敏感信息保护。',
          'Identity and telephone numbers are sensitive, always.',
        );
    } else if ('protection' in f && f.protection === 'sensitive')
      say(
        at,
        'protection',
        '只有证件号码和电话号码进入保险库；请选择“个人”。',
        'Only identity and telephone numbers go to the vault; choose "personal".',
      );
    if (f.kind === 'table') {
      if (f.min > f.max) say(at, 'bounds', '最少行数大于最多行数。', 'The least number of rows is above the largest.');
      twice(
        f.fields.map((c) => c.name),
        (n) => say(`${at}.${n}`, 'name-twice', `列名“${n}”重复。`, `The column "${n}" is there twice.`),
      );
      for (const c of f.fields) one(c, `${at}.${c.name}`, f);
      circles(f.fields as Field[], (n) =>
        say(`${at}.${n}`, 'circle', '列之间循环引用。', 'Columns refer to each other in a circle.'),
      );
    }
  };

  twice(
    design.fields.map((f) => f.name),
    (n) => say(n, 'name-twice', `字段名“${n}”重复。`, `The field "${n}" is there twice.`),
  );
  if (valueFields(design).length === 0)
    say('', 'empty', '表单没有可以填写的字段。', 'The form has no field to fill in.');
  const all = design.fields.length + design.fields.reduce((n, f) => n + (f.kind === 'table' ? f.fields.length : 0), 0);
  if (all > FIELDS_LIMIT)
    say(
      '',
      'many',
      `字段太多（${all}），最多 ${FIELDS_LIMIT} 个。`,
      `Too many fields (${all}); at most ${FIELDS_LIMIT}.`,
    );
  for (const f of design.fields) one(f, f.name);
  circles(design.fields, (n) => say(n, 'circle', '字段之间循环引用。', 'Fields refer to each other in a circle.'));
  twice(
    design.rules.map((r) => r.id),
    (n) => say(`rules.${n}`, 'name-twice', `规则“${n}”重复。`, `The rule "${n}" is there twice.`),
  );
  for (const r of design.rules) {
    expression(`rules.${r.id}`, r.expression, 'boolean');
    for (const n of r.fields)
      if (!byName.has(n)) say(`rules.${r.id}`, 'field', `没有字段“${n}”。`, `There is no field "${n}".`);
  }
  for (const n of [...design.listed, ...(design.caption ? [design.caption] : [])]) {
    const f = byName.get(n);
    if (!f || f.kind === 'section' || f.kind === 'note')
      say('listed', 'field', `没有字段“${n}”。`, `There is no field "${n}".`);
  }
  const { sharing } = design.source;
  if (design.source.enabled && sharing.type === 'conditional' && !sharing.condition)
    say('source', 'condition-missing', '有条件共享必须写明条件。', 'Conditional sharing needs its condition.');
  if (design.source.enabled && sharing.type === 'refused' && !sharing.ground)
    say('source', 'ground-missing', '不予共享必须写明依据。', 'Refused sharing needs its legal ground.');
  return found;
}

function twice(names: readonly string[], say: (name: string) => void): void {
  for (const n of new Set(names.filter((name, i) => names.indexOf(name) !== i))) say(n);
}

/** Fields that read themselves, through whichever others. */
function circles(fields: readonly Field[], say: (name: string) => void): void {
  const reads = new Map(fields.map((f) => [f.name, readBy(f)]));
  for (const { name } of fields) {
    const seen = new Set<string>();
    const stack = [...(reads.get(name) ?? [])];
    while (stack.length) {
      const at = stack.pop()!;
      if (at === name) {
        say(name);
        break;
      }
      if (seen.has(at)) continue;
      seen.add(at);
      stack.push(...(reads.get(at) ?? []));
    }
  }
}
