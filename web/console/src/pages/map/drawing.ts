/** Drawing on the map with terra-draw: one shape at a time, a new one takes the place of the old. */
import type { Map as GlMap } from 'maplibre-gl';
import {
  TerraDraw,
  TerraDrawCircleMode,
  TerraDrawLineStringMode,
  TerraDrawPointMode,
  TerraDrawPolygonMode,
} from 'terra-draw';
import { TerraDrawMapLibreGLAdapter } from 'terra-draw-maplibre-gl-adapter';
import type { Drawn } from './measure.ts';

export type Tool = 'point' | 'linestring' | 'polygon' | 'circle';

/** A pen on a map: `use` takes a tool up, `drop` lays it down; what was drawn is told and taken off again. */
export interface Pen {
  use(tool: Tool): void;
  drop(): void;
  stop(): void;
}

/** Makes a pen. `colour`: #rrggbb of what is being drawn. */
export function penOn(map: GlMap, colour: string, done: (shape: Drawn) => void): Pen {
  const hex = colour as `#${string}`;
  const area = { fillColor: hex, fillOpacity: 0.15, outlineColor: hex, outlineWidth: 2 };
  const draw = new TerraDraw({
    adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: 6 }),
    modes: [
      new TerraDrawPointMode({ styles: { pointColor: hex } }),
      new TerraDrawLineStringMode({ styles: { lineStringColor: hex, lineStringWidth: 2.4, closingPointColor: hex } }),
      new TerraDrawPolygonMode({ styles: { ...area, closingPointColor: hex } }),
      new TerraDrawCircleMode({ styles: area, segments: 48 } as never),
    ],
  });
  draw.start();
  draw.on('finish', (id) => {
    const found = draw.getSnapshot().find((f) => f.id === id);
    if (!found) return;
    const { type, coordinates } = found.geometry;
    if (type === 'Point' || type === 'LineString' || type === 'Polygon') done({ type, coordinates } as Drawn);
    draw.clear();
    draw.setMode('static');
  });
  return {
    use: (tool) => {
      draw.clear();
      draw.setMode(tool);
    },
    drop: () => {
      draw.clear();
      draw.setMode('static');
    },
    stop: () => {
      try {
        draw.stop();
      } catch {
        // The map was taken down before its pen: nothing is left to take off.
      }
    },
  };
}
