/** A package that is handed in: gathered in a local draft, read, and each of its files kept as one of the archive's. */
import { randomUUID } from 'node:crypto';
import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Principal } from '../../platform/auth/principal.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { addFile, createDraft, dropDraft, limited, organisationFor } from '../deposit.ts';
import type { ArchiveDeps } from '../deps.ts';
import type { Metadata } from '../metadata.ts';
import { badPackage } from '../problems.ts';
import { readPackage } from './read.ts';
import { unpack, withFile, ZipFault } from './zip.ts';

/** Unpacked bytes for each packed one that are believed. */
const RATIO = 200;

const workFolder = (folders: Deps['folders']) => join(folders.data, 'archive-work');

/** Removes what a killed process was gathering. */
export const cleanWork = (folders: Deps['folders']): void =>
  rmSync(workFolder(folders), { recursive: true, force: true });

/** Takes a package in as a draft; answers its number. Nothing is left of one that cannot be taken. */
export async function takePackage(
  deps: ArchiveDeps,
  principal: Principal,
  given: { organisation?: string | undefined },
  content: Readable,
): Promise<number> {
  organisationFor(deps, principal, given.organisation);
  const { fileMiB, files } = deps.config.archives;
  const folder = workFolder(deps.folders);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = join(folder, randomUUID());
  try {
    await pipeline(
      Readable.from(limited(content, fileMiB), { objectMode: false }),
      createWriteStream(draft, { mode: 0o600 }),
    );
    return await withFile(draft, async (source) => {
      const limits = { files, bytes: 2 * fileMiB * 2 ** 20, ratio: RATIO };
      const read = await readPackage(source, limits);
      // Values that do not fit are kept as they came: the checks name them.
      const id = await createDraft(deps, principal, { ...given, metadata: read.metadata as Metadata, package: true });
      try {
        for (const { file, declared } of read.files)
          await addFile(deps, principal, id, { ...declared, role: declared.role ?? 'main' }, unpack(source, file));
      } catch (error) {
        await dropDraft(deps, principal, id);
        if (error instanceof ZipFault) throw new Problem(badPackage, { ...error.title });
        throw error;
      }
      return id;
    });
  } finally {
    await rm(draft, { force: true });
  }
}
