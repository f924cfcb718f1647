/** What the archives need of the hub. */
import type { Deps } from '../platform/room.ts';
import type { SealPort } from '../platform/seal/port.ts';

/** The ports that the room's parts are given. `fonds`: the fonds number of an organisation, where the city declares one. */
export type ArchiveDeps = Pick<Deps, 'config' | 'folders' | 'clock' | 'log' | 'db' | 'lake' | 'jobs' | 'audit'> & {
  blobs: Deps['archiveBlobs'];
  seal: SealPort;
  fonds: ReadonlyMap<string, string>;
};
