/** Who opens which page of the console in the browser: by the table of pages and the table of roles, the one that sees most and the one that sees least. */
import { rolePermissions } from '../../hub/src/platform/auth/principal.ts';
import { mayOpen, type PageEntry } from '../../web/console/src/pages.ts';
import { type Login, logins, roleOf } from './people.ts';

/** One of each role: people of other departments are offered what those of the first are. */
export const ofEachRole = logins.filter((login) => !/^(rsj|mzj)-/.test(login));

/** Everybody whom a page is for, one of each role. */
export const openersOf = (page: PageEntry): Login[] =>
  ofEachRole.filter((login) => mayOpen(page, new Set(rolePermissions[roleOf[login]])));

/** Who walks, the most seeing first. */
export const walkers: readonly Login[] = [
  ...(['steward', 'officer', 'head', 'duty', 'field'] as const),
  ...(['secadmin', 'auditadmin', 'archivist', 'sysadmin'] as const),
];

/** Who opens a page: the first of them who may. */
export function opener(page: PageEntry): Login {
  const walker = walkers.find((login) => mayOpen(page, new Set(rolePermissions[roleOf[login]])));
  if (!walker) throw new Error(`nobody who walks may open ${page.path}`);
  return walker;
}

/** Who sees least of those whom a page is for, beside its opener; undefined where there is nobody else. */
export function leastSeeing(page: PageEntry): Login | undefined {
  const sees = (login: Login) => rolePermissions[roleOf[login]].length;
  return openersOf(page)
    .filter((login) => login !== opener(page))
    .sort((a, b) => sees(a) - sees(b))[0];
}
