/** The whole of one entry, its versions, and the desk of somebody. */
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Principal } from '../../platform/auth/principal.ts';
import { Problem } from '../../platform/problem.ts';
import type * as api from './api.ts';
import { contentOf, type Entry, type EntryVersion } from './book.ts';
import { compare } from './compare.ts';
import { approves, drafts, type EntryContext, isAuthority } from './context.ts';
import { dutiesOf, dutyClock } from './duties.ts';
import { versionUnknown } from './problems.ts';
import { both, metadata, reviewClock, summary, workingView } from './views.ts';
import { stepsOf } from './workflow.ts';

const shownVersion = (v: EntryVersion) => ({
  ...{ version: v.version, kind: v.kind, state: v.state, origin: v.origin, declaration: v.declaration },
  ...{ madeBy: v.made_by, madeAt: v.made_at.toISOString(), decidedAt: v.decided_at?.toISOString() ?? null },
  overdue: v.overdue_at !== null,
});

interface StepRow {
  step: string;
  version: number;
  by_login: string | null;
  organisation: string | null;
  at: Date;
  detail: { reasons?: string[] };
}

/** Versions that somebody may see: what was ever in force, and of the own department everything. */
async function versionsOf(context: EntryContext, entry: Entry, p: Principal): Promise<EntryVersion[]> {
  const all = context.seesDraft(entry, p) ? sql`true` : sql`state = 'published'`;
  const found = await sql<EntryVersion>`SELECT * FROM catalogue.entry_version
    WHERE entry = ${entry.id} AND ${all} ORDER BY version DESC LIMIT 200`.execute(context.ports.db.kysely);
  return found.rows;
}

/** One entry with everything that somebody may see of it. */
export async function detail(
  context: EntryContext,
  id: string,
  p: Principal,
): Promise<z.input<typeof api.entryDetail>> {
  const entry = context.seen(id, p);
  const own = context.seesDraft(entry, p);
  const versions = await versionsOf(context, entry, p);
  const { rows: steps } = await sql<StepRow>`SELECT step, version, by_login, organisation, at, detail
    FROM catalogue.entry_step WHERE entry = ${id} ORDER BY seq DESC LIMIT 200`.execute(context.ports.db.kysely);
  const open = own ? entry.open : null;
  const content = contentOf(entry);
  const judged = open?.content ?? content;
  const returned = steps.find((s) => s.step === 'return' && s.version === open?.version);
  return {
    ...summary(context, entry, p),
    content,
    metadata: metadata(context, entry),
    draft: open && {
      ...{ ...workingView(open), revision: open.revision, content: open.content, clock: reviewClock(context, open) },
      reasons: returned?.detail.reasons ?? [],
    },
    findings: own ? await context.findings(id, entry.provider, judged) : [],
    steps: stepsOf(entry, p),
    mayEdit: drafts(p, entry.provider) && (open?.state === 'draft' || open?.state === 'returned'),
    mayBegin: drafts(p, entry.provider) && entry.published !== null && entry.open === null && !entry.retiredAt,
    history: steps
      .filter((s) => own || s.step === 'publish' || s.step === 'taken-over')
      .map((s) => ({
        ...{ step: s.step, version: s.version, by: own ? s.by_login : null, organisation: s.organisation },
        ...{ at: s.at.toISOString(), reasons: own ? (s.detail.reasons ?? []) : [] },
      })),
    versions: versions.map(shownVersion),
    sourceDepartments: content.items.flatMap((item, index) => {
      const organisation = context.sourceDepartments.get(`${content.subject} ${context.words.key(item.title.zh)}`);
      return organisation
        ? [{ index, organisation: { id: organisation, name: context.organisation(organisation) } }]
        : [];
    }),
    freshness: entry.source ? await freshness(context, entry.source) : null,
  };
}

async function freshness(context: EntryContext, source: string) {
  const { lake } = context.ports;
  const there = await lake.first(
    "SELECT 1 AS one FROM duckdb_views() WHERE schema_name = 'v' AND view_name = 'run_v1'",
  );
  if (!there) return null;
  const found = await lake.first<{ last: number | null; finished: string | null; runs: number; rows: number }>(
    `SELECT max(run)::INTEGER AS last, max(finished) AS finished, count(*)::INTEGER AS runs,
       coalesce(sum(accepted), 0)::BIGINT AS rows FROM v.run_v1 WHERE source = $source`,
    { source },
  );
  const rhythm = (await context.rhythms()).get(source);
  return {
    ...{ lastRun: found?.last ?? null, finished: found?.finished ?? null, runs: Number(found?.runs ?? 0) },
    ...{ rows: Number(found?.rows ?? 0), intervalDays: rhythm?.interval ?? null },
  };
}

async function oneVersion(context: EntryContext, entry: Entry, version: number, p: Principal): Promise<EntryVersion> {
  const found = (await versionsOf(context, entry, p)).find((v) => v.version === version);
  if (!found) throw new Problem(versionUnknown, { id: entry.id, version });
  return found;
}

/** One version as it was. */
export async function versionAnswer(context: EntryContext, id: string, version: number, p: Principal) {
  const found = await oneVersion(context, context.seen(id, p), version, p);
  return { version: shownVersion(found), content: found.content };
}

/** Two versions held against each other. */
export async function compareAnswer(context: EntryContext, id: string, q: { from: number; to: number }, p: Principal) {
  const entry = context.seen(id, p);
  const before = await oneVersion(context, entry, q.from, p);
  const after = await oneVersion(context, entry, q.to, p);
  return { ...q, ...compare(before.content, after.content) };
}

/** Most lines of each part of a desk. */
const LINES = 500;

/** What waits for somebody: drafts of the own department, what its head is to agree to, what the authority is to review. */
export async function desk(context: EntryContext, p: Principal): Promise<z.input<typeof api.deskAnswer>> {
  const line = async (entry: Entry) => {
    const open = entry.open!;
    const found = await context.findings(entry.id, entry.provider, open.content);
    const errors = found.filter((f) => f.severity === 'error').length;
    return {
      ...summary(context, entry, p, { content: open.content }),
      ...{ clock: reviewClock(context, open), errors, warnings: found.length - errors, steps: stepsOf(entry, p) },
    };
  };
  const open = context.book.all().filter((e) => e.open && context.seesDraft(e, p));
  const lines = (...states: string[]) =>
    Promise.all(
      open
        .filter((e) => states.includes(e.open!.state))
        .sort((a, b) => a.open!.changed_at.getTime() - b.open!.changed_at.getTime())
        .slice(0, LINES)
        .map(line),
    );
  const organisations = [...context.catalogue.organisations.values()];
  const authority = isAuthority(p);
  return {
    drafts: await lines('draft', 'returned'),
    toApprove: await lines('submitted'),
    toReview: await lines('reviewing'),
    duties: (await dutiesOf(context, p)).map((d) => {
      const running = d.done_at === null && d.stopped_at === null;
      const entry = d.entry ? context.book.get(d.entry) : undefined;
      return {
        ...{ id: d.id, provider: { id: d.provider, name: context.organisation(d.provider) }, entry: d.entry },
        entryTitle: entry ? both(contentOf(entry).title) : null,
        ...{ ground: d.ground, occurred: d.occurred, raisedBy: d.raised_by, clock: dutyClock(context, d) },
        ...{ extendedDays: d.extended_days, extendedGround: d.extended_ground, stoppedGround: d.stopped_ground },
        doneAt: d.done_at?.toISOString() ?? null,
        mayExtend: authority && running && d.extended_days === 0,
        mayStop: authority && running,
      };
    }),
    departments: organisations.filter((o) => drafts(p, o.id)).map(({ id, name }) => ({ id, name })),
    mayRaise: authority || organisations.some((o) => drafts(p, o.id) || approves(p, o.id)),
  };
}
