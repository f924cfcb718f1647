/** Editing a design: every change a new design, a history to go back and forth in, and what a change of the order or of a name takes with it. */
import type { CellField, Design, Field, FieldKind } from '../shared/pure.ts';

/** A design and the ones before and after it. */
export interface History {
  past: Design[];
  now: Design;
  future: Design[];
  /** What the last change was of: changes of one text in a row are one step back. */
  last: string;
}

const MOST_STEPS = 200;

export const begun = (design: Design): History => ({ past: [], now: design, future: [], last: '' });

/** A change. `of` names what is changed (`name/title`); '' never melts into the one before. */
export function changed(history: History, next: Design, of = ''): History {
  if (next === history.now) return history;
  const melt = of !== '' && of === history.last && history.past.length > 0;
  return {
    past: melt ? history.past : [...history.past, history.now].slice(-MOST_STEPS),
    now: next,
    future: [],
    last: of,
  };
}

export function undone(history: History): History {
  const before = history.past.at(-1);
  if (!before) return history;
  return { past: history.past.slice(0, -1), now: before, future: [history.now, ...history.future], last: '' };
}

export function redone(history: History): History {
  const [next, ...future] = history.future;
  if (!next) return history;
  return { past: [...history.past, history.now], now: next, future, last: '' };
}

/** A name that no field has yet: `text`, `text_2`, … */
export function freeName(wanted: string, taken: readonly string[]): string {
  if (!taken.includes(wanted)) return wanted;
  for (let n = 2; ; n++) if (!taken.includes(`${wanted}_${n}`)) return `${wanted}_${n}`;
}

const stems: Partial<Record<FieldKind, string>> = {
  'long-text': 'remark',
  integer: 'number',
  decimal: 'amount',
  date: 'day',
  datetime: 'moment',
  boolean: 'whether',
  'citizen-id': 'citizen_id',
  table: 'rows',
  calculated: 'result',
};

/** A new field of a kind, with everything it must have. `label` is its kind's name in words. */
export function newField(kind: FieldKind, label: string, taken: readonly string[]): Field {
  const name = freeName(stems[kind] ?? kind, taken);
  const title = { zh: label };
  const base = { name, title, required: false };
  switch (kind) {
    case 'section':
      return { kind, name, title };
    case 'note':
      return { kind, name, text: title };
    case 'calculated':
      return { kind, name, title, expression: '0', places: 2 };
    case 'text':
      return { kind, ...base, maxLength: 200, unique: false };
    case 'long-text':
      return { kind, ...base, maxLength: 2000 };
    case 'decimal':
      return { kind, ...base, places: 2 };
    case 'choice':
      return {
        kind,
        ...base,
        multiple: false,
        options: [
          { code: '1', title: { zh: '选项一' } },
          { code: '2', title: { zh: '选项二' } },
        ],
      };
    case 'citizen-id':
    case 'uscc':
      return { kind, ...base, unique: false };
    case 'picture':
      return { kind, ...base, most: 3 };
    case 'file':
      return { kind, ...base, most: 1, types: ['pdf', 'docx', 'xlsx', 'jpeg', 'png'] };
    case 'relation':
      return { kind, ...base, to: 'person', free: true };
    case 'table':
      return {
        kind,
        ...base,
        fields: [{ kind: 'text', name: 'item', title: { zh: '内容' }, required: false, maxLength: 200, unique: false }],
        min: 0,
        max: 50,
      };
    default:
      return { kind, ...base } as Field;
  }
}

/** An item of a list at another place. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list];
  const [one] = next.splice(from, 1);
  if (one !== undefined) next.splice(Math.max(0, Math.min(next.length, to)), 0, one);
  return next;
}

const renamedIn = (text: string, from: string, to: string): string =>
  // Words outside of quotes only; a column after a dot belongs to its table.
  text.replace(/'[^']*'|"[^"]*"|[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?/g, (word) => {
    if (word.startsWith("'") || word.startsWith('"')) return word;
    const [head, ...rest] = word.split('.');
    return head === from ? [to, ...rest].join('.') : word;
  });

/** A field's new name everywhere: conditions, calculations, rules, list and caption. */
export function renamed(design: Design, from: string, to: string): Design {
  const inExpression = <T extends Field | CellField>(field: T): T => {
    const next = { ...field } as Record<string, unknown>;
    for (const key of ['visible', 'required', 'expression'])
      if (typeof next[key] === 'string') next[key] = renamedIn(next[key], from, to);
    if (field.kind === 'table') next.fields = field.fields.map(inExpression);
    return next as T;
  };
  const name = (one: string) => (one === from ? to : one);
  return {
    ...design,
    fields: design.fields.map((field) => ({ ...inExpression(field), name: name(field.name) })),
    rules: design.rules.map((rule) => ({
      ...rule,
      expression: renamedIn(rule.expression, from, to),
      fields: rule.fields.map(name),
    })),
    listed: design.listed.map(name),
    ...(design.caption ? { caption: name(design.caption) } : {}),
  };
}

/** Without a field; the list and the caption forget it, expressions that read it are found by the check. */
export function without(design: Design, name: string): Design {
  const { caption, ...rest } = design;
  return {
    ...rest,
    fields: design.fields.filter((field) => field.name !== name),
    listed: design.listed.filter((one) => one !== name),
    rules: design.rules.map((rule) => ({ ...rule, fields: rule.fields.filter((one) => one !== name) })),
    ...(caption && caption !== name ? { caption } : {}),
  };
}

/** Blank texts and impossible names: with these a draft cannot even be kept by the hub. `at` as in the hub's check. */
export function unfinished(design: Design): { at: string; zh: string; en: string }[] {
  const found: { at: string; zh: string; en: string }[] = [];
  const blank = (at: string, text: string | undefined, zh: string, en: string) => {
    if (!text?.trim()) found.push({ at, zh: `缺少${zh}。`, en: `${en} is missing.` });
  };
  blank('', design.title.zh, '表单名称', 'The name of the form');
  const one = (field: Field | CellField, at: string) => {
    if (!/^[a-z][a-z0-9_]{0,39}$/.test(field.name))
      found.push({
        at,
        zh: '字段代码应为小写字母开头的字母、数字和下划线。',
        en: 'A field is named by lower-case letters, digits and _.',
      });
    if (field.kind === 'note') blank(at, field.text.zh, '说明文字', 'The text');
    else blank(at, field.title.zh, '名称', 'The label');
    if (field.kind === 'calculated') blank(at, field.expression, '计算式', 'The calculation');
    if (field.kind === 'choice')
      for (const option of field.options) {
        blank(at, option.code, '选项代码', 'The code of an option');
        blank(at, option.title.zh, '选项名称', 'The name of an option');
      }
    if (field.kind === 'table') {
      if (field.fields.length === 0) found.push({ at, zh: '子表至少要有一列。', en: 'A sub-table needs a column.' });
      for (const cell of field.fields) one(cell, `${at}.${cell.name}`);
    }
  };
  for (const field of design.fields) one(field, field.name);
  if (design.fields.length === 0) found.push({ at: '', zh: '表单还没有字段。', en: 'The form has no field yet.' });
  for (const rule of design.rules) {
    blank(`rules.${rule.id}`, rule.expression, '规则的条件', 'The condition of a rule');
    blank(`rules.${rule.id}`, rule.message.zh, '规则的提示', 'The message of a rule');
  }
  return found;
}
