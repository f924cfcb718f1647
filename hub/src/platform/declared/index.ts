/** Files that people declare things in: YAML against a schema and SQL that may be asked, every mistake with its place. */
export * from './problems.ts';
export {
  absentViews,
  answeredColumns,
  isTree,
  needColumns,
  nothingSeen,
  outsideOf,
  parseSelect,
  publishedViews,
  readSelect,
  type Seen,
  type Select,
  type SqlTree,
  walk,
  withDay,
} from './sql.ts';
export { pointer, readYaml, type YamlFile } from './yaml.ts';
