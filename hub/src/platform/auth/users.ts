/** What administrators do with accounts: the system administrator makes and disables them, the security administrator
 * grants roles, unlocks and resets. Neither can do the other's part, nor act on their own account. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { Problem } from '../problem.ts';
import { type Accounts, clearTotp } from './accounts.ts';
import type { GrantsRequest, UserCreateRequest, UserPatch, UserQuery, UserView } from './api.ts';
import { keepHistory } from './history.ts';
import { oneTimePassword } from './password.ts';
import {
  administratorRoles,
  organisationRoles,
  type Principal,
  type Role,
  roleTitles,
  separationConflict,
} from './principal.ts';
import {
  bindingWithRoles,
  lastAdministrator,
  loginTaken,
  notSelf,
  noUser,
  organisationEnded,
  organisationNeeded,
  separation,
  subjectTaken,
} from './problems.ts';
import type { Sessions } from './sessions.ts';
import {
  type AccountRow,
  type AuthContext,
  type Executor,
  effective,
  findAccount,
  type GrantRow,
  grantsOf,
} from './store.ts';
import type { Throttle } from './throttle.ts';

/** Administration of accounts. */
export class Users {
  readonly #context: AuthContext;
  readonly #accounts: Accounts;
  readonly #sessions: Sessions;
  readonly #throttle: Throttle;

  constructor(context: AuthContext, accounts: Accounts, sessions: Sessions, throttle: Throttle) {
    this.#context = context;
    this.#accounts = accounts;
    this.#sessions = sessions;
    this.#throttle = throttle;
  }

  /** A page of accounts by login. */
  async list(query: UserQuery): Promise<{ items: UserView[]; next: string | null; total: number }> {
    const { kysely } = this.#context.db;
    const conditions = [sql`true`];
    if (query.q !== undefined) {
      const like = `%${query.q.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
      conditions.push(sql`(a.login LIKE ${like} OR lower(a.name) LIKE ${like})`);
    }
    if (query.organisation !== undefined) conditions.push(sql`a.organisation = ${query.organisation}`);
    if (query.role !== undefined) {
      conditions.push(
        sql`EXISTS (SELECT 1 FROM auth.role_grant AS g WHERE g.account = a.id AND g.role = ${query.role})`,
      );
    }
    const locks = sql`EXISTS (SELECT 1 FROM auth.failure AS f WHERE f.locked_until > ${this.#context.clock.now()}
      AND f.subject = sha256(convert_to('login:' || a.login, 'UTF8')))`;
    if (query.state === 'disabled') conditions.push(sql`a.disabled`);
    if (query.state === 'locked') conditions.push(locks);
    if (query.state === 'active') conditions.push(sql`NOT a.disabled AND NOT ${locks}`);
    const where = sql.join(conditions, sql` AND `);
    const total = await sql<{ n: number }>`SELECT count(*) AS n FROM auth.account AS a WHERE ${where}`.execute(kysely);
    const after = query.after === undefined ? sql`` : sql`AND a.login > ${query.after}`;
    const found = await sql<AccountRow>`SELECT a.* FROM auth.account AS a WHERE ${where} ${after}
      ORDER BY a.login LIMIT ${query.limit + 1}`.execute(kysely);
    const rows = found.rows.slice(0, query.limit);
    return {
      items: await this.#views(rows, kysely),
      next: found.rows.length > query.limit ? rows.at(-1)!.login : null,
      total: total.rows[0]!.n,
    };
  }

  /** One account. */
  async get(id: string): Promise<UserView> {
    const { kysely } = this.#context.db;
    return (await this.#views([await this.#account(id, kysely)], kysely))[0]!;
  }

  async #account(id: string, db: Executor, lock = false): Promise<AccountRow> {
    const account = await findAccount({ id }, db, lock);
    if (!account) throw new Problem(noUser);
    return account;
  }

  async #views(rows: readonly AccountRow[], db: Executor): Promise<UserView[]> {
    const grants = await grantsOf(
      rows.map((row) => row.id),
      db,
    );
    const locks = await this.#throttle.locks(
      rows.map((row) => row.login),
      db,
    );
    return rows.map((row) => ({
      id: row.id,
      login: row.login,
      name: row.name,
      organisation: row.organisation,
      disabled: row.disabled,
      lockedUntil: locks.get(row.login)?.toISOString() ?? null,
      mustChangePassword: row.must_change,
      totp: row.totp_confirmed,
      oidc: row.oidc_subject !== null,
      grants: grants.filter((grant) => grant.account === row.id).map((grant) => grantView(grant, row)),
      createdAt: row.created_at.toISOString(),
      lastSignInAt: row.last_sign_in?.toISOString() ?? null,
    }));
  }

  /** Makes an account without any role; answers its one-time password, which is kept nowhere. */
  async create(actor: Principal, request: UserCreateRequest): Promise<{ user: UserView; oneTimePassword: string }> {
    const password = oneTimePassword();
    const hash = await this.#accounts.hash(password);
    const id = randomUUID();
    const user = await this.#context.db.tx(async (trx) => {
      if (await findAccount({ login: request.login }, trx))
        throw new Problem(loginTaken, { login: request.login }, { field: 'login' });
      await this.#freeSubject(request.oidcSubject, id, trx);
      await this.#living(request.organisation, trx);
      const now = this.#context.clock.now();
      await sql`INSERT INTO auth.account
          (id, login, name, organisation, password_hash, password_set_at, must_change, oidc_subject, created_at)
        VALUES (${id}, ${request.login}, ${request.name}, ${request.organisation}, ${hash}, ${now}, true,
          ${request.oidcSubject ?? null}, ${now})`.execute(trx);
      await keepHistory(id, now, trx);
      await this.#append(actor, 'auth.user-create', request.login, trx, { organisation: request.organisation });
      return (await this.#views([await this.#account(id, trx)], trx))[0]!;
    });
    return { user, oneTimePassword: password };
  }

  /**
   * Changes name, organisation, provider's account, or disables and enables; disabling ends every session. The provider's
   * account of who holds roles stays as it is: whoever may change it could bind their own and act in those roles.
   */
  async patch(actor: Principal, id: string, patch: UserPatch): Promise<UserView> {
    const user = await this.#context.db.tx(async (trx) => {
      const account = await this.#account(id, trx, true);
      if (id === actor.userId && (patch.disabled !== undefined || patch.organisation !== undefined))
        throw new Problem(notSelf);
      await this.#freeSubject(patch.oidcSubject, id, trx);
      if (patch.organisation !== account.organisation) await this.#living(patch.organisation, trx);
      const next = { ...account, ...definedOnly({ ...patch, oidc_subject: patch.oidcSubject }) };
      const grants = await grantsOf([id], trx);
      if (next.oidc_subject !== account.oidc_subject && grants.length > 0)
        throw new Problem(bindingWithRoles, {}, { field: 'oidcSubject' });
      // A role bound to the former organisation ends with it, an administrator's too.
      const kept = next.disabled ? [] : grants.filter((grant) => effective(grant, next)).map((grant) => grant.role);
      await this.keepsAdministrators(account, kept, trx);
      await sql`UPDATE auth.account SET name = ${next.name}, organisation = ${next.organisation},
        disabled = ${next.disabled}, oidc_subject = ${next.oidc_subject} WHERE id = ${id}`.execute(trx);
      // Who moves signs in anew: what a session was begun with does not follow into another organisation.
      if (patch.disabled || next.organisation !== account.organisation) await this.#sessions.endAll(id, trx);
      await keepHistory(id, this.#context.clock.now(), trx);
      await this.#append(actor, 'auth.user-change', account.login, trx, {
        changed: Object.keys(patch).sort(),
        ...(patch.disabled === undefined ? {} : { disabled: patch.disabled }),
        ...(patch.organisation === undefined ? {} : { organisation: patch.organisation }),
      });
      return (await this.#views([await this.#account(id, trx)], trx))[0]!;
    });
    this.#sessions.forget();
    return user;
  }

  /** Nobody is put into an organisation that is no more. */
  async #living(organisation: string | null | undefined, trx: Executor): Promise<void> {
    if (!organisation) return;
    const ended = await sql`SELECT 1 FROM auth.succession WHERE former = ${organisation}`.execute(trx);
    if (ended.rows.length > 0) throw new Problem(organisationEnded, { organisation }, { field: 'organisation' });
  }

  async #freeSubject(subject: string | null | undefined, id: string, trx: Executor): Promise<void> {
    if (!subject) return;
    const taken = await sql`SELECT 1 FROM auth.account WHERE oidc_subject = ${subject} AND id <> ${id}`.execute(trx);
    if (taken.rows.length > 0) throw new Problem(subjectTaken, {}, { field: 'oidcSubject' });
  }

  /**
   * Sets the whole set of a user's roles. Problems: two roles that one person may not hold, a role without its
   * organisation, the own account, the last administrator of a kind.
   */
  async setGrants(actor: Principal, id: string, request: GrantsRequest): Promise<UserView> {
    if (id === actor.userId) throw new Problem(notSelf);
    const user = await this.#context.db.tx(async (trx) => {
      const account = await this.#account(id, trx, true);
      const before = await grantsOf([id], trx);
      const wanted = new Map(request.grants.map((grant) => [grant.role, grant.organisation]));
      const conflict = separationConflict([...wanted.keys()]);
      if (conflict) throw new Problem(separation, { a: titleOf(conflict[0]), b: titleOf(conflict[1]) });
      for (const [role, organisation] of wanted) {
        const bound = organisationRoles.includes(role);
        if ((bound || organisation !== null) && (organisation === null || organisation !== account.organisation)) {
          throw new Problem(organisationNeeded, { role: titleOf(role) }, { field: 'grants' });
        }
      }
      await this.keepsAdministrators(account, [...wanted.keys()], trx);
      const now = this.#context.clock.now();
      const gone = before.filter((grant) => wanted.get(grant.role) !== grant.organisation);
      for (const grant of gone)
        await sql`DELETE FROM auth.role_grant WHERE account = ${id} AND role = ${grant.role}`.execute(trx);
      for (const [role, organisation] of wanted) {
        await sql`INSERT INTO auth.role_grant (account, role, organisation, granted_at, granted_by)
          VALUES (${id}, ${role}, ${organisation}, ${now}, ${actor.login}) ON CONFLICT DO NOTHING`.execute(trx);
      }
      await keepHistory(id, now, trx);
      await this.#append(actor, 'auth.roles-change', account.login, trx, {
        before: before.map((grant) => grant.role),
        after: [...wanted.keys()].sort(),
        reason: request.reason,
      });
      return (await this.#views([account], trx))[0]!;
    });
    this.#sessions.forget();
    return user;
  }

  /** Refuses what would leave a kind of administrator without any working account. */
  async keepsAdministrators(account: AccountRow, after: readonly Role[], trx: Executor): Promise<void> {
    if (account.disabled) return;
    const held = (await grantsOf([account.id], trx))
      .filter((grant) => effective(grant, account))
      .map((grant) => grant.role);
    for (const role of held.filter((r) => administratorRoles.includes(r) && !after.includes(r))) {
      // The rows are locked so that two of them cannot be taken away at once, each counting on the other.
      const others = await sql`SELECT a.id FROM auth.account AS a JOIN auth.role_grant AS g ON g.account = a.id
        WHERE g.role = ${role} AND NOT a.disabled AND a.id <> ${account.id}
          AND (g.organisation IS NULL OR g.organisation = a.organisation) AND (NOT a.demo OR ${this.#context.demo})
        FOR UPDATE OF a`.execute(trx);
      if (others.rows.length === 0) throw new Problem(lastAdministrator, { role: titleOf(role) });
    }
  }

  /** Gives a new one-time password, ends every session, lifts the lock; on request takes the authenticator away. */
  async reset(actor: Principal | null, id: string, options: { removeTotp: boolean; reason: string }): Promise<string> {
    if (id === actor?.userId) throw new Problem(notSelf);
    const password = oneTimePassword();
    const hash = await this.#accounts.hash(password);
    await this.#context.db.tx(async (trx) => {
      const account = await this.#account(id, trx, true);
      const now = this.#context.clock.now();
      await sql`INSERT INTO auth.password_history (account, password_hash, set_at)
        VALUES (${id}, ${account.password_hash}, ${now})`.execute(trx);
      await sql`UPDATE auth.account SET password_hash = ${hash}, password_set_at = ${now}, must_change = true
        WHERE id = ${id}`.execute(trx);
      if (options.removeTotp) await clearTotp(id, trx);
      await this.#sessions.endAll(id, trx);
      await this.#throttle.unlock(account.login, trx);
      await this.#append(actor, 'auth.password-reset', account.login, trx, { ...options });
    });
    this.#sessions.forget();
    return password;
  }

  /** Lifts the lock that failed sign-ins have put on an account. */
  async unlock(actor: Principal, id: string, reason: string): Promise<void> {
    if (id === actor.userId) throw new Problem(notSelf);
    await this.#context.db.tx(async (trx) => {
      const account = await this.#account(id, trx);
      await this.#throttle.unlock(account.login, trx);
      await this.#append(actor, 'auth.unlock', account.login, trx, { reason });
    });
  }

  #append(
    actor: Principal | null,
    action: string,
    login: string,
    trx: Executor,
    detail: Record<string, unknown>,
  ): Promise<void> {
    return this.#context.audit.append({ actor, action, object: `user/${login}`, outcome: 'ok', detail }, trx);
  }
}

function grantView(grant: GrantRow, account: AccountRow): UserView['grants'][number] {
  return {
    role: grant.role,
    organisation: grant.organisation,
    grantedAt: grant.granted_at.toISOString(),
    grantedBy: grant.granted_by,
    effective: effective(grant, account),
  };
}

const titleOf = (role: Role): string => `${roleTitles[role].zh} (${role})`;

function definedOnly<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as never;
}
