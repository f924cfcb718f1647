/** What facets are called, and which entries somebody may find. */
import type { Principal } from '../../platform/auth/principal.ts';
import type { Bilingual } from '../../platform/i18n/index.ts';
import { type Entry, inForce } from './book.ts';
import { classList } from './classes.ts';
import type { EntryContext } from './context.ts';
import type { FacetName } from './search.ts';

const b = (zh: string, en: string): Bilingual => ({ zh, en });
const titles: Partial<Record<FacetName, Record<string, Bilingual>>> = {
  sharing: {
    ...{ unconditional: b('无条件共享', 'Unconditional'), conditional: b('有条件共享', 'Conditional') },
    refused: b('不予共享', 'Refused'),
  },
  cycle: {
    ...{ realtime: b('实时', 'Real time'), daily: b('每日', 'Daily'), weekly: b('每周', 'Weekly') },
    ...{
      'half-monthly': b('每半月', 'Half-monthly'),
      monthly: b('每月', 'Monthly'),
      quarterly: b('每季度', 'Quarterly'),
    },
    yearly: b('每年', 'Yearly'),
  },
  level: { core: b('核心数据', 'Core'), important: b('重要数据', 'Important'), general: b('一般数据', 'General') },
  open: { true: b('向社会开放', 'Open'), false: b('不开放', 'Not open') },
  state: { published: b('已发布', 'Published'), retired: b('已注销', 'Retired'), draft: b('未发布', 'Not published') },
};
const classes = new Map(classList().map((c) => [c.code, c.title]));

/** What a value of a facet is called. */
export function facetTitle(context: EntryContext, facet: FacetName, value: string): Bilingual {
  if (value === '') return b('未填', 'Not given');
  if (facet === 'provider') return context.organisation(value);
  if (facet === 'classification') return classes.get(value) ?? b(value, value);
  return titles[facet]?.[value] ?? b(value, value);
}

/** Which entries somebody finds: everything in force, and what they work on. */
export const mayFind =
  (context: EntryContext, p: Principal) =>
  (entry: Entry): boolean =>
    inForce(entry) || context.seesDraft(entry, p);
