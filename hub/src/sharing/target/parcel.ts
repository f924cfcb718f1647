/** One delivery on its way to a target. */
import type { DeliveryView } from '../delivery/serve.ts';
import type { ShareRow } from '../matters.ts';

/** What is sent: the delivery's file with what proves it. */
export interface Parcel {
  share: ShareRow;
  delivery: DeliveryView;
  /** Items of its rows with the type of their values in the typed records; masked ones are texts. */
  items: { name: string; type: string }[];
  /** Sequence of the ready delivery before it; null: none. */
  previous: number | null;
  /** Name of its files, without an ending. */
  name: string;
  /** What stands beside the file: manifest and keyless signatures. */
  beside: { ending: string; bytes: Uint8Array }[];
}

/** How sending goes on. */
export interface Progress {
  /** What was kept when it was broken off; null at the beginning. */
  resume: unknown;
  /** Keeps how far it came: bytes or rows, and what is needed to go on. On disk when it resolves. */
  keep(done: number, resume: unknown): Promise<void>;
  /** Throws where the grant gives no data any more or the hub stops. */
  mayGoOn(): Promise<void>;
  /** Whether the hub stops. */
  stopping(): boolean;
}

/** What a target confirms. */
export interface Confirmed {
  /** SHA-256 of the file as the target has it, or of the file whose rows it has. */
  sha256: string;
  rows: number | null;
}
