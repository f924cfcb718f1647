/** Parts of a file (RFC 9110, section 14): one range of bytes; what asks for several, or in other units, gets the whole. */

/** Bytes of a file, both ends included; null: the whole; `unsatisfiable`: none of them is there. */
export type Range = { from: number; to: number } | null | 'unsatisfiable';

/** Reads `Range` of a file of so many bytes. `ifRange`: what `If-Range` says; another than the file's tag asks for the whole. */
export function rangeOf(header: string | undefined, bytes: number, etag: string, ifRange?: string): Range {
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  if (!found || (ifRange !== undefined && ifRange.trim() !== etag)) return null;
  const [, first, last] = found;
  if (!first && !last) return null;
  // The last so many bytes.
  if (!first)
    return Number(last) === 0 || bytes === 0
      ? 'unsatisfiable'
      : { from: Math.max(0, bytes - Number(last)), to: bytes - 1 };
  const from = Number(first);
  if (last && Number(last) < from) return null;
  if (from >= bytes) return 'unsatisfiable';
  return { from, to: last ? Math.min(Number(last), bytes - 1) : bytes - 1 };
}

/** Of a stream only some bytes; it is left as soon as they have come. */
export async function* cut(chunks: AsyncIterable<Uint8Array>, from: number, to: number): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const chunk of chunks) {
    const end = at + chunk.length;
    if (end > from) yield chunk.subarray(Math.max(0, from - at), Math.min(chunk.length, to + 1 - at));
    at = end;
    if (at > to) return;
  }
}
