/** What is left of an answer that does not fit its schema. */
import { z } from 'zod';

/**
 * The value without anything that the schema does not declare, although the value does not fit the schema: in
 * production a date in an unusual form is no reason to answer nothing, but a field that nobody declared never leaves
 * the hub. An object where only a choice of schemas could say what is declared becomes null.
 */
export function declaredOnly(schema: unknown, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const fitting = schema instanceof z.ZodType ? schema.safeParse(value) : undefined;
  if (fitting?.success) return fitting.data;
  let s = schema;
  while (s instanceof z.ZodOptional || s instanceof z.ZodNullable || s instanceof z.ZodDefault) s = s.unwrap();
  if (s instanceof z.ZodArray) {
    const { element } = s;
    return Array.isArray(value) ? value.map((item) => declaredOnly(element, item)) : null;
  }
  if (Array.isArray(value)) return null;
  if (s instanceof z.ZodRecord) {
    const { valueType } = s;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, declaredOnly(valueType, item)]));
  }
  if (s instanceof z.ZodObject) {
    const entries = Object.entries(s.shape as Record<string, unknown>).filter(([key]) => Object.hasOwn(value, key));
    return Object.fromEntries(entries.map(([key, of]) => [key, declaredOnly(of, (value as never)[key])]));
  }
  return null;
}
