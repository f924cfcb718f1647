/**
 * Orders of erasure beside the snapshots (docs/erasure.md): who was erased is still in backups that were made before. A restore of such a backup
 * brings the orders into the restored folder, and the hub applies them again at its start, before it is ready. They name persons by token.
 *
 *   erasures/<matter>.order    one order, encrypted under the repository's key with its name bound to it
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { chunkKeys, seal, unseal } from './secret.ts';

const FOLDER = 'erasures';
const END = '.order';
/** In the data folder: orders that a restore brought and that wait to be applied. */
const WAITING = 'erasures.json';

/** Whether the repository has an order. */
export const hasErasure = (repository: string, matter: number): boolean =>
  existsSync(join(repository, FOLDER, `${matter}${END}`));

/** Keeps an order in the repository; whole and on disk when it returns. */
export function keepErasure(repository: string, dataKey: Uint8Array, matter: number, order: unknown): void {
  const folder = join(repository, FOLDER);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${matter}${END}`);
  const handle = openSync(`${path}.part`, 'w', 0o600);
  try {
    writeSync(handle, seal(chunkKeys(dataKey), about(matter), Buffer.from(JSON.stringify(order))));
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(`${path}.part`, path);
  const names = openSync(folder, 'r');
  fsyncSync(names);
  closeSync(names);
}

const about = (matter: number): Uint8Array => Buffer.from(`erasure ${matter}`);

/** Brings the repository's orders into a folder that was restored from it; answers how many. Problem `backup.damaged`. */
export function bringErasures(repository: string, dataKey: Uint8Array, data: string): number {
  const folder = join(repository, FOLDER);
  if (!existsSync(folder)) return 0;
  const keys = chunkKeys(dataKey);
  const orders = readdirSync(folder)
    .filter((name) => name.endsWith(END))
    .map((name) => Number(name.slice(0, -END.length)))
    .sort((a, b) => a - b)
    .map(
      (matter) =>
        JSON.parse(
          unseal(keys, about(matter), readFileSync(join(folder, `${matter}${END}`)), `${matter}${END}`).toString(),
        ) as unknown,
    );
  if (orders.length > 0) writeFileSync(join(data, WAITING), JSON.stringify(orders), { mode: 0o600 });
  return orders.length;
}

/** Orders that a restore brought into a data folder. */
export function waitingErasures(data: string): unknown[] {
  const path = join(data, WAITING);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as unknown[]) : [];
}

/** They are applied. */
export const erasuresApplied = (data: string): void => rmSync(join(data, WAITING), { force: true });
