/**
 * Administrative divisions (GB/T 2260): look-up by code and year, by name, parents, children, full names, successors.
 *
 * Codes change with time: an identity number keeps the code of its day, so every entry has the years in which it was in force
 * (both inclusive; in the year of a change the old and the new code are both in force).
 */

import { digitLike, digitsAt } from './characters.ts';
import { DIVISION_LINES } from './division-data.ts';
import { type CodeKind, type Outcome, outcome, type Reason, reason } from './kind.ts';
import { pick, randomOf } from './random.ts';
import { TOWN_LINES } from './town-data.ts';

/** A division in one period of its code. */
export interface Division {
  /** Six digits, or nine for streets and towns. */
  code: string;
  name: string;
  level: 'province' | 'city' | 'county' | 'town';
  /** First and last year in force; undefined: before 1980, or still in force. */
  from: number | undefined;
  to: number | undefined;
  /** A collective entry that is no place of its own: 市辖区, 县, 省直辖县级行政单位. */
  collective: boolean;
  /** A code of the statistics bureau (development zones, towns) that GB/T 2260 does not have. */
  statistical: boolean;
}

/** Since when the table is kept and until when it was brought. */
export const DIVISION_TABLE = { standard: 'GB/T 2260', firstYear: 1980, lastYear: 2025, towns: 2023 } as const;

const COLLECTIVE = /^(市辖区|县|市|林区|.*直辖县级行政(单位|区划))$/;

interface Table {
  byCode: Map<string, Division[]>;
  byName: Map<string, Division[]>;
}

let loaded: Table | undefined;

function table(): Table {
  if (loaded) return loaded;
  const byCode = new Map<string, Division[]>();
  const byName = new Map<string, Division[]>();
  const put = (map: Map<string, Division[]>, key: string, division: Division) => {
    const list = map.get(key);
    if (list) list.push(division);
    else map.set(key, [division]);
  };
  const add = (division: Division) => {
    put(byCode, division.code, division);
    if (division.collective) return;
    put(byName, division.name, division);
    const stem = stemOf(division.name);
    if (stem !== division.name) put(byName, stem, division);
  };
  for (const line of DIVISION_LINES) {
    let prefecture = '';
    for (const entry of line.slice(3).split(',')) {
      const match = /^(\d\d)?(\d\d)(\*?)([^\d-]+)(?:(\d*)-(\d*))?$/.exec(entry);
      if (!match) throw new Error(`division table: ${entry}`);
      prefecture = match[1] ?? prefecture;
      const county = match[2] as string;
      const name = match[4] as string;
      add({
        code: line.slice(0, 2) + prefecture + county,
        name,
        level: county !== '00' ? 'county' : prefecture === '00' ? 'province' : 'city',
        from: match[5] ? Number(match[5]) : undefined,
        to: match[6] ? Number(match[6]) : undefined,
        collective: COLLECTIVE.test(name),
        statistical: match[3] === '*',
      });
    }
  }
  for (const line of TOWN_LINES) {
    for (const entry of line.slice(7).split(',')) {
      add({
        code: line.slice(0, 6) + entry.slice(0, 3),
        name: entry.slice(3),
        level: 'town',
        from: undefined,
        to: undefined,
        collective: false,
        statistical: true,
      });
    }
  }
  loaded = { byCode, byName };
  return loaded;
}

const PEOPLES =
  '壮|回|维吾尔|苗|彝|土家|藏|蒙古|侗|布依|瑶|白|朝鲜|哈尼|黎|哈萨克|傣|畲|傈僳|东乡|仡佬|拉祜|佤|水|纳西|羌|土|仫佬|锡伯|柯尔克孜|景颇|达斡尔|撒拉|布朗|毛南|塔吉克|普米|怒|鄂温克|保安|裕固|鄂伦春|独龙|满|各';
const SUFFIX = new RegExp(
  `((${PEOPLES})族)*(自治区|自治州|自治县|自治旗)$|特别行政区$|地区$|林区$|新区$|街道$|[省市区县盟旗镇乡]$`,
);

/** A name without its suffix: 慈溪市 → 慈溪, 景宁畲族自治县 → 景宁, 宗汉街道 → 宗汉. Names of two characters stay whole (沙县). */
export function stemOf(name: string): string {
  const stem = name.replace(SUFFIX, '');
  return stem.length >= 2 ? stem : name;
}

function inForce(division: Division, year: number): boolean {
  return (division.from ?? 0) <= year && year <= (division.to ?? 9999);
}

/** Every period of a code, oldest first; empty for a code that never was. */
export function divisionPeriods(code: string): readonly Division[] {
  return table().byCode.get(code) ?? [];
}

/** The division that a code meant in a year; without a year, its latest meaning. */
export function divisionAt(code: string, year?: number): Division | undefined {
  const periods = divisionPeriods(code);
  if (year === undefined) return periods.at(-1);
  return periods.findLast((one) => inForce(one, year));
}

/**
 * The divisions from the province down to the code, without collective entries: 330282 → 浙江省, 宁波市, 慈溪市. A parent that was
 * not yet (or no longer) in force in that year is answered in its nearest period.
 */
export function divisionPath(code: string, year?: number): Division[] {
  const codes = [`${code.slice(0, 2)}0000`, `${code.slice(0, 4)}00`, code.slice(0, 6), code];
  const path: Division[] = [];
  for (const one of new Set(codes)) {
    const division = divisionAt(one, year) ?? (one === code ? undefined : divisionAt(one));
    if (division && !division.collective) path.push(division);
    if (one === code && !division) return [];
  }
  return path;
}

/** 330282 → 浙江省宁波市慈溪市; undefined for a code that was not in force. */
export function divisionFullName(code: string, year?: number): string | undefined {
  const path = divisionPath(code, year);
  return path.length === 0 ? undefined : path.map((one) => one.name).join('');
}

/** The code of the next level up (without collective meaning), or undefined for provinces. 330282002 → 330282 → 330200 → 330000. */
export function divisionParentCode(code: string): string | undefined {
  if (code.length === 9) return code.slice(0, 6);
  if (code.slice(4) !== '00') return `${code.slice(0, 4)}00`;
  return code.slice(2) !== '0000' ? `${code.slice(0, 2)}0000` : undefined;
}

/** The divisions one level below a code in a year (default: in force today by the table), in order of code. */
export function divisionChildren(code: string, year: number = DIVISION_TABLE.lastYear): Division[] {
  const children: Division[] = [];
  for (const periods of table().byCode.values()) {
    for (const one of periods) {
      if (!one.collective && inForce(one, year) && divisionParentCode(one.code) === code) children.push(one);
    }
  }
  return children.sort((a, b) => (a.code < b.code ? -1 : 1));
}

/** Which divisions are searched for by name. `year`: in force then; without it, any year. `within`: leading digits of the code. */
export interface DivisionSearch {
  year?: number;
  within?: string;
  level?: Division['level'];
}

/**
 * Divisions by name, with or without 市, 县, 区 …: 慈溪 and 慈溪市 both find 330282 (and, without a year, 慈溪县 330222).
 * A full suffix is binding: 慈溪县 does not find 慈溪市. Those in force today come first.
 */
export function findDivisions(name: string, search: DivisionSearch = {}): Division[] {
  const found = table().byName.get(name) ?? [];
  return found
    .filter(
      (one) =>
        (search.year === undefined || inForce(one, search.year)) &&
        (search.within === undefined || one.code.startsWith(search.within)) &&
        (search.level === undefined || one.level === search.level),
    )
    .sort((a, b) => (b.to ?? 9999) - (a.to ?? 9999) || (a.code < b.code ? -1 : 1));
}

/** Mergers and renamings that the names do not tell: old code, last year → new code. */
const SUCCESSORS: Readonly<Record<string, string>> = {
  '110103': '110101',
  '110104': '110102',
  '120107': '120116',
  '120108': '120116',
  '120109': '120116',
  '310103': '310101',
  '310108': '310106',
  '310119': '310115',
  '330103': '330105',
  '330104': '330102',
  '330202': '330203',
  '330204': '330212',
  '330227': '330212',
  '371200': '370100',
  '371202': '370116',
  '371203': '370117',
  '110110': '110111',
  '120225': '120119',
  '130223': '130284',
  '330107': '330105',
  '330621': '330603',
  '330623': '330683',
  '330721': '330703',
  '330821': '330803',
  '332200': '330200',
};

/** What took the place of a division whose code ended; empty where it is still in force or where that is not known. */
export function divisionSuccessors(division: Division): Division[] {
  const { to, code } = division;
  if (to === undefined) return [];
  const next = divisionPeriods(code).find((one) => one.from !== undefined && (one.from === to || one.from === to + 1));
  if (next) return [next];
  const told = SUCCESSORS[code];
  if (told) return divisionPeriods(told).filter((one) => inForce(one, to + 1));
  const namesakes = (table().byName.get(stemOf(division.name)) ?? []).filter(
    (one) =>
      one.code !== code &&
      one.level === division.level &&
      one.code.slice(0, 2) === code.slice(0, 2) &&
      stemOf(one.name) === stemOf(division.name),
  );
  // A code that begins in the very year of the end comes first, then one of the next year, then one that was there already.
  for (const year of [to, to + 1, to - 1]) {
    const found = namesakes.filter((one) => one.from === year);
    if (found.length > 0) return found;
  }
  return [];
}

/** Follows successors until a division that is in force: 330222 (慈溪县) → 330282. The same division where it still is. */
export function currentDivision(code: string): Division | undefined {
  let division = divisionAt(code);
  for (let step = 0; division?.to !== undefined && step < 10; step++) {
    const next: Division[] = divisionSuccessors(division);
    if (next.length !== 1) return undefined;
    division = next[0];
  }
  return division;
}

/** Options of the division code: the year in which it must have been in force. */
export interface DivisionOptions {
  year?: number;
}

function check(text: string): boolean {
  return table().byCode.has(text);
}

function explain(text: string, options: DivisionOptions = {}): Reason[] {
  if (text === '') return [reason('codes.empty')];
  if (text.length !== 6 && text.length !== 9) {
    return [
      reason('codes.length', { part: 'length', expected: { zh: '6或9', en: '6 or 9' }, got: String(text.length) }),
    ];
  }
  for (let i = 0; i < text.length; i++) {
    if (!digitsAt(text, i, 1))
      return [reason('codes.character', { at: i + 1, expected: '0-9', got: text[i] as string })];
  }
  if (!check(text)) return [reason('codes.division', { part: 'division', at: 1, got: text })];
  if (options.year !== undefined && !divisionAt(text, options.year)) {
    return [reason('codes.division-not-then', { part: 'division', got: text, expected: String(options.year) })];
  }
  return [];
}

/** Division code of six digits (nine for the towns that the table has). An unknown code is an error here. */
export const division: CodeKind<Division, { within?: string }, DivisionOptions> = {
  name: 'division',
  title: { zh: '行政区划代码', en: 'division code' },
  check,
  explain,
  parse(text, options): Outcome<Division> {
    return outcome(explain(text, options), () => divisionAt(text, options?.year) as Division);
  },
  normalise: (text) => digitLike.normalise(text),
  format: (value) => value.code,
  generate(seed, wishes = {}) {
    const within = wishes.within ?? '33';
    const codes = [...table().byCode.keys()].filter(
      (code) => code.length === 6 && code.startsWith(within) && divisionAt(code, DIVISION_TABLE.lastYear),
    );
    return pick(randomOf(seed), codes);
  },
};
