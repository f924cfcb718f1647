/**
 * Objections (异议): a unit's own people object to points lost at an indicator or a record; the authority decides with its reason.
 * What is accepted does not count any more: the month is reckoned again from the records that were kept, never from what
 * stands elsewhere by then, and the correction says what changed. Steps and refusals are audited.
 */
import type { WorkingCalendar } from '@jingwei/codes';
import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import type { AnyTables } from '../platform/db/index.ts';
import { cityDay } from '../platform/law/index.ts';
import { Problem } from '../platform/problem.ts';
import type { Deps } from '../platform/room.ts';
import { exemptions, keep, reckon } from './compute.ts';
import { month } from './declaration.ts';
import { type FormulaVersion, formulas } from './formula.ts';
import type { Measured } from './measure.ts';
import { objectionsEnd } from './period.ts';
import * as k from './problems.ts';
import { contentIn, pointsIn, type ResultRow, recordsIn, resultOf } from './results.ts';

/** What objections stand on. */
export type ObjectionDeps = Pick<Deps, 'db' | 'clock' | 'audit' | 'seal' | 'notices'> & { calendar(): WorkingCalendar };

const words = z.string().trim().min(4, 'at least four characters / 至少四个字').max(1000);

/** What is objected to: an indicator of the own unit in a month, or one record of it. */
export const raiseBody = z.strictObject({
  scheme: z.string().max(50),
  month,
  unit: z.string().max(50),
  indicator: z.string().max(50),
  record: z
    .strictObject({ kind: z.string().max(40), ref: z.string().max(200) })
    .nullable()
    .default(null),
  reason: words,
});
export const decideBody = z.strictObject({ accept: z.boolean(), reason: words });

/** An objection as it is kept; points in hundredths. */
export interface ObjectionRow {
  id: number;
  scheme: string;
  month: string;
  version: number;
  unit: string;
  indicator: string;
  kind: string | null;
  ref: string | null;
  lost: number;
  reason: string;
  state: 'open' | 'accepted' | 'rejected' | 'withdrawn';
  raised_by: string;
  raised_at: Date;
  decision: string | null;
  decided_by: string | null;
  decided_at: Date | null;
  made_version: number | null;
  score_before: number | null;
  score_after: number | null;
}

/** Until when a month may be objected to: a day, the year that it waits for, or neither while it is not closed. */
export interface ObjectionTime {
  open: boolean;
  due: string | null;
  missingYear: number | null;
  days: number;
}

/** The time for objections to a month, on a day. */
export async function objectionTime(
  deps: Pick<ObjectionDeps, 'calendar' | 'clock' | 'db'>,
  formula: FormulaVersion,
  result: Pick<ResultRow, 'scheme' | 'month' | 'version'>,
): Promise<ObjectionTime> {
  const days = formula.declaration.objections;
  if (result.version === 0) return { open: true, due: null, missingYear: null, days };
  const first = await resultOf(deps.db.kysely, result.scheme, result.month, 1);
  const end = objectionsEnd(deps.calendar(), cityDay(first!.made_at), days);
  const open = end.due === null || cityDay(deps.clock.now()) <= end.due;
  return { open, due: end.due, missingYear: end.missingYear, days };
}

async function formulaOf(db: Kysely<AnyTables>, result: ResultRow): Promise<FormulaVersion> {
  const all = await formulas(db);
  return all.find((f) => f.scheme === result.scheme && f.version === result.formula)!;
}

/** Raises an objection; answers its number. */
export async function raise(deps: ObjectionDeps, body: z.output<typeof raiseBody>, p: Principal): Promise<number> {
  const object = `assessment/${body.scheme}/${body.month}/${body.unit}/${body.indicator}`;
  const refuse = async (problem: Problem): Promise<never> => {
    await deps.audit.append({
      ...{ actor: p, action: 'assessment.object', object, outcome: 'refused', detail: { problem: problem.kind.code } },
    });
    throw problem;
  };
  if (p.organisation !== body.unit) return refuse(new Problem(k.notYourUnit));
  const result = await resultOf(deps.db.kysely, body.scheme, body.month);
  if (!result) throw new Problem(k.unknownMonth, { month: body.month });
  const time = await objectionTime(deps, await formulaOf(deps.db.kysely, result), result);
  if (!time.open) return refuse(new Problem(k.objectionLate, { due: time.due, days: time.days }));
  const asked = { unit: body.unit, indicator: body.indicator };
  const point = (await pointsIn(deps.db.kysely, result.id, body.unit)).find((x) => x.indicator === body.indicator);
  if (!point) throw new Problem(k.unknownIndicator, { indicator: body.indicator });
  const records = await recordsIn(deps.db.kysely, result.id, asked);
  const record = body.record && records.find((r) => r.kind === body.record!.kind && r.ref === body.record!.ref);
  const lost = body.record ? (record?.lost ?? 0) : point.weight - point.points;
  if (point.state !== 'scored' || lost <= 0) throw new Problem(k.nothingLost);
  return deps.db.tx(async (trx) => {
    const open = await sql`SELECT 1 FROM assessment.objection WHERE scheme = ${body.scheme} AND month = ${body.month}
      AND unit = ${body.unit} AND indicator = ${body.indicator} AND coalesce(kind, '') = ${body.record?.kind ?? ''}
      AND coalesce(ref, '') = ${body.record?.ref ?? ''} AND state = 'open'`.execute(trx);
    if (open.rows.length) throw new Problem(k.objectionOpen);
    const made = await sql<{ id: number }>`INSERT INTO assessment.objection
        (scheme, month, version, unit, indicator, kind, ref, lost, reason, raised_by, raised_at)
      VALUES (${body.scheme}, ${body.month}, ${result.version}, ${body.unit}, ${body.indicator}, ${body.record?.kind ?? null},
        ${body.record?.ref ?? null}, ${lost}, ${body.reason}, ${p.login}, ${deps.clock.now()}) RETURNING id`.execute(
      trx,
    );
    const { id } = made.rows[0]!;
    const detail = { objection: id, record: body.record, lost: lost / 100 };
    await deps.audit.append({ actor: p, action: 'assessment.object', object, outcome: 'ok', detail }, trx);
    return id;
  });
}

/** One objection. */
export async function objectionById(db: Kysely<AnyTables>, id: number, lock = false): Promise<ObjectionRow> {
  const found =
    await sql<ObjectionRow>`SELECT * FROM assessment.objection WHERE id = ${id} ${lock ? sql`FOR UPDATE` : sql``}`.execute(
      db,
    );
  if (!found.rows[0]) throw new Problem(k.unknownObjection, { id });
  return found.rows[0];
}

/** Objections, the newest first. */
export async function objections(
  db: Kysely<AnyTables>,
  asked: { scheme?: string; month?: string; unit?: string; state?: string },
): Promise<ObjectionRow[]> {
  const is = (column: string, value: string | undefined) =>
    value === undefined ? sql`true` : sql`${sql.raw(column)} = ${value}`;
  const found = await sql<ObjectionRow>`SELECT * FROM assessment.objection WHERE ${is('scheme', asked.scheme)}
    AND ${is('month', asked.month)} AND ${is('unit', asked.unit)} AND ${is('state', asked.state)}
    ORDER BY state <> 'open', id DESC LIMIT 500`.execute(db);
  return found.rows;
}

/** Takes an own objection back. */
export async function withdraw(deps: ObjectionDeps, id: number, p: Principal): Promise<void> {
  await deps.db.tx(async (trx) => {
    const o = await objectionById(trx, id, true);
    if (p.organisation !== o.unit) throw new Problem(k.notYourUnit);
    if (o.state !== 'open') throw new Problem(k.objectionEnded);
    await sql`UPDATE assessment.objection SET state = 'withdrawn', decided_by = ${p.login}, decided_at = ${deps.clock.now()}
      WHERE id = ${id}`.execute(trx);
    await deps.audit.append(
      { actor: p, action: 'assessment.withdraw', object: `assessment-objection/${id}`, outcome: 'ok' },
      trx,
    );
  });
}

/** The authority's decision; what is accepted is reckoned at once. */
export async function decide(
  deps: ObjectionDeps,
  id: number,
  body: z.output<typeof decideBody>,
  p: Principal,
): Promise<void> {
  const refused = async (problem: Problem): Promise<never> => {
    await deps.audit.append({
      ...{ actor: p, action: 'assessment.decide', object: `assessment-objection/${id}`, outcome: 'refused' },
      detail: { problem: problem.kind.code },
    });
    throw problem;
  };
  const before = await objectionById(deps.db.kysely, id);
  if (p.organisation !== null) return refused(new Problem(k.notAuthority));
  if (before.raised_by === p.login) return refused(new Problem(k.ownObjection));
  await deps.db.tx(async (trx) => {
    const o = await objectionById(trx, id, true);
    if (o.state !== 'open') throw new Problem(k.objectionEnded);
    const at = deps.clock.now();
    await sql`UPDATE assessment.objection SET state = ${body.accept ? 'accepted' : 'rejected'}, decision = ${body.reason},
      decided_by = ${p.login}, decided_at = ${at} WHERE id = ${id}`.execute(trx);
    const effect = body.accept ? await reckonAgain(deps, trx, o) : null;
    if (effect)
      await sql`UPDATE assessment.objection SET made_version = ${effect.version}, score_before = ${effect.before},
        score_after = ${effect.after} WHERE id = ${id}`.execute(trx);
    await deps.notices.tell(trx, {
      ...{ key: `assessment.answered/${id}`, kind: 'assessment.answered', about: `assessment-objection/${id}` },
      to: [{ account: o.raised_by }, { role: 'department-head', organisation: o.unit }],
      title: {
        zh: `考核异议${body.accept ? '已采纳' : '未采纳'}：${o.month}`,
        en: `Your objection was ${body.accept ? 'accepted' : 'rejected'}: ${o.month}`,
      },
      text: {
        zh: `${o.month} 考核异议（编号 ${id}）已有答复，理由见异议页面。`,
        en: `The objection ${id} to ${o.month} was answered; the reason is on its page.`,
      },
      link: '/assessment/objections',
    });
    const detail = { accepted: body.accept, ...effect };
    await deps.audit.append(
      { actor: p, action: 'assessment.decide', object: `assessment-objection/${id}`, outcome: 'ok', detail },
      trx,
    );
  });
}

/** What was measured, out of the records that are kept of a result. */
export function measuredOf(
  formula: Pick<FormulaVersion, 'declaration'>,
  content: Awaited<ReturnType<typeof contentIn>>,
): Measured[] {
  return formula.declaration.indicators.map((i) => {
    const absent = content.points.some((x) => x.indicator === i.id && x.state === 'absent');
    const records: Measured['records'] = new Map();
    for (const r of content.records) {
      if (r.indicator !== i.id) continue;
      const { kind, ref, title, note, base, value } = r;
      records.set(r.unit, [...(records.get(r.unit) ?? []), { kind, ref, title, note, base, value, objection: null }]);
    }
    return { indicator: i.id, absent: absent ? ['?'] : [], records };
  });
}

async function reckonAgain(deps: ObjectionDeps, trx: Kysely<AnyTables>, o: ObjectionRow) {
  // Two decisions about one month wait for each other.
  await sql`SELECT pg_advisory_xact_lock(hashtext(${`assessment ${o.scheme} ${o.month}`}))`.execute(trx);
  const last = (await resultOf(trx, o.scheme, o.month))!;
  const formula = await formulaOf(trx, last);
  const content = await contentIn(trx, last.id);
  const units = content.units.map((u) => ({ id: u.unit, name: u.name }));
  const again = reckon(
    formula.declaration,
    units,
    measuredOf(formula, content),
    await exemptions(trx, o.scheme, o.month),
  );
  const version = last.version === 0 ? 0 : last.version + 1;
  await keep(deps, trx, formula, { month: o.month, version, day: last.day, objection: o.id }, again);
  // The running day's score in the trend is the one that is shown.
  if (version === 0)
    for (const u of again.units)
      await sql`UPDATE assessment.daily SET score = ${u.score}, rank = ${u.rank}
        WHERE scheme = ${o.scheme} AND day = ${last.day}::date AND unit = ${u.unit}`.execute(trx);
  const scoreIn = (units_: typeof content.units) => units_.find((u) => u.unit === o.unit)?.score ?? null;
  return { version, before: scoreIn(content.units), after: scoreIn(again.units) };
}
