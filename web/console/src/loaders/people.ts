/** Where the code of the pages of people and organisations is. */
import type { peoplePages, peopleSystemPages } from '../entries/people.ts';
import type { PageModule } from '../entry.ts';

type Path = (typeof peoplePages)[number]['path'] | (typeof peopleSystemPages)[number]['path'];

export const peopleLoaders: Record<Path, () => PageModule> = {
  '/system/organisations': () => import('../pages/people/organisations.tsx'),
  '/system/organisations/$code': () => import('../pages/people/organisation.tsx'),
  '/system/recertification': () => import('../pages/people/recertification.tsx'),
  '/people/$user': () => import('../pages/people/person.tsx'),
  '/account/roles': () => import('../pages/people/own-roles.tsx'),
  '/account/recertification': () => import('../pages/people/own-recertification.tsx'),
};
