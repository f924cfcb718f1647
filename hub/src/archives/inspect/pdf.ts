/**
 * PDF (ISO 32000) looked into: header, trailer and cross-reference, encryption, active content. Object streams are unpacked within limits, so
 * that what acts by itself cannot hide in them.
 */
import { constants, inflateSync } from 'node:zlib';
import { type Finding, finding } from './findings.ts';
import type { Sample } from './sample.ts';

/** Names that are looked for in all of a large file. */
export const pdfNeedles = [
  '/JavaScript',
  '/JS',
  '/Launch',
  '/EmbeddedFile',
  '/RichMedia',
  '/Encrypt',
  '/OpenAction',
] as const;

const UNPACKED = 16 * 2 ** 20;
const STREAMS = 2000;

/** `#4a` in a name is `J`: the same name in other clothes. */
const plain = (text: string): string =>
  text.replace(/#([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** The contents of the file's object streams, as text. */
function objectStreams(bytes: Buffer): { text: string; cut: boolean } {
  const source = bytes.toString('latin1');
  const parts: string[] = [];
  let room = UNPACKED;
  let seen = 0;
  for (const found of source.matchAll(/\/ObjStm\b/g)) {
    if (++seen > STREAMS || room <= 0) return { text: parts.join('\n'), cut: true };
    const start = source.indexOf('stream', found.index);
    const end = source.indexOf('endstream', start);
    if (start < 0 || end < 0) continue;
    const from = start + 6 + (source[start + 6] === '\r' ? 2 : 1);
    try {
      const text = inflateSync(bytes.subarray(from, end), {
        maxOutputLength: room,
        finishFlush: constants.Z_SYNC_FLUSH,
      }).toString('latin1');
      room -= text.length;
      parts.push(text);
    } catch (error) {
      if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') return { text: parts.join('\n'), cut: true };
    }
  }
  return { text: parts.join('\n'), cut: false };
}

/** What is wrong with a PDF. */
export function inspectPdf(sample: Sample): Finding[] {
  const findings: Finding[] = [];
  const tail = sample.tail.subarray(-2048).toString('latin1');
  const start = /startxref\s+(\d+)\s+%%EOF\s*$/.exec(tail);
  if (!start) {
    findings.push(
      finding(
        'U02',
        'PDF 结尾缺少 startxref 与 %%EOF，文件被截断',
        'no startxref and %%EOF at the end: the PDF was cut',
      ),
    );
  } else {
    const at = Number(start[1]);
    const there = sample.whole?.subarray(at, at + 20).toString('latin1');
    if (at >= sample.bytes || (there !== undefined && !/^\s*(xref|\d+\s+\d+\s+obj)/.test(there)))
      findings.push(finding('U02', '交叉引用表不在所指的位置', 'the cross-reference is not where the file says'));
  }
  const names = new Set<string>(sample.found);
  if (sample.whole) {
    const inside = objectStreams(sample.whole);
    const text = plain(`${sample.whole.toString('latin1')}\n${inside.text}`);
    for (const name of pdfNeedles) if (text.includes(name)) names.add(name);
    // Longer names that only begin alike are others: `/JSTOR` is no script.
    if (names.has('/JS') && !/\/JS[\s(<[/]/.test(text)) names.delete('/JS');
    if (!/\/Type\s*\/Page\b/.test(text) && !/\/Pages\b/.test(text))
      findings.push(finding('U02', 'PDF 没有页面', 'the PDF has no pages'));
    if (inside.cut)
      findings.push(
        finding('S01', '对象流过大，未能全部检查', 'object streams are too large to be looked into wholly', true),
      );
  } else if (names.size === 0) {
    findings.push(
      finding('S01', '文件较大，压缩的对象流未检查', 'a large file: packed object streams were not looked into', true),
    );
  }
  if (names.has('/Encrypt'))
    findings.push(finding('U03', 'PDF 已加密或设有口令', 'the PDF is encrypted or has a password'));
  if (names.has('/JavaScript') || names.has('/JS'))
    findings.push(finding('S01', 'PDF 含有脚本（JavaScript）', 'the PDF has scripts (JavaScript)'));
  if (names.has('/Launch')) findings.push(finding('S01', 'PDF 会启动外部程序', 'the PDF launches programs'));
  if (names.has('/RichMedia')) findings.push(finding('S01', 'PDF 含有富媒体', 'the PDF has rich media'));
  if (names.has('/EmbeddedFile'))
    findings.push(finding('S01', 'PDF 内嵌了其他文件', 'other files are embedded in the PDF', true));
  return findings;
}
