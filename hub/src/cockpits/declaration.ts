/**
 * What a folder of a scenario (场景) declares: `scenarios/<id>/` with scenario.yaml (whose it is, what it answers), indicators.yaml and
 * indicators/*.sql, layers.yaml (map layers), cockpit.yaml (panels and where they stand on the big screen, the desk and the phone),
 * rules.yaml (what deserves attention) and texts.yaml (sentences with figures in them). docs/cockpits.md tells it to authors.
 */
import { z } from 'zod';
import { bilingual } from '../catalogue/index.ts';
import { permissions } from '../platform/auth/principal.ts';

const id = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/);
const permission = z.enum(permissions);

/** scenario.yaml */
export const scenarioFile = z.strictObject({
  id,
  title: bilingual,
  /** The question that the cockpit answers, in one sentence. */
  question: bilingual,
  /** The organisation that answers for it. */
  owner: z.string().regex(/^[a-z][a-z0-9]*$/),
  audience: bilingual,
  /** Place in the gallery. */
  order: z.number().int().min(0).max(9999).default(500),
  /** Permissions that a viewer needs besides `cockpit.read`. */
  permissions: z.array(permission).max(8).default([]),
  /** Seconds after which an indicator is computed again although nothing that it reads has changed. */
  refresh: z.number().int().min(1).max(86_400).default(300),
  /** Where the cockpit is the whole city's overview (总览): it stands first and leads to the others. */
  overview: z.boolean().default(false),
});
export type ScenarioFile = z.output<typeof scenarioFile>;

/** A topic of readings: Smart Data Models type and property. */
const topic = z.string().regex(/^[A-Z][A-Za-z0-9]{0,60}\.[a-zA-Z][A-Za-z0-9]{0,60}$/);

/**
 * A figure folded in memory from the newest readings of a topic, without SQL. `share`: of the series for which `where` holds. `over`: the
 * fold is divided by the same fold of another topic of the same entities. Readings older than `fresh` seconds are left out.
 */
export const liveFold = z.strictObject({
  topic,
  fold: z.enum(['sum', 'mean', 'min', 'max', 'count', 'share']),
  where: z.strictObject({ below: z.number().optional(), above: z.number().optional() }).optional(),
  over: topic.optional(),
  /** Part of the entity's identifier that tells which ones are meant: `-site-`. */
  entity: z.string().min(1).max(60).optional(),
  fresh: z.number().int().min(10).max(604_800).default(3600),
});
export type LiveFold = z.output<typeof liveFold>;

/** A column of a list: what it is called, how it is guarded (protection of the field, format of its mask), where a click leads. */
export const column = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]{0,40}$/),
  title: bilingual,
  /** How it is written: plain text unless told otherwise. */
  as: z.enum(['text', 'number', 'money', 'percent', 'day', 'instant']).default('text'),
  protection: z.enum(['public', 'internal', 'personal', 'sensitive']).optional(),
  /** Format of the value, for its mask: person-name, phone, address … */
  format: z.string().max(40).optional(),
  /** Words for codes. */
  words: z.record(z.string(), bilingual).optional(),
  /** A page of the console; `{column}` is filled with the row's value of that column. */
  link: z.string().startsWith('/').max(200).optional(),
});
export type Column = z.output<typeof column>;

/** Where a figure's records are: SQL of its own with columns, or a page of the console. */
export const drill = z.union([
  z.strictObject({
    sql: z.string().min(1).max(20_000),
    columns: z.array(column).min(1).max(12),
    /** Column that holds a part's key, so that a click on a part shows the part's records. */
    by: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,40}$/)
      .optional(),
  }),
  z.strictObject({ route: z.string().startsWith('/').max(200) }),
]);
export type Drill = z.output<typeof drill>;

/** Kinds: what the SQL answers (see docs/cockpits.md). `towns` and `points` are map layers. */
export const kinds = ['value', 'trend', 'parts', 'list', 'towns', 'points'] as const;
export type Kind = (typeof kinds)[number];

const measure = {
  id,
  title: bilingual,
  unit: bilingual.optional(),
  digits: z.number().int().min(0).max(4).default(0),
  as: z.enum(['number', 'money', 'percent']).default('number'),
  /** What is aimed at; a column `target` of the answer stands before it. */
  target: z.number().optional(),
  /** Whether more is better; `none`: neither. */
  direction: z.enum(['up', 'down', 'none']).default('none'),
  /** From where on the figure deserves attention, in the bad direction. */
  thresholds: z.strictObject({ warn: z.number().optional(), bad: z.number().optional() }).default({}),
  /** How it is counted, in words. */
  note: bilingual.optional(),
  refresh: z.number().int().min(1).max(86_400).optional(),
  /** Hours after which what it stands on is told to be stale. */
  stale: z.number().min(0.01).max(87_600).optional(),
  /** The statement; or `indicators/<id>.sql` beside. */
  sql: z.string().min(1).max(20_000).optional(),
  live: liveFold.optional(),
  /** Topics of readings that the SQL depends on, instead of all readings. */
  series: z.array(topic).max(20).default([]),
  /** Permissions that a viewer needs besides those that follow from the views. */
  permissions: z.array(permission).max(8).default([]),
  /** Words for codes in `label` (parts) or for `series` (trend). */
  words: z.record(z.string(), bilingual).default({}),
  /** Columns of a list. */
  columns: z.array(column).max(12).default([]),
  /**
   * A list of towns instead of records: the answer's `division` is a town's code, the column `town` is filled with its name, every other
   * column is a count. Nothing else can be in its rows, small counts are left out, so it needs no right to see records.
   */
  towns: z.boolean().default(false),
  drill: drill.optional(),
  /** Seconds that the statement may take. */
  seconds: z.number().int().min(1).max(60).default(10),
};

/** One indicator (指标) as it is declared. */
export const indicator = z.strictObject({ kind: z.enum(['value', 'trend', 'parts', 'list']), ...measure });
/** One layer of the scenario's map. */
export const layer = z.strictObject({ kind: z.enum(['towns', 'points']), ...measure });
export type Declared = z.output<typeof indicator> | z.output<typeof layer>;

export const indicatorsFile = z.strictObject({ indicators: z.array(indicator).min(1).max(60) });
export const layersFile = z.strictObject({ layers: z.array(layer).min(1).max(20) });

/** One rule: when an indicator deserves attention, and what is said then; `{value}` and `{target}` are filled. */
export const rule = z.strictObject({
  id,
  indicator: id,
  when: z.strictObject({
    above: z.number().optional(),
    below: z.number().optional(),
    /** Worse than the target. */
    missed: z.literal(true).optional(),
    stale: z.literal(true).optional(),
  }),
  level: z.enum(['note', 'warn', 'bad']),
  say: bilingual,
});
export type Rule = z.output<typeof rule>;
export const rulesFile = z.strictObject({ rules: z.array(rule).max(40) });
export const textsFile = z.strictObject({ texts: z.record(id, bilingual) });

/** A panel: what is shown and of what. `of` names indicators (`other/indicator` of another scenario); a map's `of` names layers. */
export const panel = z.strictObject({
  show: z.enum(['figures', 'trend', 'bars', 'columns', 'share', 'list', 'map', 'notices', 'text', 'scenarios']),
  title: bilingual.optional(),
  of: z
    .array(z.string().regex(/^([a-z][a-z0-9-]*\/)?[a-z][a-z0-9-]*$/))
    .max(12)
    .default([]),
});
export type Panel = z.output<typeof panel>;

/** A grid: sizes of columns and rows as parts of the whole, and which panel stands where, one line a row. */
export const grid = z.strictObject({
  columns: z.array(z.number().positive()).min(1).max(24),
  rows: z.array(z.number().positive()).min(1).max(24),
  areas: z.array(z.string().min(1)).min(1).max(24),
});
export type Grid = z.output<typeof grid>;

export const cockpitFile = z.strictObject({
  panels: z.record(id, panel),
  /** 1920 × 1080. */
  screen: grid,
  /** 3840 × 1080. */
  wide: grid,
  /** Panels in order on the desk, each with its width of twelve. */
  desk: z.array(z.strictObject({ panel: id, width: z.number().int().min(3).max(12) })).min(1),
  /** Panels in order on a phone. */
  phone: z.array(id).min(1),
});
export type CockpitFile = z.output<typeof cockpitFile>;
