/** Where an element is used: fields of sources that refer to it, and whatever reads those fields. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Deps } from '../../platform/room.ts';
import type { Catalogue } from '../catalogue.ts';
import { entriesOf, itemsOf } from '../entry/index.ts';
import { addedUses, DeclaredUses, type Use } from '../lineage/uses.ts';
import { registryRoot } from './load.ts';

/** One place of use. */
export interface Usage {
  kind: 'field' | 'entry' | 'view' | 'cockpit' | string;
  id: string;
  title: { zh: string; en: string };
  /** Which fields: `source.field`. */
  through: string[];
}

/** An entry may have no English title. */
const titleOf = (t: { zh: string; en: string }) => ({ zh: t.zh, en: t.en || t.zh });

const viewOf = (source: string): string => `record_${source.replace(/[^a-z0-9]+/g, '_')}_v1`;

/** Texts of the scenarios of cockpits, by scenario. */
function scenarioTexts(root: string): Map<string, string> {
  const folder = join(root, 'scenarios');
  const texts = new Map<string, string>();
  if (!existsSync(folder)) return texts;
  const read = (at: string): string =>
    readdirSync(at)
      .filter((n) => !n.startsWith('.'))
      .map((n) => join(at, n))
      .map((p) => (statSync(p).isDirectory() ? read(p) : /\.(yaml|sql)$/.test(p) ? readFileSync(p, 'utf8') : ''))
      .join('\n');
  for (const name of readdirSync(folder)) {
    const at = join(folder, name);
    if (!name.startsWith('.') && statSync(at).isDirectory()) texts.set(name, read(at));
  }
  return texts;
}

const known = new WeakMap<object, Use[]>();

/** What declared folders read; read once for the catalogue's present sources. */
function declaredUses(sources: string, catalogue: Catalogue): Use[] {
  const had = known.get(catalogue.sources);
  if (had) return had;
  const uses = new DeclaredUses(sources, catalogue).all();
  known.set(catalogue.sources, uses);
  return uses;
}

/** Everything that uses an element. */
export async function usagesOf(
  deps: Pick<Deps, 'db' | 'folders'>,
  catalogue: Catalogue,
  element: string,
): Promise<Usage[]> {
  const out: Usage[] = [];
  const fields = new Map<string, Set<string>>();
  for (const d of catalogue.declarations())
    for (const f of d.fields)
      if (f.element === element) {
        fields.set(d.id, (fields.get(d.id) ?? new Set()).add(f.name));
        const title = { zh: `${d.title.zh}：${f.title.zh}`, en: `${d.title.en}: ${f.title.en}` };
        out.push({ kind: 'field', id: d.id, title, through: [`${d.id}.${f.name}`] });
      }
  const through = (of: ReadonlyMap<string, Set<string> | null>): string[] =>
    [...of].flatMap(([source, names]) =>
      [...(fields.get(source) ?? [])].filter((f) => names === null || names.has(f)).map((f) => `${source}.${f}`),
    );
  for (const entry of entriesOf(deps.db).all()) {
    const source = entry.source;
    const own = source === null ? undefined : fields.get(source);
    if (!own) continue;
    const items = (itemsOf(deps.db, entry.id) ?? []).filter((i) => own.has(i.name));
    if (items.length)
      out.push({
        ...{ kind: 'entry', id: entry.id, through: items.map((i) => `${source}.${i.name}`) },
        title: titleOf((entry.published ?? entry.open)!.content.title),
      });
  }
  for (const [source, names] of fields) {
    const d = catalogue.sources.get(source)!.declaration;
    out.push({
      kind: 'view',
      id: `v.${viewOf(source)}`,
      title: d.title,
      through: [...names].map((f) => `${source}.${f}`),
    });
  }
  const uses = [...declaredUses(deps.folders.sources, catalogue), ...(await addedUses(deps.db))];
  for (const use of uses) {
    const by = through(use.sources);
    if (by.length) out.push({ kind: use.kind, id: use.id, title: use.title, through: by });
  }
  for (const [name, text] of scenarioTexts(registryRoot(deps.folders.sources))) {
    const by = [...fields].flatMap(([source, names]) =>
      text.includes(viewOf(source))
        ? [...names].filter((f) => new RegExp(`\\b${f}\\b`).test(text)).map((f) => `${source}.${f}`)
        : [],
    );
    if (by.length) out.push({ kind: 'cockpit', id: name, title: { zh: name, en: name }, through: by });
  }
  return out;
}
