/**
 * What phones send after a time without a network: reports and steps, each under a key of its own and done once. What was answered before is
 * answered the same again; a step that is not possible any more is refused with its reason and kept, so that nobody wonders where it went.
 */
import { sql } from 'kysely';
import { z } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import { Problem } from '../platform/problem.ts';
import { act, stepBody } from './act.ts';
import { judged, reportBody, takeJudged } from './intake.ts';
import { digestOf } from './pictures.ts';
import { change, type EventPorts, type Trx } from './ports.ts';
import * as k from './problems.ts';
import { eventOf } from './store.ts';

const key = z.uuid();
export const operation = z.discriminatedUnion('kind', [
  z.strictObject({ key, kind: z.literal('report'), report: reportBody.omit({ key: true }) }),
  z.strictObject({ key, kind: z.literal('step'), event: z.int(), step: stepBody }),
]);
export const operationsBody = z.strictObject({ operations: z.array(operation).min(1).max(50) });
type Operation = z.output<typeof operation>;

/** What became of an operation. */
export interface Outcome {
  key: string;
  outcome: 'done' | 'refused';
  event: number | null;
  number: string | null;
  state: string | null;
  joined: boolean;
  code: string | null;
  message: { zh: string; en: string } | null;
}

/** Takes operations one after another, each in its own transaction. */
export async function operate(
  ports: EventPorts,
  operations: readonly Operation[],
  p: Principal,
): Promise<(Outcome & { again: boolean })[]> {
  const outcomes: (Outcome & { again: boolean })[] = [];
  for (const o of operations) outcomes.push(await once(ports, o, p));
  return outcomes;
}

async function kept(
  db: Trx,
  o: Operation,
  p: Principal,
  digest: string,
): Promise<(Outcome & { again: boolean }) | undefined> {
  const { rows } = await sql<{
    login: string;
    digest: string;
    answer: Outcome;
  }>`SELECT login, digest, answer FROM events.operation WHERE key = ${o.key}::uuid`.execute(db);
  if (!rows[0]) return undefined;
  if (rows[0].login !== p.login || rows[0].digest !== digest)
    return { ...refusal(o, new Problem(k.keyReused)), again: false };
  return { ...rows[0].answer, again: true };
}

const refusal = (o: Operation, problem: Problem): Outcome => ({
  ...{
    key: o.key,
    outcome: 'refused',
    event: o.kind === 'step' ? o.event : null,
    number: null,
    state: null,
    joined: false,
  },
  ...{ code: problem.kind.code, message: problem.toJSON().title },
});

async function once(ports: EventPorts, o: Operation, p: Principal): Promise<Outcome & { again: boolean }> {
  const digest = digestOf(o);
  const before = await kept(ports.db.kysely, o, p, digest);
  if (before) return before;
  await ports.matters.current();
  try {
    const ready = o.kind === 'report' ? await judged(ports, { ...o.report, key: o.key }) : undefined;
    let committed: (() => void) | undefined;
    const answer = await change(ports, async (trx) => {
      const meanwhile = await kept(trx, o, p, digest);
      if (meanwhile) return meanwhile;
      let outcome: Outcome;
      if (o.kind === 'report') {
        const taken = await takeJudged(trx, ports, ready!, { channel: 'grid', principal: p });
        committed = taken.committed;
        const { event, number, state, joined } = taken.received;
        outcome = { key: o.key, outcome: 'done', event, number, state, joined, code: null, message: null };
      } else {
        const e = await act(trx, ports, o.event, o.step, { principal: p });
        outcome = {
          key: o.key,
          outcome: 'done',
          event: e.id,
          number: e.number,
          state: e.state,
          joined: false,
          code: null,
          message: null,
        };
      }
      await keep(trx, ports, o, p, digest, outcome);
      return { ...outcome, again: false };
    });
    committed?.();
    return answer;
  } catch (error) {
    if (!(error instanceof Problem) || error.kind.status >= 500) throw error;
    const outcome = refusal(o, error);
    const number =
      o.kind === 'step' ? (await eventOf(ports.db.kysely, o.event).catch(() => undefined))?.number : undefined;
    return change(ports, async (trx) => {
      const meanwhile = await kept(trx, o, p, digest);
      if (meanwhile) return meanwhile;
      const told = { ...outcome, number: number ?? null };
      await keep(trx, ports, o, p, digest, told);
      return { ...told, again: false };
    });
  }
}

const keep = (trx: Trx, ports: EventPorts, o: Operation, p: Principal, digest: string, answer: Outcome) =>
  sql`INSERT INTO events.operation (key, login, digest, answer, at)
    VALUES (${o.key}::uuid, ${p.login}, ${digest}, ${JSON.stringify(answer)}::jsonb, ${ports.clock.now()})`.execute(
    trx,
  );
