/** The reader of declared YAML under the name that scoring knew it by. */
export { readYaml as readDeclared, type YamlFile as Declared } from '../../platform/declared/index.ts';
