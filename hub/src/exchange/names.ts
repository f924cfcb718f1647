/** Names in the lake that follow from a source's id. */
import { ident } from '../platform/lake/index.ts';

/** `scjg.market-entity` -> `scjg_market_entity`. */
export const className = (source: string): string => source.replaceAll(/[.-]/g, '_');

/** The quoted table of a source's received rows: `raw."scjg_market_entity"`. */
export const rawTable = (source: string): string => `raw.${ident(className(source))}`;

/** Writers of one source wait for each other. */
export const lane = (source: string): string => `exchange:${source}`;
