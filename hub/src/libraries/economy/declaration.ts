/**
 * What the industrial economy (产业经济库) declares in `libraries/economy/economy.yaml`: measures out of the sources' fields,
 * indicators and gradings as formulas, dimensions as SELECTs beside the file. A new measure needs no code.
 */
import { z } from 'zod';
import { bilingual } from '../../catalogue/index.ts';

const id = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'lower case letters, digits and -, starting with a letter');
const fieldName = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'the name of a field');
const rank = z.number().int().min(1).max(99);
const sqlFile = z.string().regex(/^[a-z0-9-]+\.sql$/);

/** Lengths of periods: month, quarter, year. */
export const grains = ['month', 'quarter', 'year'] as const;
export type Grain = (typeof grains)[number];
/** Months of a period. */
export const monthsOf: Record<Grain, 1 | 3 | 12> = { month: 1, quarter: 3, year: 12 };

export const measureSource = z.strictObject({
  source: z.string().regex(/^[a-z][a-z0-9]*\.[a-z][a-z0-9-]*$/, 'the id of a source'),
  field: fieldName,
  /** Where the field declares none. */
  unit: z.string().min(1).optional(),
  period: z.strictObject({
    field: fieldName,
    /** 202611, 2026-11; a date within the period; 2026. */
    form: z.enum(['yyyymm', 'date', 'year']),
    grain: z.enum(grains),
  }),
  /** Trust: 1 is the most trusted. */
  rank: rank.default(50),
  /** Several rows of one enterprise and period: the latest counts, or all (accounts, payments). */
  rows: z.enum(['last', 'sum']).default('last'),
  /** It speaks only where no other source does, and contradicts nobody. */
  fills: z.boolean().default(false),
  /** A figure that breaks one of these is doubtful: kept aside with its reason, never used. */
  valid: z
    .strictObject({
      min: z.number().optional(),
      max: z.number().optional(),
      /** More than so many times the enterprise's own median, or as much less: usually a wrong unit. */
      spike: z.number().min(2).optional(),
      /** Where there are fewer than four periods to know the middle of: more than so many times the smallest of them. */
      jump: z.number().min(2).optional(),
      /** Held against another measure of the same period: low ≤ value / that ≤ high. */
      against: z.strictObject({ measure: id, low: z.number().optional(), high: z.number().optional() }).optional(),
    })
    .default({}),
});
export type MeasureSource = z.output<typeof measureSource>;

export const measure = z.strictObject({
  id,
  title: bilingual,
  /** Unit in which it is kept and shown. */
  unit: z.string().min(1),
  decimals: z.number().int().min(0).max(4).default(1),
  /** How shorter periods make a longer one. */
  over: z.enum(['sum', 'last', 'mean']).default('sum'),
  /** A stock (land, staff): the latest figure of the last two years stands for a period that has none. */
  carry: z.boolean().default(false),
  /** Sources that differ by more than this share contradict each other. */
  agree: z.number().min(0).max(1).default(0.05),
  sources: z.array(measureSource).min(1),
});
export type Measure = z.output<typeof measure>;

export const indicator = z.strictObject({
  id,
  title: bilingual,
  unit: z.string(),
  decimals: z.number().int().min(0).max(4).default(2),
  /** SQL over measures (`-` written `_`); of a group, over the sums of the enterprises that have all of them. */
  formula: z.string().min(1).max(400),
  /** Whether more is better, for ranking. */
  better: z.enum(['more', 'less']).default('more'),
});
export type Indicator = z.output<typeof indicator>;

export const dimension = z.strictObject({
  id,
  title: bilingual,
  /** Answers entity, code, title; an enterprise has one code at most unless `several`. */
  sql: sqlFile,
  several: z.boolean().default(false),
});
export type Dimension = z.output<typeof dimension>;

export const grading = z.strictObject({
  id,
  title: bilingual,
  ground: bilingual,
  /** Sections of GB/T 4754 that are graded; all when left out. */
  sections: z.array(z.string().regex(/^[A-T]$/)).default([]),
  /** Only enterprises that have all of these in the year. */
  measures: z.array(id).min(1),
  /** Indicators that the score reads, by id with `_`; `city_<indicator>`: that of all who are graded together. */
  score: z.string().min(1).max(800),
  /** From the best score down, each with its share of all who are graded, in percent. */
  grades: z.array(z.strictObject({ grade: z.string().regex(/^[A-Z]$/), share: z.number().min(0).max(100) })).min(2),
  /** Whoever meets one of these gets the grade, whatever the score. */
  rules: z.array(z.strictObject({ when: z.string().min(1).max(400), grade: z.string(), title: bilingual })).default([]),
});
export type Grading = z.output<typeof grading>;

export const economyDeclaration = z.strictObject({
  economy: id,
  title: bilingual,
  abstract: bilingual,
  owner: z.string().min(1),
  level: z.enum(['core', 'important', 'general']),
  /** Figures of fewer enterprises than this, or of one with a larger share, are withheld from who may not see enterprises. */
  confidentiality: z
    .strictObject({
      fewest: z.number().int().min(2).max(20).default(3),
      dominance: z.number().min(0.5).max(1).default(0.8),
    })
    .default({ fewest: 3, dominance: 0.8 }),
  measures: z.array(measure).min(1).max(60),
  indicators: z.array(indicator).default([]),
  dimensions: z.array(dimension).default([]),
  gradings: z.array(grading).default([]),
});
export type EconomyDeclaration = z.output<typeof economyDeclaration>;

/** The column of a measure or an indicator in formulas. */
export const columnOf = (name: string): string => name.replaceAll('-', '_');

/** Dimensions that golden records of legal persons give without being declared. */
export const builtIn: readonly { id: string; title: z.output<typeof bilingual> }[] = [
  { id: 'town', title: { zh: '镇街', en: 'Town' } },
  { id: 'section', title: { zh: '门类', en: 'Section' } },
  { id: 'division', title: { zh: '大类', en: 'Division' } },
  { id: 'group', title: { zh: '中类', en: 'Group' } },
  { id: 'class', title: { zh: '小类', en: 'Class' } },
  { id: 'form', title: { zh: '经济类型', en: 'Form' } },
];
