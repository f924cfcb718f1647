/** Where a figure comes from, in words: the departments' sources behind record views, and the hub's own views. */

/** A source of records. */
export interface Source {
  source: string;
  owner: string;
  zh: string;
  en: string;
}

/** The view of a source's records, with its schema. */
export const recordViewOf = (source: string): string => `v.record_${source.replace(/[^a-z0-9]+/g, '_')}_v1`;

const own: readonly [RegExp, { zh: string; en: string }][] = [
  [/^v\.legal_person/, { zh: '法人库', en: 'Library of legal persons' }],
  [/^v\.(person|household)/, { zh: '人口库', en: 'Library of people' }],
  [/^v\.economy/, { zh: '工业经济库', en: 'Library of the industrial economy' }],
  [/^v\.credit/, { zh: '信用评分', en: 'Credit scores' }],
  [/^v\.list/, { zh: '比对清单', en: 'Comparison lists' }],
  [/^v\.theme/, { zh: '主题库', en: 'Thematic libraries' }],
  [/^v\.assessment/, { zh: '共享与考核台账', en: 'Records of sharing and assessment' }],
  [/^v\.(reading|latest|series)|^[A-Z]/, { zh: '物联感知', en: 'Sensing' }],
  [/^v\.alert/, { zh: '预警', en: 'Warnings' }],
  [/^v\.event/, { zh: '事件', en: 'Events' }],
  [/^v\.(resource|duty|operation)/, { zh: '应急指挥', en: 'Emergency command' }],
  [/^v\.risk/, { zh: '风险评估', en: 'Risk' }],
  [/^v\.(run|quality|profile|integration|refined)/, { zh: '归集与治理', en: 'Exchange and refinery' }],
  [/^v\.(class|declaration)/, { zh: '资源目录', en: 'Catalogue' }],
  [/^v\.(building|dwelling)/, { zh: '建筑库', en: 'Library of buildings' }],
  [/./, { zh: '地理库', en: 'Geographic libraries' }],
];

/** The sources behind views and topics, each once, in words. */
export function sourcesOf(
  names: readonly string[],
  sources: ReadonlyMap<string, Source>,
): { zh: string; en: string; owner: string | null }[] {
  const found = new Map<string, { zh: string; en: string; owner: string | null }>();
  for (const name of names) {
    const view = name.replace(/^v\.(?:[a-z]+_)record_/, 'v.record_');
    const source = sources.get(view);
    const words = source ?? own.find(([test]) => test.test(name))![1];
    found.set(words.zh, { zh: words.zh, en: words.en, owner: source?.owner ?? null });
  }
  return [...found.values()];
}
