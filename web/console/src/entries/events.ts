/** Pages of events. */
import type { PageEntry } from '../entry.ts';

export const eventsPages = [] as const satisfies readonly PageEntry[];
