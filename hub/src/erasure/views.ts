/** Matters as people see them: counts, places and decisions, no value of anybody. */
import { sql } from 'kysely';
import type { Principal } from '../platform/auth/principal.ts';
import { cityDay } from '../platform/law/index.ts';
import { type Duty, erasureDuties } from '../sharing/index.ts';
import type { MatterView } from './api.ts';
import { nameOfOrganisation } from './names.ts';
import type { ErasurePorts } from './ports.ts';
import { type StepDetail, stepsOf } from './run.ts';
import { columns, type Matter, matterOf } from './store.ts';

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

/** Working days left for the answer. */
function leftOf(ports: ErasurePorts, m: Matter): number | null {
  if (m.due === null || !['entered', 'proposed', 'running', 'refusing'].includes(m.state)) return null;
  try {
    return ports.calendar().workingDaysBetween(cityDay(ports.clock.now()), m.due);
  } catch {
    return null;
  }
}

const overdue = (ports: ErasurePorts, d: Duty): boolean =>
  d.acknowledged_at === null && d.due !== null && d.due < cityDay(ports.clock.now());

async function itemOf(ports: ErasurePorts, m: Matter, held: { places: number; records: number } | null) {
  const duties = m.executed_at || m.state === 'running' ? await erasureDuties(ports.db.kysely, { erasure: m.id }) : [];
  return {
    ...{
      id: m.id,
      state: m.state,
      ground: m.ground,
      document: m.document,
      mask: m.mask,
      received: m.received,
      due: m.due,
    },
    ...{
      left: leftOf(ports, m),
      enteredBy: m.entered_by,
      enteredAt: m.entered_at.toISOString(),
      held,
      problem: m.problem,
    },
    receivers: {
      told: duties.length,
      done: duties.filter((d) => d.acknowledged_at).length,
      overdue: duties.filter((d) => overdue(ports, d)).length,
    },
  };
}

/** Places and records that were found, by matter. */
async function heldOf(
  ports: ErasurePorts,
  ids: readonly number[],
): Promise<Map<number, { places: number; records: number }>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{
    matter: number;
    places: number;
    records: number;
  }>`SELECT matter, count(*)::int AS places, sum(count)::int AS records
    FROM erasure.holding WHERE matter IN (${sql.join(ids.map((i) => sql`${i}`))}) GROUP BY matter`.execute(
    ports.db.kysely,
  );
  return new Map(rows.map((r) => [r.matter, { places: r.places, records: r.records }]));
}

/** One page of matters, the newest first. */
export async function matters(ports: ErasurePorts, query: { state?: string | undefined; offset: number }) {
  const { db } = ports;
  const which = query.state ? sql`state = ${query.state}` : sql`true`;
  const { rows } =
    await sql<Matter>`SELECT ${columns} FROM erasure.matter WHERE ${which} ORDER BY id DESC LIMIT 50 OFFSET ${query.offset}`.execute(
      db.kysely,
    );
  const today = cityDay(ports.clock.now());
  const counted = await sql<{ total: number; open: number; waiting: number; overdue: number; done: number }>`SELECT
      count(*) FILTER (WHERE ${which})::int AS total,
      count(*) FILTER (WHERE state IN ('entered', 'proposed', 'running', 'refusing'))::int AS open,
      count(*) FILTER (WHERE state IN ('proposed', 'refusing'))::int AS waiting,
      count(*) FILTER (WHERE state IN ('entered', 'proposed', 'running', 'refusing') AND due < ${today}::date)::int AS overdue,
      count(*) FILTER (WHERE state IN ('executed', 'closed'))::int AS done FROM erasure.matter`.execute(db.kysely);
  const { total, ...counts } = counted.rows[0]!;
  const held = await heldOf(
    ports,
    rows.map((m) => m.id),
  );
  return {
    items: await Promise.all(
      rows.map((m) => itemOf(ports, m, m.looked_at ? (held.get(m.id) ?? { places: 0, records: 0 }) : null)),
    ),
    total,
    counts,
  };
}

/** One matter with everything about it. */
export async function matterShown(ports: ErasurePorts, id: number, who: Principal): Promise<MatterView> {
  const db = ports.db.kysely;
  const m = await matterOf(db, id);
  const held = await heldOf(ports, [id]);
  const holdings = await sql<{
    room: string;
    place: string;
    title: { zh: string; en: string };
    count: number;
    action: 'delete' | 'blank' | 'keep' | 'none';
    ground: { zh: string; en: string } | null;
    link: string | null;
    source: string | null;
    decided: 'delete' | 'keep' | null;
    reason: string | null;
  }>`SELECT h.room, h.place, h.title, h.count, h.action, h.ground, h.link, h.source, d.action AS decided, d.reason FROM erasure.holding h
    LEFT JOIN erasure.decision d ON d.matter = h.matter AND d.source = h.source WHERE h.matter = ${id} ORDER BY h.room, h.place`.execute(
    db,
  );
  const marks = await sql<{
    step: string;
    at: Date;
    detail: StepDetail;
  }>`SELECT step, at, detail FROM erasure.mark WHERE matter = ${id} ORDER BY at, step`.execute(db);
  const entries = await sql<{
    action: string;
    login: string | null;
    comment: string | null;
    at: Date;
  }>`SELECT action, login, comment, at
    FROM erasure.entry WHERE matter = ${id} ORDER BY seq`.execute(db);
  const certificates = await sql<{
    revision: number;
    at: Date;
    sha256: string;
    seal: number;
  }>`SELECT revision, at, sha256, seal
    FROM erasure.certificate WHERE matter = ${id} ORDER BY revision DESC`.execute(db);
  const sealed = await Promise.all(certificates.rows.map((c) => ports.seal.get(c.seal)));
  const duties = await erasureDuties(db, { erasure: id });
  const handles = who.permissions.has('erasure.handle');
  const approves = who.permissions.has('erasure.approve') && who.login !== m.proposed_by && who.login !== m.entered_by;
  const item = await itemOf(ports, m, m.looked_at ? (held.get(id) ?? { places: 0, records: 0 }) : null);
  return {
    ...item,
    ...{ digest: m.digest, lookedAt: iso(m.looked_at), proposedBy: m.proposed_by, proposedAt: iso(m.proposed_at) },
    ...{
      decidedBy: m.decided_by,
      decidedAt: iso(m.decided_at),
      executedAt: iso(m.executed_at),
      closedAt: iso(m.closed_at),
    },
    ...{ refusal: m.refusal, restored: m.restored, job: m.job },
    holdings: holdings.rows.map(({ decided, reason, ...h }) => ({
      ...h,
      decided: decided ? { action: decided, reason: reason ?? '' } : null,
    })),
    steps: marks.rows.map((s) => ({
      ...{ step: s.step, at: s.at.toISOString(), places: s.detail.done?.length ?? 0 },
      records: (s.detail.done ?? []).reduce((n, d) => n + d.count, 0) + (s.detail.values ?? 0),
    })),
    stepsInAll: stepsOf(ports).length,
    receiversList: duties.map((d) => ({
      ...{
        organisation: d.requester,
        name: nameOfOrganisation(ports, d.requester),
        share: d.share,
        records: d.records.length,
      },
      ...{
        toldAt: d.told_at.toISOString(),
        due: d.due,
        acknowledgedAt: iso(d.acknowledged_at),
        statement: d.statement,
      },
      overdue: overdue(ports, d),
    })),
    entries: entries.rows.map((e) => ({ ...e, at: e.at.toISOString() })),
    certificates: certificates.rows.map((c, i) => ({
      ...{
        revision: c.revision,
        at: c.at.toISOString(),
        sha256: c.sha256,
        seal: c.seal,
        sealed: sealed[i]?.state === 'sealed',
      },
    })),
    may: {
      propose: handles && m.state === 'entered' && m.looked_at !== null,
      refuse: handles && m.state === 'entered',
      approve: approves && (m.state === 'proposed' || m.state === 'refusing'),
      sendBack: approves && (m.state === 'proposed' || m.state === 'refusing'),
      withdraw: handles && ['entered', 'proposed', 'refusing'].includes(m.state),
      look: handles && m.state === 'entered' && m.looked_at !== null,
      resume: handles && m.state === 'running' && m.problem !== null,
    },
  };
}
