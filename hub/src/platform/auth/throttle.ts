/**
 * Lock-out after failed sign-ins, by login and by network address, with a delay that doubles with every further failure.
 * An attempt is counted before it is decided, so that many at once gain nothing; logins that do not exist are counted
 * and locked alike, so that a lock tells nothing. A browser that the user has signed in with before, and a session in
 * which the password is asked for again, are counted by themselves alone: strangers who lock a login do not lock out
 * the people it belongs to.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { senderOf } from '../http/networks.ts';
import { Problem } from '../problem.ts';
import { locked } from './problems.ts';
import type { AuthContext, Executor } from './store.ts';

const DAY = 86_400_000;
/** An address may be shared by an office: it has this many times the failures of one login. */
const ADDRESS_FACTOR = 6;

const HOUR = 3_600_000;

type Kind = 'login' | 'address' | 'browser' | 'session';

/** Whose attempt it is: anybody's from an address, a known browser's, or one inside a session. */
export type Attempt = { login: string; address: string; browser?: string | undefined } | { session: string };

/** Under what an attempt is counted. */
function counters(attempt: Attempt): [Kind, string][] {
  if ('session' in attempt) return [['session', attempt.session]];
  if (attempt.browser !== undefined) return [['browser', attempt.browser]];
  return [
    ['address', senderOf(attempt.address)],
    ['login', attempt.login],
  ];
}

/** Counts failures and answers locks. */
export class Throttle {
  readonly #context: AuthContext;
  /** When counters without a meaning any more were last removed. */
  #swept = 0;

  constructor(context: AuthContext) {
    this.#context = context;
  }

  /** Counts one attempt; a lock that is in force is a Problem. */
  async attempt(attempt: Attempt): Promise<void> {
    await this.#sweep();
    for (const [kind, value] of counters(attempt)) await this.#count(kind, value);
  }

  /** Removes what a day without failures has made meaningless: invented logins must not fill the table. */
  async #sweep(): Promise<void> {
    const now = this.#context.clock.now();
    if (now.getTime() - this.#swept < HOUR) return;
    this.#swept = now.getTime();
    await sql`DELETE FROM auth.failure WHERE last_at < ${new Date(now.getTime() - DAY)}
      AND (locked_until IS NULL OR locked_until <= ${now})`.execute(this.#context.db.kysely);
  }

  async #count(kind: Kind, value: string): Promise<void> {
    const { db, clock } = this.#context;
    const now = clock.now();
    const subject = subjectOf(kind, value);
    await db.tx(async (trx) => {
      const found = await sql<{ failures: number; last_at: Date; locked_until: Date | null }>`
        INSERT INTO auth.failure AS f (subject, failures, last_at) VALUES (${subject}, 0, ${now})
        ON CONFLICT (subject) DO UPDATE SET failures = f.failures
        RETURNING failures, last_at, locked_until`.execute(trx);
      const { failures, last_at, locked_until } = found.rows[0]!;
      if (locked_until && locked_until > now) throw new Problem(locked, { until: shown(locked_until) });
      const next = now.getTime() - last_at.getTime() > DAY ? 1 : failures + 1;
      await sql`UPDATE auth.failure SET failures = ${next}, last_at = ${now},
        locked_until = ${this.#lockAfter(kind, next, now)} WHERE subject = ${subject}`.execute(trx);
    });
  }

  #lockAfter(kind: Kind, failures: number, now: Date): Date | null {
    const { lockoutFailures, lockoutMinutes } = this.#context.config;
    const beyond = failures - lockoutFailures * (kind === 'address' ? ADDRESS_FACTOR : 1);
    if (beyond < 0) return null;
    return new Date(now.getTime() + Math.min(lockoutMinutes * 60_000 * 2 ** Math.min(beyond, 20), DAY));
  }

  /** The attempt was right: the login, browser or session starts afresh, the address gets its attempt back. */
  async succeeded(attempt: Attempt, trx: Executor): Promise<void> {
    for (const [kind, value] of counters(attempt)) {
      if (kind === 'address') await this.#giveBack(kind, value, trx);
      else await sql`DELETE FROM auth.failure WHERE subject = ${subjectOf(kind, value)}`.execute(trx);
    }
  }

  /** The attempt was right so far, or neither right nor wrong (a code is still to come): earlier failures stay counted. */
  async undecided(attempt: Attempt): Promise<void> {
    await this.#context.db.tx(async (trx) => {
      for (const [kind, value] of counters(attempt)) await this.#giveBack(kind, value, trx);
    });
  }

  async #giveBack(kind: Kind, value: string, trx: Executor): Promise<void> {
    await sql`UPDATE auth.failure SET failures = greatest(failures - 1, 0), locked_until = NULL
      WHERE subject = ${subjectOf(kind, value)}`.execute(trx);
  }

  /** Takes a login's lock away. */
  async unlock(login: string, trx: Executor): Promise<void> {
    await sql`DELETE FROM auth.failure WHERE subject = ${subjectOf('login', login)}`.execute(trx);
  }

  /** Until when logins are locked; those that are not are absent. */
  async locks(logins: readonly string[], db: Executor): Promise<Map<string, Date>> {
    const subjects = new Map(logins.map((login) => [Buffer.from(subjectOf('login', login)).toString('hex'), login]));
    if (subjects.size === 0) return new Map();
    const found = await sql<{ subject: string; locked_until: Date }>`
      SELECT encode(subject, 'hex') AS subject, locked_until FROM auth.failure
      WHERE locked_until > ${this.#context.clock.now()} AND encode(subject, 'hex') = ANY(${[...subjects.keys()]}::text[])`.execute(
      db,
    );
    return new Map(found.rows.map((row) => [subjects.get(row.subject)!, row.locked_until]));
  }
}

function subjectOf(kind: Kind, value: string): Uint8Array {
  return createHash('sha256').update(`${kind}:${value}`).digest();
}

/** An instant as people in the city read it. */
function shown(at: Date): string {
  return at.toLocaleString('sv-SE', { timeZone: 'Asia/Shanghai' });
}
