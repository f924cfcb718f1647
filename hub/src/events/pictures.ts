/**
 * Pictures of events: judged by their bytes, what a photograph says of place and camera taken out and only place and time kept, stored
 * encrypted. Each is sent once under its sender's own id, before the report or step that uses it.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { kindOfFile, withoutExif } from '../forms/index.ts';
import type { Principal } from '../platform/auth/principal.ts';
import { Problem } from '../platform/problem.ts';
import { barePng, bareWebp } from './bare.ts';
import { takenBy } from './exif.ts';
import type { EventPorts, Trx } from './ports.ts';
import * as k from './problems.ts';
import { eventOf, maySeeAll } from './store.ts';

/** Bytes of one picture, and of its small form. */
export const PICTURE_BYTES = 10 << 20;
export const THUMB_BYTES = 64 << 10;
const DAY = 86_400_000;
const TYPES: Readonly<Record<string, string>> = { jpeg: 'image/jpeg', png: 'image/png', webp: 'image/webp' };
/** Pictures without a report that one person, and all strangers together, may have lying about. */
const LOOSE = 60;
const STRANGERS = 5_000;
/** Days after which a picture that nothing used is removed: phones may be without a network for long, strangers' pages are not. */
const DAYS = { own: 30, strangers: 2 };
/** Milliseconds after which a picture that was begun and not kept is given up. */
const BEGUN = 3_600_000;

interface PictureRow {
  id: string;
  event: number | null;
  blob: string;
  thumb: string | null;
  type: string;
  login: string | null;
  client: string | null;
  kind: string;
  bytes: number;
  lon: number | null;
  lat: number | null;
  taken_at: Date | null;
  kept: boolean;
}

/** What stands before a picture's bytes in the store: no other file has the same content, so that removing it takes nobody else's away. */
const mark = (id: string, form: 'picture' | 'small'): Buffer => Buffer.from(`jingwei event ${form} ${id}\n`);

/** The name of marked content, which is its hash. */
const nameOf = (parts: readonly Uint8Array[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

async function whole(body: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > limit) throw new Problem(k.pictureLarge, { limit: limit >> 20 || 1 });
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}

/** A picture without what it carries beside itself; null where it is not whole. */
function bare(form: string, content: Buffer): { picture: Buffer; apart: Buffer | null } | null {
  if (form === 'jpeg') return withoutExif(content);
  const picture = form === 'png' ? barePng(content) : bareWebp(content);
  return picture && { picture, apart: null };
}

const pictureOf = async (db: Trx, id: string): Promise<PictureRow | undefined> =>
  (await sql<PictureRow>`SELECT * FROM events.picture WHERE id = ${id}::uuid`.execute(db)).rows[0];

/** Refuses one more where too many lie about. */
async function mayKeep(ports: EventPorts, login: string | null, most: number): Promise<void> {
  const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM (SELECT 1 FROM events.picture
    WHERE event IS NULL AND login IS NOT DISTINCT FROM ${login} LIMIT ${most}) x`.execute(ports.db.kysely);
  if (Number(rows[0]!.n) >= most) throw new Problem(k.picturesMany, { most });
}

/** Keeps a picture; the same again is answered as before. Problems `events.picture-*`, `events.pictures-many`. */
export async function keepPicture(
  ports: EventPorts,
  id: string,
  kind: 'scene' | 'done',
  body: AsyncIterable<Uint8Array>,
  by: { principal?: Principal; client?: string },
): Promise<{
  id: string;
  bytes: number;
  type: string;
  longitude: number | null;
  latitude: number | null;
  takenAt: string | null;
}> {
  const login = by.principal?.login ?? null;
  const client = by.client ?? null;
  const before = await pictureOf(ports.db.kysely, id);
  if (before && (before.login !== login || before.client !== client)) throw new Problem(k.pictureOther);
  // Before its megabytes are read.
  if (!before) await mayKeep(ports, login, login === null ? STRANGERS : LOOSE);
  const content = await whole(body, PICTURE_BYTES);
  const form = kindOfFile(content, 'picture');
  if (!form || !TYPES[form]) throw new Problem(k.pictureWrong);
  const stripped = bare(form, content);
  if (!stripped) throw new Problem(k.pictureWrong);
  const said = stripped.apart ? takenBy(stripped.apart) : { longitude: null, latitude: null, taken: null };
  // Cameras write local time without a zone: the city's. Nonsense says nothing.
  const taken = said.taken ? new Date(`${said.taken}+08:00`) : null;
  const takenAt = taken && !Number.isNaN(taken.getTime()) ? taken : null;
  const parts = [mark(id, 'picture'), stripped.picture];
  const blob = nameOf(parts);
  await sql`INSERT INTO events.picture (id, kind, blob, bytes, type, lon, lat, taken_at, login, client, added_at, kept)
    VALUES (${id}::uuid, ${kind}, ${blob}, ${stripped.picture.length}, ${TYPES[form]!}, ${said.longitude}, ${said.latitude}, ${takenAt}, ${login},
      ${client}, ${ports.clock.now()}, false) ON CONFLICT (id) DO NOTHING`.execute(ports.db.kysely);
  const own = (await pictureOf(ports.db.kysely, id))!;
  if (own.blob !== blob || own.login !== login || own.client !== client) throw new Problem(k.pictureOther);
  if (!own.kept) {
    await ports.blobs.put(parts);
    await sql`UPDATE events.picture SET kept = true WHERE id = ${id}::uuid`.execute(ports.db.kysely);
  }
  return {
    ...{ id, bytes: own.bytes, type: own.type, longitude: own.lon, latitude: own.lat },
    takenAt: own.taken_at?.toISOString() ?? null,
  };
}

/** Keeps the small form that the sender's browser made of its own picture. */
export async function keepThumb(
  ports: EventPorts,
  id: string,
  body: AsyncIterable<Uint8Array>,
  p: Principal,
): Promise<void> {
  const content = await whole(body, THUMB_BYTES);
  const form = kindOfFile(content, 'picture');
  const own = form && TYPES[form] ? bare(form, content)?.picture : undefined;
  if (!own) throw new Problem(k.pictureWrong);
  const parts = [mark(id, 'small'), own];
  const thumb = nameOf(parts);
  // Named first, then kept: a name without content is answered by the picture itself.
  const { numAffectedRows } =
    await sql`UPDATE events.picture SET thumb = ${thumb} WHERE id = ${id}::uuid AND login = ${p.login}
    AND (thumb IS NULL OR thumb = ${thumb})`.execute(ports.db.kysely);
  if (Number(numAffectedRows) !== 1) throw new Problem(k.pictureUnknown);
  await ports.blobs.put(parts);
}

/** A kept file without its mark. */
async function* unmarked(chunks: AsyncIterable<Uint8Array>, head: Buffer): AsyncGenerator<Uint8Array> {
  let skip = head.length;
  for await (const chunk of chunks) {
    if (skip >= chunk.length) skip -= chunk.length;
    else {
      yield skip ? chunk.subarray(skip) : chunk;
      skip = 0;
    }
  }
}

/** Media type of a picture by its first bytes. */
const typeOf = (head: Uint8Array): string =>
  TYPES[kindOfFile(Buffer.from(head), 'picture') ?? ''] ?? 'application/octet-stream';

/** A picture's content for who may see its event, or sent it. */
export async function pictureContent(ports: EventPorts, id: string, small: boolean, p: Principal) {
  const found = await pictureOf(ports.db.kysely, id);
  if (!found?.kept) throw new Problem(k.pictureUnknown);
  const may =
    found.event === null
      ? found.login === p.login
      : found.login === p.login || maySeeAll(p, await eventOf(ports.db.kysely, found.event));
  if (!may) throw new Problem(k.pictureUnknown);
  if (small && found.thumb && (await ports.blobs.has(found.thumb))) {
    const chunks: Uint8Array[] = [];
    for await (const c of unmarked(ports.blobs.get(found.thumb), mark(id, 'small'))) chunks.push(c);
    const content = Buffer.concat(chunks);
    return { chunks: one(content), contentType: typeOf(content) };
  }
  if (!small)
    await ports.audit.append({ actor: p, action: 'events.picture.read', object: `picture/${id}`, outcome: 'ok' });
  return { chunks: unmarked(ports.blobs.get(found.blob), mark(id, 'picture')), contentType: found.type };
}
async function* one(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}

/**
 * Removes pictures that nothing used in time, and what a killed hub began to keep. First they are withdrawn, so that nothing can use them any
 * more, then their files go, then they are forgotten: a hub killed in between goes on where it was. Answers how many went.
 */
export async function clearLoose(ports: EventPorts): Promise<number> {
  const now = ports.clock.now().getTime();
  const before = (ms: number) => new Date(now - ms);
  await sql`UPDATE events.picture SET kept = false WHERE event IS NULL AND kept
    AND added_at < CASE WHEN login IS NULL THEN ${before(DAYS.strangers * DAY)}::timestamptz ELSE ${before(DAYS.own * DAY)}::timestamptz END`.execute(
    ports.db.kysely,
  );
  const { rows } = await sql<PictureRow>`SELECT * FROM events.picture
    WHERE event IS NULL AND NOT kept AND added_at < ${before(BEGUN)} ORDER BY added_at LIMIT 1000`.execute(
    ports.db.kysely,
  );
  for (const r of rows) {
    await ports.blobs.remove(r.blob);
    if (r.thumb) await ports.blobs.remove(r.thumb);
    await sql`DELETE FROM events.picture WHERE id = ${r.id}::uuid AND event IS NULL AND NOT kept`.execute(
      ports.db.kysely,
    );
  }
  return rows.length;
}

/** A digest of content, for operations that are done once. */
export const digestOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');
