/** Changes files at random: bits, bytes, lengths, cuts, repetitions, pieces of other files; outside, or deep inside with lengths that fit. */
import { readTlv, writeTlv } from './format/tlv.ts';
import { readDer } from './keys/der.ts';
import { der } from './publish/der.ts';

/** Kinds of files. */
export type FuzzKind = 'signature' | 'publications' | 'cms' | 'pdu' | 'calendar' | 'certificate';

/** A file to begin with. */
export interface FuzzSeed {
  kind: FuzzKind;
  bytes: Uint8Array;
}

/** Random numbers that come again from the same seed (xorshift32): answers integers from 0 to below `n`. */
export function randomFrom(seed: number): (n: number) => number {
  let x = seed | 0 || 1;
  return (n) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % n;
  };
}

const splice = (bytes: Uint8Array, from: number, to: number, put: Uint8Array): Uint8Array => {
  const out = new Uint8Array(from + put.length + bytes.length - to);
  out.set(bytes.subarray(0, from));
  out.set(put, from);
  out.set(bytes.subarray(to), from + put.length);
  return out;
};

/** Offsets at which elements of a TLV begin, whatever their depth: where headers stand. */
function headers(bytes: Uint8Array): number[] {
  const found: number[] = [];
  const walk = (from: number, to: number, depth: number): void => {
    for (let at = from; at + 2 <= to && found.length < 300; ) {
      const wide = (bytes[at]! & 0x80) !== 0;
      const length = wide ? ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0) : bytes[at + 1]!;
      const value = at + (wide ? 4 : 2);
      if (value + length > to) return;
      found.push(at);
      if (depth < 4 && length > 2) walk(value, value + length, depth + 1);
      at = value + length;
    }
  };
  walk(0, bytes.length, 0);
  return found;
}

/** Elements as a format has them: how to take one apart and put it together again. */
interface Elements {
  /** The children of an element's value, or undefined where the value is not made of elements. */
  parts(value: Uint8Array): { bytes: Uint8Array; value: Uint8Array; write(value: readonly Uint8Array[]): Uint8Array }[];
}

const tlvs: Elements = {
  parts(value) {
    const out = [];
    for (let at = 0; at < value.length; ) {
      const tlv = readTlv(value, at, 0);
      out.push({
        bytes: tlv.bytes,
        value: tlv.value,
        write: (parts: readonly Uint8Array[]) => writeTlv(tlv.tag, parts, tlv),
      });
      at += tlv.bytes.length;
    }
    return out;
  },
};
const ders: Elements = {
  parts(value) {
    const out = [];
    for (let at = 0; at < value.length; ) {
      const element = readDer(value, at);
      out.push({
        bytes: element.bytes,
        value: element.content,
        write: (parts: readonly Uint8Array[]) => der(element.tag, ...parts),
      });
      at += element.bytes.length;
    }
    return out;
  },
};

/** Changes one element deep inside and gives all around it the lengths that fit: what a reader of the outside cannot refuse. */
function mutateInside(
  elements: Elements,
  bytes: Uint8Array,
  others: readonly FuzzSeed[],
  random: (n: number) => number,
): Uint8Array {
  try {
    const parts = elements.parts(bytes);
    const chosen = random(parts.length);
    const { value, write } = parts[chosen]!;
    const deeper = value.length > 3 && random(5) > 0 ? mutateInside(elements, value, others, random) : undefined;
    const inner = deeper ?? mutate(value, others, random);
    const out = parts.map((part) => part.bytes);
    switch (deeper ? 0 : random(6)) {
      case 1:
        out.splice(chosen, 1);
        break;
      case 2:
        out.splice(chosen, 0, out[random(out.length)]!);
        break;
      case 3:
        out.push(...out.splice(chosen, 1));
        break;
      default:
        out[chosen] = write([inner]);
    }
    return new Uint8Array(Buffer.concat(out));
  } catch {
    // Not made of elements, or grown too long for one.
    return mutate(bytes, others, random);
  }
}

/** Changes a file of a kind once, outside or inside. */
export function mutateFile(
  kind: FuzzKind,
  bytes: Uint8Array,
  others: readonly FuzzSeed[],
  random: (n: number) => number,
) {
  if (random(3) === 0) return mutate(bytes, others, random);
  if (kind === 'cms' || kind === 'certificate') return mutateInside(ders, bytes, others, random);
  if (kind !== 'publications') return mutateInside(tlvs, bytes, others, random);
  const inner = mutateInside(tlvs, bytes.subarray(8), others, random);
  return new Uint8Array(Buffer.concat([bytes.subarray(0, 8), inner]));
}

/** Changes bytes once: bits, bytes, lengths in headers, cuts, repetitions, and pieces of other files. */
function mutate(bytes: Uint8Array, others: readonly FuzzSeed[], random: (n: number) => number): Uint8Array {
  if (bytes.length === 0) return Uint8Array.of(random(256));
  const at = random(bytes.length);
  const changed = () => bytes.slice();
  switch (random(9)) {
    case 0: {
      const out = changed();
      out[at]! ^= 1 << random(8);
      return out;
    }
    case 1: {
      const out = changed();
      for (let i = 0; i <= random(8); i++) out[random(out.length)] = random(256);
      return out;
    }
    case 2:
      return bytes.slice(0, at);
    case 3: {
      // A header says another length or another tag, and what follows stays as it is.
      const places = headers(bytes);
      const out = changed();
      const place = places[random(Math.max(1, places.length))] ?? 0;
      const wide = (out[place]! & 0x80) !== 0;
      const field = place + random(wide ? 4 : 2);
      if (field < out.length) out[field] = [0, 1, 0x7f, 0x80, 0xff, random(256)][random(6)]!;
      return out;
    }
    case 4: {
      const other = others[random(others.length)]!.bytes;
      const from = random(other.length);
      const piece = other.subarray(from, from + random(400));
      return splice(bytes, at, Math.min(bytes.length, at + random(200)), piece);
    }
    case 5:
      // An element or a stretch twice, and once more, …
      return splice(bytes, at, at, bytes.subarray(at, at + 1 + random(300)));
    case 6:
      return splice(bytes, at, Math.min(bytes.length, at + 1 + random(40)), new Uint8Array());
    case 7: {
      // Elements inside each other, deeply.
      let piece = new Uint8Array();
      for (let depth = random(60); depth >= 0 && piece.length < 240; depth--)
        piece = Uint8Array.of(bytes[at]! & 0x7f, piece.length, ...piece);
      return splice(bytes, at, at, piece);
    }
    default: {
      const out = changed();
      out.fill([0, 0xff, 0x80, 0x30][random(4)]!, at, at + random(40));
      return out;
    }
  }
}
