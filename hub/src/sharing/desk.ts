/** Desks: what waits for somebody, what they were told, and for the authority every clock and who is late. */
import { sql } from 'kysely';
import type { z } from 'zod';
import { catalogueOf } from '../catalogue/index.ts';
import { openCorrections } from '../libraries/index.ts';
import type { Principal } from '../platform/auth/principal.ts';
import { cityDay } from '../platform/law/index.ts';
import { openSteps, type SharingPorts } from './act.ts';
import type * as api from './api.ts';
import { clocksWhere } from './clocks.ts';
import { disputes } from './disputes.ts';
import { nameOf, sharedEntry } from './entries.ts';
import { machine } from './machine.ts';
import {
  AUTHORITY,
  columnsOf,
  matterOf,
  type NoticeKind,
  noticeTitles,
  type RequestRow,
  type ShareRow,
} from './matters.ts';
import { deputiesOn, seenBy, seesAll } from './people.ts';
import { requestsSeen } from './requests.ts';
import { clockViews } from './views.ts';

type Out<T extends z.ZodType> = z.input<T>;
type Clock = Out<typeof api.clockView>;
/** Steps that are open to take but that nobody waits for. */
const OPTIONAL = new Set([
  'withdraw',
  'suspend',
  'propose-change',
  'ask-renewal',
  'release',
  'state',
  'offer',
  'report-mended',
]);
const MOST = 200;
/** What corrections call attributes that are no item of a source. */
const correctionFields: Readonly<Record<string, { zh: string; en: string }>> = {
  ...{
    number: { zh: '证件号码', en: 'Number' },
    name: { zh: '名称', en: 'Name' },
    birth: { zh: '出生日期', en: 'Birth' },
  },
  ...{ sex: { zh: '性别', en: 'Sex' }, address: { zh: '地址', en: 'Address' }, status: { zh: '状态', en: 'Status' } },
  ...{ division: { zh: '区划', en: 'Division' }, record: { zh: '有无此记录', en: 'Whether there is such a record' } },
  ...{ established: { zh: '成立日期', en: 'Established' }, representative: { zh: '法定代表人', en: 'Representative' } },
};

/** What waits for somebody. */
export async function desk(ports: SharingPorts, p: Principal): Promise<Out<typeof api.deskAnswer>> {
  const db = ports.db.kysely;
  const requests = (
    await sql<RequestRow>`SELECT ${columnsOf.request} FROM sharing.request WHERE ${requestsSeen(p)}
      AND state NOT IN ('granted', 'refused', 'withdrawn') ORDER BY id LIMIT ${MOST}`.execute(db)
  ).rows;
  const shares = (
    await sql<ShareRow>`SELECT ${columnsOf.share} FROM sharing.share WHERE ${seenBy(p)} AND state <> 'disposed'
      AND (state <> 'active' OR renewal IS NOT NULL) ORDER BY id LIMIT ${MOST}`.execute(db)
  ).rows;
  const open = (await disputes(ports, p)).filter((d) => d.ended_at === null);
  const running = await clockViews(
    ports,
    await clocksWhere(
      db,
      sql`state = 'running' AND request IN (SELECT id FROM sharing.request WHERE ${requestsSeen(p)})`,
    ),
  );
  const clockOf = (request: number): Clock | null => running.find((c) => c.request === request) ?? null;
  const todo: Out<typeof api.deskAnswer>['todo'] = [];
  const line = async (
    matter: 'request' | 'share' | 'dispute',
    row: { id: number; state: string; requester: string; provider: string },
    request: RequestRow,
  ) => {
    const steps = (await openSteps(ports, matter, row as never, request, p)).filter((s) => !OPTIONAL.has(s.action));
    if (steps.length)
      todo.push(
        entry(
          ports,
          matter,
          row,
          request,
          steps.map((s) => s.title),
          clockOf(request.id),
        ),
      );
  };
  for (const r of requests) await line('request', r, r);
  for (const s of shares) await line('share', s, await matterOf(db, 'request', s.request, null));
  for (const d of open) await line('dispute', d, await matterOf(db, 'request', d.request, null));
  for (const c of running) {
    if (!(c.asked?.state === 'asked' && p.permissions.has('sharing.oversee') && p.organisation === null)) continue;
    const request = await matterOf(db, 'request', c.request, null);
    todo.push(
      entry(ports, 'clock', { ...request, id: c.id }, request, [{ zh: '审批延期', en: 'Decide the extension' }], c),
    );
  }
  const mine = running.filter((c) => seesAll(p) || c.organisation.id === p.organisation);
  const count = (standing: string) => mine.filter((c) => c.standing === standing).length;
  const own = sql`${p.organisation}`;
  const counts = await sql<{ raised: number; received: number; shares: number }>`SELECT
      (SELECT count(*)::int FROM sharing.request WHERE requester = ${own}) AS raised,
      (SELECT count(*)::int FROM sharing.request WHERE submitted_at IS NOT NULL AND ${seesAll(p) ? sql`true` : sql`provider = ${own}`}) AS received,
      (SELECT count(*)::int FROM sharing.share WHERE ${seenBy(p)} AND state <> 'disposed') AS shares`.execute(db);
  const deputies = await deputiesOn(db, cityDay(ports.clock.now()));
  const ours = deputies.filter((d) => d.organisation === p.organisation);
  return {
    // Late first, then what is due soonest, then what has no clock.
    todo: todo.sort((a, b) => (a.clock?.due ?? '9999').localeCompare(b.clock?.due ?? '9999')),
    counts: { ...counts.rows[0]!, overdue: count('overdue'), warning: count('warning'), unknown: count('unknown') },
    corrections: await corrections(ports, p),
    notices: await notices(ports, p),
    deputy: {
      acting: ours.find((d) => d.deputy === p.login)?.head ?? null,
      away: ours.some((d) => d.head === p.login),
    },
  };
}

function entry(
  ports: SharingPorts,
  matter: 'request' | 'share' | 'dispute' | 'clock',
  row: { id: number; state: string; requester: string; provider: string },
  request: RequestRow,
  actions: { zh: string; en: string }[],
  clock: Clock | null,
): Out<typeof api.deskAnswer>['todo'][number] {
  const states = machine[matter === 'clock' ? 'request' : matter].states;
  return {
    ...{ matter, id: row.id, request: request.id, actions, clock },
    title: sharedEntry(ports, request.entry)?.entry.title ?? { zh: request.entry, en: request.entry },
    requester: { id: row.requester, name: nameOf(ports, row.requester) },
    provider: { id: row.provider, name: nameOf(ports, row.provider) },
    stateTitle: states[row.state] ?? { zh: row.state, en: row.state },
  };
}

/** Corrections that wait for somebody's department; of the authority, all that are open. */
async function corrections(ports: SharingPorts, p: Principal): Promise<Out<typeof api.deskAnswer>['corrections']> {
  if (p.organisation === null && !p.permissions.has('sharing.oversee')) return [];
  const found = await openCorrections(ports.db, ports.calendar(), cityDay(ports.clock.now()), p.organisation, MOST);
  const { sources } = catalogueOf(ports.lake);
  const named = (id: string | null) => (id === null ? null : { id, name: nameOf(ports, id) });
  return found.map((c) => {
    const source = c.source === null ? undefined : sources.get(c.source)?.declaration;
    const field = source?.fields.find((f) => f.name === c.field)?.title;
    return {
      ...{ id: c.id, due: c.due, missingYear: c.missingYear, standing: c.standing, left: c.left },
      resource: source?.title ?? { zh: c.source ?? '—', en: c.source ?? '—' },
      field: field ?? correctionFields[c.field] ?? { zh: c.field, en: c.field },
      ...{ owner: named(c.owner), raisedBy: named(c.raisedBy) },
    };
  });
}

const addressee = (p: Principal): string | null =>
  p.organisation ?? (p.permissions.has('sharing.oversee') ? AUTHORITY : null);

interface NoticeRow {
  seq: number;
  kind: NoticeKind;
  request: number;
  share: number | null;
  detail: Record<string, unknown>;
  entry: string;
  at: Date;
  seen_at: Date | null;
}

async function notices(ports: SharingPorts, p: Principal): Promise<Out<typeof api.deskAnswer>['notices']> {
  const to = addressee(p);
  if (to === null) return [];
  const found = await sql<NoticeRow>`SELECT n.seq, n.kind, n.request, n.share, n.detail, r.entry, n.at, n.seen_at
    FROM sharing.notice n JOIN sharing.request r ON r.id = n.request WHERE n.organisation = ${to}
    ORDER BY n.seq DESC LIMIT 50`.execute(ports.db.kysely);
  return found.rows.map((n) => ({
    ...{ seq: n.seq, kind: n.kind, request: n.request, share: n.share, detail: n.detail, at: n.at.toISOString() },
    title: noticeTitles[n.kind],
    about: sharedEntry(ports, n.entry)?.entry.title ?? { zh: n.entry, en: n.entry },
    seen: n.seen_at !== null,
  }));
}

/** Says that notices up to one were seen by somebody of the organisation. */
export async function seeNotices(ports: SharingPorts, until: number, p: Principal): Promise<void> {
  const to = addressee(p);
  if (to === null) return;
  await sql`UPDATE sharing.notice SET seen_by = ${p.login}, seen_at = ${ports.clock.now()}
    WHERE organisation = ${to} AND seq <= ${until} AND seen_at IS NULL`.execute(ports.db.kysely);
}

/** Clocks of requests that are there for somebody. */
export async function clockList(ports: SharingPorts, q: z.output<typeof api.clocksQuery>, p: Principal) {
  const state =
    q.state === 'all' ? sql`true` : q.state === 'running' ? sql`state = 'running'` : sql`state <> 'running'`;
  const rows = await clocksWhere(
    ports.db.kysely,
    sql`${state} AND ${q.organisation ? sql`organisation = ${q.organisation}` : sql`true`}
      AND request IN (SELECT id FROM sharing.request WHERE ${requestsSeen(p)})`,
  );
  const views = (await clockViews(ports, rows)).filter((c) => !q.standing || c.standing === q.standing);
  const items = await Promise.all(
    views.slice(0, MOST).map(async (c) => {
      const request = await matterOf(ports.db.kysely, 'request', c.request, null);
      const resource = sharedEntry(ports, request.entry)?.entry.title ?? { zh: request.entry, en: request.entry };
      return { ...c, resource, requester: { id: request.requester, name: nameOf(ports, request.requester) } };
    }),
  );
  return { items, total: views.length };
}

/** How departments keep the law's days, the one with most overdue first; and which years cannot be counted. */
export async function oversight(ports: SharingPorts): Promise<Out<typeof api.oversightAnswer>> {
  const all = await clockViews(ports, await clocksWhere(ports.db.kysely, sql`true`));
  const by = new Map<string, Out<typeof api.oversightAnswer>['ranking'][number]>();
  for (const c of all) {
    const known = by.get(c.organisation.id) ?? {
      ...{ organisation: c.organisation, running: 0, overdue: 0, warning: 0, met: 0, late: 0, extended: 0 },
    };
    if (c.state === 'running') known.running += 1;
    if (c.standing === 'overdue') known.overdue += 1;
    if (c.standing === 'warning') known.warning += 1;
    if (c.state === 'met') known.met += 1;
    if (c.standing === 'met-late') known.late += 1;
    if (c.extension > 0) known.extended += 1;
    by.set(c.organisation.id, known);
  }
  const unknown = all.filter((c) => c.standing === 'unknown');
  return {
    ranking: [...by.values()].sort((a, b) => b.overdue - a.overdue || b.late - a.late || b.running - a.running),
    unknown: unknown.length,
    calendar: {
      years: ports.calendar().years(),
      from: cityDay(ports.clock.now()),
      missing: [...new Set(unknown.flatMap((c) => (c.missingYear === null ? [] : [c.missingYear])))].sort(),
    },
  };
}
