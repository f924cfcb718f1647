/** The shape of a signature's account (签名说明): only strings, numbers, booleans and null, so that it is JSON as it is. */

/** An imprint in words. */
export interface ImprintAccount {
  /** Name of the algorithm, such as `sha256` or `sm3`. */
  algorithm: string;
  /** The digest, in lower case hexadecimal, without the algorithm's number. */
  hex: string;
  /** The whole imprint in hexadecimal: number of the algorithm and digest. */
  imprint: string;
}

/** An instant. */
export interface TimeAccount {
  /** Unix seconds, decimal (the format allows 64 bits). */
  unix: string;
  /** ISO 8601 in UTC; null where a calendar cannot name it. */
  utc: string | null;
  /** `2026-11-21 17:30:00`, Beijing time (UTC+8); null likewise. */
  beijing: string | null;
}

/** One who asked for the signature or handed it on. */
export interface OriginAccount {
  clientId: string;
  machineId?: string;
  /** Decimal. */
  sequence?: string;
  /** When it was asked for, to the microsecond: ISO 8601 in UTC; null where a calendar cannot name it. */
  requestTime?: string | null;
  /** The same in Unix microseconds, decimal. */
  requestMicroseconds?: string;
}

/** What stands beside the current node in a step of an aggregation chain. */
export type SiblingAccount =
  | ({ kind: 'imprint' } & ImprintAccount)
  | { kind: 'client'; origin: OriginAccount; hex: string }
  | { kind: 'metadata'; origin: OriginAccount; hex: string /** Cannot be mistaken for an imprint. */; sound: boolean };

/** One step of an aggregation chain. */
export interface LinkAccount {
  /** On which side the current node stands: its sibling is on the other. */
  side: 'left' | 'right';
  levelCorrection: number;
  /** Level of the node that the step computes. */
  level: number;
  sibling: SiblingAccount;
  /** What the step computes; null where this machine cannot. */
  result: ImprintAccount | null;
}

/** One aggregation chain. */
export interface ChainAccount {
  time: TimeAccount;
  /** Where the chain stands in the tree of trees, outermost first; decimal. */
  index: string[];
  algorithm: string;
  input: ImprintAccount;
  /** Whether it begins with what the chain before it computes (for the first: with what a record in front of it computes). */
  continues: boolean | null;
  links: LinkAccount[];
  output: ImprintAccount | null;
}

/** One step of the calendar's chain. */
export interface CalendarLinkAccount {
  side: 'left' | 'right';
  sibling: ImprintAccount;
  result: ImprintAccount | null;
}

/** The calendar's chain. */
export interface CalendarAccount {
  aggregationTime: TimeAccount;
  publicationTime: TimeAccount;
  /** The time that the shape of the chain says; null where it is the shape of no calendar. */
  shapeTime: TimeAccount | null;
  input: ImprintAccount;
  /** Whether it begins with what the last aggregation chain computes; null where that cannot be computed. */
  continues: boolean | null;
  links: CalendarLinkAccount[];
  root: ImprintAccount | null;
}

/** What the chain ends in. */
export type AnchorAccount =
  | {
      /** A publication: hash functions and the printed string suffice. */
      kind: 'publication';
      time: TimeAccount;
      hash: ImprintAccount;
      /** As it is printed. */
      printed: string;
      /** Where it was printed. */
      references: string[];
      repositories: string[];
    }
  | {
      /** A key's signature over the calendar's root, until the signature is extended to a publication. */
      kind: 'authentication';
      time: TimeAccount;
      hash: ImprintAccount;
      /** Dotted OID of the way it is signed, and its name where known. */
      signatureType: string;
      signatureName: string | null;
      /** CRC-32 of the certificate, hexadecimal. */
      certificateId: string;
      repository?: string;
      /** Hexadecimal. */
      signature: string;
    }
  | { kind: 'none' };

/** The record of a signature that was made of an RFC 3161 time-stamp. */
export interface Rfc3161Account {
  time: TimeAccount;
  index: string[];
  input: ImprintAccount;
  tstInfo: { algorithm: string; prefix: string; suffix: string };
  signedAttributes: { algorithm: string; prefix: string; suffix: string };
}

/** All of a signature; only strings, numbers, booleans and null, so that it is JSON as it is. */
export interface SignatureAccount {
  /** Size of the signature. */
  bytes: number;
  document: ImprintAccount;
  signingTime: TimeAccount;
  /** From the outermost server down to who signed. */
  origin: OriginAccount[];
  rfc3161: Rfc3161Account | null;
  /** The chain next to the document first. */
  chains: ChainAccount[];
  calendar: CalendarAccount | null;
  anchor: AnchorAccount;
}
