/**
 * The few functions whose spelling differs between engines stand here and nowhere else, as builders of SQL text.
 * Identifiers and literals are quoted by the two helpers; values that come from outside are always parameters.
 */

/** Quotes an identifier. */
export function ident(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes a string literal of our own (never one that comes from outside: those are parameters). */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** 64-bit hash of several columns, for grouping and joining; not a proof. */
export const hash64 = (...columns: string[]): string => `hash(${columns.join(', ')})`;

/** SHA-256 of a text or binary expression as 32 bytes. */
export const sha256 = (expression: string): string => `unhex(sha256(${expression}))`;

/** Jaro-Winkler similarity, 0 to 1. */
export const jaroWinkler = (a: string, b: string): string => `jaro_winkler_similarity(${a}, ${b})`;

/** Damerau-Levenshtein distance in code points. */
export const damerau = (a: string, b: string): string => `damerau_levenshtein(${a}, ${b})`;

/** Whether one text contains another, without pattern characters. */
export const contains = (a: string, b: string): string => `contains(${a}, ${b})`;

/**
 * Statements around a look-up of few rows in a large table by a list of keys that another table holds: between them the
 * engine passes over every block without one of the keys, up to 200,000 of them, where it would otherwise read all columns
 * of the table and then throw rows away. Not for joins in general: the list is compared with every block.
 */
export const fewKeys = {
  begin: 'SET dynamic_or_filter_threshold = 200000',
  end: 'RESET dynamic_or_filter_threshold',
} as const;
