/**
 * The elements of an address (地址要素): the label set of Li et al., "Neural Chinese Address Parsing" (NAACL 2019), with the names that
 * this package uses. GB/T 23705-2009 speaks of
 * the same parts as 行政区域, 基本区域限定物 and 局部点位置描述.
 */

/** Every label in the order from large to small; `redundant` is what says nothing about the place, `otherinfo` what fits nowhere. */
export const LABELS = [
  'country',
  'province',
  'city',
  'district',
  'devzone',
  'town',
  'community',
  'road',
  'roadno',
  'subroad',
  'subroadno',
  'poi',
  'subpoi',
  'houseno',
  'cellno',
  'floorno',
  'roomno',
  'person',
  'assist',
  'redundant',
  'otherinfo',
] as const;

/** One label of {@link LABELS}. */
export type Label = (typeof LABELS)[number];

/** What each label is called. */
export const LABEL_TITLES: Readonly<Record<Label, { zh: string; en: string }>> = {
  country: { zh: '国家', en: 'country' },
  province: { zh: '省级行政区', en: 'province' },
  city: { zh: '地级行政区', en: 'prefecture or municipality' },
  district: { zh: '县级行政区', en: 'county, district or county-level city' },
  devzone: { zh: '开发区', en: 'development zone' },
  town: { zh: '乡镇街道', en: 'town, township or street office' },
  community: { zh: '村社区', en: 'village or community' },
  road: { zh: '道路（组）', en: 'road, or group of a village' },
  roadno: { zh: '门牌号', en: 'number on the road' },
  subroad: { zh: '支路', en: 'side road' },
  subroadno: { zh: '支路门牌号', en: 'number on the side road' },
  poi: { zh: '兴趣点（小区、单位）', en: 'estate, building or institution' },
  subpoi: { zh: '子兴趣点', en: 'part of it' },
  houseno: { zh: '楼栋号', en: 'building number' },
  cellno: { zh: '单元号', en: 'unit (entrance)' },
  floorno: { zh: '楼层', en: 'floor' },
  roomno: { zh: '房号', en: 'room' },
  person: { zh: '楼内单位或个人', en: 'who is inside' },
  assist: { zh: '辅助定位词', en: 'word of position' },
  redundant: { zh: '冗余', en: 'says nothing of the place' },
  otherinfo: { zh: '其他', en: 'anything else' },
};

/** One element of an address: `text` stands at `[start, end)` of the original (UTF-16 code units). */
export interface Element {
  label: Label;
  text: string;
  start: number;
  end: number;
  /** The text in canonical form: half width, no spaces, numerals and units of numbers unified (拾贰栋 → 12幢). */
  value: string;
  /** 0 … 1: how clearly this reading wins over the best reading without it. */
  confidence: number;
  /** Codes (GB/T 2260) of the divisions that bear this name, the likeliest first; only where the table knows them. */
  codes?: readonly string[];
}
