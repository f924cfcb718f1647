/**
 * Names on English pages of what has only a Chinese name: towns by their reading, sections and two-digit divisions of
 * GB/T 4754 in our translation. The Chinese name stands beside them wherever there is room.
 */
import { pinyin } from 'pinyin-pro';

/** Sections (门类) of GB/T 4754—2017. */
const SECTIONS: Readonly<Record<string, string>> = {
  A: 'Agriculture, forestry and fishing',
  B: 'Mining',
  C: 'Manufacturing',
  D: 'Electricity, heat, gas and water',
  E: 'Construction',
  F: 'Wholesale and retail',
  G: 'Transport, storage and post',
  H: 'Accommodation and catering',
  I: 'Information and software',
  J: 'Finance',
  K: 'Real estate',
  L: 'Leasing and business services',
  M: 'Research and technical services',
  N: 'Water, environment and public facilities',
  O: 'Household and repair services',
  P: 'Education',
  Q: 'Health and social work',
  R: 'Culture, sports and entertainment',
  S: 'Public administration and organisations',
  T: 'International organisations',
};

/** Divisions (大类) 01 to 97 in their order. */
const DIVISIONS = `Crops; Forestry; Animal husbandry; Fishing; Services to agriculture
Coal mining; Oil and gas extraction; Ferrous ores; Non-ferrous ores; Non-metal ores; Mining support; Other mining
Processing of farm produce; Food; Drinks and refined tea; Tobacco; Textiles; Clothing; Leather and footwear; Wood products; Furniture; Paper; Printing and recorded media; Culture, sports and craft goods; Oil refining and coking; Chemicals; Medicines; Chemical fibres; Rubber and plastics; Non-metallic minerals; Ferrous metals; Non-ferrous metals; Metal products; General machinery; Special machinery; Motor vehicles; Rail, ship, aircraft and other transport equipment; Electrical machinery; Computers and electronics; Instruments; Other manufacturing; Recycling of waste; Repair of metal goods and machinery
Electricity and heat; Gas; Water
Buildings; Civil engineering; Installation; Decoration and other building
Wholesale; Retail
Rail transport; Road transport; Water transport; Air transport; Pipelines; Freight forwarding; Loading and storage; Post
Accommodation; Catering
Telecommunications and broadcasting; Internet services; Software and IT services
Banking; Capital markets; Insurance; Other finance
Real estate
Leasing; Business services
Research; Professional services; Technology promotion
Water management; Ecology and environment; Public facilities; Land management
Household services; Repair of vehicles, electronics and household goods; Other services
Education
Health; Social work
News and publishing; Broadcasting and film; Culture and arts; Sports; Entertainment
Party organs; State organs; Political bodies; Social security; Mass organisations; Grass-roots self-government
International organisations`
  .split(/[;\n]/)
  .map((name) => name.trim());

/** English name of a section letter, or null. */
export const englishSection = (letter: string): string | null => SECTIONS[letter] ?? null;

/** English name of the division of an industry code (with or without its letter), or null. */
export function englishIndustry(code: string): string | null {
  if (/^[A-T]$/.test(code)) return englishSection(code);
  const division = /^[A-T]?(\d{2})/.exec(code);
  return division ? (DIVISIONS[Number(division[1]) - 1] ?? null) : null;
}

const KINDS: readonly [string, string][] = [
  ['街道', 'Subdistrict'],
  ['高新技术产业园区', 'High-Tech Park'],
  ['产业园区', 'Industrial Park'],
  ['商贸园区', 'Trade Park'],
  ['园区', 'Park'],
  ['创新中心', 'Innovation Centre'],
  ['农业开发区', 'Agricultural Zone'],
  ['经济开发区', 'Economic Development Zone'],
  ['开发区', 'Development Zone'],
  ['新区', 'New Area'],
  ['镇', 'Town'],
  ['乡', 'Township'],
  ['区', 'District'],
  ['县', 'County'],
  ['市', 'City'],
];

/** A place's name in letters: 周巷镇 → Zhouxiang Town. A name without a known kind is only spelt. */
export function englishPlace(name: string): string {
  const kind = KINDS.find(([zh]) => name.endsWith(zh));
  if (kind && name === kind[0]) return kind[1];
  const own = kind ? name.slice(0, -kind[0].length) : name;
  const spelt = pinyin(own, { toneType: 'none', type: 'array', v: true }).join('');
  return `${spelt.charAt(0).toUpperCase()}${spelt.slice(1)}${kind ? ` ${kind[1]}` : ''}`;
}
