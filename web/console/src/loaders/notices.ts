/** Where the code of the pages of notices is. */
import type { noticesPages, noticesSystemPages } from '../entries/notices.ts';
import type { PageModule } from '../entry.ts';

type Path = (typeof noticesPages)[number]['path'] | (typeof noticesSystemPages)[number]['path'];

export const noticesLoaders: Record<Path, () => PageModule> = {
  '/notices': () => import('../pages/notices/inbox.tsx'),
  '/notices/settings': () => import('../pages/notices/settings.tsx'),
  '/notices/channels': () => import('../pages/notices/channels.tsx'),
};
