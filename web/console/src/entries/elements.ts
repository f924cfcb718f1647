/** Pages of the registry of data elements and code sets. */
import type { PageEntry } from '../entry.ts';

const may = { permissions: ['catalogue.read'], area: 'catalogue' } as const;

export const elementsPages = [
  { path: '/elements', title: 'elements', ...may, nav: true },
  { path: '/elements/$element', title: 'element', ...may, nav: false, parent: '/elements' },
  { path: '/codes', title: 'codes', ...may, nav: false, parent: '/elements' },
  { path: '/codes/$set', title: 'code-set', ...may, nav: false, parent: '/codes' },
] as const satisfies readonly PageEntry[];
