/** The refinery's door: profile, clean, quality, match. */
export * from './api.ts';
export { refineryTables } from './tables.ts';
export { refineryViews } from './views.ts';
