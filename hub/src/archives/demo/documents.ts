/** Documents of the demonstration: what four departments of a small city would hand in. Nobody in them exists. */
import { createHash } from 'node:crypto';
import type { Metadata } from '../metadata.ts';
import { type PdfLine, pdf } from './pdf.ts';

/** A document to be handed in. */
export interface DemoDocument {
  organisation: string;
  metadata: Metadata;
  files: { name: string; role: 'main' | 'attachment'; content: Buffer; sha256?: string }[];
  /** How far it goes: taken in, left to be taken in, or refused by its checks. */
  fate: 'kept' | 'passed' | 'failed';
}

interface Kind {
  organisation: string;
  office: string;
  unit: string;
  unitName: string;
  genre: string;
  number: (year: number, n: number) => string;
  title: (subject: string) => string;
  body: (subject: string, number: string) => string[];
  subjects: readonly string[];
  retention: 'Y' | 'D30' | 'D10';
}

const kinds: readonly Kind[] = [
  {
    ...{ organisation: 'scjg', office: '慈溪市市场监督管理局', unit: 'XKK', unitName: '行政许可科', genre: '决定书' },
    number: (year, n) => `慈市监许〔${year}〕${n}号`,
    title: (subject) => `关于准予${subject}食品经营许可的决定`,
    body: (subject, number) => [
      `${subject}：`,
      `　　你单位提出的食品经营许可申请（${number}）收悉。经审查，`,
      '申请材料齐全，符合法定形式，经营场所经现场核查符合要求。',
      '　　根据《中华人民共和国行政许可法》第三十八条和《食品经营许可',
      '和备案管理办法》的规定，决定准予许可，有效期五年。',
    ],
    subjects: [
      '慈溪市晨光样例餐饮管理有限公司',
      '慈溪市海棠样例食品有限公司',
      '慈溪市三北样例水产经营部',
      '慈溪市青瓷样例茶业有限公司',
    ],
    retention: 'D30',
  },
  {
    ...{ organisation: 'scjg', office: '慈溪市市场监督管理局', unit: 'ZFK', unitName: '执法稽查科', genre: '决定书' },
    number: (year, n) => `慈市监处罚〔${year}〕${n}号`,
    title: (subject) => `${subject}行政处罚决定书`,
    body: (subject, number) => [
      `当事人：${subject}`,
      `文号：${number}`,
      '　　经查，当事人销售的产品标识不符合国家标准要求，货值金额较小，',
      '当事人能主动配合调查并及时改正。',
      '　　依据《中华人民共和国产品质量法》第五十四条，责令改正，并处',
      '罚款人民币五千元。当事人对本决定不服的，可在六十日内申请行政',
      '复议，或在六个月内提起行政诉讼。',
    ],
    subjects: ['慈溪市卫山样例电器有限公司', '慈溪市匡堰样例轴承厂', '慈溪市观海样例塑料制品有限公司'],
    retention: 'Y',
  },
  {
    ...{ organisation: 'sthj', office: '慈溪市生态环境局', unit: 'HPK', unitName: '环境影响评价科', genre: '批复' },
    number: (year, n) => `慈环建〔${year}〕${n}号`,
    title: (subject) => `关于${subject}环境影响报告表的批复`,
    body: (subject, number) => [
      `${subject}建设单位：`,
      `　　你单位报送的环境影响报告表（${number}）收悉，经研究批复如下：`,
      '　　一、同意报告表结论。项目建设须严格执行环境保护“三同时”制度。',
      '　　二、废水经处理达标后纳入市政污水管网。',
      '　　三、落实报告表提出的各项环境风险防范措施。',
    ],
    subjects: ['样例滨海污水处理厂提标改造项目', '样例新材料年产三千吨改性塑料项目', '样例五金电镀园区集中供热项目'],
    retention: 'Y',
  },
  {
    ...{ organisation: 'yjgl', office: '慈溪市应急管理局', unit: 'BGS', unitName: '办公室', genre: '会议纪要' },
    number: (year, n) => `〔${year}〕${n}`,
    title: (subject) => `全市安全生产工作会议纪要（${subject}）`,
    body: (subject) => [
      `　　会议听取了${subject}全市安全生产形势的汇报，研究部署下一阶段工作。`,
      '　　会议议定：一、各镇（街道）于月底前完成重点企业隐患排查。',
      '　　二、对排查发现的重大隐患挂牌督办，逐项销号。',
      '　　三、加强值班值守和应急演练，确保信息报送及时准确。',
    ],
    subjects: ['第一季度', '第二季度', '第三季度', '防台专题'],
    retention: 'D10',
  },
  {
    ...{ organisation: 'wjj', office: '慈溪市卫生健康局', unit: 'YZK', unitName: '医政科', genre: '通知' },
    number: (year, n) => `慈卫发〔${year}〕${n}号`,
    title: (subject) => `关于印发${subject}的通知`,
    body: (subject, number) => [
      '各医疗卫生单位：',
      `　　现将《${subject}》印发给你们（${number}），请结合实际认真贯彻执行。`,
      '　　各单位应于每季度末将执行情况报送局医政科。',
    ],
    subjects: ['基层医疗机构处方点评工作方案', '突发公共卫生事件应急处置规程'],
    retention: 'D30',
  },
];

const day = (year: number, n: number): string =>
  `${year}-${String(1 + ((n * 5) % 9)).padStart(2, '0')}-${String(3 + ((n * 7) % 24)).padStart(2, '0')}`;

const page = (kind: Kind, subject: string, number: string, date: string): PdfLine[] => [
  { heading: kind.office },
  { heading: kind.genre },
  '',
  kind.title(subject),
  '',
  ...kind.body(subject, number),
  '',
  '',
  { right: kind.office },
  { right: date },
  '',
  '（演示数据，单位与事项均为虚构）',
];

const record = (kind: Kind, subject: string, number: string, date: string): Buffer =>
  Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n<办理过程><文号>${number}</文号><事项>${subject}</事项><收文>${date}</收文><承办>${kind.unitName}</承办><审核>科长审核</审核><签发>分管局长签发</签发></办理过程>\n`,
  );

const sheet = (subject: string): Buffer =>
  Buffer.from(
    `序号,材料名称,份数,形式\r\n1,申请书,1,电子\r\n2,营业执照,1,电子证照\r\n3,${subject}场所平面图,1,电子\r\n`,
  );

function documentOf(kind: Kind, year: number, n: number, subject: string): DemoDocument {
  const number = kind.number(year, 10 + n);
  const date = day(year, n);
  const title = kind.title(subject);
  const attachments = kind.genre === '决定书' && kind.retention === 'D30' ? ['材料清单'] : [];
  const files: DemoDocument['files'] = [
    { name: `${kind.genre}.pdf`, role: 'main', content: pdf(page(kind, subject, number, date)) },
    { name: '办理过程.xml', role: 'attachment', content: record(kind, subject, number, date) },
  ];
  if (attachments.length > 0) files.push({ name: '材料清单.csv', role: 'attachment', content: sheet(subject) });
  return {
    organisation: kind.organisation,
    fate: 'kept',
    files: files.map((f) => ({ ...f, sha256: createHash('sha256').update(f.content).digest('hex') })),
    metadata: {
      ...{ category: 'WS', year, retention: kind.retention, unit: kind.unit, unitName: kind.unitName, title, date },
      ...{ documentNumber: number, responsible: kind.office, secrecy: 'public', opening: 'open', genre: kind.genre },
      ...{ keywords: [kind.genre, kind.unitName], files: files.length, attachments, software: 'Jingwei 演示文书' },
    },
  };
}

/** All documents, those of the oldest year first; `year`: the present one. */
export function demoDocuments(year: number): DemoDocument[] {
  const kept = kinds.flatMap((kind) =>
    [year - 1, year].flatMap((of, i) => kind.subjects.map((subject, n) => documentOf(kind, of, 3 * i + n, subject))),
  );
  // Of a period that has ended: it waits for appraisal.
  const minutes = kinds[3]!;
  const old = minutes.subjects.slice(0, 2).map((subject, n) => documentOf(minutes, year - 13, n, subject));
  const controlled = documentOf(kinds[1]!, year, 7, '慈溪市横河样例工具有限公司');
  controlled.metadata = { ...controlled.metadata, opening: 'controlled', secrecy: 'internal' };
  const waiting = documentOf(kinds[2]!, year, 8, '样例湿地公园二期工程');
  const broken = documentOf(kinds[0]!, year, 9, '慈溪市坎墩样例烘焙店');
  // What goes wrong on the way: a file that was cut after its fingerprint was made.
  broken.files[0] = { ...broken.files[0]!, content: broken.files[0]!.content.subarray(0, 900) };
  return [...old, ...kept, controlled, { ...waiting, fate: 'passed' }, { ...broken, fate: 'failed' }];
}
