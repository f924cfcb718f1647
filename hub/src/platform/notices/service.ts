/** Notices of one hub: the outbox, who hears, the ways out, and what runs by itself. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { type Principal, permissionsOf } from '../auth/principal.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/index.ts';
import type { Db } from '../db/index.ts';
import type { Lake } from '../lake/index.ts';
import { CityCalendar, CityHours } from '../law/index.ts';
import type { Logger } from '../log/index.ts';
import { Networks } from '../networks/index.ts';
import { Repeated } from '../repeat.ts';
import type { AuditPort, VaultPort } from '../room.ts';
import { Sealer } from '../vault/sealer.ts';
import type { Channel } from './channels/channel.ts';
import { type DeclaredChannel, readChannels } from './channels/declaration.ts';
import { MAIL, Mail } from './channels/mail.ts';
import { Webhook } from './channels/webhook.ts';
import { bundle, Sender, takeUp } from './deliver.ts';
import { dispatch } from './dispatch.ts';
import { unreadOf } from './inbox.ts';
import { expire, Outbox } from './outbox.ts';
import type { NoticePort } from './port.ts';
import { type Phones, Preferences } from './preferences.ts';
import { NoticeStream } from './stream.ts';

/** What notices stand on. */
export interface NoticeContext {
  db: Db;
  clock: Clock;
  log: Logger;
  audit: AuditPort;
  config: Config;
  /** Folders of cities' declarations and of declared channels. */
  folders: { cities: string; channels: string };
  /** 32 bytes, under which addresses are sealed. */
  secretKey: Uint8Array;
  phones: Phones;
  /** Where the hub is reached, without a slash at its end. */
  url(): string;
}

/** Milliseconds between two looks: while something was just told, and otherwise. */
const QUICK = 250;
const LOOK = 5_000;
/** For so long after something was told it is looked for quickly: its transaction may end later. */
const HOT = 15_000;
/** Milliseconds between two looks at what is over and what has been kept long enough. */
const SWEEP = 60_000;
const LOOPBACK = ['127.0.0.0/8', '::1/128'];
const DAY = 86_400_000;

/** Telephone numbers by the vault; each that is sent to is written down in the audit. */
export function vaultPhones(lake: Lake, vault: VaultPort): Phones {
  const hub: Principal = {
    ...{ userId: 'hub', login: 'hub', name: 'hub', organisation: null, roles: [], sessionId: 'hub' },
    ...{ permissions: permissionsOf([]).add('vault.reveal'), purpose: '发送通知' },
  };
  return {
    async keep(number) {
      await lake.session(async (s) => {
        await s.run('CREATE OR REPLACE TEMP TABLE notice_phone AS SELECT $n::VARCHAR AS original', { n: number });
        await vault.stageTokens(s, 'phone', 'SELECT original FROM notice_phone', 'notice_phone_token');
      });
      return vault.tokenOf('phone', number);
    },
    mask: async (token) => (await vault.masks([token])).get(token) ?? null,
    reveal: async (token) => (await vault.reveal([token], hub, '发送通知')).get(token) ?? null,
  };
}

/** Notices as the hub composes them. */
export class Notices {
  readonly context: NoticeContext;
  readonly outbox: Outbox;
  readonly preferences: Preferences;
  readonly stream = new NoticeStream();
  readonly sender: Sender;
  readonly #channels = new Map<string, Channel>();
  readonly #declared: DeclaredChannel[];
  readonly #dispatching: Repeated;
  readonly #sending: Repeated;
  readonly #sweeping: Repeated;
  readonly #worker = randomUUID();
  readonly #calendar: CityCalendar;
  readonly #hours: CityHours;
  #timer: NodeJS.Timeout | undefined;
  #hotUntil = 0;
  #lookedAt = 0;
  #started = false;

  constructor(context: NoticeContext) {
    this.context = context;
    const { db, clock, log, config, folders, audit } = context;
    this.#calendar = new CityCalendar(folders.cities, config.city);
    this.#hours = new CityHours(folders.cities, config.city);
    this.outbox = new Outbox({ clock, kysely: () => db.kysely, woken: () => this.#hot() });
    this.preferences = new Preferences({
      ...{ db, clock, audit, sealer: new Sealer(context.secretKey), phones: context.phones },
      domains: config.notices.mail?.domains ?? [],
    });
    this.#declared = readChannels(folders.channels, config.secrets);
    this.#openChannels();
    this.sender = new Sender({
      ...{ db, clock, log, worker: this.#worker, random: Math.random },
      channels: () => this.#channels,
      addressOf: (account, channel) => this.preferences.addressOf(account, channel.address),
      base: () => context.url(),
      host: () => this.host(),
    });
    const failed = (what: string) => (error: unknown) => log.error({ err: error }, what);
    this.#dispatching = new Repeated(() => this.dispatch(), failed('notices could not be dispatched'));
    this.#sending = new Repeated(() => this.send(), failed('notices could not be sent'));
    this.#sweeping = new Repeated(() => this.sweep(), failed('notices could not be looked through'));
  }

  /** What rooms are given. */
  get port(): NoticePort {
    return this.outbox;
  }

  /** Channels that are open, by name. */
  get channels(): ReadonlyMap<string, Channel> {
    return this.#channels;
  }

  /** Channels as their files declare them. */
  get declared(): readonly DeclaredChannel[] {
    return this.#declared;
  }

  #openChannels(): void {
    const { config, log } = this.context;
    const { mail, networks } = config.notices;
    if (mail) {
      const secret = mail.secret ? config.secrets[mail.secret] : undefined;
      const login = secret?.kind === 'basic' ? { user: secret.user, pass: secret.password } : null;
      if (mail.secret && !login)
        log.error({ setting: 'notices.mail.secret' }, 'mail: no such credential of kind basic');
      else this.#channels.set(MAIL, new Mail(mail, login));
    }
    const allowed = new Networks([...networks, ...(config.demo.enabled ? LOOPBACK : [])]);
    for (const { name, declaration, problems } of this.#declared) {
      for (const problem of problems) log.error({ problem: problem.toJSON() }, problem.message);
      if (declaration?.enabled && !problems.length)
        this.#channels.set(name, new Webhook(name, declaration, config.secrets, allowed));
    }
  }

  /** Ids of messages end with it; the same over restarts. */
  host(): string {
    const { config } = this.context;
    const domain = config.notices.mail?.from.split('@').at(-1);
    return `${config.city}.${domain ?? 'jingwei.invalid'}`;
  }

  #hot(): void {
    this.#hotUntil = performance.now() + HOT;
  }

  /** Gives every matter that waits to whom it is for, escalates what nobody heard, bundles digests; once. */
  async dispatch(): Promise<number> {
    const { db, clock, config } = this.context;
    const n = await dispatch({
      ...{ db, clock, outbox: this.outbox, demo: config.demo.enabled },
      ...{
        channels: () => this.#channels,
        calendar: () => this.#calendar.current(),
        hours: () => this.#hours.current(),
      },
      changed: (accounts) => {
        for (const account of accounts) void this.told(account);
      },
    });
    const digests = await bundle({ db, clock });
    if ((n || digests) && this.#started) void this.#sending.look();
    return n;
  }

  /** Sends what is due; once. */
  send(): Promise<number> {
    return this.sender.look();
  }

  /** Settles what is over, removes what has been kept long enough. */
  async sweep(): Promise<void> {
    const { db, clock, config } = this.context;
    const now = clock.now();
    await db.tx((trx) => expire(trx, now));
    const before = new Date(now.getTime() - config.notices.keepDays * DAY);
    await db.tx(async (trx) => {
      const old = sql`SELECT id FROM notices.matter WHERE settled_at < ${before} AND title <> '{}' ORDER BY id LIMIT 500`;
      const gone = sql`SELECT n.id FROM notices.notice n WHERE n.matter IN (${old})`;
      const sent = sql`SELECT d.id FROM notices.delivery d WHERE d.notice IN (${gone})`;
      await sql`DELETE FROM notices.attempt WHERE delivery IN (${sent})`.execute(trx);
      await sql`DELETE FROM notices.delivery WHERE notice IN (${gone})`.execute(trx);
      await sql`DELETE FROM notices.notice WHERE matter IN (${old})`.execute(trx);
      // The key stays: what was told once is never told again, however long ago.
      await sql`UPDATE notices.matter SET title = '{}', text = '{}', recipients = '[]' WHERE id IN (${old})`.execute(
        trx,
      );
    });
  }

  /** Tells the live listeners of an account what is unread now. */
  async told(account: string): Promise<void> {
    if (!this.stream.hears(account)) return;
    try {
      this.stream.tell(account, await unreadOf(this.context.db, account));
    } catch (error) {
      this.context.log.warn({ err: error }, 'the live count of notices could not be told');
    }
  }

  /** Takes up what an earlier process left, then looks by itself. */
  async start(): Promise<void> {
    const { db, clock, log } = this.context;
    const left = await takeUp({ db, clock, worker: this.#worker });
    if (left.safe + left.uncertain > 0) log.warn(left, 'notices that an earlier process was sending are taken up');
    this.#started = true;
    this.#sweeping.start(SWEEP);
    this.#timer = setInterval(() => {
      const now = performance.now();
      if (now > this.#hotUntil && now - this.#lookedAt < LOOK) return;
      this.#lookedAt = now;
      void this.#dispatching.look();
      void this.#sending.look();
    }, QUICK);
    this.#timer.unref();
  }

  /** Ends it: what is being sent is sent to its end, the rest waits for the next start. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.stream.close();
    this.sender.stop();
    await this.#dispatching.stop();
    await this.#sending.stop();
    await this.#sweeping.stop();
    for (const channel of this.#channels.values()) await channel.close();
  }
}
