export { type ConfigOption, type ConfigSources, describeConfig, loadConfig } from './load.ts';
export { configurationPage } from './page.ts';
export { type Config, type ConfigInput, configSchema, type Secret } from './schema.ts';
