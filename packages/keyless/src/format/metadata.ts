/** Metadata 0x04 of a link: who asked for the signature, by which machine, in which order, when (来源). */
import { isImprint } from '../hash/imprint.ts';
import { eachChild, type Tlv, writeTlv } from './tlv.ts';
import { integer, integerBytes, needed, once, string, stringBytes } from './values.ts';

/** What is known of an origin. */
export interface Origin {
  clientId: string;
  machineId?: string;
  sequence?: bigint;
  /** Unix microseconds. */
  requestTime?: bigint;
}

/** Metadata as read. */
export interface Metadata extends Origin {
  /** Whether it cannot pass for an imprint: padded as it must be, or of a length that no imprint has. */
  sound: boolean;
}

const PADDING = 0x1e;

/** Reads metadata. Padding of a wrong form is kept and told by `sound`: that is for a verifier to judge. */
export function readMetadata(tlv: Tlv): Metadata {
  let clientId: string | undefined;
  let machineId: string | undefined;
  let sequence: bigint | undefined;
  let requestTime: bigint | undefined;
  let paddings = 0;
  let wellPadded = true;
  let place = 0;
  eachChild(tlv, (child) => {
    const first = place++ === 0;
    switch (child.tag) {
      case PADDING: {
        paddings += 1;
        const { value } = child;
        const ones = value.length >= 1 && value.length <= 2 && value.every((byte) => byte === 1);
        if (!first || child.wide || !child.nonCritical || !child.forward || !ones) wellPadded = false;
        return true;
      }
      case 0x01:
        once(clientId, child);
        clientId = string(child);
        return true;
      case 0x02:
        once(machineId, child);
        machineId = string(child);
        return true;
      case 0x03:
        once(sequence, child);
        sequence = integer(child);
        return true;
      case 0x04:
        once(requestTime, child);
        requestTime = integer(child);
        return true;
      default:
        return false;
    }
  });
  const sound = paddings === 0 ? !isImprint(tlv.value) : paddings === 1 && wellPadded && tlv.value.length % 2 === 0;
  return {
    clientId: needed(clientId, tlv, 0x01),
    ...(machineId !== undefined ? { machineId } : {}),
    ...(sequence !== undefined ? { sequence } : {}),
    ...(requestTime !== undefined ? { requestTime } : {}),
    sound,
  };
}

/** The value of a metadata element: padded to an even length, so that it can never pass for an imprint. */
export function metadataValue(origin: Origin): Uint8Array {
  const flags = { nonCritical: true, forward: true };
  const parts = [
    writeTlv(0x01, stringBytes(origin.clientId), flags),
    ...(origin.machineId !== undefined ? [writeTlv(0x02, stringBytes(origin.machineId), flags)] : []),
    ...(origin.sequence !== undefined ? [writeTlv(0x03, integerBytes(origin.sequence), flags)] : []),
    ...(origin.requestTime !== undefined ? [writeTlv(0x04, integerBytes(origin.requestTime), flags)] : []),
  ];
  const length = parts.reduce((n, part) => n + part.length, 0);
  const padding = writeTlv(PADDING, Uint8Array.from(length % 2 === 0 ? [1, 1] : [1]), flags);
  const out = new Uint8Array(length + padding.length);
  let at = 0;
  for (const part of [padding, ...parts]) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
