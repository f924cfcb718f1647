/** Checks what comes in against a route's schemas; every fault is named in both languages with its JSON pointer. */
import { z } from 'zod';
import { parseBilingual, sentences } from '../i18n/validation.ts';
import { Problem } from '../problem.ts';
import { invalid, invalidValue } from './problems.ts';

/** The part of a request that a schema speaks of. */
export type Part = 'params' | 'query' | 'body';

const names: Record<Part, { zh: string; en: string }> = {
  params: { zh: '路径参数', en: 'path parameter' },
  query: { zh: '查询参数', en: 'query parameter' },
  body: { zh: '请求体', en: 'body' },
};

/** So many faults are told, and so much of each sentence: an answer must not grow with what strangers send. */
const MOST = 100;
const LONGEST = 500;

const short = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

/** The first hundred faults of a value, each a Problem whose place is a JSON pointer such as `/query/limit`. */
export function faultsOf(error: z.ZodError, part: Part | ''): Problem[] {
  return error.issues.slice(0, MOST).map((issue) => {
    const path = [...(part ? [part] : []), ...issue.path.map(String)];
    const pointer = path.map((p) => `/${p.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
    const where = issue.path.map(String).join('.') || (part ? names[part].en : '');
    const { zh, en } = sentences(issue);
    return new Problem(
      invalidValue,
      { where: short(where), zh: short(zh), en: short(en) },
      { pointer: short(pointer) },
    );
  });
}

/** Refuses keys that a plain object schema does not know, instead of dropping them without a word. */
export function strict(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodObject && !schema.def.catchall ? schema.strict() : schema;
}

function isList(schema: unknown): boolean {
  let s = schema;
  while (
    s instanceof z.ZodOptional ||
    s instanceof z.ZodDefault ||
    s instanceof z.ZodPrefault ||
    s instanceof z.ZodNullable
  ) {
    s = s.unwrap();
  }
  return s instanceof z.ZodArray;
}

/** A query in which one value of a list is a list of one. */
export function wrapLists(schema: z.ZodType, query: Record<string, unknown>): Record<string, unknown> {
  if (!(schema instanceof z.ZodObject)) return query;
  const shape = schema.shape as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(query).map(([k, v]) => [k, typeof v === 'string' && isList(shape[k]) ? [v] : v]),
  );
}

function fault(part: Part, path: readonly string[], zh: string, en: string): Problem {
  const pointer = [part, ...path].map((p) => `/${p}`).join('');
  return new Problem(invalidValue, { where: short(path.join('.')), zh, en }, { pointer: short(pointer) });
}

/** Where a text with U+0000 stands, which no database keeps; undefined when there is none. */
function placeOfNul(value: unknown): string[] | undefined {
  if (typeof value === 'string' && value.includes('\0')) return [];
  if (typeof value !== 'object' || value === null) return undefined;
  // A list of what is still to be seen instead of recursion: how deep a body goes is its sender's choice.
  const open: { value: unknown; path: string[] }[] = [{ value, path: [] }];
  for (let next = open.pop(); next; next = open.pop()) {
    for (const [key, item] of Object.entries(next.value as object)) {
      if (key.includes('\0')) return next.path;
      if (typeof item === 'string' && item.includes('\0')) return [...next.path, key];
      if (typeof item === 'object' && item !== null) open.push({ value: item, path: [...next.path, key] });
    }
  }
  return undefined;
}

/** Checks the parts of one request together, so that all faults are told at once. */
export function validate(
  schemas: Partial<Record<Part, z.ZodType>>,
  values: Record<Part, unknown>,
): Record<Part, unknown> {
  const out: Record<Part, unknown> = { params: undefined, query: undefined, body: undefined };
  const faults: Problem[] = [];
  for (const part of ['params', 'query', 'body'] as const) {
    const schema = schemas[part];
    if (!schema) {
      const stray = part === 'query' ? Object.keys((values.query ?? {}) as object) : [];
      for (const key of stray.slice(0, MOST)) {
        faults.push(fault(part, [key], '未知的查询参数', 'unknown query parameter'));
      }
      continue;
    }
    const result = parseBilingual(schema, values[part]);
    if (result.success) out[part] = result.data;
    else faults.push(...faultsOf(result.error, part));
    const nul = result.success ? placeOfNul(result.data) : undefined;
    if (nul) faults.push(fault(part, nul, '含有空字符 U+0000', 'holds the character U+0000'));
  }
  if (faults.length > 0) throw new Problem(invalid, { count: faults.length }, undefined, faults);
  return out;
}
