/**
 * How the columns of a delivery are told of. A file without its header begins with a row of data, and a batch may have values where names should be: what
 * is refused is shown to whoever watches the exchange, so a heading is repeated only where it certainly is one.
 */

/** Longest heading that is repeated. */
const LONGEST = 60;
/** A name as databases have it; not a number of a person or a telephone. */
const PLAIN = /^[A-Za-z_][A-Za-z0-9_.$-]*$/;
const NUMBER = /\d{7,}/;

/** Whether what was found in the place of a header is one: it names at least half of the declared columns. */
export const isHeader = (found: number, declared: number): boolean => found > 0 && found * 2 >= declared;

/** A column as it is told of: its name, or `#3` by its place (from 0) where the name may be a value. */
export const heading = (name: string, at: number, header: boolean): string =>
  name.length <= LONGEST && !NUMBER.test(name) && (header || PLAIN.test(name)) ? name : `#${at + 1}`;
