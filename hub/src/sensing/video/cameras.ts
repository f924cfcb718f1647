/**
 * The video directory (视频目录): cameras by their GB/T 28181 codes, where they are, whose, and who may watch. Where a stream is stays sealed
 * until somebody who may watch says what for; every look is audited. No picture passes through the hub and no face is recognised.
 */
import { type Kysely, sql } from 'kysely';
import type { Principal } from '../../platform/auth/principal.ts';
import { eventKind } from '../../platform/bus/index.ts';
import type { AnyTables, Db } from '../../platform/db/index.ts';
import { Problem } from '../../platform/problem.ts';
import { type CoordinateSystem, wgs84 } from '../model/place.ts';
import { badCamera } from '../problems.ts';
import type { Secrets } from '../secrets.ts';

/** A camera as it is kept. */
export interface CameraRow {
  code: string;
  label_zh: string;
  label_en: string;
  lon: number | null;
  lat: number | null;
  address: string | null;
  owner: string;
  kind: 'fixed' | 'dome' | 'ball' | 'mobile';
  direction: number | null;
  sensitivity: 'public' | 'site' | 'restricted';
  salt: Uint8Array | null;
  ciphertext: Uint8Array | null;
  token: string | null;
  viewers: string[];
  keep_days: number;
  state: 'online' | 'offline' | 'fault' | 'retired';
}

/** Something that analysis of video saw, after it is kept. Places are WGS 84. */
export interface VideoSeen {
  id: number;
  camera: string;
  kind: string;
  at: string;
  confidence: number;
  count: number | null;
  note: string;
  lon: number | null;
  lat: number | null;
  label: { zh: string; en: string };
}

/** Events of video analysis that are kept; whoever was not there asks `videoEventsAfter`. */
export const videoSeen = eventKind<{ events: readonly VideoSeen[] }>('sensing.video-seen');

/** What was seen behind a number, the oldest first. */
export async function videoEventsAfter(db: Db, id: number, limit = 1000): Promise<VideoSeen[]> {
  const { rows } = await sql<Omit<VideoSeen, 'label' | 'at'> & { at: Date; label_zh: string; label_en: string }>`
    SELECT e.id, e.camera, e.kind, e.at, e.confidence, e.count, e.note, c.lon, c.lat, c.label_zh, c.label_en
    FROM sensing.video_event e JOIN sensing.camera c ON c.code = e.camera WHERE e.id > ${id} ORDER BY e.id LIMIT ${limit}`.execute(
    db.kysely,
  );
  return rows.map(({ label_zh: zh, label_en: en, at, ...e }) => ({
    ...e,
    id: Number(e.id),
    at: at.toISOString(),
    label: { zh, en },
  }));
}

/** The parts of a code: eight digits of the centre (division), two of the industry, three of the type, one of the network, six of serial. */
export const codeParts = (code: string) => ({
  centre: code.slice(0, 8),
  industry: code.slice(8, 10),
  type: code.slice(10, 13),
  network: code.slice(13, 14),
  serial: code.slice(14),
});

/** Types of devices whose streams a directory holds: 131 camera, 132 network camera, 134 alarm input, 118 and 111 recorders' channels. */
const TYPES = new Set(['131', '132', '118', '111']);

/** Checks a code. */
export function checkCode(code: string): void {
  const { type } = codeParts(code);
  if (!TYPES.has(type))
    throw new Problem(
      badCamera,
      { zh: `编码 ${code} 的类型码 ${type} 不是摄像机`, en: `the type ${type} of the code ${code} is no camera's` },
      { field: 'code' },
    );
}

/** Whether somebody may watch: of what few may see its owner and those who are named; of the rest also who works for the whole city. */
export function mayWatch(camera: Pick<CameraRow, 'owner' | 'viewers' | 'sensitivity'>, p: Principal): boolean {
  if (!p.permissions.has('video.watch')) return false;
  if (p.organisation === null) return camera.sensitivity !== 'restricted';
  return p.organisation === camera.owner || camera.viewers.includes(p.organisation);
}

/** A camera as it is registered. */
export interface CameraInput {
  code: string;
  label: { zh: string; en: string };
  place?: { lon: number; lat: number; system?: CoordinateSystem | undefined } | null | undefined;
  address?: string | null | undefined;
  owner: string;
  kind: CameraRow['kind'];
  direction?: number | null | undefined;
  sensitivity: CameraRow['sensitivity'];
  stream?: string | null | undefined;
  viewers: string[];
  keepDays: number;
  state: CameraRow['state'];
}

/** Registers cameras or changes them. */
export async function putCameras(
  trx: Kysely<AnyTables>,
  inputs: readonly CameraInput[],
  secrets: Secrets,
  now: Date,
): Promise<void> {
  for (const c of inputs) {
    checkCode(c.code);
    const place = c.place ? wgs84(c.place.lon, c.place.lat, c.place.system ?? 'WGS84') : null;
    const sealed = c.stream ? secrets.seal(c.stream) : null;
    await sql`INSERT INTO sensing.camera AS o (code, label_zh, label_en, lon, lat, address, owner, kind, direction, sensitivity, salt, ciphertext,
        token, viewers, keep_days, state, created_at, changed_at)
      VALUES (${c.code}, ${c.label.zh}, ${c.label.en}, ${place?.lon ?? null}, ${place?.lat ?? null}, ${c.address ?? null}, ${c.owner}, ${c.kind},
        ${c.direction ?? null}, ${c.sensitivity}, ${sealed?.salt ?? null}, ${sealed?.ciphertext ?? null}, ${sealed?.token ?? null},
        ${JSON.stringify(c.viewers)}::jsonb, ${c.keepDays}, ${c.state}, ${now}, ${now})
      ON CONFLICT (code) DO UPDATE SET label_zh = excluded.label_zh, label_en = excluded.label_en, lon = coalesce(excluded.lon, o.lon),
        lat = coalesce(excluded.lat, o.lat), address = coalesce(excluded.address, o.address), owner = excluded.owner, kind = excluded.kind,
        direction = coalesce(excluded.direction, o.direction), sensitivity = excluded.sensitivity, salt = coalesce(excluded.salt, o.salt),
        ciphertext = coalesce(excluded.ciphertext, o.ciphertext), token = coalesce(excluded.token, o.token), viewers = excluded.viewers,
        keep_days = excluded.keep_days, state = excluded.state, version = o.version + 1, changed_at = excluded.changed_at`.execute(
      trx,
    );
  }
}
