/** The worker that computes a file's fingerprint: reads it in pieces, so that its size does not matter, and tells how far it is. */
import { algorithmNamed, Hasher, HashUnavailable } from '@jingwei/keyless';

/** Bytes read at once: few enough for any memory, enough that reading does not cost more than hashing. */
const PIECE = 4 << 20;

/** What the worker is asked. */
export interface HashTask {
  file: Blob;
  /** Name as in the format: `sha256`, `sm3`. */
  algorithm: string;
}

/** What it tells: bytes read so far, the imprint at the end, or that the file could not be read. */
export type HashNews =
  | { bytes: number }
  | { imprint: Uint8Array }
  | { failed: 'unreadable' | 'unavailable' | 'unexpected' };

const post = (news: HashNews) => (self as unknown as { postMessage(news: HashNews): void }).postMessage(news);

async function run({ file, algorithm }: HashTask): Promise<void> {
  const hasher = new Hasher(algorithmNamed(algorithm)?.id ?? -1);
  for (let at = 0; at < file.size; at += PIECE) {
    hasher.update(new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer()));
    post({ bytes: Math.min(file.size, at + PIECE) });
  }
  post({ imprint: hasher.digest() });
}

self.onmessage = (event: MessageEvent<HashTask>) => {
  run(event.data).catch((error: unknown) => {
    if (error instanceof HashUnavailable) post({ failed: 'unavailable' });
    // A file that was changed, moved or withdrawn after it was chosen is a DOMException.
    else post({ failed: error instanceof DOMException ? 'unreadable' : 'unexpected' });
  });
};
