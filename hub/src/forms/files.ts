/**
 * Pictures and files of records: sent in parts that can be resumed, believed only when the whole has the digest that was announced, judged by their
 * bytes, and kept encrypted in the store of received files. A part is on disk before it is answered.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import { Problem } from '../platform/problem.ts';
import { mayOf } from './access.ts';
import type * as api from './api.ts';
import type { FormsPorts } from './ports.ts';
import * as k from './problems.ts';
import { formToFill } from './records.ts';
import { kindOfFile, TYPES, withoutExif } from './sniff.ts';
import { designOf, formOf, recordOf } from './store.ts';

/** Bytes of one part, and of pictures. */
export const PART_BYTES = 1 << 20;
export const PICTURE_BYTES = 12 << 20;
/** Files that somebody may have begun and not used at once. */
const OPEN_FILES = 500;

interface FileRow {
  id: string;
  form: number;
  field: string;
  name: string;
  bytes: number;
  sha256: string;
  received: number;
  state: 'open' | 'complete' | 'refused';
  type: string | null;
  blob: string | null;
  exif: string | null;
  record: string | null;
  login: string;
}

const folderOf = (ports: FormsPorts): string => {
  const folder = join(ports.folders.data, 'forms-parts');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
};

const answer = (f: FileRow): z.input<typeof api.fileAnswer> => ({
  ...{ id: f.id, name: f.name, bytes: f.bytes, received: f.received, state: f.state, type: f.type },
});

async function rowOf(ports: FormsPorts, id: string): Promise<FileRow | undefined> {
  return (await sql<FileRow>`SELECT * FROM forms.file WHERE id = ${id}::uuid`.execute(ports.db.kysely)).rows[0];
}

/** Begins a file, or answers how far one came that was begun. */
export async function beginFile(ports: FormsPorts, given: z.output<typeof api.fileBody>, p: Principal) {
  const form = await formToFill(ports, given.form, p);
  const there = await rowOf(ports, given.id);
  if (there) {
    const same =
      there.login === p.login &&
      there.form === form.id &&
      there.field === given.field &&
      there.bytes === given.bytes &&
      there.sha256 === given.sha256;
    if (!same) throw new Problem(k.fileOther);
    return answer(there);
  }
  if (form.published === null) throw new Problem(k.notPublished);
  const versions = await sql<{ version: number }>`SELECT version FROM forms.version WHERE form = ${form.id}`.execute(
    ports.db.kysely,
  );
  const designs = await Promise.all(versions.rows.map((v) => designOf(ports.db.kysely, form.id, v.version)));
  const field = designs
    .flatMap((d) => d.fields)
    .find((f) => f.name === given.field && (f.kind === 'picture' || f.kind === 'file' || f.kind === 'signature'));
  if (!field) throw new Problem(k.fileField, { field: given.field });
  if (field.kind !== 'file' && given.bytes > PICTURE_BYTES)
    throw new Problem(k.fileRefused, {
      zh: `图片不能超过 ${PICTURE_BYTES >> 20} MB。`,
      en: `A picture has at most ${PICTURE_BYTES >> 20} MB.`,
    });
  const count = await sql<{
    n: number;
  }>`SELECT count(*) AS n FROM forms.file WHERE login = ${p.login} AND record IS NULL`.execute(ports.db.kysely);
  if (Number(count.rows[0]!.n) >= OPEN_FILES)
    throw new Problem(k.fileRefused, { zh: '未使用的文件太多。', en: 'There are too many files that no record uses.' });
  await sql`INSERT INTO forms.file (id, form, field, name, bytes, sha256, state, login, created_at)
    VALUES (${given.id}::uuid, ${form.id}, ${given.field}, ${given.name}, ${given.bytes}, ${given.sha256}, 'open', ${p.login}, ${ports.clock.now()})
    ON CONFLICT (id) DO NOTHING`.execute(ports.db.kysely);
  const made = await rowOf(ports, given.id);
  if (!made || made.login !== p.login || made.sha256 !== given.sha256) throw new Problem(k.fileOther);
  return answer(made);
}

/** How far an own file came. */
export async function fileState(ports: FormsPorts, id: string, p: Principal) {
  const f = await rowOf(ports, id);
  if (!f || f.login !== p.login) throw new Problem(k.unknownFile);
  return answer(f);
}

const busy = new Map<string, Promise<unknown>>();

/** Takes a part; a part that is there already is passed over, one that leaves a gap is told where to go on. */
export async function takePart(
  ports: FormsPorts,
  id: string,
  offset: number,
  body: AsyncIterable<Uint8Array>,
  p: Principal,
) {
  const chunks: Buffer[] = [];
  for await (const c of body) chunks.push(Buffer.from(c));
  const part = Buffer.concat(chunks);
  const work = (busy.get(id) ?? Promise.resolve()).then(() => addPart(ports, id, offset, part, p));
  const settled = work.catch(() => undefined);
  busy.set(id, settled);
  try {
    return await work;
  } finally {
    if (busy.get(id) === settled) busy.delete(id);
  }
}

async function addPart(ports: FormsPorts, id: string, offset: number, part: Buffer, p: Principal) {
  const f = await rowOf(ports, id);
  if (!f || f.login !== p.login) throw new Problem(k.unknownFile);
  if (f.state !== 'open') return answer(f);
  const path = join(folderOf(ports), f.id);
  // What is on disk counts: a kill between the bytes and the row left more there than the row says.
  const held = existsSync(path) ? statSync(path).size : 0;
  if (offset > held) throw new Problem(k.fileOffset, { received: held });
  const fresh = part.subarray(held - offset).subarray(0, f.bytes - held);
  if (fresh.length) {
    const file = await open(path, 'a', 0o600);
    try {
      await file.appendFile(fresh);
      await file.sync();
    } finally {
      await file.close();
    }
  }
  const received = held + Math.max(0, fresh.length);
  if (received < f.bytes) {
    await sql`UPDATE forms.file SET received = ${received} WHERE id = ${id}::uuid`.execute(ports.db.kysely);
    return answer({ ...f, received });
  }
  return finish(ports, { ...f, received }, path, p);
}

async function finish(ports: FormsPorts, f: FileRow, path: string, p: Principal) {
  const whole = await readFile(path);
  const wrong = await judge(ports, f, whole);
  if (wrong) {
    // Another digest: it begins again from nothing; another kind: it is refused for good.
    const again = wrong.code === 'digest';
    await sql`UPDATE forms.file SET received = 0, state = ${again ? 'open' : 'refused'} WHERE id = ${f.id}::uuid`.execute(
      ports.db.kysely,
    );
    rmSync(path, { force: true });
    await ports.audit.append({
      actor: p,
      action: 'forms.file.receive',
      object: `file:${f.id}`,
      outcome: 'refused',
      detail: { code: wrong.code },
    });
    throw new Problem(k.fileRefused, wrong);
  }
  const kind = kindOfFile(whole, f.name)!;
  const stripped = kind === 'jpeg' ? withoutExif(whole) : null;
  const kept = await ports.blobs.put([stripped?.picture ?? whole]);
  const exif = stripped?.apart ? (await ports.blobs.put([stripped.apart])).sha256 : null;
  const type = TYPES[kind]!;
  await sql`UPDATE forms.file SET received = ${f.bytes}, state = 'complete', type = ${type}, blob = ${kept.sha256}, exif = ${exif}
    WHERE id = ${f.id}::uuid`.execute(ports.db.kysely);
  rmSync(path, { force: true });
  await ports.audit.append({
    actor: p,
    action: 'forms.file.receive',
    object: `file:${f.id}`,
    outcome: 'ok',
    detail: { bytes: f.bytes, type },
  });
  return answer({ ...f, received: f.bytes, state: 'complete', type });
}

async function judge(
  ports: FormsPorts,
  f: FileRow,
  whole: Buffer,
): Promise<{ code: string; zh: string; en: string } | null> {
  if (createHash('sha256').update(whole).digest('hex') !== f.sha256)
    return { code: 'digest', zh: '内容与摘要不符，请重新上传。', en: 'The content has another digest; send it again.' };
  const kind = kindOfFile(whole, f.name);
  const form = await formOf(ports.db.kysely, f.form);
  const design = await designOf(ports.db.kysely, f.form, form.published!);
  const field = design.fields.find((x) => x.name === f.field);
  const allowed: readonly string[] =
    field?.kind === 'file' ? field.types : field?.kind === 'signature' ? ['png', 'jpeg'] : ['jpeg', 'png', 'webp'];
  if (!kind || !allowed.includes(kind))
    return { code: 'type', zh: `只接收 ${allowed.join('、')}。`, en: `Only ${allowed.join(', ')} are taken.` };
  if (kind === 'jpeg' && !withoutExif(whole))
    return { code: 'damaged', zh: '图片已损坏。', en: 'The picture is damaged.' };
  return null;
}

/** The content of a file, for who may see its record (or sent it). */
export async function contentOf(ports: FormsPorts, id: string, p: Principal) {
  const f = await rowOf(ports, id);
  const form = f && (await formOf(ports.db.kysely, f.form));
  if (!f || !form || f.state !== 'complete' || !f.blob) throw new Problem(k.unknownFile);
  const may = mayOf(p, form.organisation);
  const record = f.record ? await recordOf(ports.db.kysely, f.record) : undefined;
  const own = may.fill && (record ? record.filled_by === p.login : f.login === p.login);
  if (!own && !(may.read && record)) throw new Problem(k.unknownFile);
  await ports.audit.append({ actor: p, action: 'forms.file.read', object: `file:${f.id}`, outcome: 'ok' });
  return { chunks: ports.blobs.get(f.blob), filename: f.name, contentType: f.type ?? 'application/octet-stream' };
}

/** Removes parts of uploads that were never finished, older than thirty days; called when the room starts. */
export async function clearParts(ports: FormsPorts): Promise<void> {
  const folder = folderOf(ports);
  const old = ports.clock.now().getTime() - 30 * 86_400_000;
  for (const name of readdirSync(folder))
    if (statSync(join(folder, name)).mtimeMs < old) rmSync(join(folder, name), { force: true });
}
