/** Thematic libraries (专题库): declared selections of entities with their history, quality, and who may see them. */
export { DailyThemes, reloadThemes, THEMES_JOB, themesJob, themesOf, useThemes } from './job.ts';
export { type LoadedTheme, loadThemes, type Themes } from './load.ts';
export { defineLibraryRecordViews, libraryRecordView } from './records.ts';
export { themeRoutes } from './routes.ts';
export { runTheme, type ThemeRun } from './run.ts';
export { themeTables } from './tables.ts';
