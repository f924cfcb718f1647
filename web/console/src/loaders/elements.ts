/** Where the code of the pages of data elements and code sets is. */
import type { elementsPages } from '../entries/elements.ts';
import type { PageModule } from '../entry.ts';

export const elementsLoaders: Record<(typeof elementsPages)[number]['path'], () => PageModule> = {
  '/elements': () => import('../pages/elements/elements.tsx'),
  '/elements/$element': () => import('../pages/elements/element.tsx'),
  '/codes': () => import('../pages/elements/codes.tsx'),
  '/codes/$set': () => import('../pages/elements/code-set.tsx'),
};
