/**
 * A person's settings, addresses and leave. Addresses of mail and work chat are sealed under a key of their own; a telephone number
 * is in the vault, here is its token.
 */
import { sql } from 'kysely';
import { colleagues } from '../auth/colleagues.ts';
import type { Principal } from '../auth/principal.ts';
import type { Clock } from '../clock.ts';
import type { Db } from '../db/index.ts';
import { cityDay } from '../law/index.ts';
import { Problem } from '../problem.ts';
import type { AuditPort } from '../room.ts';
import type { Sealer } from '../vault/sealer.ts';
import type { AddressKind } from './channels/channel.ts';
import { deputyUnknown, leaveOverlap, leavePeriod, leaveUnknown, mailDomain } from './problems.ts';
import { defaultSettings, pruned, type Settings, settingsSchema } from './settings.ts';

/** How telephone numbers are kept and read again: the vault's part of it. */
export interface Phones {
  /** Keeps a number; answers its token. */
  keep(number: string): Promise<string>;
  /** As people see it: `138****0000`. */
  mask(token: string): Promise<string | null>;
  /** To send to; written down in the audit. */
  reveal(token: string): Promise<string | null>;
}

/** What settings stand on. */
export interface PreferencePorts {
  db: Db;
  clock: Clock;
  audit: AuditPort;
  sealer: Sealer;
  phones: Phones;
  /** Domains to which mail may go; empty: any. */
  domains: readonly string[];
}

interface Row {
  settings: unknown;
  mail_salt: Uint8Array | null;
  mail_sealed: Uint8Array | null;
  handle_salt: Uint8Array | null;
  handle_sealed: Uint8Array | null;
  phone_token: string | null;
}

/** Addresses as a person gives them: undefined leaves one as it is, an empty one takes it away. */
export type Addresses = Partial<Record<AddressKind, string | undefined>>;

/** A leave as it is shown. */
export interface LeaveRow {
  id: number;
  deputy: string;
  deputy_name: string;
  from_day: string;
  to_day: string;
  ended_at: Date | null;
}

/** Settings, addresses and leave of people. */
export class Preferences {
  readonly #ports: PreferencePorts;

  constructor(ports: PreferencePorts) {
    this.#ports = ports;
  }

  async #row(account: string): Promise<Row | undefined> {
    const { rows } = await sql<Row>`SELECT settings, mail_salt, mail_sealed, handle_salt, handle_sealed, phone_token
      FROM notices.preference WHERE account = ${account}::uuid`.execute(this.#ports.db.kysely);
    return rows[0];
  }

  #open(kind: 'mail' | 'handle', account: string, row: Row): string | null {
    const [salt, ciphertext] = [row[`${kind}_salt`], row[`${kind}_sealed`]];
    if (!salt || !ciphertext) return null;
    return this.#ports.sealer.open([{ token: `${account}/${kind}`, salt, ciphertext }])[0]!;
  }

  /** A person's address for a kind of channel, to send to. */
  async addressOf(account: string, kind: AddressKind): Promise<string | null> {
    const row = await this.#row(account);
    if (!row) return null;
    if (kind !== 'phone') return this.#open(kind, account, row);
    return row.phone_token ? this.#ports.phones.reveal(row.phone_token) : null;
  }

  /** A person's settings and addresses as the person sees them; the number is masked. */
  async of(
    account: string,
  ): Promise<{ settings: Settings; mail: string | null; handle: string | null; phone: string | null }> {
    const row = await this.#row(account);
    if (!row) return { settings: defaultSettings, mail: null, handle: null, phone: null };
    const read = settingsSchema.safeParse(row.settings);
    return {
      settings: read.success ? pruned(read.data) : defaultSettings,
      ...{ mail: this.#open('mail', account, row), handle: this.#open('handle', account, row) },
      phone: row.phone_token ? await this.#ports.phones.mask(row.phone_token) : null,
    };
  }

  /** Keeps what a person wants. Problem `notices.mail.domain`. */
  async keep(p: Principal, settings: Settings, addresses: Addresses): Promise<void> {
    const { domains, sealer, db, clock, audit } = this.#ports;
    const domain = addresses.mail?.split('@').at(-1)?.toLowerCase();
    if (domain && domains.length && !domains.some((d) => domain === d || domain.endsWith(`.${d}`)))
      throw new Problem(mailDomain, { domains: domains.join('、') }, { field: 'addresses.mail' });
    const token = addresses.phone ? await this.#ports.phones.keep(addresses.phone) : null;
    const at = clock.now();
    await db.tx(async (trx) => {
      await sql`INSERT INTO notices.preference (account, settings, changed_at)
        VALUES (${p.userId}::uuid, ${JSON.stringify(pruned(settings))}::jsonb, ${at})
        ON CONFLICT (account) DO UPDATE SET settings = excluded.settings, changed_at = excluded.changed_at`.execute(
        trx,
      );
      for (const kind of ['mail', 'handle'] as const) {
        const value = addresses[kind];
        if (value === undefined) continue;
        const sealed = value ? sealer.seal([`${p.userId}/${kind}`], [value]) : null;
        await sql`UPDATE notices.preference SET ${sql.ref(`${kind}_salt`)} = ${sealed && Buffer.from(sealed.salts, 'hex')},
          ${sql.ref(`${kind}_sealed`)} = ${sealed && Buffer.from(sealed.ciphertexts, 'hex')} WHERE account = ${p.userId}::uuid`.execute(
          trx,
        );
      }
      if (addresses.phone !== undefined)
        await sql`UPDATE notices.preference SET phone_token = ${token} WHERE account = ${p.userId}::uuid`.execute(trx);
      const changed = Object.entries(addresses).flatMap(([k, v]) => (v === undefined ? [] : [k]));
      await audit.append(
        {
          actor: p,
          action: 'notices.settings',
          object: `user/${p.login}`,
          outcome: 'ok',
          detail: { addresses: changed },
        },
        trx,
      );
    });
  }

  /** Who may stand in for somebody: colleagues of the organisation, or those who belong to none like oneself. */
  async candidates(p: Principal): Promise<{ login: string; name: string }[]> {
    const all =
      p.organisation !== null
        ? await colleagues(this.#ports.db, p.organisation)
        : await this.#ports.db.query<{ login: string; name: string }>(
            'SELECT login, name FROM auth.account WHERE organisation IS NULL AND NOT disabled ORDER BY login LIMIT 500',
          );
    return all.filter((c) => c.login !== p.login);
  }

  /** A person's leave: what is coming or in force, and the last that were. */
  async leaves(account: string): Promise<LeaveRow[]> {
    const { rows } =
      await sql<LeaveRow>`SELECT l.id, d.login AS deputy, d.name AS deputy_name, l.from_day::text AS from_day,
        l.to_day::text AS to_day, l.ended_at
      FROM notices.leave l JOIN auth.account d ON d.id = l.deputy WHERE l.account = ${account}::uuid
      ORDER BY l.id DESC LIMIT 20`.execute(this.#ports.db.kysely);
    return rows;
  }

  /** Takes leave: who stands in, from one day to another (both included). Problems `notices.leave.*`, `notices.deputy.unknown`. */
  async takeLeave(p: Principal, body: { deputy: string; from: string; to: string }): Promise<number> {
    const { db, clock, audit } = this.#ports;
    const at = clock.now();
    if (body.from > body.to || body.to < cityDay(at)) throw new Problem(leavePeriod, {}, { field: 'to' });
    if (!(await this.candidates(p)).some((c) => c.login === body.deputy))
      throw new Problem(deputyUnknown, { login: body.deputy }, { field: 'deputy' });
    return db.tx(async (trx) => {
      await sql`SELECT 1 FROM auth.account WHERE id = ${p.userId}::uuid FOR UPDATE`.execute(trx);
      const other = await sql`SELECT 1 FROM notices.leave WHERE account = ${p.userId}::uuid AND ended_at IS NULL
        AND from_day <= ${body.to}::date AND to_day >= ${body.from}::date`.execute(trx);
      if (other.rows.length) throw new Problem(leaveOverlap);
      const made = await sql<{ id: number }>`INSERT INTO notices.leave (account, deputy, from_day, to_day, made_at)
        SELECT ${p.userId}::uuid, id, ${body.from}::date, ${body.to}::date, ${at} FROM auth.account
        WHERE login = ${body.deputy} RETURNING id`.execute(trx);
      const { id } = made.rows[0]!;
      const detail = { deputy: body.deputy, from: body.from, to: body.to };
      await audit.append(
        { actor: p, action: 'notices.leave', object: `notices-leave/${id}`, outcome: 'ok', detail },
        trx,
      );
      return id;
    });
  }

  /** Ends a leave: back, or never gone. */
  async endLeave(p: Principal, id: number): Promise<void> {
    const { db, clock, audit } = this.#ports;
    await db.tx(async (trx) => {
      const ended = await sql`UPDATE notices.leave SET ended_at = ${clock.now()}
        WHERE id = ${id} AND account = ${p.userId}::uuid AND ended_at IS NULL`.execute(trx);
      if (Number(ended.numAffectedRows) !== 1) throw new Problem(leaveUnknown);
      await audit.append({ actor: p, action: 'notices.leave-end', object: `notices-leave/${id}`, outcome: 'ok' }, trx);
    });
  }
}
