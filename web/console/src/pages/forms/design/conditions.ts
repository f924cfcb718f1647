/** Conditions without programming: a list of plain terms that are all, or any of them, true; written as an expression and read back from one. */
import { type CellField, type Field, type Node, parse } from '../shared/pure.ts';

export const termOps = [
  'eq',
  'ne',
  'lt',
  'le',
  'gt',
  'ge',
  'contains',
  'has',
  'has-not',
  'yes',
  'no',
  'blank',
  'filled',
] as const;
export type TermOp = (typeof termOps)[number];
export interface Term {
  field: string;
  op: TermOp;
  /** A number as text, a day (YYYY-MM-DD or `today`), a code, a text; '' for operations without one. */
  value: string;
}
export interface Condition {
  join: 'and' | 'or';
  terms: Term[];
}

type Sort = 'text' | 'number' | 'boolean' | 'date' | 'choice' | 'choices' | 'files';

/** What sort of value a field has in conditions; null: none that can be asked about. */
export function sortOf(field: Field | CellField): Sort | null {
  switch (field.kind) {
    case 'integer':
    case 'decimal':
    case 'calculated':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'date':
    case 'datetime':
      return 'date';
    case 'choice':
      return field.multiple ? 'choices' : 'choice';
    case 'picture':
    case 'file':
    case 'signature':
      return 'files';
    case 'table':
    case 'section':
    case 'note':
    case 'place':
      return null;
    default:
      return 'text';
  }
}

const presence: TermOp[] = ['blank', 'filled'];
/** The operations that a sort of value offers. */
export const opsOf: Record<Sort, readonly TermOp[]> = {
  text: ['eq', 'ne', 'contains', ...presence],
  number: ['eq', 'ne', 'lt', 'le', 'gt', 'ge', ...presence],
  boolean: ['yes', 'no', ...presence],
  date: ['eq', 'lt', 'le', 'gt', 'ge', ...presence],
  choice: ['eq', 'ne', ...presence],
  choices: ['has', 'has-not', ...presence],
  files: presence,
};
const signs: Partial<Record<TermOp, string>> = { eq: '==', ne: '!=', lt: '<', le: '<=', gt: '>', ge: '>=' };
const bare = new Set<TermOp>(['yes', 'no', 'blank', 'filled']);
/** Whether an operation takes a value. */
export const takesValue = (op: TermOp): boolean => !bare.has(op);

/** A text of the language has one sort of quotes; one that has both loses the single ones. */
function quoted(text: string): string {
  if (!text.includes("'")) return `'${text}'`;
  return text.includes('"') ? `'${text.replaceAll("'", '')}'` : `"${text}"`;
}

function literal(value: string, sort: Sort): string {
  if (sort === 'number') return Number.isFinite(Number(value)) && value.trim() !== '' ? String(Number(value)) : '0';
  if (sort === 'date') return value === 'today' || value === '' ? 'today' : `date(${quoted(value)})`;
  return quoted(value);
}

/** The expression of a condition; '' where there is no term. */
export function written(condition: Condition, fields: readonly (Field | CellField)[]): string {
  const parts = condition.terms.flatMap((term) => {
    const field = fields.find((one) => one.name === term.field);
    const sort = field ? sortOf(field) : null;
    if (!sort) return [];
    const { field: name, op, value } = term;
    if (op === 'blank') return [`blank(${name})`];
    if (op === 'filled') return [`not blank(${name})`];
    if (op === 'yes') return [`${name} == true`];
    if (op === 'no') return [`${name} == false`];
    if (op === 'contains') return [`contains(${name}, ${quoted(value)})`];
    if (op === 'has') return [`has(${name}, ${quoted(value)})`];
    if (op === 'has-not') return [`not has(${name}, ${quoted(value)})`];
    return [`${name} ${signs[op]} ${literal(value, sort)}`];
  });
  return parts.join(` ${condition.join} `);
}

function valueIn(node: Node): string | null {
  if (node.kind === 'literal') return node.value === null ? null : String(node.value);
  if (node.kind === 'name' && node.name === 'today') return 'today';
  if (node.kind === 'unary' && node.op === '-' && node.of.kind === 'literal') return `-${node.of.value}`;
  if (node.kind === 'call' && node.name === 'date' && node.args[0]?.kind === 'literal')
    return String(node.args[0].value);
  return null;
}

function termIn(node: Node): Term | null {
  if (node.kind === 'unary' && node.op === 'not') {
    const inner = termIn(node.of);
    if (inner?.op === 'blank') return { ...inner, op: 'filled' };
    return inner?.op === 'has' ? { ...inner, op: 'has-not' } : null;
  }
  if (node.kind === 'call') {
    const [subject, other] = node.args;
    if (subject?.kind !== 'name') return null;
    if (node.name === 'blank') return { field: subject.name, op: 'blank', value: '' };
    if ((node.name !== 'contains' && node.name !== 'has') || !other) return null;
    const value = valueIn(other);
    return value === null ? null : { field: subject.name, op: node.name, value };
  }
  if (node.kind !== 'binary' || node.left.kind !== 'name') return null;
  const op = termOps.find((one) => signs[one] === node.op);
  if (!op) return null;
  if (node.right.kind === 'literal' && typeof node.right.value === 'boolean') {
    if (op !== 'eq' && op !== 'ne') return null;
    const yes = (op === 'eq') === node.right.value;
    return op === 'eq' ? { field: node.left.name, op: yes ? 'yes' : 'no', value: '' } : null;
  }
  const value = valueIn(node.right);
  return value === null ? null : { field: node.left.name, op, value };
}

/** Reads an expression back; null: it says more than the builder can show, and is edited as text. */
export function read(text: string, fields: readonly (Field | CellField)[]): Condition | null {
  if (text.trim() === '') return { join: 'and', terms: [] };
  let node: Node;
  try {
    node = parse(text);
  } catch {
    return null;
  }
  const join = node.kind === 'binary' && node.op === 'or' ? 'or' : 'and';
  const terms: Term[] = [];
  const walk = (one: Node): boolean => {
    if (one.kind === 'binary' && one.op === join) return walk(one.left) && walk(one.right);
    const term = termIn(one);
    const field = term && fields.find((f) => f.name === term.field);
    const sort = field ? sortOf(field) : null;
    if (!term || !sort || !opsOf[sort].includes(term.op)) return false;
    terms.push(term);
    return true;
  };
  return walk(node) ? { join, terms } : null;
}
