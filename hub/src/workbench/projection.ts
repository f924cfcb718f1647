/** A view as one viewer may see it: SQL of a projection in which closed values are masked or not there, so that no expression reaches them. */
import type { Principal } from '../platform/auth/principal.ts';
import { purposeNeeded } from '../platform/auth/problems.ts';
import { type Visibility, visibility } from '../platform/auth/protection.ts';
import { foldSql, ident, literal, maskSql, usualSql } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import type { ContractColumn, ViewContract } from './contract.ts';
import * as k from './problems.ts';

/** What a viewer sees of a column. */
export const seen = (view: ViewContract, column: ContractColumn, who: Principal): Visibility =>
  visibility(who, { level: view.level, owner: view.owner, ...column.guard, protection: column.protection });

/** The permission that a viewer lacks for a view, or null. Persons need theirs; their purpose is asked for apart. */
export function lackingFor(view: ViewContract, who: Pick<Principal, 'permissions'>): string | null {
  const needs = view.people ? [...view.needs, 'person.read' as const] : view.needs;
  return needs.find((p) => !who.permissions.has(p)) ?? null;
}

/** Refuses a view that the viewer may not read. */
export function need(view: ViewContract, who: Principal): void {
  const permission = lackingFor(view, who);
  if (permission) throw new Problem(k.viewRefused, { view: `v.${view.name}`, permission });
  if (view.people && !who.purpose) throw new Problem(purposeNeeded);
}

const isText = (type: string): boolean => /^(VARCHAR|JSON|ENUM)/.test(type);

/**
 * SQL of what a viewer sees of a view. `types`: the engine's types by column: a column that the view does not have is left out. Masked texts
 * are masked as everywhere; a masked date or number is NULL, so that types stay; tokens of the vault are veiled.
 */
export function projectionSql(
  view: ViewContract,
  types: ReadonlyMap<string, string>,
  who: Principal,
  attributes: readonly { name: string; sees: Visibility }[],
): string {
  const [inner, middle, outer]: [string[], string[], string[]] = [[], [], []];
  const columns = view.columns.filter((c) => types.has(c.name));
  columns.forEach((c, n) => {
    const type = types.get(c.name)!;
    const name = ident(c.name);
    const sees = seen(view, c, who);
    const text = isText(type);
    if (c.byAttribute) {
      const list = (sees: Visibility) =>
        attributes.flatMap((a) => (a.sees === sees ? [literal(a.name)] : [])).join(', ') || `''`;
      inner.push(
        `CASE WHEN attribute IN (${list('plain')}) THEN ${name} WHEN attribute IN (${list('masked')}) AND ${name} IS NOT NULL THEN '***' END AS c${n}`,
      );
      outer.push(`c${n} AS ${name}`);
    } else if (sees === 'plain' && c.protection !== 'sensitive') {
      inner.push(`${name} AS c${n}`);
      outer.push(`c${n} AS ${name}`);
    } else if (sees === 'hidden' || (!text && sees === 'masked')) outer.push(`NULL::${type} AS ${name}`);
    else if (c.protection === 'sensitive') {
      inner.push(`CASE WHEN ${name} IS NOT NULL THEN '***' END AS c${n}`);
      outer.push(`c${n} AS ${name}`);
    } else {
      inner.push(`${foldSql(`${name}::VARCHAR`)} AS c${n}`);
      const helper = usualSql(c.format, `c${n}`);
      if (helper) middle.push(`${helper} AS u${n}`);
      outer.push(`${maskSql(c.format, `c${n}`, helper && `u${n}`)} AS ${name}`);
    }
  });
  const rows = [view.rows, lookAtPersons(who) ? undefined : view.rowsWithoutPersons].filter(Boolean);
  const where = rows.length ? ` WHERE ${rows.map((r) => `(${r})`).join(' AND ')}` : '';
  const from = `(SELECT ${inner.length ? inner.join(', ') : '1 AS c'} FROM v.${ident(view.name)}${where})`;
  return `SELECT ${outer.join(', ')} FROM ${middle.length ? `(SELECT *, ${middle.join(', ')} FROM ${from})` : from}`;
}

const lookAtPersons = (who: Principal): boolean => who.permissions.has('person.read') && who.purpose !== null;

/** Whether personal values of a view stand plain before this viewer: such a look is audited. */
export const showsPersonal = (view: ViewContract, who: Principal): boolean =>
  who.purpose !== null &&
  view.columns.some((c) => c.byAttribute || (c.protection === 'personal' && seen(view, c, who) === 'plain'));
