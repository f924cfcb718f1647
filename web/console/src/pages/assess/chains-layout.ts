/** Where nodes stand in the drawing of chains: holders above, what is held below, the enterprise itself in the middle. */
export interface Placed {
  id: string;
  x: number;
  y: number;
}

/** Layers by steps from the root: negative above (holders), positive below. Safe on circles: a node keeps its first layer. */
export function layersOf(root: string, edges: readonly { from: string; to: string }[]): Map<string, number> {
  const layer = new Map([[root, 0]]);
  const spread = (step: 1 | -1) => {
    let frontier = [root];
    for (let depth = 1; frontier.length > 0; depth++) {
      const next: string[] = [];
      for (const id of frontier) {
        for (const e of edges) {
          const other = step === -1 ? (e.to === id ? e.from : null) : e.from === id ? e.to : null;
          if (other === null || layer.has(other)) continue;
          layer.set(other, step * depth);
          next.push(other);
        }
      }
      frontier = next;
    }
  };
  spread(-1);
  spread(1);
  return layer;
}

/** Places every node that has a layer, at most `perLayer` a layer; `size` is what the drawing takes. */
export function place(
  layers: ReadonlyMap<string, number>,
  perLayer = 9,
): { placed: Placed[]; size: { width: number; height: number }; left: number } {
  const rows = new Map<number, string[]>();
  for (const [id, layer] of layers) rows.set(layer, [...(rows.get(layer) ?? []), id]);
  const order = [...rows.keys()].sort((a, b) => a - b);
  const widest = Math.max(1, ...order.map((l) => Math.min(perLayer, rows.get(l)!.length)));
  const width = Math.max(640, widest * 190);
  let left = 0;
  const placed = order.flatMap((layer, row) => {
    const ids = rows.get(layer)!;
    left += Math.max(0, ids.length - perLayer);
    const shown = ids.slice(0, perLayer);
    return shown.map((id, n) => ({ id, x: (width * (n + 0.5)) / shown.length, y: 34 + row * 104 }));
  });
  return { placed, size: { width, height: 68 + Math.max(0, order.length - 1) * 104 }, left };
}
