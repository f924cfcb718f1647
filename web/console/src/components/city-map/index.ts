/** The city's map for any page; see city-map.tsx. */
export { CityMap, type CityMapProps, cityBox, useMapData } from './city-map.tsx';
export type { Features, MapData, MapLayer, Overlay, Picked, View } from './types.ts';
