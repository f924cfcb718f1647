/** Reading records: lists in SQL with paging, one record with all that belongs to it, its history. Numbers are masked, personal data is audited. */
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import { cityDay } from '../platform/law/index.ts';
import { type May, mayOf, must } from './access.ts';
import type * as api from './api.ts';
import type { Design, Values } from './design.ts';
import { actionTitles, allowed, leads, needsOther, type Step, stateTitles } from './machine.ts';
import type { FormsPorts } from './ports.ts';
import { listedOf, protectionOf, validate } from './pure/index.ts';
import { visible } from './records.ts';
import { type ChangeRow, designOf, type FormRow, formOf, type RecordRow } from './store.ts';
import { circumstances, showAll } from './values.ts';

type Item = z.input<typeof api.recordItem>;

/** The condition of a list: what is seen, and what was asked for. */
export function conditionOf(
  form: FormRow,
  may: May,
  p: Principal,
  q: Partial<z.output<typeof api.recordsQuery>>,
  today: string,
) {
  const parts = [sql`r.form = ${form.id}`];
  if (!may.read || q.mine === 'true') parts.push(sql`r.filled_by = ${p.login}`);
  if (q.state?.length) parts.push(sql`r.state = ANY(${q.state}::text[])`);
  if (q.conflict === 'true') parts.push(sql`r.conflicts > 0`);
  if (q.overdue === 'true') parts.push(sql`r.due < ${today}::date`);
  if (q.by) parts.push(sql`r.filled_by = ${q.by}`);
  if (q.from) parts.push(sql`coalesce(r.collected_at, r.received_at) >= ${`${q.from}T00:00:00+08:00`}::timestamptz`);
  if (q.to)
    parts.push(
      sql`coalesce(r.collected_at, r.received_at) < ${`${q.to}T00:00:00+08:00`}::timestamptz + interval '1 day'`,
    );
  if (q.task !== undefined)
    parts.push(sql`EXISTS (SELECT 1 FROM forms.target t WHERE t.record = r.id AND t.task = ${q.task})`);
  if (q.q) parts.push(sql`(position(lower(${q.q}) in lower(r.caption)) > 0 OR r.id::text = lower(${q.q}))`);
  for (const w of q.where ?? []) {
    const at = w.indexOf(':');
    if (at < 1) continue;
    const [name, value] = [w.slice(0, at), w.slice(at + 1)];
    parts.push(
      sql`(r.values ->> ${name} = ${value} OR (jsonb_typeof(r.values -> ${name}) = 'array' AND r.values -> ${name} @> to_jsonb(ARRAY[${value}]::text[])))`,
    );
  }
  return sql.join(parts, sql` AND `);
}

/** One line of a list. */
function itemOf(r: RecordRow & { task?: number | null }, listed: Values, today: string): Item {
  return {
    ...{ id: r.id, version: r.version, state: r.state, stateTitle: stateTitles[r.state], caption: r.caption, listed },
    filledBy: { login: r.filled_by, name: r.filled_name },
    ...{ collectedAt: r.collected_at?.toISOString() ?? null, receivedAt: r.received_at.toISOString() },
    ...{ updatedAt: r.updated_at.toISOString(), revision: r.revision, conflicts: r.conflicts },
    ...{ due: r.due, overdue: r.due !== null && r.due < today, task: r.task ?? null },
  };
}

/** Designs of the versions that records were filled in by. */
export async function designsOf(
  ports: FormsPorts,
  form: number,
  versions: readonly number[],
): Promise<Map<number, Design>> {
  const distinct = [...new Set(versions)];
  if (distinct.length === 0) return new Map();
  const found = await sql<{ version: number; design: Design }>`SELECT version, design FROM forms.version
    WHERE form = ${form} AND version = ANY(${distinct}::int[])`.execute(ports.db.kysely);
  return new Map(found.rows.map((v) => [v.version, v.design]));
}

const personal = (design: Design, names: readonly string[]) =>
  listedOf(design).some((f) => names.includes(f.name) && ['personal', 'sensitive'].includes(protectionOf(f)));

/** A page of records. */
export async function list(ports: FormsPorts, formId: number, q: z.output<typeof api.recordsQuery>, p: Principal) {
  const form = await formOf(ports.db.kysely, formId);
  const may = mayOf(p, form.organisation);
  must(may.read || may.fill);
  const today = cityDay(ports.clock.now());
  const where = conditionOf(form, may, p, q, today);
  const by = {
    updated: sql`r.updated_at`,
    collected: sql`coalesce(r.collected_at, r.received_at)`,
    caption: sql`r.caption`,
  }[q.sort];
  const way = q.order === 'asc' ? sql`ASC` : sql`DESC`;
  const rows = await sql<
    RecordRow & { task: number | null }
  >`SELECT r.*, (SELECT min(t.task) FROM forms.target t WHERE t.record = r.id) AS task
    FROM forms.record r WHERE ${where} ORDER BY ${by} ${way}, r.id LIMIT ${q.limit} OFFSET ${q.offset}`.execute(
    ports.db.kysely,
  );
  const total = await sql<{ n: number }>`SELECT count(*) AS n FROM forms.record r WHERE ${where}`.execute(
    ports.db.kysely,
  );
  const designs = await designsOf(
    ports,
    form.id,
    rows.rows.map((r) => r.version),
  );
  const short = rows.rows.map((r) => {
    const names = listedOf(designs.get(r.version)!).map((f) => f.name);
    return Object.fromEntries(Object.entries(r.values).filter(([k]) => names.includes(k)));
  });
  const shown = await showAll(ports, short);
  const items = rows.rows.map((r, i) => itemOf(r, shown[i]!, today));
  if (
    items.length &&
    [...designs.values()].some((d) =>
      personal(
        d,
        listedOf(d).map((f) => f.name),
      ),
    )
  )
    await ports.audit.append({
      actor: p,
      action: 'forms.record.list',
      object: `form:${form.id}`,
      outcome: 'ok',
      detail: { records: items.length },
    });
  return { items, total: Number(total.rows[0]!.n) };
}

/** Steps that somebody may take now. */
function stepsOf(may: May, own: boolean, r: RecordRow, design: Design): Step[] {
  const all: Step[] = ['submit', 'check', 'accept', 'return', 'withdraw', 'reopen'];
  return all.filter(
    (s) => leads(design, r.state, s) && allowed(may, own, r.state, s) && !(own && needsOther(design, s)),
  );
}

/** Everything of one record, for the page, the phone and the printer. */
export async function detail(
  ports: FormsPorts,
  at: { form: number; record: string },
  p: Principal,
  audited = true,
): Promise<z.input<typeof api.recordAnswer>> {
  const { form, record: r } = await visible(ports, at.form, at.record, p);
  const db = ports.db.kysely;
  const design = await designOf(db, form.id, r.version);
  const changes =
    await sql<ChangeRow>`SELECT * FROM forms.change WHERE record = ${r.id}::uuid AND (action = 'comment' OR (conflict AND settled_at IS NULL))
    ORDER BY seq`.execute(db);
  const task = await sql<{ task: number }>`SELECT task FROM forms.target WHERE record = ${r.id}::uuid LIMIT 1`.execute(
    db,
  );
  const said = await sql<{
    run: number | null;
    sent_at: Date | null;
    problem: unknown;
  }>`SELECT run, sent_at, problem FROM forms.outbox
    WHERE record = ${r.id}::uuid ORDER BY id DESC LIMIT 1`.execute(db);
  const open = changes.rows.filter((c) => c.action !== 'comment');
  const names = listedOf(design).map((f) => f.name);
  const [values, ...others] = await showAll(ports, [r.values, ...open.map((c) => c.values ?? {})]);
  const may = mayOf(p, form.organisation);
  const own = r.filled_by === p.login;
  const last = said.rows[0];
  if (audited)
    await ports.audit.append({
      actor: p,
      action: 'forms.record.read',
      object: `form:${form.id}/record:${r.id}`,
      outcome: 'ok',
    });
  return {
    ...itemOf(
      { ...r, task: task.rows[0]?.task ?? null },
      Object.fromEntries(Object.entries(values!).filter(([k]) => names.includes(k))),
      cityDay(ports.clock.now()),
    ),
    ...{ form: form.id, design, values: values! },
    faults: validate(design, r.values, circumstances(ports.clock.now(), true)),
    comments: changes.rows
      .filter((c) => c.action === 'comment')
      .map((c) => ({
        id: c.seq,
        by: { login: c.by_login, name: c.by_name },
        at: c.at.toISOString(),
        text: c.reason ?? '',
      })),
    conflictList: open.map((c, i) => ({
      ...{
        seq: c.seq,
        by: { login: c.by_login, name: c.by_name },
        at: (c.device_at ?? c.at).toISOString(),
        receivedAt: c.at.toISOString(),
      },
      ...{ base: c.base ?? 0, values: others[i]! },
    })),
    may: {
      change: own && may.fill && (r.state === 'draft' || r.state === 'returned'),
      steps: stepsOf(may, own, r, design),
      settle: open.length > 0 && (own || may.handle),
    },
    withdrawnReason: r.reason,
    source: form.source
      ? {
          id: form.source,
          state: !last ? 'none' : last.sent_at ? 'collected' : last.problem ? 'failed' : 'waiting',
          run: last?.run ?? null,
        }
      : null,
  };
}

/** The history of a record: who changed what and when, by the hub's clock and by the phone's. */
export async function history(ports: FormsPorts, at: { form: number; record: string }, p: Principal) {
  const { record } = await visible(ports, at.form, at.record, p);
  const rows =
    await sql<ChangeRow>`SELECT * FROM forms.change WHERE record = ${record.id}::uuid ORDER BY seq LIMIT 1000`.execute(
      ports.db.kysely,
    );
  const shown = await showAll(
    ports,
    rows.rows.map((c) => c.values ?? {}),
  );
  await ports.audit.append({
    actor: p,
    action: 'forms.record.history',
    object: `form:${at.form}/record:${record.id}`,
    outcome: 'ok',
  });
  let before: Values = {};
  return {
    items: rows.rows.map((c, i) => {
      const after = c.values ? shown[i]! : before;
      const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
      const changes = names
        .filter((n) => JSON.stringify(before[n]) !== JSON.stringify(after[n]))
        .map((field) => ({ field, before: before[field] ?? null, after: after[field] ?? null }));
      if (!c.conflict && c.values) before = after;
      return {
        ...{
          seq: c.seq,
          revision: c.revision,
          action: c.action,
          title: actionTitles[c.action] ?? { zh: c.action, en: c.action },
        },
        ...{
          by: { login: c.by_login, name: c.by_name },
          at: c.at.toISOString(),
          deviceAt: c.device_at?.toISOString() ?? null,
          device: c.device,
        },
        ...{ from: c.from_state, to: c.to_state, reason: c.reason, version: c.version, changes },
      };
    }),
  };
}
