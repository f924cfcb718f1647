/** Chains of control, ownership and guarantee: what the room composes. */
export { chainRoutes } from './routes.ts';
