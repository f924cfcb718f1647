/** Where the code of the pages of events is. */
import type { eventsPages } from '../entries/events.ts';
import type { PageModule } from '../entry.ts';

export const eventsLoaders: Record<(typeof eventsPages)[number]['path'], () => PageModule> = {};
