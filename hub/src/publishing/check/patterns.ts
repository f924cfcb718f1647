/**
 * Personal data found in values by their form (个人信息识别): citizen ids by their check character, telephones by their segments, bank
 * cards by Luhn, e-mail, plates, passports, names beside identifiers, addresses down to the door. Spellings do not matter: full width,
 * Chinese digits, blanks and hyphens between digits, letters in place of digits. Pure functions; `scan.ts` decides for whole columns.
 */
import { citizenId, citizenId15, fixedPhone, mobile, uscc } from '@jingwei/codes';

/** What may be found. */
export const personalKinds = [
  ...([
    'citizen-id',
    'phone',
    'bank-card',
    'passport',
    'token',
    'email',
    'fixed-phone',
    'plate',
    'name',
    'door',
  ] as const),
] as const;
export type PersonalKind = (typeof personalKinds)[number];

/** Something found: of which kind, and as it is written, in its normal form. */
export interface Found {
  kind: PersonalKind;
  text: string;
  /** By its form alone it may be something else: whole columns decide (a 15-digit id, a bank card). */
  weak: boolean;
}

/** Longest text that is looked through. */
const LONGEST = 20_000;

const INVISIBLE = /[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/g;
/** Chinese digits by the digit that they stand for. */
const HAN = ['〇零○', '一壹幺', '二贰两', '三叁', '四肆', '五伍', '六陆', '七柒', '八捌', '九玖'];
const DIGITS = new Map(HAN.flatMap((all, digit) => [...all].map((c) => [c, String(digit)] as const)));
const CHINESE = new RegExp(`[${HAN.join('')}][${HAN.join('')}\\s\\-·•]{6,}`, 'g');
const LOOKALIKE = /(?<![A-Za-z0-9])[\dOolI|][\dOolI|\s-]{9,40}(?![A-Za-z0-9])/g;

/** A text as it is looked through: one form for all spellings. */
export function plainForm(text: string): string {
  let out = text.slice(0, LONGEST).normalize('NFKC').replace(INVISIBLE, '');
  out = out.replace(/[‐‑‒–—―－−ー﹣]/g, '-').replace(/[\u00a0\u2000-\u200a\u3000\t\r\n]/g, ' ');
  out = out.replace(CHINESE, (run) => run.replace(/[^\s\-·•]/g, (c) => DIGITS.get(c) ?? c));
  return out.replace(LOOKALIKE, (run) =>
    (run.match(/\d/g) ?? []).length >= 8 ? run.replace(/[Oo]/g, '0').replace(/[lI|]/g, '1') : run,
  );
}

/** At most two separators between two digits. */
const S = '[ \\-_·•*/]{0,2}';
const ID18 = new RegExp(`(?<![\\dA-Za-z])[1-68](?:${S}\\d){16}${S}[\\dXx](?![\\dA-Za-z])`, 'g');
const ID15 = new RegExp(`(?<![\\dA-Za-z])[1-68](?:${S}\\d){14}(?![\\dA-Za-z])`, 'g');
const MOBILE = new RegExp(
  `(?<![\\dA-Za-z.])(?:(?:\\+?86|0086|0)${S})?\\(?1${S}[3-9](?:[ \\-_·•)]{0,2}\\d){9}(?![\\dA-Za-z])`,
  'g',
);
const MOBILE_DOTS = /(?<![\d.])1[3-9]\d\.\d{4}\.\d{4}(?![\d.])/g;
const FIXED = /(?<!\d)\(?0\d{2,3}[ )-]{1,2}[2-8]\d{2,3}[ -]?\d{4}(?!\d)/g;
const CARD = new RegExp(`(?<![\\dA-Za-z.])(?:62|4\\d|5[1-5]|35|3[47]|60)(?:${S}\\d){12,17}(?![\\dA-Za-z])`, 'g');
const EMAIL =
  /[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}\s?(?:@|\(at\)|\[at\])\s?[A-Za-z0-9][A-Za-z0-9-]{0,62}(?:\.[A-Za-z0-9-]{1,63}){0,4}\.[A-Za-z]{2,24}/g;
const PLATE =
  /[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][ ]?[A-HJ-NP-Z][ ·•.-]?(?:[DF][A-HJ-NP-Z0-9]\d{4}|\d{5}[DF]|[A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9挂学警港澳])(?![A-Za-z0-9])/g;
const PASSPORT = /(?<![A-Za-z0-9])(?:[EGDSP]\d{8}|E[A-HJ-NP-Z]\d{7}|[HM]\d{8}(?:\d{2})?)(?![A-Za-z0-9])/gi;
const TOKEN = /[cpb]~[a-z2-7]{26}/g;
const DATE = /\d{4}[-/]\d{1,2}[-/]\d{1,2}/;

/** The commonest surnames: with them begin nearly all names (公安部《全国姓名报告》). */
const SURNAME =
  '王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤岑施俞裘楼励虞干邬竺应茅柴戚翁童洪胥华章祝项娄桑詹房葛樊柳倪殷颜庄耿左关伍邢阮涂尤齐庞路池辛温欧安宓罗阳傅卞康毕诸宣岳常包费计蓝焦盛牛纪舒屈祁柯';
const DOUBLE = '欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|司徒|夏侯|令狐|慕容|端木';
const NAME = new RegExp(
  `^(?:${DOUBLE}|[${SURNAME}])\\p{Script=Han}{1,2}$|^\\p{Script=Han}{2,8}·\\p{Script=Han}{2,8}$`,
  'u',
);
const THING =
  /(?:镇|乡|村|街|道|路|巷|弄|区|县|市|省|州|局|厅|部|处|所|站|院|校|园|厂|店|行|社|会|司|业|类|级|型|品|物|料|机|器|具|件|材|油|药|酒|茶|米|面|肉|鱼|菜|果|车|船|房|楼|桥|河|江|湖|山|岛|湾|塘|港|线|网|层|费|款|税|证|照|书|册|号|码|性|化|中|内|外|前|后|上|下|东|西|南|北|常|效|销|续|业务|工程|服务|制造|加工|销售)$/;
const KEYED = new RegExp(
  `(?:姓名|法人代表|法定代表人|负责人|联系人|经办人|户主|业主|申请人|当事人|患者|学生|家长|校长|院长)[ :是为]{0,3}((?:${DOUBLE}|[${SURNAME}])\\p{Script=Han}{1,2}?)(?=[^\\p{Script=Han}]|$|身份|电话|手机|联系|证件|住)`,
  'gu',
);
const DOOR =
  /(?:路|街|巷|弄|道|村|组|社区|小区|新村|花园|公寓|苑|里|庄|浦|湾)[^\d,;]{0,6}\d{1,5}(?:-\d{1,4})?(?:弄|号|幢|栋|支路)|\d{1,4}(?:幢|栋|号楼|座)[^\d]{0,4}\d{1,3}?(?:单元)?[^\d]{0,2}\d{2,4}(?:室|户)?|\d{3,4}室/g;

/** Whether a whole value reads like the name of a person. */
export const namelike = (text: string): boolean => {
  const own = plainForm(text).replace(/\s/g, '');
  return NAME.test(own) && !THING.test(own);
};

const bare = (text: string): string => text.replace(/[^\dXxA-Za-z]/g, '');

/** Luhn's check of a number. */
export function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    let d = digits.charCodeAt(digits.length - 1 - i) - 48;
    if (i % 2 === 1) d = d > 4 ? d * 2 - 9 : d * 2;
    sum += d;
  }
  return sum % 10 === 0;
}

/** Whether numbers of 13 to 19 digits begin as bank cards do; whether they are decides Luhn. */
export const cardlike = (text: string): boolean =>
  (plainForm(text).match(CARD) ?? []).some((m) => !uscc.check(bare(m)));

/** Serial numbers in hexadecimal, whose digits mean nothing. */
const UUID = /(?<![0-9a-z])[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}(?![0-9a-z])/gi;

/** Everything personal in a text. `names` looks for keyed names and addresses too (they are long work). */
export function findPersonal(text: string): Found[] {
  const own = plainForm(text).replace(UUID, (u) => (/[a-f]/i.test(u) ? ' ' : u));
  const found: Found[] = [];
  const taken: [number, number][] = [];
  const each = (pattern: RegExp, work: (match: string) => Omit<Found, 'text'> | null) => {
    for (const m of own.matchAll(pattern)) {
      const from = m.index;
      const to = from + m[0].length;
      if (taken.some(([a, b]) => from < b && to > a)) continue;
      const what = work(m[1] ?? m[0]);
      if (!what) continue;
      taken.push([from, to]);
      found.push({ ...what, text: m[1] ?? m[0] });
    }
  };
  if (/[cpb]~/.test(own)) each(TOKEN, () => ({ kind: 'token', weak: false }));
  if (/\d/.test(own)) {
    each(ID18, (m) => (citizenId.check(bare(m).toUpperCase()) ? { kind: 'citizen-id', weak: false } : null));
    each(ID15, (m) => {
      const n = bare(m);
      return citizenId15.check(n) && !DATE.test(m) ? { kind: 'citizen-id', weak: true } : null;
    });
    const phone = (m: string) => {
      const n = bare(m).replace(/^(?:0086|86|0)(?=1\d{10}$)/, '');
      return mobile.check(n) && !DATE.test(m) ? ({ kind: 'phone', weak: false } as const) : null;
    };
    each(MOBILE, phone);
    each(MOBILE_DOTS, phone);
    each(CARD, (m) => {
      const n = bare(m);
      return n.length >= 15 && n.length <= 19 && luhn(n) && !uscc.check(n) ? { kind: 'bank-card', weak: true } : null;
    });
    each(FIXED, (m) => {
      const n = m
        .replace(/[()]/g, ' ')
        .trim()
        .replace(/[ -]+/, '-')
        .replace(/(?<=-.*)[ -]/g, '');
      return fixedPhone.check(n) ? { kind: 'fixed-phone', weak: false } : null;
    });
    each(PASSPORT, () => ({ kind: 'passport', weak: true }));
    each(PLATE, () => ({ kind: 'plate', weak: false }));
    each(DOOR, () => ({ kind: 'door', weak: false }));
  } else if (/[A-Z]/.test(own)) each(PLATE, () => ({ kind: 'plate', weak: false }));
  if (/@|at[)\]]/.test(own)) each(EMAIL, () => ({ kind: 'email', weak: false }));
  if (/人|名|主|者|生|长/.test(own)) each(KEYED, () => ({ kind: 'name', weak: false }));
  return found;
}

/** A found text so that its form is seen and nothing else: `138********`, `王**`, `3302**************`. */
export function veiled({ kind, text }: Pick<Found, 'kind' | 'text'>): string {
  const own = [...text];
  const keep = kind === 'name' ? 1 : kind === 'door' || kind === 'token' || kind === 'email' ? 0 : 2;
  return own.map((c, i) => (i < keep || /[ \-@.·]/.test(c) ? c : '*')).join('');
}
