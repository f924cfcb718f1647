/** Pages of notices: everybody's own inbox and settings, the ways out for administrators. */
import type { PageEntry } from '../entry.ts';

export const noticesPages = [
  { path: '/notices', title: 'notices', permissions: [], area: 'account', nav: false },
  {
    path: '/notices/settings',
    title: 'notices-settings',
    permissions: [],
    area: 'account',
    nav: false,
    parent: '/notices',
  },
] as const satisfies readonly PageEntry[];

/** The page of administrators, among those of the system. */
export const noticesSystemPages = [
  { path: '/notices/channels', title: 'notices-channels', permissions: ['system.read'], area: 'system', nav: true },
] as const satisfies readonly PageEntry[];
