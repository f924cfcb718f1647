/**
 * Nobody on duty (无人值守): never silently skipped. The deputy of a shift, the alternates of the role, the city's command
 * centre and its posts' superiors are told in this order; the gap stands on the board until somebody has taken it on.
 */
import { type Kysely, sql } from 'kysely';
import type { Principal } from '../platform/auth/principal.ts';
import type { AnyTables } from '../platform/db/index.ts';
import { Problem } from '../platform/problem.ts';
import { onDuty, type PostRow } from './duty.ts';
import { act, type LogWriter } from './log.ts';
import { send } from './messages.ts';
import { type Actor, actorOf, type CommandDeps, nameOf } from './ports.ts';
import * as k from './problems.ts';
import type { Both } from './pure/index.ts';

/** The city's own watch: every gap ends there. */
export const CENTRE = 'centre';

export interface GapRow {
  id: number;
  operation: number;
  organisation: string;
  found_at: Date;
  told: { kind: 'organisation' | 'post'; id: string; onDuty: string[] }[];
  ended_at: Date | null;
  ended_by: string | null;
  note: string | null;
}

export const gapsOf = async (db: Kysely<AnyTables>, operation: number): Promise<GapRow[]> =>
  (await sql<GapRow>`SELECT * FROM command.gap WHERE operation = ${operation} ORDER BY id`.execute(db)).rows;

/** Tells of an organisation that has nobody on duty, once for each operation while the gap is open. */
export async function tellGap(
  deps: CommandDeps,
  trx: Kysely<AnyTables>,
  log: LogWriter,
  organisation: string,
  alternates: readonly string[],
  title: Both,
): Promise<void> {
  const o = log.operation;
  const duty = await onDuty(trx, log.at);
  const { rows: known } = await sql<PostRow>`SELECT * FROM command.post WHERE active`.execute(trx);
  const told: GapRow['told'] = alternates.map((id) => ({
    kind: 'organisation',
    id,
    onDuty: duty.filter((d) => d.organisation === id).map((d) => d.person),
  }));
  // Posts: the organisation's own lead up, and the centre is always among them.
  const chain = new Set<string>();
  for (const own of known.filter((p) => p.organisation === organisation))
    for (
      let up = own.escalate_to;
      up !== null && !chain.has(up);
      up = known.find((p) => p.id === up)?.escalate_to ?? null
    )
      chain.add(up);
  chain.add(CENTRE);
  for (const id of chain)
    told.push({ kind: 'post', id, onDuty: duty.filter((d) => d.post === id).map((d) => d.person) });
  const { rows } = await sql<{ id: number }>`INSERT INTO command.gap (operation, organisation, found_at, told)
    VALUES (${o.id}, ${organisation}, ${log.at}, ${JSON.stringify(told)}::jsonb)
    ON CONFLICT (operation, organisation) WHERE ended_at IS NULL DO NOTHING RETURNING id`.execute(trx);
  if (!rows[0]) return;
  const name = nameOf(deps, organisation);
  const nobody = told.every((t) => !t.onDuty.length);
  const text = {
    zh: `${name.zh}无人值班，任务“${title.zh}”无人承接，已上报${nobody ? '；上级岗位同样无人在岗' : ''}`,
    en: `Nobody is on duty at ${name.en} for "${title.en}"; told upwards${nobody ? ', where nobody is on duty either' : ''}`,
  };
  await log.say({ kind: 'unmanned', text, detail: { gap: rows[0].id, organisation, told } });
  for (const t of told)
    await send(
      trx,
      {
        ...{ key: `gap/${rows[0].id}/${t.kind}/${t.id}`, operation: o.id, exercise: o.exercise, kind: 'escalation' },
        ...{
          to: t.kind === 'post' ? { post: t.id } : { organisation: t.id },
          title: { zh: '值守缺口', en: 'Nobody on duty' },
          text,
        },
      },
      log.at,
    );
}

async function endGap(deps: CommandDeps, gap: GapRow, by: Actor, note: string): Promise<void> {
  await act(deps, gap.operation, by, async (log, trx) => {
    const { rows } = await sql`UPDATE command.gap SET ended_at = ${log.at}, ended_by = ${by.name}, note = ${note}
      WHERE id = ${gap.id} AND ended_at IS NULL RETURNING id`.execute(trx);
    if (!rows.length) throw new Problem(k.gapUnknown, { id: gap.id });
    const name = nameOf(deps, gap.organisation);
    await log.say({
      kind: 'manned',
      text: { zh: `${name.zh}值守缺口已补：${note}`, en: `${name.en} is manned again: ${note}` },
      detail: { gap: gap.id, organisation: gap.organisation },
    });
  });
}

/** A person has found somebody. */
export async function coverGap(deps: CommandDeps, id: number, note: string, who: Principal): Promise<void> {
  const { rows } = await sql<GapRow>`SELECT * FROM command.gap WHERE id = ${id}`.execute(deps.db.kysely);
  if (!rows[0] || rows[0].ended_at) throw new Problem(k.gapUnknown, { id });
  await endGap(deps, rows[0], actorOf(who), note);
}

/** Gaps that have closed by themselves (a shift began, somebody reported), and organisations that lost their duty meanwhile. */
export async function lookAtGaps(deps: CommandDeps, by: Actor): Promise<void> {
  const duty = await onDuty(deps.db.kysely, deps.clock.now());
  const { rows } = await sql<GapRow>`SELECT g.* FROM command.gap g JOIN command.operation o ON o.id = g.operation
    AND o.state = 'running' WHERE g.ended_at IS NULL LIMIT 200`.execute(deps.db.kysely);
  for (const gap of rows) {
    const now = duty.find((d) => d.organisation === gap.organisation);
    if (now) await endGap(deps, gap, by, now.person).catch(passOver);
  }
  const { rows: open } = await sql<{
    operation: number;
    organisation: string;
    title: Both;
  }>`SELECT DISTINCT ON (t.operation, t.organisation)
      t.operation, t.organisation, t.title FROM command.task t JOIN command.operation o ON o.id = t.operation AND o.state = 'running'
    WHERE t.state IN ('sent', 'acknowledged', 'working') AND NOT EXISTS (SELECT 1 FROM command.gap g
      WHERE g.operation = t.operation AND g.organisation = t.organisation AND (g.ended_at IS NULL OR g.ended_by <> 'system'))
    LIMIT 500`.execute(deps.db.kysely);
  for (const t of open)
    if (!duty.some((d) => d.organisation === t.organisation))
      await act(deps, t.operation, by, (log, trx) => tellGap(deps, trx, log, t.organisation, [], t.title)).catch(
        passOver,
      );
}

/** Somebody else was faster, or the operation has ended. */
const passOver = (error: unknown): void => {
  if (!(error instanceof Problem)) throw error;
};
