/**
 * Rooms that live in PostgreSQL stream their changes to the lake: triggers note the keys of changed rows in the transaction that
 * changes them, and one drainer reads what those rows are now and puts it into the lake, a small transaction at a time. A note
 * goes only when the lake has committed; after a kill it is done again, which changes nothing, since it says how a row is and
 * not what was done to it. The lake's tables can be made anew from PostgreSQL at any time.
 */
import { type Kysely, sql } from 'kysely';
import { type Bus, eventKind } from '../bus/index.ts';
import type { AnyTables, Db } from '../db/index.ts';
import type { Lake } from '../lake/index.ts';
import type { Logger } from '../log/index.ts';
import {
  checkMirror,
  fingerprint,
  insertJson,
  lakeTable,
  lakeTables,
  type MirrorDeclaration,
  rowsAsJson,
  watched,
} from './declaration.ts';

/** Changes of a mirror are in the lake: `rows` keys changed. */
export const mirrored = eventKind<{ name: string; rows: number }>('mirror.applied');

/** What mirrors stand on. */
export interface MirrorPorts {
  db: Db;
  lake: Lake;
  log: Logger;
  bus?: Bus;
}

/** Notes taken at once; rows of one page of a rebuild. */
const BATCH = 2_000;
const PAGE = 20_000;
/** Milliseconds between two looks into the outbox, and after a fault. */
const LOOK = 250;
const AFTER_FAULT = 3_000;

/** How a mirror stands. */
export interface MirrorState {
  name: string;
  view: string;
  rows: number;
  /** Changes that are not in the lake yet. */
  waiting: number;
  /** Whether the lake's table is whole; false until it was made from PostgreSQL. */
  whole: boolean;
}

/** All mirrors of a hub. */
export class Mirrors {
  readonly #ports: MirrorPorts;
  readonly #all: ReadonlyMap<string, MirrorDeclaration>;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  /** Everything that writes goes one after another: what was read first is written first. */
  #line: Promise<unknown> = Promise.resolve();

  constructor(ports: MirrorPorts, declared: readonly MirrorDeclaration[]) {
    for (const m of declared) checkMirror(m);
    this.#ports = ports;
    this.#all = new Map(declared.map((m) => [m.name, m]));
    if (this.#all.size !== declared.length) throw new Error('a mirror is declared twice');
  }

  /** Makes the lake's tables and views and PostgreSQL's triggers as they are declared; before anything else. */
  async define(): Promise<void> {
    const { lake } = this.#ports;
    await lake.define([
      'CREATE SCHEMA IF NOT EXISTS mirror',
      'CREATE SCHEMA IF NOT EXISTS v',
      'CREATE TABLE IF NOT EXISTS mirror.kept (name VARCHAR, fingerprint VARCHAR, whole BOOLEAN)',
    ]);
    const kept = await lake.query<{ name: string; fingerprint: string }>('SELECT name, fingerprint FROM mirror.kept');
    for (const m of this.#all.values()) {
      const print = fingerprint(m);
      if (kept.some((k) => k.name === m.name && k.fingerprint === print)) continue;
      await lake.write('mirror', async (s) => {
        await s.run(`DROP TABLE IF EXISTS ${lakeTable(m)}`);
        for (const statement of lakeTables(m)) await s.run(statement);
        await s.run('DELETE FROM mirror.kept WHERE name = $name', { name: m.name });
        await s.run('INSERT INTO mirror.kept VALUES ($name, $print, false)', { name: m.name, print });
      });
    }
    await this.#triggers();
  }

  async #triggers(): Promise<void> {
    const want = [...this.#all.values()].flatMap((m) => watched(m).map((w) => ({ mirror: m.name, ...w })));
    await this.#ports.db.tx(async (trx) => {
      const { rows } = await sql<{ mirror: string; relation: string; key: string }>`
        SELECT mirror, relation, key FROM mirror.watched`.execute(trx);
      for (const r of rows) {
        if (want.some((w) => w.mirror === r.mirror && w.table === r.relation && w.key === r.key)) continue;
        const there = await sql<{ t: string | null }>`SELECT to_regclass(${r.relation})::text AS t`.execute(trx);
        if (there.rows[0]?.t)
          for (const what of ['insert', 'update', 'delete', 'truncate'])
            await sql`DROP TRIGGER IF EXISTS ${sql.id(`mirror_${r.mirror}_${what}`)} ON ${sql.raw(r.relation)}`.execute(
              trx,
            );
        await sql`DELETE FROM mirror.watched WHERE mirror = ${r.mirror} AND relation = ${r.relation}`.execute(trx);
      }
      for (const w of want) {
        if (rows.some((r) => w.mirror === r.mirror && w.table === r.relation && w.key === r.key)) continue;
        await addTriggers(trx, w);
        await sql`INSERT INTO mirror.watched VALUES (${w.mirror}, ${w.table}, ${w.key})`.execute(trx);
      }
      if (this.#all.size)
        await sql`DELETE FROM mirror.change WHERE mirror <> ALL(${[...this.#all.keys()]}::text[])`.execute(trx);
    });
  }

  /** Begins to look into the outbox; what is not whole is made first. */
  start(): void {
    const look = async () => {
      let wait = LOOK;
      try {
        await this.#makeWhole();
        await this.drain();
      } catch (error) {
        if (this.#stopped) return;
        wait = AFTER_FAULT;
        this.#ports.log.error({ err: error }, 'mirrors could not be brought up to date');
      }
      if (this.#stopped) return;
      this.#timer = setTimeout(() => void look(), wait);
      this.#timer.unref();
    };
    if (this.#all.size) void look();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#line.catch(() => undefined);
  }

  #inLine<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#line.then(work, work);
    this.#line = mine.catch(() => undefined);
    return mine;
  }

  /** Brings the lake up to what PostgreSQL holds when it is called; answers how many rows were changed. */
  async drain(): Promise<number> {
    let rows = 0;
    for (;;) {
      const more = await this.#inLine(() => this.#batch());
      rows += more;
      if (more === 0 || this.#stopped) return rows;
    }
  }

  async #batch(): Promise<number> {
    const { db, lake, bus } = this.#ports;
    // What was noted and how those rows are now, of one snapshot: a joined row is never half of an act.
    const taken = await db.tx(async (trx) => {
      await sql`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ`.execute(trx);
      const notes = (
        await sql<{ seq: number; mirror: string; key: string | null }>`
          SELECT seq, mirror, key FROM mirror.change ORDER BY seq LIMIT ${BATCH}`.execute(trx)
      ).rows;
      const now: { m: MirrorDeclaration; keys: string[]; rows: string }[] = [];
      const anew = new Set(notes.filter((n) => n.key === null).map((n) => n.mirror));
      for (const name of new Set(notes.map((n) => n.mirror))) {
        const m = this.#all.get(name);
        const keys = [...new Set(notes.filter((n) => n.mirror === name && n.key !== null).map((n) => n.key!))];
        if (m && keys.length && !anew.has(name)) now.push({ m, keys, rows: await this.#read(trx, m, keys) });
      }
      return { notes, now, anew };
    });
    if (!taken.notes.length) return 0;
    for (const name of taken.anew) if (this.#all.has(name)) await this.#fill(this.#all.get(name)!);
    if (taken.now.length)
      await lake.write('mirror', async (s) => {
        for (const { m, keys, rows } of taken.now) {
          await s.run(`DELETE FROM ${lakeTable(m)} WHERE mirrored_key IN (SELECT unnest($keys))`, { keys });
          await s.run(insertJson(m), { rows });
        }
      });
    // One by one: a note of a transaction that commits meanwhile may have a smaller number.
    await sql`DELETE FROM mirror.change WHERE seq = ANY(${taken.notes.map((n) => n.seq)}::bigint[])`.execute(db.kysely);
    for (const { m, keys } of taken.now) await bus?.emit(mirrored, { name: m.name, rows: keys.length });
    return taken.notes.length;
  }

  async #read(trx: Kysely<AnyTables>, m: MirrorDeclaration, keys: string[]): Promise<string> {
    const where = sql`r.${sql.id(m.key.column)} = ANY((${keys}::text[])::${sql.raw(m.key.type)}[])`;
    const [head, tail] = rowsAsJson(m, '\u0000').split('\u0000') as [string, string];
    return (await sql<{ rows: string }>`${sql.raw(head)}${where}${sql.raw(tail)}`.execute(trx)).rows[0]!.rows;
  }

  async #makeWhole(): Promise<void> {
    const { lake } = this.#ports;
    const open = await lake.query<{ name: string }>('SELECT name FROM mirror.kept WHERE NOT whole');
    for (const { name } of open) if (this.#all.has(name)) await this.rebuild(name);
  }

  /** Makes a mirror anew from PostgreSQL, in one transaction of the lake: readers see the old or the new. Answers its rows. */
  async rebuild(name: string, onPage?: (rows: number) => void): Promise<number> {
    const m = this.#all.get(name);
    if (!m) throw new Error(`no mirror ${name} is declared`);
    const rows = await this.#inLine(() => this.#fill(m, onPage));
    await this.#ports.bus?.emit(mirrored, { name, rows });
    return rows;
  }

  /** Pages by key. What changes while it runs is in the outbox and follows behind. */
  async #fill(m: MirrorDeclaration, onPage?: (rows: number) => void): Promise<number> {
    const { db, lake } = this.#ports;
    return lake.write('mirror', async (s) => {
      await s.run(`DELETE FROM ${lakeTable(m)}`);
      const key = sql.id(m.key.column);
      const type = sql.raw(m.key.type);
      let last: string | null = null;
      let total = 0;
      for (;;) {
        if (this.#stopped) throw new Error('the hub stops');
        const page: { rows: { n: number; last: string | null }[] } = await sql<{ n: number; last: string | null }>`
          SELECT count(*)::int AS n, max(k)::text AS last FROM (SELECT r.${key} AS k FROM ${sql.raw(m.from)} r
            WHERE ${last}::text IS NULL OR r.${key} > ${last}::text::${type} ORDER BY r.${key} LIMIT ${PAGE}) p`.execute(
          db.kysely,
        );
        const { n, last: end } = page.rows[0]!;
        if (!n || end === null) break;
        const where = sql`(${last}::text IS NULL OR r.${key} > ${last}::text::${type}) AND r.${key} <= ${end}::text::${type}`;
        const [head, tail] = rowsAsJson(m, '\u0000').split('\u0000') as [string, string];
        const { rows } = await sql<{ rows: string; n: number }>`${sql.raw(head)}${where}${sql.raw(tail)}`.execute(
          db.kysely,
        );
        await s.run(insertJson(m), { rows: rows[0]!.rows });
        total += rows[0]!.n;
        last = end;
        onPage?.(total);
      }
      await s.run('UPDATE mirror.kept SET whole = true WHERE name = $name', { name: m.name });
      return total;
    });
  }

  /** Names of what is declared. */
  names(): string[] {
    return [...this.#all.keys()];
  }

  /** How every mirror stands. */
  async states(): Promise<MirrorState[]> {
    const { db, lake } = this.#ports;
    const waiting = await db.query<{ mirror: string; n: number }>(
      'SELECT mirror, count(*) AS n FROM mirror.change GROUP BY mirror',
    );
    const kept = await lake.query<{ name: string; whole: boolean }>('SELECT name, whole FROM mirror.kept');
    const states: MirrorState[] = [];
    for (const m of this.#all.values()) {
      const count = await lake.first<{ n: number }>(`SELECT count(*) AS n FROM ${lakeTable(m)}`);
      states.push({
        ...{ name: m.name, view: `${m.name}_v${m.version ?? 1}`, rows: Number(count?.n ?? 0) },
        waiting: Number(waiting.find((w) => w.mirror === m.name)?.n ?? 0),
        whole: kept.find((k) => k.name === m.name)?.whole ?? false,
      });
    }
    return states;
  }
}

async function addTriggers(trx: Kysely<AnyTables>, w: { mirror: string; table: string; key: string }): Promise<void> {
  const parts = {
    insert: 'REFERENCING NEW TABLE AS changed',
    update: 'REFERENCING OLD TABLE AS before NEW TABLE AS changed',
    delete: 'REFERENCING OLD TABLE AS changed',
    truncate: '',
  };
  for (const [what, tables] of Object.entries(parts)) {
    const name = sql.id(`mirror_${w.mirror}_${what}`);
    await sql`DROP TRIGGER IF EXISTS ${name} ON ${sql.raw(w.table)}`.execute(trx);
    await sql`CREATE TRIGGER ${name} AFTER ${sql.raw(what.toUpperCase())} ON ${sql.raw(w.table)} ${sql.raw(tables)}
      FOR EACH STATEMENT EXECUTE FUNCTION mirror.note(${sql.lit(w.mirror)}, ${sql.lit(w.key)})`.execute(trx);
  }
}
