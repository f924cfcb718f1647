/**
 * Unified social credit code 统一社会信用代码 (GB 32100-2015): 18 characters out of `0123456789ABCDEFGHJKLMNPQRTUWXY`.
 * Position 1 registering department, 2 category, 3-8 division, 9-17 organisation code, 18 check character:
 * (31 − Σ value·3^i mod 31) **mod 31**. Without the last mod every code that ends in 0 would be refused (1 in 31).
 */

import { digitLike, valueTable } from './characters.ts';
import { divisionKnown } from './division-known.ts';
import { type CodeKind, type Outcome, outcome, type Reason, reason } from './kind.ts';
import { generateOrgcodeWithin, orgcodeCheckCharacter, orgcodeValidAt } from './orgcode.ts';
import { letters, pick, randomOf } from './random.ts';

/** The parts of a unified social credit code. */
export interface Uscc {
  code: string;
  department: { code: string; zh: string; en: string } | undefined;
  category: { code: string; zh: string; en: string } | undefined;
  /** Six digits of GB/T 2260 (development zones may have codes of their own that no table lists). */
  division: string;
  /** The nine characters of the organisation code inside, without hyphen. */
  orgcode: string;
  /** Whether the organisation code's own check character (GB 11714) fits. */
  orgcodeValid: boolean;
  check: string;
}

/** The 31 characters of GB 32100-2015 in the order of their values: no I, O, S, V, Z. */
export const USCC_ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';

/** Weights 3^i mod 31 of positions 1-17. */
export const USCC_WEIGHTS: readonly number[] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

const VALUES = valueTable(USCC_ALPHABET);
const WEIGHTS = new Uint8Array(USCC_WEIGHTS);

/** Registering departments (position 1) and their categories (position 2), GB 32100-2015 with amendment 1. */
export const USCC_DEPARTMENTS: Readonly<
  Record<string, { zh: string; en: string; categories: Readonly<Record<string, readonly [zh: string, en: string]>> }>
> = {
  1: {
    zh: '机构编制',
    en: 'institutional staffing',
    categories: {
      1: ['机关', 'state organ'],
      2: ['事业单位', 'public institution'],
      3: ['编办直接管理机构编制的群众团体', 'mass organisation with state staffing'],
      9: ['其他', 'other'],
    },
  },
  2: {
    zh: '外交',
    en: 'foreign affairs',
    categories: { 1: ['外国常驻新闻机构', 'resident foreign news office'], 9: ['其他', 'other'] },
  },
  3: {
    zh: '司法行政',
    en: 'justice administration',
    categories: {
      1: ['律师执业机构', 'law firm'],
      2: ['公证处', 'notary office'],
      3: ['基层法律服务所', 'grass-roots legal service'],
      4: ['司法鉴定机构', 'forensic institution'],
      5: ['仲裁委员会', 'arbitration commission'],
      9: ['其他', 'other'],
    },
  },
  4: {
    zh: '文化',
    en: 'culture',
    categories: { 1: ['外国在华文化中心', 'foreign cultural centre'], 9: ['其他', 'other'] },
  },
  5: {
    zh: '民政',
    en: 'civil affairs',
    categories: {
      1: ['社会团体', 'social association'],
      2: ['民办非企业单位', 'private non-enterprise unit'],
      3: ['基金会', 'foundation'],
      9: ['其他', 'other'],
    },
  },
  6: {
    zh: '旅游',
    en: 'tourism',
    categories: {
      1: ['外国旅游部门常驻代表机构', 'resident office of a foreign tourism department'],
      2: [
        '港澳台地区旅游部门常驻内地（大陆）代表机构',
        'resident office of a Hong Kong, Macao or Taiwan tourism department',
      ],
      9: ['其他', 'other'],
    },
  },
  7: {
    zh: '宗教',
    en: 'religion',
    categories: { 1: ['宗教活动场所', 'place of worship'], 2: ['宗教院校', 'religious school'], 9: ['其他', 'other'] },
  },
  8: { zh: '工会', en: 'trade unions', categories: { 1: ['基层工会', 'grass-roots union'], 9: ['其他', 'other'] } },
  9: {
    zh: '市场监督管理（工商）',
    en: 'market supervision',
    categories: {
      1: ['企业', 'enterprise'],
      2: ['个体工商户', 'individual business'],
      3: ['农民专业合作社', 'farmers cooperative'],
      9: ['其他', 'other'],
    },
  },
  A: {
    zh: '中央军委改革和编制办公室',
    en: 'military staffing office',
    categories: { 1: ['军队事业单位', 'military institution'], 9: ['其他', 'other'] },
  },
  N: {
    zh: '农业农村',
    en: 'agriculture and rural affairs',
    categories: {
      1: ['组级集体经济组织', 'collective economic organisation of a group'],
      2: ['村级集体经济组织', 'collective economic organisation of a village'],
      3: ['乡镇级集体经济组织', 'collective economic organisation of a town'],
      9: ['其他', 'other'],
    },
  },
  Y: { zh: '其他', en: 'other', categories: { 1: ['其他', 'other'] } },
};

/** Value of the check position for the first 17 characters, or -1 where one of them is not of the alphabet. */
function checkValue(text: string): number {
  let sum = 0;
  for (let i = 0; i < 17; i++) {
    const code = text.charCodeAt(i);
    const value = code < 128 ? (VALUES[code] as number) : -1;
    if (value < 0) return -1;
    sum += value * (WEIGHTS[i] as number);
  }
  return (31 - (sum % 31)) % 31;
}

/** The check character of the first 17 characters, or undefined where they are not 17 of the alphabet. */
export function usccCheckCharacter(first17: string): string | undefined {
  const value = first17.length === 17 ? checkValue(first17) : -1;
  return value < 0 ? undefined : USCC_ALPHABET[value];
}

function check(text: string): boolean {
  if (text.length !== 18) return false;
  // Position 3-8 are digits by definition; the table value tells it (digits are 0-9).
  for (let i = 2; i < 8; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) return false;
  }
  const last = text.charCodeAt(17);
  const value = checkValue(text);
  return value >= 0 && last < 128 && VALUES[last] === value;
}

function explain(text: string): Reason[] {
  if (text === '') return [reason('codes.empty')];
  if (text.length !== 18) {
    return [reason('codes.length', { part: 'length', expected: '18', got: String(text.length) })];
  }
  const reasons: Reason[] = [];
  for (let i = 0; i < 18; i++) {
    const got = text[i] as string;
    const digit = i >= 2 && i < 8;
    if (digit ? !(got >= '0' && got <= '9') : !USCC_ALPHABET.includes(got)) {
      const part = i === 0 ? 'department' : i === 1 ? 'category' : digit ? 'division' : i < 17 ? 'orgcode' : 'check';
      reasons.push(
        reason('codes.character', { part, at: i + 1, expected: digit ? '0-9' : '0-9 A-H J-N P-R T U W X Y', got }),
      );
    }
  }
  if (reasons.length > 0) return reasons;
  const expected = usccCheckCharacter(text.slice(0, 17)) as string;
  if (expected !== text[17]) {
    reasons.push(reason('codes.check-digit', { part: 'check', at: 18, expected, got: text[17] as string }));
  }
  const department = USCC_DEPARTMENTS[text[0] as string];
  if (!department) {
    reasons.push(
      reason('codes.department', { part: 'department', at: 1, got: text[0] as string, severity: 'warning' }),
    );
  } else if (!department.categories[text[1] as string]) {
    reasons.push(reason('codes.category', { part: 'category', at: 2, got: text[1] as string, severity: 'warning' }));
  }
  const division = text.slice(2, 8);
  if (!divisionKnown(division)) {
    reasons.push(reason('codes.division', { part: 'division', at: 3, got: division, severity: 'warning' }));
  }
  const inside = text.slice(8, 17);
  if (!orgcodeValidAt(text, 8)) {
    const wanted = orgcodeCheckCharacter(inside.slice(0, 8)) as string;
    reasons.push(
      reason('codes.orgcode-inside', { part: 'orgcode', at: 17, expected: wanted, got: inside, severity: 'warning' }),
    );
  }
  return reasons;
}

/** What `uscc.generate` can be asked for; everything else is random. */
export interface UsccWishes {
  department?: string;
  category?: string;
  division?: string;
  /** A nine-character organisation code to stand inside. */
  orgcode?: string;
}

/**
 * Unified social credit code. Errors: length, characters, check character. Warnings: a department, category or division that
 * the tables do not know, an organisation code inside whose own check character does not fit.
 */
export const uscc: CodeKind<Uscc, UsccWishes> = {
  name: 'uscc',
  title: { zh: '统一社会信用代码', en: 'unified social credit code' },
  check,
  explain,
  parse(text): Outcome<Uscc> {
    return outcome(explain(text), () => {
      const department = USCC_DEPARTMENTS[text[0] as string];
      const category = department?.categories[text[1] as string];
      return {
        code: text,
        department: department && { code: text[0] as string, zh: department.zh, en: department.en },
        category: category && { code: text[1] as string, zh: category[0], en: category[1] },
        division: text.slice(2, 8),
        orgcode: text.slice(8, 17),
        orgcodeValid: orgcodeValidAt(text, 8),
        check: text[17] as string,
      };
    });
  },
  normalise: (text) => digitLike.normalise(text),
  format: (value) => value.code,
  generate(seed, wishes = {}) {
    const random = randomOf(seed);
    const department = wishes.department ?? '9';
    const category =
      wishes.category ?? pick(random, Object.keys(USCC_DEPARTMENTS[department]?.categories ?? { 1: '' }));
    const division =
      wishes.division ?? `3302${pick(random, ['03', '05', '06', '11', '12', '13', '25', '26', '81', '82'])}`;
    // Since 2015 new organisation codes begin with MA; older ones are digits.
    const inside =
      wishes.orgcode ??
      (random() < 0.5
        ? generateOrgcodeWithin('0123456789', random)
        : withCheck(`MA${letters(random, USCC_ALPHABET, 6)}`));
    const first17 = department + category + division + inside;
    return first17 + usccCheckCharacter(first17);
  },
};

function withCheck(body: string): string {
  return body + orgcodeCheckCharacter(body);
}
