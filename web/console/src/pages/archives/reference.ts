/** The reference code as the form shows it while it is being filled in; the hub forms the true one. */

/** `0057-WS·2026-Y-BGS-（件号）` of what is known so far; what is missing is a `?`. */
export function draftReference(metadata: Readonly<Record<string, unknown>>, item: string): string {
  const part = (key: string) => (metadata[key] === undefined || metadata[key] === '' ? '?' : String(metadata[key]));
  const number = metadata.item ? String(metadata.item).padStart(4, '0') : item;
  return `${part('fonds')}-${part('category')}·${part('year')}-${part('retention')}-${part('unit')}-${number}`;
}

/** What a form gives as the metadata that the hub takes: empty values left out, texts trimmed. */
export function cleaned(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(values)) {
    const plain = typeof value === 'string' ? value.trim() : value;
    if (plain === undefined || plain === null || plain === '' || (Array.isArray(plain) && plain.length === 0)) continue;
    found[key] = plain;
  }
  return found;
}
