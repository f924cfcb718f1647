/** The city's economy: what enterprises truly do, the parks, and what departments deliver of it. */
export { economySteps } from './city.ts';
export { economyClasses } from './classes.ts';
export { defaultEconomyRates, type EconomyModel, type EconomyRates, economyDefectNames } from './model.ts';
export { welfareClasses } from './people.ts';
export { type EconomyPlan, writeEconomy } from './write.ts';
