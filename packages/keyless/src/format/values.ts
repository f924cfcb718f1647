/** Values of elements: integers, strings, and how to write them. */
import { fail } from '../errors.ts';
import { algorithmOf } from '../hash/algorithms.ts';
import { imprintOf } from '../hash/imprint.ts';
import type { Tlv } from './tlv.ts';

/** An unsigned integer of at most eight bytes in its shortest form; no byte at all is 0. */
export function integer(tlv: Tlv): bigint {
  const { value } = tlv;
  if (value.length > 8) fail('integer', '整数超过 8 字节', 'an integer of more than eight bytes', tlv.offset);
  if (value.length > 0 && value[0] === 0)
    fail('integer', '整数不是最短形式', 'an integer is not in its shortest form', tlv.offset);
  if (value.length <= 6) {
    let n = 0;
    for (const byte of value) n = n * 256 + byte;
    return BigInt(n);
  }
  let n = 0n;
  for (const byte of value) n = (n << 8n) | BigInt(byte);
  return n;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 that ends with NUL (further ones inside are read as they are, as all known readers do). `empty: false` refuses an empty string. */
export function string(tlv: Tlv, empty = true): string {
  const { value, offset } = tlv;
  const last = value.length - 1;
  if (last < 0 || value[last] !== 0) fail('string', '字符串没有以 NUL 结尾', 'a string does not end with NUL', offset);
  if (!empty && last === 0) fail('string', '字符串不可为空', 'a string must not be empty', offset);
  try {
    return utf8.decode(value.subarray(0, last));
  } catch {
    return fail('string', '字符串不是 UTF-8', 'a string is not UTF-8', offset);
  }
}

/** An imprint. */
export const imprintValue = (tlv: Tlv): Uint8Array => imprintOf(tlv.value, tlv.offset);

/** Number of a known hash algorithm. */
export function algorithm(tlv: Tlv): number {
  const id = integer(tlv);
  if (id > 255n || !algorithmOf(Number(id)))
    fail('algorithm', `不认识的哈希算法 ${id}`, `an unknown hash algorithm ${id}`, tlv.offset);
  return Number(id);
}

/** The value of an integer in its shortest form. */
export function integerBytes(n: bigint | number): Uint8Array {
  let rest = BigInt(n);
  if (rest < 0n || rest >= 1n << 64n) fail('integer', '整数超出范围', 'an integer is out of range');
  const bytes: number[] = [];
  for (; rest > 0n; rest >>= 8n) bytes.unshift(Number(rest & 255n));
  return Uint8Array.from(bytes);
}

const encoder = new TextEncoder();

/** The value of a string: UTF-8 and a NUL. */
export const stringBytes = (text: string): Uint8Array => encoder.encode(`${text}\0`);

/** Keeps what must be there once. */
export function once<T>(have: T | undefined, tlv: Tlv): void {
  if (have !== undefined)
    fail(
      'repeated',
      `元素 0x${tlv.tag.toString(16)} 重复`,
      `element 0x${tlv.tag.toString(16)} occurs twice`,
      tlv.offset,
    );
}

/** What must be there. */
export function needed<T>(have: T | undefined, parent: Tlv, tag: number): T {
  if (have === undefined)
    return fail('missing', `缺少元素 0x${tag.toString(16)}`, `element 0x${tag.toString(16)} is missing`, parent.offset);
  return have;
}
