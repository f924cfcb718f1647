/**
 * Company names 企业名称: division (慈溪市) + trade name 字号 (公牛) + industry (电器) + legal form (有限公司); the division may stand in the middle
 * in brackets: 公牛（慈溪）电器有限公司. After the regulations on the registration of company names (企业名称登记管理规定).
 *
 * The parts are a reading by tables of divisions, trades and legal forms, good for matching and searching; only the register knows the
 * truth. What no table explains is the trade name.
 */

import { CharMap, HYPHENS, SPACES } from './characters.ts';
import { BRANCH_FORMS, LEGAL_FORMS, TRADE_WORD_LENGTH, TRADE_WORDS } from './company-words.ts';
import { type Division, findDivisions } from './divisions.ts';
import type { Normalised } from './kind.ts';

/** The parts of a company name. Parts that the name does not have are empty texts or undefined. */
export interface CompanyName {
  /** The normalised name. */
  name: string;
  /** The divisions as written, from the largest: `浙江省`, `慈溪`. */
  divisions: { text: string; code: string }[];
  /** A town or zone written after the division: `周巷镇`, `坎墩`, `经济技术开发区`. */
  town: string;
  /** 字号: what tells this company from others. */
  trade: string;
  /** Line of business: `电器`. */
  industry: string;
  /** True when the name carries 集团. */
  group: boolean;
  /** `股份有限公司`, `有限公司`, `厂` … */
  form: string;
  /** Content of the brackets at the end: `普通合伙`, `个人独资`. */
  qualifier: string;
  /** For a branch: the words after the parent's name, `宁波分公司`; the other parts are the parent's. */
  branch: string;
  /** Brackets that hold no division: `公牛（1995）`. */
  note: string;
}

/** Options: leading digits of the divisions whose counties may be written without 市, 县 or 区 (慈溪公牛电器): `3302`, `33`. */
export interface CompanyNameOptions {
  home?: string;
}

/** Width, spaces, brackets and dots of a company name; U+0001 stands for a space between Latin words while others are removed. */
export const companyNameMap: CharMap = new CharMap({
  drop: SPACES,
  map: {
    '(': '（',
    ')': '）',
    '（': '（',
    '）': '）',
    '[': '（',
    ']': '）',
    '【': '（',
    '】': '）',
    '〔': '（',
    '〕': '）',
    '{': '（',
    '}': '）',
    '•': '·',
    '・': '·',
    '･': '·',
    '‧': '·',
    '\u0001': ' ',
  },
});

/**
 * Normalises a company name: full-width letters and digits → half width, all kinds of brackets → （）, no spaces (a space between two Latin
 * words is kept). 有限责任公司 and 有限公司 stay distinct, since the licence says which.
 */
export function normaliseCompanyName(text: string): Normalised {
  const latin = text.replace(/([A-Za-z0-9.])[ \u00a0\u3000]+(?=[A-Za-z0-9])/g, '$1\u0001');
  const { value, changes } = companyNameMap.normalise(latin);
  if (latin === text) return { value, changes };
  const plain = companyNameMap.normalise(text).changes.filter((one) => one.kind !== 'space');
  if (value !== text) plain.push({ kind: 'space', at: 1, from: text, to: value });
  return { value, changes: plain };
}

/** What a key leaves out: spaces, brackets, dots, commas, hyphens; letters become upper case. */
export const companyKeyMap: CharMap = new CharMap({
  upper: true,
  drop: `${SPACES}${HYPHENS}()[]{}（）【】〔〕·•・･‧.。,，、&\u0001`,
});

/**
 * A key under which the usual spellings of one company are equal: half width, upper case, without brackets, dots, hyphens and spaces,
 * 有限责任公司 read as 有限公司.
 */
export function companyNameKey(text: string): string {
  return companyKeyMap.apply(text).replaceAll('有限责任公司', '有限公司');
}

interface Found {
  division: Division;
  length: number;
}

/** The longest division name at the start of a text. Names without suffix count for provinces and cities, and for counties at home. */
function leadingDivision(text: string, within: string, home: string): Found | undefined {
  for (let length = Math.min(text.length, 11); length >= 2; length--) {
    const name = text.slice(0, length);
    const candidates = findDivisions(name, within === '' ? {} : { within }).filter(
      (one) =>
        one.level !== 'town' &&
        (one.name === name ||
          one.level !== 'county' ||
          within.length >= 4 ||
          (home !== '' && one.code.startsWith(home))),
    );
    const best =
      candidates.find((one) => one.level === 'province') ??
      candidates.find((one) => home !== '' && one.code.startsWith(home)) ??
      candidates[0];
    if (best) return { division: best, length };
  }
  return undefined;
}

function prefixOf(division: Division): string {
  return division.level === 'province'
    ? division.code.slice(0, 2)
    : division.level === 'city'
      ? division.code.slice(0, 4)
      : '';
}

/** Takes divisions and a town from the start of a text. */
function takeDivisions(text: string, home: string): Pick<CompanyName, 'divisions' | 'town'> & { rest: string } {
  const divisions: CompanyName['divisions'] = [];
  let rest = text;
  let within = '';
  let county = false;
  for (;;) {
    const found = leadingDivision(rest, within, home);
    // A division alone is no name: something must remain for the trade name.
    if (!found || rest.length - found.length < 2) break;
    divisions.push({ text: rest.slice(0, found.length), code: found.division.code });
    rest = rest.slice(found.length);
    within = prefixOf(found.division);
    county = found.division.level === 'county';
    if (within === '') break;
  }
  const town = takeTown(rest, county ? (divisions.at(-1)?.code ?? '') : '', divisions.length > 0);
  return { divisions, town, rest: rest.slice(town.length) };
}

const ZONE =
  /^([\u4e00-\u9fff]{0,4}?(?:经济技术开发区|高新技术产业开发区|高新技术开发区|经济开发区|高新区|保税区|开发区|旅游度假区|工业园区))(?=.{3})/;

/** A town, street or zone at the start of what follows a division; towns of the table also without 镇 or 街道. */
function takeTown(text: string, county: string, divided: boolean): string {
  const zone = divided ? ZONE.exec(text)?.[1] : undefined;
  if (zone !== undefined) return zone;
  if (county === '') return '';
  const written = /^([\u4e00-\u9fff]{1,4}?(?:街道|镇|乡))(?=.{3})/.exec(text)?.[1];
  if (written !== undefined) return written;
  for (let length = 4; length >= 2; length--) {
    const known = findDivisions(text.slice(0, length), { within: county, level: 'town' }).length > 0;
    if (!known) continue;
    // The town stands before a trade name of its own: something besides the line of business and the form must remain.
    const rest = text.slice(length);
    const form = LEGAL_FORMS.find((one) => rest.endsWith(one)) ?? '';
    const body = rest.slice(0, rest.length - form.length);
    const { trade } = takeIndustry(body);
    if (trade.length >= 2 && !TRADE_WORDS.has(trade)) return text.slice(0, length);
  }
  return '';
}

/** Parts the line of business from the end of what stands before the legal form. */
function takeIndustry(text: string): { trade: string; industry: string } {
  let end = text.length;
  for (;;) {
    let taken = 0;
    for (let length = Math.min(TRADE_WORD_LENGTH, end - 2); length >= 2; length--) {
      if (TRADE_WORDS.has(text.slice(end - length, end))) {
        taken = length;
        break;
      }
    }
    if (taken === 0) break;
    end -= taken;
  }
  // A trade name has two to four characters as a rule: in a longer rest the line of business begins at the first known word. Names of
  // the whole country (中国农业银行) are one piece.
  if (end > 4 && !/^(中国|中华|全国)/.test(text)) {
    for (let start = 2; start <= 4; start++) {
      for (let length = Math.min(TRADE_WORD_LENGTH, end - start); length >= 2; length--) {
        if (TRADE_WORDS.has(text.slice(start, start + length)))
          return { trade: text.slice(0, start), industry: text.slice(start) };
      }
    }
  }
  return { trade: text.slice(0, end), industry: text.slice(end) };
}

/**
 * `…有限公司宁波分公司` → the parent and the branch's words. Whatever follows 有限公司 belongs to a branch (车间, 门店, 报刊亭 …); after other
 * forms the words must end as a branch's do.
 */
function takeBranch(name: string): { parent: string; branch: string } {
  const whole = { parent: name, branch: '' };
  const limited = /^(.*?(?:有限责任公司|有限公司))([^（）].+)$/.exec(name);
  const other = BRANCH_FORMS.some((form) => name.endsWith(form))
    ? /^(.*?(?:总公司|集团公司|公司|合作社|银行|总厂))(.+)$/.exec(name)
    : null;
  const [, parent = '', branch = ''] = limited ?? other ?? [];
  return parent.length >= 4 ? { parent, branch } : whole;
}

/** Reads a company name. Never fails: a name that no table explains is a trade name altogether. */
export function parseCompanyName(text: string, options: CompanyNameOptions = {}): CompanyName {
  const name = normaliseCompanyName(text).value;
  const home = options.home ?? '';
  let rest = name.replace(/（有限）(?=责任公司|公司)/, '有限').replace(/（股份）(?=有限公司)/, '股份');
  const qualifier = /（([^（）]*)）$/.exec(rest)?.[1] ?? '';
  if (qualifier !== '') rest = rest.slice(0, -qualifier.length - 2);
  const { parent, branch } = takeBranch(rest);
  const lead = takeDivisions(parent, home);
  rest = lead.rest;
  let note = '';
  const divisions = lead.divisions;
  const bracket = /（([^（）]+)）/.exec(rest);
  if (bracket) {
    const inner = bracket[1] as string;
    const found = leadingDivision(inner, '', home);
    const county = findDivisions(inner).find((one) => one.level !== 'town');
    if (found?.length === inner.length) divisions.push({ text: inner, code: found.division.code });
    else if (county) divisions.push({ text: inner, code: county.code });
    else note = inner;
    rest = rest.replace(bracket[0], '');
  }
  const form = LEGAL_FORMS.find((one) => rest.endsWith(one) && rest.length - one.length !== 1) ?? '';
  let body = form === '' ? rest : rest.slice(0, -form.length);
  let legal = form;
  const group = /集团/.test(body) || form.startsWith('集团');
  if (legal.startsWith('集团') && legal !== '集团公司') legal = legal.slice(2);
  if (body.endsWith('集团')) body = body.slice(0, -2);
  const read = takeIndustry(body);
  // 余姚市余姚镇电器配件厂 has no trade name: what remains is itself a line of business.
  const nameless = lead.town !== '' && TRADE_WORDS.has(read.trade);
  const trade = nameless ? '' : read.trade;
  const industry = nameless ? read.trade + read.industry : read.industry;
  return { name, divisions, town: lead.town, trade, industry, group, form: legal, qualifier, branch, note };
}

/**
 * What people call the company, most specific first: 公牛集团股份有限公司 → 公牛集团, 公牛; 慈溪市公牛电器有限公司 → 慈溪公牛电器, 公牛电器, 慈溪公牛, 公牛. The full name
 * is not among them. Candidates are for finding, they do not tell companies apart.
 */
export function companyAbbreviations(text: string, options: CompanyNameOptions = {}): string[] {
  const parts = parseCompanyName(text, options);
  const place = (parts.divisions.at(-1)?.text ?? '').replace(/(特别行政区|自治区|自治州|自治县|[省市县区])$/, '');
  const short =
    (parts.divisions.at(-1)?.text.length ?? 0) > 2 && place.length >= 2 ? place : (parts.divisions.at(-1)?.text ?? '');
  const { trade, industry } = parts;
  const end = parts.group ? '集团' : '';
  const candidates = [
    short + trade + industry + end,
    trade + industry + end,
    short + trade + end,
    trade + end,
    trade + industry,
    short + trade,
    trade,
  ];
  if (parts.form.startsWith('股份')) candidates.push(`${trade}股份`);
  return [...new Set(candidates)].filter((one) => one.length >= 2 && one !== parts.name);
}
