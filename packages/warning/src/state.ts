/**
 * A state is ONE block of memory of a fixed size with typed views on it: it cannot grow, is kept by copying its bytes, and a run that
 * went on from a copy is the same run bit by bit.
 */
import { type StateJson, WarningError } from './types.ts';

/** The block and where its next view begins. */
export class Block {
  readonly bytes: Uint8Array<ArrayBuffer>;
  #at = 0;
  constructor(size: number) {
    this.bytes = new Uint8Array(size);
  }
  /** A view of `n` 64-bit floats; ask for these before the 32-bit ones. */
  f64(n: number): Float64Array {
    const view = new Float64Array(this.bytes.buffer, this.#at, n);
    this.#at += n * 8;
    return view;
  }
  /** A view of `n` 32-bit floats. */
  f32(n: number): Float32Array {
    const view = new Float32Array(this.bytes.buffer, this.#at, n);
    this.#at += n * 4;
    return view;
  }
  /** A view of `n` bytes. */
  u8(n: number): Uint8Array {
    const view = new Uint8Array(this.bytes.buffer, this.#at, n);
    this.#at += n;
    return view;
  }
}

/** Bytes as base64, without a dependency on Node. */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return btoa(text);
}

/**
 * Fills a fresh block from a kept one.
 * @throws WarningError `bad-state` when the layout or the length is another
 */
export function restore(block: Block, json: StateJson, kind: StateJson['kind'], version: number): void {
  if (json.kind !== kind || json.version !== version) {
    throw new WarningError(
      'bad-state',
      `state of ${json.kind} version ${json.version}, not of ${kind} version ${version}`,
    );
  }
  let text: string;
  try {
    text = atob(json.state);
  } catch {
    throw new WarningError('bad-state', 'state is not base64');
  }
  fill(
    block,
    Uint8Array.from(text, (c) => c.charCodeAt(0)),
  );
}

/** Copies kept bytes into a fresh block; @throws WarningError `bad-state` when the length is another. */
export function fill(block: Block, bytes: Uint8Array): void {
  if (bytes.length !== block.bytes.length) {
    throw new WarningError('bad-state', `state has ${bytes.length} bytes instead of ${block.bytes.length}`);
  }
  block.bytes.set(bytes);
}

/** Is this a time that a reading can have? Milliseconds from 1970 up to the year 9999. */
export function goodTime(at: number): boolean {
  return Number.isFinite(at) && at >= 0 && at < 253_402_300_800_000;
}
