/**
 * Resources (应急资源): teams, vehicles, shelters, materials, equipment with their place, state and stock. Every change is a
 * movement that is never changed itself; stock never falls below nothing.
 */
import { type Kysely, sql } from 'kysely';
import type { Principal } from '../platform/auth/principal.ts';
import type { AnyTables } from '../platform/db/index.ts';
import { Problem } from '../platform/problem.ts';
import { LogWriter } from './log.ts';
import { actorOf, type CommandDeps, mustKnow } from './ports.ts';
import * as k from './problems.ts';
import type { Both } from './pure/index.ts';

export const kinds = ['team', 'vehicle', 'shelter', 'material', 'equipment'] as const;
export type ResourceKind = (typeof kinds)[number];
export const states = ['ready', 'assigned', 'working', 'maintenance', 'closed'] as const;
export type ResourceState = (typeof states)[number];
/** What may happen to a resource. */
export const moves = [
  'assign', // 派出：teams, vehicles, equipment, shelters are given to an operation
  'arrive', // 到位
  'release', // 归队
  'maintain', // 检修
  'repair', // 修复
  'open', // 开放（避灾场所）
  'close', // 关闭
  'admit', // 安置 n people
  'leave', // 离开 n people
  'use', // 消耗 n of a material
  'lend', // 借出
  'return', // 归还
  'replenish', // 补充
  'move', // 位置变更
] as const;
export type Move = (typeof moves)[number];

export interface ResourceRow {
  id: string;
  kind: ResourceKind;
  type: string;
  name: Both;
  organisation: string;
  lon: number;
  lat: number;
  address: string;
  state: ResourceState;
  capacity: number | null;
  quantity: number;
  lent: number;
  unit: string;
  least: number;
  operation: number | null;
  version: number;
  changed_at: Date;
}

/** Columns of a resource; amounts as numbers (two decimals are exact in a double far beyond any stock). */
const columns = sql`id, kind, type, name, organisation, lon, lat, address, state, capacity, quantity::float8 AS quantity,
  lent::float8 AS lent, unit, least::float8 AS least, operation, version, changed_at`;

export async function resources(
  db: Kysely<AnyTables>,
  asked: {
    kind?: string | undefined;
    state?: string | undefined;
    type?: string | undefined;
    organisation?: string | undefined;
    text?: string | undefined;
    low?: boolean;
    operation?: number | undefined;
    limit: number;
    offset: number;
  },
) {
  const where = sql.join(
    [
      sql`true`,
      ...(asked.kind ? [sql`kind = ${asked.kind}`] : []),
      ...(asked.state ? [sql`state = ${asked.state}`] : []),
      ...(asked.type ? [sql`type = ${asked.type}`] : []),
      ...(asked.organisation ? [sql`organisation = ${asked.organisation}`] : []),
      ...(asked.operation ? [sql`operation = ${asked.operation}`] : []),
      ...(asked.low ? [sql`kind = 'material' AND quantity < least`] : []),
      ...(asked.text
        ? [sql`(name::text ILIKE ${`%${asked.text.replace(/[\\%_]/g, '\\$&')}%`} OR id = ${asked.text})`]
        : []),
    ],
    sql` AND `,
  );
  const { rows } = await sql<ResourceRow>`SELECT ${columns} FROM command.resource WHERE ${where} ORDER BY kind, type, id
    LIMIT ${asked.limit} OFFSET ${asked.offset}`.execute(db);
  const { rows: n } = await sql<{ n: number }>`SELECT count(*) AS n FROM command.resource WHERE ${where}`.execute(db);
  return { items: rows, total: n[0]!.n };
}

/** How many of each kind are in which state, and what runs short. */
export async function stateOf(db: Kysely<AnyTables>) {
  const { rows } = await sql<{
    kind: ResourceKind;
    state: ResourceState;
    n: number;
    low: number;
  }>`SELECT kind, state, count(*) AS n,
    count(*) FILTER (WHERE kind = 'material' AND quantity < least) AS low FROM command.resource GROUP BY 1, 2 ORDER BY 1, 2`.execute(
    db,
  );
  return rows;
}

/** One resource. Problem `command.resource.unknown`. */
export async function resourceOf(db: Kysely<AnyTables>, id: string): Promise<ResourceRow> {
  const { rows } = await sql<ResourceRow>`SELECT ${columns} FROM command.resource WHERE id = ${id}`.execute(db);
  if (!rows[0]) throw new Problem(k.resourceUnknown, { id });
  return rows[0];
}

export interface MovementRow {
  id: number;
  kind: Move | 'register';
  quantity: number;
  stock_after: number;
  lent_after: number;
  state_after: ResourceState;
  operation: number | null;
  note: string;
  made_by: string;
  made_at: Date;
}
export const movementsOf = async (db: Kysely<AnyTables>, id: string): Promise<MovementRow[]> =>
  (
    await sql<MovementRow>`SELECT id, kind, quantity::float8 AS quantity, stock_after::float8 AS stock_after,
      lent_after::float8 AS lent_after, state_after, operation, note, made_by, made_at FROM command.movement
      WHERE resource = ${id} ORDER BY id DESC LIMIT 200`.execute(db)
  ).rows;

export interface ResourceBody {
  id: string;
  kind: ResourceKind;
  type: string;
  name: Both;
  organisation: string;
  lon: number;
  lat: number;
  address: string;
  capacity?: number | undefined;
  quantity: number;
  unit: string;
  least: number;
}

/** Registers resources; one that is known already is refused, or passed over with `known: 'skip'`. Answers how many are new. */
export async function register(
  deps: CommandDeps,
  list: readonly ResourceBody[],
  who: Principal | null,
  known: 'refuse' | 'skip' = 'refuse',
): Promise<number> {
  mustKnow(deps, [...new Set(list.map((r) => r.organisation))]);
  const at = deps.clock.now();
  const by = who?.name ?? 'system';
  return deps.db.tx(async (trx) => {
    let made = 0;
    for (const r of list) {
      // A shelter's doors are closed until somebody opens them.
      const state = r.kind === 'shelter' ? 'closed' : 'ready';
      const { rows } =
        await sql`INSERT INTO command.resource (id, kind, type, name, organisation, lon, lat, address, state,
          capacity, quantity, unit, least, changed_at)
        VALUES (${r.id}, ${r.kind}, ${r.type}, ${JSON.stringify(r.name)}::jsonb, ${r.organisation}, ${r.lon}, ${r.lat},
          ${r.address}, ${state}, ${r.capacity ?? null}, ${r.quantity}, ${r.unit}, ${r.least}, ${at})
        ON CONFLICT DO NOTHING RETURNING id`.execute(trx);
      if (!rows.length) {
        if (known === 'refuse') throw new Problem(k.resourceTwice, { id: r.id });
        continue;
      }
      await sql`INSERT INTO command.movement (resource, kind, quantity, stock_after, lent_after, state_after, made_by, made_at)
        VALUES (${r.id}, 'register', ${r.quantity}, ${r.quantity}, 0, ${state}, ${by}, ${at})`.execute(trx);
      made += 1;
    }
    await deps.audit.append(
      { actor: who, action: 'command.resources', object: 'resources', outcome: 'ok', detail: { made } },
      trx,
    );
    return made;
  });
}

export interface MoveBody {
  move: Move;
  quantity: number;
  operation?: number | undefined;
  lon?: number | undefined;
  lat?: number | undefined;
  note: string;
  key: string;
}

/** The resource after a movement. Problems name why it cannot be. */
export function after(
  r: ResourceRow,
  b: Pick<MoveBody, 'move' | 'quantity' | 'operation' | 'lon' | 'lat'>,
): ResourceRow {
  const n = b.quantity;
  const stays = r.kind === 'material';
  const must = (good: boolean) => {
    if (!good) throw new Problem(k.resourceState, { state: r.state });
  };
  const of = (good: boolean) => {
    if (!good) throw new Problem(k.resourceKind);
  };
  const stock = () => {
    if (n > r.quantity) throw new Problem(k.resourceShort, { stock: r.quantity, unit: r.unit });
  };
  switch (b.move) {
    case 'assign':
      of(!stays && b.operation !== undefined);
      must(r.state === 'ready' || (r.kind === 'shelter' && r.state === 'closed'));
      return { ...r, state: 'assigned', operation: b.operation!, lon: b.lon ?? r.lon, lat: b.lat ?? r.lat };
    case 'arrive':
      of(!stays);
      must(r.state === 'assigned');
      return { ...r, state: 'working', lon: b.lon ?? r.lon, lat: b.lat ?? r.lat };
    case 'release':
      of(!stays);
      must(r.state === 'assigned' || r.state === 'working');
      return {
        ...r,
        state: r.kind === 'shelter' ? 'closed' : 'ready',
        operation: null,
        lon: b.lon ?? r.lon,
        lat: b.lat ?? r.lat,
      };
    case 'maintain':
      must(r.state === 'ready' || r.state === 'closed');
      return { ...r, state: 'maintenance' };
    case 'repair':
      must(r.state === 'maintenance');
      return { ...r, state: r.kind === 'shelter' ? 'closed' : 'ready' };
    case 'open':
      of(r.kind === 'shelter');
      must(r.state === 'closed' || r.state === 'ready');
      return { ...r, state: 'working', operation: b.operation ?? r.operation };
    case 'close':
      of(r.kind === 'shelter');
      must(r.state !== 'maintenance' && r.quantity === 0);
      return { ...r, state: 'closed', operation: null };
    case 'admit':
      of(r.kind === 'shelter' && n > 0);
      must(r.state === 'working' || r.state === 'assigned');
      if (r.capacity !== null && r.quantity + n > r.capacity)
        throw new Problem(k.resourceFull, { capacity: r.capacity });
      return { ...r, quantity: r.quantity + n };
    case 'leave':
      of(r.kind === 'shelter' && n > 0);
      stock();
      return { ...r, quantity: r.quantity - n };
    case 'use':
      of(stays && n > 0);
      stock();
      return { ...r, quantity: r.quantity - n };
    case 'lend':
      of(stays && n > 0);
      stock();
      return { ...r, quantity: r.quantity - n, lent: r.lent + n };
    case 'return':
      of(stays && n > 0);
      if (n > r.lent) throw new Problem(k.resourceReturned, { lent: r.lent, unit: r.unit });
      return { ...r, quantity: r.quantity + n, lent: r.lent - n };
    case 'replenish':
      of(stays && n > 0);
      return { ...r, quantity: r.quantity + n };
    case 'move':
      of(b.lon !== undefined && b.lat !== undefined);
      return { ...r, lon: b.lon!, lat: b.lat! };
  }
}

const words: Record<Move, Both> = {
  assign: { zh: '派出', en: 'assigned' },
  arrive: { zh: '到位', en: 'arrived' },
  release: { zh: '归队', en: 'released' },
  maintain: { zh: '检修', en: 'in maintenance' },
  repair: { zh: '修复', en: 'repaired' },
  open: { zh: '开放', en: 'opened' },
  close: { zh: '关闭', en: 'closed' },
  admit: { zh: '安置', en: 'took in' },
  leave: { zh: '离开', en: 'left by' },
  use: { zh: '消耗', en: 'used' },
  lend: { zh: '借出', en: 'lent' },
  return: { zh: '归还', en: 'returned' },
  replenish: { zh: '补充', en: 'replenished' },
  move: { zh: '转移位置', en: 'moved' },
};

/** One movement; what it belongs to of a running operation is written to that operation's log in the same transaction. */
export async function move(deps: CommandDeps, id: string, body: MoveBody, who: Principal): Promise<ResourceRow> {
  let told: number | undefined;
  const now = await deps.db.tx(async (trx) => {
    const known = await resourceOf(trx, id);
    const operation = body.operation ?? known.operation ?? undefined;
    // Operations are locked before resources, always in this order.
    const log =
      operation === undefined
        ? undefined
        : await LogWriter.of(trx, operation, actorOf(who), deps.clock.now(), ['running', 'ended']);
    await sql`SELECT 1 FROM command.resource WHERE id = ${id} FOR UPDATE`.execute(trx);
    const r = await resourceOf(trx, id);
    const { rows: done } = await sql`SELECT 1 FROM command.movement WHERE key = ${body.key}`.execute(trx);
    if (done.length) return r;
    const own = who.organisation === null || who.organisation === r.organisation;
    if (!own && !who.permissions.has('command.act')) throw new Problem(k.resourceNotYours);
    const next = after(r, body);
    const at = deps.clock.now();
    await sql`UPDATE command.resource SET state = ${next.state}, quantity = ${next.quantity}, lent = ${next.lent}, lon = ${next.lon},
      lat = ${next.lat}, operation = ${next.operation}, version = version + 1, changed_at = ${at} WHERE id = ${id}`.execute(
      trx,
    );
    await sql`INSERT INTO command.movement (resource, kind, quantity, stock_after, lent_after, state_after, operation, key, note, made_by, made_at)
      VALUES (${id}, ${body.move}, ${body.quantity}, ${next.quantity}, ${next.lent}, ${next.state}, ${operation ?? null}, ${body.key},
        ${body.note}, ${who.name}, ${at})`.execute(trx);
    if (log) {
      const amount = body.quantity ? ` ${body.quantity} ${r.unit || (r.kind === 'shelter' ? '人' : '')}` : '';
      const word = words[body.move];
      await log.say({
        kind: 'resource',
        text: {
          zh: `${r.name.zh}${word.zh}${amount}${body.note ? `：${body.note}` : ''}`,
          en: `${r.name.en} ${word.en}${amount}${body.note ? `: ${body.note}` : ''}`,
        },
        detail: {
          ...{ id, name: r.name, kind: r.kind, move: body.move, quantity: body.quantity, stock: next.quantity },
          // A resource whose stock alone changed is still where it was before.
          ...{
            state: next.operation === null && next.state === 'closed' ? 'ready' : next.state,
            lon: next.lon,
            lat: next.lat,
          },
        },
      });
      told = log.operation.id;
    }
    await deps.audit.append(
      {
        actor: who,
        action: `command.resource-${body.move}`,
        object: `resource/${id}`,
        outcome: 'ok',
        detail: { quantity: body.quantity },
      },
      trx,
    );
    return resourceOf(trx, id);
  });
  if (told !== undefined) deps.seats.tell(told);
  return now;
}
