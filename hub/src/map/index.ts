/** The door of map. One map (一张图): declared layers, vector tiles, features by OGC API. */
export { mapRoom } from './module.ts';
