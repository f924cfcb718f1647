/** Deliveries laid into a folder of the hub that the recipient fetches from: written beside, on disk, then renamed. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { SharingPorts } from '../act.ts';
import type { Confirmed, Parcel, Progress } from './parcel.ts';

/** Folder of a grant below the data folder. */
export const outboxOf = (data: string, share: Parcel['share']): string =>
  join(data, 'outbox', share.requester.replace(/[^A-Za-z0-9_-]/g, '_'), String(share.id));

async function lay(path: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
  await pipeline(
    Readable.from(content, { objectMode: false }),
    createWriteStream(`${path}.part`, { mode: 0o640, flush: true }),
  );
  await rename(`${path}.part`, path);
  const folder = await open(dirname(path), 'r');
  await folder.sync().finally(() => folder.close());
}

/** Lays a delivery down; what stands beside it comes first, so that whoever sees the file finds its proof. */
export async function toFolder(
  ports: Pick<SharingPorts, 'blobs' | 'folders'>,
  parcel: Parcel,
  progress: Progress,
): Promise<Confirmed> {
  const folder = outboxOf(ports.folders.data, parcel.share);
  await mkdir(folder, { recursive: true, mode: 0o750 });
  await progress.mayGoOn();
  for (const { ending, bytes } of parcel.beside) await lay(join(folder, `${parcel.name}${ending}`), [bytes]);
  const path = join(folder, `${parcel.name}.${parcel.delivery.format}`);
  await lay(path, ports.blobs.get(parcel.delivery.sha256!));
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  await progress.keep(parcel.delivery.bytes ?? 0, null);
  return { sha256: hash.digest('hex'), rows: null };
}
