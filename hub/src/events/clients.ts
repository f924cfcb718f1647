/** Systems and applications that report by key, and how often who may ask: counted in memory, nothing is kept of who came. */
import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Principal } from '../platform/auth/principal.ts';
import type { Clock } from '../platform/clock.ts';
import { Problem } from '../platform/problem.ts';
import type { Channel } from './intake.ts';
import type { EventPorts } from './ports.ts';
import * as k from './problems.ts';

/** A client that may report. */
export interface Client {
  id: string;
  title: string;
  channel: Channel;
  active: boolean;
  per_minute: number;
}

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');
const SENDERS = 100_000;

/** How many requests of whom within a window. */
export class Rates {
  readonly #clock: Clock;
  readonly #salt = randomBytes(16);
  readonly #seen = new Map<string, { start: number; n: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one, or as many as are `asked` for; answers how many of them there was room for. A Problem where there was none. */
  take(what: string, sender: string, most: number, seconds: number, asked = 1): number {
    const name = createHash('sha256').update(this.#salt).update(`${what} ${sender}`).digest('base64url');
    const at = this.#clock.now().getTime();
    let own = this.#seen.get(name);
    if (!own || at - own.start >= seconds * 1000) {
      this.#seen.delete(name);
      if (this.#seen.size >= SENDERS) this.#seen.delete(this.#seen.keys().next().value!);
      own = { start: at, n: 0 };
      this.#seen.set(name, own);
    }
    if (own.n >= most) throw new Problem(k.clientBusy);
    const taken = Math.min(asked, most - own.n);
    own.n += taken;
    return taken;
  }
}

/** Who has a key. @throws where nobody has it or it was withdrawn. */
export async function clientOf(ports: Pick<EventPorts, 'db'>, key: string): Promise<Client> {
  const { rows } =
    await sql<Client>`SELECT id, title, channel, active, per_minute FROM events.client WHERE key = ${hashOf(key)} AND active`.execute(
      ports.db.kysely,
    );
  if (!rows[0]) throw new Problem(k.clientUnknown);
  return rows[0];
}

/** Makes a client; its key is told once and kept as a digest only. */
export async function makeClient(
  ports: EventPorts,
  given: { id: string; title: string; channel: Channel; perMinute: number },
  p: Principal,
) {
  const key = randomBytes(24).toString('base64url');
  await ports.db.tx(async (trx) => {
    await sql`INSERT INTO events.client (id, title, channel, key, per_minute, made_at, made_by)
      VALUES (${given.id}, ${given.title}, ${given.channel}, ${hashOf(key)}, ${given.perMinute}, ${ports.clock.now()}, ${p.login})
      ON CONFLICT (id) DO UPDATE SET title = excluded.title, channel = excluded.channel, key = excluded.key, per_minute = excluded.per_minute, active = true`.execute(
      trx,
    );
    await ports.audit.append(
      { actor: p, action: 'events.client.make', object: `event-client/${given.id}`, outcome: 'ok' },
      trx,
    );
  });
  return { id: given.id, key };
}

/** Withdraws a client's key. */
export async function endClient(ports: EventPorts, id: string, p: Principal): Promise<void> {
  const { numAffectedRows } = await sql`UPDATE events.client SET active = false WHERE id = ${id}`.execute(
    ports.db.kysely,
  );
  if (Number(numAffectedRows) !== 1) throw new Problem(k.unknownClient);
  await ports.audit.append({ actor: p, action: 'events.client.end', object: `event-client/${id}`, outcome: 'ok' });
}

/** All clients, with how much came of each. */
export async function clients(ports: EventPorts) {
  const { rows } = await sql<
    Client & { made_at: Date; reports: number; last: Date | null }
  >`SELECT c.id, c.title, c.channel, c.active, c.per_minute, c.made_at,
      count(r.id) AS reports, max(r.received_at) AS last
    FROM events.client c LEFT JOIN events.report r ON r.client = c.id AND r.received_at > ${new Date(ports.clock.now().getTime() - 30 * 86_400_000)}
    GROUP BY c.id ORDER BY c.id LIMIT 500`.execute(ports.db.kysely);
  return rows.map((c) => ({
    ...{
      id: c.id,
      title: c.title,
      channel: c.channel,
      active: c.active,
      perMinute: c.per_minute,
      madeAt: c.made_at.toISOString(),
    },
    ...{ reports: Number(c.reports), last: c.last?.toISOString() ?? null },
  }));
}
