/** Matters of erasure as they are kept, and the acts on them. Every act is one transaction with its entry and the audit. */

import { citizenId, upgradeCitizenId } from '@jingwei/codes';
import { type Kysely, sql } from 'kysely';
import type { RowAction } from '../exchange/index.ts';
import type { Principal } from '../platform/auth/principal.ts';
import { mask } from '../platform/auth/protection.ts';
import type { AnyTables } from '../platform/db/index.ts';
import { cityDay, dueOf } from '../platform/law/index.ts';
import { Problem } from '../platform/problem.ts';
import type { EnterBody, ProposeBody, RefuseBody } from './api.ts';
import type { ErasurePorts } from './ports.ts';
import * as k from './problems.ts';

type Trx = Kysely<AnyTables>;

/** States in which a matter is being worked on. */
export const OPEN = ['entered', 'proposed', 'running', 'refusing'] as const;
export type MatterState =
  | 'entered'
  | 'proposed'
  | 'running'
  | 'executed'
  | 'closed'
  | 'refusing'
  | 'refused'
  | 'withdrawn';
export type Ground = 'request' | 'consent-withdrawn' | 'purpose-ended' | 'unlawful';

/** A matter. */
export interface Matter {
  id: number;
  state: MatterState;
  ground: Ground;
  document: string;
  norm: string;
  mask: string | null;
  digest: string;
  received: string;
  due: string | null;
  entered_by: string;
  entered_at: Date;
  looked_at: Date | null;
  proposed_by: string | null;
  proposed_at: Date | null;
  decided_by: string | null;
  decided_at: Date | null;
  refusal: { reason: string; ground: string } | null;
  job: string | null;
  problem: { code: string; title: { zh: string; en: string } } | null;
  executed_at: Date | null;
  closed_at: Date | null;
  restored: boolean;
}

export const columns = sql`id, state, ground, document, norm, mask, digest, received::text AS received, due::text AS due, entered_by, entered_at,
  looked_at, proposed_by, proposed_at, decided_by, decided_at, refusal, job, problem, executed_at, closed_at, restored`;

/** One matter; Problem `erasure.unknown`. */
export async function matterOf(db: Trx, id: number, lock = false): Promise<Matter> {
  const { rows } =
    await sql<Matter>`SELECT ${columns} FROM erasure.matter WHERE id = ${id} ${lock ? sql`FOR UPDATE` : sql``}`.execute(
      db,
    );
  if (!rows[0]) throw new Problem(k.unknownMatter, { id });
  return rows[0];
}

/** What an officer decided of classes. */
export const decisionsOf = async (
  db: Trx,
  id: number,
): Promise<{ source: string; action: RowAction; reason: string }[]> =>
  (
    await sql<{ source: string; action: RowAction; reason: string }>`SELECT source, action, reason FROM erasure.decision
      WHERE matter = ${id} ORDER BY source`.execute(db)
  ).rows;

/** Keeps an act: its line in the matter's history and in the audit. */
export async function note(
  ports: ErasurePorts,
  trx: Trx,
  id: number,
  action: string,
  who: Principal | null,
  more: { comment?: string | null; detail?: Record<string, unknown> } = {},
): Promise<void> {
  const at = ports.clock.now();
  await sql`INSERT INTO erasure.entry (matter, action, login, comment, at)
    VALUES (${id}, ${action}, ${who?.login ?? null}, ${more.comment ?? null}, ${at})`.execute(trx);
  await ports.audit.append(
    { actor: who, action: `erasure.${action}`, object: `erasure/${id}`, outcome: 'ok', detail: more.detail ?? {} },
    trx,
  );
}

function inState(m: Matter, ...states: MatterState[]): void {
  if (!states.includes(m.state)) throw new Problem(k.wrongState, { state: m.state });
}

/** Enters a request. The number is turned into its token here and is kept nowhere. */
export async function enter(ports: ErasurePorts, body: EnterBody, who: Principal): Promise<number> {
  const written = citizenId.normalise(body.number).value;
  const number = upgradeCitizenId(written) ?? written;
  if (!citizenId.check(number)) throw new Problem(k.wrongNumber, {}, { field: 'number' });
  const at = ports.clock.now();
  if (body.received > cityDay(at)) throw new Problem(k.future, {}, { field: 'received' });
  const norm = ports.vault.normOf('citizen-id', number);
  const { due } = dueOf(ports.calendar(), body.received, ports.config.erasure.answerDays);
  return ports.db.tx(async (trx) => {
    const open = await sql<{ id: number }>`SELECT id FROM erasure.matter WHERE norm = ${norm}
      AND state IN ('entered', 'proposed', 'running', 'refusing')`.execute(trx);
    if (open.rows[0]) throw new Problem(k.openAlready, { id: open.rows[0].id });
    const made = await sql<{
      id: number;
    }>`INSERT INTO erasure.matter (state, ground, document, norm, mask, digest, received, due, entered_by, entered_at)
      VALUES ('entered', ${body.ground}, ${body.document}, ${norm}, ${mask('citizen-id', number)}, ${ports.erasing.digest(norm)},
        ${body.received}, ${due}, ${who.login}, ${at}) RETURNING id`.execute(trx);
    const { id } = made.rows[0]!;
    await note(ports, trx, id, 'enter', who, { detail: { ground: body.ground, norm } });
    await ports.jobs.submit('erasure.look', { matter: id }, { unique: `erasure-look-${id}`, trx });
    return id;
  });
}

/** Looks again: data may have come since. */
export const lookAgain = (ports: ErasurePorts, id: number, who: Principal): Promise<void> =>
  ports.db.tx(async (trx) => {
    const m = await matterOf(trx, id, true);
    inState(m, 'entered');
    await sql`UPDATE erasure.matter SET looked_at = NULL WHERE id = ${id}`.execute(trx);
    await note(ports, trx, id, 'look', who);
    await ports.jobs.submit('erasure.look', { matter: id }, { unique: `erasure-look-${id}`, trx });
  });

/** Proposes what is to happen; classes that are not named follow their declaration. */
export const propose = (ports: ErasurePorts, id: number, body: ProposeBody, who: Principal): Promise<void> =>
  ports.db.tx(async (trx) => {
    const m = await matterOf(trx, id, true);
    inState(m, 'entered');
    if (!m.looked_at) throw new Problem(k.notLooked);
    const held = await sql<{
      source: string;
    }>`SELECT DISTINCT source FROM erasure.holding WHERE matter = ${id} AND source IS NOT NULL`.execute(trx);
    const known = new Set(held.rows.map((r) => r.source));
    for (const d of body.decisions)
      if (!known.has(d.source)) throw new Problem(k.unknownClass, { source: d.source }, { field: 'decisions' });
    await sql`DELETE FROM erasure.decision WHERE matter = ${id}`.execute(trx);
    for (const d of body.decisions)
      await sql`INSERT INTO erasure.decision (matter, source, action, reason) VALUES (${id}, ${d.source}, ${d.action}, ${d.reason})`.execute(
        trx,
      );
    await sql`UPDATE erasure.matter SET state = 'proposed', proposed_by = ${who.login}, proposed_at = ${ports.clock.now()} WHERE id = ${id}`.execute(
      trx,
    );
    await note(ports, trx, id, 'propose', who, {
      detail: { decisions: body.decisions.map((d) => `${d.source}: ${d.action}`) },
    });
    await tellApprover(ports, trx, id);
  });

/** Proposes to refuse it, with reasons; a second person confirms that as well. */
export const proposeRefusal = (ports: ErasurePorts, id: number, body: RefuseBody, who: Principal): Promise<void> =>
  ports.db.tx(async (trx) => {
    const m = await matterOf(trx, id, true);
    inState(m, 'entered');
    await sql`UPDATE erasure.matter SET state = 'refusing', proposed_by = ${who.login}, proposed_at = ${ports.clock.now()},
      refusal = ${JSON.stringify(body)}::jsonb WHERE id = ${id}`.execute(trx);
    await note(ports, trx, id, 'propose-refusal', who, { comment: body.reason });
    await tellApprover(ports, trx, id);
  });

/** Approves what was proposed: the erasure begins, or the refusal stands. */
export const approve = (ports: ErasurePorts, id: number, who: Principal): Promise<void> =>
  ports.db.tx(async (trx) => {
    const m = await matterOf(trx, id, true);
    inState(m, 'proposed', 'refusing');
    if (who.login === m.proposed_by || who.login === m.entered_by) throw new Problem(k.ownProposal);
    const at = ports.clock.now();
    await ports.notices.withdraw(trx, { kind: 'erasure.approval', about: `erasure/${id}` });
    if (m.state === 'refusing') {
      await sql`UPDATE erasure.matter SET state = 'refused', decided_by = ${who.login}, decided_at = ${at}, closed_at = ${at}, mask = NULL
        WHERE id = ${id}`.execute(trx);
      await note(ports, trx, id, 'refuse', who);
      await ports.notices.withdraw(trx, { kind: 'erasure.overdue', about: `erasure/${id}` });
      return;
    }
    const job = await ports.jobs.submit('erasure.run', { matter: id }, { unique: `erasure-${id}`, trx });
    await sql`UPDATE erasure.matter SET state = 'running', decided_by = ${who.login}, decided_at = ${at}, job = ${job} WHERE id = ${id}`.execute(
      trx,
    );
    await note(ports, trx, id, 'approve', who);
  });

/** Sends it back to who proposed it. */
export const sendBack = (ports: ErasurePorts, id: number, comment: string, who: Principal): Promise<void> =>
  ports.db.tx(async (trx) => {
    const m = await matterOf(trx, id, true);
    inState(m, 'proposed', 'refusing');
    await sql`UPDATE erasure.matter SET state = 'entered', proposed_by = NULL, proposed_at = NULL, refusal = NULL WHERE id = ${id}`.execute(
      trx,
    );
    await note(ports, trx, id, 'send-back', who, { comment });
    await ports.notices.withdraw(trx, { kind: 'erasure.approval', about: `erasure/${id}` });
    await ports.notices.tell(trx, {
      ...{
        key: `erasure.matter/${id}/back/${ports.clock.now().getTime()}`,
        kind: 'erasure.matter',
        about: `erasure/${id}`,
        link: `/erasure/${id}`,
      },
      to: [{ role: 'data-steward' }],
      title: { zh: `删除事项 ${id} 被退回`, en: `Erasure ${id} was sent back` },
      text: { zh: '审批人退回了该事项，请修改后重新提出。', en: 'It was sent back: change it and propose it again.' },
    });
  });

/** Takes back what was not approved. */
export const withdraw = (ports: ErasurePorts, id: number, comment: string, who: Principal): Promise<void> =>
  ports.db.tx(async (trx) => {
    const m = await matterOf(trx, id, true);
    inState(m, 'entered', 'proposed', 'refusing');
    await sql`UPDATE erasure.matter SET state = 'withdrawn', closed_at = ${ports.clock.now()}, mask = NULL WHERE id = ${id}`.execute(
      trx,
    );
    await sql`DELETE FROM erasure.holding WHERE matter = ${id}`.execute(trx);
    await note(ports, trx, id, 'withdraw', who, { comment });
    for (const kind of ['erasure.approval', 'erasure.overdue'] as const)
      await ports.notices.withdraw(trx, { kind, about: `erasure/${id}` });
  });

/** Begins again what failed. */
export const resume = (ports: ErasurePorts, id: number, who: Principal): Promise<void> =>
  ports.db.tx(async (trx) => {
    const m = await matterOf(trx, id, true);
    inState(m, 'running');
    const job = await ports.jobs.submit('erasure.run', { matter: id }, { unique: `erasure-${id}`, trx });
    await sql`UPDATE erasure.matter SET job = ${job}, problem = NULL WHERE id = ${id}`.execute(trx);
    await note(ports, trx, id, 'resume', who);
  });

const tellApprover = (ports: ErasurePorts, trx: Trx, id: number): Promise<void> =>
  ports.notices.tell(trx, {
    ...{
      key: `erasure.approval/${id}/${ports.clock.now().getTime()}`,
      kind: 'erasure.approval',
      about: `erasure/${id}`,
      link: `/erasure/${id}`,
    },
    to: [{ role: 'security-admin' }],
    title: { zh: `删除事项 ${id} 待审批`, en: `Erasure ${id} waits for your approval` },
    text: {
      zh: '请核对依据、持有情况和拟定处理后审批。',
      en: 'Look at the ground, what is held and what is proposed.',
    },
  });
