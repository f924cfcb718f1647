/** What a user does with their own account: sign in and out, password, authenticator. */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { Problem } from '../problem.ts';
import type { AuditEntry } from '../room.ts';
import { Sealer } from '../vault/sealer.ts';
import type { MeView, SignInRequest } from './api.ts';
import { purposeView } from './api.ts';
import { browserOf, knownBrowser } from './browsers.ts';
import { checkPolicy, hashPassword, scryptCost, verifyPassword } from './password.ts';
import type { Principal } from './principal.ts';
import {
  codeNeeded,
  codeWrong,
  currentWrong,
  disabledAccount,
  oidcUnknown,
  signInFailed,
  totpState,
  weak,
  weakReused,
} from './problems.ts';
import type { Living, Origin, Sessions } from './sessions.ts';
import { type AccountRow, type AuthContext, type Executor, findAccount, tokenHash } from './store.ts';
import type { Attempt, Throttle } from './throttle.ts';
import { matchingStep, newSecret, otpauthUrl } from './totp.ts';

const RECOVERY_CODES = 10;
const ISSUER = '经纬 Jingwei';

/** Signing in and the user's own credentials. */
export class Accounts {
  readonly #context: AuthContext;
  readonly #sessions: Sessions;
  readonly #throttle: Throttle;
  readonly #sealer: Sealer;
  /** Checked when there is no such login, so that the answer takes as long. */
  #decoy: Promise<string> | undefined;

  constructor(context: AuthContext, sessions: Sessions, throttle: Throttle) {
    this.#context = context;
    this.#sessions = sessions;
    this.#throttle = throttle;
    this.#sealer = new Sealer(context.secretKey);
  }

  /**
   * Signs in with password and, where the account has one, the authenticator's or a recovery code. Problems:
   * `auth.sign-in-failed` (login or password, without telling which), `auth.locked`, `auth.disabled`,
   * `auth.code-needed`, `auth.code-wrong`. `known` is what a browser keeps of an earlier sign-in; the answer has what
   * it is to keep of this one.
   */
  async signIn(
    request: SignInRequest,
    origin: Origin,
    known?: string,
  ): Promise<{ token: string; living: Living; known: string }> {
    const { db, secretKey } = this.#context;
    const login = request.login.trim().toLowerCase();
    const attempt: Attempt = { login, address: origin.address, browser: browserOf(secretKey, login, known) };
    const account = await findAccount({ login }, db.kysely);
    const refuse = async (problem: Problem) => {
      // Only a login that exists is named: what a stranger types there may be a password.
      const entry = {
        object: account ? `user/${account.login}` : 'user/?',
        detail: { ...origin, reason: problem.kind.code },
      };
      await this.#context.audit.append({ actor: null, action: 'auth.sign-in', outcome: 'refused', ...entry });
      return problem;
    };
    await this.#throttle.attempt(attempt).catch(async (error) => {
      throw error instanceof Problem ? await refuse(error) : error;
    });
    const stored = account?.password_hash ?? (await this.#decoyHash());
    const right = await verifyPassword(request.password, stored);
    if (!account || !right) throw await refuse(new Problem(signInFailed));
    if (account.disabled || (account.demo && !this.#context.demo)) throw await refuse(new Problem(disabledAccount));
    const code = request.code?.trim() ?? '';
    if (account.totp_confirmed && code === '') {
      await this.#throttle.undecided(attempt);
      throw new Problem(codeNeeded, {}, { field: 'code' });
    }
    const begun = await db.tx(async (trx) => {
      const locked = await findAccount({ id: account.id }, trx, true);
      // Disabled or given another password while this one was being checked: what was checked no longer counts.
      if (!locked || locked.disabled || locked.password_hash !== stored) return new Problem(signInFailed);
      if (locked.totp_confirmed && !(await this.#takeCode(locked, code, trx)))
        return new Problem(codeWrong, {}, { field: 'code' });
      await this.#throttle.succeeded(attempt, trx);
      return this.#enter(locked, 'password', origin, trx);
    });
    if (begun instanceof Problem) throw await refuse(begun);
    return { ...begun, known: knownBrowser(secretKey, login) };
  }

  /** Begins a session of an account whose owner another provider has confirmed. */
  signInConfirmed(account: AccountRow, origin: Origin): Promise<{ token: string; living: Living }> {
    return this.#context.db.tx(async (trx) => {
      const locked = await findAccount({ id: account.id }, trx, true);
      if (!locked || locked.disabled || locked.oidc_subject !== account.oidc_subject) throw new Problem(oidcUnknown);
      return this.#enter(locked, 'oidc', origin, trx);
    });
  }

  async #enter(account: AccountRow, method: 'password' | 'oidc', origin: Origin, trx: Executor) {
    await sql`UPDATE auth.account SET last_sign_in = ${this.#context.clock.now()} WHERE id = ${account.id}`.execute(
      trx,
    );
    const begun = await this.#sessions.begin(account, method, origin, trx);
    await this.#append(begun.living.principal, 'auth.sign-in', trx, { ...origin, method });
    return begun;
  }

  /** Takes a code of the authenticator, or a recovery code, once. */
  async #takeCode(account: AccountRow, code: string, trx: Executor): Promise<boolean> {
    const step = matchingStep(this.#secret(account), code, this.#context.clock.now(), account.totp_step);
    if (step !== undefined) {
      await sql`UPDATE auth.account SET totp_step = ${step} WHERE id = ${account.id}`.execute(trx);
      return true;
    }
    const taken = await sql`UPDATE auth.recovery_code SET used_at = ${this.#context.clock.now()}
      WHERE account = ${account.id} AND code_hash = ${recoveryHash(code)} AND used_at IS NULL RETURNING 1 AS taken`.execute(
      trx,
    );
    return taken.rows.length > 0;
  }

  #decoyHash(): Promise<string> {
    this.#decoy ??= this.hash(randomBytes(16).toString('base64'));
    return this.#decoy;
  }

  /** Hashes a password at the configured cost. */
  hash(password: string): Promise<string> {
    return hashPassword(password, this.#context.scryptCost ?? scryptCost);
  }

  /** Changes the user's own password, by the policy; the user's other sessions end. */
  async changePassword(living: Living, current: string, next: string): Promise<void> {
    const { account, principal } = living;
    const { policy, history } = {
      policy: this.#context.config.password,
      history: this.#context.config.password.history,
    };
    await this.#confirmPassword(living, current);
    checkPolicy(next, account.login, policy);
    const former = await sql<{ password_hash: string }>`
      SELECT password_hash FROM auth.password_history WHERE account = ${account.id} ORDER BY set_at DESC LIMIT ${history}`.execute(
      this.#context.db.kysely,
    );
    for (const stored of [account.password_hash, ...former.rows.map((row) => row.password_hash)]) {
      if (await verifyPassword(next, stored)) {
        throw new Problem(weak, {}, { field: 'next' }, [new Problem(weakReused, { count: Math.max(history, 1) })]);
      }
    }
    const stored = await this.hash(next);
    const now = this.#context.clock.now();
    await this.#context.db.tx(async (trx) => {
      const changed = await sql`UPDATE auth.account
        SET password_hash = ${stored}, password_set_at = ${now}, must_change = false
        WHERE id = ${account.id} AND password_hash = ${account.password_hash} RETURNING id`.execute(trx);
      // Somebody else changed it meanwhile: what was confirmed is no longer current.
      if (changed.rows.length === 0) throw new Problem(currentWrong, {}, { field: 'current' });
      await sql`INSERT INTO auth.password_history (account, password_hash, set_at)
        VALUES (${account.id}, ${account.password_hash}, ${now})`.execute(trx);
      await this.#sessions.endAll(account.id, trx, principal.sessionId);
      await this.#append(principal, 'auth.password-change', trx);
    });
    this.#sessions.forget();
  }

  /**
   * Asks for the password again; failures lock this session's further tries. A right one gives its own attempt back and
   * no more: codes that were guessed wrong stay counted.
   */
  async #confirmPassword({ account, session }: Living, password: string): Promise<void> {
    const attempt = { session: session.id };
    await this.#throttle.attempt(attempt);
    if (!(await verifyPassword(password, account.password_hash)))
      throw new Problem(currentWrong, {}, { field: 'current' });
    await this.#throttle.undecided(attempt);
  }

  /** Makes a secret for an authenticator; not in force until `confirmTotp`. */
  async enrolTotp(living: Living, password: string): Promise<{ secret: string; otpauthUrl: string }> {
    const { account, principal } = living;
    if (account.totp_confirmed) throw new Problem(totpState);
    await this.#confirmPassword(living, password);
    const secret = newSecret();
    const sealed = this.#sealer.seal([account.id], [secret]);
    await this.#context.db.tx(async (trx) => {
      const changed = await sql`UPDATE auth.account SET totp_salt = ${Buffer.from(sealed.salts, 'hex')},
        totp_secret = ${Buffer.from(sealed.ciphertexts, 'hex')}, totp_step = 0
        WHERE id = ${account.id} AND NOT totp_confirmed RETURNING id`.execute(trx);
      // Confirmed meanwhile: a secret in force is never replaced without a code.
      if (changed.rows.length === 0) throw new Problem(totpState);
      await this.#append(principal, 'auth.totp-enrol', trx);
    });
    this.#sessions.forget();
    return { secret, otpauthUrl: otpauthUrl(secret, account.login, ISSUER) };
  }

  /** Puts the authenticator in force by its first code; answers recovery codes, which are shown this once. */
  async confirmTotp(living: Living, code: string): Promise<string[]> {
    const { principal } = living;
    const codes = Array.from({ length: RECOVERY_CODES }, () =>
      randomBytes(10)
        .toString('hex')
        .replace(/.{5}(?!$)/g, '$&-'),
    );
    await this.#context.db.tx(async (trx) => {
      const account = await findAccount({ id: principal.userId }, trx, true);
      if (!account?.totp_secret || account.totp_confirmed) throw new Problem(totpState);
      const step = matchingStep(this.#secret(account), code, this.#context.clock.now(), account.totp_step);
      if (step === undefined) throw new Problem(codeWrong, {}, { field: 'code' });
      await sql`UPDATE auth.account SET totp_confirmed = true, totp_step = ${step} WHERE id = ${account.id}`.execute(
        trx,
      );
      await sql`DELETE FROM auth.recovery_code WHERE account = ${account.id}`.execute(trx);
      for (const one of codes) {
        await sql`INSERT INTO auth.recovery_code (account, code_hash) VALUES (${account.id}, ${recoveryHash(one)})`.execute(
          trx,
        );
      }
      await this.#append(principal, 'auth.totp-confirm', trx);
    });
    this.#sessions.forget();
    return codes;
  }

  /** Takes the authenticator away; asks for the password and a code. */
  async removeTotp(living: Living, password: string, code: string): Promise<void> {
    const { principal } = living;
    await this.#confirmPassword(living, password);
    await this.#throttle.attempt({ session: living.session.id });
    await this.#context.db.tx(async (trx) => {
      const account = await findAccount({ id: principal.userId }, trx, true);
      if (!account?.totp_confirmed) throw new Problem(totpState);
      if (!(await this.#takeCode(account, code.trim(), trx))) throw new Problem(codeWrong, {}, { field: 'code' });
      await clearTotp(account.id, trx);
      await this.#throttle.succeeded({ session: living.session.id }, trx);
      await this.#append(principal, 'auth.totp-remove', trx);
    });
    this.#sessions.forget();
  }

  #secret(account: AccountRow): string {
    if (!account.totp_secret || !account.totp_salt) return '';
    return this.#sealer.open([{ token: account.id, salt: account.totp_salt, ciphertext: account.totp_secret }])[0]!;
  }

  /** Everything about the user and this session. */
  async me(living: Living): Promise<MeView> {
    const { principal, session, account } = living;
    const left = await sql<{ n: number }>`
      SELECT count(*) AS n FROM auth.recovery_code WHERE account = ${account.id} AND used_at IS NULL`.execute(
      this.#context.db.kysely,
    );
    const purpose = purposeView.safeParse(session.purpose);
    return {
      user: { id: account.id, login: account.login, name: account.name, organisation: principal.organisation },
      roles: principal.roles,
      acting: [...(principal.acting ?? [])],
      standsFor: principal.ownOrganisation ? principal.organisation : null,
      permissions: [...principal.permissions].sort(),
      purpose: purpose.success ? purpose.data : null,
      session: {
        id: session.id,
        method: session.method,
        startedAt: session.started_at.toISOString(),
        idleUntil: this.#sessions.idleUntil(session).toISOString(),
        endsAt: session.ends_at.toISOString(),
      },
      mustChangePassword: living.mustChange,
      totp: { enabled: account.totp_confirmed, recoveryCodesLeft: left.rows[0]!.n },
      demo: this.#context.synthetic ?? this.#context.demo,
    };
  }

  #append(actor: Principal, action: string, trx: Executor, detail: AuditEntry['detail'] = {}): Promise<void> {
    return this.#context.audit.append({ actor, action, object: `user/${actor.login}`, outcome: 'ok', detail }, trx);
  }
}

/** Takes an account's authenticator and recovery codes away. */
export async function clearTotp(account: string, trx: Executor): Promise<void> {
  await sql`UPDATE auth.account SET totp_salt = NULL, totp_secret = NULL, totp_confirmed = false, totp_step = 0
    WHERE id = ${account}`.execute(trx);
  await sql`DELETE FROM auth.recovery_code WHERE account = ${account}`.execute(trx);
}

/** Recovery codes are compared without hyphens and in lower case. */
function recoveryHash(code: string): Uint8Array {
  return tokenHash(code.replace(/[^0-9a-fA-F]/g, '').toLowerCase());
}
