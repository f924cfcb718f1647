/** Pages of cockpits. */
import type { PageEntry } from '../entry.ts';

export const cockpitsPages = [
  { path: '/cockpits', title: 'cockpits', permissions: ['cockpit.read'], area: 'cockpits', nav: true },
  {
    path: '/cockpits/$scenario',
    title: 'cockpit',
    permissions: ['cockpit.read'],
    area: 'cockpits',
    nav: false,
    parent: '/cockpits',
  },
  {
    path: '/cockpits/$scenario/screen',
    title: 'cockpit-screen',
    permissions: ['cockpit.read'],
    area: 'cockpits',
    nav: false,
    parent: '/cockpits/$scenario',
  },
  {
    path: '/cockpits/$scenario/indicators/$indicator',
    title: 'cockpit-indicator',
    permissions: ['cockpit.read'],
    area: 'cockpits',
    nav: false,
    parent: '/cockpits/$scenario',
  },
  { path: '/cockpit-studio', title: 'cockpit-studio', permissions: ['cockpit.manage'], area: 'cockpits', nav: true },
] as const satisfies readonly PageEntry[];
