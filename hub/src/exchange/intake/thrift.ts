/** The little of Thrift's compact protocol that a Parquet file's headers need. */

/** A field of a struct: its id, and its value with its type. */
export type ThriftValue =
  | { i32: number }
  | { i64: number }
  | { text: string }
  | { list: ThriftValue[] }
  | { struct: ThriftFields };
export type ThriftFields = [id: number, value: ThriftValue][];

function varint(out: number[], value: number): void {
  let v = value;
  while (v >= 128) {
    out.push((v % 128) | 128);
    v = Math.floor(v / 128);
  }
  out.push(v);
}

const typeOf = (v: ThriftValue): number => ('i32' in v ? 5 : 'i64' in v ? 6 : 'text' in v ? 8 : 'list' in v ? 9 : 12);

function put(out: number[], v: ThriftValue): void {
  // Zigzag; every number that is written here is zero or positive.
  if ('i32' in v) varint(out, v.i32 * 2);
  else if ('i64' in v) varint(out, v.i64 * 2);
  else if ('text' in v) {
    const bytes = new TextEncoder().encode(v.text);
    varint(out, bytes.length);
    for (const b of bytes) out.push(b);
  } else if ('list' in v) {
    const n = v.list.length;
    const type = n ? typeOf(v.list[0]!) : 5;
    if (n < 15) out.push((n << 4) | type);
    else {
      out.push(0xf0 | type);
      varint(out, n);
    }
    for (const e of v.list) put(out, e);
  } else {
    let before = 0;
    for (const [id, value] of v.struct) {
      out.push(((id - before) << 4) | typeOf(value));
      put(out, value);
      before = id;
    }
    out.push(0);
  }
}

/** A struct in the compact protocol. */
export function thrift(fields: ThriftFields): Uint8Array {
  const out: number[] = [];
  put(out, { struct: fields });
  return Uint8Array.from(out);
}
