/** For tests: notices that are noted (of rooms), and notices on a store with people, a clock that stands and a channel of our own. */
import { randomUUID } from 'node:crypto';
import { nationalCalendar } from '@jingwei/codes';
import { sql } from 'kysely';
import { Audit, auditMigrations } from '../audit/index.ts';
import { authMigrations } from '../auth/index.ts';
import { type Principal, permissionsOf, type Role } from '../auth/principal.ts';
import { ManualClock } from '../clock.ts';
import type { Db, MigrationSet } from '../db/index.ts';
import { usualHours } from '../law/index.ts';
import { silentLogger } from '../log/index.ts';
import { Sealer } from '../vault/sealer.ts';
import { type Channel, failed, type Outcome, type Outgoing } from './channels/channel.ts';
import { bundle, Sender, takeUp } from './deliver.ts';
import { dispatch } from './dispatch.ts';
import { noticeMigrations } from './index.ts';
import { Outbox } from './outbox.ts';
import type { Deputyship, Notice, NoticePort, Trx } from './port.ts';
import { Preferences } from './preferences.ts';
import { sendProblems } from './problems.ts';
import { type Settings, settingsSchema } from './settings.ts';

/** Notes what is told and withdrawn; keeps nothing in the store. */
export class NotedNotices implements NoticePort {
  readonly told: Notice[] = [];
  readonly withdrawn: (string | { kind: string; about: string })[] = [];
  readonly sources: ((trx: Trx, day: string) => Promise<Deputyship[]>)[] = [];

  async tell(_trx: Trx, notices: Notice | readonly Notice[]): Promise<void> {
    for (const n of Array.isArray(notices) ? (notices as readonly Notice[]) : [notices as Notice]) {
      const i = this.told.findIndex((t) => t.key === n.key);
      if (i < 0) this.told.push(n);
      else this.told[i] = n;
    }
  }

  async withdraw(_trx: Trx, which: Parameters<NoticePort['withdraw']>[1]): Promise<void> {
    this.withdrawn.push(which);
  }

  async open(kind: Notice['kind']): Promise<Set<string>> {
    const over = (n: Notice) =>
      this.withdrawn.some((w) => (typeof w === 'string' ? w === n.key : w.kind === n.kind && w.about === n.about));
    return new Set(this.told.filter((n) => n.kind === kind && !over(n)).map((n) => n.about));
  }

  deputies(source: (trx: Trx, day: string) => Promise<Deputyship[]>): void {
    this.sources.push(source);
  }

  /** Keys of a kind, in the order in which they were told. */
  keys(kind: Notice['kind']): string[] {
    return this.told.filter((n) => n.kind === kind).map((n) => n.key);
  }
}

/** The tables that notices need. */
export const noticeSets: readonly MigrationSet[] = [auditMigrations, authMigrations, noticeMigrations];

/** A channel that notes what it is given and does as it is told. */
export class NotedChannel implements Channel {
  readonly title = { zh: '测试渠道', en: 'Test channel' };
  readonly perMinute = 1_000_000;
  readonly concurrency = 4;
  readonly sent: Outgoing[] = [];
  /** What becomes of a try; sent by default. */
  outcome: (message: Outgoing) => Outcome = () => ({ state: 'sent' });
  readonly name: string;
  readonly address: Channel['address'];

  constructor(name: string, address: Channel['address'] = 'mail') {
    this.name = name;
    this.address = address;
  }

  async send(message: Outgoing): Promise<Outcome> {
    await message.handing();
    const outcome = this.outcome(message);
    if (outcome.state === 'sent') this.sent.push(message);
    return outcome;
  }

  async close(): Promise<void> {}
}

/** A try that may pass by itself. */
export const passing = (): Outcome => failed(sendProblems.busy, { params: { status: 451 } });

/** Notices on an open store, on Monday 2 March 2026 at 10:00 in the city. */
export async function noticeBench(db: Db, channels: readonly Channel[] = [new NotedChannel('mail')]) {
  const clock = new ManualClock('2026-03-02T02:00:00Z');
  const outbox = new Outbox({ clock, kysely: () => db.kysely, woken: () => undefined });
  const preferences = new Preferences({
    ...{ db, clock, audit: new Audit(db, clock), sealer: new Sealer(new Uint8Array(32).fill(7)), domains: [] },
    phones: { keep: async (n) => `token-${n}`, mask: async () => '138****0000', reveal: async (t) => t.slice(6) },
  });
  const open = new Map(channels.map((c) => [c.name, c]));
  const sender = (worker: string) =>
    new Sender({
      ...{ db, clock, log: silentLogger(), worker, random: () => 0.5, channels: () => open },
      addressOf: (account, channel) => preferences.addressOf(account, channel.address),
      ...{ base: () => 'https://brain.example', host: () => 'cixi.example' },
    });
  const changed: string[] = [];
  const bench = {
    ...{ db, clock, outbox, preferences, open, changed },
    sender: sender('one'),
    /** Somebody with a role; `settings` and an address of mail when given. */
    async person(
      login: string,
      role: Role,
      organisation: string | null,
      more: { settings?: Partial<Settings>; mail?: string; phone?: string } = {},
    ): Promise<Principal> {
      const id = randomUUID();
      await sql`INSERT INTO auth.account (id, login, name, organisation, password_hash, password_set_at, must_change, created_at)
        VALUES (${id}::uuid, ${login}, ${login}, ${organisation}, '', now(), false, now())`.execute(db.kysely);
      await sql`INSERT INTO auth.role_grant (account, role, organisation, granted_at)
        VALUES (${id}::uuid, ${role}, ${organisation}, now())`.execute(db.kysely);
      const p: Principal = {
        ...{ userId: id, login, name: login, organisation, roles: [role], permissions: permissionsOf([role]) },
        ...{ sessionId: 's', purpose: null },
      };
      const { mail, phone } = more;
      if (more.settings || mail || phone)
        await preferences.keep(p, settingsSchema.parse(more.settings ?? {}), { mail, phone });
      return p;
    },
    dispatch: () =>
      dispatch({
        ...{
          db,
          clock,
          outbox,
          demo: false,
          channels: () => open,
          calendar: () => nationalCalendar,
          hours: () => usualHours,
        },
        changed: (accounts) => void changed.push(...accounts),
      }),
    bundle: () => bundle({ db, clock }),
    /** As after a kill: another process takes up what this one left. */
    async restart(): Promise<{ safe: number; uncertain: number }> {
      const worker = randomUUID();
      bench.sender = sender(worker);
      return takeUp({ db, clock, worker });
    },
    /** Dispatches and sends what is due now. */
    async look(): Promise<void> {
      await bench.dispatch();
      await bench.bundle();
      await bench.sender.look();
    },
    /** Takes everything away. */
    async clear(): Promise<void> {
      // Deleted, not truncated: an embedded store makes new files for what it truncates.
      for (const table of ['attempt', 'delivery', 'notice', 'matter', 'preference', 'leave'])
        await db.query(`DELETE FROM notices.${table}`);
      await db.query('DELETE FROM auth.role_grant');
      await db.query('DELETE FROM auth.account');
    },
  };
  await bench.clear();
  return bench;
}
export type NoticeBench = Awaited<ReturnType<typeof noticeBench>>;
