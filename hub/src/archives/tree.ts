/**
 * The seal of an archive: one hash tree over its metadata and its files, whose root gets the signature. Each file's fingerprint is a leaf as it is,
 * so that a file taken out verifies by itself against its own chain.
 */
import { algorithmOf, imprint, TreeBuilder } from '@jingwei/keyless';
import { canonicalJson } from '../platform/audit/index.ts';
import type { Metadata } from './metadata.ts';

/** Number of SHA-256, under which archives are first sealed. */
export const FIRST_ALGORITHM = 1;

/** What the first leaf says: the archive's identity, metadata and list of files. */
export interface SealedMetadata {
  reference: string;
  organisation: string;
  metadata: Metadata;
  files: {
    no: number;
    name: string;
    role: string;
    bytes: number;
    sha256: string;
    format: string | null;
    software: string | null;
  }[];
}

/** The text whose fingerprint is the first leaf. */
export const metadataText = (sealed: SealedMetadata): string => canonicalJson(sealed);

/** An imprint out of an algorithm's number and a digest. */
export function imprintFrom(algorithm: number, digest: Uint8Array): Uint8Array {
  const known = algorithmOf(algorithm);
  if (!known || known.length !== digest.length)
    throw new Error(`a digest of algorithm ${algorithm} has another length`);
  return Uint8Array.from([algorithm, ...digest]);
}

/** Imprint of a text. */
export const imprintOfText = (algorithm: number, text: string): Uint8Array => imprint(algorithm, Buffer.from(text));

/** The tree over leaves in their order: metadata, files, and the signature before when it is a seal made anew. */
export function treeOf(algorithm: number, leaves: readonly Uint8Array[]) {
  const tree = new TreeBuilder(algorithm, { expected: leaves.length });
  for (const leaf of leaves) tree.add(leaf);
  const { root, level } = tree.close();
  return { root, level, chainOf: (leaf: number) => tree.chainOf(leaf) };
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
export const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
