/** The sentences of the report, in both languages. */
import type { Language } from './content.ts';

const texts = {
  kind: { zh: '月度通报', en: 'Monthly report' },
  provisional: { zh: '初步结果 · 尚未封账', en: 'Provisional · the month is not closed' },
  version: { zh: '第 {n} 版结果', en: 'Result version {n}' },
  corrected: { zh: '（经异议更正）', en: ' (corrected after an objection)' },
  month: { zh: '{y} 年 {m} 月', en: '{y}-{m}' },
  issued: { zh: '{day} 依据本平台记录计算', en: 'Computed from the hub’s records as of {day}' },
  formula: { zh: '考核办法 {edition} 版，自 {from} 起施行', en: 'Formula {edition}, in force from {from}' },
  summary: { zh: '一、总体情况', en: '1 Summary' },
  ranking: { zh: '二、得分排名', en: '2 Ranking' },
  indicators: { zh: '三、各指标得分率与趋势', en: '3 Indicators and trend' },
  units: { zh: '四、各单位得失分', en: '4 Units' },
  method: { zh: '五、计分办法', en: '5 Method' },
  objections: { zh: '六、异议办理', en: '6 Objections' },
  proof: { zh: '七、签封与核验', en: '7 Seal and verification' },
  assessed: { zh: '参评单位', en: 'Units' },
  ranked: { zh: '参与排名', en: 'Ranked' },
  mean: { zh: '平均分', en: 'Mean score' },
  lostAll: { zh: '失分合计', en: 'Points lost' },
  lead: {
    zh: '{month}共考核 {n} 个单位，其中 {r} 个参与排名，平均 {mean} 分。',
    en: '{n} units were assessed in {month}, {r} of them ranked; the mean is {mean}.',
  },
  first: { zh: '得分居前的是{names}。', en: 'The highest scores: {names}.' },
  worst: { zh: '失分主要集中在{names}。', en: 'Most points were lost at: {names}.' },
  risen: { zh: '进步较大的是{names}。', en: 'Most improved: {names}.' },
  noBefore: {
    zh: '本平台没有更早月份的记录，本期不作环比。',
    en: 'The hub has no records of earlier months; nothing is compared with before.',
  },
  rank: { zh: '名次', en: 'Rank' },
  unit: { zh: '单位', en: 'Unit' },
  score: { zh: '得分', en: 'Score' },
  change: { zh: '环比', en: 'Change' },
  mostLost: { zh: '主要失分', en: 'Most lost at' },
  unranked: { zh: '不排名', en: '–' },
  unrankedNote: {
    zh: '适用指标权重不足 {n}% 的单位只列得分，不参与排名。',
    en: 'Units of which less than {n} % of the weights apply are shown and not ranked.',
  },
  shareTitle: { zh: '各指标平均得分率', en: 'Mean share of the points reached' },
  trendTitle: { zh: '平均分走势', en: 'Mean score by month' },
  dayTitle: { zh: '本月逐日平均分', en: 'Mean score by day of the month' },
  oneMonth: {
    zh: '走势自本平台有记录的第一个月起；目前只有本月。',
    en: 'The trend begins with the hub’s first records; there is only this month so far.',
  },
  absent: { zh: '平台暂无此类记录，未计', en: 'no such records yet: not counted' },
  nobody: { zh: '本月无适用单位', en: 'applies to nobody' },
  indicator: { zh: '指标', en: 'Indicator' },
  weight: { zh: '权重', en: 'Weight' },
  cases: { zh: '记录', en: 'Records' },
  measure: { zh: '实际值', en: 'Measured' },
  points: { zh: '得分', en: 'Points' },
  lost: { zh: '失分', en: 'Lost' },
  'state.none': { zh: '无相应业务，不适用', en: 'no cases: not applied' },
  'state.absent': { zh: '平台暂无此类记录', en: 'no such records' },
  'state.waived': { zh: '经异议不计', en: 'waived after an objection' },
  rankOf: { zh: '得分 {score}，{rank}', en: 'Score {score}, {rank}' },
  rankNo: { zh: '第 {n} 名', en: 'rank {n}' },
  whyLost: { zh: '失分依据与改进', en: 'Points lost and what to do' },
  lostLine: { zh: '{title}：失 {n} 分。{advice}。', en: '{title}: {n} lost. {advice}.' },
  record: { zh: '{title}{note}，失 {n} 分', en: '{title}{note}: {n} lost' },
  more: { zh: '另有 {n} 条，见系统内该单位页面', en: '{n} more on the unit’s page' },
  nothingLost: { zh: '本月没有失分。', en: 'No points were lost.' },
  spread: {
    zh: '不适用或暂无记录的指标，其权重按比例分给其他适用指标；下表“权重”为分配后的有效权重，各项得分之和即为总分。',
    en: 'The weight of what does not apply is spread over the rest; the tables show weights in effect, and the points sum up to the score.',
  },
  share: { zh: '满分值 {full}，零分值 {zero}', en: 'full marks at {full}, none at {zero}' },
  ground: { zh: '依据：{text}', en: 'Ground: {text}' },
  noObjections: { zh: '本期没有已办结的异议。', en: 'No objections were decided.' },
  'objection.open': { zh: '办理中', en: 'open' },
  'objection.accepted': { zh: '采纳', en: 'accepted' },
  'objection.rejected': { zh: '不采纳', en: 'rejected' },
  'objection.withdrawn': { zh: '已撤回', en: 'withdrawn' },
  what: { zh: '异议内容', en: 'Objection' },
  outcome: { zh: '结果', en: 'Outcome' },
  proofText: {
    zh: '本结果（名次、得分、指标和每一条记录）的 SHA-256 摘要如下，已以无钥签名签封，编号 {n}。扫码或在“可信标签”中输入编号，可查看签名时间并核验；在系统“考核晾晒”中可按留存记录重新计算，与本摘要比对。',
    en: 'The SHA-256 digest below covers this result: ranks, scores, points and every record. It is sealed with a keyless signature, number {n}. Scan the code, or enter the number under trusted tags, to see the signing time and verify it; the assessment’s pages reckon the month again from its records and compare the digest.',
  },
  proofDraft: {
    zh: '本期尚未封账，以下摘要随记录变化；封账后将加签封。',
    en: 'The month is not closed: the digest below changes with the records. It is sealed when the month is closed.',
  },
  qr: { zh: '签封编号 {n} 的核验地址', en: 'Address at which seal {n} is verified' },
  page: { zh: '第 {n} 页 共 {of} 页', en: 'Page {n} of {of}' },
  foot: { zh: '{city} · {title} · {month}', en: '{city} · {title} · {month}' },
  contents: { zh: '本通报由数据枢纽依据自身记录自动生成', en: 'Made by the data hub from its own records' },
  reason: { zh: '制定理由：{text}', en: 'Reason: {text}' },
} as const;

export type TextKey = keyof typeof texts;

/** The texts of a language, with `{name}` filled in. */
export function speech(language: Language) {
  return (key: TextKey, params: Record<string, string | number> = {}): string =>
    texts[key][language].replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? ''));
}

/** Every character of the texts, so that fonts can be cut. */
export const allTexts = (language: Language): string =>
  Object.values(texts)
    .map((t) => t[language])
    .join('');
