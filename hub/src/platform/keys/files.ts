/** Which key every received file is under, read from the files' own heads. */
import { open, opendir } from 'node:fs/promises';
import { join } from 'node:path';

/** Counts encrypted files by version of their key; drafts of what is being written are none. A file that goes meanwhile is passed over. */
export async function countFiles(folders: readonly string[], signal?: AbortSignal): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  for (const folder of folders)
    for await (const path of sealedBelow(folder)) {
      signal?.throwIfAborted();
      const version = await versionOf(path);
      if (version !== undefined) counts.set(version, (counts.get(version) ?? 0) + 1);
    }
  return counts;
}

async function* sealedBelow(folder: string): AsyncGenerator<string> {
  const entries = await opendir(folder).catch(() => undefined);
  if (!entries) return;
  for await (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== 'drafts') yield* sealedBelow(path);
    else if (entry.isFile() && entry.name.endsWith('.sealed')) yield path;
  }
}

/** The version that stands in a file's head (see vault/files.ts); undefined where it has none. */
async function versionOf(path: string): Promise<number | undefined> {
  const file = await open(path).catch(() => undefined);
  if (!file) return undefined;
  try {
    const head = Buffer.alloc(8);
    const { bytesRead } = await file.read(head, 0, 8, 0);
    return bytesRead === 8 && head.toString('latin1', 0, 3) === 'JWF' ? head.readUInt32BE(4) : undefined;
  } finally {
    await file.close();
  }
}
