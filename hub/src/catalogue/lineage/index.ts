/** Lineage of resources: who reads what, as a graph and as OpenLineage events. */
export { lineageRoutes } from './routes.ts';
export { addUses, DeclaredUses, type Use, type UseKind, type UseProvider } from './uses.ts';
