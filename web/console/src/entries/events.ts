/** Pages of events. */
import type { PageEntry } from '../entry.ts';

const read = ['event.read'] as const;

export const eventsPages = [
  { path: '/events', title: 'events', permissions: read, area: 'events', nav: true },
  { path: '/events/queue', title: 'events-queue', permissions: ['event.dispatch'], area: 'events', nav: true },
  { path: '/events/new', title: 'events-new', permissions: ['event.dispatch'], area: 'events', nav: true },
  { path: '/events/statistics', title: 'events-statistics', permissions: read, area: 'events', nav: true },
  { path: '/events/matters', title: 'events-matters', permissions: read, area: 'events', nav: true },
  { path: '/events/clients', title: 'events-clients', permissions: ['event.manage'], area: 'events', nav: true },
  // Whose organisation works on an event, and who reported it, see it without seeing all.
  {
    path: '/events/$event',
    title: 'event',
    permissions: ['event.read', 'event.handle', 'event.report'],
    area: 'events',
    nav: false,
    parent: '/events',
  },
  // Pages of the phone: what the own organisation was given.
  { path: '/field', title: 'field', permissions: ['event.handle'], area: 'events', nav: true },
  {
    path: '/field/tasks/$event',
    title: 'field-task',
    permissions: ['event.handle'],
    area: 'events',
    nav: false,
    parent: '/field',
  },
  // Citizens, without an account.
  { path: '/report', title: 'public-report', permissions: [], area: 'events', nav: false, public: true },
  { path: '/report/follow', title: 'public-follow', permissions: [], area: 'events', nav: false, public: true },
] as const satisfies readonly PageEntry[];

/** Reporting from the field: behind the collectors' own pages, since that is where they begin. */
export const fieldReportPages = [
  { path: '/field/report', title: 'field-report', permissions: ['event.report'], area: 'events', nav: true },
] as const satisfies readonly PageEntry[];
