/** Pages of map and where their code is. */
import type { PageEntry, PageModule } from '../entry.ts';

export const mapPages = [] as const satisfies readonly PageEntry[];

export const mapLoaders: Record<(typeof mapPages)[number]['path'], () => PageModule> = {};
