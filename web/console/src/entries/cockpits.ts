/** Pages of cockpits and where their code is. */
import type { PageEntry, PageModule } from '../entry.ts';

export const cockpitsPages = [] as const satisfies readonly PageEntry[];

export const cockpitsLoaders: Record<(typeof cockpitsPages)[number]['path'], () => PageModule> = {};
