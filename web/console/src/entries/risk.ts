/** Pages of risk and where their code is. */
import type { PageEntry, PageModule } from '../entry.ts';

export const riskPages = [] as const satisfies readonly PageEntry[];

export const riskLoaders: Record<(typeof riskPages)[number]['path'], () => PageModule> = {};
