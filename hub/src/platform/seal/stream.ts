/** Files that leave the hub as streams: hashed while they are sent and sealed at their end. */
import { createHash } from 'node:crypto';
import type { SealPort, SealSubject } from './port.ts';

const SHA256 = 1;

/**
 * Passes chunks on and asks for the seal of all of them together. The last chunk goes when the request for the seal is on disk: who holds the
 * whole file holds a sealed one. What is broken off on the way gets no seal.
 */
export async function* sealedStream(
  seal: Pick<SealPort, 'request'>,
  subject: Omit<SealSubject, 'imprint' | 'level'>,
  chunks: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let bytes = 0;
  let held: Buffer | undefined;
  for await (const chunk of chunks) {
    const part = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    if (held) yield held;
    hash.update(part);
    bytes += part.length;
    // A copy: the source may fill the same memory again while this one waits.
    held = Buffer.from(part);
  }
  const imprint = Uint8Array.of(SHA256, ...hash.digest());
  await seal.request({ ...subject, imprint, facts: { ...subject.facts, bytes } });
  if (held) yield held;
}
