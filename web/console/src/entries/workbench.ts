/** Pages of the query workbench. */
import type { PageEntry } from '../entry.ts';

export const workbenchPages = [
  { path: '/workbench', title: 'workbench', permissions: ['workbench.use'], area: 'cockpits', nav: true },
  {
    path: '/workbench/saved',
    title: 'workbench-saved',
    permissions: ['workbench.use'],
    area: 'cockpits',
    nav: false,
    parent: '/workbench',
  },
] as const satisfies readonly PageEntry[];
