/** Comparison lists (应检未检): who should have done something and has not, day by day, delivered to each division. */
export { DailyLists, listsJob, listsOf, reload, useLists } from './job.ts';
export { type Lists, type LoadedList, loadLists } from './load.ts';
export { listRoutes } from './routes.ts';
export { type ListRun, runList } from './run.ts';
export { listTables } from './tables.ts';
