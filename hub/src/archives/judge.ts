/** From what was found to the outcomes of the checks: pure, so that every check can be held against a bad archive without a store. */

import type { Bilingual } from '../platform/i18n/index.ts';
import { parseBilingual, sentences } from '../platform/i18n/validation.ts';
import { type CheckCode, checks, MOST_FAULTS, type Outcome, type Phase, type Result } from './checks.ts';
import type { Format } from './formats.ts';
import type { Finding } from './inspect/index.ts';
import {
  type Metadata,
  type MetadataKey,
  mandatory,
  metadataPartial,
  metadataTitles,
  STATE_SECRETS,
} from './metadata.ts';
import { folderOf, parseReference, type Reference } from './reference.ts';

/** A file as it was declared and as it was found. */
export interface ExaminedFile {
  no: number;
  name: string;
  role: 'main' | 'attachment';
  bytes: number;
  sha256: string;
  declaredSha256: string | null;
  declaredBytes: number | null;
  /** What its content is now; a sentence when it cannot be read. */
  content: { sha256: string; bytes: number } | { fault: Bilingual };
  format: Format;
  findings: Finding[];
}

/** Everything that the checks look at. */
export interface Examined {
  phase: Phase;
  metadata: Metadata;
  reference: string | null;
  /** Fonds of the organisation where the city declares one. */
  fonds: string | undefined;
  /** Today, `2026-11-21`, in the city's time. */
  today: string;
  files: ExaminedFile[];
  /** Missing item numbers before this one in its folder. */
  gap: number[];
  /** State of the life-cycle chain. */
  chain: { steps: number; fault: Bilingual | null };
  /** State of the seal: a sentence of what was verified, or what is wrong. */
  seal: { ok: boolean; sentence: Bilingual } | null;
  /** Outcome of the virus scan: null where no scanner is configured. */
  scan: { scanner: string; faults: { file: number; sentence: Bilingual }[] } | null;
}

type Fault = Outcome['faults'][number] & { mild?: boolean };
interface Verdict {
  faults: Fault[];
  evidence: Bilingual;
  result?: Result;
}

const say = (zh: string, en: string): Bilingual => ({ zh, en });
const fault = (zh: string, en: string, file: number | null = null): Fault => ({ file, sentence: { zh, en } });

/** The outcomes of every check of the occasion. */
export function judge(examined: Examined): Outcome[] {
  return checks
    .filter((check) => (check.phases as readonly Phase[]).includes(examined.phase))
    .map((check) => {
      const verdict = verdicts[check.code](examined);
      const result = verdict.result ?? resultOf(check.severity, verdict.faults);
      const faults = verdict.faults.slice(0, MOST_FAULTS).map(({ file, sentence }) => ({ file, sentence }));
      return { code: check.code, result, evidence: verdict.evidence, faults };
    });
}

function resultOf(severity: 'severe' | 'warning' | 'note', faults: readonly Fault[]): Result {
  if (faults.length === 0) return 'passed';
  if (severity === 'note') return 'noted';
  return severity === 'severe' && faults.some((f) => !f.mild) ? 'failed' : 'warned';
}

const found =
  (code: CheckCode, zh: string, en: string) =>
  (e: Examined): Verdict => ({
    faults: e.files.flatMap((f) =>
      f.findings
        .filter((one) => one.check === code)
        .map((one) => ({ file: f.no, sentence: one.sentence, ...(one.mild ? { mild: true } : {}) })),
    ),
    evidence: say(`${zh} ${readable(e)} 个文件`, `${en} ${filesOf(readable(e))}`),
  });

const verdicts: Readonly<Record<CheckCode, (e: Examined) => Verdict>> = {
  A01: ({ files }) => ({
    faults: files.flatMap((f) => {
      if ('fault' in f.content) return [{ file: f.no, sentence: f.content.fault }];
      const expected = f.declaredSha256 ?? f.sha256;
      return f.content.sha256 === expected && f.content.sha256 === f.sha256
        ? []
        : [
            fault(
              `指纹应为 ${short(expected)}，实为 ${short(f.content.sha256)}`,
              `the fingerprint should be ${short(expected)}, it is ${short(f.content.sha256)}`,
              f.no,
            ),
          ];
    }),
    evidence: say(
      `重新计算 ${files.length} 个文件的 SHA-256，其中 ${files.filter((f) => f.declaredSha256).length} 个与移交方声明的比对`,
      `SHA-256 of ${filesOf(files.length)} made anew, ${files.filter((f) => f.declaredSha256).length} of them held against what was declared`,
    ),
  }),
  A02: ({ seal }) =>
    seal === null
      ? { faults: [fault('没有签封', 'there is no seal')], evidence: say('查找签封', 'Looked for a seal') }
      : { faults: seal.ok ? [] : [{ file: null, sentence: seal.sentence }], evidence: seal.sentence },
  A03: ({ files }) => ({
    faults: files
      .filter((f) => f.declaredBytes !== null && f.declaredBytes !== f.bytes)
      .map((f) =>
        fault(
          `声明 ${f.declaredBytes} 字节，收到 ${f.bytes} 字节`,
          `${f.declaredBytes} bytes declared, ${f.bytes} received`,
          f.no,
        ),
      ),
    evidence: say('声明了大小的文件逐一比对', 'Every declared size held against the file'),
  }),
  A04: found('A04', '按文件头识别', 'Formats by first bytes of'),
  A05: ({ metadata }) => {
    const parsed = parseBilingual(metadataPartial, metadata);
    const faults = parsed.success
      ? []
      : parsed.error.issues.map((issue) => {
          const key = String(issue.path[0] ?? '') as MetadataKey;
          const { zh, en } = sentences(issue);
          const title = metadataTitles[key] ?? say(key, key);
          return fault(`${title.zh}：${zh}`, `${title.en}: ${en}`);
        });
    return {
      faults,
      evidence: say(
        `检查 ${Object.keys(metadata).length} 个元数据项`,
        `${Object.keys(metadata).length} metadata looked at`,
      ),
    };
  },
  A06: ({ metadata: { date, year }, today }) => {
    const faults: Fault[] = [];
    if (date && date > today) faults.push(fault(`日期 ${date} 晚于今天`, `the date ${date} is later than today`));
    const of = date ? Number(date.slice(0, 4)) : undefined;
    if (of !== undefined && year !== undefined && (year < of || year > of + 1))
      faults.push(fault(`归档年度 ${year} 与日期 ${date} 相差过大`, `the year ${year} is far from the date ${date}`));
    return {
      faults,
      evidence: say(`日期 ${date ?? '—'}，年度 ${year ?? '—'}`, `date ${date ?? '—'}, year ${year ?? '—'}`),
    };
  },
  A07: ({ reference, metadata }) => {
    const parsed = reference === null ? undefined : parseReference(reference);
    const evidence = say(`档号 ${reference ?? '—'}`, `reference code ${reference ?? '—'}`);
    if (!parsed)
      return { faults: [fault('档号不合 DA/T 13 的结构', 'the code has not the structure of DA/T 13')], evidence };
    const differs = (Object.keys(parsed) as (keyof Reference)[]).filter((key) => parsed[key] !== metadata[key]);
    return {
      faults: differs.map((key) =>
        fault(`${metadataTitles[key].zh}与档号不一致`, `${metadataTitles[key].en} is not that of the code`),
      ),
      evidence,
    };
  },
  A08: ({ fonds, metadata }) =>
    fonds === undefined
      ? {
          faults: [],
          result: 'skipped',
          evidence: say('本市没有登记该单位的全宗号', 'the city declares no fonds for the organisation'),
        }
      : {
          faults:
            fonds === metadata.fonds
              ? []
              : [fault(`该单位的全宗号是 ${fonds}`, `the fonds of the organisation is ${fonds}`)],
          evidence: say(`登记的全宗号 ${fonds}`, `declared fonds ${fonds}`),
        },
  A09: ({ chain }) => ({
    faults: chain.fault ? [{ file: null, sentence: chain.fault }] : [],
    evidence: say(`重算 ${chain.steps} 个环节的哈希链`, `hash chain of ${chain.steps} steps made anew`),
  }),
  I01: ({ metadata, files }) =>
    metadata.files === undefined
      ? {
          faults: [],
          result: 'skipped',
          evidence: say(`没有声明文件数，收到 ${files.length} 个`, `no number declared, ${files.length} received`),
        }
      : {
          faults:
            metadata.files === files.length
              ? []
              : [
                  fault(
                    `声明 ${metadata.files} 个文件，收到 ${files.length} 个`,
                    `${filesOf(metadata.files)} declared, ${files.length} received`,
                  ),
                ],
          evidence: say(
            `声明 ${metadata.files} 个，收到 ${files.length} 个`,
            `${metadata.files} declared, ${files.length} received`,
          ),
        },
  I02: ({ metadata }) => ({
    faults: mandatory
      .filter((key) => metadata[key] === undefined || metadata[key] === '')
      .map((key) => fault(`缺少“${metadataTitles[key].zh}”`, `"${metadataTitles[key].en}" is missing`)),
    evidence: say(`${mandatory.length} 个必备元数据项`, `${mandatory.length} mandatory metadata`),
  }),
  I03: ({ gap, metadata }) => ({
    faults: gap.length
      ? [fault(`缺第 ${gap.slice(0, 10).join('、')} 件`, `items ${gap.slice(0, 10).join(', ')} are missing`)]
      : [],
    evidence: say(
      `同一类目中第 ${metadata.item ?? '—'} 件之前的件号`,
      `items before ${metadata.item ?? '—'} in the same folder`,
    ),
  }),
  I04: ({ metadata, files }) => {
    const named = metadata.attachments ?? [];
    const names = files.filter((f) => f.role === 'attachment').map((f) => f.name);
    return {
      faults: named
        .filter((title) => !names.some((name) => name === title || name.replace(/\.[^.]+$/, '').includes(title)))
        .map((title) => fault(`缺附件“${title}”`, `the attachment "${title}" is missing`)),
      evidence: say(
        `题列附件 ${named.length} 个，收到 ${names.length} 个`,
        `${named.length} attachments named, ${names.length} received`,
      ),
    };
  },
  I05: ({ files }) => ({
    faults: [
      ...(files.some((f) => f.role === 'main') ? [] : [fault('没有正文文件', 'there is no main file')]),
      ...files.filter((f) => f.bytes === 0).map((f) => fault('文件是空的', 'the file is empty', f.no)),
    ],
    evidence: say(`${files.length} 个文件`, filesOf(files.length)),
  }),
  U01: (e) => {
    const verdict = found('U01', '比对长期保存格式名录：', 'Held against the list of formats for keeping:')(e);
    const names = [...new Set(e.files.map((f) => f.format.title))].join('、');
    return { ...verdict, evidence: say(`格式：${names || '—'}`, `formats: ${names.replaceAll('、', ', ') || '—'}`) };
  },
  U02: found('U02', '检查结构：', 'Structure looked into:'),
  U03: found('U03', '检查加密与口令：', 'Encryption and passwords looked for in'),
  U04: (e) => {
    const verdict = found('U04', '检查命名：', 'Names looked at:')(e);
    const seen = new Set<string>();
    for (const f of e.files) {
      const name = f.name.toLowerCase();
      if (seen.has(name)) verdict.faults.push(fault('文件名重复', 'the name stands twice', f.no));
      seen.add(name);
    }
    return verdict;
  },
  S01: found('S01', '查找脚本与启动动作：', 'Scripts and launch actions looked for in'),
  S02: found('S02', '查找宏：', 'Macros looked for in'),
  S03: found('S03', '按文件头查找可执行文件：', 'Executables looked for by first bytes:'),
  S04: found('S04', '检查压缩内容：', 'Packed content looked into:'),
  S05: ({ scan, files }) =>
    scan === null
      ? {
          faults: [],
          result: 'skipped',
          evidence: say('没有配置病毒扫描程序，未扫描', 'no virus scanner is configured: nothing was scanned'),
        }
      : {
          faults: scan.faults,
          evidence: say(
            `由 ${scan.scanner} 扫描 ${files.length} 个文件`,
            `${filesOf(files.length)} scanned by ${scan.scanner}`,
          ),
        },
  S06: (e) => {
    const verdict = found('S06', '查找国家秘密标志：', 'Marks of state secrets looked for in')(e);
    if (e.metadata.secrecy && STATE_SECRETS.includes(e.metadata.secrecy))
      verdict.faults.push(fault('涉密文件不得进入本网络', 'state secrets must not enter this network'));
    return verdict;
  },
  S07: found(
    'S07',
    '按样式识别身份证号与手机号（文本文件）：',
    'Identity and mobile numbers recognised by pattern in texts:',
  ),
};

/** Files whose content could be looked into; the others are told of by A01. */
const readable = (e: Examined): number => e.files.filter((f) => !('fault' in f.content)).length;
/** `1 file`, `3 files`. */
const filesOf = (n: number): string => (n === 1 ? '1 file' : `${n} files`);
const short = (hash: string): string => `${hash.slice(0, 12)}…`;

/** The folder of metadata that have all of its elements. */
export const folderFrom = (m: Metadata): string | undefined =>
  m.fonds && m.category && m.year && m.retention && m.unit
    ? folderOf({
        fonds: m.fonds,
        category: m.category as never,
        year: m.year,
        retention: m.retention as never,
        unit: m.unit,
      })
    : undefined;
