/** What passes between hubs, as it is kept. */
import { type Kysely, sql } from 'kysely';
import type { Principal } from '../../platform/auth/principal.ts';
import type { AnyTables } from '../../platform/db/index.ts';
import type { Bilingual } from '../../platform/i18n/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Content } from '../../sharing/index.ts';
import { unknownMatter } from '../problems.ts';

/** States of a request to another hub; from `received` on they are the other side's. */
export const states: Readonly<Record<string, Bilingual>> = {
  draft: { zh: '起草', en: 'Draft' },
  agreeing: { zh: '待本部门负责人同意', en: "Waiting for the own department's head" },
  passing: { zh: '报送中', en: 'Being passed on' },
  received: { zh: '对方办理中', en: 'With the other hub' },
  supplement: { zh: '需补充材料', en: 'To be supplemented' },
  deciding: { zh: '待对方负责人审定', en: "Waiting for the other side's head" },
  granted: { zh: '同意共享', en: 'Granted' },
  refused: { zh: '不同意共享', en: 'Refused' },
  withdrawn: { zh: '已撤回', en: 'Withdrawn' },
};

/** What the other side told of a request. */
export interface ToldState {
  missing?: string[];
  refusal?: { reason: string; ground: string } | null;
  clocks?: {
    deadline: string;
    due: string | null;
    days: number;
    state: string;
    overdue: boolean;
    ended: string | null;
  }[];
  share?: { id: number; state: string; until: string; items: string[]; frequency: string } | null;
}

/** A request that passes between hubs. */
export interface MatterRow {
  id: number;
  uid: string;
  direction: 'out' | 'in';
  peer: number;
  department: string;
  department_name: string;
  entry: string;
  title: string;
  remote_entry: number | null;
  state: string;
  version: number;
  content: Content;
  told: ToldState;
  request: number | null;
  digest: string | null;
  created_by: string;
  proposed_by: string | null;
  created_at: Date;
  passed_at: Date | null;
  ended_at: Date | null;
}

const columns = sql`id, uid, direction, peer, department, department_name, entry, title, remote_entry, state, version, content,
  told, request, digest, created_by, proposed_by, created_at, passed_at, ended_at`;
type Handle = Kysely<AnyTables>;

/** Matters that a condition holds for, the newest first. */
export const mattersWhere = async (db: Handle, where: ReturnType<typeof sql>, limit = 500): Promise<MatterRow[]> =>
  (await sql<MatterRow>`SELECT ${columns} FROM peers.matter WHERE ${where} ORDER BY id DESC LIMIT ${limit}`.execute(db))
    .rows;

/** Which matters are there for somebody: those of their department; all that left a department for who oversees. */
export const seenBy = (p: Principal) =>
  p.organisation === null
    ? sql`(direction = 'in' OR passed_at IS NOT NULL)`
    : sql`(direction = 'out' AND department = ${p.organisation})`;

/** One matter, for whom it is there. */
export async function matterFor(db: Handle, id: number, p: Principal | null): Promise<MatterRow> {
  const [row] = await mattersWhere(db, sql`id = ${id} AND ${p === null ? sql`true` : seenBy(p)}`);
  if (!row) throw new Problem(unknownMatter);
  return row;
}

/** One step of a matter. */
export async function keepStep(
  trx: Handle,
  matter: number,
  step: {
    action: string;
    to: string;
    side: 'here' | 'there' | 'hub';
    login?: string | null;
    comment?: string;
    detail?: object;
    at: Date;
  },
): Promise<void> {
  await sql`INSERT INTO peers.step (matter, action, to_state, side, login, comment, detail, at)
    VALUES (${matter}, ${step.action}, ${step.to}, ${step.side}, ${step.login ?? null}, ${step.comment || null},
      ${step.detail ? JSON.stringify(step.detail) : null}::jsonb, ${step.at})`.execute(trx);
}
