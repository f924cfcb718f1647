/** Units and currencies as declarations and departments write them, in Chinese, and how an English page writes them. */
import type { Language } from './index.ts';

/** English by the Chinese word. A unit that is a multiple says so: the number before it is never changed. */
export const englishUnits: Readonly<Record<string, string>> = {
  元: 'CNY',
  万元: '×10,000 CNY',
  千元: '×1,000 CNY',
  亿元: '×100 million CNY',
  美元: 'USD',
  万美元: '×10,000 USD',
  人民币: 'CNY',
  人民币元: 'CNY',
  欧元: 'EUR',
  日元: 'JPY',
  英镑: 'GBP',
  港元: 'HKD',
  港币: 'HKD',
  新台币: 'TWD',
  人: 'people',
  人次: 'visits',
  户: 'households',
  家: 'enterprises',
  年: 'years',
  月: 'months',
  天: 'days',
  日: 'days',
  小时: 'h',
  期: 'periods',
  张: 'sheets',
  份: 'copies',
  套: 'sets',
  处: 'places',
  件: 'items',
  次: 'times',
  个: 'items',
  辆: 'vehicles',
  吨: 't',
  千克: 'kg',
  公斤: 'kg',
  千瓦时: 'kWh',
  万千瓦时: '×10,000 kWh',
  吨标准煤: 't of standard coal',
  万立方米: '×10,000 m³',
  岁: 'years',
  千瓦: 'kW',
  立方米: 'm³',
  平方米: 'm²',
  公顷: 'ha',
  亩: 'mu',
  米: 'm',
  千米: 'km',
  公里: 'km',
  毫克每升: 'mg/L',
};

/** A unit or currency in the page's language; a word that has no English stands as it is. */
export function unitText(unit: string | null | undefined, language: Language): string {
  if (!unit) return '';
  return language === 'zh' ? unit : (englishUnits[unit] ?? unit);
}
