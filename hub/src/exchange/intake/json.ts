/** Members of a JSON object as they were written: numbers keep their digits, nested values their text. */

/** Skips spaces of JSON from a place on. */
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

function valueEnd(text: string, at: number): number {
  let depth = 0;
  let p = at;
  for (;;) {
    const c = text[p];
    if (c === '"') {
      p = stringEnd(text, p);
      if (depth === 0) return p;
      continue;
    }
    if (c === '{' || c === '[') depth += 1;
    else if (c === '}' || c === ']') {
      if (depth === 0) return p;
      depth -= 1;
      if (depth === 0) return p + 1;
    } else if (c === ',' && depth === 0) return p;
    p += 1;
  }
}

/**
 * The members of one JSON object as text values: strings decoded, null as null, everything else as it is written.
 * Answers null for a text that is no JSON object.
 */
export function members(text: string): Map<string, string | null> | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null;
  const out = new Map<string, string | null>();
  let p = skip(text, skip(text, 0) + 1);
  while (text[p] !== '}') {
    const keyEnd = stringEnd(text, p);
    const key = JSON.parse(text.slice(p, keyEnd)) as string;
    p = skip(text, skip(text, keyEnd) + 1);
    const end = valueEnd(text, p);
    const written = text.slice(p, end).trimEnd();
    out.set(key, written[0] === '"' ? (JSON.parse(written) as string) : written === 'null' ? null : written);
    p = skip(text, end);
    if (text[p] === ',') p = skip(text, p + 1);
  }
  return out;
}
