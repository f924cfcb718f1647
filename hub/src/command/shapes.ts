/**
 * Drawing shared between seats (协同标绘): the last writer of a shape wins, by the order of the log; each version is in the
 * log, so that the map of any moment can be shown again.
 */
import { type Kysely, sql } from 'kysely';
import type { Principal } from '../platform/auth/principal.ts';
import type { AnyTables } from '../platform/db/index.ts';
import { Problem } from '../platform/problem.ts';
import { act } from './log.ts';
import { actorOf, type CommandDeps } from './ports.ts';
import * as k from './problems.ts';

/** Shapes on one map, and points of one shape. */
export const SHAPES = { shapes: 2_000, points: 5_000 };

export interface ShapeRow {
  id: string;
  version: number;
  geometry: { type: string; coordinates: unknown };
  properties: Record<string, unknown>;
  drawn_by: string;
  drawn_at: Date;
}

export const shapesOf = async (db: Kysely<AnyTables>, operation: number): Promise<ShapeRow[]> =>
  (
    await sql<ShapeRow>`SELECT id, version, geometry, properties, drawn_by, drawn_at FROM command.shape
    WHERE operation = ${operation} AND NOT deleted ORDER BY id`.execute(db)
  ).rows;

/** What is wrong with a geometry, or null: kinds, depth, numbers and closed rings (RFC 7946, WGS 84). */
export function faultOf(geometry: { type: string; coordinates: unknown }): string | null {
  let points = 0;
  const point = (v: unknown): boolean => {
    points += 1;
    return (
      Array.isArray(v) &&
      v.length >= 2 &&
      v.length <= 3 &&
      v.every((n) => typeof n === 'number' && Number.isFinite(n)) &&
      Math.abs(v[0] as number) <= 180 &&
      Math.abs(v[1] as number) <= 90
    );
  };
  const line = (v: unknown, least: number): boolean =>
    Array.isArray(v) && v.length >= least && v.length <= SHAPES.points && v.every(point);
  const ring = (v: unknown): boolean => {
    if (!line(v, 4)) return false;
    const [first, last] = [(v as number[][])[0]!, (v as number[][]).at(-1)!];
    return first[0] === last[0] && first[1] === last[1];
  };
  const c = geometry.coordinates;
  const good =
    geometry.type === 'Point'
      ? point(c)
      : geometry.type === 'LineString'
        ? line(c, 2)
        : geometry.type === 'Polygon'
          ? Array.isArray(c) && c.length >= 1 && c.length <= 50 && c.every(ring)
          : false;
  if (points > SHAPES.points) return `> ${SHAPES.points}`;
  return good ? null : geometry.type;
}

export interface ShapeBody {
  id: string;
  /** The version that was drawn on; the last writer wins all the same, and is told what the version is now. */
  version: number;
  geometry: { type: 'Point' | 'LineString' | 'Polygon'; coordinates: unknown };
  properties: Record<string, string | number | boolean | null>;
  deleted: boolean;
  key: string;
}

/** Draws, changes or wipes a shape; answers its version. Problems `command.shape.bad`, `command.shape.many`. */
export async function draw(
  deps: CommandDeps,
  operation: number,
  body: ShapeBody,
  who: Principal,
): Promise<{ version: number; seq: number }> {
  const fault = faultOf(body.geometry);
  if (fault) throw new Problem(k.shapeBad, { reason: fault });
  return act(deps, operation, actorOf(who), async (log, trx) => {
    const { rows: before } = await sql<{ version: number }>`SELECT version FROM command.shape
      WHERE operation = ${operation} AND id = ${body.id}`.execute(trx);
    const known = before[0]?.version ?? 0;
    if (await log.done(body.key)) return { version: known, seq: log.operation.seq };
    if (!known) {
      const { rows } = await sql<{
        n: number;
      }>`SELECT count(*) AS n FROM command.shape WHERE operation = ${operation} AND NOT deleted`.execute(trx);
      if (rows[0]!.n >= SHAPES.shapes) throw new Problem(k.shapesMany, { limit: SHAPES.shapes });
    }
    const version = known + 1;
    await sql`INSERT INTO command.shape (operation, id, version, geometry, properties, deleted, drawn_by, drawn_at)
      VALUES (${operation}, ${body.id}, ${version}, ${JSON.stringify(body.geometry)}::jsonb, ${JSON.stringify(body.properties)}::jsonb,
        ${body.deleted}, ${who.name}, ${log.at})
      ON CONFLICT (operation, id) DO UPDATE SET version = excluded.version, geometry = excluded.geometry,
        properties = excluded.properties, deleted = excluded.deleted, drawn_by = excluded.drawn_by, drawn_at = excluded.drawn_at`.execute(
      trx,
    );
    const label =
      typeof body.properties.label === 'string' && body.properties.label ? `“${body.properties.label}”` : '';
    const verb = body.deleted
      ? { zh: '擦除', en: 'wiped' }
      : known
        ? { zh: '修改', en: 'changed' }
        : { zh: '标绘', en: 'drew' };
    const seq = await log.say({
      kind: 'shape',
      text: { zh: `${verb.zh}图形${label}`, en: `${verb.en} a shape ${label}`.trim() },
      detail: {
        id: body.id,
        version,
        geometry: body.geometry,
        properties: body.properties,
        deleted: body.deleted,
        over: body.version,
      },
      key: body.key,
    });
    return { version, seq };
  });
}
