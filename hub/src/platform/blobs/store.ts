/** The store of files as they were received: addressed by their content, never changed. */
import type { Transform } from 'node:stream';

/** A file in the store. */
export interface Blob {
  /** Lower-case hexadecimal SHA-256 of the content: its address. */
  sha256: string;
  /** Size of the content in bytes. */
  bytes: number;
}

/** Encrypts on the way in and decrypts on the way out; given by the vault. */
export interface BlobCipher {
  encrypt(): Transform;
  decrypt(): Transform;
}

/** Streams in, streams out. */
export interface BlobStore {
  /** Keeps a stream; on disk when it resolves. The same content is kept once. */
  put(content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Blob>;
  /** The content as a stream of chunks; an unknown address is a Problem. */
  get(sha256: string): AsyncIterable<Uint8Array>;
  has(sha256: string): Promise<boolean>;
  /** Deletes a file for ever: for stores whose owner knows that nothing refers to it. What is not there is no fault. */
  remove(sha256: string): Promise<void>;
}
