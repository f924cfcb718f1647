/** Pages of alerts and where their code is. */
import type { PageEntry, PageModule } from '../entry.ts';

export const alertsPages = [] as const satisfies readonly PageEntry[];

export const alertsLoaders: Record<(typeof alertsPages)[number]['path'], () => PageModule> = {};
