/** Pages of people and organisations: administrators' and everybody's own. */
import type { PageEntry } from '../entry.ts';

export const peopleSystemPages = [
  {
    path: '/system/organisations',
    title: 'people-organisations',
    permissions: ['users.manage', 'roles.manage'],
    area: 'system',
    nav: true,
  },
  {
    path: '/system/organisations/$code',
    title: 'people-organisation',
    permissions: ['users.manage', 'roles.manage'],
    area: 'system',
    nav: false,
    parent: '/system/organisations',
  },
  {
    path: '/system/recertification',
    title: 'recertification',
    permissions: ['roles.manage'],
    area: 'system',
    nav: true,
  },
] as const satisfies readonly PageEntry[];

export const peoplePages = [
  {
    path: '/people/$user',
    title: 'person-held',
    permissions: ['users.manage', 'roles.manage', 'catalogue.approve'],
    area: 'account',
    nav: false,
  },
  { path: '/account/roles', title: 'own-roles', permissions: [], area: 'account', nav: false, parent: '/account' },
  {
    path: '/account/recertification',
    title: 'own-recertification',
    permissions: [],
    area: 'account',
    nav: false,
    parent: '/account',
  },
] as const satisfies readonly PageEntry[];
