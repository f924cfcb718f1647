/** Forms and their versions: draft, published, retired. A published version never changes; what becomes of old records is said when a new one is published. */
import { isDeepStrictEqual } from 'node:util';
import { sql } from 'kysely';
import type { z } from 'zod';
import { catalogueOf, declareSource } from '../catalogue/index.ts';
import type { Principal } from '../platform/auth/principal.ts';
import { Problem } from '../platform/problem.ts';
import { mayOf, must } from './access.ts';
import type * as api from './api.ts';
import type { Design, Fault, Values } from './design.ts';
import { change, type FormsPorts } from './ports.ts';
import * as k from './problems.ts';
import { check, computed, hasValue } from './pure/index.ts';
import { note } from './records.ts';
import { declarationOf } from './source/declaration.ts';
import { enqueue } from './source/outbox.ts';
import { designOf, type FormRow, formOf, nextCursor, type RecordRow } from './store.ts';
import { circumstances } from './values.ts';

/** The name of an organisation. */
export function named(ports: Pick<FormsPorts, 'lake'>, id: string) {
  return { id, name: catalogueOf(ports.lake).organisations.get(id)?.name ?? { zh: id, en: id } };
}

const refuse = (faults: readonly Fault[]): never => {
  const details = faults
    .slice(0, 100)
    .map((f) => new Problem(k.faultAt, { at: f.at || '*', zh: f.zh, en: f.en }, { field: f.at }));
  throw new Problem(k.faulty, { count: faults.length }, undefined, details);
};

/** Begins a form of the own organisation; its design may still have faults. */
export async function begin(ports: FormsPorts, given: { name: string; design: Design }, p: Principal): Promise<number> {
  const organisation = p.organisation;
  if (organisation === null) throw new Problem(k.noOrganisation);
  must(mayOf(p, organisation).design);
  if (catalogueOf(ports.lake).sources.has(`${organisation}.${given.name}`))
    throw new Problem(k.nameTaken, { name: given.name });
  const now = ports.clock.now();
  return ports.db.tx(async (trx) => {
    const made = await sql<{
      id: number;
    }>`INSERT INTO forms.form (organisation, name, state, draft, created_by, created_at, updated_at)
      VALUES (${organisation}, ${given.name}, 'draft', ${JSON.stringify(given.design)}::jsonb, ${p.login}, ${now}, ${now})
      ON CONFLICT (organisation, name) DO NOTHING RETURNING id`.execute(trx);
    if (!made.rows[0]) throw new Problem(k.nameTaken, { name: given.name });
    await ports.audit.append(
      {
        actor: p,
        action: 'forms.form.create',
        object: `form:${made.rows[0].id}`,
        outcome: 'ok',
        detail: { name: given.name },
      },
      trx,
    );
    return made.rows[0].id;
  });
}

/** A form that somebody designs. */
async function toDesign(ports: FormsPorts, id: number, p: Principal): Promise<FormRow> {
  const form = await formOf(ports.db.kysely, id);
  must(mayOf(p, form.organisation).design);
  if (form.state === 'retired') throw new Problem(k.retired);
  return form;
}

/** Saves the draft. */
export async function saveDraft(
  ports: FormsPorts,
  id: number,
  given: { revision: number; design: Design },
  p: Principal,
): Promise<void> {
  const form = await toDesign(ports, id, p);
  await ports.db.tx(async (trx) => {
    const done =
      await sql`UPDATE forms.form SET draft = ${JSON.stringify(given.design)}::jsonb, revision = revision + 1, updated_at = ${ports.clock.now()}
      WHERE id = ${id} AND revision = ${given.revision} RETURNING id`.execute(trx);
    if (!done.rows.length) throw new Problem(k.draftChanged, { revision: form.revision });
    await ports.audit.append({ actor: p, action: 'forms.form.draft', object: `form:${id}`, outcome: 'ok' }, trx);
  });
}

/** What a draft would do to the records of earlier versions. */
export async function effects(ports: FormsPorts, id: number, p: Principal): Promise<z.input<typeof api.effectsAnswer>> {
  const form = await toDesign(ports, id, p);
  if (!form.draft) throw new Problem(k.noDraft);
  const before = form.published === null ? null : await designOf(ports.db.kysely, id, form.published);
  const old = new Map((before?.fields ?? []).map((f) => [f.name, f]));
  const now = new Map(form.draft.fields.map((f) => [f.name, f]));
  const counts = await sql<{ open: number; settled: number }>`SELECT
    count(*) FILTER (WHERE state IN ('draft', 'returned')) AS open, count(*) FILTER (WHERE state NOT IN ('draft', 'returned')) AS settled
    FROM forms.record WHERE form = ${id}`.execute(ports.db.kysely);
  return {
    added: [...now.keys()].filter((n) => !old.has(n)),
    removed: [...old.keys()].filter((n) => !now.has(n)),
    changed: [...now.values()]
      .filter((f) => old.has(f.name) && !isDeepStrictEqual(f, old.get(f.name)))
      .map((f) => f.name),
    open: Number(counts.rows[0]!.open),
    settled: Number(counts.rows[0]!.settled),
    faults: check(form.draft),
  };
}

/** Values of an open record under a new version: fields of the same name and kind; what falls out stays in the history. */
export function carried(from: Design, to: Design, values: Values, today: string): Values {
  const old = new Map(from.fields.map((f) => [f.name, f]));
  const kept: Values = {};
  for (const f of to.fields) {
    const before = old.get(f.name);
    if (before && hasValue(f) && before.kind === f.kind && values[f.name] !== undefined) kept[f.name] = values[f.name]!;
  }
  return computed(to, kept, today).values;
}

/** Publishes the draft as the next version, and declares the source that its accepted records are. */
export async function publish(
  ports: FormsPorts,
  id: number,
  given: { revision: number; old: 'keep' | 'carry'; note?: string | undefined },
  p: Principal,
): Promise<void> {
  const form = await toDesign(ports, id, p);
  const { draft } = form;
  if (!draft) throw new Problem(k.noDraft);
  if (form.revision !== given.revision) throw new Problem(k.draftChanged, { revision: form.revision });
  const faults = check(draft);
  if (faults.length) refuse(faults);
  const before = await sql<{
    version: number;
    design: Design;
  }>`SELECT version, design FROM forms.version WHERE form = ${id}
    ORDER BY version DESC`.execute(ports.db.kysely);
  let source = form.source;
  // First the source: a form whose records could flow nowhere is not published. Declaring the same again changes nothing.
  if (draft.source.enabled) {
    const declared = declarationOf(form.organisation, form.name, [draft, ...before.rows.map((v) => v.design)]);
    source = (await declareSource(ports, declared, p.login)).declaration.id;
  }
  const version = (before.rows[0]?.version ?? 0) + 1;
  const now = ports.clock.now();
  const { today } = circumstances(now, false);
  await change(ports, async (trx) => {
    const done =
      await sql`UPDATE forms.form SET state = 'published', published = ${version}, draft = NULL, source = ${source},
      revision = revision + 1, updated_at = ${now} WHERE id = ${id} AND revision = ${given.revision} RETURNING id`.execute(
        trx,
      );
    if (!done.rows.length) throw new Problem(k.draftChanged, { revision: form.revision });
    await sql`UPDATE forms.version SET retired_at = ${now} WHERE form = ${id} AND retired_at IS NULL`.execute(trx);
    await sql`INSERT INTO forms.version (form, version, design, published_at, published_by, old, note)
      VALUES (${id}, ${version}, ${JSON.stringify(draft)}::jsonb, ${now}, ${p.login}, ${given.old}, ${given.note ?? null})`.execute(
      trx,
    );
    if (given.old === 'carry') {
      const open =
        await sql<RecordRow>`SELECT * FROM forms.record WHERE form = ${id} AND state IN ('draft', 'returned')`.execute(
          trx,
        );
      const designs = new Map(before.rows.map((v) => [v.version, v.design]));
      for (const r of open.rows) {
        const values = carried(designs.get(r.version)!, draft, r.values, today);
        const own = { ...r, version, values, revision: r.revision + 1 };
        await sql`UPDATE forms.record SET version = ${version}, values = ${JSON.stringify(values)}::jsonb, revision = ${own.revision},
          cursor = ${await nextCursor(trx)}, updated_at = ${now} WHERE id = ${r.id}::uuid`.execute(trx);
        await note(trx, own, p, now, { action: 'carry', from: r.state, to: r.state, values });
      }
    }
    // Records that were accepted while the form was no source yet.
    if (source !== null && form.source === null) {
      const settled =
        await sql<RecordRow>`SELECT * FROM forms.record WHERE form = ${id} AND state = 'accepted' AND NOT known`.execute(
          trx,
        );
      const designs = new Map(before.rows.map((v) => [v.version, v.design]));
      for (const r of settled.rows)
        if (await enqueue(trx, { id, source }, designs.get(r.version)!, r, now))
          await sql`UPDATE forms.record SET known = true WHERE id = ${r.id}::uuid`.execute(trx);
    }
    await ports.audit.append(
      {
        actor: p,
        action: 'forms.form.publish',
        object: `form:${id}`,
        outcome: 'ok',
        detail: { version, old: given.old },
      },
      trx,
    );
  });
}

/** Retires a form: nothing new is filled in; what is there stays and is handled to its end. */
export async function retire(ports: FormsPorts, id: number, reason: string, p: Principal): Promise<void> {
  await toDesign(ports, id, p);
  const now = ports.clock.now();
  await ports.db.tx(async (trx) => {
    await sql`UPDATE forms.form SET state = 'retired', retired_at = ${now}, retired_reason = ${reason}, revision = revision + 1, updated_at = ${now}
      WHERE id = ${id}`.execute(trx);
    await sql`UPDATE forms.version SET retired_at = ${now} WHERE form = ${id} AND retired_at IS NULL`.execute(trx);
    await sql`UPDATE forms.task SET state = 'closed', closed_at = ${now}, closed_reason = ${reason} WHERE form = ${id} AND state = 'open'`.execute(
      trx,
    );
    await ports.audit.append(
      { actor: p, action: 'forms.form.retire', object: `form:${id}`, outcome: 'ok', detail: { reason } },
      trx,
    );
  });
}

type Counted = FormRow & {
  total: number;
  mine: number;
  waiting: number;
  accepted: number;
  conflicts: number;
  title: Design['title'];
};

const listedRows = (ports: FormsPorts, p: Principal, where: ReturnType<typeof sql>) =>
  sql<Counted>`
  SELECT f.*, coalesce(v.design -> 'title', f.draft -> 'title') AS title, c.* FROM forms.form f
  LEFT JOIN forms.version v ON v.form = f.id AND v.version = f.published
  CROSS JOIN LATERAL (SELECT count(*) AS total, count(*) FILTER (WHERE r.filled_by = ${p.login}) AS mine,
    count(*) FILTER (WHERE r.state IN ('submitted', 'checked')) AS waiting, count(*) FILTER (WHERE r.state = 'accepted') AS accepted,
    count(*) FILTER (WHERE r.conflicts > 0) AS conflicts FROM forms.record r WHERE r.form = f.id) c
  WHERE ${where} ORDER BY f.organisation, f.name`.execute(ports.db.kysely);

function itemOf(ports: FormsPorts, f: Counted, p: Principal): z.input<typeof api.formItem> {
  const may = mayOf(p, f.organisation);
  const all = may.read || p.organisation === null;
  const n = (x: number) => (all ? Number(x) : 0);
  return {
    ...{
      id: f.id,
      name: f.name,
      organisation: named(ports, f.organisation),
      title: f.title,
      state: f.state,
      version: f.published,
    },
    draft: f.draft !== null,
    records: {
      ...{ total: all ? Number(f.total) : Number(f.mine), mine: Number(f.mine), waiting: n(f.waiting) },
      ...{ accepted: n(f.accepted), conflicts: n(f.conflicts) },
    },
    ...{ source: f.source, updatedAt: f.updated_at.toISOString() },
  };
}

/** Forms that somebody may see: of the own organisation, or of all for who oversees. Who only fills in sees published ones. */
export async function forms(ports: FormsPorts, q: z.output<typeof api.formsQuery>, p: Principal) {
  const parts = [
    p.organisation === null ? sql`${p.permissions.has('forms.read')}` : sql`f.organisation = ${p.organisation}`,
  ];
  if (p.organisation !== null) {
    const may = mayOf(p, p.organisation);
    must(may.see);
    if (!may.read && !may.design) parts.push(sql`f.state = 'published'`);
  }
  if (q.state) parts.push(sql`f.state = ${q.state}`);
  if (q.q)
    parts.push(
      sql`position(lower(${q.q}) in lower(f.name || coalesce(v.design ->> 'title', f.draft ->> 'title', ''))) > 0`,
    );
  const rows = (await listedRows(ports, p, sql.join(parts, sql` AND `))).rows;
  return { items: rows.slice(q.offset, q.offset + q.limit).map((f) => itemOf(ports, f, p)), total: rows.length };
}

/** One form with its versions. */
export async function formDetail(ports: FormsPorts, id: number, p: Principal): Promise<z.input<typeof api.formAnswer>> {
  const row = (await listedRows(ports, p, sql`f.id = ${id}`)).rows[0];
  if (!row) throw new Problem(k.unknownForm, { form: id });
  const may = mayOf(p, row.organisation);
  must(may.see);
  const versions = await sql<{
    version: number;
    published_at: Date;
    published_by: string;
    retired_at: Date | null;
    old: 'keep' | 'carry';
    note: string | null;
    n: number;
  }>`
    SELECT v.version, v.published_at, v.published_by, v.retired_at, v.old, v.note,
      (SELECT count(*) FROM forms.record r WHERE r.form = v.form AND r.version = v.version) AS n
    FROM forms.version v WHERE v.form = ${id} ORDER BY v.version DESC`.execute(ports.db.kysely);
  return {
    ...itemOf(ports, row, p),
    versions: versions.rows.map((v) => ({
      ...{
        version: v.version,
        state: v.retired_at ? ('retired' as const) : ('published' as const),
        publishedAt: v.published_at.toISOString(),
      },
      ...{
        publishedBy: v.published_by,
        retiredAt: v.retired_at?.toISOString() ?? null,
        old: v.old,
        note: v.note,
        records: Number(v.n),
      },
    })),
    design: row.published === null ? null : await designOf(ports.db.kysely, id, row.published),
    draftDesign: may.design ? row.draft : null,
    revision: row.revision,
    may: { design: may.design, fill: may.fill, handle: may.handle, read: may.read },
  };
}

/** One published version. */
export async function versionDetail(
  ports: FormsPorts,
  id: number,
  version: number,
  p: Principal,
): Promise<z.input<typeof api.versionAnswer>> {
  const form = await formDetail(ports, id, p);
  const found = form.versions.find((v) => v.version === version);
  if (!found) throw new Problem(k.unknownVersion, { version });
  return { ...found, design: await designOf(ports.db.kysely, id, version) };
}
