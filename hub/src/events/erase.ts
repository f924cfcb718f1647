/**
 * Events as holders of a person's data: reports of citizens by their telephone, and words in which a number stands, or the person's name where
 * it is known to be theirs. What was done about the matter stays.
 */
import { sql } from 'kysely';
import { type PersonalHolder, saysNumber, withoutWords, withoutWordsIn } from '../platform/personal.ts';
import type { Deps } from '../platform/room.ts';
import type { Trx } from './ports.ts';

const REPORTS = { zh: '群众诉求中的来电号码与文字', en: "Reports: the reporter's telephone and words" };
const WORDS = { zh: '事件办理文字中的号码与姓名', en: 'Words of handling events: numbers and names' };

interface Report {
  id: number;
  event: number;
  key: string;
  text: string;
  address: string | null;
  media_url: string | null;
  /** It was made from the person's telephone. */
  own: boolean;
}
interface Found {
  reports: Report[];
  /** Of those the ones in whose telephone or words the person is. */
  steps: { seq: number; event: number; comment: string | null; detail: unknown }[];
}

const none = sql<boolean>`false`;
const any = (column: ReturnType<typeof sql>, values: readonly string[]) =>
  values.length > 0 ? sql<boolean>`${column} = ANY(${[...values]}::text[])` : none;
const says = (columns: readonly string[], plain: readonly string[]) =>
  plain.length > 0
    ? sql<boolean>`(${sql.join(
        columns.flatMap((c) => plain.map((n) => sql`strpos(${sql.ref(c)}::text, ${n}) > 0`)),
        sql` OR `,
      )})`
    : none;

/** Reports of the person or about them by number, and steps that say a number. */
async function look(db: Trx, own: readonly string[], plain: readonly string[], lock = false): Promise<Found> {
  const mine = sql<boolean>`coalesce(${any(sql`phone`, own)}, false)`;
  const { rows: reports } =
    await sql<Report>`SELECT id, event, key, text, address, media_url, ${mine} AS own FROM events.report
    WHERE ${mine} OR ${says(['text', 'address', 'key', 'media_url'], plain)} ORDER BY id ${lock ? sql`FOR UPDATE` : sql``}`.execute(
      db,
    );
  const { rows: steps } = await sql<Found['steps'][number]>`SELECT seq, event, comment, detail FROM events.step
    WHERE ${says(['comment', 'detail'], plain)} ORDER BY seq`.execute(db);
  return {
    reports: reports.filter((r) => r.own || saysNumber(JSON.stringify(r), plain)),
    steps: steps.filter((s) => saysNumber(JSON.stringify(s), plain)),
  };
}

/** A mobile number as a report's words show it. */
const shown = (plain: readonly string[]): string[] =>
  plain.flatMap((n) => (/^1\d{10}$/.test(n) ? [`${n.slice(0, 3)}****${n.slice(-4)}`] : []));

/** The room as a holder. */
export function eventsHolder({ db }: Pick<Deps, 'db'>): PersonalHolder {
  return {
    async find({ own }, { plain }) {
      const found = await look(db.kysely, own, plain);
      const holding = (place: string, title: typeof REPORTS, count: number) =>
        count > 0 ? [{ place, title, count, action: 'blank' as const, link: '/events' }] : [];
      return [...holding('reports', REPORTS, found.reports.length), ...holding('steps', WORDS, found.steps.length)];
    },
    async erase({ subject, plain, names }) {
      const counts = await db.tx((trx) => erase(trx, subject.own, plain, names));
      const done = (place: string, title: typeof REPORTS, count: number) =>
        count > 0 ? [{ place, title, count, action: 'blank' as const }] : [];
      return {
        done: [...done('reports', REPORTS, counts.reports), ...done('steps', WORDS, counts.words)],
        rewrite: [],
      };
    },
  };
}

async function erase(trx: Trx, own: readonly string[], plain: readonly string[], names: readonly string[]) {
  const { reports } = await look(trx, own, plain, true);
  const masks = shown(plain);
  const clean = (text: string | null, about: boolean, masked: boolean): string | null =>
    text === null ? null : withoutWords(text, plain, about ? [...(masked ? masks : []), ...names] : []);
  // What events took over from a report: words of the first, an address of any.
  const first = new Map<number, boolean>();
  const addresses = new Map<number, Map<string, boolean>>();
  for (const r of reports) {
    const { rows } = await sql<{ event: number; action: string }>`SELECT event, action FROM events.step
      WHERE action IN ('report', 'joined', 'parted') AND detail->>'report' = ${String(r.id)}`.execute(trx);
    for (const e of rows) if (e.action === 'report') first.set(e.event, (first.get(e.event) ?? false) || r.own);
    for (const event of new Set([r.event, ...rows.map((e) => e.event)]))
      if (r.address !== null) addresses.set(event, (addresses.get(event) ?? new Map()).set(r.address, r.own));
    await sql`UPDATE events.report SET text = ${clean(r.text, true, r.own)}, address = ${clean(r.address, true, r.own)},
        media_url = ${r.media_url !== null && (r.own || saysNumber(r.media_url, plain)) ? null : r.media_url},
        key = ${saysNumber(r.key, plain) ? `erased-${r.id}` : r.key}
      WHERE id = ${r.id}`.execute(trx);
    // The telephone and what its owner asks by are the reporter's; of a report about the person by somebody else they stay.
    if (r.own) await sql`UPDATE events.report SET phone = NULL, token = NULL WHERE id = ${r.id}`.execute(trx);
  }
  const near = await withMerged(trx, [
    ...new Set([...first.keys(), ...reports.map((r) => r.event), ...addresses.keys()]),
  ]);
  await cleanEvents(trx, near, first, addresses, plain, names, clean);
  const words = await cleanSteps(trx, near, plain, names);
  return { reports: reports.length, words };
}

/** Events, and those that they were merged into, also where they were parted again. */
async function withMerged(trx: Trx, events: number[]): Promise<number[]> {
  const all = new Set(events);
  for (let next = events; next.length > 0; ) {
    const { rows } = await sql<{ into: number }>`SELECT DISTINCT (detail->>'into')::bigint AS "into" FROM events.step
      WHERE action = 'merged' AND event = ANY(${next}::bigint[])`.execute(trx);
    next = rows.map((r) => r.into).filter((e) => !all.has(e));
    for (const e of next) all.add(e);
  }
  return [...all];
}

/** Events that took words over, and any in which a number stands. `events.said` follows by its trigger. */
async function cleanEvents(
  trx: Trx,
  near: readonly number[],
  first: ReadonlyMap<number, boolean>,
  addresses: ReadonlyMap<number, ReadonlyMap<string, boolean>>,
  plain: readonly string[],
  names: readonly string[],
  clean: (text: string | null, about: boolean, masked: boolean) => string | null,
): Promise<void> {
  const { rows } = await sql<{
    id: number;
    text: string;
    address: string | null;
    asked: unknown;
  }>`SELECT id, text, address, asked FROM events.event WHERE id = ANY(${near}::bigint[]) OR ${says(['text', 'address', 'asked'], plain)} FOR UPDATE`.execute(
    trx,
  );
  const about = new Set(near);
  const taken = new Map([...addresses.values()].flatMap((a) => [...a]));
  for (const e of rows) {
    const text = clean(e.text, first.has(e.id), first.get(e.id) ?? false)!;
    const from = e.address === null ? undefined : taken.get(e.address);
    const address = clean(e.address, from !== undefined, from ?? false);
    const asked =
      e.asked === null ? null : JSON.stringify(withoutWordsIn(e.asked, plain, about.has(e.id) ? names : []));
    if (text !== e.text || address !== e.address || (asked !== null && asked !== JSON.stringify(e.asked)))
      await sql`UPDATE events.event SET text = ${text}, address = ${address}, asked = ${asked}::jsonb, version = version + 1
        WHERE id = ${e.id}`.execute(trx);
  }
}

/** What handlers wrote: numbers wherever they stand, the name in what was written about the person's own reports. */
async function cleanSteps(
  trx: Trx,
  near: readonly number[],
  plain: readonly string[],
  names: readonly string[],
): Promise<number> {
  let changed = 0;
  const about = new Set(near);
  const steps = await sql<Found['steps'][number]>`SELECT seq, event, comment, detail FROM events.step
    WHERE event = ANY(${near}::bigint[]) OR ${says(['comment', 'detail'], plain)}`.execute(trx);
  for (const s of steps.rows) {
    const of = about.has(s.event) ? names : [];
    const comment = s.comment === null ? null : withoutWords(s.comment, plain, of);
    const detail = s.detail === null ? null : JSON.stringify(withoutWordsIn(s.detail, plain, of));
    if (comment === s.comment && (detail === null || detail === JSON.stringify(s.detail))) continue;
    await sql`UPDATE events.step SET comment = ${comment}, detail = ${detail}::jsonb WHERE seq = ${s.seq}`.execute(trx);
    changed++;
  }
  const clocks = await sql<{ id: number; event: number; ground: string }>`SELECT id, event, ground FROM events.clock
    WHERE ground IS NOT NULL AND (event = ANY(${near}::bigint[]) OR ${says(['ground'], plain)})`.execute(trx);
  for (const c of clocks.rows) {
    const ground = withoutWords(c.ground, plain, about.has(c.event) ? names : []);
    if (ground === c.ground) continue;
    await sql`UPDATE events.clock SET ground = ${ground} WHERE id = ${c.id}`.execute(trx);
    changed++;
  }
  return changed;
}
