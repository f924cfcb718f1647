/** The door of map. One map (一张图): declared layers, vector tiles, features by OGC API. */
export { addLayers } from './layer/registry.ts';
export type {
  Box,
  LayerColour,
  LayerDefinition,
  LayerField,
  LayerGroup,
  LayerStyle,
  LiveAsk,
  MapFeature,
  MapGeometry,
} from './layer/types.ts';
export { mapRoom } from './module.ts';
