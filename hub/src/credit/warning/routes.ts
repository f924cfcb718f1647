/** Warnings over HTTP: lists, one enterprise's, figures, and handling with its trace. */
import { sql } from 'kysely';
import { z } from 'zod';
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { bilingual, day, entityId, flag } from '../api-base.ts';
import type { Metadata } from '../metadata.ts';
import { cityDay } from '../score/job.ts';
import { classesReadBy } from '../score/read.ts';
import { viewerOf } from '../score/routes.ts';
import { divisionName } from '../titles.ts';
import { WARNING_JOB } from './find.ts';
import { reasonNeeded, warningClosed, warningUnknown } from './problems.ts';
import { readRules, severities } from './rules.ts';

/** States of a warning. `new` and `confirmed` are open. */
export const warningStates = ['new', 'confirmed', 'dismissed', 'done'] as const;
type State = (typeof warningStates)[number];
const NEXT: Record<State, readonly State[]> = {
  new: ['confirmed', 'dismissed', 'done'],
  confirmed: ['dismissed', 'done'],
  dismissed: [],
  done: [],
};

const query = z.object({
  state: z.enum([...warningStates, 'open']).default('open'),
  severity: z.enum(severities).optional(),
  rule: z.string().max(60).optional(),
  town: z.string().max(12).optional(),
  entity: entityId.optional(),
  /** Only those open beyond their deadline. */
  overdue: flag,
  offset: z.coerce.number().int().min(0).max(100_000).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const step = z.object({
  at: z.string(),
  by: z.string(),
  from: z.enum(warningStates),
  to: z.enum(warningStates),
  reason: z.string().nullable(),
});
const warning = z.object({
  id: z.number().int(),
  rule: z.string(),
  title: bilingual,
  unit: z.string(),
  entity: z.number().int(),
  name: z.string().nullable(),
  town: z.string().nullable(),
  townTitle: bilingual.nullable(),
  severity: z.enum(severities),
  day: day.nullable(),
  foundOn: day,
  seenOn: day,
  /** Since when it is no longer found, while it is open. */
  lapsedOn: day.nullable(),
  /** Until when it is to be handled. */
  dueOn: day.nullable(),
  overdue: z.boolean(),
  /** How often it came: more than once when it had ended and was found again while open. */
  times: z.number().int(),
  value: z.number().nullable(),
  facts: z.array(z.string()),
  /** What was found is of a class that is not open to this person. */
  hidden: z.boolean(),
  state: z.enum(warningStates),
  reason: z.string().nullable(),
  steps: z.array(step),
});
const answer = z.object({
  total: z.number().int(),
  items: z.array(warning),
  rules: z.array(z.object({ id: z.string(), title: bilingual, severity: z.enum(severities), open: z.number().int() })),
  counts: z.object({
    new: z.number().int(),
    confirmed: z.number().int(),
    dismissed: z.number().int(),
    done: z.number().int(),
    overdue: z.number().int(),
  }),
});
const handleBody = z.object({
  /** Left as it is when only a remark is made or the deadline moved. */
  state: z.enum(['confirmed', 'dismissed', 'done']).optional(),
  reason: z.string().trim().max(500).optional(),
  dueOn: day.optional(),
});

/** What the routes stand on. */
export interface WarningPorts extends Pick<Deps, 'lake' | 'db' | 'vault' | 'audit' | 'jobs' | 'clock'> {
  metadata: Metadata;
  folder: () => string;
}

interface Row {
  id: number;
  rule: string;
  entity: number;
  severity: (typeof severities)[number];
  day: string | null;
  found_on: string;
  seen_on: string;
  lapsed_on: string | null;
  due_on: string | null;
  times: number;
  value: number | null;
  facts: string[];
  town: string | null;
  state: State;
  reason: string | null;
}

/** All routes. */
export function warningRoutes(ports: WarningPorts): RouteDefinition[] {
  const { db, lake, metadata } = ports;
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/credit/warnings',
      room: 'credit',
      summary: { zh: '企业预警', en: 'Early warnings' },
      access: 'warning.read',
      query,
      response: answer,
      handler: async (c) => {
        const q = c.query;
        const where: string[] = [];
        const params: unknown[] = [];
        const add = (text: string, value: unknown) => {
          params.push(value);
          where.push(text.replace('?', `$${params.length}`));
        };
        if (q.rule) add('rule = ?', q.rule);
        if (q.severity) add('severity = ?', q.severity);
        if (q.town) add('town = ?', q.town);
        if (q.entity) add('entity = ?', q.entity);
        const today = cityDay(ports.clock.now());
        const late = `(state IN ('new', 'confirmed') AND due_on < '${today}'::date)`;
        if (q.overdue) where.push(late);
        const common = where.length ? where.join(' AND ') : 'true';
        const counts = await db.query<{ state: State; n: number; late: number }>(
          `SELECT state, count(*)::integer AS n, count(*) FILTER (WHERE ${late})::integer AS late FROM credit.warning WHERE ${common} GROUP BY state`,
          params,
        );
        const state = q.state === 'open' ? "state IN ('new', 'confirmed')" : `state = '${q.state}'`;
        const rows = await db.query<Row>(
          `SELECT * FROM credit.warning WHERE ${common} AND ${state}
           ORDER BY CASE severity WHEN 'high' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END, day DESC NULLS LAST, id
           LIMIT ${q.limit} OFFSET ${q.offset}`,
          params,
        );
        const open = await db.query<{ rule: string; n: number }>(
          `SELECT rule, count(*)::integer AS n FROM credit.warning WHERE state IN ('new', 'confirmed') GROUP BY rule`,
        );
        const viewer = viewerOf(ports, c);
        const { rules } = readRules(ports.folder());
        const byId = new Map(rules.map((r) => [r.id, r]));
        const closed = new Set<string>();
        for (const id of new Set(rows.map((r) => r.rule))) {
          const classes = await classesReadBy(metadata, byId.get(id)?.sql ?? '');
          if (classes.some((k) => viewer.see({ level: k.level, owner: k.owner, protection: 'internal' }) === 'hidden'))
            closed.add(id);
        }
        const names = await namesOf(
          lake,
          rows.map((r) => r.entity),
        );
        const steps = await db.query<{
          warning: number;
          at: Date;
          by_name: string;
          from_state: State;
          to_state: State;
          reason: string | null;
        }>(
          'SELECT warning, at, by_name, from_state, to_state, reason FROM credit.warning_step WHERE warning = ANY($1::bigint[]) ORDER BY at',
          [rows.map((r) => r.id)],
        );
        await viewer.record('credit.warnings', q.entity ? `legal-person/${q.entity}` : 'credit/warnings', {
          n: rows.length,
        });
        const count = (s: State) => counts.find((x) => x.state === s)?.n ?? 0;
        const figures = {
          new: count('new'),
          confirmed: count('confirmed'),
          dismissed: count('dismissed'),
          done: count('done'),
          overdue: counts.reduce((n, x) => n + x.late, 0),
        };
        return {
          total: q.state === 'open' ? figures.new + figures.confirmed : figures[q.state],
          counts: figures,
          rules: rules.map((r) => ({
            id: r.id,
            title: r.title,
            severity: r.severity,
            open: open.find((o) => o.rule === r.id)?.n ?? 0,
          })),
          items: rows.map((r) => {
            const rule = byId.get(r.rule);
            const hidden = closed.has(r.rule);
            return {
              id: r.id,
              rule: r.rule,
              title: rule?.title ?? { zh: `已撤销的规则 ${r.rule}`, en: `withdrawn rule ${r.rule}` },
              unit: rule?.unit ?? '',
              entity: r.entity,
              name: names.get(r.entity) ?? null,
              town: r.town,
              townTitle: divisionName(r.town),
              severity: r.severity,
              day: hidden ? null : r.day,
              foundOn: r.found_on,
              seenOn: r.seen_on,
              lapsedOn: r.lapsed_on,
              dueOn: r.due_on,
              overdue: (r.state === 'new' || r.state === 'confirmed') && r.due_on !== null && r.due_on < today,
              times: r.times,
              value: hidden ? null : r.value,
              facts: hidden ? [] : r.facts,
              hidden,
              state: r.state,
              reason: r.reason,
              steps: steps
                .filter((s) => s.warning === r.id)
                .map((s) => ({
                  at: s.at.toISOString(),
                  by: s.by_name,
                  from: s.from_state,
                  to: s.to_state,
                  reason: s.reason,
                })),
            };
          }),
        };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/credit/warnings/{id}/handle',
      room: 'credit',
      summary: { zh: '处置预警', en: 'Handle a warning' },
      access: 'warning.handle',
      params: z.object({ id: z.coerce.number().int().min(1) }),
      body: handleBody,
      response: z.object({ id: z.number().int(), state: z.enum(warningStates) }),
      problems: [warningUnknown, warningClosed, reasonNeeded],
      handler: async (c) => {
        const { id } = c.params;
        const { reason, dueOn } = c.body;
        if (c.body.state === 'dismissed' && !reason) throw new Problem(reasonNeeded, {}, { field: 'reason' });
        return db.tx(async (trx) => {
          const found = await sql<{ state: State; entity: number; rule: string }>`
            SELECT state, entity, rule FROM credit.warning WHERE id = ${id} FOR UPDATE`.execute(trx);
          const row = found.rows[0];
          if (!row) throw new Problem(warningUnknown, { id });
          const state = c.body.state ?? row.state;
          const open = NEXT[row.state].length > 0;
          if (c.body.state ? !NEXT[row.state].includes(state) : !open)
            throw new Problem(warningClosed, { from: row.state, to: state });
          const at = c.clock.now();
          await sql`UPDATE credit.warning SET state = ${state}, handled_at = ${at}, handled_by = ${c.principal.userId},
            reason = coalesce(${reason ?? null}, reason), due_on = coalesce(${dueOn ?? null}::date, due_on)
            WHERE id = ${id}`.execute(trx);
          const remark = [reason, dueOn ? `→ ${dueOn}` : null].filter(Boolean).join(' ') || null;
          await sql`INSERT INTO credit.warning_step (warning, at, by_user, by_name, from_state, to_state, reason)
            VALUES (${id}, ${at}, ${c.principal.userId}, ${c.principal.name}, ${row.state}, ${state}, ${remark})`.execute(
            trx,
          );
          await ports.audit.append(
            {
              actor: c.principal,
              action: 'credit.warning-handle',
              object: `warning/${id}`,
              outcome: 'ok',
              detail: { rule: row.rule, entity: row.entity, from: row.state, to: state, ...(dueOn ? { dueOn } : {}) },
            },
            trx,
          );
          return { id, state };
        });
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/credit/warnings/runs',
      room: 'credit',
      summary: { zh: '立即运行预警规则', en: 'Run the rules now' },
      access: 'score.manage',
      body: z.object({ day: day.optional() }),
      response: z.object({ job: z.string() }),
      status: 202,
      handler: async (c) => {
        const job = await ports.jobs.submit(WARNING_JOB, c.body, { by: c.principal.userId, unique: 'ordered' });
        await viewerOf(ports, c).record('credit.warning-run', `job/${job}`);
        return { job };
      },
    }),
  ];
}

/** Names of few enterprises. */
export async function namesOf(lake: Deps['lake'], entities: readonly number[]): Promise<Map<number, string | null>> {
  const list = [...new Set(entities)];
  if (list.length === 0) return new Map();
  const rows = await lake.query<{ entity: number; name: string | null }>(
    `SELECT entity, name FROM v.legal_person_v1 WHERE entity IN (${list.join(', ')})`,
  );
  return new Map(rows.map((r) => [r.entity, r.name]));
}
