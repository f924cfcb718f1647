/** The account of a signature as plain text, for the command line. */
import type { ImprintAccount, LinkAccount, OriginAccount, SignatureAccount, TimeAccount } from './account.ts';

/** Language of a text. */
export type Language = 'zh' | 'en';

const words = {
  zh: {
    title: '无钥签名',
    bytes: '字节',
    document: '文件指纹',
    signed: '签名时间',
    origin: '来源',
    machine: '机器',
    sequence: '序号',
    requested: '请求于',
    nobody: '未记载',
    rfc3161: 'RFC 3161 时间戳记录',
    chain: '聚合哈希链',
    index: '序号',
    input: '输入',
    output: '输出',
    left: '左',
    right: '右',
    level: '层',
    broken: '与前一步的结果不相接',
    unknown: '此处无法计算',
    unsound: '来源信息不可信',
    calendar: '日历哈希链',
    to: '至',
    shape: '链形所示时间',
    none: '不是日历的形状',
    root: '日历根',
    anchor: '锚',
    publication: '公开值',
    printed: '印出的公开值',
    reference: '刊载于',
    repository: '存放于',
    authentication: '密钥认证（尚未延伸至公开值）',
    certificate: '证书编号',
    way: '签名方式',
    noAnchor: '没有：既无公开值，也无密钥认证',
  },
  en: {
    title: 'Keyless signature',
    bytes: 'bytes',
    document: 'document',
    signed: 'signed at',
    origin: 'origin',
    machine: 'machine',
    sequence: 'no.',
    requested: 'requested',
    nobody: 'not recorded',
    rfc3161: 'RFC 3161 time-stamp record',
    chain: 'aggregation chain',
    index: 'index',
    input: 'input',
    output: 'output',
    left: 'left',
    right: 'right',
    level: 'level',
    broken: 'does not continue the step before',
    unknown: 'cannot be computed here',
    unsound: 'not to be trusted as an origin',
    calendar: 'calendar chain',
    to: 'to',
    shape: 'time by its shape',
    none: 'not the shape of a calendar',
    root: 'calendar root',
    anchor: 'anchor',
    publication: 'publication',
    printed: 'printed string',
    reference: 'printed in',
    repository: 'kept at',
    authentication: 'authenticated by a key (not yet extended to a publication)',
    certificate: 'certificate id',
    way: 'signed with',
    noAnchor: 'none: neither a publication nor a key',
  },
} as const;

/** Text from outside on one line: control characters and changes of direction would let an origin write into the terminal. */
const plain = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`);

/**
 * The account as text, several lines without the last line break. `steps: false` leaves the single steps of the chains out.
 */
export function describeText(account: SignatureAccount, language: Language, options: { steps?: boolean } = {}): string {
  const w = words[language];
  const steps = options.steps ?? true;
  const out: string[] = [];
  const time = (t: TimeAccount) => {
    if (t.utc === null) return t.unix;
    return language === 'zh' ? `${t.beijing} 北京时间（${t.unix}）` : `${t.utc} (${t.unix})`;
  };
  const imprint = (i: ImprintAccount | null) => (i ? `${i.algorithm}:${i.hex}` : w.unknown);
  const origin = (o: OriginAccount) =>
    [
      plain(o.clientId) || '""',
      ...(o.machineId !== undefined ? [`${w.machine} ${plain(o.machineId)}`] : []),
      ...(o.sequence !== undefined ? [`${w.sequence} ${o.sequence}`] : []),
      ...(o.requestMicroseconds !== undefined ? [`${w.requested} ${o.requestTime ?? o.requestMicroseconds}`] : []),
    ].join(', ');
  const beside = (link: LinkAccount) => {
    const { sibling } = link;
    if (sibling.kind === 'imprint') return imprint(sibling);
    const doubt = sibling.kind === 'metadata' && !sibling.sound ? ` (${w.unsound})` : '';
    return `[${origin(sibling.origin)}]${doubt}`;
  };

  out.push(`${w.title} (${account.bytes} ${w.bytes})`);
  out.push(`  ${w.document}: ${imprint(account.document)}`);
  out.push(`  ${w.signed}: ${time(account.signingTime)}`);
  out.push(`  ${w.origin}: ${account.origin.map(origin).join(' / ') || w.nobody}`);
  if (account.rfc3161) {
    out.push(`  ${w.rfc3161}: ${time(account.rfc3161.time)}`);
    out.push(`    ${w.input}: ${imprint(account.rfc3161.input)}`);
  }
  account.chains.forEach((chain, i) => {
    out.push(`  ${w.chain} ${i + 1} (${chain.algorithm}, ${w.index} ${chain.index.join('.')})`);
    out.push(`    ${w.input}: ${imprint(chain.input)}${chain.continues === false ? ` (${w.broken})` : ''}`);
    if (steps) {
      for (const link of chain.links)
        out.push(`    ${w[link.side]} | ${beside(link)} -> ${w.level} ${link.level} ${imprint(link.result)}`);
    }
    out.push(`    ${w.output}: ${imprint(chain.output)}`);
  });
  const { calendar, anchor } = account;
  if (calendar) {
    out.push(`  ${w.calendar}: ${time(calendar.aggregationTime)} ${w.to} ${time(calendar.publicationTime)}`);
    out.push(`    ${w.shape}: ${calendar.shapeTime ? time(calendar.shapeTime) : w.none}`);
    out.push(`    ${w.input}: ${imprint(calendar.input)}${calendar.continues === false ? ` (${w.broken})` : ''}`);
    if (steps) {
      for (const link of calendar.links)
        out.push(`    ${w[link.side]} | ${imprint(link.sibling)} -> ${imprint(link.result)}`);
    }
    out.push(`    ${w.root}: ${imprint(calendar.root)}`);
  }
  if (anchor.kind === 'publication') {
    out.push(`  ${w.anchor}: ${w.publication} ${time(anchor.time)}`);
    out.push(`    ${w.printed}: ${anchor.printed}`);
    for (const text of anchor.references) out.push(`    ${w.reference}: ${plain(text)}`);
    for (const text of anchor.repositories) out.push(`    ${w.repository}: ${plain(text)}`);
  } else if (anchor.kind === 'authentication') {
    out.push(`  ${w.anchor}: ${w.authentication}`);
    out.push(`    ${w.way}: ${anchor.signatureName ?? plain(anchor.signatureType)}`);
    out.push(`    ${w.certificate}: ${anchor.certificateId}`);
    if (anchor.repository !== undefined) out.push(`    ${w.repository}: ${plain(anchor.repository)}`);
  } else out.push(`  ${w.anchor}: ${w.noAnchor}`);
  return out.join('\n');
}
