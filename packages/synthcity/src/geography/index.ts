/** The city's geography: where its towns, communities, grids, roads, waters, places and houses lie. */
export { geographyClasses } from './classes.ts';
export { placeSteps } from './places.ts';
export { bentBy, type Geography, geographyOf, geographySteps, houseSql, placementSteps } from './tables.ts';
