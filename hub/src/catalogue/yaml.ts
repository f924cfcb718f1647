/** The reader of declared YAML, which lives in the platform; kept here for who knew it here. */
export { pointer, readYaml, type YamlFile } from '../platform/declared/index.ts';
