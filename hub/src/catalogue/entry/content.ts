/**
 * What one version of a catalogue entry says: the national metadata of a resource (政务信息资源目录编制指南（试行）, 发改高技术
 * 〔2017〕1272号; decree 809, article 13). A draft may still lack things: what is wrong with it is said by `check.ts`, not by
 * this schema, which only holds its shape and its size.
 */
import { z } from 'zod';
import { cadence, resourceLevel, sharingType } from '../api.ts';
import { matchRole, protection } from '../declaration.ts';

/** Longest name and abstract by the guide's forms, in characters. */
export const NAME_LIMIT = 50;
export const ABSTRACT_LIMIT = 256;
/** Most items of one entry. */
export const ITEMS_LIMIT = 500;

/** Letters of data types in the forms. */
export const itemTypes = {
  C: { zh: '字符型', en: 'Text' },
  N: { zh: '数值型', en: 'Number' },
  Y: { zh: '货币型', en: 'Money' },
  D: { zh: '日期型', en: 'Date' },
  T: { zh: '日期时间型', en: 'Date and time' },
  L: { zh: '逻辑型', en: 'Yes or no' },
  M: { zh: '备注型', en: 'Memo' },
  G: { zh: '通用型', en: 'General' },
  B: { zh: '双精度型', en: 'Double' },
  I: { zh: '整型', en: 'Integer' },
  F: { zh: '浮点型', en: 'Float' },
} as const;
export const itemType = z.enum(['C', 'N', 'Y', 'D', 'T', 'L', 'M', 'G', 'B', 'I', 'F']);
export type ItemType = z.infer<typeof itemType>;

/** Ways of sharing (共享方式). */
export const sharingWays = ['系统对接', '联机查询', '在线浏览', '调用在线服务', '下载', '拷贝', '其他'] as const;
export const sharingWay = z.enum(sharingWays);

/** What a resource is about. */
export const entrySubject = z.enum(['legal-person', 'natural-person', 'place', 'none']);

const text = (most: number) => z.string().max(most);
/** Chinese, and English where there is one. */
const both = (most: number) => z.strictObject({ zh: text(most), en: text(most).default('') });

/** One information item (信息项). */
export const entryItem = z.strictObject({
  title: both(200),
  /** Name of the field in the source, by which lineage and deliveries know it; null where nothing is collected. */
  field: text(64).nullable().default(null),
  type: itemType.nullable().default(null),
  length: z.number().int().min(1).max(1_000_000_000).nullable().default(null),
  unit: text(20).nullable().default(null),
  required: z.boolean().default(false),
  key: z.boolean().default(false),
  protection: protection.default('internal'),
  /** What it identifies, so that the same item under another name is known again. */
  role: matchRole.nullable().default(null),
  note: text(300).default(''),
});
export type EntryItem = z.infer<typeof entryItem>;

/** The content of a version. */
export const entryContent = z.strictObject({
  title: both(200),
  abstract: both(2000),
  /** Digits of 类 (1), 项 (2), 目 (3) and, of any length, 细目: `102001`. */
  classification: text(20),
  format: text(40),
  subject: entrySubject.default('none'),
  /** GB/T 43697: 核心 / 重要 / 一般. */
  level: resourceLevel.nullable().default(null),
  sharing: z.strictObject({
    type: sharingType.nullable().default(null),
    /** 共享范围、使用用途等 of conditional sharing. */
    condition: text(500).default(''),
    /** Law, regulation or decision from which a refusal follows. */
    ground: text(500).default(''),
    ways: z.array(sharingWay).max(7).default([]),
  }),
  open: z.strictObject({ open: z.boolean().default(false), condition: text(500).default('') }),
  cycle: cadence.nullable().default(null),
  /** Codes or ids of related resources. */
  related: z.array(text(60)).max(50).default([]),
  tags: z.array(text(20)).max(20).default([]),
  items: z.array(entryItem).max(ITEMS_LIMIT).default([]),
});
export type EntryContent = z.infer<typeof entryContent>;

/** An empty content, which a new draft begins with. */
export const emptyContent = (): EntryContent =>
  entryContent.parse({
    ...{ title: { zh: '' }, abstract: { zh: '' }, classification: '307001', format: '', sharing: {}, open: {} },
  });
