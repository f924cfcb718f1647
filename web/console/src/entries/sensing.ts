/** Pages of sensing and where their code is. */
import type { PageEntry, PageModule } from '../entry.ts';

export const sensingPages = [] as const satisfies readonly PageEntry[];

export const sensingLoaders: Record<(typeof sensingPages)[number]['path'], () => PageModule> = {};
