/** What a signing service is given. */
import type { Disk } from '../calendar/index.ts';

/** A client that may speak the protocol. */
export interface Client {
  /** Secret of its MACs. */
  key: Uint8Array;
  /** Number of the hash algorithm of its MACs; any of the usual ones where none is named. */
  algorithm?: number;
  /** Name under which it appears in signatures. */
  organisation: string;
  /** Requests in one second (default: the service's own bound). */
  perSecond?: number;
  disabled?: boolean;
}

/** What a key signs a second's calendar root with: the parts of a calendar authentication record. */
export interface RootSignature {
  /** Dotted OID of the way it is signed. */
  signatureType: string;
  signature: Uint8Array;
  /** CRC-32 of the certificate's DER, four bytes. */
  certificateId: Uint8Array;
  repository?: string;
}

/**
 * Signs published data (the whole element 0x10 as it is stored) for the calendar's root at a second. Without it signatures have a calendar
 * chain and no authentication record; they can be extended all the same.
 */
export type Authenticate = (
  time: bigint,
  root: Uint8Array,
  publishedData: Uint8Array,
) => RootSignature | undefined | Promise<RootSignature | undefined>;

/** A service above this one: signs the roots of our seconds and knows the calendar. */
export interface ParentClient {
  /** A whole signature for a root of this level. Rejects with a `Refusal` of status 0x300 or 0x301. */
  sign(hash: Uint8Array, options: { level: number }): Promise<Uint8Array>;
  /** The calendar chain 0x802 from a second to another, to the newest where none is named, and the newest second. */
  extend(aggregationTime: bigint, publicationTime?: bigint): Promise<{ chain: Uint8Array; last?: bigint }>;
}

/** Bounds; all have defaults. */
export interface Limits {
  /** Requests in one second (default 16,384). */
  perSecond: number;
  /** Greatest level of a request (default 40): height of the tree of which the hash is a root. */
  maxLevel: number;
  /** Greatest message in bytes (default 1 MiB). */
  maxPdu: number;
  /** Requests in one message (default 20: an answer holds 64 KiB, and a signature has up to 3 KB). */
  maxPayloads: number;
  /** How far the clock may run ahead of the machine's steady one before signing stops, milliseconds (default 60,000). */
  maxClockJump: number;
}

/** Default bounds. */
export const defaultLimits: Limits = {
  perSecond: 16_384,
  maxLevel: 40,
  maxPdu: 1 << 20,
  maxPayloads: 20,
  maxClockJump: 60_000,
};

/** How a service is opened. */
export interface ServiceOptions {
  /** Folder of its calendar and rounds; it has one owner. */
  folder: string;
  /** Number of the hash algorithm of trees and of a new calendar (default 1, SHA-256). */
  algorithm?: number;
  /** Unix milliseconds (default: the machine's clock). */
  now?: () => number;
  /** Milliseconds of a clock that never jumps (default: the machine's). */
  steady?: () => number;
  /** Runs something after that many milliseconds; answers how to call it off (default: a timer). Tests call `tick` themselves. */
  later?: (milliseconds: number, run: () => void) => () => void;
  authenticate?: Authenticate;
  /** Where our roots are signed instead of in a calendar of our own. */
  parent?: ParentClient;
  /** Client of a login, or undefined (default: nobody may speak the protocol). */
  clients?: (login: string) => Client | undefined;
  /** Name of this machine in signatures (default `1`). */
  machine?: string;
  /** Name in signatures of requests from inside the process that name no origin (default `jingwei`). */
  name?: string;
  /** Addresses of this service as told to clients that ask for its configuration. */
  uris?: readonly string[];
  /** Days for which the requests of rounds are kept (default 400); signatures do not need them, `reissue` does. */
  keepDays?: number;
  limits?: Partial<Limits>;
  disk?: Disk;
  /** Told when signing stops and when it goes on. */
  onAlarm?: (alarm: Alarm | undefined) => void;
}

/** Why signing stands still, or what failed last. */
export interface Alarm {
  code: 'clock-backwards' | 'clock-forward' | 'disk' | 'upstream' | 'authenticate';
  zh: string;
  en: string;
  /** Unix milliseconds. */
  since: number;
}

/** What a service says of itself. */
export interface ServiceStatus {
  /** Whether requests are taken. */
  signing: boolean;
  alarm: Alarm | undefined;
  algorithm: number;
  /** Whether roots are signed by a service above. */
  chained: boolean;
  /** First and last second signed here. */
  first: bigint | undefined;
  last: bigint | undefined;
  /** Signed seconds. */
  seconds: number;
  /** Requests that wait for the end of their second. */
  waiting: number;
  /** Since it was opened. */
  signed: number;
  refused: number;
}
