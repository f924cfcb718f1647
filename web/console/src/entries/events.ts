/** Pages of events and where their code is. */
import type { PageEntry, PageModule } from '../entry.ts';

export const eventsPages = [] as const satisfies readonly PageEntry[];

export const eventsLoaders: Record<(typeof eventsPages)[number]['path'], () => PageModule> = {};
