/**
 * Who sees what of a list. Its members are seen one by one by the organisations that it is delivered to (each the members of
 * its own division) and by data stewards, who work for all of them. Leaders and analysts who belong to no organisation see
 * figures. For everybody else the list is not there.
 */
import type { Principal } from '../../platform/auth/principal.ts';
import { purposeNeeded } from '../../platform/auth/problems.ts';
import { Problem } from '../../platform/problem.ts';
import { divisionFor, type Lists, type LoadedList } from './load.ts';
import { listUnknown, notYours } from './problems.ts';

/** What part of a list somebody sees. `division` null: all of it, members without a division among them. */
export interface Scope {
  division: string | null;
  members: 'each' | 'figures';
  /** Whether cases may be worked on. */
  work: boolean;
}

/** The scope, or undefined when the list is not there for them. */
export function scopeOf(lists: Lists, list: LoadedList, principal: Principal): Scope | undefined {
  const { declaration: d } = list;
  const work = principal.permissions.has('lists.handle');
  if (principal.organisation === null) {
    // Who works on cases and belongs to no department works for all of them.
    if (work) return { division: null, members: 'each', work };
    return principal.permissions.has('lists.read') ? { division: null, members: 'figures', work } : undefined;
  }
  const division = divisionFor(d, lists.jurisdictions, principal.organisation);
  if (division === undefined) return undefined;
  const personal = d.subject === 'legal-person' || principal.permissions.has('person.read');
  return { division, members: personal ? 'each' : 'figures', work: work && personal };
}

/** The list and the scope; a list that is not there for them is as unknown as one that is not declared. */
export function entitled(lists: Lists, id: string, principal: Principal): { list: LoadedList; scope: Scope } {
  const list = lists.lists.get(id);
  const scope = list && scopeOf(lists, list, principal);
  if (!list || !scope) throw new Problem(listUnknown, { list: id });
  return { list, scope };
}

/** Refuses who sees figures only. */
export function needMembers(scope: Scope): void {
  if (scope.members !== 'each') throw new Problem(notYours);
}

/** Refuses who may not work on cases. */
export function needWork(scope: Scope): void {
  if (!scope.work) throw new Problem(notYours);
}

/** An export names its purpose: of the request, else of the session. */
export function needPurpose(purpose: string | null | undefined): string {
  if (!purpose) throw new Problem(purposeNeeded);
  return purpose;
}

/** The condition on a column of divisions or towns; `$scope` is bound by `scopeParams`. */
export const scopeSql = (scope: Scope, column: string): string =>
  scope.division === null ? 'true' : `starts_with(${column}, $scope)`;

/** What `scopeSql` binds. */
export const scopeParams = (scope: Scope): Record<string, string> =>
  scope.division === null ? {} : { scope: scope.division };
