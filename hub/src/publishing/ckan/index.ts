/** CKAN's read API over the catalogue and open data. */
export { ckanRoutes } from './routes.ts';
