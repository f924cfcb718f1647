/**
 * The part of the hub's door that loads no engine: settings, who holds a data folder, problems. A command that only speaks
 * to a running hub needs no more and starts in a third of the time.
 */
export { type Config, type ConfigOption, describeConfig, loadConfig } from './config.ts';
export { holderOf, type LockHolder } from './platform/lock/index.ts';
export { Problem, problemKind } from './platform/problem.ts';
