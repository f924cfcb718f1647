/**
 * What a machine can say of an entry before people read it: everything that is missing, out of form, or against decree 809 and
 * the guide, each finding with a stable code, its place (a JSON pointer into the content) and both languages. Errors keep an
 * entry from being submitted; warnings are for those who agree and review.
 */
import type { Cadence } from '../api.ts';
import type { Protection } from '../declaration.ts';
import { classOf } from './classes.ts';
import { ABSTRACT_LIMIT, type EntryContent, NAME_LIMIT } from './content.ts';
import { findings } from './findings.ts';
import { emptyCondition, namesLaw, namesScopeOrUse, saysNothing } from './sentences.ts';
import type { Words } from './words.ts';

/** One thing that a check found. */
export interface Finding {
  code: string;
  severity: 'error' | 'warning';
  /** JSON pointer into the content. */
  pointer: string;
  zh: string;
  en: string;
}

/** How often a source really delivered; days. */
export interface DeliveryRhythm {
  /** Median days between its last runs; null with fewer than three. */
  interval: number | null;
  /** Days since the last run. */
  since: number;
}

/** What an entry is held against besides itself. */
export interface CheckContext {
  words: Words;
  /** Whether a resource of this id or code exists. */
  known(idOrCode: string): boolean;
  /** Runs of its source, where it has one that delivered. */
  rhythm?: DeliveryRhythm | undefined;
  /** The one department that collects an item for all, where the authority named one. */
  sourceDepartment?(subject: string, itemKey: string): string | undefined;
  provider?: string;
  /** Name of an organisation. */
  organisation?(id: string): { zh: string; en: string };
}

/** Days that may lie between two deliveries. */
export const cycleDays: Readonly<Record<Cadence, number>> = {
  ...{ realtime: 1, daily: 1, weekly: 7, 'half-monthly': 15, monthly: 31, quarterly: 92, yearly: 366 },
};

const PERSONAL: readonly Protection[] = ['personal', 'sensitive'];
const FORMATS =
  /^(et|xls|xlsx|csv|tsv|json|jsonl|parquet|xml|ofd|wps|txt|doc|docx|html|pdf|ppt|pptx|jpg|png|tif|tiff|dwg|shp|geojson|gml|kml|mdb|dbf|mp3|mp4|avi|postgres|postgresql|mysql|oracle|sql server|db2|dm|kingbasees|gaussdb|polardb|highgo|access|api|数据库|电子文件|电子表格|图形图像|流媒体|自描述)$/i;

/** Everything that is found in a content, in the order of its fields. */
export function check(c: EntryContent, context: CheckContext): Finding[] {
  const out: Finding[] = [];
  const add = (kind: keyof typeof findings, pointer: string, params: Record<string, unknown> = {}) => {
    const { severity, zh, en } = findings[kind];
    const say = (s: string) => s.replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? ''));
    out.push({ code: `catalogue.check.${kind}`, severity, pointer, zh: say(zh), en: say(en) });
  };
  naming(c, context, add);
  sharing(c, add);
  items(c, context, add);
  if (c.format === '') add('format-missing', '/format');
  else if (!FORMATS.test(c.format.trim())) add('format-unknown', '/format', { format: c.format });
  if (c.level === null) add('level-missing', '/level');
  if (c.cycle === null) add('cycle-missing', '/cycle');
  else rhythm(c.cycle, context.rhythm, add);
  c.related.forEach((id, i) => {
    if (!context.known(id)) add('related-unknown', `/related/${i}`, { id });
  });
  return out;
}

type Add = (kind: keyof typeof findings, pointer: string, params?: Record<string, unknown>) => void;

function naming(c: EntryContent, { words }: CheckContext, add: Add): void {
  const name = c.title.zh.trim();
  const abstract = c.abstract.zh.trim();
  if (name === '') add('name-missing', '/title/zh');
  else if ([...name].length > NAME_LIMIT)
    add('name-long', '/title/zh', { limit: NAME_LIMIT, length: [...name].length });
  if (abstract === '') add('abstract-missing', '/abstract/zh');
  else if ([...abstract].length > ABSTRACT_LIMIT)
    add('abstract-long', '/abstract/zh', { limit: ABSTRACT_LIMIT, length: [...abstract].length });
  else if (name && saysNothing(name, abstract, words)) add('abstract-empty', '/abstract/zh');
  const read = classOf(c.classification);
  if ('wrong' in read) {
    const kind = { form: 'class-form', class: 'class-unknown', part: 'class-part' } as const;
    add(kind[read.wrong], '/classification', { code: c.classification });
  }
}

function sharing(c: EntryContent, add: Add): void {
  const { type, condition, ground, ways } = c.sharing;
  if (type === null) add('sharing-missing', '/sharing/type');
  else if (type === 'unconditional' && condition.trim() && condition.trim() !== '无条件') {
    add('condition-added', '/sharing/condition', { condition });
  } else if (type === 'conditional') {
    if (condition.trim() === '') add('condition-missing', '/sharing/condition');
    else if (emptyCondition(condition)) add('condition-none', '/sharing/condition', { condition });
    else if (!namesScopeOrUse(condition)) add('condition-vague', '/sharing/condition');
  } else if (type === 'refused') {
    if (ground.trim() === '') add('ground-missing', '/sharing/ground');
    else if (!namesLaw(ground)) add('ground-no-law', '/sharing/ground', { ground });
  }
  if (type !== null && type !== 'refused' && ways.length === 0) add('way-missing', '/sharing/ways');
  if (c.open.open && type === 'refused') add('open-refused', '/open/open');
  if (c.open.open && c.level !== null && c.level !== 'general') add('open-level', '/open/open');
}

function items(c: EntryContent, context: CheckContext, add: Add): void {
  if (c.items.length === 0) add('items-missing', '/items');
  const seen = new Map<string, number>();
  let exposed = 0;
  c.items.forEach((item, i) => {
    const at = `/items/${i}`;
    const name = item.title.zh.trim();
    if (name === '') {
      add('item-name', `${at}/title/zh`, { n: i + 1 });
      return;
    }
    const before = seen.get(name);
    if (before !== undefined) add('item-twice', `${at}/title/zh`, { name, n: before + 1 });
    else seen.set(name, i);
    if (item.type === null) add('item-type', `${at}/type`, { name });
    if (PERSONAL.includes(item.protection)) exposed++;
    else if (item.role === 'person-id' || context.words.key(name) === '公民身份号码')
      add('item-protection', `${at}/protection`, { name });
    const decided = context.sourceDepartment?.(c.subject, context.words.key(name));
    if (decided && decided !== context.provider)
      add('item-source', at, { name, department: context.organisation?.(decided).zh ?? decided });
  });
  if (c.open.open && exposed > 0) add('open-personal', '/open/open', { n: exposed });
}

function rhythm(cycle: Cadence, found: DeliveryRhythm | undefined, add: Add): void {
  if (!found) return;
  const allowed = cycleDays[cycle];
  const interval = Math.round(found.interval ?? 0);
  if (found.interval !== null && found.interval > allowed * 1.5 + 1)
    add('cycle-slower', '/cycle', { interval, allowed });
  else if (found.since > allowed * 1.5 + 1) add('cycle-late', '/cycle', { since: Math.floor(found.since), allowed });
}
