/** What a record's values come to under a design, and everything that is wrong with them. Pure: the hub and a phone without a network agree. */
import { citizenId, phone, uscc } from '@jingwei/codes';
import type { CellField, Design, Fault, Field, RowValue, TableField, Value, Values, Words } from '../design.ts';
import { type Computed, dayNumber, evaluate, parsed, rounded, type Scope } from './expression.ts';
import {
  computedOf,
  hasValue,
  isAddress,
  isBlank,
  isFiles,
  isPlace,
  isRelation,
  isRows,
  isSecret,
  type ValueField,
} from './fields.ts';
import { compilePattern, PatternError } from './pattern.ts';
import { namesIn } from './syntax.ts';

/** What an evaluation is told from outside. `today`: 'YYYY-MM-DD' in the city. `whole`: required fields and rules are asked for (handing in). */
export interface Circumstances {
  today: string;
  whole?: boolean;
  /** Codes of national tables, where they are at hand; absent: the code's shape only. */
  knows?: (table: 'division' | 'industry', code: string, under?: string) => boolean;
}

/** What became of the values: calculated ones put in, hidden ones left out. */
export interface Outcome {
  values: Values;
  visible: ReadonlySet<string>;
  /** Fields that must be filled in now; of a sub-table's cells `needs[2].kind`. */
  required: ReadonlySet<string>;
}

/** The order in which fields can be evaluated: what a field reads comes before it. Circles are left in the order of the design. */
export function orderOf(design: Pick<Design, 'fields'>): Field[] {
  const byName = new Map(design.fields.map((f) => [f.name, f]));
  const done = new Set<string>();
  const out: Field[] = [];
  const visit = (f: Field, busy: Set<string>) => {
    if (done.has(f.name) || busy.has(f.name)) return;
    busy.add(f.name);
    for (const name of readBy(f)) {
      const other = byName.get(name);
      if (other) visit(other, busy);
    }
    busy.delete(f.name);
    done.add(f.name);
    out.push(f);
  };
  for (const f of design.fields) visit(f, new Set());
  return out;
}

/** The fields of the form that a field's being shown and its value depend on. */
export function readBy(f: Field): Set<string> {
  const names = new Set<string>();
  const add = (text: string | undefined, own?: TableField) => {
    const node = text === undefined ? null : parsed(text);
    if (node) for (const n of namesIn(node)) if (!own?.fields.some((c) => c.name === n)) names.add(n);
  };
  add(f.visible);
  if (f.kind === 'calculated') add(f.expression);
  if (f.kind === 'table')
    for (const c of f.fields) {
      add(c.visible, f);
      if (c.kind === 'calculated') add(c.expression, f);
      if ('required' in c && typeof c.required === 'string') add(c.required, f);
    }
  return names;
}

const test = (text: string | boolean | undefined, scope: Scope, absent: boolean): boolean => {
  if (text === undefined) return absent;
  if (typeof text === 'boolean') return text;
  const node = parsed(text);
  return node ? evaluate(node, scope) === true : absent;
};

function calculate(field: Extract<CellField, { kind: 'calculated' }>, scope: Scope): Value {
  const node = parsed(field.expression);
  const value = node ? evaluate(node, scope) : null;
  if (typeof value === 'number') return rounded(value, field.places);
  return Array.isArray(value) ? (value as string[]) : (value as Value);
}

/** Evaluates the design over values: nothing that is hidden, nothing that was calculated elsewhere is believed. */
export function computed(design: Design, given: Values, today: string): Outcome {
  const values: Values = {};
  const fields = new Map(design.fields.map((f) => [f.name, f]));
  const visible = new Set<string>();
  const required = new Set<string>();
  const tables = (name: string): RowValue[] => {
    const rows = values[name];
    return isRows(rows) ? rows : [];
  };
  const scope: Scope = {
    today,
    value: (name) => {
      const f = fields.get(name);
      return f ? computedOf(f, values[name]) : null;
    },
    column: (table, name) => {
      const t = fields.get(table);
      const c = t?.kind === 'table' ? t.fields.find((x) => x.name === name) : undefined;
      return c ? tables(table).map((r) => computedOf(c, r[name])) : [];
    },
    count: (table) => tables(table).length,
  };
  for (const f of orderOf(design)) {
    if (!test(f.visible, scope, true)) continue;
    visible.add(f.name);
    if (!hasValue(f)) continue;
    if (f.kind === 'calculated') values[f.name] = calculate(f, scope);
    else if (f.kind === 'table') {
      const rows = given[f.name];
      if (!isBlank(rows))
        values[f.name] = isRows(rows) ? rows.map((r, i) => row(f, r, i, scope, required)) : (rows as Value);
    } else if (!isBlank(given[f.name])) values[f.name] = given[f.name]!;
  }
  for (const f of design.fields)
    if (hasValue(f) && f.kind !== 'calculated' && visible.has(f.name) && test(f.required, scope, false))
      required.add(f.name);
  return { values, visible, required };
}

function row(table: TableField, given: RowValue, index: number, outer: Scope, required: Set<string>): RowValue {
  const values: RowValue = {};
  const cells = new Map(table.fields.map((f) => [f.name, f]));
  const scope: Scope = {
    ...outer,
    value: (name) => {
      const f = cells.get(name);
      return f ? computedOf(f, values[name]) : outer.value(name);
    },
  };
  for (const f of orderOf({ fields: table.fields as Field[] }) as CellField[]) {
    if (!test(f.visible, scope, true)) continue;
    if (f.kind === 'calculated') values[f.name] = calculate(f, scope) as RowValue[string];
    else if (!isBlank(given[f.name])) values[f.name] = given[f.name]!;
    if (f.kind !== 'calculated' && test(f.required, scope, false))
      required.add(`${table.name}[${index + 1}].${f.name}`);
  }
  return values;
}

const fault = (at: string, code: string, zh: string, en: string): Fault => ({
  at,
  code: `forms.value.${code}`,
  zh,
  en,
});
const patterns = new Map<string, ((text: string) => boolean) | null>();
function matches(pattern: string, text: string): boolean {
  let own = patterns.get(pattern);
  if (own === undefined) {
    try {
      own = compilePattern(pattern);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      own = null;
    }
    if (patterns.size > 500) patterns.clear();
    patterns.set(pattern, own);
  }
  return own === null || own(text);
}
const both = (w: Words): [string, string] => [w.zh, w.en ?? w.zh];
const PLACES = /(?:\.(\d+))?(?:e(-\d+))?$/;
const placesOf = (n: number): number => {
  const [, digits, power] = PLACES.exec(String(n))!;
  return (digits?.length ?? 0) - Number(power ?? 0);
};

/** What is wrong with one value that is there. */
export function faultsOfValue(f: Field | CellField, value: unknown, at: string, c: Circumstances): Fault[] {
  const say = (code: string, zh: string, en: string) => [fault(at, code, zh, en)];
  const wrong = () => say('kind', '值的类型不对。', 'The value is of another kind.');
  switch (f.kind) {
    case 'text':
    case 'long-text': {
      if (typeof value !== 'string') return wrong();
      const length = [...value].length;
      if (length > f.maxLength)
        return say(
          'long',
          `最多 ${f.maxLength} 个字，现有 ${length} 个。`,
          `At most ${f.maxLength} characters; there are ${length}.`,
        );
      if (f.kind === 'long-text') return [];
      if (f.minLength !== undefined && length < f.minLength)
        return say('short', `至少 ${f.minLength} 个字。`, `At least ${f.minLength} characters.`);
      if (f.pattern !== undefined && !matches(f.pattern, value)) {
        const [zh, en] = f.patternMessage
          ? both(f.patternMessage)
          : ['格式不符合要求。', 'It is not written as asked for.'];
        return say('pattern', zh, en);
      }
      return [];
    }
    case 'integer':
    case 'decimal': {
      if (typeof value !== 'number' || !Number.isFinite(value)) return wrong();
      if (f.kind === 'integer' && !Number.isSafeInteger(value))
        return say('integer', '应为整数。', 'A whole number is needed.');
      if (Math.abs(value) >= 1e15) return say('large', '数字太大。', 'The number is too large.');
      if (f.kind === 'decimal' && placesOf(value) > f.places)
        return say('places', `最多 ${f.places} 位小数。`, `At most ${f.places} digits behind the point.`);
      if (f.min !== undefined && value < f.min) return say('min', `不能小于 ${f.min}。`, `Not less than ${f.min}.`);
      if (f.max !== undefined && value > f.max) return say('max', `不能大于 ${f.max}。`, `Not more than ${f.max}.`);
      return [];
    }
    case 'date': {
      const n = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) ? dayNumber(value) : null;
      if (n === null) return say('date', '不是有效的日期（YYYY-MM-DD）。', 'No valid day (YYYY-MM-DD).');
      const bound = (b: string) => (b === 'today' ? c.today : b);
      if (f.min !== undefined && (value as string) < bound(f.min))
        return say('min', `不能早于 ${bound(f.min)}。`, `Not before ${bound(f.min)}.`);
      if (f.max !== undefined && (value as string) > bound(f.max))
        return say('max', `不能晚于 ${bound(f.max)}。`, `Not after ${bound(f.max)}.`);
      return [];
    }
    case 'datetime':
      return typeof value === 'string' &&
        /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})$/.test(value) &&
        !Number.isNaN(Date.parse(value))
        ? []
        : say('datetime', '不是有效的日期时间。', 'No valid date and time with its zone.');
    case 'boolean':
      return typeof value === 'boolean' ? [] : wrong();
    case 'choice': {
      const codes = f.multiple ? value : [value];
      if (!Array.isArray(codes) || codes.some((x) => typeof x !== 'string')) return wrong();
      const known = (code: string) =>
        f.table
          ? (f.under === undefined || code.startsWith(f.under)) &&
            (c.knows?.(f.table, code, f.under) ?? /^[A-Z0-9]{1,12}$/.test(code))
          : f.options.some((o) => o.code === code);
      const strange = (codes as string[]).find((code) => !known(code));
      if (strange !== undefined)
        return say('code', `没有选项“${strange.slice(0, 40)}”。`, `There is no option "${strange.slice(0, 40)}".`);
      if (new Set(codes).size !== codes.length) return say('twice', '选项重复。', 'An option is chosen twice.');
      if (f.multiple && f.maxChosen !== undefined && codes.length > f.maxChosen)
        return say('many', `最多选 ${f.maxChosen} 项。`, `At most ${f.maxChosen} options.`);
      return [];
    }
    case 'citizen-id':
    case 'phone': {
      if (isSecret(value)) return [];
      if (typeof value !== 'string') return wrong();
      if (f.kind === 'phone')
        return phone.check(phone.normalise(value).value)
          ? []
          : say('phone', '不是有效的电话号码。', 'No valid telephone number.');
      const reason = citizenId.explain(citizenId.normalise(value).value).find((r) => r.severity === 'error');
      return reason ? say('citizen-id', reason.zh, reason.en) : [];
    }
    case 'uscc': {
      if (typeof value !== 'string') return wrong();
      const reason = uscc.explain(uscc.normalise(value).value).find((r) => r.severity === 'error');
      return reason ? say('uscc', reason.zh, reason.en) : [];
    }
    case 'address':
      return typeof value === 'string' || isAddress(value) ? [] : wrong();
    case 'place':
      if (!isPlace(value)) return wrong();
      return f.accuracy !== undefined && (value.accuracy ?? 0) > f.accuracy
        ? say(
            'accuracy',
            `定位精度应在 ${f.accuracy} 米以内，现为 ${Math.round(value.accuracy ?? 0)} 米。`,
            `The place must be known to ${f.accuracy} m; it is to ${Math.round(value.accuracy ?? 0)} m.`,
          )
        : [];
    case 'picture':
    case 'file':
    case 'signature': {
      if (!isFiles(value)) return wrong();
      const most = f.kind === 'signature' ? 1 : f.most;
      if (new Set(value.map((v) => v.id)).size !== value.length)
        return say('twice', '文件重复。', 'A file is there twice.');
      return value.length > most ? say('many', `最多 ${most} 个。`, `At most ${most}.`) : [];
    }
    case 'relation':
      if (!isRelation(value)) return wrong();
      return value.id === undefined && !f.free
        ? say('relation', '须从搜索结果中选择。', 'It must be chosen from what the search finds.')
        : [];
    case 'table': {
      if (!isRows(value)) return wrong();
      const names = new Map(f.fields.map((x) => [x.name, x]));
      const found: Fault[] = [];
      if (value.length > f.max) found.push(fault(at, 'rows', `最多 ${f.max} 行。`, `At most ${f.max} rows.`));
      value.forEach((r, i) => {
        for (const [name, cell] of Object.entries(r)) {
          const own = names.get(name);
          const place = `${at}[${i + 1}].${name}`;
          if (!own) found.push(fault(place, 'unknown', '没有这一列。', 'There is no such column.'));
          else if (!isBlank(cell) && own.kind !== 'calculated') found.push(...faultsOfValue(own, cell, place, c));
        }
      });
      return found;
    }
    default:
      return [];
  }
}

/** Everything that is wrong with values under a design, at most 200 faults. */
export function validate(design: Design, given: Values, c: Circumstances): Fault[] {
  const { values, visible, required } = computed(design, given, c.today);
  const fields = new Map(design.fields.map((f): [string, Field] => [f.name, f]));
  const found: Fault[] = [];
  for (const name of Object.keys(given))
    if (!fields.has(name)) found.push(fault(name, 'unknown', '表单没有这个字段。', 'The form has no such field.'));
  for (const f of design.fields) {
    if (!hasValue(f) || !visible.has(f.name)) continue;
    const value = values[f.name];
    if (!isBlank(value) && f.kind !== 'calculated') found.push(...faultsOfValue(f, value, f.name, c));
    if (
      c.whole &&
      f.kind === 'table' &&
      (isBlank(value) ? 0 : (value as unknown[]).length) < f.min &&
      (required.has(f.name) || !isBlank(value) || f.min > 0)
    )
      found.push(fault(f.name, 'few', `至少 ${f.min} 行。`, `At least ${f.min} rows.`));
  }
  if (c.whole) {
    for (const at of required)
      if (isBlank(valueAt(values, at))) found.push(fault(at, 'required', '必须填写。', 'It must be filled in.'));
    if (found.length === 0) found.push(...brokenRules(design, values, c.today));
  }
  return found.slice(0, 200);
}

function valueAt(values: Values, at: string): unknown {
  const cell = /^(\w+)\[(\d+)\]\.(\w+)$/.exec(at);
  if (!cell) return values[at];
  const rows = values[cell[1]!];
  const row = isRows(rows) ? (rows[Number(cell[2]) - 1] as Record<string, unknown> | undefined) : undefined;
  return row?.[cell[3]!];
}

function brokenRules(design: Design, values: Values, today: string): Fault[] {
  const fields = new Map(design.fields.map((f): [string, Field] => [f.name, f]));
  const scope: Scope = {
    today,
    value: (n): Computed => {
      const f = fields.get(n);
      return f ? computedOf(f, values[n]) : null;
    },
    column: (t, n) => {
      const table = fields.get(t);
      const c = table?.kind === 'table' ? table.fields.find((x) => x.name === n) : undefined;
      const rows = values[t];
      return c && isRows(rows) ? rows.map((r) => computedOf(c, (r as Values)[n])) : [];
    },
    count: (t) => (isRows(values[t]) ? (values[t] as unknown[]).length : 0),
  };
  return design.rules.flatMap((r) => {
    const node = parsed(r.expression);
    if (!node || evaluate(node, scope) !== false) return [];
    const [zh, en] = both(r.message);
    return (r.fields.length ? r.fields : ['']).map((at) => ({ at, code: `forms.rule.${r.id}`, zh, en }));
  });
}

export type { ValueField };
