/**
 * Store and lake meet at the start of the hub (对账): their marks are compared, and when one of them was put back alone, declared steps put right what
 * can be (numbers never given twice, mirrors made anew, sessions ended, cursors set back) and say what is left to people. Nothing is done when they
 * fit, which is every ordinary start, also after a kill and after the restore of a whole backup.
 */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import type { Principal } from '../../auth/principal.ts';
import type { Clock } from '../../clock.ts';
import type { Db, MigrationSet } from '../../db/index.ts';
import type { Lake } from '../../lake/index.ts';
import type { Logger } from '../../log/index.ts';
import type { Part } from '../../operations/parts.ts';
import { Repeated } from '../../repeat.ts';
import type { AuditPort, Deps } from '../../room.ts';
import { compare, markTables, raise, readMarks, serverOf } from './mark.ts';
import { ownSteps, passNumbers } from './steps.ts';
import type { Behind, NamedFiles, Turn, TurnStep } from './turn.ts';

/** The marks and what was found. */
export const togetherMigrations: MigrationSet = {
  room: 'backup',
  folder: fileURLToPath(new URL('./migrations', import.meta.url)),
};

/** Milliseconds between two raisings of the marks: what may be lost unseen between two of them is covered by the margins of the steps. */
const EVERY = 30_000;

/** What a room brings to it. */
export interface TurnedRoom {
  name: string;
  turned?(deps: Deps, turn: Turn): Promise<TurnStep[]>;
  files?: readonly NamedFiles[];
}

/** What a comparison needs: it comes before anything else of a start gives a number. */
export interface TogetherOptions {
  db: Db;
  lake: Lake;
  clock: Clock;
  log: Logger;
}

/** What the steps need of the rest of the hub. */
export interface SettleOptions {
  deps: Deps;
  rooms: readonly TurnedRoom[];
  /** The last second in the calendar of signatures, in milliseconds; null: none, or this start does not sign. */
  lastSigned(): Promise<number | null>;
}

/** A found turn as it is kept. */
export interface TurnView {
  id: number;
  foundAt: string;
  behind: Behind;
  cause: string;
  storeAt: string | null;
  lakeAt: string | null;
  steps: TurnStep[];
  done: boolean;
  settledAt: string | null;
  settledBy: string | null;
}

/** Watches that store and lake stay together. */
export class Together {
  readonly #o: TogetherOptions;
  readonly #looks: Repeated;
  #turn: Turn | undefined;
  /** The server was exchanged while the hub ran: only a start can look at what that means. */
  #exchanged = false;

  constructor(options: TogetherOptions) {
    this.#o = options;
    this.#looks = new Repeated(
      () => this.tick(),
      (error) => options.log.error({ err: error }, 'the marks of store and lake could not be raised'),
    );
  }

  /** Before anything else of a start writes: compares, and when they are apart passes over every number that may have been given. */
  async compare(): Promise<Turn | undefined> {
    const { db, lake, clock, log } = this.#o;
    await lake.define(markTables);
    const { store, lake: own, server } = await readMarks(db, lake);
    const found = compare(store, own, server);
    const open = await unfinished(db);
    if (!found.apart && !open) {
      await raise(db, lake, clock.now());
      return undefined;
    }
    const turn =
      open ??
      (await this.#open(
        found as { cause: string; behind: Behind },
        store?.at ?? null,
        own?.at ?? null,
        own?.ids ?? {},
      ));
    log.warn(
      { behind: turn.behind, storeAt: turn.storeAt, lakeAt: turn.lakeAt },
      'store and lake are of different moments',
    );
    this.#turn = turn;
    return turn;
  }

  async #open(
    { cause, behind }: { cause: string; behind: Behind },
    storeAt: Date | null,
    lakeAt: Date | null,
    ids: Record<string, number>,
  ): Promise<Turn> {
    const { db, clock } = this.#o;
    const now = clock.now();
    const id = await db.tx(async (trx) => {
      // First of all: the number of the turn itself is one that was not given before.
      const passed = await passNumbers(trx, ids);
      const { rows } = await sql<{
        id: number;
      }>`INSERT INTO backup.turn (found_at, behind, cause, store_at, lake_at, steps)
        VALUES (${now}, ${behind}, ${cause}, ${storeAt}, ${lakeAt}, ${JSON.stringify([passed])}::jsonb) RETURNING id`.execute(
        trx,
      );
      return rows[0]!.id;
    });
    return { id, behind, storeAt, lakeAt, now };
  }

  /** Before any room starts: does the steps of what was found. Every step may be done again: a hub that is killed in between begins with the first. */
  async settle({ deps, rooms, lastSigned }: SettleOptions): Promise<void> {
    const turn = this.#turn;
    if (!turn) return;
    this.#turn = undefined;
    const [before] = await deps.db.query<{ steps: TurnStep[] }>('SELECT steps FROM backup.turn WHERE id = $1', [
      turn.id,
    ]);
    const steps = [...before!.steps, ...(await ownSteps(deps, turn, lastSigned))];
    for (const room of rooms) {
      for (const step of (await room.turned?.(deps, turn)) ?? [])
        steps.push({ ...step, id: `${room.name}.${step.id}` });
    }
    const kept = steps.filter((s) => s.count > 0);
    await deps.db.tx(async (trx) => {
      await sql`UPDATE backup.turn SET steps = ${JSON.stringify(kept)}::jsonb, done_at = ${turn.now} WHERE id = ${turn.id}`.execute(
        trx,
      );
      await deps.notices.tell(trx, {
        ...{ key: `backup.turned/${turn.id}`, kind: 'backup.turned', to: [{ role: 'system-admin' }] },
        title: { zh: '业务库与其余数据不在同一时刻', en: 'The store and the other data are of different moments' },
        text: sentence(turn.behind),
        ...{ link: '/system/backups', about: `turn/${turn.id}` },
      });
      await deps.audit.append(
        {
          ...{ actor: null, action: 'backup.turned', object: `turn/${turn.id}`, outcome: 'ok' },
          detail: { behind: turn.behind, steps: Object.fromEntries(kept.map((s) => [s.id, s.count])) },
        },
        trx,
      );
    });
    // Another era: whoever puts one of them back once more is found again.
    await raise(deps.db, deps.lake, deps.clock.now(), randomUUID());
  }

  /** Raises the marks; not any more once the server is another than the hub started with. */
  async tick(): Promise<void> {
    if (this.#exchanged) return;
    const { db, lake, clock } = this.#o;
    const [now, { lake: own }] = [await serverOf(db), await readMarks(db, lake)];
    const was = own?.server;
    if (was && now && (was.system !== now.system || was.timeline !== now.timeline)) {
      this.#exchanged = true;
      return;
    }
    await raise(db, lake, clock.now());
  }

  start(): void {
    this.#looks.start(EVERY);
  }

  async stop(): Promise<void> {
    await this.#looks.stop();
    // At rest both stand at the same number, unless they no longer fit: then the next start has to see it.
    if (!this.#exchanged) await this.tick().catch(() => undefined);
  }

  /** Turns that were found, the newest first. */
  turns(): Promise<TurnView[]> {
    return turnsOf(this.#o.db);
  }

  /** An administrator has looked after what was left; false where nothing of that number is open. */
  close(id: number, by: Principal, audit: AuditPort): Promise<boolean> {
    const { db, clock } = this.#o;
    return db.tx(async (trx) => {
      const { rows } = await sql`UPDATE backup.turn SET settled_at = ${clock.now()}, settled_by = ${by.login}
        WHERE id = ${id} AND done_at IS NOT NULL AND settled_at IS NULL RETURNING id`.execute(trx);
      if (!rows.length) return false;
      await audit.append({ actor: by, action: 'backup.turn-settled', object: `turn/${id}`, outcome: 'ok' }, trx);
      return true;
    });
  }

  /** One line for the page of operations. */
  async standing(): Promise<Part> {
    const base = { id: 'together', title: { zh: '业务库与数据湖', en: 'Store and lake' }, link: '/system/backups' };
    if (this.#exchanged)
      return {
        ...{ ...base, standing: 'bad' },
        text: {
          zh: '数据库服务器已被换下或恢复过：请重启枢纽，启动时会核对',
          en: 'the server was exchanged or put back: restart the hub, which compares at its start',
        },
      };
    const open = (await this.turns()).find((t) => !t.settledAt);
    if (!open) return { ...base, standing: 'ok', text: { zh: '同一时刻', en: 'of the same moment' } };
    const left = open.steps.filter((s) => s.left).length;
    const text = sentence(open.behind);
    return {
      ...{ ...base, standing: 'warn' },
      text: { zh: `${text.zh}；${left} 项待人工处理`, en: `${text.en}; ${left} things are left to people` },
    };
  }
}

/** In words which is behind. */
export const sentence = (behind: Behind): { zh: string; en: string } =>
  ({
    store: {
      zh: '业务库停在较早的时刻，数据湖、文件与签名日历较新；能自动理顺的已理顺',
      en: 'the store stands at an earlier moment than lake, files and calendar; what could be put right was',
    },
    lake: {
      zh: '数据湖、文件与签名日历停在较早的时刻，业务库较新；能自动理顺的已理顺',
      en: 'lake, files and calendar stand at an earlier moment than the store; what could be put right was',
    },
    unknown: {
      zh: '业务库与数据湖不是一起保存的；能自动理顺的已理顺',
      en: 'store and lake were not kept together; what could be put right was',
    },
  })[behind];

/** A turn whose steps were not finished. */
async function unfinished(db: Db): Promise<Turn | undefined> {
  const [row] = await db.query<{
    id: number;
    behind: Behind;
    store_at: Date | null;
    lake_at: Date | null;
    found_at: Date;
  }>('SELECT id, behind, store_at, lake_at, found_at FROM backup.turn WHERE done_at IS NULL ORDER BY id DESC LIMIT 1');
  return row && { id: row.id, behind: row.behind, storeAt: row.store_at, lakeAt: row.lake_at, now: row.found_at };
}

/** Turns that were found, the newest first. */
export async function turnsOf(db: Db): Promise<TurnView[]> {
  const rows = await db.query<{
    id: number;
    found_at: Date;
    behind: Behind;
    cause: string;
    store_at: Date | null;
    lake_at: Date | null;
    steps: TurnStep[];
    done_at: Date | null;
    settled_at: Date | null;
    settled_by: string | null;
  }>('SELECT * FROM backup.turn ORDER BY id DESC LIMIT 50');
  const iso = (d: Date | null) => d?.toISOString() ?? null;
  return rows.map((r) => ({
    ...{ id: r.id, foundAt: r.found_at.toISOString(), behind: r.behind, cause: r.cause, steps: r.steps },
    ...{ storeAt: iso(r.store_at), lakeAt: iso(r.lake_at), done: r.done_at !== null },
    ...{ settledAt: iso(r.settled_at), settledBy: r.settled_by },
  }));
}
