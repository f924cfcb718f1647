/** Pages of command and where their code is. */
import type { PageEntry, PageModule } from '../entry.ts';

export const commandPages = [] as const satisfies readonly PageEntry[];

export const commandLoaders: Record<(typeof commandPages)[number]['path'], () => PageModule> = {};
