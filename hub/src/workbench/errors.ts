/**
 * What the engine says of a statement, as a Problem in both languages with its place in the text of the person. What it says while it
 * computes is never shown: it would print values.
 */
import { Problem } from '../platform/problem.ts';
import * as k from './problems.ts';
import { placeInText, placeOf } from './pure/text.ts';

interface EngineError {
  exception_type?: string;
  exception_message?: string;
  position?: string;
  error_subtype?: string;
  name?: string;
  candidates?: string;
}

/** Faults of the statement as such: found before a row is read. */
const OF_TEXT = new Set(['Parser', 'Binder', 'Catalog', 'Syntax', 'Not implemented', 'Expression']);
/** Faults of values. */
const OF_VALUES = new Set([
  ...[
    'Conversion',
    'Out of Range',
    'Invalid Input',
    'Mismatch Type',
    'Divide by Zero',
    'Decimal',
    'Parameter Not Resolved',
  ],
  ...['Invalid type', 'Invalid', 'Value'],
]);

function readError(error: unknown): EngineError {
  try {
    return JSON.parse((error as Error).message) as EngineError;
  } catch {
    return {};
  }
}

/** Names as the person wrote them: projections and expressions are named otherwise in the session. */
const asWritten = (message: string): string =>
  message
    .replaceAll(/temp\.main\./g, '')
    .replaceAll(/\bw_([a-z0-9_]+_v\d+)\b/g, '$1')
    .replaceAll(/\bc_[0-9a-f]{12}_\d+\b/g, '…')
    .split('\n')
    .filter((line) => line.trim() && !/^LINE \d|^\s*\^|errors_as_json|max_expression_depth/.test(line))
    .slice(0, 6)
    .join(' ')
    .replace(/\s+/g, ' ')
    .slice(0, 600);

/** The Problem of an engine's error. `sql` was run, with `offset` characters before the judged statement; `text` is the person's. */
export function problemOf(error: unknown, sql: string, offset: number, text: string): Problem {
  if (error instanceof Problem) return error;
  const told = readError(error);
  const { exception_type: type = '', exception_message: message = '', position } = told;
  const { error_subtype: subtype, name, candidates } = told;
  let place = {};
  if (position !== undefined) {
    // The engine counts bytes.
    const at = Buffer.from(`${' '.repeat(offset)}${sql}`, 'utf8')
      .subarray(0, Number(position))
      .toString('utf8').length;
    const there = placeInText(sql, at - offset, text);
    if (there !== undefined) place = placeOf(text, there);
  }
  if (type === 'Out of Memory') return new Problem(k.tooLarge);
  // A constant that does not convert is told by the engine in planning as well: it is the person's own, but not told from a value.
  if (OF_VALUES.has(type)) return new Problem(k.valueFailed, {}, place);
  if (subtype === 'COLUMN_NOT_FOUND' && name)
    return new Problem(k.columnUnknown, { name, candidates: candidates?.replaceAll(',', '、') || '—' }, place);
  const grouped = /^column "?([^"]+?)"? must appear in the GROUP BY/.exec(message)?.[1];
  if (grouped) return new Problem(k.notGrouped, { name: grouped }, place);
  if (OF_TEXT.has(type)) return new Problem(k.compile, { message: asWritten(message) }, place);
  return new Problem(k.failed, { kind: type || 'engine' });
}
