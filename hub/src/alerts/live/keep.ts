/** The engine's state on disk: one file, replaced whole, with the sequence number up to which readings are in it and a checksum. */
import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const MAGIC = 'jingwei-alerts-2';

/** Writes the state; it is on disk when this returns, and the one before is whole until then. */
export function keepState(file: string, sequence: number, state: Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  const sha = createHash('sha256').update(state).digest('hex');
  const handle = openSync(`${file}.new`, 'w');
  try {
    writeSync(handle, `${MAGIC} ${sequence} ${sha}\n`);
    for (let at = 0; at < state.length; ) at += writeSync(handle, state, at);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(`${file}.new`, file);
  const folder = openSync(dirname(file), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Reads the state; null where there is none or it is damaged (then rules begin anew: what is open is settled by what comes). */
export function keptState(file: string): { sequence: number; state: Uint8Array } | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    return null;
  }
  const end = bytes.indexOf(10);
  const [magic, sequence, sha] = bytes.subarray(0, Math.max(0, end)).toString('utf8').split(' ');
  const state = bytes.subarray(end + 1);
  if (magic !== MAGIC || createHash('sha256').update(state).digest('hex') !== sha) return null;
  return { sequence: Number(sequence), state };
}
