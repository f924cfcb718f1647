/** Numbers of the format's hash algorithms by the names that settings use. */
import { algorithmNamed } from '@jingwei/keyless';

/** The number of `sha256`, `sha512` or `sm3`. */
export function algorithmNumber(name: 'sha256' | 'sha512' | 'sm3'): number {
  return algorithmNamed(name)!.id;
}
