/**
 * What an electronic archive is checked for, in the four respects of DA/T 70-2018 (真实性、完整性、可用性、安全性) and at its three occasions:
 * archiving (归档), transfer and receipt (移交与接收), long-term preservation (长期保存). The codes are our own; the respects and occasions are the
 * standard's.
 */
import type { Bilingual } from '../platform/i18n/index.ts';

export const respects = {
  authenticity: { zh: '真实性', en: 'Authenticity' },
  integrity: { zh: '完整性', en: 'Integrity' },
  usability: { zh: '可用性', en: 'Usability' },
  security: { zh: '安全性', en: 'Security' },
} as const;
export type Respect = keyof typeof respects;

export const phases = {
  archiving: { zh: '归档', en: 'Archiving' },
  transfer: { zh: '移交与接收', en: 'Transfer and receipt' },
  preservation: { zh: '长期保存', en: 'Preservation' },
} as const;
export type Phase = keyof typeof phases;

/** `severe`: an archive that fails is not taken; `warning`: it is, with a recorded ground; `note`: it is only said. */
export type Severity = 'severe' | 'warning' | 'note';

/** One check. */
export interface CheckItem<Code extends string = string> {
  code: Code;
  respect: Respect;
  phases: readonly Phase[];
  severity: Severity;
  title: Bilingual;
}

const all: readonly Phase[] = ['archiving', 'transfer', 'preservation'];
const before: readonly Phase[] = ['archiving', 'transfer'];
const after: readonly Phase[] = ['transfer', 'preservation'];
const item = <Code extends string>(
  code: Code,
  respect: Respect,
  at: readonly Phase[],
  severity: Severity,
  zh: string,
  en: string,
): CheckItem<Code> => ({ code, respect, phases: at, severity, title: { zh, en } });

/** All checks, in the order in which they are shown. */
export const checks = [
  item(
    'A01',
    'authenticity',
    all,
    'severe',
    '内容指纹与登记（或声明）的一致',
    'Fingerprints of the contents are those recorded or declared',
  ),
  item(
    'A02',
    'authenticity',
    after,
    'severe',
    '固化信息有效：无钥签名可验证',
    'Fixed information holds: the keyless signature verifies',
  ),
  item('A03', 'authenticity', before, 'severe', '文件大小与声明的一致', 'Sizes are those declared'),
  item(
    'A04',
    'authenticity',
    before,
    'severe',
    '扩展名与内容的实际格式一致',
    'Names tell the true formats of the contents',
  ),
  item(
    'A05',
    'authenticity',
    before,
    'severe',
    '元数据的类型、长度、格式和值域合规',
    'Metadata have the right types, lengths, forms and values',
  ),
  item('A06', 'authenticity', before, 'warning', '日期与归档年度合理', 'Date and year are plausible'),
  item(
    'A07',
    'authenticity',
    all,
    'severe',
    '档号规范、唯一，与各著录项一致',
    'The reference code is well formed, unique and agrees with the metadata',
  ),
  item('A08', 'authenticity', ['archiving'], 'severe', '全宗号属于立档单位', 'The fonds is that of the organisation'),
  item('A09', 'authenticity', all, 'severe', '过程元数据连续：各环节的哈希链未断', 'The life-cycle trace is unbroken'),
  item('I01', 'integrity', before, 'severe', '文件数与声明的一致', 'As many files as declared'),
  item('I02', 'integrity', all, 'severe', '必备元数据齐全', 'Mandatory metadata are all there'),
  item('I03', 'integrity', before, 'warning', '件号连续，无漏号', 'Item numbers have no gap'),
  item('I04', 'integrity', before, 'severe', '题列的附件齐全', 'Attachments that are named are there'),
  item('I05', 'integrity', all, 'severe', '有正文内容，没有空文件', 'There is content, and no file is empty'),
  item('U01', 'usability', all, 'severe', '格式属于长期保存格式', 'Formats are fit for keeping'),
  item('U02', 'usability', all, 'severe', '文件能够打开，结构完好', 'Files open, their structure is whole'),
  item('U03', 'usability', all, 'severe', '未加密、未设口令', 'Nothing is encrypted or has a password'),
  item('U04', 'usability', before, 'severe', '文件命名规范', 'Names of files can be kept anywhere'),
  item('S01', 'security', all, 'severe', '没有可自动执行的内容', 'No active content'),
  item('S02', 'security', all, 'severe', '没有宏', 'No macros'),
  item('S03', 'security', all, 'severe', '没有可执行文件', 'No executable files'),
  item(
    'S04',
    'security',
    all,
    'severe',
    '压缩内容安全：无越界、膨胀、链接',
    'Packed content is safe: nothing outside, no bombs, no links',
  ),
  item('S05', 'security', all, 'severe', '病毒扫描', 'Virus scan'),
  item('S06', 'security', before, 'severe', '不涉及国家秘密', 'No state secrets'),
  item('S07', 'security', before, 'note', '个人信息已识别并标注', 'Personal data are recognised and marked'),
] as const satisfies readonly CheckItem[];
export type CheckCode = (typeof checks)[number]['code'];

/** The check of a code. */
export const checkOf = (code: string): CheckItem | undefined => checks.find((c) => c.code === code);

export const results = ['passed', 'failed', 'warned', 'noted', 'skipped'] as const;
export type Result = (typeof results)[number];

/** Checks that tell, when they fail, that a kept archive is no longer what it was. */
export const DAMAGE: readonly CheckCode[] = ['A01', 'A02', 'A09', 'I05', 'U02'];

/** What came of a check. */
export interface Outcome {
  code: CheckCode;
  result: Result;
  /** What was looked at, in one sentence. */
  evidence: Bilingual;
  /** What is wrong where; the first fifty. */
  faults: { file: number | null; sentence: Bilingual }[];
}

/** Faults that an outcome keeps. */
export const MOST_FAULTS = 50;

/** The outcome of a whole examination. */
export const overall = (outcomes: readonly Outcome[]): 'passed' | 'warned' | 'failed' =>
  outcomes.some((o) => o.result === 'failed')
    ? 'failed'
    : outcomes.some((o) => o.result === 'warned')
      ? 'warned'
      : 'passed';
