/** A signature that the hub has, read and judged here in the browser. */
import { describe, type KeylessSignature, readSignature, type SignatureAccount } from '@jingwei/keyless';
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { fromBase64 } from './hashing.ts';
import { type Judgement, judge } from './judge.ts';
import { extendedWith, extenderFor, publicationsQuery } from './service.ts';

/** A signature with its account and what came out. */
export interface Judged {
  bytes: Uint8Array;
  read: KeylessSignature;
  account: SignatureAccount;
  judgement: Judgement;
  /** The same with a publication in place of the key's word, where there is one by now. */
  extended?: Uint8Array;
}

/** `hash` and `level`: what is held against it; without a hash only the signature itself is judged. */
export function useJudged(signature: string | null | undefined, hash?: string, level = 0): UseQueryResult<Judged> {
  return useQuery({
    queryKey: ['trust', 'judged', signature, hash, level],
    queryFn: async ({ client }): Promise<Judged> => {
      const bytes = fromBase64(signature!);
      const read = readSignature(bytes);
      const file = await client.fetchQuery(publicationsQuery).catch(() => undefined);
      const judgement = await judge(read, {
        ...(hash ? { hash: bytesOf(hash), level } : {}),
        ...(file ? { publicationsFile: file } : {}),
        extender: extenderFor(read),
      });
      const extended = judgement.chain ? extendedWith(read, judgement.chain, file) : undefined;
      return { bytes, read, account: describe(read), judgement, ...(extended ? { extended } : {}) };
    },
    enabled: !!signature,
    retry: false,
    staleTime: 60_000,
  });
}

/** Bytes of hexadecimal text. */
export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
