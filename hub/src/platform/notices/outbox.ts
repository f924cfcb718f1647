/** What rooms tell, kept in their own transaction: the outbox of notices. Nothing is looked up here but the matter itself. */
import { sql } from 'kysely';
import type { Clock } from '../clock.ts';
import { spanOf } from '../law/index.ts';
import { kinds } from './kinds.ts';
import type { Deputyship, EscalationStep, Link, Notice, NoticePort, Recipient, Trx } from './port.ts';

/** Statement-size bound of one call. */
const BATCH = 200;

const organisationsOf = (to: readonly Recipient[]): string[] => [
  ...new Set(to.flatMap((r) => ('organisation' in r && r.organisation ? [r.organisation] : []))),
];

/** The steps of a notice's escalation: its own, or its kind's for the organisations that it goes to. */
function stepsOf(n: Notice): EscalationStep[] {
  const steps = n.escalate ?? kinds[n.kind].escalation.map((s) => ({ within: s.within, to: recipientsOf(s.to, n) }));
  for (const s of steps) if (!spanOf(s.within)) throw new Error(`not a span of time: ${s.within}`);
  return steps.filter((s) => s.to.length).map(({ within, to }) => ({ within, to: [...to] }));
}

const recipientsOf = (to: (typeof kinds)[keyof typeof kinds]['escalation'][number]['to'], n: Notice): Recipient[] =>
  to === 'heads'
    ? organisationsOf(n.to).map((organisation) => ({ role: 'department-head', organisation }))
    : [{ role: to }];

/** The links of a notice, the best first. */
const linksOf = (n: Notice): readonly Link[] =>
  typeof n.link === 'string' ? [{ needs: kinds[n.kind].needs, to: n.link }] : n.link;

/** Writes and settles matters; tells `woken` that there is something, as soon as the transaction ends. */
export class Outbox implements NoticePort {
  readonly #clock: Clock;
  readonly #woken: () => void;
  readonly #kysely: () => Trx;
  readonly #sources: ((trx: Trx, day: string) => Promise<Deputyship[]>)[] = [];

  constructor(of: { clock: Clock; kysely: () => Trx; woken: () => void }) {
    this.#clock = of.clock;
    this.#kysely = of.kysely;
    this.#woken = of.woken;
  }

  async tell(trx: Trx, notices: Notice | readonly Notice[]): Promise<void> {
    const all = Array.isArray(notices) ? (notices as readonly Notice[]) : [notices as Notice];
    // Two of one key in one statement would be refused by the store: the last one counts.
    const byKey = [...new Map(all.map((n) => [n.key, n])).values()];
    const at = this.#clock.now();
    for (let i = 0; i < byKey.length; i += BATCH) await this.#write(trx, byKey.slice(i, i + BATCH), at);
    if (byKey.length) this.#woken();
  }

  async #write(trx: Trx, some: readonly Notice[], at: Date): Promise<void> {
    const rows = some.map((n) => ({
      ...{ key: n.key, kind: n.kind, about: n.about, urgency: n.urgency ?? kinds[n.kind].urgency, to: n.to },
      ...{ title: n.title, text: n.text, links: linksOf(n), escalation: stepsOf(n) },
      expires: n.expires?.toISOString() ?? null,
    }));
    await sql`INSERT INTO notices.matter AS m (key, kind, about, urgency, recipients, title, text, links, escalation,
        expires_at, made_at, changed_at)
      SELECT r->>'key', r->>'kind', r->>'about', r->>'urgency', r->'to', r->'title', r->'text', r->'links',
        r->'escalation', (r->>'expires')::timestamptz, ${at}, ${at}
      FROM jsonb_array_elements(${JSON.stringify(rows)}::jsonb) AS r
      ON CONFLICT (key) DO UPDATE SET urgency = excluded.urgency, recipients = excluded.recipients,
        title = excluded.title, text = excluded.text, links = excluded.links, expires_at = excluded.expires_at,
        changed_at = excluded.changed_at, revision = m.revision + 1
      WHERE m.settled_at IS NULL AND (m.urgency, m.recipients, m.title, m.text, m.links, m.expires_at)
        IS DISTINCT FROM (excluded.urgency, excluded.recipients, excluded.title, excluded.text, excluded.links,
          excluded.expires_at)`.execute(trx);
  }

  async withdraw(trx: Trx, which: Parameters<NoticePort['withdraw']>[1]): Promise<void> {
    const at = this.#clock.now();
    const chosen =
      typeof which === 'string' ? sql`key = ${which}` : sql`kind = ${which.kind} AND about = ${which.about}`;
    const { rows } = await sql<{ id: number }>`UPDATE notices.matter SET settled_at = ${at}, level_due = NULL
      WHERE settled_at IS NULL AND ${chosen} RETURNING id`.execute(trx);
    if (!rows.length) return;
    await settleNotices(
      trx,
      rows.map((r) => r.id),
      at,
    );
    this.#woken();
  }

  async open(name: Notice['kind'], trx?: Trx): Promise<Set<string>> {
    const { rows } = await sql<{ about: string }>`SELECT DISTINCT about FROM notices.matter
      WHERE kind = ${name} AND settled_at IS NULL`.execute(trx ?? this.#kysely());
    return new Set(rows.map((r) => r.about));
  }

  deputies(source: (trx: Trx, day: string) => Promise<Deputyship[]>): void {
    this.#sources.push(source);
  }

  /** Deputyships in force on a day, of every room that knows some. */
  async deputiesOn(trx: Trx, day: string): Promise<Deputyship[]> {
    const found: Deputyship[] = [];
    for (const source of this.#sources) found.push(...(await source(trx, day)));
    return found;
  }
}

/** Settles matters whose time is over; answers how many. */
export async function expire(trx: Trx, now: Date): Promise<number> {
  const { rows } = await sql<{
    id: number;
  }>`UPDATE notices.matter SET settled_at = ${now}, dispatched = revision, level_due = NULL
    WHERE settled_at IS NULL AND expires_at <= ${now} RETURNING id`.execute(trx);
  if (rows.length)
    await settleNotices(
      trx,
      rows.map((r) => r.id),
      now,
    );
  return rows.length;
}

/** Settles the notices of matters; what waits to be sent is not sent any more. */
export async function settleNotices(trx: Trx, matters: readonly number[], at: Date): Promise<void> {
  await sql`UPDATE notices.notice SET settled_at = ${at} WHERE settled_at IS NULL
    AND matter = ANY(${[...matters]}::bigint[])`.execute(trx);
  await sql`UPDATE notices.delivery d SET state = 'cancelled', ended_at = ${at} FROM notices.notice n
    WHERE n.id = d.notice AND d.state IN ('waiting', 'digest')
      AND n.matter = ANY(${[...matters]}::bigint[])`.execute(trx);
}
