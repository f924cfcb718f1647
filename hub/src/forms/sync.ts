/**
 * Synchronisation with phones that collected without a network. Every operation has its own key and is done once: what was answered before is answered
 * the same way again. What cannot be applied is never lost: another's change meanwhile makes it a conflicting revision, faults make it a draft, and
 * what is refused stands in forms.operation with its whole content. The phone's clock is kept beside the hub's and decides nothing.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import { fill, Problem, type ProblemKind } from '../platform/problem.ts';
import { mayOf } from './access.ts';
import type * as api from './api.ts';
import type { Design, Fault, Values } from './design.ts';
import { change, type FormsPorts, type Trx } from './ports.ts';
import * as k from './problems.ts';
import { handInFaults, insert, moved, note, type Origin, remark, rewrite } from './records.ts';
import { designOf, type FormRow, formOf, nextCursor, type RecordRow, recordOf } from './store.ts';
import { type Prepared, prepare, store } from './values.ts';

type Operation = z.output<typeof api.operation>;
type Result = z.input<typeof api.syncAnswer>['results'][number];
type Outcome = Result['outcome'];
type Body = z.output<typeof api.syncBody>;

interface Kept {
  login: string;
  digest: string;
  answer: Omit<Result, 'again'>;
}

/** Takes a batch in; operations one after another, each in its own transaction. */
export async function sync(ports: FormsPorts, body: Body, p: Principal): Promise<z.input<typeof api.syncAnswer>> {
  const results: Result[] = [];
  for (const o of body.operations) results.push(await one(ports, body, o, p));
  const counts: Record<string, number> = {};
  for (const r of results) if (!r.again) counts[r.outcome] = (counts[r.outcome] ?? 0) + 1;
  if (Object.keys(counts).length)
    await ports.audit.append({
      actor: p,
      action: 'forms.sync',
      object: `device:${body.device}`,
      outcome: 'ok',
      detail: counts,
    });
  return { receivedAt: ports.clock.now().toISOString(), results };
}

const answerOf = (
  o: Operation,
  outcome: Outcome,
  r: RecordRow | undefined,
  kind?: ProblemKind,
  faults: Fault[] = [],
): Omit<Result, 'again'> => ({
  ...{ key: o.key, record: o.record, outcome, revision: r?.revision ?? null, state: r?.state ?? null },
  ...{
    code: kind?.code ?? null,
    message: kind ? { zh: fill(kind.zh, { count: faults.length }), en: fill(kind.en, { count: faults.length }) } : null,
    faults,
  },
});

/** What an operation says, with tokens for numbers: what is compared and kept. */
interface Ready {
  form: FormRow | undefined;
  design: Design | undefined;
  prepared: Prepared | undefined;
  record: RecordRow | undefined;
}

async function one(ports: FormsPorts, body: Body, o: Operation, p: Principal): Promise<Result> {
  const digest = digestOf(ports, o);
  const known = await keptOf(ports.db.kysely, o.key);
  if (known) return repeated(known, o, p, digest);
  const ready = await makeReady(ports, o, p);
  return change(ports, async (trx) => {
    const meanwhile = await keptOf(trx, o.key);
    if (meanwhile) return repeated(meanwhile, o, p, digest);
    const answer = await apply(trx, ports, body, o, p, ready);
    // What waits for another operation is asked again with it; nothing of it is kept yet.
    if (answer.outcome === 'waiting') return { ...answer, again: false };
    const texts: string[] = [];
    const content = answer.outcome === 'refused' ? safe(ports, o, texts) : null;
    await store(
      ports,
      texts.map((text) => ({ kind: 'citizen-id', text })),
    );
    await sql`INSERT INTO forms.operation (key, login, device, digest, record, received_at, device_at, sent_at, outcome, answer, content)
      VALUES (${o.key}::uuid, ${p.login}, ${body.device}::uuid, ${digest}, ${o.record}::uuid, ${ports.clock.now()}, ${new Date(o.at)}, ${new Date(body.sentAt)},
        ${answer.outcome}, ${JSON.stringify(answer)}::jsonb, ${content ? JSON.stringify(content) : null}::jsonb)`.execute(
      trx,
    );
    return { ...answer, again: false };
  });
}

async function keptOf(db: Trx, key: string): Promise<Kept | undefined> {
  return (await sql<Kept>`SELECT login, digest, answer FROM forms.operation WHERE key = ${key}::uuid`.execute(db))
    .rows[0];
}

/** What was answered before; a key of somebody else, or with another content, is refused and changes nothing. */
function repeated(known: Kept, o: Operation, p: Principal, digest: string): Result {
  if (known.login !== p.login) return { ...answerOf(o, 'refused', undefined, k.mayNot), again: false };
  if (known.digest !== digest) return { ...answerOf(o, 'refused', undefined, k.keyReused), again: false };
  return { ...known.answer, again: true };
}

/** Every text of an operation's values that could hold a number goes as its token; `texts` gathers them for the vault. */
function safe(ports: FormsPorts, o: Operation, texts: string[] = []): unknown {
  if (!('values' in o)) return o;
  const hide = (v: unknown): unknown => {
    if (typeof v === 'string') {
      if (!/\d{7,}/.test(v)) return v;
      texts.push(v);
      return { token: ports.vault.tokenOf('citizen-id', v) };
    }
    if (Array.isArray(v)) return v.map(hide);
    if (typeof v !== 'object' || v === null) return v;
    return Object.fromEntries(Object.entries(v).map(([n, x]) => [n, n === 'token' || n === 'id' ? x : hide(x)]));
  };
  return { ...o, values: hide(o.values) };
}

const digestOf = (ports: FormsPorts, o: Operation): string =>
  createHash('sha256')
    .update(JSON.stringify(safe(ports, o)))
    .digest('hex');

async function makeReady(ports: FormsPorts, o: Operation, p: Principal): Promise<Ready> {
  const db = ports.db.kysely;
  const none = (error: unknown): undefined => {
    if (error instanceof Problem) return undefined;
    throw error;
  };
  const form = await formOf(db, o.form).catch(none);
  const record = await recordOf(db, o.record);
  const version = record?.version ?? (o.kind === 'create' ? o.version : undefined);
  const design = form && version !== undefined ? await designOf(db, form.id, version).catch(none) : undefined;
  if (!form || !design) return { form, design, prepared: undefined, record };
  const own = mayOf(p, form.organisation).fill && (!record || record.filled_by === p.login);
  const values = 'values' in o ? o.values : record?.values;
  const prepared =
    own && values
      ? await prepare(ports, design, form.id, values, { login: p.login, before: record?.values })
      : undefined;
  return { form, design, prepared, record };
}

async function apply(
  trx: Trx,
  ports: FormsPorts,
  body: Body,
  o: Operation,
  p: Principal,
  ready: Ready,
): Promise<Omit<Result, 'again'>> {
  const { form, prepared } = ready;
  if (!form) return answerOf(o, 'refused', undefined, k.unknownForm);
  if (!mayOf(p, form.organisation).fill) return answerOf(o, 'refused', undefined, k.notYours);
  const origin: Origin = { device: body.device, deviceAt: new Date(o.at), operation: o.key };
  const now = await recordOf(trx, o.record);
  if (now && (now.filled_by !== p.login || now.form !== form.id))
    return answerOf(o, 'refused', undefined, k.unknownRecord);
  if (prepared?.shape.length) return answerOf(o, 'refused', now, k.wrongValues, prepared.shape);
  if (o.kind === 'create') return creating(trx, ports, o, p, ready, now, origin);
  const base = await baseOf(trx, o);
  if (base === 'waiting') return answerOf(o, 'waiting', now, k.syncWaiting);
  // A remark names no operation that it follows: it waits for the record.
  if (!now && o.kind === 'comment') return answerOf(o, 'waiting', undefined, k.syncWaiting);
  if (!now) return answerOf(o, 'refused', undefined, k.unknownRecord);
  const design = ready.design ?? (await designOf(trx, form.id, now.version));
  if (o.kind === 'comment') {
    await remark(trx, ports, now, o.text, p, origin);
    return answerOf(o, 'applied', now);
  }
  const same = base === now.revision;
  const open = now.state === 'draft' || now.state === 'returned';
  if (o.kind === 'withdraw') {
    if (now.state === 'withdrawn') return repeatedStep(trx, ports, o, now, p, origin);
    if (now.state === 'accepted' || now.state === 'checked' || !same)
      return conflicting(trx, ports, o, now, p, null, base, origin, o.reason);
    return answerOf(o, 'applied', await moved(trx, ports, form, design, now, 'withdraw', p, o.reason, origin));
  }
  if (o.kind === 'submit') {
    if (!open && now.state !== 'withdrawn') return repeatedStep(trx, ports, o, now, p, origin);
    if (!open || !same) return conflicting(trx, ports, o, now, p, null, base, origin);
    // Values were looked at before the transaction; the same revision means the same values.
    const faults = await handInFaults(trx, design, now, prepared ?? { faults: [] });
    if (faults.length) {
      await note(trx, now, p, ports.clock.now(), { action: 'repeat', from: now.state, to: now.state }, origin);
      return answerOf(o, 'kept', now, k.wrongValues, faults);
    }
    return answerOf(o, 'applied', await moved(trx, ports, form, design, now, 'submit', p, null, origin));
  }
  if (!prepared) return answerOf(o, 'refused', now, k.unknownVersion);
  if (!same || !open || now.version !== ready.record?.version)
    return conflicting(trx, ports, o, now, p, prepared.values, base, origin);
  const own = await rewrite(trx, ports, form, design, now, prepared.values, p, origin);
  if (!o.submit) return answerOf(o, 'applied', own);
  const faults = await handInFaults(trx, design, own, prepared);
  if (faults.length) return answerOf(o, 'kept', own, k.wrongValues, faults);
  return answerOf(o, 'applied', await moved(trx, ports, form, design, own, 'submit', p, null));
}

/** The revision that an operation stands on; `waiting` while the one that it follows is not here. */
async function baseOf(trx: Trx, o: Operation): Promise<number | null | 'waiting'> {
  if (o.kind === 'create' || o.kind === 'comment') return null;
  if (o.base !== undefined) return o.base;
  if (o.after === undefined) return null;
  const before = (await keptOf(trx, o.after))?.answer;
  if (!before) return 'waiting';
  // What followed a conflict stands on something that nobody settled yet.
  return before.record === o.record && (before.outcome === 'applied' || before.outcome === 'kept')
    ? before.revision
    : null;
}

async function creating(
  trx: Trx,
  ports: FormsPorts,
  o: Extract<Operation, { kind: 'create' }>,
  p: Principal,
  { form, design, prepared }: Ready,
  now: RecordRow | undefined,
  origin: Origin,
): Promise<Omit<Result, 'again'>> {
  if (!form || !design || !prepared) return answerOf(o, 'refused', undefined, k.unknownVersion);
  // A phone whose store was put back makes the same record anew: both stay.
  if (now) return conflicting(trx, ports, o, now, p, prepared.values, null, origin);
  const given = {
    ...{
      id: o.record,
      form: form.id,
      version: o.version,
      values: o.values,
      collectedAt: new Date(o.at),
      target: o.target,
    },
    // Of a form that was retired meanwhile nothing is handed in, and nothing is lost.
    ...{ submit: o.submit && form.state !== 'retired', lenient: true },
  };
  const { record, faults } = await insert(trx, ports, form, design, given, prepared, p, origin);
  if (o.submit && form.state === 'retired') return answerOf(o, 'kept', record, k.retired);
  return faults.length ? answerOf(o, 'kept', record, k.wrongValues, faults) : answerOf(o, 'applied', record);
}

/** Keeps a change that cannot be applied as a conflicting revision: the present values stay until a person settles it. */
async function conflicting(
  trx: Trx,
  ports: FormsPorts,
  o: Operation,
  now: RecordRow,
  p: Principal,
  values: Values | null,
  base: number | null,
  origin: Origin,
  reason?: string,
): Promise<Omit<Result, 'again'>> {
  const line = {
    action: 'conflict',
    from: now.state,
    to: now.state,
    values,
    base,
    conflict: true,
    reason: reason ?? (o.kind === 'change' || o.kind === 'create' ? null : o.kind),
  };
  await note(trx, now, p, ports.clock.now(), line, origin);
  await sql`UPDATE forms.record SET conflicts = conflicts + 1, cursor = ${await nextCursor(trx)} WHERE id = ${now.id}::uuid`.execute(
    trx,
  );
  return answerOf(o, 'conflict', now, k.syncConflict);
}

/** What was done already by another operation: said in the history, nothing changes. */
async function repeatedStep(trx: Trx, ports: FormsPorts, o: Operation, now: RecordRow, p: Principal, origin: Origin) {
  await note(trx, now, p, ports.clock.now(), { action: 'repeat', from: now.state, to: now.state }, origin);
  return answerOf(o, 'applied', now);
}
