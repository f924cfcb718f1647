/** The configuration's door for the composition, the command line and the documentation. */
export {
  type Config,
  type ConfigInput,
  type ConfigOption,
  configSchema,
  describeConfig,
  loadConfig,
  type Secret,
} from './platform/config/index.ts';
