/** What columns say, as SQL over the row `r`, the enterprise `e`, the person `p` and the relation `x`. */
import type { ColumnContext, Linked, Pool, Recipe, Role, Rows } from './model.ts';
import { list, permuted, text } from './sql.ts';
import { estates } from './vocabulary/places.ts';

/** Once per enterprise of the pool. */
export const once = (pool: Pool, rate: number, core?: 'core'): Rows => ({
  shape: 'once',
  pool,
  rate,
  ...(core ? { core: true } : {}),
});
/** Any number of times; larger ones more often. */
export const events = (pool: Pool, rate: number): Rows => ({ shape: 'events', pool, rate });
/** Once a month for every subscriber. */
export const monthly = (pool: Pool, rate: number): Rows => ({ shape: 'periods', pool, rate, months: 1 });
/** Once a quarter for every subscriber. */
export const quarterly = (pool: Pool, rate: number): Rows => ({ shape: 'periods', pool, rate, months: 3 });
/** Once a year for every subscriber. */
export const yearly = (pool: Pool, rate: number): Rows => ({ shape: 'periods', pool, rate, months: 12 });
/** Once a month for every employee of the pool. */
export const employees = (pool: Pool, rate: number): Rows => ({
  shape: 'periods',
  pool,
  rate,
  months: 1,
  person: true,
});
/** Once per person. */
export const persons = (rate: number): Rows => ({ shape: 'persons', rate });
/** Once per relation. */
export const linked = (table: Linked): Rows => ({ shape: 'linked', table });

const plain = (sql: string, role?: Role): Recipe => ({ sql: () => sql, ...(role ? { role } : {}) });
const date = (sql: (day: string, h: string) => string): Recipe => ({
  sql: (c) => `(${sql(c.day, c.h)})::DATE`,
  role: 'date',
});
const laterDate = (sql: (day: string, h: string) => string): Recipe => ({
  sql: (c) => `(${sql(c.day, c.h)})::DATE::VARCHAR`,
});

/** A number of digits (at least) that belongs to the record, with a prefix. */
export const key = (prefix: string, digits: number): Recipe => ({
  sql: (c) => {
    const n = Math.max(digits, c.digits);
    return `${prefix ? `${text(prefix)} || ` : ''}lpad(${permuted(`${c.index} - 1`, 10n ** BigInt(n), c.salt)}::VARCHAR, ${n}, '0')`;
  },
});
/** A number of digits that belongs to the subscriber. */
export const account = (digits: number): Recipe => ({
  sql: (c) =>
    `lpad(${permuted(c.subscriber, 10n ** BigInt(Math.max(digits, c.digits)), c.salt)}::VARCHAR, ${Math.max(digits, c.digits)}, '0')`,
});

export const code = plain('e.uscc', 'code');
export const org = plain('e.orgcode', 'organisation-code');
export const regno = plain('e.regno', 'registration-number');
export const name = plain('e.name', 'name');
export const addr = plain('e.address', 'address');
/** The status in the register's words, which have changed over the years: 在业, 在营 and 开业 all mean 存续. */
export const status: Recipe = {
  role: 'status',
  sql: (c) =>
    `CASE WHEN e.status = '存续' AND ${c.h} % 20 < 3 THEN ['在业', '在营', '开业'][1 + (${c.h} % 20)::INTEGER] ELSE e.status END`,
};
export const capital = plain('e.capital', 'capital');
export const lr = plain('e.lr_name', 'representative');
export const lrid: Recipe = { sql: (c) => representative(c.when, 'id'), role: 'citizen' };
export const lrphone = plain('e.lr_phone');
export const kind = plain('e.kind_text');
export const currency = plain('e.currency');
export const scope = plain('e.scope');
export const industry = plain('e.industry');
export const industryName = plain('e.industry_name');
export const town = plain('e.division');
export const div = plain("'330282'");
export const shortName = plain('e.short');
export const tradeName = plain('e.trade_name');
export const anyAddress = plain('e.address_alt');
export const anyPerson = plain('e.lr_alt_name');
export const anyCompany = plain('e.name');
export const otherName = plain('e.other_name');
export const taxOffice = plain("e.town || '税务所'");
export const authority = plain(
  "CASE WHEN e.kind = 'individual' THEN '慈溪市市场监督管理局' || e.town || '所' ELSE '慈溪市市场监督管理局' END",
);
export const pname = plain('p.name');
export const pid = plain('p.id', 'citizen');
export const pphone = plain('p.phone');
export const paddr = plain('p.address');

/** Which representative a row names: the present one, an earlier one (stale), or another one (contradiction, update). */
export function representative(when: Record<string, string>, part: 'name' | 'id'): string {
  return `CASE WHEN ${when.otherRepresentative} THEN e.lr_alt_${part} WHEN ${when.stale} THEN e.lr_old_${part} ELSE e.lr_${part} END`;
}

/** A status of the enterprise in a department's own words: existing, revoked, deregistered. */
export const statusAs = (existing: string, revoked: string, closed: string): Recipe => ({
  role: 'status',
  sql: () =>
    `CASE e.status WHEN '存续' THEN ${text(existing)} WHEN '吊销' THEN ${text(revoked)} ELSE ${text(closed)} END`,
});

export const postcode: Recipe = { sql: (c) => `'3153' || lpad((${c.h} % 40)::VARCHAR, 2, '0')` };
export const established: Recipe = { sql: () => 'e.established', role: 'date' };
export const approved = laterDate(
  (_, h) => `greatest(e.established, least(coalesce(e.closed, r.today), e.established + (${h} % 3000)::INTEGER))`,
);
export const closed: Recipe = {
  sql: (c) => `CASE WHEN ${c.when.closedToday ?? 'false'} THEN (r.today + 1)::VARCHAR ELSE e.closed::VARCHAR END`,
};
export const termEnd = laterDate((_, h) => `CASE WHEN ${h} % 10 < 4 THEN e.established + 7305 END`);
export const appointed: Recipe = {
  sql: (c) => `least(r.today, e.established + (${c.h} % greatest(1, r.today - e.established))::INTEGER)`,
  role: 'date',
};
export const joined: Recipe = { sql: (c) => `least(r.today, e.established + (${c.h} % 60)::INTEGER)`, role: 'date' };
export const day = date((d) => d);
export const monthEnd: Recipe = { sql: (c) => `last_day(${c.day})`, role: 'date' };
export const quarterEnd = monthEnd;
/** The end of the month before: what is paid in a month is for the month before. */
export const periodEnd = laterDate((d) => `date_trunc('month', ${d}) - INTERVAL 1 DAY`);
export const readingDay = date((d) => d);
export const filed: Recipe = {
  sql: (c) =>
    `least(r.today, make_date((${c.month} // 12 + 1)::INTEGER, (1 + ${c.h} % 6)::INTEGER, (1 + ${c.h} % 28)::INTEGER))`,
  role: 'date',
};
/** The same date written as a department writes it. */
export const day8: Recipe = { sql: (c) => `strftime(${c.day}, '%Y%m%d')`, role: 'date' };
export const daySlash: Recipe = { sql: (c) => `strftime(${c.day}, '%Y/%m/%d')`, role: 'date' };
export const dayCn: Recipe = { sql: (c) => `strftime(${c.day}, '%Y年%m月%d日')`, role: 'date' };
export const ym: Recipe = { sql: (c) => `(${c.month} // 12 * 100 + ${c.month} % 12 + 1)::VARCHAR` };
export const year: Recipe = { sql: (c) => `(${c.month} // 12)::VARCHAR` };
/** Some years later. */
export const after = (years: number): Recipe => laterDate((d) => `${d} + INTERVAL ${years} YEAR`);
/** Some years later in one row of three, else blank. */
export const someAfter = (years: number): Recipe =>
  laterDate((d, h) => `CASE WHEN ${h} % 3 = 0 THEN ${d} + INTERVAL ${years} YEAR END`);
/** Within some days. */
export const soonAfter = (days: number): Recipe => laterDate((d, h) => `${d} + 1 + (${h} % ${days})::INTEGER`);
/** Some days before. */
export const before = (days: number): Recipe => laterDate((d, h) => `${d} - 30 - (${h} % ${days})::INTEGER`);

const unit = (hash: string): string => `(${hash} % 100000 / 100000.0)`;
const decimal = (sql: string): string => `(${sql})::DECIMAL(18,2)::VARCHAR`;
const skewed = (hash: string, lo: number, hi: number): string =>
  `${lo} + ${hi - lo} * ${unit(hash)} * ${unit(hash)} * ${unit(hash)}`;
const bySize = (hash: string, lo: number, hi: number): string =>
  `(${lo} + ${hi - lo} * ${unit(hash)} * ${unit(hash)}) * e.scale / 4.0`;

/** An amount between the bounds, small ones more often; `…Now` differs after an update. */
export const money = (lo: number, hi: number): Recipe => ({ sql: (c) => decimal(skewed(c.h, lo, hi)) });
export const moneyNow = (lo: number, hi: number): Recipe => ({ sql: (c) => decimal(skewed(c.w, lo, hi)) });
/** An amount that grows with the enterprise and differs after an update. */
export const scaled = (lo: number, hi: number): Recipe => ({ sql: (c) => decimal(bySize(c.w, lo, hi)) });
export const scaledNow = scaled;
export const scaledInt = (lo: number, hi: number): Recipe => ({
  sql: (c) => `(${bySize(c.w, lo, hi)})::BIGINT::VARCHAR`,
});
/** A result that may be a loss. */
export const signed = (size: number): Recipe => ({ sql: (c) => decimal(`(${unit(c.w)} - 0.2) * ${size} * e.scale`) });
export const number = (lo: number, hi: number): Recipe => ({
  sql: (c) => decimal(`${lo} + ${hi - lo} * ${unit(c.h)}`),
});
export const numberNow = (lo: number, hi: number): Recipe => ({
  sql: (c) => decimal(`${lo} + ${hi - lo} * ${unit(c.w)}`),
});
/** A whole number between the bounds; `intNow` is another one after an update. */
const whole = (c: ColumnContext, moves: boolean, lo: number, hi: number): string =>
  `(${lo} + (${c.h} + ${c.updates && moves ? 'r.v' : 0}) % ${hi - lo + 1})::VARCHAR`;
export const int = (lo: number, hi: number): Recipe => ({ sql: (c) => whole(c, c.moves, lo, hi) });
export const intNow = (lo: number, hi: number): Recipe => ({ sql: (c) => whole(c, true, lo, hi) });
export const staff: Recipe = { sql: (c) => `(e.staff + (${c.h} + ${c.updates ? 'r.v' : 0}) % 4)::VARCHAR` };

const chosen = (hash: string, values: readonly (string | null)[]): string =>
  values.length === 1
    ? text(values[0] ?? '')
    : `CASE (${hash} % ${values.length})::INTEGER ${values.map((v, i) => `WHEN ${i} THEN ${v === null ? 'NULL' : text(v)}`).join(' ')} END`;
/** What each value becomes by an update: the next one that differs. */
function successors(values: readonly (string | null)[]): (string | null)[] {
  return values.map((v, i) => [...values.slice(i + 1), ...values.slice(0, i)].find((other) => other !== v) ?? v);
}
const renewed = (hash: string, values: readonly (string | null)[]): string =>
  new Set(values).size === 1
    ? chosen(hash, values)
    : `CASE WHEN r.v = 1 THEN ${chosen(hash, successors(values))} ELSE ${chosen(hash, values)} END`;
/** One of the values; with `pickNow` another one after an update. */
export const pick = (...values: (string | null)[]): Recipe => ({
  sql: (c) => (c.updates && c.moves ? renewed(c.h, values) : chosen(c.h, values)),
});
export const pickNow = (...values: (string | null)[]): Recipe => ({
  sql: (c) => (c.updates ? renewed(c.h, values) : chosen(c.h, values)),
});

/** A document number: prefix, year, serial. */
export const doc = (prefix: string, area?: string): Recipe => ({
  sql: (c) => {
    const n = Math.max(5, c.digits);
    const serial = `lpad(${permuted(`${c.index} - 1`, 10n ** BigInt(n), c.salt)}::VARCHAR, ${n}, '0')`;
    return area
      ? `${text(prefix + area)} || ${serial}`
      : `${text(`${prefix}〔`)} || year(${c.day}) || '〕' || ${serial} || '号'`;
  },
});
/** A court's case number. */
export const caseNo = (what: string): Recipe => ({
  sql: (c) => {
    const n = Math.max(4, c.digits);
    return `'（' || year(${c.day}) || ${text(`）浙0282${what}`)} || ${permuted(`${c.index} - 1`, 10n ** BigInt(n), c.salt)}::VARCHAR || '号'`;
  },
});
export const url: Recipe = { sql: (c) => `'https://www.cx' || (${c.h} % 10000000)::VARCHAR || '.example'` };
export const plate: Recipe = { sql: (c) => `'浙B' || lpad((${c.h} % 100000)::VARCHAR, 5, '0')` };
export const estateName: Recipe = { sql: (c) => `${list(estates)}[1 + (${c.h} % ${estates.length})::INTEGER]` };
export const englishName: Recipe = {
  sql: (c) =>
    `'NINGBO ' || ${list(['STAR', 'SUNNY', 'GRAND', 'FORTUNE', 'OCEAN', 'BRIGHT', 'EVER', 'GOLDEN'])}[1 + (${c.h} % 8)::INTEGER] || ${list(['WAY', 'LINK', 'TECH', 'HOME', 'POWER', 'STONE'])}[1 + (${c.h} // 8 % 6)::INTEGER] || ' CO., LTD.'`,
};

export const formerName = plain('x.name');
export const formerDay: Recipe = { sql: () => 'least(r.today, x.until)', role: 'date' };
export const holderKind = plain("CASE WHEN x.p IS NOT NULL THEN '自然人股东' ELSE '企业法人' END");
export const holderPerson = plain('CASE WHEN x.p IS NOT NULL THEN p.name END');
export const holderPersonId = plain('CASE WHEN x.p IS NOT NULL THEN p.id END', 'citizen');
export const holderCompany = plain('CASE WHEN x.company IS NOT NULL THEN o.name END');
export const holderCompanyCode = plain('CASE WHEN x.company IS NOT NULL THEN o.uscc END');
export const holderAmount: Recipe = {
  sql: (c) => `CASE WHEN r.v = 1 THEN (x.amount * (2 + ${c.h} % 3))::DECIMAL(18,2) ELSE x.amount END::VARCHAR`,
};
export const holderPaid: Recipe = { sql: (c) => decimal(`x.amount * (${c.w} % 5) / 4.0`) };
export const holderShare = plain("x.share::VARCHAR || '.00'");
export const officerName = plain('p.name');
export const officerId = plain('p.id', 'citizen');
export const officerPosition: Recipe = { sql: () => "CASE WHEN r.v = 1 THEN '副总经理' ELSE x.position END" };
export const branchName = plain('o.name');
export const branchCode = plain('o.uscc');
export const branchDay: Recipe = { sql: () => 'o.established', role: 'date' };
