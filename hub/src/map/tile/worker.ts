/** The tile thread: holds the features of layers and encodes tiles of them; one question after the other. */
import { parentPort } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { encodeTile, type TileLayer } from './encode.ts';
import type { Shape } from './geometry.ts';
import { LayerStore, type StoreRows } from './store.ts';

/** A layer of a tile as the thread is told it: `key` names its store. */
export type ToldLayer = Omit<TileLayer, 'store'> & { key: string };

export type Ask =
  | { kind: 'open'; key: string; fields: string[] }
  | { kind: 'rows'; key: string; rows: StoreRows }
  | { kind: 'close'; key: string }
  | { kind: 'drop'; key: string }
  | { kind: 'tile'; layers: ToldLayer[]; z: number; x: number; y: number }
  /** Features that are not kept: those of a live layer. */
  | { kind: 'once'; rows: StoreRows; layer: Omit<ToldLayer, 'key'>; z: number; x: number; y: number }
  | { kind: 'within'; key: string; shape: Shape; distance: number; limit: number };

export type Told = { n: number; answer: unknown } | { n: number; error: string };

const stores = new Map<string, LayerStore>();

function storeOf(key: string): LayerStore {
  const store = stores.get(key);
  if (!store) throw new Error(`no store ${key}`);
  return store;
}

/** gzip at a low level: half of the best gain for a tenth of its time. */
const packed = (tile: Uint8Array): Uint8Array => (tile.length === 0 ? tile : gzipSync(tile, { level: 3 }));

function answer(ask: Ask): unknown {
  switch (ask.kind) {
    case 'open':
      stores.set(ask.key, new LayerStore(ask.fields));
      return null;
    case 'rows':
      storeOf(ask.key).add(ask.rows);
      return null;
    case 'close': {
      const store = storeOf(ask.key);
      store.close();
      return { size: store.size, left: store.left };
    }
    case 'drop':
      stores.delete(ask.key);
      return null;
    case 'tile':
      return packed(
        encodeTile(
          ask.layers.map((l) => ({ ...l, store: storeOf(l.key) })),
          ask.z,
          ask.x,
          ask.y,
        ),
      );
    case 'once': {
      const store = new LayerStore(ask.layer.fields);
      store.add(ask.rows);
      store.close();
      return packed(encodeTile([{ ...ask.layer, store }], ask.z, ask.x, ask.y));
    }
    case 'within':
      return storeOf(ask.key).within(ask.shape, ask.distance, ask.limit);
  }
}

parentPort?.on('message', ({ n, ask }: { n: number; ask: Ask }) => {
  try {
    parentPort!.postMessage({ n, answer: answer(ask) } satisfies Told);
  } catch (error) {
    parentPort!.postMessage({ n, error: (error as Error).message } satisfies Told);
  }
});
