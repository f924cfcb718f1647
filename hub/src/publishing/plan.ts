/**
 * What a department proposes to open: which items of a catalogue entry, how each is generalised (泛化), of which rows, counted or
 * row by row, under which licence and law. A draft may still lack things: the check says what.
 */
import { z } from 'zod';
import type { PublishedItem } from '../catalogue/index.ts';
import { content } from '../sharing/index.ts';

/** Most items of an open dataset, and most groupings of one that counts. */
export const ITEMS = 60;
export const GROUPINGS = 2;

const item = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/);

/** How an item's values are shown. */
export const shownAs = z.discriminatedUnion('kind', [
  /** As it is. */
  z.strictObject({ kind: z.literal('plain') }),
  /** A date as its month or year. */
  z.strictObject({ kind: z.literal('month') }),
  z.strictObject({ kind: z.literal('year') }),
  /** An address as its town or street office (镇、街道、乡). */
  z.strictObject({ kind: z.literal('town') }),
  /** A number as a band of this width. */
  z.strictObject({ kind: z.literal('band'), width: z.number().positive().max(1e12) }),
  /** The first characters of a code. */
  z.strictObject({ kind: z.literal('prefix'), length: z.number().int().min(1).max(12) }),
  /** Whether there is a value. */
  z.strictObject({ kind: z.literal('present') }),
]);
export type ShownAs = z.output<typeof shownAs>;

const planItem = z.strictObject({
  item,
  as: shownAs.default({ kind: 'plain' }),
  /** What readers should know of it. */
  note: z.string().trim().max(300).default(''),
});
export type PlanItem = z.output<typeof planItem>;

export const measure = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('count') }),
  z.strictObject({ kind: z.literal('sum'), item }),
]);
export type Measure = z.output<typeof measure>;

export const licences = ['cn-open', 'cc-by-4.0', 'cc0-1.0', 'odbl-1.0'] as const;
export const cycles = ['once', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly'] as const;

/** The plan of a dataset. */
export const plan = z.strictObject({
  items: z.array(planItem).max(ITEMS).default([]),
  filter: content.shape.filter,
  /** Counts and sums by the items instead of rows. */
  aggregate: z
    .strictObject({ measures: z.array(measure).min(1).max(6) })
    .nullable()
    .default(null),
  /** Items by which somebody could be known again (准标识符); those that the hub suggests are taken where none is named. */
  quasi: z.array(item).max(20).default([]),
  /** Items that must not be learned of a known person: at least `l` values in every group. */
  sensitive: z.array(item).max(20).default([]),
  /** Rows of groups that are too small are left out instead of blocking. */
  leaveOutSmall: z.boolean().default(false),
  /** Larger than the configured least group, where the department wants it so. */
  k: z.number().int().min(2).max(1000).nullable().default(null),
  l: z.number().int().min(2).max(20).default(2),
  licence: z.enum(licences).default('cn-open'),
  cycle: z.enum(cycles).default('monthly'),
  /** Legal ground of opening (开放依据). */
  ground: z.string().trim().max(1000).default(''),
  /** How a condition of the catalogue for opening is met. */
  condition: z.string().trim().max(1000).default(''),
  keywords: z.array(z.string().trim().min(1).max(20)).max(12).default([]),
});
export type Plan = z.output<typeof plan>;

/** Type of an opened item's values. */
export type FieldType = 'text' | 'integer' | 'decimal' | 'date' | 'boolean';

/** One column of an open dataset. */
export interface OpenField {
  name: string;
  title: { zh: string; en: string };
  type: FieldType;
  unit: string | null;
  /** A grouping or plain item, or what is counted. */
  role: 'item' | 'measure';
  as: ShownAs['kind'];
  note: string;
}

const TYPES: Readonly<Record<string, FieldType>> = {
  ...{ integer: 'integer', decimal: 'decimal', date: 'date', boolean: 'boolean' },
};

/** The type of a source's values as columns have it. */
export const columnType = (type: string): FieldType => TYPES[type] ?? 'text';

/** Which ways of showing an item has, coarser ones later; `plain` is always the first. */
export function waysOf(type: FieldType, format: string | undefined): ShownAs[] {
  const rest: ShownAs[] =
    type === 'date'
      ? [{ kind: 'month' }, { kind: 'year' }]
      : type === 'integer' || type === 'decimal'
        ? [
            { kind: 'band', width: 10 },
            { kind: 'band', width: 100 },
            { kind: 'band', width: 1000 },
          ]
        : format === 'address'
          ? [{ kind: 'town' }]
          : format === 'division'
            ? [
                { kind: 'prefix', length: 9 },
                { kind: 'prefix', length: 6 },
              ]
            : format === 'industry' || format === 'postcode'
              ? [
                  { kind: 'prefix', length: 3 },
                  { kind: 'prefix', length: 1 },
                ]
              : [];
  const any: ShownAs[] = type === 'boolean' ? [] : [{ kind: 'present' }];
  return [{ kind: 'plain' }, ...rest, ...any];
}

/** Whether an item may be shown so at all: a town of a number is nonsense. */
export function fits(as: ShownAs, type: FieldType): boolean {
  if (as.kind === 'plain' || as.kind === 'present') return true;
  if (as.kind === 'month' || as.kind === 'year') return type === 'date';
  if (as.kind === 'band') return type === 'integer' || type === 'decimal';
  return type === 'text';
}

const SHOWN: Partial<Record<ShownAs['kind'], { zh: string; en: string; type: FieldType }>> = {
  ...{ month: { zh: '（月）', en: ' (month)', type: 'text' }, year: { zh: '（年）', en: ' (year)', type: 'integer' } },
  ...{ town: { zh: '（镇街）', en: ' (town)', type: 'text' }, band: { zh: '（区间）', en: ' (band)', type: 'text' } },
  prefix: { zh: '（前几位）', en: ' (first digits)', type: 'text' },
  present: { zh: '（有无）', en: ' (whether given)', type: 'boolean' },
};

/** Columns of a plan, in their order; items that the entry no longer has are passed over. */
export function fieldsOf(p: Plan, items: readonly PublishedItem[], typed: (item: string) => string): OpenField[] {
  const known = new Map(items.map((i) => [i.name, i]));
  const own = p.items.flatMap((i): OpenField[] => {
    const item = known.get(i.item);
    if (!item) return [];
    const shown = SHOWN[i.as.kind];
    return [
      {
        ...{ name: i.item, role: 'item', as: i.as.kind, note: i.note, unit: i.as.kind === 'plain' ? item.unit : null },
        title: { zh: item.title.zh + (shown?.zh ?? ''), en: item.title.en + (shown?.en ?? '') },
        type: shown?.type ?? columnType(typed(i.item)),
      },
    ];
  });
  const measures = (p.aggregate?.measures ?? []).flatMap((m): OpenField[] => {
    const rest = { role: 'measure', as: 'plain', note: '' } as const;
    if (m.kind === 'count')
      return [{ name: 'n', title: { zh: '数量', en: 'Count' }, type: 'integer', unit: null, ...rest }];
    const item = known.get(m.item);
    if (!item) return [];
    const title = { zh: `${item.title.zh}合计`, en: `${item.title.en}, total` };
    return [{ name: `sum_${m.item}`, title, type: 'decimal', unit: item.unit, ...rest }];
  });
  return [...own, ...measures];
}
