/**
 * Who reads what, told from the declarations themselves: libraries, measures, comparison lists, themes, scores and warnings name
 * their sources and fields in YAML, or read `v.record_<owner>_<resource>_v1` in SQL. Of SQL a field counts as read where its name
 * stands in the text; a `SELECT *` counts as all. Later rooms add what only they know (deliveries) by `addUses`.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import type { Db } from '../../platform/db/index.ts';
import type { Bilingual } from '../../platform/i18n/index.ts';
import type { Catalogue } from '../catalogue.ts';

export type UseKind = 'library' | 'indicator' | 'list' | 'theme' | 'score' | 'warning' | 'analysis' | 'delivery';

/** Something that reads sources or other uses. */
export interface Use {
  /** `list/insurance-missing`. */
  id: string;
  kind: UseKind;
  title: Bilingual;
  /** Sources that it reads, and of each which fields; null: all of them. */
  sources: Map<string, Set<string> | null>;
  /** Other uses that it reads: `library/person`. */
  uses: Set<string>;
}

/** Uses that a room knows by itself. */
export type UseProvider = () => Promise<Use[]>;
const providers = new WeakMap<Db, UseProvider[]>();

/** Adds what a later room knows of the use of resources, e.g. deliveries. */
export const addUses = (db: Db, provider: UseProvider): void => {
  const own = providers.get(db);
  if (own) own.push(provider);
  else providers.set(db, [provider]);
};

/** The uses that rooms added. */
export const addedUses = async (db: Db): Promise<Use[]> =>
  (await Promise.all((providers.get(db) ?? []).map((p) => p()))).flat();

type Yaml = Record<string, unknown>;
const isObject = (v: unknown): v is Yaml => typeof v === 'object' && v !== null && !Array.isArray(v);
const titleOf = (v: unknown, fallback: string): Bilingual => {
  const t = isObject(v) && isObject(v.title) ? v.title : {};
  const zh = typeof t.zh === 'string' ? t.zh : fallback;
  return { zh, en: typeof t.en === 'string' ? t.en : zh };
};

/** Reads the declared folders beside `sources`. A text that cannot be read is left out: its own room tells of it. */
export class DeclaredUses {
  readonly #root: string;
  readonly #catalogue: Catalogue;
  readonly #byView: Map<string, string>;

  constructor(sources: string, catalogue: Catalogue) {
    this.#root = dirname(sources);
    this.#catalogue = catalogue;
    this.#byView = new Map(
      [...catalogue.sources.keys()].map((id) => [`record_${id.replace(/[^a-z0-9]+/g, '_')}_v1`, id]),
    );
  }

  all(): Use[] {
    const uses: Use[] = [this.#legalPersons()];
    for (const { name, file, yaml } of this.#folders('libraries')) {
      if (file === 'library.yaml') uses.push(this.#yamlUse('library', name, yaml));
      else if (file === 'economy.yaml' && isObject(yaml) && Array.isArray(yaml.measures))
        for (const m of yaml.measures) if (isObject(m)) uses.push(this.#yamlUse('indicator', String(m.id), m));
    }
    for (const [folder, kind] of [
      ['lists', 'list'],
      ['themes', 'theme'],
    ] as const)
      for (const { name, file, yaml } of this.#folders(folder))
        if (file === `${kind}.yaml`) uses.push(this.#sqlUse(kind, name, yaml, this.#sql(join(folder, name))));
    uses.push(...this.#scoring());
    return uses;
  }

  /** The library of legal persons is made of roles and golden attributes, which the sources declare themselves. */
  #legalPersons(): Use {
    const sources = new Map<string, Set<string> | null>();
    for (const { declaration: d } of this.#catalogue.sources.values()) {
      if (d.subject !== 'legal-person') continue;
      const fields = d.fields.filter((f) => f.golden || f.role || f.fact).map((f) => f.name);
      if (fields.length) sources.set(d.id, new Set(fields));
    }
    const title = { zh: '法人库', en: 'Legal persons' };
    return { id: 'library/legal-person', kind: 'library', title, sources, uses: new Set() };
  }

  #scoring(): Use[] {
    const uses: Use[] = [];
    for (const { name, file, yaml } of this.#folders('scoring')) {
      if (!isObject(yaml)) continue;
      if (file === 'model.yaml')
        uses.push(
          this.#sqlUse(
            'score',
            name,
            yaml,
            this.#sql(join('scoring', name)) + this.#sql(join('scoring', name, 'indicators')),
          ),
        );
      if (file === 'rules.yaml' && Array.isArray(yaml.rules))
        for (const rule of yaml.rules)
          if (isObject(rule)) {
            const text = this.#text(join('scoring', name, 'rules', `${String(rule.id)}.sql`));
            uses.push(this.#sqlUse('warning', String(rule.id), rule, text));
          }
      if (file === 'measures.yaml' && Array.isArray(yaml.measures))
        for (const m of yaml.measures)
          if (isObject(m)) {
            const text = this.#text(join('scoring', name, 'measures', `${String(m.id)}.sql`));
            uses.push(this.#sqlUse('analysis', String(m.id), m, text));
          }
    }
    return uses.filter((u) => u.sources.size || u.uses.size);
  }

  /** A use that names its sources in YAML: objects with a `source`, whose other words may be its fields. */
  #yamlUse(kind: UseKind, id: string, yaml: unknown): Use {
    const sources = new Map<string, Set<string> | null>();
    const walk = (node: unknown): void => {
      if (Array.isArray(node)) for (const own of node) walk(own);
      if (!isObject(node)) return;
      const source =
        typeof node.source === 'string' ? this.#catalogue.sources.get(node.source)?.declaration : undefined;
      if (source) {
        const words = new Set<string>();
        const collect = (v: unknown): void => {
          if (typeof v === 'string') for (const w of v.match(/[a-z_][a-z0-9_]*/gi) ?? []) words.add(w);
          else if (typeof v === 'object' && v !== null) for (const own of Object.values(v)) collect(own);
        };
        collect(Object.values(node));
        this.#take(
          sources,
          source.id,
          source.fields.map((f) => f.name).filter((f) => words.has(f)),
        );
      }
      for (const own of Object.values(node)) walk(own);
    };
    walk(yaml);
    return { id: `${kind}/${id}`, kind, title: titleOf(yaml, id), sources, uses: new Set() };
  }

  #sqlUse(kind: UseKind, id: string, yaml: unknown, sql: string): Use {
    const sources = new Map<string, Set<string> | null>();
    const uses = new Set<string>();
    const text = sql.replace(/--[^\n]*/g, '');
    const words = new Set((text.match(/[a-z_][a-z0-9_]*/gi) ?? []).map((w) => w.toLowerCase()));
    for (const [, view] of text.matchAll(/\bv\.([a-z][a-z0-9_]*)/g)) {
      const source = this.#byView.get(view!);
      if (source) {
        const { fields } = this.#catalogue.sources.get(source)!.declaration;
        // A field named like one of the view's own columns has `_` behind it.
        const named = fields.map((f) => f.name).filter((f) => words.has(f) || words.has(`${f}_`));
        if (/\*\s*(EXCLUDE|FROM|,|$)/i.test(text.replace(/count\(\*\)/gi, ''))) sources.set(source, null);
        else this.#take(sources, source, named);
      } else {
        const library = /^(legal_person|[a-z_]+?)(_fact|_history|_relation|_attribute|_key)?_v\d+$/
          .exec(view!)?.[1]
          ?.replaceAll('_', '-');
        if (
          library &&
          (library === 'legal-person' || existsSync(join(this.#root, 'libraries', library, 'library.yaml')))
        )
          uses.add(`library/${library}`);
      }
    }
    if (isObject(yaml) && typeof yaml.library === 'string') uses.add(`library/${yaml.library}`);
    return { id: `${kind}/${id}`, kind, title: titleOf(yaml, id), sources, uses };
  }

  #take(sources: Map<string, Set<string> | null>, source: string, fields: readonly string[]): void {
    const known = sources.get(source);
    if (known === null) return;
    sources.set(source, new Set([...(known ?? []), ...fields]));
  }

  *#folders(kind: string): Generator<{ name: string; file: string; yaml: unknown }> {
    const folder = join(this.#root, kind);
    if (!existsSync(folder)) return;
    for (const name of readdirSync(folder).sort()) {
      const own = join(folder, name);
      if (!statSync(own).isDirectory()) continue;
      for (const file of readdirSync(own).filter((f) => f.endsWith('.yaml'))) {
        try {
          yield { name, file, yaml: parse(readFileSync(join(own, file), 'utf8')) };
        } catch {
          // Told by the room that the declaration belongs to.
        }
      }
    }
  }

  #text(file: string): string {
    const path = join(this.#root, file);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  /** All SQL of a folder. */
  #sql(folder: string): string {
    const path = join(this.#root, folder);
    if (!existsSync(path)) return '';
    const files = readdirSync(path).filter((f) => f.endsWith('.sql'));
    return files.map((f) => `${readFileSync(join(path, f), 'utf8')}\n`).join('');
  }
}
