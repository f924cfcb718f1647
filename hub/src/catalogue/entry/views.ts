/** Entries as people see them. */
import type { z } from 'zod';
import type { Principal } from '../../platform/auth/principal.ts';
import type { Bilingual } from '../../platform/i18n/index.ts';
import type * as api from './api.ts';
import { contentOf, type Entry, type EntryVersion } from './book.ts';
import { classOf, codeOf } from './classes.ts';
import { type PeriodClock, periodClock } from './clock.ts';
import { type EntryContent, itemTypes } from './content.ts';
import type { EntryContext } from './context.ts';
import { stateOf } from './search.ts';

export type EntrySummary = z.input<typeof api.entrySummary>;

/** Both languages: Chinese stands in where there is no English, a dash where there is nothing. */
export const both = (t: { zh: string; en: string }): Bilingual => ({ zh: t.zh || '—', en: t.en || t.zh || '—' });

const words = (code: string): Bilingual[] => {
  const read = classOf(code);
  return 'words' in read ? read.words : [];
};

/** What is being worked on, for those who may see it. */
export const workingView = (v: EntryVersion) => ({
  ...{ version: v.version, kind: v.kind, state: v.state, changedBy: v.changed_by },
  changedAt: v.changed_at.toISOString(),
});

/** A line of the catalogue. `content` in place of what is in force, for the desk. */
export function summary(
  context: EntryContext,
  entry: Entry,
  p: Principal,
  given: { found?: string[]; content?: EntryContent } = {},
): EntrySummary {
  const c = given.content ?? contentOf(entry);
  return {
    id: entry.id,
    code: codeOf(c.classification, entry.sequence),
    title: both(c.title),
    abstract: both(c.abstract),
    provider: { id: entry.provider, name: context.organisation(entry.provider) },
    classification: words(c.classification),
    ...{ subject: c.subject, level: c.level, sharing: c.sharing.type, open: c.open.open, cycle: c.cycle },
    ...{ format: c.format, items: c.items.length, found: given.found ?? [], source: entry.source },
    state: stateOf(entry),
    version: entry.published?.version ?? null,
    publishedAt: entry.published?.decided_at?.toISOString() ?? null,
    working: entry.open && context.seesDraft(entry, p) ? workingView(entry.open) : null,
  };
}

/** The clock of review of what the authority has received. */
export const reviewClock = (context: EntryContext, v: EntryVersion): PeriodClock | null =>
  v.received_at && (v.state === 'reviewing' || v.state === 'published')
    ? periodClock(context.legal.calendar(), context.legal.review, {
        ...{ from: v.received_at, now: context.ports.clock.now(), ended: v.decided_at },
      })
    : null;

const sharingWords = { unconditional: '无条件共享', conditional: '有条件共享', refused: '不予共享' };
/** Update cycles in the words of the forms. */
export const cycleWords = {
  ...{
    realtime: '实时',
    daily: '每日',
    weekly: '每周',
    'half-monthly': '每半月',
    monthly: '每月',
    quarterly: '每季度',
  },
  yearly: '每年',
} as const;
/** Levels in the words of GB/T 43697. */
export const levelWords = { core: '核心数据', important: '重要数据', general: '一般数据' } as const;

/** The core metadata in the guide's order, then what decree 809 adds. */
export function metadata(context: EntryContext, entry: Entry): { name: string; en: string; value: string | null }[] {
  const c = contentOf(entry);
  const { type, condition, ground, ways } = c.sharing;
  const terms = type === 'unconditional' ? '无条件' : type === 'refused' ? ground : condition;
  const one = (name: string, en: string, value: string | null | undefined) => ({ name, en, value: value || null });
  return [
    one(
      '信息资源分类',
      'Classification',
      words(c.classification)
        .map((w) => w.zh)
        .join(' / '),
    ),
    one('信息资源名称', 'Name', c.title.zh),
    one('信息资源代码', 'Code', codeOf(c.classification, entry.sequence)),
    one('信息资源提供方', 'Provider', context.organisation(entry.provider).zh),
    one('信息资源提供方代码', "Provider's code", context.catalogue.organisations.get(entry.provider)?.code),
    one('信息资源摘要', 'Abstract', c.abstract.zh),
    one('信息资源格式', 'Format', c.format),
    one(
      '信息项信息',
      'Items',
      c.items.map((i) => `${i.title.zh}（${i.type ? itemTypes[i.type].zh : '—'}）`).join('、'),
    ),
    one('共享类型', 'Sharing', type && sharingWords[type]),
    one('共享条件', 'Condition of sharing', terms),
    one('共享方式', 'Ways of sharing', ways.join('、')),
    one('是否向社会开放', 'Open to society', c.open.open ? '是' : '否'),
    one('开放条件', 'Condition of opening', c.open.open ? c.open.condition || '无条件' : ''),
    one('更新周期', 'Cycle', c.cycle && cycleWords[c.cycle]),
    one('发布日期', 'Published on', entry.published?.decided_at && cityDate(entry.published.decided_at)),
    one('关联资源代码', 'Related resources', c.related.join('、')),
    one('数据分级', 'Level (GB/T 43697)', c.level && levelWords[c.level]),
  ];
}

const cityDate = (at: Date): string => new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 10);
