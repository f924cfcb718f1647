/** Pages of alerts. */
import type { PageEntry } from '../entry.ts';

export const alertsPages = [
  { path: '/alerts', title: 'alerts', permissions: ['alert.read'], area: 'sensing', nav: true },
  {
    path: '/alerts/$alert',
    title: 'alert',
    permissions: ['alert.read'],
    area: 'sensing',
    nav: false,
    parent: '/alerts',
  },
  { path: '/alert-rules', title: 'alert-rules', permissions: ['alert.read'], area: 'sensing', nav: true },
  {
    path: '/alert-rules/$rule',
    title: 'alert-rule',
    permissions: ['alert.read'],
    area: 'sensing',
    nav: false,
    parent: '/alert-rules',
  },
  { path: '/alert-silences', title: 'alert-silences', permissions: ['alert.read'], area: 'sensing', nav: true },
  { path: '/public-warnings', title: 'public-warnings', permissions: ['alert.read'], area: 'sensing', nav: true },
  {
    path: '/public-warnings/$warning',
    title: 'public-warning',
    permissions: ['alert.read'],
    area: 'sensing',
    nav: false,
    parent: '/public-warnings',
  },
  { path: '/cap-messages', title: 'cap-messages', permissions: ['alert.read'], area: 'sensing', nav: true },
] as const satisfies readonly PageEntry[];
