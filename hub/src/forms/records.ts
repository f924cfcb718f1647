/**
 * Writing records: every change is one transaction with its line of history, its place in the order for phones, what it says to the exchange, and the
 * audit. Nothing is deleted; what is withdrawn stays with its reason.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Principal } from '../platform/auth/principal.ts';
import { cityDay } from '../platform/law/index.ts';
import { Problem } from '../platform/problem.ts';
import { mayOf, must } from './access.ts';
import type { Design, Fault, Values } from './design.ts';
import { after, allowed, dueIn, leads, needsOther, reasoned, type Step, stateTitles } from './machine.ts';
import { change, type FormsPorts, type Trx } from './ports.ts';
import * as k from './problems.ts';
import { captionOf, isAddress, isBlank, isFiles, isSecret, valueFields } from './pure/index.ts';
import { enqueue } from './source/outbox.ts';
import { designOf, type FormRow, formOf, nextCursor, type RecordRow, recordOf, type State } from './store.ts';
import { type Prepared, prepare, problemOfFaults } from './values.ts';

/** Where a change came from, beside who made it. */
export interface Origin {
  device?: string;
  deviceAt?: Date;
  operation?: string;
}

/** What a line of history says. */
export interface Line {
  action: string;
  to?: State | null;
  from?: State | null;
  reason?: string | null;
  values?: Values | null;
  base?: number | null;
  conflict?: boolean;
}

/** Writes a line of history; answers its number. */
export async function note(
  trx: Trx,
  r: RecordRow,
  p: Principal,
  at: Date,
  line: Line,
  o: Origin = {},
): Promise<number> {
  const made = await sql<{
    seq: number;
  }>`INSERT INTO forms.change (record, revision, action, by_login, by_name, at, device_at, device, operation,
      from_state, to_state, reason, version, values, base, conflict)
    VALUES (${r.id}::uuid, ${r.revision}, ${line.action}, ${p.login}, ${p.name}, ${at}, ${o.deviceAt ?? null}, ${o.device ?? null}::uuid,
      ${o.operation ?? null}::uuid, ${line.from ?? null}, ${line.to ?? null}, ${line.reason ?? null}, ${r.version},
      ${line.values ? JSON.stringify(line.values) : null}::jsonb, ${line.base ?? null}, ${line.conflict ?? false}) RETURNING seq`.execute(
    trx,
  );
  return made.rows[0]!.seq;
}

/** The form of a record that somebody fills in. */
export async function formToFill(ports: FormsPorts, id: number, p: Principal): Promise<FormRow> {
  const form = await formOf(ports.db.kysely, id);
  must(mayOf(p, form.organisation).fill);
  return form;
}

/** Digests of the values that may stand once in a form. */
export function uniqueDigests(design: Design, values: Values): { field: string; digest: string }[] {
  return valueFields(design).flatMap((f) => {
    if (!('unique' in f) || !f.unique || isBlank(values[f.name])) return [];
    const v = values[f.name];
    const text = isSecret(v) ? v.token : String(v).normalize('NFKC').trim().toUpperCase();
    return [{ field: f.name, digest: createHash('sha256').update(`${f.name}\n${text}`).digest('hex') }];
  });
}

/** Holds that no other record of the form has the same value in a unique field; answers the faults. */
export async function claim(
  trx: Trx,
  design: Design,
  r: Pick<RecordRow, 'id' | 'form' | 'state' | 'values'>,
): Promise<Fault[]> {
  await sql`DELETE FROM forms.unique_value WHERE record = ${r.id}::uuid`.execute(trx);
  if (r.state === 'withdrawn') return [];
  const faults: Fault[] = [];
  for (const { field, digest } of uniqueDigests(design, r.values)) {
    const made = await sql`INSERT INTO forms.unique_value VALUES (${r.form}, ${field}, ${digest}, ${r.id}::uuid)
      ON CONFLICT DO NOTHING RETURNING record`.execute(trx);
    if (!made.rows.length)
      faults.push({
        at: field,
        code: 'forms.value.unique',
        zh: '已有记录填了相同的值。',
        en: 'Another record has the same value.',
      });
  }
  return faults;
}

/** Ties files to their record. */
async function tie(trx: Trx, r: RecordRow): Promise<void> {
  const ids = Object.values(r.values).flatMap((v) => (isFiles(v) && !isAddress(v) ? v.map((f) => f.id) : []));
  if (ids.length)
    await sql`UPDATE forms.file SET record = ${r.id}::uuid WHERE id = ANY(${ids}::uuid[]) AND record IS NULL`.execute(
      trx,
    );
}

/** Writes a record's present state (revision and all) and what follows from it. */
export async function keep(
  trx: Trx,
  ports: FormsPorts,
  form: FormRow,
  design: Design,
  r: RecordRow,
): Promise<RecordRow> {
  const now = ports.clock.now();
  const cursor = await nextCursor(trx);
  const due = dueIn(design, r.state, ports.calendar(), cityDay(now));
  const own = { ...r, cursor, due, caption: captionOf(design, r.values), updated_at: now };
  await sql`INSERT INTO forms.record (id, form, version, state, values, caption, revision, cursor, filled_by, filled_name, collected_at,
      received_at, updated_at, conflicts, due, reason, known)
    VALUES (${own.id}::uuid, ${own.form}, ${own.version}, ${own.state}, ${JSON.stringify(own.values)}::jsonb, ${own.caption}, ${own.revision},
      ${cursor}, ${own.filled_by}, ${own.filled_name}, ${own.collected_at}, ${own.received_at}, ${now}, ${own.conflicts}, ${due}::date,
      ${own.reason}, ${own.known})
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, state = excluded.state, values = excluded.values, caption = excluded.caption,
      revision = excluded.revision, cursor = excluded.cursor, updated_at = excluded.updated_at, conflicts = excluded.conflicts,
      due = excluded.due, reason = excluded.reason, known = excluded.known`.execute(trx);
  await tie(trx, own);
  const known = await enqueue(trx, form, design, own, now);
  if (known !== own.known) await sql`UPDATE forms.record SET known = ${known} WHERE id = ${own.id}::uuid`.execute(trx);
  return { ...own, known };
}

/** What a person sends to begin a record. */
export interface NewRecord {
  id: string;
  form: number;
  version?: number | undefined;
  values: Values;
  submit: boolean;
  collectedAt?: Date | undefined;
  target?: number | undefined;
  /** Whether faults of handing in make a draft of it instead of refusing. */
  lenient?: boolean;
  action?: 'create' | 'import';
}

/** Values made ready for a version of a form; faults of shape refuse. */
export async function ready(
  ports: FormsPorts,
  form: FormRow,
  version: number,
  given: Values,
  login: string,
  before?: Values,
) {
  const design = await designOf(ports.db.kysely, form.id, version);
  const prepared = await prepare(ports, design, form.id, given, { login, before });
  if (prepared.shape.length)
    throw new Problem(
      k.wrongValues,
      { count: prepared.shape.length },
      undefined,
      problemOfFaults(prepared.shape).details,
    );
  return { design, prepared };
}

/** Writes a new record inside a transaction; faults of handing in are answered where `lenient`, else thrown. */
export async function insert(
  trx: Trx,
  ports: FormsPorts,
  form: FormRow,
  design: Design,
  given: NewRecord & { version: number },
  prepared: Prepared,
  p: Principal,
  o: Origin = {},
): Promise<{ record: RecordRow; faults: Fault[] }> {
  const now = ports.clock.now();
  const blank: RecordRow = {
    ...{
      id: given.id,
      form: form.id,
      version: given.version,
      state: 'draft',
      values: prepared.values,
      caption: '',
      revision: 1,
      cursor: 0,
    },
    ...{
      filled_by: p.login,
      filled_name: p.name,
      collected_at: given.collectedAt ?? null,
      received_at: now,
      updated_at: now,
    },
    ...{ conflicts: 0, due: null, reason: null, known: false },
  };
  const first = await keep(trx, ports, form, design, blank);
  const faults = given.submit ? await handInFaults(trx, design, first, prepared) : [];
  if (faults.length && !given.lenient) throw problemOfFaults(faults);
  await note(trx, first, p, now, { action: given.action ?? 'create', to: 'draft', values: first.values }, o);
  if (given.target !== undefined) {
    const tied = await sql`UPDATE forms.target t SET record = ${given.id}::uuid FROM forms.task k
      WHERE t.id = ${given.target} AND k.id = t.task AND k.form = ${form.id} AND t.assignee = ${p.login} AND t.record IS NULL
      RETURNING t.id`.execute(trx);
    if (!tied.rows.length && !given.lenient) throw new Problem(k.targetTaken);
  }
  if (!given.submit || faults.length) return { record: first, faults };
  return { record: await moved(trx, ports, form, design, first, 'submit', p, null), faults };
}

/** What forbids handing in: faults of the values, and values that may stand once only. What is not handed in claims nothing. */
export async function handInFaults(
  trx: Trx,
  design: Design,
  r: RecordRow,
  prepared: Pick<Prepared, 'faults'>,
): Promise<Fault[]> {
  const faults = [...prepared.faults, ...(await claim(trx, design, r))];
  if (faults.length) await sql`DELETE FROM forms.unique_value WHERE record = ${r.id}::uuid`.execute(trx);
  return faults;
}

/** Moves a record by a step that was allowed. */
export async function moved(
  trx: Trx,
  ports: FormsPorts,
  form: FormRow,
  design: Design,
  r: RecordRow,
  step: Step,
  p: Principal,
  reason: string | null,
  o: Origin = {},
): Promise<RecordRow> {
  const to = after(design, step);
  const own = await keep(trx, ports, form, design, {
    ...r,
    state: to,
    revision: r.revision + 1,
    reason: reasoned.has(step) ? reason : null,
  });
  if (to === 'withdrawn') await claim(trx, design, own);
  await note(trx, own, p, ports.clock.now(), { action: step, from: r.state, to, reason, values: own.values }, o);
  await ports.audit.append(
    {
      actor: p,
      action: `forms.record.${step}`,
      object: `form:${form.id}/record:${r.id}`,
      outcome: 'ok',
      detail: { from: r.state, to },
    },
    trx,
  );
  return own;
}

/** Makes a record. The same id of the same person answers the record that is there. */
export async function create(ports: FormsPorts, given: NewRecord, p: Principal): Promise<RecordRow> {
  const form = await formToFill(ports, given.form, p);
  const there = await recordOf(ports.db.kysely, given.id);
  if (there) {
    if (there.filled_by !== p.login || there.form !== form.id) throw new Problem(k.recordTaken);
    return there;
  }
  if (form.state === 'retired') throw new Problem(k.retired);
  const version = given.version ?? form.published;
  if (version === null) throw new Problem(k.notPublished);
  const { design, prepared } = await ready(ports, form, version, given.values, p.login);
  return change(ports, async (trx) => {
    const again = await recordOf(trx, given.id);
    if (again) {
      if (again.filled_by !== p.login || again.form !== form.id) throw new Problem(k.recordTaken);
      return again;
    }
    const { record } = await insert(trx, ports, form, design, { ...given, version }, prepared, p);
    await ports.audit.append(
      { actor: p, action: 'forms.record.create', object: `form:${form.id}/record:${record.id}`, outcome: 'ok' },
      trx,
    );
    return record;
  });
}

/** A record that somebody may see; others are not there. */
export async function visible(
  ports: FormsPorts,
  formId: number,
  id: string,
  p: Principal,
): Promise<{ form: FormRow; record: RecordRow }> {
  const form = await formOf(ports.db.kysely, formId);
  const may = mayOf(p, form.organisation);
  const record = await recordOf(ports.db.kysely, id);
  const own = record?.filled_by === p.login && may.fill;
  if (!record || record.form !== form.id || !(may.read || own)) throw new Problem(k.unknownRecord);
  return { form, record };
}

/** The record, where it still has this revision. */
export const sameRevision = (r: RecordRow | undefined, revision: number): RecordRow => {
  if (!r) throw new Problem(k.unknownRecord);
  if (r.revision !== revision) throw new Problem(k.recordChanged, { revision: r.revision });
  return r;
};

/** Changes the values of an own record that is a draft or was returned. */
export async function edit(
  ports: FormsPorts,
  at: { form: number; record: string },
  given: { revision: number; values: Values; submit: boolean },
  p: Principal,
): Promise<RecordRow> {
  const { form, record } = await visible(ports, at.form, at.record, p);
  if (record.filled_by !== p.login) throw new Problem(k.mayNot);
  sameRevision(record, given.revision);
  const { design, prepared } = await ready(ports, form, record.version, given.values, p.login, record.values);
  return change(ports, async (trx) => {
    const now = sameRevision(await recordOf(trx, record.id), given.revision);
    if (now.state !== 'draft' && now.state !== 'returned') throw new Problem(k.wrongState, stateTitles[now.state]);
    const own = await rewrite(trx, ports, form, design, now, prepared.values, p);
    await ports.audit.append(
      { actor: p, action: 'forms.record.change', object: `form:${form.id}/record:${own.id}`, outcome: 'ok' },
      trx,
    );
    if (!given.submit) return own;
    const faults = await handInFaults(trx, design, own, prepared);
    if (faults.length) throw problemOfFaults(faults);
    return moved(trx, ports, form, design, own, 'submit', p, null);
  });
}

/** Writes other values as the next revision, with their line of history. */
export async function rewrite(
  trx: Trx,
  ports: FormsPorts,
  form: FormRow,
  design: Design,
  r: RecordRow,
  values: Values,
  p: Principal,
  o: Origin = {},
  line: Line = { action: 'change' },
): Promise<RecordRow> {
  const own = await keep(trx, ports, form, design, { ...r, values, revision: r.revision + 1 });
  await note(trx, own, p, ports.clock.now(), { from: r.state, to: own.state, values, ...line }, o);
  return own;
}

/** Takes a step with a record. */
export async function take(
  ports: FormsPorts,
  at: { form: number; record: string },
  given: { action: Step; revision: number; reason?: string | undefined },
  p: Principal,
): Promise<RecordRow> {
  const { form, record } = await visible(ports, at.form, at.record, p);
  const design = await designOf(ports.db.kysely, form.id, record.version);
  const may = mayOf(p, form.organisation);
  const own = record.filled_by === p.login;
  if (!allowed(may, own, record.state, given.action)) throw new Problem(k.mayNot);
  if (own && needsOther(design, given.action)) throw new Problem(k.fourEyes);
  if (reasoned.has(given.action) && (given.reason ?? '').length < 2)
    throw new Problem(k.reasonNeeded, {}, { field: 'reason' });
  const prepared =
    given.action === 'submit'
      ? await prepare(ports, design, form.id, record.values, { login: p.login, before: record.values })
      : null;
  return change(ports, async (trx) => {
    const now = sameRevision(await recordOf(trx, record.id), given.revision);
    if (!leads(design, now.state, given.action)) throw new Problem(k.wrongState, stateTitles[now.state]);
    if (prepared) {
      const faults = await handInFaults(trx, design, now, prepared);
      if (faults.length) throw problemOfFaults(faults);
    }
    return moved(trx, ports, form, design, now, given.action, p, given.reason ?? null);
  });
}

/** Adds a remark to a record. */
export async function remark(
  trx: Trx,
  ports: FormsPorts,
  r: RecordRow,
  text: string,
  p: Principal,
  o: Origin = {},
): Promise<void> {
  await note(trx, r, p, ports.clock.now(), { action: 'comment', reason: text, from: r.state, to: r.state }, o);
  await sql`UPDATE forms.record SET cursor = ${await nextCursor(trx)} WHERE id = ${r.id}::uuid`.execute(trx);
  await ports.audit.append(
    { actor: p, action: 'forms.record.comment', object: `form:${r.form}/record:${r.id}`, outcome: 'ok' },
    trx,
  );
}
