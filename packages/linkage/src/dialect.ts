/**
 * Every SQL function that engines spell differently, as builders of SQL text. The rest of the package writes plain SQL: joins, grouping,
 * CASE, window functions. Expressions come in as text and leave as text.
 */

/** Quotes an identifier. */
export const ident = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Quotes a string literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The functions an engine must offer. */
export interface Dialect {
  /** Name of the engine, for messages. */
  readonly name: string;
  jaroWinkler(a: string, b: string): string;
  /** Levenshtein distance: edits that turn one text into the other. */
  levenshtein(a: string, b: string): string;
  /** A number that only texts of the same characters share: tells a swap of characters from two other edits. */
  bag(text: string): string;
  /** Signed 64-bit hash of values of any type. */
  hash64(...parts: string[]): string;
  /** Unsigned hash of less than 2^52, exact as a double. */
  hash52(...parts: string[]): string;
  /** Lower case without accents. */
  fold(text: string): string;
  /** Whether a regular expression (RE2) occurs. */
  matches(text: string, pattern: string): string;
  replaceAll(text: string, pattern: string, by: string): string;
  extract(text: string, pattern: string, group: number): string;
  contains(text: string, part: string): string;
  startsWith(text: string, part: string): string;
  /** The text up to the first `mark`, all of it where there is none. */
  before(text: string, mark: string): string;
  /** Maps single characters. */
  translate(text: string, from: string, to: string): string;
  /** Words of a text at single spaces, as a list without repetition. */
  words(text: string): string;
  /** Overlapping parts of n characters, as a list without repetition. */
  grams(text: string, n: number): string;
  /**
   * Character skip-grams: n characters in their order out of every n + 1 neighbours, at most one left out between them, so that a missing, added or mistaken character
   * leaves most of them alike; of the first `most` characters, as a list without repetition.
   */
  skipGrams(text: string, n: number, most: number): string;
  /** List of integers from `from` to below `to`. */
  range(from: string, to: string): string;
  /** One row per element of a list: a select expression. */
  unnest(list: string): string;
  /** Sum of the low eight bits of the integers that two lists share: the weight of common tokens. */
  sharedWeight(a: string, b: string): string;
  /** Number of values that two lists share. */
  sharedCount(a: string, b: string): string;
  /** Aggregate: list of values ordered by them. */
  listOf(value: string): string;
  listLength(list: string): string;
  /** Values of a list in short, for names of people: the first letter and the last word; single words as they are; without repetition. */
  abbreviated(list: string): string;
  /** Splits at a separator, trimmed, without empty parts and repetition. */
  split(text: string, separator: string): string;
  /** Aggregate: list of values ordered by another. */
  listBy(value: string, order: string): string;
  /** A list of texts as one text. */
  joined(list: string, separator: string): string;
  /** Element of a list, counted from 1. */
  element(list: string, index: string): string;
  /**
   * Of two lists of texts the most alike: 1000 × place in the first + place in the second, null where one has none. Equal texts come first, then pairs whose
   * values in `beside` (lists of the same lengths: sounds, trade names) are equal, then by Jaro-Winkler similarity.
   */
  bestPair(a: string, b: string, beside: readonly (readonly [string, string])[]): string;
  /** Days since some fixed day of an eight-digit date, null where there is no such day. */
  dayNumber(digits: string): string;
  tryDouble(text: string): string;
  reverse(text: string): string;
  log2(number: string): string;
  /** Bitwise and of two 64-bit integers. */
  bitAnd(a: string, b: string): string;
}

/** DuckDB. */
export const duckdbDialect: Dialect = {
  name: 'DuckDB',
  jaroWinkler: (a, b) => `jaro_winkler_similarity(${a}, ${b})`,
  levenshtein: (a, b) => `levenshtein(${a}, ${b})`,
  bag: (text) => `CAST(list_sum(list_transform(string_split(${text}, ''), lambda x: hash(x) >> 40)) AS BIGINT)`,
  hash64: (...parts) => `(hash(${parts.join(', ')}) >> 1)::BIGINT`,
  hash52: (...parts) => `(hash(${parts.join(', ')}) >> 12)::BIGINT`,
  fold: (text) => `lower(strip_accents(${text}))`,
  matches: (text, pattern) => `regexp_matches(${text}, ${literal(pattern)})`,
  replaceAll: (text, pattern, by) => `regexp_replace(${text}, ${literal(pattern)}, ${literal(by)}, 'g')`,
  extract: (text, pattern, group) => `regexp_extract(${text}, ${literal(pattern)}, ${group})`,
  contains: (text, part) => `contains(${text}, ${part})`,
  startsWith: (text, part) => `starts_with(${text}, ${part})`,
  before: (text, mark) => `split_part(${text}, ${literal(mark)}, 1)`,
  translate: (text, from, to) => `translate(${text}, ${literal(from)}, ${literal(to)})`,
  words: (text) => `list_distinct(string_split(${text}, ' '))`,
  grams: (text, n) =>
    `list_distinct(list_transform(range(1, greatest(length(${text}) - ${n - 2}, 2)), lambda i: substr(${text}, i, ${n})))`,
  skipGrams: (text, n, most) => {
    const t = `substr(${text}, 1, ${most})`;
    const skips = Array.from(
      { length: n - 1 },
      (_, k) => `substr(${t}, i, ${k + 1}) || substr(${t}, i + ${k + 2}, ${n - k - 1})`,
    );
    return `list_distinct(list_filter(flatten(list_transform(range(1, length(${t}) - ${n - 2}), lambda i: [substr(${t}, i, ${n}), ${skips.join(', ')}])), lambda x: length(x) = ${n}))`;
  },
  range: (from, to) => `range(${from}, ${to})`,
  unnest: (list) => `unnest(${list})`,
  // Several times cheaper than list_intersect where lists are short.
  sharedWeight: (a, b) =>
    `coalesce(list_sum(list_transform(list_filter(${a}, lambda x: list_contains(${b}, x)), lambda x: x & 255)), 0)`,
  sharedCount: (a, b) => `len(list_filter(${a}, lambda x: list_contains(${b}, x)))`,
  listOf: (value) => `list(${value} ORDER BY ${value})`,
  listLength: (list) => `len(${list})`,
  abbreviated: (list) =>
    `list_distinct(list_transform(${list}, lambda x: CASE WHEN contains(x, ' ') THEN substr(x, 1, 1) || ' ' || regexp_extract(regexp_replace(x, '[.]', '', 'g'), '(\\S+)\\s*$', 1) ELSE x END))`,
  split: (text, separator) =>
    `list_distinct(list_filter(list_transform(string_split(${text}, ${literal(separator)}), lambda x: trim(x)), lambda x: x <> ''))`,
  listBy: (value, order) => `list(${value} ORDER BY ${order})`,
  joined: (list, separator) => `array_to_string(${list}, ${literal(separator)})`,
  element: (list, index) => `list_extract(${list}, ${index})`,
  bestPair: (a, b, beside) => {
    const alike = beside.map(
      ([x, y], k) => `WHEN list_extract(${x}, i) = list_extract(${y}, j) THEN ${995000 - 1000 * k}`,
    );
    const [x, y] = [`list_extract(${a}, i)`, `list_extract(${b}, j)`];
    const score = `CASE WHEN ${x} = ${y} THEN 1000000 ${alike.join(' ')} ELSE CAST(round(990000 * jaro_winkler_similarity(${x}, ${y})) AS BIGINT) END`;
    return `list_max(flatten(list_transform(range(1, len(${a}) + 1), lambda i: list_transform(range(1, len(${b}) + 1), lambda j: ${score} * 1000000 + i * 1000 + j)))) % 1000000`;
  },
  dayNumber: (digits) => `date_diff('day', DATE '1600-01-01', try_strptime(${digits}, '%Y%m%d')::DATE)`,
  tryDouble: (text) => `try_cast(${text} AS DOUBLE)`,
  reverse: (text) => `reverse(${text})`,
  log2: (number) => `log2(${number})`,
  bitAnd: (a, b) => `(${a} & ${b})`,
};
