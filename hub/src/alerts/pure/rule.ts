/**
 * What a rule of warning (预警规则) is: which series it looks at, what it measures of them, where the levels are and how long something must
 * hold. `rules/<name>.yaml` and what people edit on the page are the same thing, judged by the same schema.
 */
import { z } from 'zod';
import { type Colour, colours } from './levels.ts';

const bilingual = (zh: number, en = zh * 2) =>
  z.strictObject({ zh: z.string().min(1).max(zh), en: z.string().min(1).max(en) });
const UNIT: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a duration as people write it: `30s`, `10m`, `1h`, `2d`; NaN for anything else. */
export function milliseconds(text: string): number {
  const m = /^(\d{1,5})([smhd])$/.exec(text);
  return m ? Number(m[1]) * UNIT[m[2]!]! : Number.NaN;
}
const duration = (most: string) =>
  z.string().refine((v) => milliseconds(v) <= milliseconds(most), {
    message: `a duration like 30s, 10m, 1h, 2d, at most ${most} / 时长如 30s、10m、1h、2d，最长 ${most}`,
  });

const id = z.string().regex(/^[a-z][a-z0-9-]{0,49}$/, 'lower case letters, digits and - / 应为小写字母、数字和 -');
const word = z.string().regex(/^[A-Za-z][A-Za-z0-9_.]{0,79}$/, 'a name of the data model / 应为数据模型的名称');
const urn = z.string().regex(/^urn:ngsi-ld:[^\s]{1,200}$/, 'urn:ngsi-ld:… expected / 应为 urn:ngsi-ld:…');
const position = z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]);
const finite = z.number().min(-1e12).max(1e12);

/** What is measured of a series; all but `value`, `silence`, `anomaly` and `forecast` over a window. */
export const measures = [
  'value',
  'mean',
  'max',
  'min',
  'sum',
  'change',
  'rise',
  'fall',
  'rate',
  'silence',
  'anomaly',
  'forecast',
] as const;
export type Measure = (typeof measures)[number];
/** Measures over a window. */
export const windowed: readonly Measure[] = ['mean', 'max', 'min', 'sum', 'change', 'rise', 'fall', 'rate'];

/** Categories of CAP 1.2. */
export const categories = [
  'Geo',
  'Met',
  'Safety',
  'Security',
  'Rescue',
  'Fire',
  'Health',
  'Env',
  'Transport',
  'Infra',
  'CBRNE',
  'Other',
] as const;

const selection = z.strictObject({
  type: word.optional(),
  property: word.optional(),
  entities: z.array(urn).min(1).max(5_000).optional(),
  /** Inside a polygon (WGS 84, longitude first). */
  within: z.strictObject({ polygon: z.array(position).min(4).max(2_000) }).optional(),
  /** At most so many metres from places that a SELECT over published views answers as `name, lon, lat` (near a risk source, 危险源周边). */
  near: z
    .strictObject({ metres: z.number().positive().max(100_000), places: z.string().min(1).max(10_000) })
    .optional(),
});

const level = z.union([finite, z.string()]);

/** The file. */
export const ruleSchema = z
  .strictObject({
    rule: id,
    title: bilingual(60),
    /** What people should know or do when it fires. */
    text: bilingual(600),
    category: z.enum(categories),
    /** Code of the Chinese profile (`11B03`), where there is one. */
    event: z
      .string()
      .regex(/^\d{2}[A-Z]\d{2}$/)
      .optional(),
    /** Organisation that answers for it. */
    owner: z.string().min(1).max(60).optional(),
    series: selection,
    measure: z.enum(measures).default('value'),
    window: duration('7d').optional(),
    /** Of a forecast: how far ahead. */
    ahead: duration('2d').optional(),
    direction: z.enum(['above', 'below']).default('above'),
    levels: z
      .strictObject({ blue: level, yellow: level, orange: level, red: level })
      .partial()
      .refine((v) => Object.keys(v).length > 0, { message: 'at least one level / 至少一个级别' }),
    /** How far a value must go back behind a level's threshold before the condition ends (回差). */
    hysteresis: finite.min(0).default(0),
    /** How long the condition must hold (持续时间). */
    pending: duration('7d').default('0s'),
    /** How long a level stays after its condition ended (保持). */
    keep: duration('7d').default('0s'),
    /** After so long without a reading the state is "no data", which neither fires nor ends anything. */
    silent: duration('30d').optional(),
    /** Whether "no data" is itself told as an alert. */
    tellSilence: z.boolean().default(false),
    /** Values outside are left out and counted. */
    plausible: z.strictObject({ min: finite, max: finite }).optional(),
    /** Other series that must hold at the same time: of the same entity, or nearby. */
    together: z
      .array(
        z.strictObject({
          type: word.optional(),
          property: word,
          direction: z.enum(['above', 'below']).default('above'),
          than: finite,
          /** Metres; absent: of the same entity. */
          metres: z.number().positive().max(50_000).optional(),
          /** How old its reading may be. */
          age: duration('1d').default('30m'),
        }),
      )
      .max(4)
      .default([]),
    /** What makes one alert: a series, an entity, an owner's, or all of the rule. */
    group: z.enum(['series', 'entity', 'owner', 'rule']).default('entity'),
    /** So many members of a group must fire before its alert opens. */
    quorum: z.number().int().min(1).max(10_000).default(1),
    /** More new alerts than this within five minutes are folded into one (storm guard). */
    storm: z.number().int().min(2).max(1_000).default(20),
    /** How often an open alert that nobody acknowledged is told again. */
    repeat: duration('7d').optional(),
    /** While this fires, alerts of those rules are held back: of the same entity, within metres, or everywhere. */
    inhibits: z
      .array(
        z.strictObject({
          rule: id,
          where: z.enum(['entity', 'near', 'everywhere']).default('entity'),
          metres: z.number().positive().max(100_000).default(1_000),
        }),
      )
      .max(20)
      .default([]),
  })
  .superRefine((r, context) => {
    const say = (path: PropertyKey[], message: string) => context.addIssue({ code: 'custom', path, message });
    const needsWindow = windowed.includes(r.measure);
    if (needsWindow && !r.window) say(['window'], 'this measure needs a window / 该度量需要窗口');
    if (!needsWindow && r.window) say(['window'], 'this measure has no window / 该度量没有窗口');
    if ((r.measure === 'forecast') !== Boolean(r.ahead))
      say(['ahead'], 'forecast and ahead belong together / forecast 与 ahead 须同时填写');
    if (r.measure === 'silence' && (r.keep !== '0s' || r.silent || r.direction === 'below' || r.hysteresis))
      say(['measure'], 'silence knows levels and pending only / silence 只可设级别和持续时间');
    if (!r.series.type && !r.series.property && !r.series.entities)
      say(['series'], 'name a type, a property or entities / 须写明类型、属性或实体');
    if (r.plausible && r.plausible.min >= r.plausible.max) say(['plausible'], 'min must be below max / min 应小于 max');
    if (r.tellSilence && !r.silent) say(['tellSilence'], 'say after how long (silent) / 须写明 silent 时长');
    if (r.together.length && ['silence', 'anomaly', 'forecast'].includes(r.measure))
      say(['together'], 'not with this measure / 该度量不能组合');
    let last = Number.NEGATIVE_INFINITY;
    for (const colour of colours) {
      const given = r.levels[colour];
      if (given === undefined) continue;
      const value = threshold(given, r.measure);
      if (!Number.isFinite(value))
        say(['levels', colour], 'a number, of silence a duration / 应为数值，silence 应为时长');
      const grave = r.direction === 'above' ? value : -value;
      if (grave <= last) say(['levels', colour], 'levels must become graver / 级别须依次加重');
      last = grave;
    }
    for (const [n, i] of r.inhibits.entries())
      if (i.rule === r.rule) say(['inhibits', n, 'rule'], 'a rule cannot inhibit itself / 规则不能抑制自身');
  });

/** A rule as it is kept. */
export type Rule = z.output<typeof ruleSchema>;
/** A rule as people write it. */
export type RuleInput = z.input<typeof ruleSchema>;

/** A level's threshold as a number: of silence in milliseconds. */
export function threshold(given: number | string, measure: Measure): number {
  if (measure === 'silence') return typeof given === 'string' ? milliseconds(given) : Number.NaN;
  return typeof given === 'number' ? given : Number.NaN;
}

/** A rule made ready for evaluation: numbers only; `sign` turns "below" into "above". */
export interface Program {
  /** Name and version: state is kept under it, so that a changed rule begins anew. */
  key: string;
  rule: string;
  measure: Measure;
  sign: 1 | -1;
  /** Four thresholds, signed, by level 1..4; Infinity where a level is not declared. */
  thresholds: Float64Array;
  hysteresis: number;
  pending: number;
  keep: number;
  window: number;
  ahead: number;
  /** Milliseconds; 0: never. */
  silent: number;
  min: number;
  max: number;
  together: { sign: 1 | -1; than: number; age: number }[];
}

/** Makes a rule ready; `version` is part of the state's key. */
export function compile(rule: Rule, version: string): Program {
  const sign = rule.direction === 'above' ? 1 : -1;
  const of = (colour: Colour) => {
    const given = rule.levels[colour];
    return given === undefined ? Number.POSITIVE_INFINITY : sign * threshold(given, rule.measure);
  };
  return {
    ...{ key: `${rule.rule}@${version}`, rule: rule.rule, measure: rule.measure, sign },
    thresholds: Float64Array.from(colours, of),
    ...{ hysteresis: rule.hysteresis, pending: milliseconds(rule.pending), keep: milliseconds(rule.keep) },
    window: rule.window ? milliseconds(rule.window) : 0,
    ahead: rule.ahead ? milliseconds(rule.ahead) : 0,
    silent: rule.silent ? milliseconds(rule.silent) : 0,
    min: rule.plausible?.min ?? Number.NEGATIVE_INFINITY,
    max: rule.plausible?.max ?? Number.POSITIVE_INFINITY,
    together: rule.together.map((t) => ({
      sign: t.direction === 'above' ? (1 as const) : (-1 as const),
      than: t.direction === 'above' ? t.than : -t.than,
      age: milliseconds(t.age),
    })),
  };
}
