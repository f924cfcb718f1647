/** The card of one feature: all its fields with their titles, masked as everywhere, the look at personal data audited. */
import { type Principal, visibility } from '../../platform/auth/index.ts';
import { readSelect } from '../../platform/declared/index.ts';
import { ident } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { Shower } from '../../refinery/index.ts';
import { protectionOf } from '../layer/rights.ts';
import type { LayerDefinition, LayerField } from '../layer/types.ts';
import { unknownFeature } from '../problems.ts';
import { type FeatureDeps, features, liveFeatures } from './ask.ts';

/** One feature with its card. */
export async function card(
  deps: FeatureDeps & Pick<Deps, 'audit' | 'vault'>,
  layer: LayerDefinition,
  id: string,
  who: Principal,
) {
  const query = { bbox: null, time: null, where: [], ids: [id], limit: 1, offset: 0 };
  const feature = (await features(deps, layer, who, query)).features[0];
  if (!feature) throw new Problem(unknownFeature, { layer: layer.id, id });
  const guarded = layer.fields.filter((f) => ['personal', 'sensitive'].includes(protectionOf(f)));
  const own = guarded.length > 0 ? await personal(deps, layer, guarded, id, who) : {};
  const shower = new Shower(who, deps.vault);
  const level = layer.level ?? 'general';
  const cells = layer.fields.map((f) => {
    const v = f.name in own ? own[f.name] : feature.properties[f.name];
    const raw = v === null || v === undefined ? null : String(v);
    const protection = protectionOf(f);
    // What was not answered plain is not known here: its cell says how it may be seen.
    const seen = visibility(who, { level, owner: layer.owner, protection });
    const cell =
      f.name in feature.properties || f.name in own
        ? shower.cell(
            { level, owner: layer.owner },
            { protection, ...(f.format ? { format: f.format as never } : {}) },
            raw,
          )
        : { value: null, shown: seen };
    return { name: f.name, title: f.title, type: f.type ?? 'text', unit: f.unit ?? null, cell };
  });
  await shower.settle(deps.audit, `map/${layer.id}/${id}`);
  const values = { id, ...feature.properties } as Record<string, unknown>;
  return {
    layer: layer.id,
    title: layer.title,
    id,
    label: layer.label ? ((values[layer.label] as string | null) ?? null) : null,
    geometry: feature.geometry,
    link: layer.link ? linkOf(layer.link, values) : null,
    fields: cells.map(({ cell, ...f }) => ({ ...f, value: cell.value, shown: cell.shown })),
  };
}

/** Fills `{name}` in an address; null where a value is lacking. */
function linkOf(template: string, values: Record<string, unknown>): string | null {
  let whole = true;
  const link = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const v = values[name];
    if (v === null || v === undefined || v === '') whole = false;
    return encodeURIComponent(String(v ?? ''));
  });
  return whole ? link : null;
}

/** Personal and sensitive values of one feature: never copied, read where they stand. */
async function personal(
  deps: FeatureDeps,
  layer: LayerDefinition,
  fields: readonly LayerField[],
  id: string,
  who: Principal,
): Promise<Record<string, unknown>> {
  if (!('select' in layer.source)) {
    const [found] = await liveFeatures(layer, { bbox: null, zoom: null, at: null, id, limit: 1, who });
    return Object.fromEntries(fields.map((f) => [f.name, found?.properties[f.name] ?? null]));
  }
  const { select } = layer.source;
  return deps.lake.session(async (s) => {
    const read = await readSelect(s, select, `layer ${layer.id}`);
    const row = await s.first<Record<string, unknown>>(
      `SELECT ${fields.map((f) => `${ident(f.name)}::VARCHAR AS ${ident(f.name)}`).join(', ')} FROM (${read.sql}) WHERE id::VARCHAR = $id LIMIT 1`,
      { id },
    );
    return row ?? Object.fromEntries(fields.map((f) => [f.name, null]));
  });
}
