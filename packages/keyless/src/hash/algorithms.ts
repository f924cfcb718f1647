/** Hash algorithms by their number in an imprint (印记: the number, then the digest). */

/** One algorithm. */
export interface HashAlgorithm {
  /** Number in imprints and chains. */
  id: number;
  name: string;
  /** Bytes of a digest. */
  length: number;
  /** Unix second from which it should not be used for new signatures. */
  deprecated?: bigint;
  /** Unix second from which it proves nothing. */
  obsolete?: bigint;
}

const list: HashAlgorithm[] = [
  { id: 0x00, name: 'sha1', length: 20, deprecated: 1_467_331_200n },
  { id: 0x01, name: 'sha256', length: 32 },
  { id: 0x02, name: 'ripemd160', length: 20 },
  { id: 0x04, name: 'sha384', length: 48 },
  { id: 0x05, name: 'sha512', length: 64 },
  { id: 0x07, name: 'sha3-224', length: 28 },
  { id: 0x08, name: 'sha3-256', length: 32 },
  { id: 0x09, name: 'sha3-384', length: 48 },
  { id: 0x0a, name: 'sha3-512', length: 64 },
  { id: 0x0b, name: 'sm3', length: 32 },
];
const byId: (HashAlgorithm | undefined)[] = [];
for (const algorithm of list) byId[algorithm.id] = algorithm;

/** All known algorithms. */
export const hashAlgorithms: readonly HashAlgorithm[] = list;

/** The algorithm of a number, or undefined. */
export const algorithmOf = (id: number): HashAlgorithm | undefined => byId[id];

/** The algorithm of a name such as `sha256` or `sm3` (case and dash do not matter), or undefined. */
export function algorithmNamed(name: string): HashAlgorithm | undefined {
  const bare = (text: string) => text.toLowerCase().replaceAll('-', '');
  return list.find((algorithm) => bare(algorithm.name) === bare(name));
}

/** Whether new use of the algorithm at this Unix second is deprecated. */
export const deprecatedAt = (id: number, time: bigint): boolean => {
  const since = byId[id]?.deprecated;
  return since !== undefined && since <= time;
};

/** Whether the algorithm proves nothing any more at this Unix second. */
export const obsoleteAt = (id: number, time: bigint): boolean => {
  const since = byId[id]?.obsolete;
  return since !== undefined && since <= time;
};
