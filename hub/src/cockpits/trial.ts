/** A statement tried by a steward before it is declared: judged, planned, run with the limits of an indicator, nothing kept. */
import type { z } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import { purposeNeeded } from '../platform/auth/problems.ts';
import { isToken, veil } from '../platform/auth/protection.ts';
import { Problem } from '../platform/problem.ts';
import type { tryAnswer, tryBody } from './api.ts';
import { planOf, ROWS, run, scalar } from './compute.ts';
import type { Desk } from './desk.ts';
import { knownOf } from './desk.ts';
import * as k from './problems.ts';
import { aboutPeople, lacking, permissionsFor } from './rights.ts';
import { answers, needAnswers, readStatement } from './statement.ts';

const FILE = 'trial.sql';
/** Seconds that a trial may take, and how many rows it shows. */
const LIMITS = { seconds: 10, rows: 100 };
/** Trials at once. */
const AT_ONCE = 2;
let running = 0;

/** Tries a statement. Texts of what is about people are veiled: a trial shows its shape, the records show themselves with a purpose. */
export async function tryStatement(
  desk: Desk,
  { kind, sql }: z.output<typeof tryBody>,
  who: Principal,
): Promise<z.input<typeof tryAnswer>> {
  if (running >= AT_ONCE) throw new Problem(k.busy);
  running += 1;
  try {
    const { lake, clock, audit } = desk.deps;
    const known = await knownOf(desk.deps);
    const statement = await lake.session((s) => readStatement(s, sql, { file: FILE, line: 1 }));
    const fault = kind === 'list' ? undefined : needAnswers(statement, answers[kind], { file: FILE, line: 1 });
    if (fault) throw fault;
    const people = statement.views.some((v) => aboutPeople(v, known.subjects));
    const rowwise = kind === 'list' || kind === 'points';
    const permissions = permissionsFor(statement.views, rowwise ? 'row' : 'figure', people && rowwise);
    const needs = lacking(who, permissions);
    if (needs) throw new Problem(k.notAllowed, { permission: needs });
    if (people && !who.purpose) throw new Problem(purposeNeeded);
    const fields = new Set(statement.views.flatMap((v) => [...(known.guardedFields.get(v) ?? [])]));
    const veiled = people || [...statement.reads].some((r) => fields.has(r));
    const began = performance.now();
    const missing = statement.missing.length > 0;
    const limits = { rows: Math.min(LIMITS.rows, ROWS[kind]), seconds: LIMITS.seconds };
    const rows = missing ? [] : await run(lake, statement, clock.now(), limits);
    const ms = performance.now() - began;
    const plan = missing ? '' : await lake.session((s) => planOf(s, statement.sql, clock.now()));
    const detail = { kind, views: statement.views.join(', '), ms: Math.round(ms) };
    await audit.append({ actor: who, action: 'cockpits.try', object: FILE, outcome: 'ok', detail });
    const hidden = (v: unknown) =>
      typeof v === 'string' && !/^\d{4}-\d\d-\d\d/.test(v) && (veiled || isToken(v)) ? veil : scalar(v);
    return {
      ...{
        ms,
        columns: statement.columns,
        views: statement.views,
        missing: statement.missing,
        people,
        permissions,
        plan,
      },
      rows: rows
        .slice(0, limits.rows)
        .map((r) => Object.fromEntries(Object.entries(r).map(([c, v]) => [c, hidden(v)]))),
    };
  } finally {
    running -= 1;
  }
}
