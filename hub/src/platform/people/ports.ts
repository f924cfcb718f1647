/** What the parts of people and organisations stand on, and what they share. */
import { type Kysely, sql } from 'kysely';
import type { Principal, Role } from '../auth/principal.ts';
import type { AccountRow } from '../auth/store.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/index.ts';
import type { AnyTables, Db } from '../db/index.ts';
import { cityDay } from '../law/index.ts';
import type { Logger } from '../log/index.ts';
import type { NoticePort } from '../notices/port.ts';
import { Problem } from '../problem.ts';
import type { AuditPort } from '../room.ts';
import type { HoldingKind } from './holdings.ts';
import { userUnknown } from './problems.ts';
import type { Organisation } from './register.ts';

export type Trx = Kysely<AnyTables>;

/** What sessions and accounts must do when people change. */
export interface AccountPort {
  /** Ends every session of an account, in the transaction. */
  endSessions(account: string, trx: Trx): Promise<void>;
  /** Refuses what leaves a kind of administrator without a working account; `after`: the roles that stay. */
  keepsAdministrators(account: AccountRow, after: readonly Role[], trx: Trx): Promise<void>;
  /** What is remembered of sessions is forgotten: after the commit. */
  forget(): void;
}

/** Surroundings of the service. */
export interface PeoplePorts {
  db: Db;
  clock: Clock;
  log: Logger;
  audit: AuditPort;
  notices: NoticePort;
  accounts: AccountPort;
  config: Config['people'];
  /** What the rooms say that people and organisations hold. */
  holdings: readonly HoldingKind[];
  /** The organisations that the city declares, as they are now. */
  declared(): readonly Organisation[];
}

/** Today in the city, `days` on or back. */
export const dayOf = (clock: Clock, days = 0): string => cityDay(new Date(clock.now().getTime() + days * 86_400_000));

/** Keeps an act of the audit. */
export const noted = (
  ports: PeoplePorts,
  actor: Principal | null,
  action: string,
  object: string,
  detail: Record<string, unknown>,
  trx: Trx,
): Promise<void> => ports.audit.append({ actor, action: `people.${action}`, object, outcome: 'ok', detail }, trx);

/** An account by its login; Problem `people.user-unknown`. */
export async function accountOf(by: { login: string } | { id: string }, trx: Trx, lock = false): Promise<AccountRow> {
  const which = 'login' in by ? sql`login = ${by.login}` : sql`id = ${by.id}::uuid`;
  const { rows } = await sql<AccountRow>`SELECT * FROM auth.account WHERE ${which}
    ${lock ? sql`FOR UPDATE` : sql``}`.execute(trx);
  if (!rows[0]) throw new Problem(userUnknown, { login: 'login' in by ? by.login : by.id });
  return rows[0];
}
