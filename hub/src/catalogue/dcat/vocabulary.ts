/**
 * Namespaces and code lists of DCAT-AP 3.0.1 (SEMIC) as this hub uses them. What DCAT has no term for stands in the hub's own namespace,
 * `urn:jingwei:dcat#`, which other readers pass over.
 */
import type { Bilingual } from '../../platform/i18n/index.ts';
import type { Cadence } from '../api.ts';

/** Prefixes of both writers, and the whole of the JSON-LD context: no context is ever fetched from elsewhere. */
export const prefixes = {
  adms: 'http://www.w3.org/ns/adms#',
  csvw: 'http://www.w3.org/ns/csvw#',
  dcat: 'http://www.w3.org/ns/dcat#',
  dcatap: 'http://data.europa.eu/r5r/',
  dct: 'http://purl.org/dc/terms/',
  eli: 'http://data.europa.eu/eli/ontology#',
  foaf: 'http://xmlns.com/foaf/0.1/',
  hydra: 'http://www.w3.org/ns/hydra/core#',
  jw: 'urn:jingwei:dcat#',
  rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  rdfs: 'http://www.w3.org/2000/01/rdf-schema#',
  skos: 'http://www.w3.org/2004/02/skos/core#',
  spdx: 'http://spdx.org/rdf/terms#',
  vcard: 'http://www.w3.org/2006/vcard/ns#',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
} as const;

/** `dct:title` as a whole IRI; a name without a known prefix is one already. */
export function expand(name: string): string {
  const at = name.indexOf(':');
  const space = prefixes[name.slice(0, at) as keyof typeof prefixes];
  return space === undefined ? name : space + name.slice(at + 1);
}

const authority = 'http://publications.europa.eu/resource/authority';
export const DCAT_AP = 'https://semiceu.github.io/DCAT-AP/releases/3.0.1/';
export const LANGUAGES = { zh: `${authority}/language/ZHO`, en: `${authority}/language/ENG` } as const;
export const FREQUENCY = `${authority}/frequency/`;
export const ACCESS = `${authority}/access-right/`;
export const FILE_TYPE = `${authority}/file-type/`;
export const EU_THEME = `${authority}/data-theme/`;
export const MEDIA_TYPE = 'http://www.iana.org/assignments/media-types/';

/** Update cycles as codes of the frequency authority; 每半月 is its "twice a month". */
export const frequencies: Readonly<Record<Cadence, string>> = {
  realtime: 'UPDATE_CONT',
  daily: 'DAILY',
  weekly: 'WEEKLY',
  'half-monthly': 'MONTHLY_2',
  monthly: 'MONTHLY',
  quarterly: 'QUARTERLY',
  yearly: 'ANNUAL',
};

/** The cycle that a frequency of the authority stands for here; the next longer one where there is none of that length. */
export const cycleOf: Readonly<Record<string, Cadence>> = {
  ...{ UPDATE_CONT: 'realtime', CONT: 'realtime', HOURLY: 'realtime', '1MIN': 'realtime', '5MIN': 'realtime' },
  ...{ '10MIN': 'realtime', '15MIN': 'realtime', '30MIN': 'realtime', '12HRS': 'daily', BIHOURLY: 'daily' },
  ...{ TRIHOURLY: 'daily', DAILY_2: 'daily', DAILY: 'daily', WEEKLY_2: 'weekly', WEEKLY_3: 'weekly' },
  ...{ WEEKLY_5: 'weekly', WEEKLY: 'weekly', BIWEEKLY: 'half-monthly', MONTHLY_2: 'half-monthly' },
  ...{ MONTHLY_3: 'half-monthly', MONTHLY: 'monthly', BIMONTHLY: 'quarterly', QUARTERLY: 'quarterly' },
  ...{ ANNUAL_3: 'yearly', ANNUAL_2: 'yearly', ANNUAL: 'yearly' },
};

/** Themes of the European data portal for 项 of the guide's classification, where one fits. */
export const euThemes: Readonly<Record<string, { code: string; title: Bilingual }>> = (() => {
  const t = (code: string, zh: string, en: string) => ({ code, title: { zh, en } });
  const soci = t('SOCI', '人口与社会', 'Population and society');
  const econ = t('ECON', '经济与金融', 'Economy and finance');
  const gove = t('GOVE', '政府与公共部门', 'Government and public sector');
  const regi = t('REGI', '区域与城市', 'Regions and cities');
  const just = t('JUST', '司法、法律与公共安全', 'Justice, legal system and public safety');
  return {
    ...{ '101': soci, '102': econ, '103': regi, '104': econ, '105': gove, '201': gove, '203': soci },
    ...{ '202': t('HEAL', '健康', 'Health'), '204': t('AGRI', '农业与食品', 'Agriculture and food'), '205': just },
    ...{ '206': econ, '207': t('ENER', '能源', 'Energy'), '208': econ, '209': regi, '210': soci },
    ...{ '211': t('ENVI', '环境', 'Environment'), '212': just, '305': just, '306': just, '307': gove, '308': gove },
  };
})();

/** Chinese types of publishers (机构类型), by `kind` of the city's organisations. */
export const publisherTypes: Readonly<Record<string, Bilingual>> = {
  government: { zh: '政府部门', en: 'Government department' },
  court: { zh: '人民法院', en: "People's court" },
  procuratorate: { zh: '人民检察院', en: "People's procuratorate" },
  party: { zh: '党委部门', en: 'Party office' },
  institution: { zh: '事业单位', en: 'Public institution' },
  enterprise: { zh: '公共企业', en: 'Public enterprise' },
  bank: { zh: '金融机构', en: 'Financial institution' },
};

/** Extensions of formats with their codes in the file type authority and at IANA, where there are such. */
export const formats: Readonly<Record<string, { code: string; media: string | null }>> = {
  csv: { code: 'CSV', media: 'text/csv' },
  json: { code: 'JSON', media: 'application/json' },
  jsonl: { code: 'JSON', media: 'application/x-ndjson' },
  xlsx: { code: 'XLSX', media: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' },
  xls: { code: 'XLS', media: 'application/vnd.ms-excel' },
  xml: { code: 'XML', media: 'application/xml' },
  pdf: { code: 'PDF', media: 'application/pdf' },
  txt: { code: 'TXT', media: 'text/plain' },
  parquet: { code: 'PARQUET', media: 'application/vnd.apache.parquet' },
  geojson: { code: 'GEOJSON', media: 'application/geo+json' },
  shp: { code: 'SHP', media: null },
  jpg: { code: 'JPEG', media: 'image/jpeg' },
  png: { code: 'PNG', media: 'image/png' },
};
