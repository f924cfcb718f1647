/** Defects: which rows have them, and how a value with one is written. */
import type { ClassModel, Role } from './model.ts';
import type { DefectRates } from './options.ts';
import { saltOf } from './sql.ts';
import { mistakenFrom, mistakenTo } from './vocabulary/names.ts';

/** Defects in the order of their bits in the truth tables: the first is 1, the second 2, the third 4 … */
export const defectNames = [
  'no-code',
  'code-character',
  'code-transposed',
  'code-of-another',
  'former-name',
  'name-typing-error',
  'name-abbreviated',
  'full-width',
  'lower-case',
  'spaces',
  'wrong-date',
  'date-style',
  'identity-15',
  'missing-key',
  'duplicate',
  'stale',
  'contradiction',
  'outsider',
] as const;

/** A defect's name. */
export type Defect = (typeof defectNames)[number];

/** The names of the defects in a mask of the truth tables. */
export function defectsOf(mask: number): Defect[] {
  return defectNames.filter((_, bit) => (mask >> bit) & 1);
}

const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';

/** Macros that spoil a value. Each is a function of the value and a hash. */
export const defectMacros: readonly string[] = [
  // One character becomes another one of the alphabet; the check digit never fits then.
  `CREATE MACRO spoil_character(s, h) AS left(s, (h % length(s))::INTEGER) || substr('${alphabet}', 1 + ((strpos('${alphabet}', substr(s, 1 + (h % length(s))::INTEGER, 1)) + (h // 64 % 29)) % 31)::INTEGER, 1) || substr(s, 2 + (h % length(s))::INTEGER)`,
  `CREATE MACRO exchange(s, p) AS left(s, p - 1) || substr(s, p + 1, 1) || substr(s, p, 1) || substr(s, p + 2)`,
  `CREATE MACRO spoil_order(s, h) AS CASE
     WHEN substr(s, (length(s) - 3 - h % 4)::INTEGER, 1) <> substr(s, (length(s) - 2 - h % 4)::INTEGER, 1) THEN exchange(s, (length(s) - 3 - h % 4)::INTEGER)
     WHEN substr(s, length(s) - 2, 1) <> substr(s, length(s) - 1, 1) THEN exchange(s, length(s) - 2)
     ELSE spoil_character(s, h) END`,
  `CREATE MACRO mistaken(c) AS translate(c, '${mistakenFrom}', '${mistakenTo}')`,
  `CREATE MACRO typed(n, p, h) AS CASE h // 256 % 4
     WHEN 0 THEN left(n, p - 1) || substr(n, p + 1)
     WHEN 1 THEN exchange(n, p)
     ELSE left(n, p - 1) || CASE WHEN mistaken(substr(n, p, 1)) <> substr(n, p, 1) THEN mistaken(substr(n, p, 1)) ELSE substr('鑫达宏康美佳', (1 + h // 1024 % 6)::INTEGER, 1) END || substr(n, p + 1) END`,
  `CREATE MACRO other_than(n, t, p) AS CASE WHEN t = n THEN left(n, p - 1) || substr(n, p + 1) ELSE t END`,
  `CREATE MACRO spoil_name(n, h) AS other_than(n, typed(n, (3 + h % greatest(1, length(n) - 4))::INTEGER, h), (3 + h % greatest(1, length(n) - 4))::INTEGER)`,
  `CREATE MACRO widen(s) AS translate(s, '0123456789ABCDEFGHJKLMNPQRTUWXY', '０１２３４５６７８９ＡＢＣＤＥＦＧＨＪＫＬＭＮＰＱＲＴＵＷＸＹ')`,
  `CREATE MACRO shorten_identity(s) AS left(s, 6) || substr(s, 9, 9)`,
  `CREATE MACRO write_date(d, h) AS CASE h % 3 WHEN 0 THEN strftime(d, '%Y%m%d') WHEN 1 THEN strftime(d, '%Y/%-m/%-d') ELSE strftime(d, '%Y年%-m月%-d日') END`,
];

/** The columns of a class that defects need: the first code column carries the wrong code. */
export interface Features {
  code: Role | null;
  name: boolean;
  citizen: string | null;
  date: boolean;
  attributes: Role[];
  /** The class's name column bears the present name beside a former one, so that a former name there would be no defect but nonsense. */
  namesFormer: boolean;
}

const codeRoles: Role[] = ['code', 'organisation-code', 'registration-number'];
const attributeRoles: Role[] = ['address', 'representative', 'status', 'capital'];

/** What of a class can be spoiled. `citizen` is the SQL of its first identity number. */
export function featuresOf(model: ClassModel, citizen: string | null): Features {
  const roles = Object.values(model.columns).flatMap((r) => (r.role ? [r.role] : []));
  return {
    code: codeRoles.find((r) => roles.includes(r)) ?? null,
    name: roles.includes('name'),
    citizen,
    date: roles.includes('date'),
    attributes: attributeRoles.filter((r) => roles.includes(r)),
    namesFormer: model.rows.shape === 'linked' && model.rows.table === 'former',
  };
}

const slice = (hash: string, shift: number, rate: number): string =>
  rate <= 0 ? 'false' : `((r.${hash} >> ${shift}) & 65535) < ${Math.round(rate * 65536)}`;

/** SQL of the present value of a code column. */
export const codeSql: Record<'code' | 'organisation-code' | 'registration-number', string> = {
  code: 'e.uscc',
  'organisation-code': 'e.orgcode',
  'registration-number': 'e.regno',
};

/**
 * Conditions (SQL booleans, never NULL) by which a row has a defect; what a class cannot have is 'false'.
 * `formerShare` is the share of enterprises that have a former name at all.
 */
export function conditionsOf(
  model: ClassModel,
  features: Features,
  rates: DefectRates,
  seed: number | string,
  formerShare: number,
): Record<string, string> {
  const identity = !model.register;
  const owner = model.id.split('.')[0] ?? '';
  const enterprise = model.rows.shape !== 'persons';
  const hasCode = features.code !== null && enterprise;
  const value = hasCode ? codeSql[features.code as keyof typeof codeSql] : 'NULL';
  const noCode = hasCode && identity ? `(${slice('d1', 0, rates.noCode)})` : 'false';
  const wrong =
    hasCode && identity
      ? `(NOT ${noCode} AND ${slice('d1', 16, rates.wrongCode / (1 - rates.noCode))} AND ${value} IS NOT NULL)`
      : 'false';
  const character = features.code === 'registration-number' ? wrong : `(${wrong} AND r.d4 % 10 < 5)`;
  const former =
    features.name && identity && !features.namesFormer && enterprise && formerShare > 0
      ? `(e.former IS NOT NULL AND ${slice('d1', 32, Math.min(1, rates.formerName / formerShare))})`
      : 'false';
  const nameError =
    features.name && identity && enterprise
      ? `(NOT ${former} AND ${slice('d1', 48, rates.nameError / (1 - rates.formerName))})`
      : 'false';
  const fine = hasCode ? `(NOT ${noCode} AND NOT ${wrong} AND ${value} IS NOT NULL)` : 'false';
  const wide = hasCode ? `(${fine} AND ${slice('d2', 0, rates.fullWidth)})` : 'false';
  const lower = hasCode
    ? `(${fine} AND NOT ${wide} AND ${slice('d2', 16, rates.lowerCase)} AND ${value} <> lower(${value}))`
    : 'false';
  const space = hasCode
    ? `(${fine} AND NOT ${wide} AND NOT ${lower} AND ${slice('d2', 32, rates.spaces)})`
    : features.name && enterprise
      ? `(NOT ${former} AND NOT ${nameError} AND ${slice('d2', 32, rates.spaces)})`
      : 'false';
  const wrongDate = features.date ? `(${slice('d2', 48, rates.wrongDate)})` : 'false';
  const spoken = owner === 'scjg' || model.register || !enterprise;
  const attributes = features.attributes;
  const pair = `hash(e.e::BIGINT * 256 + ${saltOf(seed, `department ${owner}`)})`;
  const disagrees = (role: Role): string =>
    spoken || !attributes.includes(role) || rates.contradiction <= 0
      ? 'false'
      : `((${pair} & 65535) < ${Math.round(rates.contradiction * 65536)} AND (${pair} >> 16) % ${attributes.length} = ${attributes.indexOf(role)})`;
  // An update changes one attribute. What is closed stays closed: there the address changes instead of the status.
  const chosen = (role: Role): string => `r.d4 % ${attributes.length} = ${attributes.indexOf(role)}`;
  const updated = (role: Role): string => {
    if (!attributes.includes(role)) return 'false';
    if (role === 'status') return `(r.v = 1 AND ${chosen(role)} AND e.status = '存续')`;
    if (role === 'address' && attributes.includes('status'))
      return `(r.v = 1 AND (${chosen(role)} OR (${chosen('status')} AND e.status <> '存续')))`;
    return `(r.v = 1 AND ${chosen(role)})`;
  };
  const other = (role: Role): string => `(${disagrees(role)} OR ${updated(role)})`;
  // Conditions that most rows meet, so that the long cases are decided for few.
  const not = (...slices: string[]): string =>
    slices
      .filter((x) => x !== 'false')
      .map((x) => `NOT (${x})`)
      .join(' AND ') || 'true';
  const wrongRate = rates.wrongCode / (1 - rates.noCode);
  return {
    plainCode: not(
      slice('d1', 0, identity ? rates.noCode : 0),
      slice('d1', 16, identity ? wrongRate : 0),
      slice('d2', 0, rates.fullWidth),
      slice('d2', 16, rates.lowerCase),
      slice('d2', 32, rates.spaces),
    ),
    plainName: not(
      former,
      slice('d1', 48, nameError === 'false' ? 0 : rates.nameError / (1 - rates.formerName)),
      space === 'false' || hasCode ? 'false' : slice('d2', 32, rates.spaces),
    ),
    plainDate: not(slice('d2', 48, rates.wrongDate), slice('d3', 0, rates.dateStyle)),
    noCode,
    character,
    order: features.code === 'registration-number' ? 'false' : `(${wrong} AND r.d4 % 10 BETWEEN 5 AND 7)`,
    another: features.code === 'registration-number' ? 'false' : `(${wrong} AND r.d4 % 10 > 7)`,
    former,
    typed: `(${nameError} AND (r.d4 // 16 % 10 < 7 OR e.short = e.name))`,
    short: `(${nameError} AND r.d4 // 16 % 10 >= 7 AND e.short <> e.name)`,
    wide,
    lower,
    space,
    wrongDate,
    dateStyle: features.date ? `(NOT ${wrongDate} AND ${slice('d3', 0, rates.dateStyle)})` : 'false',
    identity15:
      features.citizen === null
        ? 'false'
        : `(${slice('d3', 16, rates.oldIdentity)} AND coalesce(substr(${features.citizen}, 7, 2) = '19', false))`,
    missing: identity ? `(${slice('d3', 32, rates.missingKey)})` : 'false',
    stale: attributes.length > 0 && identity && enterprise ? `(${slice('d3', 48, rates.stale)})` : 'false',
    contradiction: attributes.length > 0 ? `(${attributes.map(disagrees).join(' OR ')})` : 'false',
    otherAddress: other('address'),
    otherRepresentative: other('representative'),
    otherStatus: other('status'),
    otherCapital: other('capital'),
    closedToday: updated('status'),
    ...Object.fromEntries(attributes.map((a) => [`updated-${a}`, updated(a)])),
  };
}

/** SQL of the mask of defects of a row. */
export function maskSql(when: Record<string, string>): string {
  const order = [
    'noCode',
    'character',
    'order',
    'another',
    'former',
    'typed',
    'short',
    'wide',
    'lower',
    'space',
    'wrongDate',
    'dateStyle',
    'identity15',
    'missing',
  ];
  const bits = order.map((k) => when[k] ?? 'false');
  bits.push('r.i <> r.c', when.stale ?? 'false', when.contradiction ?? 'false', 'r.stranger');
  const terms = bits.flatMap((b, i) => (b === 'false' ? [] : [`CASE WHEN ${b} THEN ${2 ** i} ELSE 0 END`]));
  return `(${terms.join(' + ')})::UINTEGER`;
}
