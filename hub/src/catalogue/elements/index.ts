/** The registry of data elements and code sets: what sources' fields refer to. */
export type { Code, CodeSet, Element } from './declaration.ts';
export { allDifferences, type Difference } from './differences.ts';
export { hasRegistry, loadRegistry, type Registry, registryRoot } from './load.ts';
export { elementRoutes } from './routes.ts';
