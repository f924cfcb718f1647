/** Who may see which layer, and which of its fields plain. Decided here for tiles, lists, cards and services alike. */
import { type Principal, type Protection, visibility } from '../../platform/auth/index.ts';
import { Problem } from '../../platform/problem.ts';
import { layerForbidden, unknownLayer } from '../problems.ts';
import type { LayerRegistry } from './registry.ts';
import type { LayerDefinition, LayerField } from './types.ts';

export const protectionOf = (field: LayerField): Protection => field.protection ?? 'internal';

/** Whether somebody may see the layer; a stranger only what is open. */
export function maySee(layer: LayerDefinition, who: Principal | null): boolean {
  if (!who) return layer.open === true;
  return who.permissions.has('map.read') && (!layer.permission || who.permissions.has(layer.permission));
}

/** The layer, or a Problem: 404 for a stranger whatever there is, 403 for whom it is not. */
export function seenLayer(registry: LayerRegistry, id: string, who: Principal | null): LayerDefinition {
  const layer = registry.get(id);
  if (!layer || (!who && !layer.open)) throw new Problem(unknownLayer, { layer: id });
  if (!maySee(layer, who)) throw new Problem(layerForbidden, { layer: id });
  return layer;
}

/**
 * The fields that somebody sees plain wherever many features are answered. Personal and sensitive ones never are among them: they stand
 * on the card of one feature only, masked as everywhere and audited.
 */
export function plainFields(layer: LayerDefinition, who: Principal | null): LayerField[] {
  const guarded = { level: layer.level ?? 'general', owner: layer.owner } as const;
  return layer.fields.filter((f) => {
    const protection = protectionOf(f);
    if (protection === 'personal' || protection === 'sensitive') return false;
    if (!who) return protection === 'public';
    return visibility(who, { ...guarded, protection }) === 'plain';
  });
}

/** Fields that the copy of a layer holds: those that may ever be answered for many features. */
export const copiedFields = (layer: LayerDefinition): LayerField[] =>
  layer.fields.filter((f) => protectionOf(f) === 'public' || protectionOf(f) === 'internal');

/** Names of fields that drawing needs: style, label and what is said to go along. */
export function drawnFields(layer: LayerDefinition): Set<string> {
  const { style } = layer;
  const names = new Set(layer.fields.filter((f) => f.tile).map((f) => f.name));
  if (typeof style.colour === 'object') names.add('by' in style.colour ? style.colour.by : style.colour.steps);
  if (typeof style.size === 'object') names.add(style.size.by);
  // Of shapes that are never named in writing the map needs no name: a card or a list asks for it.
  const label = layer.geometry === 'point' ? layer.label : undefined;
  for (const name of [style.height, style.label, label]) if (name) names.add(name);
  return names;
}
