/**
 * The vault of identity data: identity numbers, telephone numbers, bank accounts. Everything else in the hub holds
 * tokens; the vault holds each distinct value once, sealed (see sealer.ts), with what may be known of it without opening.
 */
import type { Principal } from '../auth/principal.ts';
import { purposeNeeded } from '../auth/problems.ts';
import type { Clock } from '../clock.ts';
import type { Lake, LakeSession } from '../lake/index.ts';
import { ident } from '../lake/index.ts';
import { Problem, problemKind } from '../problem.ts';
import type { AuditPort, ErasingVault, TokenKind, VaultPort } from '../room.ts';
import { freshBatches } from './batches.ts';
import { erasingOf } from './erasing.ts';
import type { Batch, IntakeColumns } from './intake.ts';
import { IntakeThread } from './intake-thread.ts';
import { KeyRing, keyCheck, keyLost, keyName } from './keys.ts';
import { normalForm } from './normal.ts';
import { Sealer } from './sealer.ts';
import { gatherBatch, makeGathered, resealBatch, takeGathered, vaultTables } from './tables.ts';
import { kindOfToken, Tokenizer } from './token.ts';

/** Values moved at a time by a rotation: about 30 ms on the main thread. */
const ROTATION_BATCH = 4096;

export const revealRefused = problemKind(
  'vault.reveal-refused',
  403,
  '没有查看身份信息原值的权限',
  'you may not look at identity data',
);

const rotating = problemKind('vault.rotating', 409, '密钥正在更换中', 'the key is being rotated already');

/** What the vault needs. */
export interface VaultOptions {
  lake: Lake;
  /** Folder of the keys. */
  keys: string;
  /** The keys, where they are open already. */
  ring?: KeyRing;
  audit: AuditPort;
  clock: Clock;
}

/** A value as it lies in the table. */
interface Row extends Record<string, unknown> {
  token: string;
  ciphertext: Uint8Array | null;
  salt: Uint8Array;
  key_version: number;
}

/** How far a rotation is. */
export interface RotationProgress {
  version: number;
  done: number;
  total: number;
}

/** The opened vault. */
export class Vault implements VaultPort {
  readonly #lake: Lake;
  readonly #audit: AuditPort;
  readonly #clock: Clock;
  readonly #ring: KeyRing;
  readonly #tokenizer: Tokenizer;
  readonly #tokenKey: Buffer;
  readonly #sealers = new Map<number, Sealer>();
  readonly #storing = new Set<Promise<number>>();
  /** Versions whose loss was accepted: their values stay and are never opened. */
  readonly #lost: ReadonlySet<number>;
  readonly erasing: ErasingVault;
  #version: number;
  #intake: IntakeThread;
  #rotating = false;

  private constructor(
    options: VaultOptions,
    ring: KeyRing,
    tokenKey: Buffer,
    version: number,
    lost: ReadonlySet<number>,
  ) {
    this.#lost = lost;
    this.#lake = options.lake;
    this.#audit = options.audit;
    this.#clock = options.clock;
    this.#ring = ring;
    this.#tokenKey = tokenKey;
    this.#tokenizer = new Tokenizer(tokenKey);
    this.#version = version;
    this.erasing = erasingOf(options.lake, tokenKey, async (tokens) => {
      const rows = await this.#rows<Row>('token, ciphertext, salt, key_version', tokens);
      return this.#open(rows.filter((r) => r.ciphertext)).map(([, value]) => value);
    });
    this.#intake = new IntakeThread({ token: tokenKey, seal: ring.key('seal', version) });
  }

  /**
   * Opens the vault: tables, keys, and whether these are the keys of this data. Keys are made only where no data needs
   * older ones. Problems: exposed, foreign, damaged or lost keys.
   */
  static async open(options: VaultOptions): Promise<Vault> {
    const { lake, clock } = options;
    await lake.define(vaultTables);
    const ring = options.ring ?? KeyRing.open(options.keys);
    const accepted = new Set(
      (await lake.query<{ name: string }>('SELECT name FROM vault.lost')).map((row) => row.name),
    );
    const known = new Map(
      (await lake.query<{ name: string; check_value: string }>('SELECT name, check_value FROM vault.key')).map(
        (row) => [row.name, row.check_value],
      ),
    );
    const lost = (key: string) => new Problem(keyLost, { key, folder: options.keys }, { file: options.keys });
    const confirm = async (name: string, key: Buffer) => {
      const expected = known.get(name);
      if (expected !== undefined && expected !== keyCheck(key)) throw lost(name);
      if (expected === undefined) await noteKey(lake, name, key, clock);
    };
    if (!ring.token && known.has('token')) throw lost('token');
    const token = ring.token ?? ring.makeToken();
    await confirm('token', token);
    const needed = await lake.query<{ v: number }>(
      'SELECT DISTINCT key_version AS v FROM vault.value WHERE key_version IS NOT NULL',
    );
    const present = new Set(ring.versions('seal'));
    for (const { v } of needed)
      if (!present.has(v) && !accepted.has(keyName('seal', v))) throw lost(keyName('seal', v));
    // A version is never given twice: values of a lost one must not be taken for those of another.
    if (present.size === 0) ring.makeNext('seal', highest([...known.keys()], 'seal'));
    for (const version of ring.versions('seal')) await confirm(keyName('seal', version), ring.key('seal', version));
    // Received files need theirs as well: a new key in the place of a lost one would hide the loss until a file is read.
    for (const name of known.keys()) {
      const version = /^files-(\d+)$/.exec(name)?.[1];
      if (version !== undefined && !ring.versions('files').includes(Number(version)) && !accepted.has(name))
        throw lost(name);
    }
    if (ring.versions('files').length === 0) ring.makeNext('files', highest([...known.keys()], 'files'));
    for (const version of ring.versions('files')) await confirm(keyName('files', version), ring.key('files', version));
    const gone = new Set([...accepted].flatMap((name) => (name.startsWith('seal-') ? [Number(name.slice(5))] : [])));
    return new Vault(options, ring, token, ring.versions('seal').at(-1)!, gone);
  }

  /** The keys of the vault, for the cipher of received files. */
  get ring(): KeyRing {
    return this.#ring;
  }

  /** The token of a value exactly as written. */
  tokenOf(kind: TokenKind, original: string): string {
    return this.#tokenizer.token(kind, original);
  }

  /** The token of the normal form of a number in any spelling: equal to `norm` of every original with that form. */
  normOf(kind: TokenKind, text: string): string {
    return this.#tokenizer.token(kind, normalForm(kind, text));
  }

  /** Every token whose original has the same normal form: what a search by number looks for (about 40 ms among 2 M). */
  async find(kind: TokenKind, text: string): Promise<string[]> {
    const rows = await this.#lake.query<{ token: string }>(
      'SELECT token FROM vault.value WHERE norm = $norm ORDER BY token',
      { norm: this.normOf(kind, text) },
    );
    return rows.map((row) => row.token);
  }

  /**
   * Bulk intake. `distinctSql` answers one text column of distinct originals in `session`; the temporary table `into`
   * (original, token) is made there, by the engine. Values not yet known are sealed and stored in a transaction of lane
   * 'vault' of their own, on disk before this resolves: rows with the tokens may be committed after. Answers how many
   * values were new.
   */
  async stageTokens(session: LakeSession, kind: TokenKind, distinctSql: string, into: string): Promise<number> {
    const { sql, params } = this.#tokenizer.sql(kind, distinctSql);
    await session.run(`CREATE OR REPLACE TEMP TABLE ${ident(into)} AS ${sql}`, params);
    const fresh = freshBatches(session, into)[Symbol.asyncIterator]();
    const first = await fresh.next();
    return first.done ? 0 : this.#store(kind, first.value, fresh);
  }

  /**
   * Tokens of normal forms in bulk, of values that are held against what is known and not kept: nothing enters the vault.
   * `distinctSql` answers one text column of distinct originals in `session`; the temporary table `into` (original, norm)
   * is made there. Identity numbers that are written as the standard says stay in the engine; others pass through here.
   */
  async stageNorms(session: LakeSession, kind: TokenKind, distinctSql: string, into: string): Promise<void> {
    const given = ident(`${into}_given`);
    await session.run(`CREATE OR REPLACE TEMP TABLE ${given} AS
      SELECT original FROM (${distinctSql}) AS g(original) WHERE original IS NOT NULL`);
    const usual = kind === 'citizen-id' ? `regexp_full_match(original, '[1-9][0-9]{16}[0-9X]')` : 'false';
    const { sql, params } = this.#tokenizer.sql(kind, `SELECT original FROM ${given} WHERE ${usual}`);
    await session.run(
      `CREATE OR REPLACE TEMP TABLE ${ident(into)} AS SELECT original, token AS norm FROM (${sql})`,
      params,
    );
    // Read whole before anything is appended: a session does one thing at a time.
    const odd = await session.query<{ lines: string[] }>(
      `SELECT list(original) AS lines FROM (SELECT original, row_number() OVER () // 65536 AS batch FROM ${given} WHERE NOT (${usual}))
       GROUP BY batch`,
    );
    for (const { lines } of odd)
      await session.append(
        into,
        lines.map((o) => [o, this.normOf(kind, o)]),
      );
    await session.run(`DROP TABLE ${given}`);
  }

  /** Takes values in that JavaScript holds already; answers every original's token. */
  async ingest(
    kind: TokenKind,
    originals: AsyncIterable<readonly string[]> | readonly string[],
  ): Promise<Map<string, string>> {
    const answer = new Map<string, string>();
    for await (const batch of Array.isArray(originals) ? [originals] : originals) {
      const fresh = new Map<string, string>();
      for (const original of batch as readonly string[]) {
        if (answer.has(original)) continue;
        const token = this.tokenOf(kind, original);
        answer.set(original, token);
        fresh.set(token, original);
      }
      for (const row of await this.#rows<{ token: string }>('token', [...fresh.keys()])) fresh.delete(row.token);
      const all = { originals: [...fresh.values()], tokens: [...fresh.keys()] };
      if (all.tokens.length > 0) await this.#store(kind, all);
    }
    return answer;
  }

  #store(kind: TokenKind, first: Batch, rest?: AsyncIterator<Batch>): Promise<number> {
    const storing = this.#gather(kind, first, rest);
    // A rotation waits for these before it destroys the key under which they are sealed.
    this.#storing.add(storing);
    const forget = () => this.#storing.delete(storing);
    storing.then(forget, forget);
    return storing;
  }

  #gather(kind: TokenKind, first: Batch, rest?: AsyncIterator<Batch>): Promise<number> {
    const version = this.#version;
    const intake = this.#intake;
    return this.#lake.write('vault', async (s) => {
      await s.run(makeGathered);
      // The next batch is read and sealed while the last one is written.
      let sealing: Promise<IntakeColumns> | undefined = intake.run({ kind, batch: first });
      while (sealing) {
        const columns: IntakeColumns = await sealing;
        const next: IteratorResult<Batch> | undefined = await rest?.next();
        sealing = next && !next.done ? intake.run({ kind, batch: next.value }) : undefined;
        sealing?.catch(() => undefined);
        await s.run(gatherBatch, { ...columns });
      }
      return s.run(takeGathered, { kind, version });
    });
  }

  /**
   * Opens values. Needs the permission `vault.reveal` and a purpose; audited, refusals too, before anything is opened.
   * Erased and unknown tokens are absent from the answer.
   */
  async reveal(tokens: string[], who: Principal, purpose: string): Promise<Map<string, string>> {
    for (const token of tokens) kindOfToken(token);
    const refusal = !who.permissions.has('vault.reveal') ? revealRefused : purpose.trim() === '' ? purposeNeeded : null;
    await this.#audit.append({
      actor: who,
      action: 'vault.reveal',
      object: tokens.length === 1 ? tokens[0]! : `${tokens.length} tokens`,
      ...(purpose.trim() === '' ? {} : { purpose }),
      outcome: refusal ? 'refused' : 'ok',
      detail: { tokens },
    });
    if (refusal) throw new Problem(refusal);
    const rows = (
      await this.#rows<Row & { norm: string }>('token, norm, ciphertext, salt, key_version', tokens)
    ).filter((r) => r.ciphertext);
    const locked = new Set(
      (await this.#lake.query<{ norm: string }>('SELECT norm FROM vault.restricted')).map((r) => r.norm),
    );
    return new Map(this.#open(rows.filter((r) => !locked.has(r.norm))));
  }

  #open(rows: readonly Row[]): [string, string][] {
    return [...new Set(rows.map((row) => row.key_version))].flatMap((version) => {
      if (this.#lost.has(version)) return [];
      const mine = rows.filter((row) => row.key_version === version);
      const values = this.#sealer(version).open(mine.map((r) => ({ ...r, ciphertext: r.ciphertext! })));
      return mine.map((row, i): [string, string] => [row.token, values[i]!]);
    });
  }

  #sealer(version: number): Sealer {
    let sealer = this.#sealers.get(version);
    if (!sealer) {
      sealer = new Sealer(this.#ring.key('seal', version));
      this.#sealers.set(version, sealer);
    }
    return sealer;
  }

  /** Masks for display, by token; unknown tokens are absent. Bulk work joins `v.identity_v1` instead. */
  async masks(tokens: string[]): Promise<Map<string, string>> {
    const rows = await this.#rows<{ token: string; mask: string }>('token, mask', tokens);
    return new Map(rows.map((row) => [row.token, row.mask]));
  }

  /** Few tokens go through the index one by one; many are joined in one pass. */
  async #rows<T extends Record<string, unknown>>(columns: string, tokens: readonly string[]): Promise<T[]> {
    const distinct = [...new Set(tokens)];
    if (distinct.length === 0) return [];
    if (distinct.length <= 20) {
      const sql = `SELECT ${columns} FROM vault.value WHERE token = $token`;
      const found = await Promise.all(distinct.map((token) => this.#lake.query<T>(sql, { token })));
      return found.flat();
    }
    return this.#lake.query<T>(
      `SELECT ${columns} FROM vault.value WHERE token IN (SELECT unnest(string_split($tokens, ' ')))`,
      { tokens: distinct.join(' ') },
    );
  }

  /** The normal form that a token stands for; null when it is not in the vault. Anything but a token is a Problem. */
  async normOfToken(token: string): Promise<string | null> {
    kindOfToken(token);
    const row = await this.#lake.first<{ norm: string }>('SELECT norm FROM vault.value WHERE token = $token', {
      token,
    });
    return row?.norm ?? null;
  }

  /** How many values a number has here in all its spellings, and how many of them are erased already. */
  async erasable(norm: string): Promise<{ values: number; erased: number }> {
    const row = await this.#lake.first<{ values: number; erased: number }>(
      'SELECT count(*) AS "values", count(*) FILTER (ciphertext IS NULL) AS erased FROM vault.value WHERE norm = $norm',
      { norm },
    );
    return row ?? { values: 0, erased: 0 };
  }

  /**
   * Erases what a token stands for, in every spelling: salt and ciphertext are destroyed, the mask is emptied, and the
   * same number is not taken in again. Rows keep their tokens. Answers the tokens that were erased. What old blocks of
   * the database file may still hold becomes unreadable with the next rotation, which destroys the key.
   */
  async erase(token: string, who: Principal | null, purpose: string): Promise<string[]> {
    kindOfToken(token);
    return this.#lake.write('vault', async (s) => {
      const found = await s.query<{ token: string; norm: string }>(
        'SELECT token, norm FROM vault.value WHERE norm = (SELECT norm FROM vault.value WHERE token = $token)',
        { token },
      );
      if (found.length === 0) return [];
      await s.run('INSERT INTO vault.erased VALUES ($norm, $at::TIMESTAMP)', {
        norm: found[0]!.norm,
        at: this.#clock.now(),
      });
      await s.run(
        `UPDATE vault.value SET ciphertext = NULL, salt = NULL, key_version = NULL, mask = '***' WHERE norm = $norm`,
        { norm: found[0]!.norm },
      );
      const tokens = found.map((row) => row.token);
      // Inside the transaction: what cannot be audited is not done.
      await this.#audit.append({
        actor: who,
        action: 'vault.erase',
        object: token,
        purpose,
        outcome: 'ok',
        detail: { tokens },
      });
      return tokens;
    });
  }

  /**
   * Moves every value under a new key and destroys the old keys. Interrupted at any moment it goes on where it was: a
   * value's version says whether it was moved, and a newer key than some values' is one to finish. `onBatch` is told the
   * progress and may throw to stop.
   */
  async rotate(
    onBatch?: (progress: RotationProgress) => Promise<void> | void,
    batch = ROTATION_BATCH,
  ): Promise<RotationProgress> {
    if (this.#rotating) throw new Problem(rotating);
    this.#rotating = true;
    try {
      return await this.#rotate(onBatch, batch);
    } finally {
      this.#rotating = false;
    }
  }

  async #rotate(onBatch: ((progress: RotationProgress) => Promise<void> | void) | undefined, batch: number) {
    if ((await this.#count(this.#version)).behind === 0) await this.#newVersion();
    const version = this.#version;
    const { total, behind } = await this.#count(version);
    const progress = { version, done: total - behind, total };
    await onBatch?.({ ...progress });
    for (;;) {
      const moved = await this.#lake.write('vault', (s) => this.#moveBatch(s, version, batch));
      if (moved === 0) break;
      progress.done += moved;
      await onBatch?.({ ...progress });
    }
    // No value is under an older key any more, and new ones come in under the new key.
    for (const old of this.#ring.versions('seal')) {
      if (old >= version) continue;
      this.#ring.destroy('seal', old);
      this.#sealers.delete(old);
    }
    return progress;
  }

  async #count(version: number): Promise<{ total: number; behind: number }> {
    const row = await this.#lake.first<{ total: number; behind: number }>(
      `SELECT count(key_version) AS total, count(*) FILTER (key_version < $version::INTEGER) AS behind FROM vault.value
        WHERE ${this.#kept}`,
      { version },
    );
    return row!;
  }

  /** What can be opened, as a condition; nothing but numbers stands in it. */
  get #kept(): string {
    return this.#lost.size > 0 ? `key_version NOT IN (${[...this.#lost].join(', ')})` : 'true';
  }

  async #highest(set: 'seal' | 'files'): Promise<number> {
    const rows = await this.#lake.query<{ name: string }>('SELECT name FROM vault.key');
    return highest(
      rows.map((row) => row.name),
      set,
    );
  }

  /** A new key for files received from now on; the ones before are read under theirs. Answers its version. */
  async rotateFiles(): Promise<number> {
    const version = this.#ring.makeNext('files', await this.#highest('files'));
    await noteKey(this.#lake, keyName('files', version), this.#ring.key('files', version), this.#clock);
    return version;
  }

  async #newVersion(): Promise<void> {
    const version = this.#ring.makeNext('seal', await this.#highest('seal'));
    const key = this.#ring.key('seal', version);
    await noteKey(this.#lake, keyName('seal', version), key, this.#clock);
    const before = this.#intake;
    this.#intake = new IntakeThread({ token: this.#tokenKey, seal: key });
    this.#version = version;
    await Promise.allSettled(this.#storing);
    await before.close();
  }

  async #moveBatch(s: LakeSession, version: number, batch: number): Promise<number> {
    const rows = await s.query<Row>(
      `SELECT token, ciphertext, salt, key_version FROM vault.value WHERE key_version < $version::INTEGER AND ${this.#kept}
        LIMIT $batch::INTEGER`,
      { version, batch },
    );
    if (rows.length === 0) return 0;
    const opened = this.#open(rows);
    const tokens = opened.map(([token]) => token);
    const sealed = this.#sealer(version).seal(
      tokens,
      opened.map(([, value]) => value),
    );
    await s.run(resealBatch, { ...sealed, tokens: tokens.join('\n'), version });
    return rows.length;
  }

  /** Waits for what is being stored and ends the vault's thread. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#storing);
    await this.#intake.close();
  }
}

/** The highest version of a set that the data knows of, lost ones among them. */
const highest = (known: readonly string[], set: string): number =>
  Math.max(0, ...known.flatMap((name) => (name.startsWith(`${set}-`) ? [Number(name.slice(set.length + 1))] : [])));

async function noteKey(lake: Lake, name: string, key: Buffer, clock: Clock): Promise<void> {
  await lake.write('vault', (s) =>
    s.run('INSERT INTO vault.key VALUES ($name, $check, $at::TIMESTAMP)', {
      name,
      check: keyCheck(key),
      at: clock.now(),
    }),
  );
}
