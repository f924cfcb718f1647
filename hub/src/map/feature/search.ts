/** Search on the map: features of searchable layers by their label, as people type it. */
import type { Principal } from '../../platform/auth/index.ts';
import { ident } from '../../platform/lake/index.ts';
import { copyTable } from '../layer/copy.ts';
import type { LayerRegistry } from '../layer/registry.ts';
import { maySee, plainFields } from '../layer/rights.ts';
import type { FeatureDeps } from './ask.ts';

/** Most that one layer contributes. */
const OF_ONE = 8;

/** Features whose label holds the words: names that begin with them first, short ones before long ones. */
export async function search(deps: FeatureDeps, registry: LayerRegistry, text: string, who: Principal, limit: number) {
  const words = text.trim().split(/\s+/).filter(Boolean).slice(0, 5);
  if (words.length === 0) return { found: [], layers: [] };
  const asked = registry
    .all()
    .filter((l) => l.search && l.label && 'select' in l.source && maySee(l, who))
    .filter((l) => plainFields(l, who).some((f) => f.name === l.label));
  const lists = await Promise.all(
    asked.map(async (layer) => {
      // A layer whose data are not there yet has nothing to find; the list of layers says so.
      const there = await deps.copies.of(layer).catch(() => null);
      if (!there) return [];
      const label = ident(layer.label!);
      const params = Object.fromEntries(words.map((w, i) => [`w${i}`, w.toLowerCase()]));
      const rows = await deps.lake.query<{ id: string; label: string; lon: number; lat: number; first: boolean }>(
        `SELECT id, ${label} AS label, lon, lat, starts_with(lower(${label}), $w0) AS first FROM ${copyTable(layer)}
         WHERE ${words.map((_, i) => `contains(lower(${label}), $w${i})`).join(' AND ')}
         ORDER BY first DESC, length(${label}), ${label}, id LIMIT ${OF_ONE}`,
        params,
      );
      return rows.map((r) => ({ layer: layer.id, layerTitle: layer.title, ...r }));
    }),
  );
  const found = lists
    .flat()
    .sort((a, b) => Number(b.first) - Number(a.first) || a.label.length - b.label.length)
    .slice(0, limit)
    .map(({ first: _, ...r }) => r);
  return { found, layers: asked.map((l) => l.id) };
}
