/** The hub's door for the command line and the benches: start it, or find the one that runs. */
export { type App, type AppOptions, createApp, version } from './app.ts';
export { checkSourceFolders, type SourceCheck } from './check-sources.ts';
export { type Config, type ConfigOption, describeConfig, loadConfig } from './config.ts';
export { holderOf, type LockHolder } from './platform/lock/index.ts';
export { Problem } from './platform/problem.ts';
