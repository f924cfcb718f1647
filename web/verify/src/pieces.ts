/** The fingerprint of a file of any size: read piece by piece, never held as a whole. */
import { Hasher } from '@jingwei/keyless';

/** Bytes that are read at once. */
const PIECE = 4 << 20;

/** Imprint of a file under the algorithm of a number; `progress` is told how many bytes are done and may throw to stop. */
export async function fingerprintPieces(
  file: Blob,
  algorithm: number,
  progress: (done: number) => void,
): Promise<Uint8Array> {
  const hasher = new Hasher(algorithm);
  for (let at = 0; at < file.size; at += PIECE) {
    const piece = new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer());
    hasher.update(piece);
    progress(Math.min(file.size, at + PIECE));
  }
  return hasher.digest();
}
