/** Looks into one file: its true format and everything that single files are checked for. */
import { detect, extensionOf, type Format, formats } from '../formats.ts';
import { sourceOf, unpack, ZipFault, type ZipFile, zipFiles } from '../package/zip.ts';
import { type Finding, finding } from './findings.ts';
import { inspectImage, inspectMedia } from './image.ts';
import { inspectPdf, pdfNeedles } from './pdf.ts';
import type { Sample } from './sample.ts';
import { inspectText } from './text.ts';

export type { FileCheck, Finding } from './findings.ts';
export { type Sample, sampleOf } from './sample.ts';
/** What `sampleOf` is to look for on the way. */
export const needles: readonly string[] = pdfNeedles;

/** Limits of what a single file in a ZIP format may unpack to. */
const INNER = { files: 20_000, bytes: 512 * 2 ** 20, ratio: 500 };

const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** Why a name cannot be kept on every system. */
export function nameFault(name: string): Finding | undefined {
  const bad = /[<>:"|?*\\/]|\p{Cc}/u.test(name) || /^[. ]|[. ]$/.test(name) || reserved.test(name);
  if (bad) return finding('U04', '文件名含有不允许的字符', 'the name has characters that are not allowed');
  if (Buffer.byteLength(name) > 200) return finding('U04', '文件名过长', 'the name is too long');
  return undefined;
}

/** Everything found about a file. */
export async function inspect(name: string, sample: Sample): Promise<{ format: Format; findings: Finding[] }> {
  const findings: Finding[] = [];
  const badName = nameFault(name);
  if (badName) findings.push(badName);
  if (sample.bytes === 0) {
    const format = formats.find((f) => f.extensions.includes(extensionOf(name))) ?? formats.at(-1)!;
    return { format, findings: [...findings, finding('U02', '文件是空的', 'the file is empty')] };
  }
  const zip = await lookIntoZip(sample);
  findings.push(...zip.findings);
  const format = detect(name, sample.head, zip.names);
  const extension = extensionOf(name);
  if (format.id !== 'unknown' && !format.extensions.includes(extension))
    findings.push(
      finding(
        'A04',
        `扩展名 .${extension} 与实际格式 ${format.title} 不符`,
        `the name ends in .${extension}, the content is ${format.title}`,
      ),
    );
  findings.push(...fitness(format));
  if (format.kind === 'pdf') findings.push(...inspectPdf(sample));
  if (format.kind === 'image') findings.push(...inspectImage(format.id, format.title, sample));
  if (format.kind === 'media') findings.push(...inspectMedia(format.id, format.title, sample));
  if (format.kind === 'text' || format.kind === 'xml') findings.push(...inspectText(format.id, sample));
  return { format, findings };
}

function fitness(format: Format): Finding[] {
  if (format.id === 'executable' || format.id === 'script')
    return [finding('S03', '是可执行文件', 'it is an executable file')];
  if (format.id === 'ooxml-macro') return [finding('S02', '文件含有宏', 'the file has macros')];
  if (format.fitness === 'refuse')
    return [
      finding('U01', `格式 ${format.title} 不在长期保存格式之列`, `the format ${format.title} is not one to be kept`),
    ];
  if (format.fitness === 'convert')
    return [
      finding(
        'U01',
        `格式 ${format.title} 宜转换为长期保存格式`,
        `the format ${format.title} should be converted for keeping`,
        true,
      ),
    ];
  return [];
}

/** A ZIP format: whether it opens, what is inside, bombs, encryption, macros by their parts. */
async function lookIntoZip(sample: Sample): Promise<{ names?: string[]; findings: Finding[] }> {
  if (sample.head.subarray(0, 2).toString('latin1') !== 'PK') return { findings: [] };
  if (!sample.whole)
    return { findings: [finding('U02', '文件较大，内部未检查', 'a large file: its inside was not looked at', true)] };
  try {
    const source = sourceOf(sample.whole);
    const files = await zipFiles(source, INNER);
    for (const file of files) await readThrough(source, file);
    return { names: files.map((f) => f.name), findings: [] };
  } catch (error) {
    if (!(error instanceof ZipFault)) throw error;
    const check =
      error.code === 'encrypted' ? 'U03' : error.code === 'broken' || error.code === 'method' ? 'U02' : 'S04';
    return { findings: [finding(check, error.title.zh, error.title.en)] };
  }
}

/** Unpacks a file to nowhere: its size and check must be what they say. */
async function readThrough(source: ReturnType<typeof sourceOf>, file: ZipFile): Promise<void> {
  for await (const _ of unpack(source, file)) {
    // Only its end matters.
  }
}
