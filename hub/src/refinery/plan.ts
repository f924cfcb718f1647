/** What the refinery reads out of a declaration: the SQL of one class's received rows as identifications and facts. */
import type { SourceDeclaration, SourceField } from '../catalogue/index.ts';
import { hash64, ident, literal } from '../platform/lake/index.ts';
import { cleanField, dayOf, FLAG, numberOf, SEPARATOR } from './clean.ts';

/** A declaration with the version under which runs refer to it. */
export interface VersionedDeclaration {
  version: number;
  declaration: SourceDeclaration;
}

/** Fields that identify a legal person by themselves; the order is that of the pair's hash. */
export const identityRoles = ['uscc', 'orgcode', 'regno', 'name', 'former-name'] as const;
export type IdentityRole = (typeof identityRoles)[number];
/** Fields that corroborate. */
export const evidenceRoles = ['address', 'person', 'person-id', 'phone'] as const;

/** SQL name of an identity role. */
export const roleColumn = (role: IdentityRole): string => (role === 'former-name' ? 'former' : role);

/** One class under one version of its declaration. */
export interface ClassPlan {
  source: string;
  number: number;
  version: number;
  declaration: SourceDeclaration;
  /** The received rows' table. */
  table: string;
  /** Position (from 1) and name of the field of a role. */
  identity: Partial<Record<IdentityRole, SourceField & { position: number }>>;
  evidence: Partial<Record<(typeof evidenceRoles)[number], SourceField & { position: number }>>;
  /** Set when other runs of the class were cleaned by other versions: the runs of this one. */
  only?: readonly number[];
  /** Whether rows speak of legal persons at all. */
  matched: boolean;
}

/** Table of a class's received rows. */
export function receivedTable(source: string): string {
  return `raw.${ident(source.replaceAll(/[.-]/g, '_'))}`;
}

/** Reads a declaration. */
export function planOf({ version, declaration }: VersionedDeclaration): ClassPlan {
  const at = (role: string) => {
    const position = declaration.fields.findIndex((f) => f.role === role);
    return position < 0 ? undefined : { ...declaration.fields[position]!, position: position + 1 };
  };
  const pick = <R extends string>(roles: readonly R[]) =>
    Object.fromEntries(roles.flatMap((r) => (at(r) ? [[r, at(r)]] : []))) as never;
  const identity: ClassPlan['identity'] = pick(identityRoles);
  return {
    source: declaration.id,
    number: declaration.number,
    version,
    declaration,
    table: receivedTable(declaration.id),
    identity,
    evidence: pick(evidenceRoles),
    matched: declaration.subject === 'legal-person' && Object.keys(identity).length > 0,
  };
}

/** The received string of an identity role, '' when the class has none. */
const identityValue = (plan: ClassPlan, role: IdentityRole) => {
  const field = plan.identity[role];
  return field ? `coalesce(${ident(field.name)}, '')` : "''";
};

/** 64-bit number of a row's identification as written: rows with equal codes and names are resolved together. */
export function pairHash(plan: ClassPlan): string {
  return hash64(...identityRoles.map((role) => identityValue(plan, role)));
}

/** A row's fact number. */
export const FACT = '((_run::BIGINT << 32) | _row)';

/** `_run` condition for a set of runs. */
export function inRuns(runs: readonly number[]): string {
  return runs.length === 1 ? `_run = ${runs[0]}` : `_run IN (${runs.join(', ')})`;
}

/** Identification of every row of the runs: pair, the strings and the fact. */
export function identificationSql(plan: ClassPlan, runs: readonly number[]): string {
  const columns = identityRoles.map((role) => `${identityValue(plan, role)} AS ${ident(roleColumn(role))}`);
  return `SELECT ${pairHash(plan)} AS pair, ${columns.join(', ')}, ${FACT} AS fact FROM ${plan.table} WHERE ${inRuns(runs)}`;
}

/** 64-bit number that stands for a record for ever: its business key, or everything in it when it has none. */
export function recordHash(plan: ClassPlan): string {
  const names = plan.declaration.key.length ? plan.declaration.key : plan.declaration.fields.map((f) => f.name);
  return hash64(String(plan.number), ...names.map((n) => `coalesce(${ident(n)}, '')`));
}

/** Whether a later row can name an earlier record. */
export function hasRecords(plan: ClassPlan): boolean {
  return plan.declaration.key.length > 0 || plan.declaration.mode === 'changes';
}

/**
 * Every row of the runs as a fact before its legal person is known: pair, class, day, fact, record, amount, payload (with
 * identifying values as written) and the positions at which the cleaned ones go.
 */
export function factSql(plan: ClassPlan, runs: readonly number[]): string {
  const { declaration } = plan;
  const byRole = new Map(Object.values(plan.identity).map((f) => [f.position, f]));
  const pieces = declaration.fields.map((f, i) => {
    const x = ident(f.name);
    // A separator inside a value would shift every later position.
    const whole = `CASE WHEN contains(${x}, ${SEPARATOR}) THEN replace(${x}, ${SEPARATOR}, '') ELSE coalesce(${x}, '') END`;
    return plan.matched && byRole.has(i + 1) ? whole : cleanField(f, x);
  });
  const of = (role: string) => declaration.fields.find((f) => f.fact === role);
  const date = of('date');
  const amount = of('amount');
  const positions = identityRoles.map(
    (role) =>
      `${plan.matched ? (plan.identity[role]?.position ?? 0) : 0}::SMALLINT AS ${ident(`${roleColumn(role)}_at`)}`,
  );
  return `SELECT ${plan.matched ? pairHash(plan) : '0::UBIGINT'} AS pair, ${plan.number}::SMALLINT AS class,
    ${date ? dayOf(ident(date.name)) : 'NULL::DATE'} AS "day", ${FACT} AS fact,
    ${hasRecords(plan) ? recordHash(plan) : hash64(String(plan.number), FACT)} AS record,
    ${amount ? `try_cast(${numberOf(amount, ident(amount.name))} AS DECIMAL(18,2))` : 'NULL::DECIMAL(18,2)'} AS amount,
    concat(${pieces.join(`, ${SEPARATOR}, `)}) AS payload, ${positions.join(', ')}
  FROM ${plan.table} WHERE ${inRuns(runs)}${declaration.mode === 'changes' ? " AND _op IS DISTINCT FROM 'D'" : ''}`;
}

/**
 * Facts of several classes with their legal persons: entity (0: unknown), class, day, fact, record, amount, payload. The
 * pair's cleaned codes and names replace what was written only where they differ. `byRow`: some rows are resolved one by one.
 */
export function linkedFactSql(plans: readonly { plan: ClassPlan; runs: readonly number[] }[], byRow: boolean): string {
  const rows = plans.map(({ plan, runs }) => factSql(plan, runs)).join('\nUNION ALL\n');
  const piece = identityRoles
    .map((role) => {
      const column = roleColumn(role);
      return `WHEN ${ident(`${column}_at`)} THEN m.${ident(`clean_${column}`)}`;
    })
    .join(' ');
  const repaired = `array_to_string(list_transform(string_split(u.payload, ${SEPARATOR}),
      lambda v, i: CASE i ${piece} ELSE v END), ${SEPARATOR})`;
  const entity = byRow ? 'coalesce(l.entity, m.entity, 0)' : 'coalesce(m.entity, 0)';
  return `SELECT ${entity} AS entity, u.class, u."day", u.fact, u.record, u.amount,
    CASE WHEN m.changed THEN ${repaired} ELSE u.payload END AS payload, coalesce(m.link, 0)::TINYINT AS link
  FROM (${rows}) u
  LEFT JOIN pair_map m ON m.pair = u.pair
  ${byRow ? 'LEFT JOIN row_map l ON l.fact = u.fact' : ''}`;
}

/** Condition on a fact (columns class, fact) that it was cleaned by this plan. */
export function ofPlan(plan: ClassPlan): string {
  return `(class = ${plan.number}${plan.only ? ` AND (fact >> 32) IN (${plan.only.join(', ') || 'NULL'})` : ''})`;
}

/** The value at a position of a payload. */
export function pieceAt(payload: string, position: number | string): string {
  return `split_part(${payload}, ${SEPARATOR}, ${position})`;
}

/** Whether a payload's value is flagged. */
export const isFlagged = (piece: string): string => `starts_with(${piece}, ${FLAG})`;

/** `IN` list of literals. */
export const inList = (texts: readonly string[]): string => texts.map(literal).join(', ');
