/**
 * Items of an array inside a JSON text, each as it is written: numbers keep their digits, which parsing would round.
 * Everything here expects a text that JSON.parse has accepted.
 */

function skip(text: string, at: number): number {
  let p = at;
  for (let c = text.charCodeAt(p); c === 32 || c === 9 || c === 10 || c === 13; c = text.charCodeAt(++p));
  return p;
}

function stringEnd(text: string, at: number): number {
  let p = at + 1;
  while (text.charCodeAt(p) !== 34) p += text.charCodeAt(p) === 92 ? 2 : 1;
  return p + 1;
}

/** The place behind the value that starts at `at`. */
function valueEnd(text: string, at: number): number {
  let depth = 0;
  for (let p = at; ; ) {
    const c = text.charCodeAt(p);
    if (c === 34) p = stringEnd(text, p);
    else if (c === 123 || c === 91) {
      depth += 1;
      p += 1;
      continue;
    } else if (c === 125 || c === 93) {
      if (depth === 0) return p;
      depth -= 1;
      p += 1;
    } else if (depth === 0 && (c === 44 || c === 32 || c === 9 || c === 10 || c === 13 || Number.isNaN(c))) return p;
    else {
      p += 1;
      continue;
    }
    if (depth === 0) return p;
  }
}

/** The tokens of a JSON pointer (RFC 6901). */
export function pointerTokens(pointer: string): string[] {
  if (pointer === '') return [];
  return pointer
    .replace(/^\//, '')
    .split('/')
    .map((t) => t.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value at a pointer in parsed JSON, or undefined. */
export function valueAt(value: unknown, pointer: string): unknown {
  let own = value;
  for (const token of pointerTokens(pointer)) {
    if (typeof own !== 'object' || own === null || !Object.hasOwn(own, token)) return undefined;
    own = (own as Record<string, unknown>)[token];
  }
  return own;
}

/** Where a member of the object or array at `at` starts; of members named twice the last, as JSON.parse has it. */
function memberStart(text: string, at: number, token: string): number {
  const object = text[at] === '{';
  let found = -1;
  let p = skip(text, at + 1);
  for (let i = 0; text[p] !== '}' && text[p] !== ']'; i++) {
    let name = String(i);
    if (object) {
      const end = stringEnd(text, p);
      name = JSON.parse(text.slice(p, end)) as string;
      p = skip(text, skip(text, end) + 1);
    }
    if (name === token) found = p;
    p = skip(text, valueEnd(text, p));
    if (text[p] === ',') p = skip(text, p + 1);
  }
  return found;
}

/**
 * The items of the array at a pointer, each as one line of JSON, or null when there is no array. `text` must be valid JSON.
 */
export function itemsAt(text: string, pointer: string): Iterable<string> | null {
  let at = skip(text, 0);
  for (const token of pointerTokens(pointer)) {
    if (text[at] !== '{' && text[at] !== '[') return null;
    at = memberStart(text, at, token);
    if (at < 0) return null;
  }
  return text[at] === '[' ? items(text, at) : null;
}

function* items(text: string, at: number): Generator<string> {
  for (let p = skip(text, at + 1); text[p] !== ']'; ) {
    const end = valueEnd(text, p);
    // Line breaks can stand only between tokens, where a space says the same.
    yield text.slice(p, end).replace(/[\r\n]+/g, ' ');
    p = skip(text, end);
    if (text[p] === ',') p = skip(text, p + 1);
  }
}
