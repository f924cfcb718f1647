/**
 * What an engine's or a library's sentence may keep when it is written down or told to people: its own words. The sentences of this program and of
 * what it is built on are English; what they quote is data. So everything is left out that such a sentence does not say by itself: writing in other
 * letters, long numbers, what stands in quotes and is no plain name, and the same in the disguises of JSON, of addresses and of bytea.
 */

/** What is put in the place of a value. */
const GONE = '[value]';

/** Identifiers of the program's own are kept whole, though they may be all digits, and so are days and instants. */
const NUMBER =
  /([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<!\d)(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)(?:T[0-9:.]+Z)?)|\d(?:[ -]?\d){6,}[\dXx]?/gi;
/** A name as tables, columns, files and options have them; not a person's, which is why some sentences are read apart. */
const PLAIN = /^[A-Za-z_$][\w$.:/@*-]{0,80}$/;
const QUOTED = /'((?:[^'\\\n]|\\.|'')*)'|"((?:[^"\\\n]|\\.|"")*)"|`([^`\n]*)`/g;
/** Sentences in which what is quoted is a value, whatever it looks like. */
const OF_VALUES =
  /(convert string |invalid input (?:syntax|value) for (?:type |enum )?[\w ".]+: |could not parse [\w ]+ |duplicate key |unexpected token |key \([^)]*\)=)(\([^)]*\)|'[^\n]*'|"[^\n]*")/gi;
/** The statement or the input that an engine repeats below its sentence, and what JSON.parse repeats of a text. */
const REPEATED = [/\n\s*LINE \d+:[\s\S]*$/, /,? ?(?:\.\.\.)?"[^"]*"(?:\.\.\.)? is not valid JSON/g, /Input: "[\s\S]*$/];
/** Letters of other scripts, written as they are or escaped. */
const OTHER = [/[^ -~\s]+/g, /(?:\\u[0-9a-f]{4})+/gi, /(?:%[0-9a-f]{2}){2,}/gi, /\\x[0-9a-f]{6,}/gi];

/** A sentence without the values that it quotes. Never throws; what is a name stays. */
export function withoutValues(sentence: string): string {
  let text = sentence.slice(0, 20_000);
  for (const repeated of REPEATED) text = text.replace(repeated, GONE);
  text = text.replace(OF_VALUES, `$1${GONE}`);
  text = text.replace(QUOTED, (whole, ...inside: (string | undefined)[]) =>
    PLAIN.test(inside.slice(0, 3).find((i) => i !== undefined) ?? '') ? whole : GONE,
  );
  for (const other of OTHER) text = text.replace(other, GONE);
  return text.replace(NUMBER, (_, id: string | undefined) => id ?? GONE);
}

/** The places of a stack, without the sentence above them. */
const placesOf = (stack: string): string =>
  stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');

/** Strings of an entry's own fields; what is deeper, or no string, is looked at likewise. */
export function entryWithoutValues(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return withoutValues(value);
  if (depth > 4 || typeof value !== 'object' || value === null || value instanceof Error) return value;
  if (Array.isArray(value)) return value.map((v) => entryWithoutValues(v, depth + 1));
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, entryWithoutValues(v, depth + 1)]));
}

/**
 * An error as the log keeps it: kind, code, sentence, places, cause. What a database adds (`detail`: the row that broke a rule), what was asked for
 * and every value that a sentence quotes stay out.
 */
export function errorEntry(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? withoutValues(error) : { type: typeof error };
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  return {
    type: error.name,
    ...(typeof code === 'string' ? { code: withoutValues(code) } : {}),
    ...(typeof constraint === 'string' ? { constraint } : {}),
    message: withoutValues(error.message),
    stack: placesOf(error.stack ?? ''),
    ...(error.cause !== undefined && depth < 3 ? { cause: errorEntry(error.cause, depth + 1) } : {}),
    ...(error instanceof AggregateError
      ? { errors: error.errors.slice(0, 20).map((e) => errorEntry(e, depth + 1)) }
      : {}),
  };
}

/** A Problem as the log keeps it: code, English sentence, place; one language is enough for who reads logs. */
export function problemEntry(problem: unknown, depth = 0): unknown {
  if (typeof problem !== 'object' || problem === null) return entryWithoutValues(problem);
  const { code, title, place, details } = problem as {
    code?: unknown;
    title?: { en?: unknown };
    place?: unknown;
    details?: unknown;
  };
  return {
    code,
    message: entryWithoutValues(title?.en ?? title),
    // Places are files, lines and fields that somebody declared.
    ...(place === undefined ? {} : { place }),
    ...(Array.isArray(details) && depth < 2
      ? { details: details.slice(0, 50).map((d) => problemEntry(d, depth + 1)) }
      : {}),
  };
}
