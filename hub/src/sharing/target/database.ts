/**
 * Deliveries brought into a table of the recipient's database, by `_record`. How far a delivery came stands in the target itself, in the
 * table `jingwei_delivery`, and moves in the transaction that writes the rows: killed at any point nothing is written twice and nothing is
 * left out. A whole delivery replaces record by record and takes away at its end what is no longer there, so that readers never find the
 * table empty. Only a table that was made for this grant is ever touched.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { literal } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { SharingPorts } from '../act.ts';
import { connect, type Engine, type Place, type Value } from './engines.ts';
import type { Confirmed, Parcel, Progress } from './parcel.ts';
import { differs, mustBeWhole, refused, tableForeign, unreachable } from './problems.ts';

/** Rows of one transaction, and parameters of one statement at most. */
export const databaseLimits = { rows: 1000 };
const PARAMETERS = 20_000;
const MARKS = 'jingwei_delivery';

interface Mark {
  sequence: number;
  done: number;
  finished: boolean;
}
type Ports = Pick<SharingPorts, 'blobs' | 'lake' | 'folders' | 'clock' | 'networks'>;

/** The grant's name in the target: says nothing of it, and differs between hubs. */
const grantKey = (parcel: Parcel): string =>
  createHash('sha256').update(`jingwei target ${parcel.share.mark}`).digest('hex').slice(0, 32);

/** Brings a delivery into its table; answers what the table holds. */
export async function toDatabase(ports: Ports, place: Place, parcel: Parcel, progress: Progress): Promise<Confirmed> {
  await progress.mayGoOn();
  let engine: Engine;
  try {
    engine = await connect(place, await ports.networks.resolve(place.host));
  } catch (error) {
    throw error instanceof Problem ? error : new Problem(unreachable, { reason: reasonOf(error) });
  }
  try {
    return await new Bringing(ports, place, parcel, progress, engine).run();
  } catch (error) {
    // The hub stops: no fault of the target.
    throw error instanceof Problem || progress.stopping() ? error : new Problem(refused, { reason: reasonOf(error) });
  } finally {
    await engine.close();
  }
}

/** The fault's code and nothing else: messages of a server quote values. */
const reasonOf = (error: unknown): string => {
  const { code, name } = error as { code?: string; name?: string };
  return code ?? name ?? 'error';
};

class Bringing {
  readonly ports: Ports;
  readonly place: Place;
  readonly parcel: Parcel;
  readonly progress: Progress;
  readonly engine: Engine;
  readonly #key: string;
  readonly #marks: string;
  readonly #table: string;
  readonly #columns: string[];

  constructor(ports: Ports, place: Place, parcel: Parcel, progress: Progress, engine: Engine) {
    this.ports = ports;
    this.place = place;
    this.parcel = parcel;
    this.progress = progress;
    this.engine = engine;
    const [schema, table] = place.table.includes('.') ? place.table.split('.') : [null, place.table];
    const within = (name: string) => (schema ? `${engine.name(schema)}.${engine.name(name)}` : engine.name(name));
    this.#table = within(table!);
    this.#marks = within(MARKS);
    this.#key = grantKey(parcel);
    this.#columns = ['_record', '_delivery', ...parcel.items.map((i) => i.name)];
  }

  async run(): Promise<Confirmed> {
    const { delivery, previous } = this.parcel;
    await this.#prepare();
    const mark = await this.#mark(false);
    if (!(mark.sequence === delivery.sequence && mark.finished)) {
      if (mark.sequence !== delivery.sequence) {
        if (delivery.kind === 'changes' && (mark.sequence !== previous || !mark.finished))
          throw new Problem(mustBeWhole);
        await this.#set({ sequence: delivery.sequence, done: 0, finished: false });
        mark.done = 0;
      }
      await this.#rows(mark.done);
      await this.#finish();
    }
    const rows = await this.#count();
    const standing = Number(delivery.manifest?.standing ?? delivery.rows);
    if (rows !== standing) throw new Problem(differs, { expected: standing, seen: rows });
    return { sha256: delivery.sha256!, rows };
  }

  async #transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.engine.run('BEGIN');
    try {
      const answer = await work();
      await this.engine.run('COMMIT');
      return answer;
    } catch (error) {
      await this.engine.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  /** The marks' table, and the rows' table where it is not there; one that somebody else made is left alone. */
  async #prepare(): Promise<void> {
    const { engine } = this;
    const n = (name: string) => engine.name(name);
    await engine.run(`CREATE TABLE IF NOT EXISTS ${this.#marks} (${n('grant_key')} ${engine.key} PRIMARY KEY, ${n('table_name')} ${engine.text},
      ${n('sequence')} BIGINT, ${n('rows_done')} BIGINT, ${n('finished')} BIGINT, ${n('sha256')} ${engine.text}, ${n('manifest')} ${engine.text},
      ${n('signature')} ${engine.text}, ${n('updated_at')} ${engine.text})`);
    const known = await engine.run(
      `SELECT 1 AS one FROM ${this.#marks} WHERE ${n('grant_key')} = ${engine.at(1)} AND ${n('table_name')} = ${engine.at(2)}`,
      [this.#key, this.place.table],
    );
    if (!known.length) {
      const there = await engine.run(`SELECT 1 AS one FROM ${this.#table} LIMIT 1`).then(
        () => true,
        (error: { code?: string }) => {
          if (error.code === '42P01' || error.code === 'ER_NO_SUCH_TABLE') return false;
          throw error;
        },
      );
      if (there) throw new Problem(tableForeign, { table: this.place.table });
      // The mark first: a table without one would be a stranger's at the next try.
      await engine.run(`DELETE FROM ${this.#marks} WHERE ${n('grant_key')} = ${engine.at(1)}`, [this.#key]);
      await engine.run(
        `INSERT INTO ${this.#marks} (${n('grant_key')}, ${n('table_name')}, ${n('sequence')}, ${n('rows_done')}, ${n('finished')})
        VALUES (${engine.at(1)}, ${engine.at(2)}, 0, 0, 1)`,
        [this.#key, this.place.table],
      );
    }
    const items = this.parcel.items.map((i) => `${n(i.name)} ${this.#type(i.type)} NULL`);
    await engine.run(
      `CREATE TABLE IF NOT EXISTS ${this.#table} (${n('_record')} CHAR(20) PRIMARY KEY, ${n('_delivery')} BIGINT NOT NULL${items.map((i) => `, ${i}`).join('')})`,
    );
    const { rows: columns } = {
      rows: await engine.run(
        `SELECT column_name AS name FROM information_schema.columns WHERE table_name = ${engine.at(1)}
      AND table_schema = ${this.place.table.includes('.') ? engine.at(2) : this.place.engine === 'postgres' ? 'current_schema()' : 'database()'}`,
        this.place.table.includes('.') ? this.place.table.split('.').reverse() : [this.place.table],
      ),
    };
    const has = new Set(columns.map((c) => String(c.name)));
    for (const item of this.parcel.items)
      if (!has.has(item.name))
        await engine.run(`ALTER TABLE ${this.#table} ADD COLUMN ${n(item.name)} ${this.#type(item.type)} NULL`);
    // Items that the grant has no more are emptied as their records are written anew.
    for (const name of has) if (!this.#columns.includes(name)) this.#columns.push(name);
  }

  readonly #type = (type: string): string => this.engine.types[type] ?? this.engine.types.text!;

  async #mark(locked: boolean): Promise<Mark> {
    const n = (name: string) => this.engine.name(name);
    const [row] = await this.engine.run(
      `SELECT ${n('sequence')} AS s, ${n('rows_done')} AS d, ${n('finished')} AS f FROM ${this.#marks}
       WHERE ${n('grant_key')} = ${this.engine.at(1)}${locked ? ' FOR UPDATE' : ''}`,
      [this.#key],
    );
    return { sequence: Number(row?.s ?? 0), done: Number(row?.d ?? 0), finished: Number(row?.f ?? 0) === 1 };
  }

  async #set(mark: Mark, proof: readonly [string | null, string | null] = [null, null]): Promise<void> {
    const { engine } = this;
    const n = (name: string) => engine.name(name);
    const sets = ['sequence', 'rows_done', 'finished', 'sha256', 'manifest', 'signature', 'updated_at'];
    await engine.run(
      `UPDATE ${this.#marks} SET ${sets.map((c, i) => `${n(c)} = ${engine.at(i + 1)}`).join(', ')} WHERE ${n('grant_key')} = ${engine.at(8)}`,
      [
        ...[mark.sequence, mark.done, mark.finished ? 1 : 0, this.parcel.delivery.sha256, ...proof],
        ...[this.ports.clock.now().toISOString(), this.#key],
      ],
    );
  }

  /** Rows of the file from one on, in transactions that move the mark with them. */
  async #rows(from: number): Promise<void> {
    const { delivery } = this.parcel;
    const folder = join(this.ports.folders.data, 'sharing', 'export');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, `${randomUUID()}.${delivery.format}`);
    try {
      await pipeline(
        Readable.from(this.ports.blobs.get(delivery.sha256!), { objectMode: false }),
        createWriteStream(path, { mode: 0o600 }),
      );
      const read =
        delivery.format === 'parquet'
          ? `SELECT COLUMNS(*)::VARCHAR FROM read_parquet(${literal(path)})`
          : `SELECT * FROM read_csv(${literal(path)}, header = true, all_varchar = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
              allow_quoted_nulls = false, columns = {${this.#header()
                .map((c) => `${literal(c)}: 'VARCHAR'`)
                .join(', ')}})`;
      let at = 0;
      let batch: Record<string, string | null>[] = [];
      const write = async () => {
        if (!batch.length) return;
        await this.progress.mayGoOn();
        await this.#batch(batch, at - batch.length, at);
        await this.progress.keep(at, null);
        batch = [];
      };
      for await (const rows of this.ports.lake.stream<Record<string, string | null>>(read))
        for (const row of rows) {
          at += 1;
          if (at <= from) continue;
          batch.push(row);
          if (batch.length === databaseLimits.rows) await write();
        }
      await write();
    } finally {
      await rm(path, { force: true });
    }
  }

  #header(): string[] {
    const items = this.parcel.items.map((i) => i.name);
    return [...(this.parcel.delivery.kind === 'changes' ? ['_change'] : []), '_record', ...items];
  }

  #batch(rows: readonly Record<string, string | null>[], from: number, to: number): Promise<void> {
    const { engine } = this;
    const { sequence } = this.parcel.delivery;
    const removed = rows.filter((r) => r._change === 'remove').map((r) => r._record!);
    const added = rows.filter((r) => r._change !== 'remove');
    const types = new Map<string, string>(this.parcel.items.map((i) => [i.name, i.type]));
    const names = this.#columns;
    const most = Math.max(1, Math.floor(PARAMETERS / names.length));
    const shownAs = (row: Record<string, string | null>, c: string): Value =>
      c === '_delivery'
        ? sequence
        : c === '_record'
          ? row._record!
          : engine.value(types.get(c) ?? 'text', row[c] ?? null);
    return this.#transaction(async () => {
      const mark = await this.#mark(true);
      // Another sender of the same delivery went on in between: what it wrote is not written again.
      if (mark.sequence !== sequence || mark.finished || mark.done !== from)
        throw new Problem(refused, { reason: 'mark moved' });
      // A record that changed is removed before it is added, so that removals of a batch may all come first.
      if (removed.length)
        await engine.run(
          `DELETE FROM ${this.#table} WHERE ${engine.name('_record')} IN (${removed.map((_, i) => engine.at(i + 1)).join(', ')})`,
          removed,
        );
      for (let i = 0; i < added.length; i += most) {
        const part = added.slice(i, i + most);
        let p = 0;
        const values = part.map(
          (_) =>
            `(${names.map((c) => engine.at(++p, types.has(c) ? this.#type(types.get(c)!) : undefined)).join(', ')})`,
        );
        await engine.run(
          `INSERT INTO ${this.#table} (${names.map((c) => engine.name(c)).join(', ')}) VALUES ${values.join(', ')}
           ${engine.upsert(names.filter((c) => c !== '_record'))}`,
          part.flatMap((row) => names.map((c) => shownAs(row, c))),
        );
      }
      await this.#set({ sequence, done: to, finished: false });
    });
  }

  /** The end of a delivery: of a whole one, what it did not bring goes; the mark says that it is whole, with its proof. */
  #finish(): Promise<void> {
    const { engine } = this;
    const { delivery, beside } = this.parcel;
    const signature = beside.find((b) => b.ending.endsWith('.signature'))?.bytes;
    return this.#transaction(async () => {
      const mark = await this.#mark(true);
      if (delivery.kind === 'full')
        await engine.run(`DELETE FROM ${this.#table} WHERE ${engine.name('_delivery')} <> ${engine.at(1)}`, [
          delivery.sequence,
        ]);
      await this.#set({ ...mark, finished: true }, [
        delivery.manifest_text,
        signature ? Buffer.from(signature).toString('base64') : null,
      ]);
    });
  }

  async #count(): Promise<number> {
    const [row] = await this.engine.run(`SELECT count(*) AS n FROM ${this.#table}`);
    return Number(row?.n ?? -1);
  }
}
