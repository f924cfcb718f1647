/** Public keys of every accepted kind, whatever the platform. */
import { checkOf } from '#keys';
import { onlyDer } from './der.ts';
import { sm2Key, verifySm2 } from './sm2.ts';
import { keyNumbers, type Way } from './spki.ts';

/** A key that signatures are verified with. */
export interface PublicKey {
  kind: 'rsa' | 'ec' | 'sm2';
  /** Whether the key signed the data in this way. Never throws. */
  signed(way: Way, data: Uint8Array, signature: Uint8Array): boolean;
}

/** Reads a SubjectPublicKeyInfo; undefined where it is none or of a kind or size that is not accepted. */
export function publicKey(spki: Uint8Array): PublicKey | undefined {
  try {
    return read(spki);
  } catch {
    return undefined;
  }
}

function read(spki: Uint8Array): PublicKey | undefined {
  const numbers = keyNumbers(spki);
  if (!numbers) return undefined;
  if (numbers.kind === 'sm2') {
    const key = sm2Key(numbers.point);
    return (
      key && {
        kind: 'sm2',
        signed: (way, data, signature) => way.key === 'sm2' && quietly(() => verifySm2(key, data, signature)),
      }
    );
  }
  const { kind } = numbers;
  const check = checkOf(spki, { ...numbers, kind } as Parameters<typeof checkOf>[1]);
  return (
    check && {
      kind,
      signed: (way, data, signature) =>
        way.key === kind &&
        way.digest !== undefined &&
        // Node's OpenSSL reads signatures in BER; what one verifier accepts, all must.
        (kind === 'rsa' || quietly(() => onlyDer(signature).tag === 0x30)) &&
        check(way.digest, data, signature),
    }
  );
}

function quietly(run: () => boolean): boolean {
  try {
    return run();
  } catch {
    return false;
  }
}
