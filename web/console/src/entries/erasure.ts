/** Pages of erasure: matters for who handles and who approves them, and what a department is to delete. */
import type { PageEntry } from '../entry.ts';

export const erasurePages = [
  { path: '/erasure', title: 'erasure', permissions: ['erasure.handle', 'erasure.approve'], area: 'system', nav: true },
  {
    path: '/erasure/$matter',
    title: 'erasure-matter',
    permissions: ['erasure.handle', 'erasure.approve'],
    area: 'system',
    nav: false,
    parent: '/erasure',
  },
  { path: '/sharing/erasures', title: 'sharing-erasures', permissions: ['sharing.read'], area: 'sharing', nav: true },
] as const satisfies readonly PageEntry[];
