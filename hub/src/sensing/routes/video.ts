/** Routes of the video directory and of what its analysis saw. */
import { sql } from 'kysely';
import type { Principal } from '../../platform/auth/principal.ts';
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import { Problem } from '../../platform/problem.ts';
import * as api from '../api.ts';
import { AHEAD } from '../intake/intake.ts';
import { badPlace } from '../model/place.ts';
import * as k from '../problems.ts';
import type { SensingRoom } from '../room.ts';
import { type CameraRow, codeParts, mayWatch, putCameras, videoEventsAfter, videoSeen } from '../video/cameras.ts';

const base = '/api/v1/sensing';
const room = 'sensing';
/** Minutes for which a watch that was audited is good, as the player is told. */
const WATCH = 30;
const PAGE = 30;

const shown = (c: CameraRow, p: Principal) => ({
  ...{ code: c.code, label: { zh: c.label_zh, en: c.label_en }, lon: c.lon, lat: c.lat, address: c.address },
  ...{ owner: c.owner, kind: c.kind, direction: c.direction, sensitivity: c.sensitivity, state: c.state },
  ...{ viewers: c.viewers, keepDays: c.keep_days, parts: codeParts(c.code) },
  ...{ mayWatch: mayWatch(c, p), hasStream: c.token !== null },
});

export function videoRoutes(r: SensingRoom): RouteDefinition[] {
  const { db, audit, clock, bus } = r.deps;
  const one = async (code: string): Promise<CameraRow> => {
    const { rows } = await sql<CameraRow>`SELECT * FROM sensing.camera WHERE code = ${code}`.execute(db.kysely);
    if (!rows[0]) throw new Problem(k.unknownCamera, { code });
    return rows[0];
  };
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/cameras`, room, access: 'sensing.read', query: api.cameraQuery },
      ...{ response: api.cameraList, summary: { zh: '视频目录', en: 'Video directory' } },
      async handler({ query, principal }) {
        const q = query.q ? `%${query.q.replace(/[\\%_]/g, '\\$&')}%` : null;
        const where = sql`(${query.owner ?? null}::text IS NULL OR owner = ${query.owner ?? null})
          AND (${query.state ?? null}::text IS NULL OR state = ${query.state ?? null})
          AND (${q}::text IS NULL OR code LIKE ${q} OR label_zh ILIKE ${q} OR label_en ILIKE ${q} OR address ILIKE ${q})`;
        const all = await sql<{
          state: string;
          n: number;
        }>`SELECT state, count(*)::integer AS n FROM sensing.camera GROUP BY state`.execute(db.kysely);
        const n = await sql<{ n: number }>`SELECT count(*)::integer AS n FROM sensing.camera WHERE ${where}`.execute(
          db.kysely,
        );
        const rows = await sql<CameraRow>`SELECT * FROM sensing.camera WHERE ${where} ORDER BY code
          LIMIT ${PAGE} OFFSET ${(query.page - 1) * PAGE}`.execute(db.kysely);
        const owners = await sql<{ owner: string }>`SELECT DISTINCT owner FROM sensing.camera ORDER BY 1`.execute(
          db.kysely,
        );
        return {
          ...{ total: n.rows[0]!.n, items: rows.rows.map((c) => shown(c, principal)) },
          states: Object.fromEntries(all.rows.map((s) => [s.state, s.n])),
          owners: owners.rows.map((o) => o.owner),
        };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/cameras`, room, access: 'sensing.manage', body: api.camerasBody },
      ...{ response: api.done, problems: [k.badCamera, badPlace] },
      summary: { zh: '登记摄像机', en: 'Register cameras' },
      async handler({ body, principal }) {
        await db.tx(async (trx) => {
          await putCameras(trx, body.cameras, r.secrets, clock.now());
          const detail = { cameras: body.cameras.length, first: body.cameras[0]!.code };
          await audit.append(
            { actor: principal, action: 'sensing.cameras', object: 'sensing-cameras', outcome: 'ok', detail },
            trx,
          );
        });
        return { ok: true as const };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/cameras/{code}`, room, access: 'sensing.read', params: api.cameraParams },
      ...{ response: api.camera, problems: [k.unknownCamera], summary: { zh: '一台摄像机', en: 'A camera' } },
      handler: async ({ params: { code }, principal }) => shown(await one(code), principal),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/cameras/{code}/watch`,
        room,
        access: 'video.watch',
        params: api.cameraParams,
      },
      ...{ body: api.watchBody, response: api.watchAnswer, problems: [k.unknownCamera, k.mayNotWatch, k.noStream] },
      summary: { zh: '查看视频（留痕）', en: 'Watch a camera (audited)' },
      async handler({ params: { code }, body: { purpose }, principal }) {
        const camera = await one(code);
        const entry = { actor: principal, action: 'sensing.watch', object: `camera/${code}`, purpose };
        if (!mayWatch(camera, principal)) {
          await audit.append({ ...entry, outcome: 'refused' });
          throw new Problem(k.mayNotWatch);
        }
        if (!camera.token || !camera.salt || !camera.ciphertext) throw new Problem(k.noStream);
        // Written before the address is opened.
        await audit.append({ ...entry, outcome: 'ok' });
        const { token, salt, ciphertext } = camera;
        const until = new Date(clock.now().getTime() + WATCH * 60_000).toISOString();
        return { stream: r.secrets.open({ token, salt, ciphertext }), until };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/video-events`, room, access: 'sensing.read', query: api.videoEventQuery },
      ...{ response: api.videoEventList, summary: { zh: '视频分析事件', en: 'What analysis of video saw' } },
      async handler({ query }) {
        const camera = query.camera ?? null;
        const where = sql`(${camera}::text IS NULL OR camera = ${camera})`;
        const n = await sql<{
          n: number;
        }>`SELECT count(*)::integer AS n FROM sensing.video_event WHERE ${where}`.execute(db.kysely);
        const rows = await sql<{
          id: number;
          at: Date;
        }>`SELECT id, camera, kind, at, confidence, count, note, gateway FROM sensing.video_event
          WHERE ${where} ORDER BY at DESC, id DESC LIMIT ${PAGE} OFFSET ${(query.page - 1) * PAGE}`.execute(db.kysely);
        return {
          total: n.rows[0]!.n,
          items: rows.rows.map((e) => ({ ...e, id: Number(e.id), at: e.at.toISOString() })) as never,
        };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/video-events`, room, access: 'public', body: api.videoEventsBody },
      ...{ response: api.videoEventsTaken, rateLimit: 6000 },
      problems: [k.badKey, k.disabled, k.unknownCamera, k.badQuery],
      summary: { zh: '上报视频分析事件', en: 'Bring what analysis of video saw' },
      description: {
        zh: '以设备网关密钥（Authorization: Bearer jwd_…）访问；同一网关同一 key 只收一次。不接收人脸等个人特征。',
        en: 'With the key of a device gateway (Authorization: Bearer jwd_…). An event is taken once by its key. Nothing about single persons is taken.',
      },
      async handler({ body, request }) {
        const bearer = /^Bearer +(\S{1,100})$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
        const gateway = r.gateways.byKey(bearer).row;
        const now = clock.now();
        const codes = [...new Set(body.events.map((e) => e.camera))];
        const there = await sql<{ code: string; owner: string }>`SELECT code, owner FROM sensing.camera
          WHERE code = ANY(${codes}::text[])`.execute(db.kysely);
        // A gateway tells of its owner's cameras and no others; those are told of as if they were not there.
        const mine = new Set(there.rows.filter((c) => c.owner === gateway.owner).map((c) => c.code));
        const unknown = codes.find((c) => !mine.has(c));
        if (unknown) throw new Problem(k.unknownCamera, { code: unknown });
        const late = body.events.find((e) => Date.parse(e.at) > now.getTime() + AHEAD);
        if (late) throw new Problem(k.badQuery, { zh: '时间在未来', en: 'a time lies in the future' }, { field: 'at' });
        const kept = await db.tx(async (trx) => {
          const { rows } = await sql<{ id: number }>`
            INSERT INTO sensing.video_event (key, gateway, camera, kind, at, confidence, count, note, received_at)
            SELECT key, ${gateway.id}, camera, kind, at, confidence, count, note, ${now}
            FROM jsonb_to_recordset(${JSON.stringify(body.events)}::jsonb) AS x (key text, camera text, kind text, at timestamptz,
              confidence double precision, count integer, note text)
            ON CONFLICT (gateway, key) DO NOTHING RETURNING id`.execute(trx);
          return rows.map((x) => Number(x.id));
        });
        if (kept.length) {
          const ids = new Set(kept);
          const events = await videoEventsAfter(db, Math.min(...kept) - 1, 10_000);
          await bus.emit(videoSeen, { events: events.filter((e) => ids.has(e.id)) });
        }
        return { received: body.events.length, kept: kept.length, repeated: body.events.length - kept.length };
      },
    }),
  ];
}
