/** What the console shows of open data to departments and the authority. */
import { sql } from 'kysely';
import { publishedEntries } from '../../catalogue/index.ts';
import type { Principal } from '../../platform/auth/principal.ts';
import { formatOf, nameOf, sharedEntry, typeOf } from '../../sharing/index.ts';
import { mayEdit, mayOverrule, stepsFor } from '../act.ts';
import { hasRecords, planFields, suggestedQuasi } from '../build.ts';
import { aboutOf } from '../check/check.ts';
import { editionsOf } from '../editions.ts';
import { columnType, waysOf } from '../plan.ts';
import type { PublishingPorts } from '../ports.ts';
import {
  type CheckRow,
  type DatasetRow,
  datasetOf,
  datasets,
  latestCheck,
  overrules,
  sees,
  standing,
  states,
} from '../store.ts';

const when = (d: Date | null) => d?.toISOString() ?? null;

interface Use {
  dataset: number;
  view: number;
  download: number;
  call: number;
  stars: number | null;
  ratings: number;
}

/** Use of every dataset in the last 365 days, and its ratings. */
async function usesOf(ports: PublishingPorts): Promise<Map<number, Use>> {
  const found = await sql<Use>`SELECT d.id AS dataset,
      coalesce(sum(u.times) FILTER (WHERE u.kind = 'view'), 0)::int AS view,
      coalesce(sum(u.times) FILTER (WHERE u.kind = 'download'), 0)::int AS download,
      coalesce(sum(u.times) FILTER (WHERE u.kind = 'call'), 0)::int AS call,
      (SELECT round(avg(r.stars), 1)::float8 FROM publishing.rating r WHERE r.dataset = d.id AND r.state <> 'hidden') AS stars,
      (SELECT count(*)::int FROM publishing.rating r WHERE r.dataset = d.id AND r.state <> 'hidden') AS ratings
    FROM publishing.dataset d LEFT JOIN publishing.use u ON u.dataset = d.id GROUP BY d.id`.execute(ports.db.kysely);
  return new Map(found.rows.map((r) => [r.dataset, r]));
}

const brief = (ports: PublishingPorts, d: DatasetRow, p: Principal) => ({
  ...{ id: d.id, slug: d.slug, title: d.title, entry: d.entry, state: d.state, version: d.version, reason: d.reason },
  provider: { id: d.provider, name: nameOf(ports, d.provider) },
  ...{ created: d.created_at.toISOString(), createdBy: d.created_by, opened: when(d.opened_at), next: d.next_day },
  steps: stepsFor(d, p),
});

/** Datasets that somebody sees, with their use. */
export async function overview(ports: PublishingPorts, p: Principal) {
  const uses = await usesOf(ports);
  const open = (d: DatasetRow) => ['open', 'suspended', 'withdrawn'].includes(d.state) && d.opened_at !== null;
  const all = (await datasets(ports.db.kysely, states)).filter(
    (d) => sees(p, d) || (d.state === 'open' && p.permissions.has('open.read')),
  );
  const items = await Promise.all(
    all.map(async (d) => {
      const check = sees(p, d) ? await latestCheck(ports.db.kysely, d.id) : null;
      const let_ = check ? await overrules(ports.db.kysely, d.id) : [];
      return {
        ...brief(ports, d, p),
        published: open(d),
        standing:
          check?.state === 'done' && check.revision === d.revision ? standing(check.findings, let_).length : null,
        use: uses.get(d.id) ?? { dataset: d.id, view: 0, download: 0, call: 0, stars: null, ratings: 0 },
      };
    }),
  );
  return { items, mayPropose: p.permissions.has('open.propose') && p.organisation !== null };
}

const checkView = (c: CheckRow, d: DatasetRow) => ({
  ...{
    id: c.id,
    state: c.state,
    current: c.revision === d.revision,
    renewal: c.renewal,
    findings: c.findings,
    facts: c.facts,
  },
  ...{ problem: c.problem, asked: c.asked_at.toISOString(), ended: when(c.ended_at) },
});

/** One dataset with its plan, its check, its way and its editions. */
export async function datasetView(ports: PublishingPorts, id: number, p: Principal) {
  const db = ports.db.kysely;
  const d = await datasetOf(db, id, p);
  const check = await latestCheck(db, id);
  const let_ = await overrules(db, id);
  const steps = await sql<{
    seq: number;
    action: string;
    from_state: string | null;
    to_state: string;
    login: string | null;
    comment: string | null;
    at: Date;
  }>`
    SELECT seq, action, from_state, to_state, login, comment, at FROM publishing.step WHERE dataset = ${id} ORDER BY seq`.execute(
    db,
  );
  const shared = sharedEntry(ports, d.entry);
  const uses = await usesOf(ports);
  const source = shared?.entry.source;
  const whole = shared && source ? { ...shared, source } : null;
  return {
    ...brief(ports, d, p),
    ...{ abstract: d.abstract, plan: d.plan, revision: d.revision, agreedBy: d.agreed_by },
    entryTitle: shared?.entry.title ?? null,
    fields: whole ? planFields(ports, d.plan, whole) : [],
    about: whole ? aboutOf(d.plan, whole) : null,
    suggested: whole ? suggestedQuasi(ports, d.plan, whole) : [],
    check: check && checkView(check, d),
    standing: check?.state === 'done' ? standing(check.findings, let_).map((f) => f.key) : [],
    overrules: let_.map((o) => ({ ...o, at: o.at.toISOString() })),
    ...{ mayEdit: mayEdit(d, p), mayOverrule: mayOverrule(d, p) },
    history: steps.rows.map((s) => ({ ...s, at: s.at.toISOString() })),
    editions: (await editionsOf(db, id, null, 24)).map((e) => ({
      ...{
        id: e.id,
        number: e.number,
        state: e.state,
        rows: e.rows,
        changes: e.changes,
        made: e.made_at.toISOString(),
      },
      files: e.files,
    })),
    use: uses.get(id) ?? { dataset: id, view: 0, download: 0, call: 0, stars: null, ratings: 0 },
  };
}

/** Entries of a department that could be opened, with their items and the ways in which each may be shown. */
export async function openable(ports: PublishingPorts, p: Principal) {
  if (p.organisation === null) return { items: [] };
  const own = publishedEntries(ports.db).filter(
    (e) => e.provider === p.organisation && e.source !== null && e.sharing.type !== 'refused',
  );
  const items = await Promise.all(
    own.map(async (e) => ({
      ...{
        id: e.id,
        title: e.title,
        abstract: e.abstract,
        level: e.level,
        open: e.open.open,
        condition: e.open.condition,
        subject: e.subject,
      },
      collected: await hasRecords(ports.lake, e.source!),
      items: (sharedEntry(ports, e.id)?.items ?? []).map((i) => {
        const type = columnType(typeOf(ports, e.source!, i.name));
        return {
          ...{ name: i.name, title: i.title, type, unit: i.unit, key: i.key, protection: i.protection },
          ways: waysOf(type, formatOf(ports, e.source!, i.name)),
        };
      }),
    })),
  );
  return { items };
}
