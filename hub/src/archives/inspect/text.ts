/** Texts looked into: whether they can be decoded, marks of state secrets, personal data. */
import { citizenId } from '@jingwei/codes';
import { parseXml } from '../package/xml.ts';
import { type Finding, finding } from './findings.ts';
import type { Sample } from './sample.ts';

/** The text of bytes in UTF-8, UTF-16 with its mark, or GB 18030; undefined when they are none of these. `partial`: the end may be cut. */
export function decodeText(bytes: Buffer, partial = false): string | undefined {
  const mark = bytes.length >= 2 ? bytes.readUInt16BE(0) : 0;
  const labels = mark === 0xfeff ? ['utf-16be'] : mark === 0xfffe ? ['utf-16le'] : ['utf-8', 'gb18030'];
  for (const label of labels) {
    try {
      return new TextDecoder(label, { fatal: true }).decode(bytes, { stream: partial });
    } catch {
      // The next encoding.
    }
  }
  return undefined;
}

/** Marks on the first page of a document that is a state secret (GB/T 9704: grade, star, period). */
const SECRET = /(绝密|机密|秘密)\s*★/;

/** What is wrong with a text, or is to be known of it. */
export function inspectText(id: string, sample: Sample): Finding[] {
  const findings: Finding[] = [];
  const text = decodeText(sample.whole ?? sample.head, sample.whole === undefined);
  if (text === undefined)
    return [
      finding(
        'U02',
        '文字编码不是 UTF-8 或 GB 18030，打不开',
        'the text is neither UTF-8 nor GB 18030: it cannot be read',
      ),
    ];
  if (id === 'xml' && sample.whole) {
    try {
      parseXml(text);
    } catch (error) {
      const reason = (error as Error).message;
      findings.push(finding('U02', `XML 不合规：${reason}`, `the XML is not well formed: ${reason}`));
    }
  }
  if (id === 'json' && sample.whole) {
    try {
      JSON.parse(text);
    } catch {
      findings.push(finding('U02', 'JSON 不合规', 'the JSON is not well formed'));
    }
  }
  if (SECRET.test(text))
    findings.push(finding('S06', '正文带有国家秘密标志', 'the text bears the mark of a state secret'));
  const personal = personalIn(text);
  if (personal > 0)
    findings.push(
      finding(
        'S07',
        `含有 ${personal} 处疑似个人信息（身份证号、手机号）`,
        `${personal} ${personal === 1 ? 'place looks' : 'places look'} like personal data (identity or mobile numbers)`,
      ),
    );
  return findings;
}

/** How many identity numbers (with a right check character) and mobile numbers stand in a text. */
export function personalIn(text: string): number {
  const ids = text.match(/(?<!\d)\d{17}[\dXx](?!\d)/g)?.filter((n) => citizenId.check(n.toUpperCase())).length ?? 0;
  return ids + (text.match(/(?<!\d)1[3-9]\d{9}(?!\d)/g)?.length ?? 0);
}
