/**
 * Requests of another hub's departments, as requests of sharing here: the other hub is their organisation, our officers and heads reply
 * within the same legal days as to anybody. What becomes of them is looked up and told to the other side whenever it changed.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { type Principal, permissionsOf } from '../../platform/auth/principal.ts';
import { Problem } from '../../platform/problem.ts';
import {
  act,
  type Content,
  clocksOf,
  draft,
  draftedBy,
  edit,
  formatOf,
  grantOfRequest,
  matterOf,
  type RequestRow,
  sharedEntry,
} from '../../sharing/index.ts';
import { inTurn, type PeersContext } from '../context.ts';
import { tellDeliveries } from '../delivery/give.ts';
import { type PeerRow, requesterOf } from '../store.ts';
import { keepStep, type MatterRow, mattersWhere, type ToldState } from './matters.ts';
import { send } from './outbox.ts';

/** A department of the other hub, as who acts here: its head agreed there, which the signed message says. */
export function asPeer(
  peer: Pick<PeerRow, 'id' | 'name_zh'>,
  m: Pick<MatterRow, 'uid' | 'department_name'>,
  role: 'officer' | 'head',
): Principal {
  const organisation = requesterOf(peer.id);
  const roles = [role === 'officer' ? 'data-officer' : 'department-head'] as const;
  const login = `${organisation}/${m.uid}${role === 'head' ? '/head' : ''}`;
  return {
    ...{ userId: login, login, name: `${peer.name_zh}·${m.department_name}`, organisation, roles: [...roles] },
    ...{ permissions: permissionsOf([...roles]), sessionId: 'peer', purpose: '平台间共享申请' },
  };
}

/** What may be asked at all: files, of the other hub's own divisions. */
function narrowed(c: PeersContext, peer: PeerRow, entry: string, content: Content): Content {
  const own: Content = { ...content, mode: content.frequency === 'once' ? 'file' : 'batch', format: 'csv' };
  const shared = sharedEntry(c.sharing, entry);
  const source = shared?.entry.source;
  if (!peer.divisions.length || !shared || !source) return own;
  // What is handed down is of the divisions that are the other hub's own (回流).
  const item = shared.items.find(
    (i) =>
      (i.protection === 'public' || i.protection === 'internal') && formatOf(c.sharing, source, i.name) === 'division',
  );
  if (!item) return own;
  const whole = peer.divisions.every((d) => d.length >= 12);
  const filter = whole
    ? { item: item.name, is: 'in' as const, values: [...peer.divisions] }
    : { item: item.name, is: 'prefix' as const, values: [peer.divisions[0]!] };
  return { ...own, filter: [...own.filter.filter((f) => f.item !== item.name).slice(0, 7), filter] };
}

/** Takes in a request. Broken off anywhere it is taken in again and becomes one request. */
export async function begin(
  c: PeersContext,
  peer: PeerRow,
  m: { uid: string; entry: string; department: { id: string; name: string }; content: Content },
): Promise<void> {
  const { db, clock } = c.deps;
  const at = clock.now();
  const shared = sharedEntry(c.sharing, m.entry);
  const title = shared?.entry.title.zh ?? m.entry;
  await db.tx(async (trx) => {
    const made = await sql<{
      id: number;
    }>`INSERT INTO peers.matter (uid, direction, peer, department, department_name, entry, title,
        state, content, created_by, created_at, passed_at)
      VALUES (${m.uid}, 'in', ${peer.id}, ${m.department.id}, ${m.department.name}, ${m.entry}, ${title}, 'received',
        ${JSON.stringify(m.content)}::jsonb, ${requesterOf(peer.id)}, ${at}, ${at})
      ON CONFLICT (direction, peer, uid) DO NOTHING RETURNING id`.execute(trx);
    const id = made.rows[0]?.id;
    if (id === undefined) return;
    await keepStep(trx, id, { action: 'submit', to: 'received', side: 'there', comment: m.department.name, at });
    await c.deps.audit.append(
      {
        ...{ actor: null, action: 'peers.request.received', object: `peer-matter/${id}`, outcome: 'ok' },
        detail: { peer: peer.id, entry: m.entry, department: m.department.name },
      },
      trx,
    );
  });
  const row = await matterIn(c, peer, m.uid);
  if (!row || row.request !== null || row.ended_at) return;
  const refuse = (reason: string) => refused(c, row, reason);
  if (!peer.requests) return refuse('对方平台未开放接收申请 / this hub takes no requests of yours');
  if (!shared) return refuse('目录中没有该资源，或已注销 / the entry is not in the catalogue');
  if (shared.entry.sharing.type === 'refused') return refuse(`不予共享：${shared.entry.sharing.ground}`);
  const officer = asPeer(peer, row, 'officer');
  const request =
    (await draftedBy(c.sharing, officer.organisation!, officer.login)) ??
    (await draft(c.sharing, { entry: m.entry, content: narrowed(c, peer, m.entry, m.content) }, officer));
  await db.query('UPDATE peers.matter SET request = $2 WHERE id = $1', [row.id, request]);
  await submit(c, peer, { ...row, request });
}

export const matterIn = async (c: PeersContext, peer: PeerRow, uid: string): Promise<MatterRow | undefined> =>
  (await mattersWhere(c.deps.db.kysely, sql`direction = 'in' AND peer = ${peer.id} AND uid = ${uid}`))[0];

/** What can never be asked for: told, and ended. */
async function refused(c: PeersContext, row: MatterRow, reason: string): Promise<void> {
  const at = c.deps.clock.now();
  const told: ToldState = { refusal: { reason, ground: '' } };
  await c.deps.db.tx(async (trx) => {
    await sql`UPDATE peers.matter SET state = 'refused', ended_at = ${at}, told = ${JSON.stringify(told)}::jsonb,
      version = version + 1 WHERE id = ${row.id}`.execute(trx);
    await keepStep(trx, row.id, { action: 'refuse', to: 'refused', side: 'hub', comment: reason, at });
    await send(trx, row.peer, 'request.state', { uid: row.uid, state: 'refused', ...told }, at);
  });
}

/** Hands the request to the provider here; what it lacks is told to the other side at once, all of it. */
async function submit(c: PeersContext, peer: PeerRow, row: MatterRow): Promise<void> {
  const [officer, head] = [asPeer(peer, row, 'officer'), asPeer(peer, row, 'head')];
  const now = () => matterOf(c.deps.db.kysely, 'request', row.request!, null);
  const step = async (action: string, p: Principal) =>
    act(c.sharing, 'request', row.request!, { action, version: (await now()).version, comment: '', data: {} }, p);
  let request = await now();
  try {
    if (request.state === 'supplement') return await step('resubmit', officer);
    if (request.state === 'draft') await step('propose', officer);
    request = await now();
    if (request.state === 'agreeing') await step('agree-own', head);
    await told(c, row, {});
  } catch (error) {
    if (!(error instanceof Problem) || error.kind.status >= 500) throw error;
    const list = (error.details.length ? error.details : [error]).map((d) => d.toJSON().title.zh).slice(0, 30);
    await told(c, row, { missing: list });
  }
}

const told = (c: PeersContext, row: MatterRow, what: ToldState) =>
  c.deps.db.query('UPDATE peers.matter SET told = $2::jsonb WHERE id = $1', [row.id, JSON.stringify(what)]);

/** The supplement arrived. */
export async function supplement(c: PeersContext, peer: PeerRow, uid: string, content: Content): Promise<void> {
  const row = await matterIn(c, peer, uid);
  if (!row || row.ended_at || row.request === null) return;
  const request = await matterOf(c.deps.db.kysely, 'request', row.request, null);
  if (request.state !== 'draft' && request.state !== 'supplement') return;
  const own = narrowed(c, peer, row.entry, content);
  await edit(c.sharing, row.request, { version: request.version, content: own }, asPeer(peer, row, 'officer'));
  const at = c.deps.clock.now();
  await c.deps.db.tx(async (trx) => {
    await sql`UPDATE peers.matter SET content = ${JSON.stringify(content)}::jsonb, digest = NULL WHERE id = ${row.id}`.execute(
      trx,
    );
    await keepStep(trx, row.id, { action: 'resubmit', to: 'received', side: 'there', at });
  });
  await submit(c, peer, row);
}

/** The other side took its request back. */
export async function withdrawIn(c: PeersContext, peer: PeerRow, uid: string, comment: string): Promise<void> {
  const row = await matterIn(c, peer, uid);
  if (!row || row.ended_at) return;
  if (row.request !== null) {
    const request = await matterOf(c.deps.db.kysely, 'request', row.request, null);
    const body = { action: 'withdraw', version: request.version, comment: comment || '对方平台撤回', data: {} };
    const open = ['draft', 'agreeing', 'received', 'supplement', 'deciding'];
    if (open.includes(request.state)) await act(c.sharing, 'request', row.request, body, asPeer(peer, row, 'officer'));
  }
  const at = c.deps.clock.now();
  await c.deps.db.tx(async (trx) => {
    await sql`UPDATE peers.matter SET state = 'withdrawn', ended_at = ${at}, version = version + 1 WHERE id = ${row.id}`.execute(
      trx,
    );
    await keepStep(trx, row.id, { action: 'withdraw', to: 'withdrawn', side: 'there', comment, at });
  });
}

/** Looks through what was asked of us: what changed is put down for the other side, what is ready is announced. */
export const tellStates = (c: PeersContext): Promise<void> => inTurn(c, 'states', () => tellAll(c));

async function tellAll(c: PeersContext): Promise<void> {
  const rows = await mattersWhere(
    c.deps.db.kysely,
    sql`direction = 'in' AND ended_at IS NULL AND request IS NOT NULL`,
    5000,
  );
  for (const row of rows)
    try {
      await tellState(c, row);
    } catch (error) {
      c.deps.log.error({ err: error, matter: row.id }, 'the state of a request could not be told to the other hub');
    }
}

/** A request here, as the other side is told of it. */
async function stateOf(c: PeersContext, row: MatterRow, request: RequestRow): Promise<ToldState & { state: string }> {
  const share = await grantOfRequest(c.deps.db, request.id);
  const clocks = await clocksOf(c.deps.db.kysely, request.id);
  const own = request.state === 'draft' || request.state === 'agreeing';
  return {
    state: own ? (row.told.missing?.length ? 'supplement' : 'received') : request.state,
    missing: own ? (row.told.missing ?? []) : request.state === 'supplement' ? (request.missing ?? []) : [],
    refusal: request.refusal,
    clocks: clocks.map((k) => ({
      ...{ deadline: k.deadline, due: k.due, days: k.days + k.extension, state: k.state },
      ...{ overdue: k.overdue_at !== null, ended: k.ended_at?.toISOString() ?? null },
    })),
    share: share
      ? { id: share.id, state: share.state, until: share.until, items: share.items, frequency: share.frequency }
      : null,
  };
}

async function tellState(c: PeersContext, row: MatterRow): Promise<void> {
  const request = await matterOf(c.deps.db.kysely, 'request', row.request!, null);
  const state = await stateOf(c, row, request);
  const digest = createHash('sha256').update(JSON.stringify(state)).digest('hex');
  if (digest !== row.digest) {
    const at = c.deps.clock.now();
    // Over: nothing more can become of it here. A refusal may be disputed and opened again, a grant lives on.
    const over = state.state === 'withdrawn' || state.share?.state === 'disposed';
    await c.deps.db.tx(async (trx) => {
      await sql`UPDATE peers.matter SET digest = ${digest}, state = ${state.state}, version = version + 1,
        ended_at = ${over ? at : null} WHERE id = ${row.id}`.execute(trx);
      if (state.state !== row.state)
        await keepStep(trx, row.id, { action: 'moved', to: state.state, side: 'here', at });
      await send(trx, row.peer, 'request.state', { uid: row.uid, ...state }, at);
    });
  }
  await tellDeliveries(c, row);
}
