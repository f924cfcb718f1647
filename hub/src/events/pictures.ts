/**
 * Pictures of events: judged by their bytes, what a photograph says of place and camera taken out and only place and time kept, stored
 * encrypted. Each is sent once under its sender's own id, before the report or step that uses it.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { kindOfFile, withoutExif } from '../forms/index.ts';
import type { Principal } from '../platform/auth/principal.ts';
import { Problem } from '../platform/problem.ts';
import { takenBy } from './exif.ts';
import type { EventPorts } from './ports.ts';
import * as k from './problems.ts';
import { eventOf, maySee } from './store.ts';

/** Bytes of one picture, and of its small form. */
export const PICTURE_BYTES = 10 << 20;
export const THUMB_BYTES = 64 << 10;
const TYPES: Readonly<Record<string, string>> = { jpeg: 'image/jpeg', png: 'image/png', webp: 'image/webp' };
/** Pictures without a report that one sender may have lying about. */
const LOOSE = 60;

interface PictureRow {
  id: string;
  event: number | null;
  blob: string;
  thumb: string | null;
  type: string;
  login: string | null;
  kind: string;
}

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

/** Keeps a picture; the same again is answered as before. */
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
  const content = await whole(body, PICTURE_BYTES);
  const form = kindOfFile(content, 'picture');
  if (!form || !TYPES[form]) throw new Problem(k.pictureWrong);
  const stripped = form === 'jpeg' ? withoutExif(content) : { picture: content, apart: null };
  if (!stripped) throw new Problem(k.pictureWrong);
  const said = stripped.apart ? takenBy(stripped.apart) : { longitude: null, latitude: null, taken: null };
  const kept = await ports.blobs.put([stripped.picture]);
  const login = by.principal?.login ?? null;
  // Cameras write local time without a zone: the city's.
  const takenAt = said.taken ? new Date(`${said.taken}+08:00`) : null;
  const now = ports.clock.now();
  const loose = await sql<{
    n: number;
  }>`SELECT count(*) AS n FROM events.picture WHERE event IS NULL AND login IS NOT DISTINCT FROM ${login}
    AND added_at > ${new Date(now.getTime() - 86_400_000)}`.execute(ports.db.kysely);
  if (Number(loose.rows[0]!.n) >= LOOSE) throw new Problem(k.picturesMany, { most: LOOSE });
  await sql`INSERT INTO events.picture (id, kind, blob, bytes, type, lon, lat, taken_at, login, client, added_at)
    VALUES (${id}::uuid, ${kind}, ${kept.sha256}, ${stripped.picture.length}, ${TYPES[form]!}, ${said.longitude}, ${said.latitude}, ${takenAt}, ${login},
      ${by.client ?? null}, ${now}) ON CONFLICT (id) DO NOTHING`.execute(ports.db.kysely);
  const { rows } = await sql<PictureRow>`SELECT * FROM events.picture WHERE id = ${id}::uuid`.execute(ports.db.kysely);
  if (rows[0]!.blob !== kept.sha256 || rows[0]!.login !== login) throw new Problem(k.pictureOther);
  return {
    ...{ id, bytes: stripped.picture.length, type: TYPES[form]!, longitude: said.longitude, latitude: said.latitude },
    takenAt: takenAt?.toISOString() ?? null,
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
  const bare =
    form === 'jpeg' ? withoutExif(content)?.picture : form === 'webp' || form === 'png' ? content : undefined;
  if (!bare) throw new Problem(k.pictureWrong);
  const kept = await ports.blobs.put([bare]);
  const { numAffectedRows } =
    await sql`UPDATE events.picture SET thumb = ${kept.sha256} WHERE id = ${id}::uuid AND login = ${p.login}
    AND (thumb IS NULL OR thumb = ${kept.sha256})`.execute(ports.db.kysely);
  if (Number(numAffectedRows) !== 1) throw new Problem(k.pictureUnknown);
}

/** A picture's content for who may see its event, or sent it. */
export async function pictureContent(ports: EventPorts, id: string, small: boolean, p: Principal) {
  const { rows } = await sql<PictureRow>`SELECT * FROM events.picture WHERE id = ${id}::uuid`.execute(ports.db.kysely);
  const found = rows[0];
  if (!found) throw new Problem(k.pictureUnknown);
  const may =
    found.event === null
      ? found.login === p.login
      : await maySee(ports.db.kysely, p, await eventOf(ports.db.kysely, found.event));
  if (!may) throw new Problem(k.pictureUnknown);
  if (!small)
    await ports.audit.append({ actor: p, action: 'events.picture.read', object: `picture/${id}`, outcome: 'ok' });
  const blob = small && found.thumb ? found.thumb : found.blob;
  return { chunks: ports.blobs.get(blob), contentType: small && found.thumb ? 'image/jpeg' : found.type };
}

/** Removes pictures that nothing used within a month; their bytes go where nothing else holds them. */
export async function clearLoose(ports: EventPorts): Promise<void> {
  const old = new Date(ports.clock.now().getTime() - 30 * 86_400_000);
  await sql`DELETE FROM events.picture WHERE event IS NULL AND added_at < ${old}`.execute(ports.db.kysely);
}

/** A digest of content, for operations that are done once. */
export const digestOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');
