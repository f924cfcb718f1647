/** Outside clients of the signing service: made by the security administrator; a key is shown once and kept as other secrets are. */
import { randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { z } from 'zod';
import type { Principal } from '../auth/principal.ts';
import type { Clock } from '../clock.ts';
import type { AnyTables, Db } from '../db/index.ts';
import { Problem } from '../problem.ts';
import type { AuditPort } from '../room.ts';
import { Sealer } from '../vault/sealer.ts';
import type { clientPatch, clientRequest, clientView } from './api.ts';
import { loginTaken, unknownClient } from './problems.ts';
import type { SignerClient } from './signer.ts';

type View = z.input<typeof clientView>;

interface Row {
  login: string;
  organisation: string | null;
  algorithm: SignerClient['algorithm'];
  key_salt: Uint8Array;
  key_secret: Uint8Array;
  per_second: number;
  disabled: boolean;
  created_at: Date;
  created_by: string;
  changed_at: Date;
}

const view = (row: Row): View => ({
  login: row.login,
  organisation: row.organisation,
  algorithm: row.algorithm,
  perSecond: row.per_second,
  disabled: row.disabled,
  createdAt: row.created_at.toISOString(),
  createdBy: row.created_by,
  changedAt: row.changed_at.toISOString(),
});

/** What clients are kept with. */
export interface ClientsHost {
  db: Db;
  clock: Clock;
  audit: AuditPort;
  /** 32 bytes; keys of clients are sealed under it. */
  secretKey: Uint8Array;
  /** Told after every change, when it is on disk. */
  changed(): Promise<void>;
}

/** The clients' logins. */
export class Clients {
  readonly #host: ClientsHost;
  readonly #sealer: Sealer;

  constructor(host: ClientsHost) {
    this.#host = host;
    this.#sealer = new Sealer(host.secretKey);
  }

  async list(): Promise<View[]> {
    return (await this.#rows()).map(view);
  }

  /** Every client with its key, for the signing thread alone. */
  async opened(): Promise<SignerClient[]> {
    const rows = await this.#rows();
    const keys = this.#sealer.open(
      rows.map((row) => ({ token: row.login, salt: row.key_salt, ciphertext: row.key_secret })),
    );
    return rows.map((row, i) => ({
      login: row.login,
      key: new Uint8Array(Buffer.from(keys[i]!)),
      algorithm: row.algorithm,
      perSecond: row.per_second,
      disabled: row.disabled,
      organisation: row.organisation,
    }));
  }

  /** Makes a client; its key is in the answer and nowhere else in plain. */
  async create(by: Principal, asked: z.output<typeof clientRequest>): Promise<View & { key: string }> {
    const { db, clock } = this.#host;
    const { key, salt, secret } = this.#newKey(asked.login);
    const at = clock.now();
    const row = await db.tx(async (trx) => {
      const { rows } = await sql<Row>`INSERT INTO seal.client
          (login, organisation, algorithm, key_salt, key_secret, per_second, disabled, created_at, created_by, changed_at)
        VALUES (${asked.login}, ${asked.organisation}, ${asked.algorithm}, ${salt}, ${secret}, ${asked.perSecond}, false,
          ${at}, ${by.login}, ${at})
        ON CONFLICT (login) DO NOTHING RETURNING *`.execute(trx);
      if (!rows[0]) throw new Problem(loginTaken, { login: asked.login });
      const { organisation, algorithm, perSecond } = asked;
      await this.#note(trx, by, 'create', asked.login, { organisation, algorithm, perSecond });
      return rows[0];
    });
    await this.#host.changed();
    return { ...view(row), key };
  }

  /** Changes quota, organisation, whether it may ask at all, or its key. */
  async patch(
    by: Principal,
    login: string,
    patch: z.output<typeof clientPatch>,
  ): Promise<View & { key: string | null }> {
    const { db, clock } = this.#host;
    const made = patch.newKey ? this.#newKey(login) : undefined;
    const row = await db.tx(async (trx) => {
      const { rows } = await sql<Row>`UPDATE seal.client SET
          organisation = ${patch.organisation === undefined ? sql`organisation` : patch.organisation},
          per_second = ${patch.perSecond ?? sql`per_second`}, disabled = ${patch.disabled ?? sql`disabled`},
          key_salt = ${made?.salt ?? sql`key_salt`}, key_secret = ${made?.secret ?? sql`key_secret`},
          changed_at = ${clock.now()}
        WHERE login = ${login} RETURNING *`.execute(trx);
      if (!rows[0]) throw new Problem(unknownClient);
      const { newKey, ...rest } = patch;
      await this.#note(trx, by, 'change', login, { ...rest, ...(newKey ? { newKey } : {}) });
      return rows[0];
    });
    await this.#host.changed();
    return { ...view(row), key: made?.key ?? null };
  }

  async remove(by: Principal, login: string): Promise<void> {
    await this.#host.db.tx(async (trx) => {
      const { rows } = await sql`DELETE FROM seal.client WHERE login = ${login} RETURNING login`.execute(trx);
      if (!rows[0]) throw new Problem(unknownClient);
      await this.#note(trx, by, 'remove', login, {});
    });
    await this.#host.changed();
  }

  /** 256 random bits as text that can be typed into any client's settings. */
  #newKey(login: string): { key: string; salt: Buffer; secret: Buffer } {
    const key = randomBytes(32).toString('base64url');
    const sealed = this.#sealer.seal([login], [key]);
    return { key, salt: Buffer.from(sealed.salts, 'hex'), secret: Buffer.from(sealed.ciphertexts, 'hex') };
  }

  async #rows(): Promise<Row[]> {
    const { rows } = await sql<Row>`SELECT * FROM seal.client ORDER BY login`.execute(this.#host.db.kysely);
    return rows;
  }

  #note(trx: Kysely<AnyTables>, by: Principal, what: string, login: string, detail: Record<string, unknown>) {
    return this.#host.audit.append(
      { actor: by, action: `seal.client-${what}`, object: `seal-client/${login}`, outcome: 'ok', detail },
      trx,
    );
  }
}
