/** Where the code of the pages of events is. */
import type { eventsPages, fieldReportPages } from '../entries/events.ts';
import type { PageModule } from '../entry.ts';

type Path = (typeof eventsPages | typeof fieldReportPages)[number]['path'];

export const eventsLoaders: Record<Path, () => PageModule> = {
  '/events': () => import('../pages/events/list.tsx'),
  '/events/queue': () => import('../pages/events/queue.tsx'),
  '/events/new': () => import('../pages/events/desk.tsx'),
  '/events/statistics': () => import('../pages/events/statistics.tsx'),
  '/events/matters': () => import('../pages/events/matters.tsx'),
  '/events/clients': () => import('../pages/events/clients.tsx'),
  '/events/$event': () => import('../pages/events/event.tsx'),
  '/field': () => import('../pages/events/field/home.tsx'),
  '/field/tasks/$event': () => import('../pages/events/field/task.tsx'),
  '/field/report': () => import('../pages/events/field/report.tsx'),
  '/report': () => import('../pages/events/public/report.tsx'),
  '/report/follow': () => import('../pages/events/public/follow.tsx'),
};
