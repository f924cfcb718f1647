/** CKAN's read API over the catalogue and open data. */
export type { OpenDataPort, RowsQuery } from './datastore.ts';
export { ckanRoutes } from './routes.ts';
