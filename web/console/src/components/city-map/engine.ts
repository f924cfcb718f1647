/** MapLibre GL, loaded when the first map is drawn: its worker is a file of the hub's own (the content security policy asks for it). */
import 'maplibre-gl/dist/maplibre-gl.css';
import { addProtocol, setWorkerCount, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { PMTiles, Protocol } from 'pmtiles';

setWorkerUrl(workerUrl);
setWorkerCount(2);

const protocol = new Protocol();
addProtocol('pmtiles', protocol.tile);
const added = new Set<string>();

/** The address of an archive's source; the archive is opened once. */
export function archiveSource(url: string): string {
  if (!added.has(url)) {
    protocol.add(new PMTiles(url));
    added.add(url);
  }
  return `pmtiles://${url}`;
}

export { Map as GlMap, type MapMouseEvent, NavigationControl, ScaleControl } from 'maplibre-gl';
