/**
 * Scopes (RFC 6749 §3.3): `grant:12` is everything of grant 12, `grant:12/name,uscc` these items of it. A scope never says more than the
 * grant: whatever it names is cut to what the grant has at the moment of the call.
 */

/** Items of one grant; null: all that are granted. */
export type Fields = ReadonlySet<string> | null;
/** Grants by number. */
export type Scope = ReadonlyMap<number, Fields>;

/** Most characters and parts of a scope that somebody sends. */
const MOST = { text: 4000, parts: 50 } as const;
const PART = /^grant:([1-9]\d{0,8})(?:\/([a-z][a-z0-9_]{0,62}(?:,[a-z][a-z0-9_]{0,62})*))?$/;

/** Reads a scope; null when it is none. The same grant named twice is the union of both. */
export function readScope(text: string): Scope | null {
  const parts = text.split(' ').filter((p) => p !== '');
  if (text.length > MOST.text || parts.length === 0 || parts.length > MOST.parts) return null;
  const scope = new Map<number, Fields>();
  for (const part of parts) {
    const found = PART.exec(part);
    if (!found) return null;
    const grant = Number(found[1]);
    const fields = found[2] === undefined ? null : new Set(found[2].split(','));
    const before = scope.get(grant);
    if (before === undefined) scope.set(grant, fields);
    else scope.set(grant, before === null || fields === null ? null : new Set([...before, ...fields]));
  }
  return scope;
}

/** A scope as text. */
export const writeScope = (scope: Scope): string =>
  [...scope].map(([grant, fields]) => `grant:${grant}${fields ? `/${[...fields].join(',')}` : ''}`).join(' ');

/** Whether a scope asks for nothing beyond another. A whole grant is beyond some of its items. */
export function withinScope(asked: Scope, most: Scope): boolean {
  return [...asked].every(([grant, fields]) => {
    const bound = most.get(grant);
    if (bound === undefined) return false;
    if (bound === null) return true;
    return fields !== null && [...fields].every((f) => bound.has(f));
  });
}
