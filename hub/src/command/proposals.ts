/** Proposals (启动建议): an alert says which plan it would start, at which level. A person decides, always. */
import { type Kysely, sql } from 'kysely';
import type { Principal } from '../platform/auth/principal.ts';
import type { AnyTables } from '../platform/db/index.ts';
import { Problem } from '../platform/problem.ts';
import { levelName, levelNumber } from './declaration.ts';
import { CENTRE } from './gaps.ts';
import { act } from './log.ts';
import { send } from './messages.ts';
import { plansInForce } from './plans.ts';
import { type CommandDeps, system } from './ports.ts';
import * as k from './problems.ts';
import type { Both } from './pure/index.ts';

/** An alert as command looks at it, wherever it comes from. */
export interface Warning {
  /** Names the alert for ever. */
  key: string;
  /** Its event code, its rule, the type and property that it watches: any of them may stand in a plan's triggers. */
  codes: readonly string[];
  severity: 'blue' | 'yellow' | 'orange' | 'red';
  open: boolean;
  title: Both;
  lon: number | null;
  lat: number | null;
}

export interface ProposalRow {
  id: number;
  plan: string;
  level: number;
  alert: string;
  title: Both;
  reason: Both;
  lon: number | null;
  lat: number | null;
  made_at: Date;
  state: 'open' | 'started' | 'dismissed' | 'passed';
  operation: number | null;
  decided_by: string | null;
  note: string | null;
}

export const openProposals = async (db: Kysely<AnyTables>): Promise<ProposalRow[]> =>
  (
    await sql<ProposalRow>`SELECT * FROM command.proposal WHERE state = 'open' ORDER BY level, id DESC LIMIT 100`.execute(
      db,
    )
  ).rows;

/**
 * Takes note of alerts. One that fits a trigger becomes a proposal (once for plan, alert and level), or an entry in the log of
 * the operation that runs already; one that has ended takes its open proposals back.
 */
export async function heed(deps: CommandDeps, warnings: readonly Warning[]): Promise<number> {
  if (!warnings.length) return 0;
  const plans = await plansInForce(deps.db.kysely);
  let made = 0;
  for (const w of warnings) {
    const at = deps.clock.now();
    for (const { plan, declaration } of plans) {
      const fits = declaration.triggers.filter(
        (t) => t.severity.includes(w.severity) && t.codes.some((c) => w.codes.includes(c)),
      );
      if (!fits.length && w.open) continue;
      // Of several the highest level: a smaller number.
      const level = fits.length ? Math.min(...fits.map((t) => levelNumber[t.level])) : 0;
      await tellRunning(deps, plan, w, level).catch((error: unknown) => {
        if (!(error instanceof Problem)) throw error;
      });
      made += await deps.db.tx(async (trx) => {
        if (!w.open) {
          await sql`UPDATE command.proposal SET state = 'passed', decided_at = ${at} WHERE plan = ${plan} AND alert = ${w.key} AND state = 'open'`.execute(
            trx,
          );
          return 0;
        }
        const { rows: running } = await sql<{ level: number }>`SELECT level FROM command.operation WHERE plan = ${plan}
          AND state = 'running' AND NOT exercise ORDER BY level LIMIT 1`.execute(trx);
        if (running[0] && running[0].level <= level) return 0;
        const trigger = fits.find((t) => levelNumber[t.level] === level)!;
        const { rows } = await sql<{
          id: number;
        }>`INSERT INTO command.proposal (plan, level, alert, title, reason, lon, lat, made_at)
          VALUES (${plan}, ${level}, ${w.key}, ${JSON.stringify(w.title)}::jsonb, ${JSON.stringify(trigger.text)}::jsonb, ${w.lon}, ${w.lat}, ${at})
          ON CONFLICT DO NOTHING RETURNING id`.execute(trx);
        if (!rows[0]) return 0;
        const text = {
          zh: `${w.title.zh}：${trigger.text.zh}，建议启动${declaration.title.zh}${levelName[level]}级响应，请研判决定。`,
          en: `${w.title.en}: ${trigger.text.en}. ${declaration.title.en} level ${levelName[level]} is proposed: decide.`,
        };
        await send(
          trx,
          {
            key: `proposal/${rows[0].id}`,
            operation: null,
            exercise: false,
            to: { post: CENTRE },
            kind: 'proposal',
            title: declaration.title,
            text,
          },
          at,
        );
        return 1;
      });
    }
  }
  return made;
}

/** What concerns an operation under way stands in its log. */
async function tellRunning(deps: CommandDeps, plan: string, w: Warning, level: number): Promise<void> {
  const { rows } = await sql<{
    id: number;
  }>`SELECT id FROM command.operation WHERE plan = ${plan} AND state = 'running' AND NOT exercise`.execute(
    deps.db.kysely,
  );
  for (const { id } of rows)
    await act(deps, id, system, async (log, trx) => {
      const key = `alert/${w.key}/${w.open ? w.severity : 'ended'}`;
      if (await log.done(key)) return;
      if (!w.open) {
        // Its end is told only where its beginning was.
        const { rows: begun } =
          await sql`SELECT 1 FROM command.log WHERE operation = ${id} AND kind = 'alert' AND detail->>'key' = ${w.key} LIMIT 1`.execute(
            trx,
          );
        if (!begun.length) return;
      }
      await log.say({
        kind: 'alert',
        text: w.open
          ? { zh: `预警：${w.title.zh}`, en: `Alert: ${w.title.en}` }
          : { zh: `预警解除：${w.title.zh}`, en: `Alert over: ${w.title.en}` },
        detail: {
          key: w.key,
          title: w.title,
          level: w.severity,
          ended: !w.open,
          lon: w.lon,
          lat: w.lat,
          proposes: level || null,
        },
        key,
      });
    });
}

/** A person says no, with grounds. Problem `command.proposal.unknown`. */
export async function dismiss(deps: CommandDeps, id: number, note: string, who: Principal): Promise<void> {
  const { rows } =
    await sql`UPDATE command.proposal SET state = 'dismissed', decided_by = ${who.name}, decided_at = ${deps.clock.now()},
    note = ${note} WHERE id = ${id} AND state = 'open' RETURNING id`.execute(deps.db.kysely);
  if (!rows.length) throw new Problem(k.proposalUnknown, { id });
  await deps.audit.append({
    actor: who,
    action: 'command.proposal-dismiss',
    object: `proposal/${id}`,
    outcome: 'ok',
    detail: { note },
  });
}
