/**
 * Deliveries outside of the hub. A try is on disk as 'sending' before it is made, and as 'handed' before the receiver could have taken
 * it; what a killed hub left behind is judged by that: not handed was certainly not sent; handed may have been, is counted as uncertain
 * and sent again under the same id, since at least once comes before never twice outside of the inbox.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Db } from '../db/index.ts';
import type { Logger } from '../log/index.ts';
import { type Channel, type Content, failed, type Outcome, type StoredProblem, stored } from './channels/channel.ts';
import type { Trx } from './port.ts';
import { sendProblems } from './problems.ts';

/** What delivering stands on. */
export interface DeliverPorts {
  db: Db;
  clock: Clock;
  log: Logger;
  /** This process: what another one left in the middle is not its own. */
  worker: string;
  channels(): ReadonlyMap<string, Channel>;
  /** A person's address on a channel; null where there is none any more. */
  addressOf(account: string, channel: Channel): Promise<string | null>;
  /** The hub's address for people, without a slash at its end. */
  base(): string;
  /** What makes ids of this hub its own: `<…@host>`. */
  host(): string;
  random(): number;
}

/** Tries until a delivery is given up; waits double from half a minute to six hours. */
export const MOST_ATTEMPTS = 12;
const FIRST_WAIT = 30_000;
const LONGEST_WAIT = 6 * 3_600_000;
/** A channel that nothing gets through rests for so long, doubling. */
const REST = 15_000;
const LONGEST_REST = 300_000;
/** Most entries of one digest. */
const DIGEST_ITEMS = 100;

/** How long to wait before try n + 1. */
export const backoff = (n: number, random: number): number =>
  Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (n - 1)) * (0.9 + 0.2 * random);

/** The id of a delivery: the same for every try of the same thing to the same person on the same channel. */
export const idOf = (key: string, account: string, channel: string, host: string): string =>
  `<${createHash('sha256')
    .update(JSON.stringify([key, account, channel]))
    .digest('hex')
    .slice(0, 40)}@${host}>`;

/** Numbers that could be somebody's leave the hub never, whatever a room wrote into a text. */
export const withoutNumbers = (text: string): string =>
  text.replace(/\d{11,}[Xx]?/g, (n) => `${n.slice(0, 3)}****${n.slice(-2)}`);
const guarded = (t: { zh: string; en: string }) => ({ zh: withoutNumbers(t.zh), en: withoutNumbers(t.en) });

interface DeliveryRow {
  id: number;
  account: string;
  channel: string;
  notice: number | null;
  digest: string | null;
  content: Content | null;
  attempts: number;
  /** Tries before it was asked for anew. */
  tries_from: number;
}

/** What a killed process left as being sent: judged, and due again at once. */
export async function takeUp(
  ports: Pick<DeliverPorts, 'db' | 'clock' | 'worker'>,
): Promise<{ safe: number; uncertain: number }> {
  const now = ports.clock.now();
  const problem = JSON.stringify(stored(sendProblems.interrupted));
  return ports.db.tx(async (trx) => {
    const { rows } = await sql<{ id: number; attempts: number; handed: boolean }>`UPDATE notices.delivery
      SET state = 'waiting', due_at = ${now}, worker = NULL, uncertain = uncertain + handed::int, problem = ${problem}::jsonb
      WHERE state = 'sending' AND worker IS DISTINCT FROM ${ports.worker} RETURNING id, attempts, handed`.execute(trx);
    for (const r of rows)
      await sql`UPDATE notices.attempt SET ended_at = ${now}, outcome = ${r.handed ? 'uncertain' : 'interrupted'},
        problem = ${problem}::jsonb WHERE delivery = ${r.id} AND n = ${r.attempts} AND outcome IS NULL`.execute(trx);
    const uncertain = rows.filter((r) => r.handed).length;
    return { safe: rows.length - uncertain, uncertain };
  });
}

/** Puts what waits for a person's digest into one delivery, when its hour has come; answers how many digests were made. */
export async function bundle(ports: Pick<DeliverPorts, 'db' | 'clock'>): Promise<number> {
  const now = ports.clock.now();
  const due = sql`state = 'digest' AND due_at <= ${now}`;
  const there = await sql`SELECT 1 FROM notices.delivery WHERE ${due} LIMIT 1`.execute(ports.db.kysely);
  if (!there.rows.length) return 0;
  return ports.db.tx(async (trx) => {
    const { rows } = await sql<{ account: string; channel: string; first: number; ids: number[] }>`
      SELECT account, channel, min(id) AS first, array_agg(id ORDER BY id) AS ids FROM (
        SELECT id, account, channel, row_number() OVER (PARTITION BY account, channel ORDER BY id) AS r
        FROM notices.delivery WHERE ${due}) d
      WHERE r <= ${DIGEST_ITEMS} GROUP BY account, channel LIMIT 200`.execute(trx);
    for (const { account, channel, first, ids } of rows) {
      const made = await sql<{
        id: number;
      }>`INSERT INTO notices.delivery (account, channel, digest, state, due_at, made_at)
        VALUES (${account}::uuid, ${channel}, ${`digest/${first}`}, 'waiting', ${now}, ${now}) RETURNING id`.execute(
        trx,
      );
      await sql`UPDATE notices.delivery SET state = 'bundled', within = ${made.rows[0]!.id}
        WHERE id = ANY(${ids}::bigint[]) AND state = 'digest'`.execute(trx);
    }
    return rows.length;
  });
}

/** Sends what is due on every channel that does not rest. One at a time; `stop` ends it behind what is being sent. */
export class Sender {
  readonly #ports: DeliverPorts;
  readonly #rests = new Map<string, { until: number; wait: number }>();
  readonly #sent = new Map<string, number[]>();
  #stopped = false;

  constructor(ports: DeliverPorts) {
    this.#ports = ports;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** A channel's rest is over: somebody mended it, or says so. */
  wake(channel?: string): void {
    if (channel === undefined) this.#rests.clear();
    else this.#rests.delete(channel);
  }

  /** Until when a channel rests, if it does. */
  restsUntil(channel: string): Date | null {
    const rest = this.#rests.get(channel);
    return rest && rest.until > this.#ports.clock.now().getTime() ? new Date(rest.until) : null;
  }

  /** Sends until nothing more is due; answers how many tries were made. */
  async look(): Promise<number> {
    const each = [...this.#ports.channels().values()].map((c) => this.#drain(c));
    return (await Promise.all(each)).reduce((a, b) => a + b, 0);
  }

  async #drain(channel: Channel): Promise<number> {
    let all = 0;
    while (!this.#stopped) {
      const now = this.#ports.clock.now().getTime();
      if ((this.#rests.get(channel.name)?.until ?? 0) > now) return all;
      const recent = (this.#sent.get(channel.name) ?? []).filter((t) => t > now - 60_000);
      const room = Math.min(channel.concurrency, channel.perMinute - recent.length);
      if (room < 1) return all;
      const claimed = await this.#claim(channel, room);
      if (!claimed.length) return all;
      this.#sent.set(channel.name, [...recent, ...claimed.map(() => now)]);
      await Promise.all(claimed.map((d) => this.#send(channel, d)));
      all += claimed.length;
    }
    return all;
  }

  async #claim(channel: Channel, most: number): Promise<DeliveryRow[]> {
    const { db, clock, worker } = this.#ports;
    const now = clock.now();
    const due = sql`channel = ${channel.name} AND state = 'waiting' AND due_at <= ${now}`;
    const there = await sql`SELECT 1 FROM notices.delivery WHERE ${due} LIMIT 1`.execute(db.kysely);
    if (!there.rows.length) return [];
    return db.tx(async (trx) => {
      const { rows } = await sql<DeliveryRow>`WITH due AS (SELECT id FROM notices.delivery WHERE ${due}
          ORDER BY due_at, id LIMIT ${most} FOR UPDATE SKIP LOCKED)
        UPDATE notices.delivery d SET state = 'sending', worker = ${worker}, handed = false, attempts = attempts + 1
        FROM due WHERE d.id = due.id RETURNING d.id, d.account, d.channel, d.notice, d.digest, d.content, d.attempts, d.tries_from`.execute(
        trx,
      );
      for (const d of rows) {
        d.content ??= await this.#freeze(trx, d);
        await sql`INSERT INTO notices.attempt (delivery, n, started_at) VALUES (${d.id}, ${d.attempts}, ${now})`.execute(
          trx,
        );
      }
      return rows;
    });
  }

  /** What is sent, as it is now: further tries say the same. */
  async #freeze(trx: Trx, d: DeliveryRow): Promise<Content> {
    const content = d.digest === null ? await contentOf(trx, d.notice!) : await digestOf(trx, d.id);
    await sql`UPDATE notices.delivery SET content = ${JSON.stringify(content)}::jsonb WHERE id = ${d.id}`.execute(trx);
    return content;
  }

  async #send(channel: Channel, d: DeliveryRow): Promise<void> {
    const { clock, db, log } = this.#ports;
    let outcome: Outcome;
    let handed = false;
    try {
      const to = await this.#ports.addressOf(d.account, channel);
      outcome =
        to === null
          ? failed(sendProblems.absent, { final: true })
          : await channel.send({
              ...{ id: await this.#idOf(d), to, content: d.content!, base: this.#ports.base(), at: clock.now() },
              handing: async () => {
                await sql`UPDATE notices.delivery SET handed = true WHERE id = ${d.id}`.execute(db.kysely);
                handed = true;
              },
            });
    } catch (error) {
      log.error({ err: error, channel: channel.name, delivery: d.id }, 'a notice could not be sent');
      outcome = failed(sendProblems.broken, { uncertain: handed });
    }
    await this.#keep(channel, d, outcome);
  }

  async #idOf(d: DeliveryRow): Promise<string> {
    const { db, host } = this.#ports;
    if (d.digest !== null) return idOf(d.digest, d.account, d.channel, host());
    const { rows } = await sql<{
      key: string;
    }>`SELECT m.key FROM notices.notice n JOIN notices.matter m ON m.id = n.matter
      WHERE n.id = ${d.notice}`.execute(db.kysely);
    return idOf(rows[0]!.key, d.account, d.channel, host());
  }

  async #keep(channel: Channel, d: DeliveryRow, outcome: Outcome): Promise<void> {
    const { db, clock, log, random } = this.#ports;
    const now = clock.now();
    const sent = outcome.state === 'sent';
    const dead = !sent && (outcome.final || d.attempts - d.tries_from >= MOST_ATTEMPTS);
    const state = sent ? 'sent' : dead ? 'dead' : 'waiting';
    const uncertain = !sent && outcome.uncertain;
    const problem: StoredProblem | null = sent ? null : outcome.problem;
    const due = sent ? now : new Date(now.getTime() + (outcome.wait ?? backoff(d.attempts - d.tries_from, random())));
    await db.tx(async (trx) => {
      await sql`UPDATE notices.delivery SET state = ${state}, worker = NULL, due_at = ${due}, uncertain = uncertain + ${uncertain ? 1 : 0},
          problem = ${problem && JSON.stringify(problem)}::jsonb, ended_at = ${sent || dead ? now : null}
        WHERE id = ${d.id} AND state = 'sending'`.execute(trx);
      await sql`UPDATE notices.attempt SET ended_at = ${now}, outcome = ${sent ? 'sent' : uncertain ? 'uncertain' : 'failed'},
        problem = ${problem && JSON.stringify(problem)}::jsonb WHERE delivery = ${d.id} AND n = ${d.attempts}`.execute(
        trx,
      );
      if (d.digest !== null && state !== 'waiting')
        await sql`UPDATE notices.delivery SET state = ${state}, ended_at = ${now}, problem = ${problem && JSON.stringify(problem)}::jsonb
          WHERE within = ${d.id} AND state = 'bundled'`.execute(trx);
    });
    if (sent) this.#rests.delete(channel.name);
    else {
      log.warn(
        { channel: channel.name, delivery: d.id, code: problem!.code, attempts: d.attempts },
        'a notice did not go out',
      );
      if (outcome.rest) {
        const wait = Math.min(LONGEST_REST, (this.#rests.get(channel.name)?.wait ?? REST / 2) * 2);
        this.#rests.set(channel.name, { until: now.getTime() + wait, wait });
      }
    }
  }
}

/** A notice as the matter says it now. */
async function contentOf(trx: Trx, notice: number): Promise<Content> {
  const { rows } = await sql<Content>`SELECT m.title, m.text, n.link, m.urgency, m.kind FROM notices.notice n
    JOIN notices.matter m ON m.id = n.matter WHERE n.id = ${notice}`.execute(trx);
  const c = rows[0]!;
  return { ...c, title: guarded(c.title), text: guarded(c.text) };
}

/** A digest: what is not settled of what waited for it. */
async function digestOf(trx: Trx, id: number): Promise<Content> {
  const { rows } = await sql<{
    title: Content['title'];
    link: string;
    at: Date;
  }>`SELECT m.title, n.link, n.arrived_at AS at
    FROM notices.delivery d JOIN notices.notice n ON n.id = d.notice JOIN notices.matter m ON m.id = n.matter
    WHERE d.within = ${id} ORDER BY d.id`.execute(trx);
  const items = rows.map((r) => ({ title: guarded(r.title), link: r.link, at: r.at.toISOString() }));
  const n = items.length;
  return {
    title: { zh: `通知摘要（${n} 条）`, en: `Digest of ${n} notices` },
    text: { zh: `自上次摘要以来有 ${n} 条通知。`, en: `${n} notices since the last digest.` },
    ...{ link: '/notices', urgency: 'info', kind: 'digest', items },
  };
}
