/** Two versions of an entry held against each other, field by field and item by item. */
import type { Bilingual } from '../../platform/i18n/index.ts';
import { type EntryContent, type EntryItem, itemTypes } from './content.ts';

/** A value that differs; null where there is none. */
export interface Difference {
  /** JSON pointer into the content; of an item the pointer within it. */
  pointer: string;
  title: Bilingual;
  before: string | null;
  after: string | null;
}

/** An item that came, went or changed. Items are the same by their field, or by their name where they have none. */
export interface ItemDifference {
  name: string;
  change: 'added' | 'removed' | 'changed';
  fields: Difference[];
}

const b = (zh: string, en: string): Bilingual => ({ zh, en });
const yes = (v: boolean): string => (v ? '是' : '否');
const none = (v: string): string | null => (v === '' ? null : v);

type Reader<T> = readonly [string, Bilingual, (of: T) => string | null];
const fields: readonly Reader<EntryContent>[] = [
  ['/title/zh', b('名称', 'Name'), (c) => none(c.title.zh)],
  ['/title/en', b('英文名称', 'English name'), (c) => none(c.title.en)],
  ['/abstract/zh', b('摘要', 'Abstract'), (c) => none(c.abstract.zh)],
  ['/abstract/en', b('英文摘要', 'English abstract'), (c) => none(c.abstract.en)],
  ['/classification', b('分类码', 'Classification code'), (c) => none(c.classification)],
  ['/format', b('格式', 'Format'), (c) => none(c.format)],
  ['/subject', b('主体', 'Subject'), (c) => c.subject],
  ['/level', b('数据分级', 'Level'), (c) => c.level],
  ['/sharing/type', b('共享类型', 'Sharing'), (c) => c.sharing.type],
  ['/sharing/condition', b('共享条件', 'Condition of sharing'), (c) => none(c.sharing.condition)],
  ['/sharing/ground', b('不予共享依据', 'Ground of refusal'), (c) => none(c.sharing.ground)],
  ['/sharing/ways', b('共享方式', 'Ways of sharing'), (c) => none(c.sharing.ways.join('、'))],
  ['/open/open', b('向社会开放', 'Open to society'), (c) => yes(c.open.open)],
  ['/open/condition', b('开放条件', 'Condition of opening'), (c) => none(c.open.condition)],
  ['/cycle', b('更新周期', 'Cycle'), (c) => c.cycle],
  ['/related', b('关联资源', 'Related resources'), (c) => none(c.related.join('、'))],
  ['/tags', b('标签', 'Tags'), (c) => none(c.tags.join('、'))],
];
const itemFields: readonly Reader<EntryItem>[] = [
  ['/title/zh', b('名称', 'Name'), (i) => none(i.title.zh)],
  ['/title/en', b('英文名称', 'English name'), (i) => none(i.title.en)],
  ['/type', b('数据类型', 'Type'), (i) => (i.type ? `${i.type} ${itemTypes[i.type].zh}` : null)],
  ['/length', b('长度', 'Length'), (i) => (i.length === null ? null : String(i.length))],
  ['/unit', b('单位', 'Unit'), (i) => i.unit],
  ['/required', b('必填', 'Required'), (i) => yes(i.required)],
  ['/key', b('主键', 'Key'), (i) => yes(i.key)],
  ['/protection', b('保护级别', 'Protection'), (i) => i.protection],
  ['/role', b('标识', 'Identifies'), (i) => i.role],
  ['/note', b('说明', 'Note'), (i) => none(i.note)],
];

function differences<T>(readers: readonly Reader<T>[], before: T, after: T): Difference[] {
  return readers.flatMap(([pointer, title, read]) => {
    const [a, z] = [read(before), read(after)];
    return a === z ? [] : [{ pointer, title, before: a, after: z }];
  });
}

const nameOf = (item: EntryItem): string => item.field ?? item.title.zh;

/** What differs between two contents. */
export function compare(before: EntryContent, after: EntryContent): { fields: Difference[]; items: ItemDifference[] } {
  const old = new Map(before.items.map((i) => [nameOf(i), i]));
  const items: ItemDifference[] = [];
  for (const item of after.items) {
    const was = old.get(nameOf(item));
    old.delete(nameOf(item));
    if (!was) items.push({ name: item.title.zh, change: 'added', fields: [] });
    else {
      const changed = differences(itemFields, was, item);
      if (changed.length) items.push({ name: item.title.zh, change: 'changed', fields: changed });
    }
  }
  for (const item of old.values()) items.push({ name: item.title.zh, change: 'removed', fields: [] });
  return { fields: differences(fields, before, after), items };
}
