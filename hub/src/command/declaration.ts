/**
 * A declared plan (应急预案): `plans/<id>/plan.yaml`. Levels IV to I are nested: a higher one does everything of the lower
 * ones and more. Steps say what is done, by which roles, within which time; roles say which organisation that is in this
 * city. Every mistake is named with its file and line.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { canonicalJson } from '../platform/audit/index.ts';
import { readYaml } from '../platform/declared/index.ts';
import { Problem } from '../platform/problem.ts';
import * as k from './problems.ts';

const id = z.string().regex(/^[a-z][a-z0-9-]{0,49}$/, 'lower case letters, digits and - / 应为小写字母、数字和 -');
export const both = z.strictObject({ zh: z.string().min(1).max(1_000), en: z.string().min(1).max(2_000) });
const roman = z.enum(['IV', 'III', 'II', 'I']);
/** Level as a number: 4 (IV, blue) is the lowest, 1 (I, red) the highest. */
export const levelNumber = { IV: 4, III: 3, II: 2, I: 1 } as const;
export const levelName = ['', 'I', 'II', 'III', 'IV'] as const;
/** Minutes up to ten days. */
const minutes = z.number().int().min(1).max(14_400);

const need = z.strictObject({
  kind: z.enum(['team', 'vehicle', 'shelter', 'material', 'equipment']),
  /** Type as resources carry it: `pump`, `rescue` … */
  type: id,
  count: z.number().positive().max(1_000_000),
});

const role = z.strictObject({
  id,
  title: both,
  /** Organisation of the city that has this role. */
  organisation: id,
  /** Organisations that are told where that one has nobody on duty, in this order. */
  alternates: z.array(id).max(5).default([]),
});

const stepSchema = z.strictObject({
  id,
  /** The step is taken from this level on upwards. */
  level: roman,
  title: both,
  text: both,
  roles: z.array(id).min(1).max(12),
  /** Steps that must be done before; empty: at once. */
  after: z.array(id).max(8).default([]),
  acknowledge: minutes,
  limit: minutes,
  resources: z.array(need).max(12).default([]),
  /** What the organisations are sent besides the task; `{title}`, `{level}` and `{place}` are filled in. */
  message: both.optional(),
});

/** The file. */
export const planSchema = z.strictObject({
  id,
  title: both,
  category: z.enum(['natural-disaster', 'accident', 'public-health', 'social-security', 'event']),
  note: both,
  /** Laws and plans that it follows from. */
  basis: z.array(both).min(1).max(12),
  /** The organisation that leads. */
  lead: id,
  levels: z
    .array(
      z.strictObject({
        level: roman,
        title: both,
        /** When this level is right. */ when: both,
        /** Who may order it. */ by: both,
      }),
    )
    .min(1)
    .max(4),
  /** What proposes it: event codes of warnings with their colours, or alert rules of this hub. */
  triggers: z
    .array(
      z.strictObject({
        level: roman,
        /** Event codes of GB/T 35965 (11B03) or types of alert rules; any of them. */
        codes: z.array(z.string().min(1).max(60)).min(1).max(20),
        severity: z
          .array(z.enum(['blue', 'yellow', 'orange', 'red']))
          .min(1)
          .max(4),
        text: both,
      }),
    )
    .max(20)
    .default([]),
  roles: z.array(role).min(1).max(40),
  steps: z.array(stepSchema).min(1).max(120),
  /** When it may be ended. */
  end: z.array(both).min(1).max(12),
});
/** A plan as it is declared. */
export type Plan = z.output<typeof planSchema>;
export type PlanStep = Plan['steps'][number];

/** A file with its mistakes; `plan` is null when it cannot be used. */
export interface DeclaredPlan {
  file: string;
  plan: Plan | null;
  text: string;
  hash: string;
  problems: Problem[];
}

/** The hash by which a plan is known again. */
export const planHash = (plan: Plan): string => createHash('sha256').update(canonicalJson(plan)).digest('hex');

/** Reads one file; `organisations` are those of the city (none: not checked). */
export function readPlan(path: string, shown: string, organisations?: ReadonlySet<string>): DeclaredPlan {
  const read = readYaml(path, shown, planSchema);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (!read.value) return { file: shown, plan: null, text, hash: '', problems: read.problems };
  const problems: Problem[] = [];
  const say = (kind: Problem['kind'], params: Record<string, unknown>, at: PropertyKey[]) =>
    problems.push(
      new Problem(kind, params, { file: shown, line: read.line(at), pointer: `/${at.map(String).join('/')}` }),
    );
  judge(read.value, say, organisations);
  const folder = shown.split('/').at(-2);
  if (folder !== read.value.id) say(k.planFolder, { id: read.value.id }, ['id']);
  return { file: shown, plan: problems.length ? null : read.value, text, hash: planHash(read.value), problems };
}

type Say = (kind: Problem['kind'], params: Record<string, unknown>, at: PropertyKey[]) => void;

/** What only shows when the parts of a plan are held against each other. */
function judge(plan: Plan, say: Say, organisations?: ReadonlySet<string>): void {
  const twice = (list: readonly { id: string }[], at: string) => {
    const seen = new Set<string>();
    list.forEach((one, n) => {
      if (seen.has(one.id)) say(k.planTwice, { id: one.id }, [at, n, 'id']);
      seen.add(one.id);
    });
    return seen;
  };
  const roles = twice(plan.roles, 'roles');
  twice(plan.steps, 'steps');
  const levels = new Set(plan.levels.map((l) => l.level));
  const known = (one: string, at: PropertyKey[]) => {
    if (organisations && !organisations.has(one)) say(k.planOrganisation, { id: one }, at);
  };
  known(plan.lead, ['lead']);
  plan.levels.forEach(({ level }, n) => {
    if (plan.levels.findIndex((l) => l.level === level) !== n) say(k.planTwice, { id: level }, ['levels', n, 'level']);
    if (!plan.steps.some((s) => levelNumber[s.level] >= levelNumber[level]))
      say(k.planIdle, { level }, ['levels', n, 'level']);
  });
  plan.triggers.forEach(({ level }, n) => {
    if (!levels.has(level)) say(k.planUnknownLevel, { level }, ['triggers', n, 'level']);
  });
  plan.roles.forEach((r, n) => {
    known(r.organisation, ['roles', n, 'organisation']);
    for (const [m, one] of r.alternates.entries()) known(one, ['roles', n, 'alternates', m]);
  });
  const steps = new Map(plan.steps.map((s) => [s.id, s]));
  plan.steps.forEach((s, n) => {
    if (!levels.has(s.level)) say(k.planUnknownLevel, { level: s.level }, ['steps', n, 'level']);
    if (s.acknowledge > s.limit) say(k.planTimes, { ack: s.acknowledge, limit: s.limit }, ['steps', n, 'acknowledge']);
    s.roles.forEach((one, m) => {
      if (!roles.has(one)) say(k.planUnknownRole, { id: one }, ['steps', n, 'roles', m]);
      if (s.roles.indexOf(one) !== m) say(k.planTwice, { id: one }, ['steps', n, 'roles', m]);
    });
    s.after.forEach((one, m) => {
      const before = steps.get(one);
      if (!before) say(k.planUnknownStep, { id: one }, ['steps', n, 'after', m]);
      // A step that is not taken at this level would be waited for without end.
      else if (levelNumber[before.level] < levelNumber[s.level])
        say(k.planLaterStep, { id: one, level: before.level, own: s.level }, ['steps', n, 'after', m]);
    });
  });
  const around = circle(plan.steps);
  if (around)
    say(k.planCycle, { steps: around.join(' → ') }, [
      'steps',
      plan.steps.findIndex((s) => s.id === around[0]),
      'after',
    ]);
}

/** A circle of steps that wait for each other, or undefined. */
function circle(steps: readonly PlanStep[]): string[] | undefined {
  const after = new Map(steps.map((s) => [s.id, s.after]));
  const over = new Set<string>();
  const walk = (one: string, path: string[]): string[] | undefined => {
    if (path.includes(one)) return [...path.slice(path.indexOf(one)), one];
    if (over.has(one)) return undefined;
    for (const before of after.get(one) ?? []) {
      const found = walk(before, [...path, one]);
      if (found) return found;
    }
    over.add(one);
    return undefined;
  };
  for (const s of steps) {
    const found = walk(s.id, []);
    if (found) return found;
  }
  return undefined;
}

/** Every declared plan below a folder, by name. */
export function readPlans(folder: string, organisations?: ReadonlySet<string>): DeclaredPlan[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((d) => d.isDirectory())
    .map((d) => readPlan(join(folder, d.name, 'plan.yaml'), `plans/${d.name}/plan.yaml`, organisations))
    .sort((a, b) => a.file.localeCompare(b.file));
}

/** A plan that a person wrote in the console, judged as a file would be. */
export function readPlanText(text: string, planId: string, organisations: ReadonlySet<string>): DeclaredPlan {
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-plan-'));
  try {
    const file = join(folder, 'plan.yaml');
    writeFileSync(file, text);
    return readPlan(file, `plans/${planId}/plan.yaml`, organisations);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Steps that are taken at a level: its own and those of the lower ones. */
export const stepsAt = (plan: Plan, level: number): PlanStep[] =>
  plan.steps.filter((s) => levelNumber[s.level] >= level);
