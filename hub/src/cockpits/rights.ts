/**
 * What a viewer needs to see a figure: it follows from the views that the figure's SQL reads. A single record needs more than a number
 * over the whole city; views about natural persons are marked, so that small cells can be left out.
 */
import type { Permission, Principal } from '../platform/auth/principal.ts';

interface Need {
  test: RegExp;
  /** For a figure, a trend, parts, a layer of towns. */
  figure: readonly Permission[];
  /** For rows of single records. */
  row: readonly Permission[];
}

/** The first that fits decides. What is not listed is the libraries'. */
const needs: readonly Need[] = [
  { test: /^v\.economy_/, figure: ['economy.read'], row: ['economy.detail'] },
  { test: /^v\.credit_score/, figure: ['score.statistics'], row: ['score.rank'] },
  { test: /^v\.(reading|series|latest|intake)/, figure: ['sensing.read'], row: ['sensing.read'] },
  { test: /^v\.alert_/, figure: ['alert.read'], row: ['alert.read'] },
  { test: /^v\.risk_/, figure: ['risk.read'], row: ['risk.read'] },
  { test: /^v\.event_/, figure: ['event.read'], row: ['event.read'] },
  { test: /^v\.(resource|duty|operation)_/, figure: ['command.read'], row: ['command.read'] },
  { test: /^v\.assessment_/, figure: ['assessment.read'], row: ['assessment.read'] },
  { test: /^v\.list_/, figure: [], row: ['lists.read'] },
  { test: /^v\.(run|integration|quality|profile|refined_run|vanished)/, figure: [], row: ['exchange.read'] },
  { test: /^v\.(identity|link_review|verification_row)/, figure: ['vault.reveal'], row: ['vault.reveal'] },
  { test: /^v\.(class|class_field|declaration)_/, figure: [], row: ['catalogue.read'] },
  { test: /^v\.(division|grid|road|water|place|park|building|base_|area_count)/, figure: [], row: [] },
  { test: /./, figure: [], row: ['library.read'] },
];

/** Views about natural persons that are not records of a class. */
const PEOPLE = /^v\.(person|household)_v1$|^v\.(person|household)_record_/;

/** Whether a view is about natural persons; `classes`: subject by record view. */
export const aboutPeople = (view: string, subjects: ReadonlyMap<string, string>): boolean =>
  PEOPLE.test(view) || subjects.get(view) === 'natural-person';

/** The permissions that follow from the views, and those that the declaration adds. */
export function permissionsFor(
  views: readonly string[],
  kind: 'figure' | 'row',
  people: boolean,
  more: readonly Permission[] = [],
): Permission[] {
  const all = new Set<Permission>(more);
  for (const view of views) for (const p of needs.find((n) => n.test.test(view))![kind]) all.add(p);
  if (people && kind === 'row') all.add('person.read');
  return [...all].sort();
}

/** The first permission that a viewer lacks, or undefined. */
export const lacking = (who: Pick<Principal, 'permissions'>, needed: readonly Permission[]): Permission | undefined =>
  needed.find((p) => !who.permissions.has(p));
