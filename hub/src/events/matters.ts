/**
 * The city's catalogue of matters (事项目录), its limits and its rules of dispatch: YAML in the folder `matters/`, judged with the place of
 * every fault, kept in versions. Which matter a text speaks of is said by same/spoken.ts.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { z } from 'zod';
import type { Db } from '../platform/db/index.ts';
import { readYaml } from '../platform/declared/index.ts';
import { type Span, spanOf } from '../platform/law/index.ts';
import { Problem } from '../platform/problem.ts';
import { declarationWrong } from './problems.ts';

export { classify, statesOf } from './same/spoken.ts';

const bilingual = z.strictObject({ zh: z.string().min(1).max(80), en: z.string().min(1).max(120) });
const id = z.string().regex(/^[a-z][a-z0-9-]{1,40}$/);
const span = z.string().refine((t) => spanOf(t) !== undefined, 'not a span such as "4 working-hours"');

const matter = z.strictObject({
  id,
  code: z.string().regex(/^\d{4}$/),
  title: bilingual,
  /** Organisation that answers for it. */
  responsible: z.string().min(1),
  /** How people speak of it: what a text is classified by. */
  words: z.array(z.string().min(1).max(20)).max(80).default([]),
  /** The same with a gap: 水…膝盖. */
  phrases: z
    .array(
      z
        .string()
        .regex(/^[^…]+…[^…]+(…[^…]+)?$/)
        .max(20),
    )
    .max(80)
    .default([]),
  /** What speaks for it a little, among other words. */
  hints: z.array(z.string().min(1).max(20)).max(40).default([]),
  /** What it may look like (小类): two reports of one matter in different states are hardly of one event. */
  states: z
    .array(z.strictObject({ id, title: bilingual, words: z.array(z.string().min(1).max(20)).min(1).max(40) }))
    .max(16)
    .default([]),
  urgency: z.enum(['normal', 'urgent']).default('normal'),
  /** What feedback must bring. */
  proof: z.enum(['none', 'picture']).default('none'),
  /** Whether citizens may report it by Open311. */
  open: z.boolean().default(true),
  accept: span.optional(),
  /** Nested limits: all begin at dispatch, each is met by its own step; the last one by the feedback. */
  limits: z
    .array(z.strictObject({ id, title: bilingual, within: span }))
    .min(1)
    .max(8),
});
const groupFile = z.strictObject({
  group: id,
  kind: z.enum(['event', 'component']),
  title: bilingual,
  matters: z.array(matter).min(1).max(200),
});
const rule = z.strictObject({
  name: bilingual,
  when: z.strictObject({
    matters: z.array(id).optional(),
    groups: z.array(id).optional(),
    towns: z.array(z.string()).optional(),
    channels: z.array(z.string()).optional(),
    urgency: z.enum(['normal', 'urgent']).optional(),
  }),
  to: z.string().optional(),
  joint: z.array(z.string()).max(8).default([]),
  auto: z.boolean().optional(),
  supervise: z.boolean().default(false),
});
const levels = ['blue', 'yellow', 'orange', 'red'] as const;
const rulesFile = z.strictObject({
  defaults: z.strictObject({ accept: span, auto: z.boolean() }),
  rules: z.array(rule).max(200),
  alerts: z.strictObject({ level: z.enum(levels), matters: z.record(z.string(), id) }),
  supervision: z.strictObject({ late: span, returned: z.number().int().min(1).max(50) }),
});

/** One matter. */
export interface Matter extends z.output<typeof matter> {
  group: string;
  groupTitle: z.output<typeof bilingual>;
  kind: 'event' | 'component';
}
export type Rules = z.output<typeof rulesFile>;

/** A catalogue that holds, in one version. */
export interface Catalogue {
  version: number;
  digest: string;
  matters: readonly Matter[];
  byId: ReadonlyMap<string, Matter>;
  rules: Rules;
}

/** Reads and judges `matters/`; every mistake is a Problem with file and line. `organisations`: ids that exist. */
export function readMatters(
  folder: string,
  organisations: ReadonlySet<string>,
): { matters: Matter[]; rules: Rules | undefined; problems: Problem[] } {
  const problems: Problem[] = [];
  const matters: Matter[] = [];
  const seen = new Map<string, string>();
  const wrong = (message: string, file: string, line: number) =>
    problems.push(new Problem(declarationWrong, { message }, { file, line }));
  const names = existsSync(folder)
    ? readdirSync(folder)
        .filter((n) => n.endsWith('.yaml'))
        .sort()
    : [];
  for (const name of names.filter((n) => n !== 'dispatch.yaml')) {
    const shown = `matters/${name}`;
    const read = readYaml(join(folder, name), shown, groupFile);
    problems.push(...read.problems);
    for (const [i, m] of (read.value?.matters ?? []).entries()) {
      const line = read.line(['matters', i]);
      for (const key of [m.id, `code ${m.code}`]) {
        const before = seen.get(key);
        if (before) wrong(`“${key}” 已在 ${before} 声明 / is declared already in ${before}`, shown, line);
        seen.set(key, shown);
      }
      if (!organisations.has(m.responsible))
        wrong(
          `没有单位“${m.responsible}” / no organisation "${m.responsible}"`,
          shown,
          read.line(['matters', i, 'responsible']),
        );
      if (new Set(m.limits.map((l) => l.id)).size !== m.limits.length)
        wrong(`“${m.id}”的时限编号重复 / limits of "${m.id}" share an id`, shown, line);
      if (new Set(m.states.map((x) => x.id)).size !== m.states.length)
        wrong(`“${m.id}”的状态编号重复 / states of "${m.id}" share an id`, shown, line);
      matters.push({ ...m, group: read.value!.group, groupTitle: read.value!.title, kind: read.value!.kind });
    }
  }
  const shown = 'matters/dispatch.yaml';
  const read = readYaml(join(folder, 'dispatch.yaml'), shown, rulesFile);
  problems.push(...read.problems);
  const ids = new Set(matters.map((m) => m.id));
  const groups = new Set(matters.map((m) => m.group));
  for (const [i, r] of (read.value?.rules ?? []).entries()) {
    for (const m of r.when.matters ?? [])
      if (!ids.has(m)) wrong(`没有事项“${m}” / no matter "${m}"`, shown, read.line(['rules', i, 'when', 'matters']));
    for (const g of r.when.groups ?? [])
      if (!groups.has(g)) wrong(`没有类别“${g}” / no group "${g}"`, shown, read.line(['rules', i, 'when', 'groups']));
    for (const o of [...(r.to ? [r.to] : []), ...r.joint])
      if (!organisations.has(o)) wrong(`没有单位“${o}” / no organisation "${o}"`, shown, read.line(['rules', i]));
  }
  for (const m of Object.values(read.value?.alerts.matters ?? {}))
    if (!ids.has(m)) wrong(`没有事项“${m}” / no matter "${m}"`, shown, read.line(['alerts']));
  return { matters, rules: read.value, problems };
}

/** The catalogue of a hub: read again when a file changes; a version that does not hold leaves the last one in force. */
export class Matters {
  readonly #folder: string;
  readonly #db: Db;
  readonly #organisations: () => ReadonlySet<string>;
  readonly #now: () => Date;
  #current: Catalogue | undefined;
  #changed = '';
  faults: Problem[] = [];

  constructor(folder: string, db: Db, organisations: () => ReadonlySet<string>, now: () => Date) {
    this.#folder = folder;
    this.#db = db;
    this.#organisations = organisations;
    this.#now = now;
  }

  /** The catalogue as it was last read: for use within a transaction, where no file is read and no version kept. */
  get held(): Catalogue {
    if (!this.#current) throw new Problem(declarationWrong, { message: 'matters/' });
    return this.#current;
  }

  /** The catalogue in force; not within a transaction. @throws the first fault where none ever held. */
  async current(): Promise<Catalogue> {
    const changed = this.#stamp();
    if (this.#current && changed === this.#changed) return this.#current;
    const read = readMatters(this.#folder, this.#organisations());
    this.faults = read.problems;
    this.#changed = changed;
    if (read.problems.length || !read.rules) {
      if (this.#current) return this.#current;
      throw read.problems[0] ?? new Problem(declarationWrong, { message: 'matters/' });
    }
    const content = { matters: read.matters, rules: read.rules };
    const digest = createHash('sha256').update(JSON.stringify(content)).digest('hex');
    const version = await this.#keep(digest, content);
    const byId = new Map(read.matters.map((m) => [m.id, m]));
    this.#current = { version, digest, matters: read.matters, byId, rules: read.rules };
    return this.#current;
  }

  async #keep(digest: string, content: object): Promise<number> {
    const insert = sql<{ version: number }>`INSERT INTO events.catalogue (version, digest, content, taken_at)
      SELECT coalesce(max(version), 0) + 1, ${digest}, ${JSON.stringify(content)}::jsonb, ${this.#now()} FROM events.catalogue
      WHERE NOT EXISTS (SELECT 1 FROM events.catalogue WHERE digest = ${digest}) HAVING true ON CONFLICT DO NOTHING`;
    const there = () =>
      sql<{ version: number }>`SELECT version FROM events.catalogue WHERE digest = ${digest}`.execute(this.#db.kysely);
    const before = (await there()).rows[0];
    if (before) return before.version;
    await insert.execute(this.#db.kysely);
    return (await there()).rows[0]!.version;
  }

  #stamp(): string {
    if (!existsSync(this.#folder)) return 'absent';
    return readdirSync(this.#folder)
      .filter((n) => n.endsWith('.yaml'))
      .sort()
      .map((n) => `${n}:${statSync(join(this.#folder, n)).mtimeMs}`)
      .join();
  }
}

/** Whose an event is by the rules: the first that fits, else the matter's own. */
export function responsible(
  catalogue: Catalogue,
  e: { matter: string; town: string | null; channel: string; urgency: string },
): { to: string; joint: string[]; auto: boolean; supervise: boolean; rule: { zh: string; en: string } | null } {
  const m = catalogue.byId.get(e.matter)!;
  const { defaults, rules } = catalogue.rules;
  const fits = (list: string[] | undefined, value: string | null) => !list || (value !== null && list.includes(value));
  const found = rules.find(
    ({ when: w }) =>
      fits(w.matters, e.matter) &&
      fits(w.groups, m.group) &&
      fits(w.towns, e.town) &&
      fits(w.channels, e.channel) &&
      (!w.urgency || w.urgency === e.urgency),
  );
  return {
    to: found?.to ?? m.responsible,
    joint: found?.joint ?? [],
    auto: found?.auto ?? defaults.auto,
    supervise: found?.supervise ?? false,
    rule: found?.name ?? null,
  };
}

/** A declared span; the declaration was judged before. */
export const declaredSpan = (text: string): Span => spanOf(text)!;
