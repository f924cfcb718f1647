/** Where the code of the pages of alerts is. */
import type { alertsPages } from '../entries/alerts.ts';
import type { PageModule } from '../entry.ts';

export const alertsLoaders: Record<(typeof alertsPages)[number]['path'], () => PageModule> = {
  '/alerts': () => import('../pages/alerts/board.tsx'),
  '/alerts/$alert': () => import('../pages/alerts/alert.tsx'),
  '/alert-rules': () => import('../pages/alerts/rules.tsx'),
  '/alert-rules/$rule': () => import('../pages/alerts/rule.tsx'),
  '/alert-silences': () => import('../pages/alerts/silences.tsx'),
  '/public-warnings': () => import('../pages/alerts/warnings.tsx'),
  '/public-warnings/$warning': () => import('../pages/alerts/warning.tsx'),
  '/cap-messages': () => import('../pages/alerts/incoming.tsx'),
};
