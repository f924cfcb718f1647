/** The industrial economy (产业经济库): figures of enterprises by period, their groups, gradings and confidentiality. */
export { ECONOMY_JOB, EconomyOrders, economyJob, economyOf, reloadEconomy, runEconomy, useEconomy } from './job.ts';
export { type Economy, loadEconomy } from './load.ts';
export { economyRoutes } from './routes.ts';
export { economyTables } from './tables.ts';
