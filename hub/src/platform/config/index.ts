export { type Config, type ConfigInput, configSchema, type Secret } from './schema.ts';
