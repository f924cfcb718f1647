/**
 * Sessions: an opaque random token in a cookie, kept as its hash; ended by idleness, by age, by the user, by an
 * administrator's act. Answers are kept for a few seconds in memory, since every request asks; whatever changes an
 * account or a session forgets them at once.
 */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { cityDay } from '../law/index.ts';
import { Problem } from '../problem.ts';
import { type PurposeRequest, purposeView, type SessionView } from './api.ts';
import { formersOf, type LentRole, lentTo } from './lent.ts';
import type { Principal } from './principal.ts';
import { noSession, notSuccessor } from './problems.ts';
import {
  type AccountRow,
  type AuthContext,
  type Executor,
  findAccount,
  grantsOf,
  newToken,
  principalOf,
  tokenHash,
} from './store.ts';

const FRESH = 5_000;
/** `last_seen` is written at most this often. */
const TOUCH = 30_000;
const DAY = 86_400_000;

/** A row of auth.session. */
export interface SessionRow {
  id: string;
  account: string;
  method: 'password' | 'oidc';
  address: string;
  agent: string;
  started_at: Date;
  last_seen: Date;
  ends_at: Date;
  purpose: unknown;
  /** The former organisation that it stands for, as it was chosen. */
  stands_for: string | null;
}

/** A living session with who is in it. */
export interface Living {
  principal: Principal;
  session: SessionRow;
  account: AccountRow;
  /** The password must be changed before anything else. */
  mustChange: boolean;
}

/** Where a sign-in comes from. */
export interface Origin {
  address: string;
  agent: string;
}

/** Days for which ended sessions are kept. */
const KEPT_DAYS = 90;

/** Begins, finds and ends sessions. */
export class Sessions {
  readonly #context: AuthContext;
  readonly #known = new Map<string, { living: Living; at: number }>();
  /** How often everything was forgotten: what was read before is not remembered after. */
  #forgotten = 0;

  constructor(context: AuthContext) {
    this.#context = context;
  }

  /** Begins a session of an account; answers the cookie's token and who is in. */
  async begin(account: AccountRow, method: SessionRow['method'], origin: Origin, trx: Executor) {
    const now = this.#context.clock.now();
    const token = newToken();
    const session: SessionRow = {
      id: randomUUID(),
      account: account.id,
      method,
      address: origin.address.slice(0, 100),
      agent: origin.agent.replaceAll('\0', '').slice(0, 300),
      started_at: now,
      last_seen: now,
      ends_at: new Date(now.getTime() + this.#context.config.sessionAbsoluteMinutes * 60_000),
      purpose: null,
      stands_for: null,
    };
    await sql`DELETE FROM auth.session
      WHERE account = ${account.id} AND ends_at < ${new Date(now.getTime() - KEPT_DAYS * DAY)}`.execute(trx);
    await sql`INSERT INTO auth.session (id, token_hash, account, method, address, agent, started_at, last_seen, ends_at)
      VALUES (${session.id}, ${tokenHash(token)}, ${account.id}, ${method}, ${session.address}, ${session.agent}, ${now},
        ${now}, ${session.ends_at})`.execute(trx);
    const living = this.#living(account, await grantsOf([account.id], trx), session, await this.#lent(account, trx));
    return { token, living };
  }

  /** The living session of a cookie's token, or null. */
  async find(token: string): Promise<Living | null> {
    const now = this.#context.clock.now().getTime();
    const known = this.#known.get(token);
    const forgotten = this.#forgotten;
    let living = known && now - known.at < FRESH ? known.living : await this.#load(token);
    if (living && !this.#alive(living.session, now)) living = null;
    if (!living) {
      this.#known.delete(token);
      return null;
    }
    if (known?.living !== living && forgotten === this.#forgotten) this.#remember(token, living, now);
    if (now - living.session.last_seen.getTime() >= TOUCH) {
      living.session.last_seen = new Date(now);
      await sql`UPDATE auth.session SET last_seen = ${living.session.last_seen}
        WHERE id = ${living.session.id}`.execute(this.#context.db.kysely);
    }
    return living;
  }

  #remember(token: string, living: Living, now: number): void {
    if (this.#known.size >= 10_000) this.#known.clear();
    this.#known.set(token, { living, at: now });
  }

  async #load(token: string): Promise<Living | null> {
    const { kysely } = this.#context.db;
    const found = await sql<SessionRow>`
      SELECT id, account, method, address, agent, started_at, last_seen, ends_at, purpose, stands_for FROM auth.session
      WHERE token_hash = ${tokenHash(token)} AND ended_at IS NULL`.execute(kysely);
    const session = found.rows[0];
    if (!session) return null;
    const account = await findAccount({ id: session.account }, kysely);
    if (!account || account.disabled || (account.demo && !this.#context.demo)) return null;
    // What was taken over may have gone on to another since it was chosen.
    if (session.stands_for && !(await formersOf(account.organisation, kysely)).includes(session.stands_for))
      session.stands_for = null;
    const lent = await this.#lent(account, kysely);
    return this.#living(account, await grantsOf([account.id], kysely), session, lent);
  }

  #lent(account: AccountRow, db: Executor): Promise<LentRole[]> {
    return lentTo([account.id], cityDay(this.#context.clock.now()), db);
  }

  #living(
    account: AccountRow,
    grants: Awaited<ReturnType<typeof grantsOf>>,
    session: SessionRow,
    lent: readonly LentRole[],
  ): Living {
    const { maxAgeDays } = this.#context.config.password;
    const age = this.#context.clock.now().getTime() - account.password_set_at.getTime();
    const mustChange =
      session.method === 'password' && (account.must_change || (maxAgeDays > 0 && age > maxAgeDays * DAY));
    const principal = principalOf(
      account,
      grants,
      { id: session.id, purpose: purposeLine(session.purpose), standsFor: session.stands_for },
      lent,
    );
    if (mustChange) principal.permissions.clear();
    return { principal, session, account, mustChange };
  }

  #alive(session: SessionRow, now: number): boolean {
    return now < session.ends_at.getTime() && now < this.idleUntil(session).getTime();
  }

  /** When a session ends if nothing more is asked in it. */
  idleUntil(session: SessionRow): Date {
    return new Date(session.last_seen.getTime() + this.#context.config.sessionIdleMinutes * 60_000);
  }

  /** A user's living sessions, the newest first. */
  async list(principal: Principal): Promise<SessionView[]> {
    const now = this.#context.clock.now().getTime();
    const found = await sql<SessionRow>`
      SELECT id, account, method, address, agent, started_at, last_seen, ends_at, purpose, stands_for FROM auth.session
      WHERE account = ${principal.userId} AND ended_at IS NULL ORDER BY started_at DESC LIMIT 200`.execute(
      this.#context.db.kysely,
    );
    return found.rows
      .filter((session) => this.#alive(session, now))
      .map((session) => ({
        id: session.id,
        method: session.method,
        address: session.address,
        agent: session.agent,
        startedAt: session.started_at.toISOString(),
        lastSeenAt: session.last_seen.toISOString(),
        endsAt: session.ends_at.toISOString(),
        current: session.id === principal.sessionId,
      }));
  }

  /** Ends one of the user's own sessions. */
  async end(principal: Principal, id: string): Promise<void> {
    await this.#context.db.tx(async (trx) => {
      const ended = await sql`UPDATE auth.session SET ended_at = ${this.#context.clock.now()}
        WHERE id = ${id} AND account = ${principal.userId} AND ended_at IS NULL RETURNING id`.execute(trx);
      if (ended.rows.length === 0) throw new Problem(noSession);
      const action = id === principal.sessionId ? 'auth.sign-out' : 'auth.session-end';
      await this.#context.audit.append({ actor: principal, action, object: `session/${id}`, outcome: 'ok' }, trx);
    });
    this.forget();
  }

  /** Ends all sessions of an account, but one. Call `forget` when the transaction is done. */
  async endAll(account: string, trx: Executor, except?: string): Promise<void> {
    await sql`UPDATE auth.session SET ended_at = ${this.#context.clock.now()}
      WHERE account = ${account} AND ended_at IS NULL AND id IS DISTINCT FROM ${except ?? null}::uuid`.execute(trx);
  }

  /** Chooses what this session looks at personal data for, or takes it back. */
  async setPurpose(principal: Principal, purpose: PurposeRequest | null): Promise<void> {
    const chosen = purpose && { ...purpose, chosenAt: this.#context.clock.now().toISOString() };
    await this.#context.db.tx(async (trx) => {
      await sql`UPDATE auth.session SET purpose = ${chosen ? JSON.stringify(chosen) : null}::jsonb
        WHERE id = ${principal.sessionId}`.execute(trx);
      await this.#context.audit.append(
        {
          actor: principal,
          action: 'auth.purpose',
          object: `session/${principal.sessionId}`,
          ...(chosen ? { purpose: purposeLine(chosen)! } : {}),
          outcome: 'ok',
          detail: { chosen: chosen !== null },
        },
        trx,
      );
    });
    this.forget();
  }

  /** Chooses the former organisation that this session stands for, or the account's own again. Problem `auth.not-successor`. */
  async standFor(principal: Principal, former: string | null): Promise<void> {
    await this.#context.db.tx(async (trx) => {
      const account = await findAccount({ id: principal.userId }, trx);
      if (former !== null && !(await formersOf(account?.organisation ?? null, trx)).includes(former))
        throw new Problem(notSuccessor, { organisation: former }, { field: 'organisation' });
      await sql`UPDATE auth.session SET stands_for = ${former} WHERE id = ${principal.sessionId}`.execute(trx);
      const object = `session/${principal.sessionId}`;
      const detail = { organisation: former };
      await this.#context.audit.append(
        { actor: principal, action: 'auth.stand-for', object, outcome: 'ok', detail },
        trx,
      );
    });
    this.forget();
  }

  /** Forgets what is remembered of sessions: after every change to accounts, roles or sessions. */
  forget(): void {
    this.#forgotten += 1;
    this.#known.clear();
  }
}

/** A purpose in one line: code, case, text. */
export function purposeLine(purpose: unknown): string | null {
  const parsed = purposeView.safeParse(purpose);
  return parsed.success ? `${parsed.data.code} · ${parsed.data.caseReference} · ${parsed.data.text}` : null;
}
