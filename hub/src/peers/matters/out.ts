/**
 * Requests of our departments to another hub: drafted by the officer, agreed to by the department's head (decree 809, article 20), passed on,
 * and from then on in the state that the other side tells.
 */
import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { Principal } from '../../platform/auth/principal.ts';
import type { AnyTables } from '../../platform/db/index.ts';
import { cityDay } from '../../platform/law/index.ts';
import { Problem } from '../../platform/problem.ts';
import { type Content, content, nameOf } from '../../sharing/index.ts';
import type { PeersContext } from '../context.ts';
import { remoteEntry } from '../harvest/remote.ts';
import * as k from '../problems.ts';
import { keepStep, type MatterRow, matterFor, states } from './matters.ts';
import { send } from './outbox.ts';

export const draftBody = z.strictObject({ entry: z.number().int(), content });
export const saveBody = z.strictObject({ version: z.number().int(), content });
export const outActions = ['propose', 'return', 'agree', 'resubmit', 'withdraw'] as const;
export type OutAction = (typeof outActions)[number];
export const stepBody = z.strictObject({
  action: z.enum(outActions),
  version: z.number().int(),
  comment: z.string().trim().max(1000).default(''),
});

/** From which states a step leads where, and who takes it. */
const rows: Readonly<
  Record<OutAction, { from: readonly string[]; to: string; by: 'officer' | 'head'; title: { zh: string; en: string } }>
> = {
  propose: { from: ['draft'], to: 'agreeing', by: 'officer', title: { zh: '提请负责人同意', en: 'Ask the head' } },
  return: { from: ['agreeing'], to: 'draft', by: 'head', title: { zh: '退回修改', en: 'Return for changes' } },
  agree: { from: ['agreeing'], to: 'passing', by: 'head', title: { zh: '同意报送', en: 'Agree and pass on' } },
  resubmit: {
    from: ['supplement'],
    to: 'passing',
    by: 'officer',
    title: { zh: '补齐后重新报送', en: 'Pass on the supplement' },
  },
  withdraw: {
    ...{ from: ['draft', 'agreeing', 'passing', 'received', 'supplement', 'deciding'], to: 'withdrawn', by: 'officer' },
    title: { zh: '撤回', en: 'Withdraw' },
  },
};

const mine = (p: Principal, row: Pick<MatterRow, 'department'>, by: 'officer' | 'head'): boolean =>
  p.organisation === row.department && p.permissions.has(by === 'officer' ? 'sharing.request' : 'sharing.approve');

/** Steps open to somebody now. */
export const openSteps = (row: MatterRow, p: Principal): { action: OutAction; title: { zh: string; en: string } }[] =>
  row.direction === 'in'
    ? []
    : outActions
        .filter((a) => rows[a].from.includes(row.state) && mine(p, row, rows[a].by))
        .filter((a) => a !== 'agree' || row.proposed_by !== p.login)
        .map((action) => ({ action, title: rows[action].title }));

/** What must be there before a request leaves the department; the other side tells what else it misses. */
function missing(c: PeersContext, row: Pick<MatterRow, 'content'>): string[] {
  const own = row.content;
  const out: string[] = [];
  if ([...own.ground].length < 4) out.push('使用依据 / ground');
  if ([...own.scene].length < 2) out.push('使用场景 / scene');
  if ([...own.scope].length < 2) out.push('使用范围 / scope');
  if (!own.until || own.until <= cityDay(c.deps.clock.now())) out.push('使用时限 / time limit');
  if (!own.items.length) out.push('数据项 / items');
  if ([...own.contact].length < 2) out.push('联系人 / contact');
  return out;
}

/** A new draft for an entry of another hub; answers its number. */
export async function draftOut(c: PeersContext, body: z.output<typeof draftBody>, p: Principal): Promise<number> {
  const entry = await remoteEntry(c.deps.db, body.entry);
  if (p.organisation === null || !p.permissions.has('sharing.request'))
    throw new Problem(k.notYours, { action: '起草申请 / draft' });
  if (entry.state !== 'active') throw new Problem(k.notActive);
  if (entry.kind !== 'jingwei' || !entry.requests || entry.content.entry === null) throw new Problem(k.noRequests);
  if (entry.gone_at) throw new Problem(k.goneEntry);
  if (entry.content.sharing === 'refused') throw new Problem(k.refusedType);
  const at = c.deps.clock.now();
  const department = nameOf(c.deps, p.organisation).zh;
  return c.deps.db.tx(async (trx) => {
    const made = await sql<{
      id: number;
    }>`INSERT INTO peers.matter (uid, direction, peer, department, department_name, entry, title,
        remote_entry, state, content, created_by, created_at)
      VALUES (${randomUUID()}, 'out', ${entry.peer}, ${p.organisation}, ${department}, ${entry.content.entry},
        ${entry.content.title.zh}, ${entry.id}, 'draft', ${JSON.stringify(body.content)}::jsonb, ${p.login}, ${at}) RETURNING id`.execute(
      trx,
    );
    const { id } = made.rows[0]!;
    await keepStep(trx, id, { action: 'draft', to: 'draft', side: 'here', login: p.login, at });
    await audit(c, p, 'draft', id, { peer: entry.peer, entry: entry.content.entry }, trx);
    return id;
  });
}

const audit = (
  c: PeersContext,
  p: Principal | null,
  action: string,
  id: number,
  detail: Record<string, unknown>,
  trx: Kysely<AnyTables>,
) =>
  c.deps.audit.append(
    { actor: p, action: `peers.request.${action}`, object: `peer-matter/${id}`, outcome: 'ok', detail },
    trx,
  );

/** Changes a draft, or what is to be supplemented. */
export async function saveOut(
  c: PeersContext,
  id: number,
  body: z.output<typeof saveBody>,
  p: Principal,
): Promise<void> {
  const row = await matterFor(c.deps.db.kysely, id, p);
  if (row.direction === 'in' || !mine(p, row, 'officer')) throw new Problem(k.notYours, { action: '修改申请 / edit' });
  if (row.state !== 'draft' && row.state !== 'supplement')
    throw new Problem(k.wrongState, { state: states[row.state]?.zh ?? row.state, action: '修改 / edit' });
  await c.deps.db.tx(async (trx) => {
    await change(trx, row, body.version, sql`content = ${JSON.stringify(body.content)}::jsonb`);
    await audit(c, p, 'edit', id, {}, trx);
  });
}

async function change(
  trx: Kysely<AnyTables>,
  row: MatterRow,
  version: number,
  sets: ReturnType<typeof sql>,
): Promise<void> {
  const done = await sql`UPDATE peers.matter SET ${sets}, version = version + 1
    WHERE id = ${row.id} AND version = ${version} AND state = ${row.state}`.execute(trx);
  if (Number(done.numAffectedRows) !== 1) throw new Problem(k.conflict);
}

/** Takes a step. */
export async function stepOut(
  c: PeersContext,
  id: number,
  body: z.output<typeof stepBody>,
  p: Principal,
): Promise<void> {
  const row = await matterFor(c.deps.db.kysely, id, p);
  const { from, to, by, title } = rows[body.action];
  if (row.direction === 'in' || !mine(p, row, by)) throw new Problem(k.notYours, { action: title.zh });
  if (!from.includes(row.state))
    throw new Problem(k.wrongState, { state: states[row.state]?.zh ?? row.state, action: title.zh });
  if (body.action === 'agree' && row.proposed_by === p.login) throw new Problem(k.ownWork);
  if ((body.action === 'return' || body.action === 'withdraw') && [...body.comment].length < 2)
    throw new Problem(k.commentNeeded, {}, { field: 'comment' });
  if (body.action !== 'return' && body.action !== 'withdraw') {
    const lacks = missing(c, row);
    if (lacks.length) throw new Problem(k.incomplete, { what: lacks.join('、') });
  }
  const at = c.deps.clock.now();
  await c.deps.db.tx(async (trx) => {
    const passed = body.action === 'agree' ? sql`, passed_at = ${at}` : sql``;
    const proposed = body.action === 'propose' ? sql`, proposed_by = ${p.login}` : sql``;
    const ended = to === 'withdrawn' ? sql`, ended_at = ${at}` : sql``;
    await change(trx, row, body.version, sql`state = ${to}${passed}${proposed}${ended}`);
    await keepStep(trx, id, { action: body.action, to, side: 'here', login: p.login, comment: body.comment, at });
    const whole: Content = row.content;
    if (body.action === 'agree')
      await send(
        trx,
        row.peer,
        'request.submit',
        {
          uid: row.uid,
          entry: row.entry,
          department: { id: row.department, name: row.department_name },
          content: whole,
        },
        at,
      );
    if (body.action === 'resubmit') await send(trx, row.peer, 'request.resubmit', { uid: row.uid, content: whole }, at);
    if (body.action === 'withdraw' && row.passed_at)
      await send(trx, row.peer, 'request.withdraw', { uid: row.uid, comment: body.comment }, at);
    await audit(c, p, body.action, id, { from: row.state, to }, trx);
  });
}
