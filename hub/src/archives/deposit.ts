/** Handing archives in: drafts, their metadata and files, packages, and the step to the checks. */
import type { Readable } from 'node:stream';
import { sql } from 'kysely';
import { catalogueOf } from '../catalogue/index.ts';
import type { Principal } from '../platform/auth/principal.ts';
import { Problem } from '../platform/problem.ts';
import { isArchivist, needState, workable } from './access.ts';
import type { ArchiveDeps } from './deps.ts';
import { folderFrom } from './judge.ts';
import type { Metadata } from './metadata.ts';
import * as kinds from './problems.ts';
import { faultOf, formReference, MOST_ITEMS, type Reference } from './reference.ts';
import { addStep } from './steps.ts';
import { type ArchiveRow, archiveRow, type FileRow, filesOf, lockedRow, refresh } from './store.ts';

/** Whose archive a deposit becomes: one's own organisation's; an archivist says whose. */
export function organisationFor(deps: Pick<ArchiveDeps, 'lake'>, principal: Principal, asked?: string): string {
  const organisation = isArchivist(principal) ? (asked ?? principal.organisation) : principal.organisation;
  if (!organisation) throw new Problem(kinds.noOrganisation);
  if (asked && asked !== organisation) throw new Problem(kinds.notYours);
  if (!catalogueOf(deps.lake).organisations.has(organisation))
    throw new Problem(kinds.unknownOrganisation, { id: organisation });
  return organisation;
}

/** A new draft; answers its number. The fonds is filled in where the city declares it. */
export async function createDraft(
  deps: ArchiveDeps,
  principal: Principal,
  given: { organisation?: string | undefined; metadata: Metadata; package: boolean },
): Promise<number> {
  const organisation = organisationFor(deps, principal, given.organisation);
  const fonds = deps.fonds.get(organisation);
  const metadata = { ...(fonds ? { fonds } : {}), ...given.metadata };
  return deps.db.tx(async (trx) => {
    const made = await sql<{ id: number }>`INSERT INTO archives.archive
        (organisation, depositor, depositor_id, package, metadata, created_at)
      VALUES (${organisation}, ${principal.login}, ${principal.userId}, ${given.package},
        ${JSON.stringify(metadata)}::jsonb, ${deps.clock.now()}) RETURNING id`.execute(trx);
    const id = made.rows[0]!.id;
    await addStep(deps, trx, id, 'created', principal, { package: given.package });
    await refresh(trx, id);
    await deps.audit.append(
      { actor: principal, action: 'archives.create', object: `archive/${id}`, outcome: 'ok', detail: { organisation } },
      trx,
    );
    return id;
  });
}

/** Changes the metadata of an archive that is not taken in yet. */
export async function describe(deps: ArchiveDeps, principal: Principal, id: number, metadata: Metadata): Promise<void> {
  await workable(deps.db, principal, id);
  await deps.db.tx(async (trx) => {
    const row = await lockedRow(trx, id);
    needState(row, 'draft', 'failed', 'passed');
    // What was checked is no longer what is described: it goes through the checks again, under a code formed again.
    await sql`UPDATE archives.archive SET metadata = ${JSON.stringify(metadata)}::jsonb, state = 'draft',
      reference = NULL, folder = NULL, item = NULL WHERE id = ${id}`.execute(trx);
    await refresh(trx, id);
  });
}

/** Keeps one file of a draft. `content` is read to its end, hashed on the way and never held whole. */
export async function addFile(
  deps: ArchiveDeps,
  principal: Principal,
  id: number,
  file: {
    name: string;
    role: FileRow['role'];
    sha256?: string | undefined;
    bytes?: number | undefined;
    software?: string | undefined;
  },
  content: Readable | AsyncIterable<Uint8Array>,
): Promise<FileRow> {
  needState(await workable(deps.db, principal, id), 'draft', 'failed', 'passed');
  const { fileMiB, files: most } = deps.config.archives;
  const blob = await deps.blobs.put(limited(content, fileMiB));
  return deps.db.tx(async (trx) => {
    const row = await lockedRow(trx, id);
    needState(row, 'draft', 'failed', 'passed');
    const there = await sql<{ no: number; name: string }>`
      SELECT no, name FROM archives.file WHERE archive = ${id}`.execute(trx);
    if (there.rows.length >= most) throw new Problem(kinds.tooMany, { most });
    if (there.rows.some((f) => f.name === file.name)) throw new Problem(kinds.sameName, { name: file.name });
    const no = Math.max(0, ...there.rows.map((f) => f.no)) + 1;
    const added = await sql<FileRow>`INSERT INTO archives.file
        (archive, no, name, role, bytes, sha256, declared_sha256, declared_bytes, software)
      VALUES (${id}, ${no}, ${file.name}, ${file.role}, ${blob.bytes}, ${blob.sha256}, ${file.sha256 ?? null},
        ${file.bytes ?? null}, ${file.software ?? null}) RETURNING *`.execute(trx);
    await sql`UPDATE archives.archive SET state = 'draft' WHERE id = ${id}`.execute(trx);
    await refresh(trx, id);
    return added.rows[0]!;
  });
}

/** Ends a content in a Problem when it grows beyond the limit. */
export async function* limited(content: AsyncIterable<Uint8Array>, mib: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    if (bytes > mib * 2 ** 20) throw new Problem(kinds.tooLarge, { mib });
    yield chunk;
  }
}

/** Takes a file out of a draft. */
export async function dropFile(deps: ArchiveDeps, principal: Principal, id: number, no: number): Promise<void> {
  await workable(deps.db, principal, id);
  const content = await deps.db.tx(async (trx) => {
    needState(await lockedRow(trx, id), 'draft', 'failed', 'passed');
    const gone = await sql<{ sha256: string }>`
      DELETE FROM archives.file WHERE archive = ${id} AND no = ${no} RETURNING sha256`.execute(trx);
    if (!gone.rows[0]) throw new Problem(kinds.unknownFile, { no });
    await sql`UPDATE archives.archive SET state = 'draft' WHERE id = ${id}`.execute(trx);
    await refresh(trx, id);
    return gone.rows[0].sha256;
  });
  await forget(deps, [content]);
}

/** Deletes a draft with its files; what was ever archived is only destroyed by appraisal. */
export async function dropDraft(deps: ArchiveDeps, principal: Principal, id: number): Promise<void> {
  await workable(deps.db, principal, id);
  const contents = await deps.db.tx(async (trx) => {
    needState(await lockedRow(trx, id), 'draft', 'failed', 'passed');
    const files = await sql<{ sha256: string }>`SELECT sha256 FROM archives.file WHERE archive = ${id}`.execute(trx);
    await sql`DELETE FROM archives.archive WHERE id = ${id}`.execute(trx);
    await deps.audit.append(
      { actor: principal, action: 'archives.drop-draft', object: `archive/${id}`, outcome: 'ok' },
      trx,
    );
    return files.rows.map((f) => f.sha256);
  });
  await forget(deps, contents);
}

/** Deletes contents that no archive has any more. */
export async function forget(deps: Pick<ArchiveDeps, 'db' | 'blobs'>, contents: readonly string[]): Promise<void> {
  for (const sha256 of new Set(contents)) {
    const used = await deps.db.query('SELECT 1 FROM archives.file WHERE sha256 = $1 AND NOT removed LIMIT 1', [sha256]);
    if (used.length === 0) await deps.blobs.remove(sha256);
  }
}

/** Number of the advisory lock under which item numbers are given. */
const LOCK = 7_414_530_642;

/** Forms the code, giving the next item of the folder where none is asked for, and sends the archive to its checks; answers the job. */
export async function submit(deps: ArchiveDeps, principal: Principal, id: number): Promise<string> {
  await workable(deps.db, principal, id);
  return deps.db.tx(async (trx) => {
    await sql`SELECT pg_advisory_xact_lock(${LOCK})`.execute(trx);
    const row = await lockedRow(trx, id);
    needState(row, 'draft', 'failed');
    const folder = folderFrom(row.metadata);
    if (folder) await giveCode(trx, row, folder);
    await sql`UPDATE archives.archive SET state = 'submitted' WHERE id = ${id}`.execute(trx);
    await refresh(trx, id);
    const { reference } = await lockedRow(trx, id);
    await addStep(deps, trx, id, 'submitted', principal, { reference });
    const job = await deps.jobs.submit(
      'archives.examine',
      { archive: id, by: principal.login },
      { by: principal.userId, unique: String(id), trx },
    );
    await deps.audit.append(
      { actor: principal, action: 'archives.submit', object: `archive/${id}`, outcome: 'ok', detail: { reference } },
      trx,
    );
    return job;
  });
}

async function giveCode(trx: Parameters<typeof lockedRow>[0], row: ArchiveRow, folder: string): Promise<void> {
  let { item } = row.metadata;
  if (item === undefined) {
    // The first free number: what was never archived leaves no gap.
    const next = await sql<{ n: number }>`SELECT n FROM generate_series(1, ${MOST_ITEMS}::integer) n
      WHERE NOT EXISTS (SELECT 1 FROM archives.archive a WHERE a.folder = ${folder} AND a.item = n AND a.id <> ${row.id})
      ORDER BY n LIMIT 1`.execute(trx);
    item = next.rows[0]?.n ?? MOST_ITEMS;
  }
  const metadata = { ...row.metadata, item };
  // Packages bring what they bring: a number that is none is for the checks to name.
  const number = Number.isInteger(item) && item > 0 && item <= MOST_ITEMS ? item : null;
  const elements = metadata as unknown as Reference;
  const reference = faultOf(elements) === undefined ? formReference(elements) : null;
  const taken = await sql`SELECT 1 FROM archives.archive WHERE reference = ${reference} AND id <> ${row.id}`.execute(
    trx,
  );
  if (taken.rows.length > 0) throw new Problem(kinds.referenceTaken, { reference });
  await sql`UPDATE archives.archive SET metadata = ${JSON.stringify(metadata)}::jsonb, reference = ${reference},
    folder = ${folder}, item = ${number} WHERE id = ${row.id}`.execute(trx);
}

/** The archive and its files, after something was done with it. */
export const withFiles = async (deps: ArchiveDeps, id: number) => ({
  row: await archiveRow(deps.db, id),
  files: await filesOf(deps.db, id),
});
