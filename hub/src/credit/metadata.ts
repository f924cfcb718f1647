/**
 * What the classes are: their titles, owners, protection and the fields of every version, and by which version a run
 * was cleaned. Kept in memory and read again when something unknown is met or a new version is announced.
 */
import type { Guarded, Level, Protection } from '../platform/auth/protection.ts';
import type { Lake } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import { type Category, category, type FieldRef } from './api.ts';
import { classUnknown } from './problems.ts';

/** A class with the fields of its versions. */
export interface ClassMeta {
  class: number;
  source: string;
  owner: string;
  category: Category;
  title: { zh: string; en: string };
  level: Level;
  rank: number;
  /** Fields by version in the order of their positions; a payload of a version has its values in this order. */
  versions: Map<number, FieldRef[]>;
  /** Fields as they are shown: those of the newest version, then those that only older versions had. */
  fields: FieldRef[];
  /** Attribute of the golden record by the name of the field that speaks to it. */
  golden: Map<string, string>;
}

type Golden = { class: ClassMeta; field: FieldRef };

const protections: readonly Protection[] = ['public', 'internal', 'personal', 'sensitive'];
/** Attributes that are never less protected than this, whatever a source declares. */
const FLOOR: Readonly<Record<string, Protection>> = {
  'legal-representative': 'personal',
  'legal-representative-id': 'sensitive',
  phone: 'sensitive',
};

/** Categories in the order of the panorama, with their titles. */
export const CATEGORY_TITLES: Readonly<Record<Category, { zh: string; en: string }>> = {
  registration: { zh: '登记信息', en: 'Registration' },
  permit: { zh: '行政许可', en: 'Permits' },
  penalty: { zh: '行政处罚', en: 'Penalties' },
  asset: { zh: '资产', en: 'Assets' },
  honour: { zh: '荣誉', en: 'Honours' },
  tax: { zh: '纳税', en: 'Tax' },
  'social-insurance': { zh: '社会保险', en: 'Social insurance' },
  utility: { zh: '水电气缴费', en: 'Utility payments' },
  operation: { zh: '经营', en: 'Operation' },
  court: { zh: '司法', en: 'Court' },
  dishonesty: { zh: '失信', en: 'Dishonesty' },
  'bad-loan': { zh: '不良贷款', en: 'Bad loans' },
  other: { zh: '其他', en: 'Other' },
};

interface FieldRow extends Record<string, unknown> {
  class: number;
  version: number;
  position: number;
  name: string;
  title_zh: string;
  title_en: string;
  type: string;
  format: string | null;
  unit: string | null;
  protection: Protection;
  fact_role: string | null;
  golden: string | null;
}

interface Loaded {
  classes: Map<number, ClassMeta>;
  golden: Map<string, Golden[]>;
}

/** See the head of this file. */
export class Metadata {
  readonly #lake: Lake;
  #loaded: Promise<Loaded> | null = null;
  #loadedAt = 0;
  readonly #versions = new Map<number, number>();

  constructor(lake: Lake) {
    this.#lake = lake;
  }

  /** Forgets everything: the next look reads the views again. */
  invalidate(): void {
    this.#loaded = null;
    this.#versions.clear();
  }

  #load(): Promise<Loaded> {
    if (!this.#loaded) {
      this.#loadedAt = performance.now();
      const loading = this.#read();
      this.#loaded = loading;
      loading.catch(() => {
        if (this.#loaded === loading) this.#loaded = null;
      });
    }
    return this.#loaded;
  }

  async #read(): Promise<Loaded> {
    const [rows, fields] = await Promise.all([
      this.#lake.query('SELECT class, source, owner, category, title_zh, title_en, level, rank FROM v.class_v1'),
      this.#lake.query<FieldRow>(
        `SELECT class, version, position, name, title_zh, title_en, type, format, unit, protection, fact_role, golden
         FROM v.class_field_v1 ORDER BY class, version, position`,
      ),
    ]);
    const classes = new Map<number, ClassMeta>();
    for (const r of rows) {
      classes.set(r.class as number, {
        class: r.class as number,
        source: r.source as string,
        owner: r.owner as string,
        category: category.safeParse(r.category).data ?? 'other',
        title: { zh: r.title_zh as string, en: (r.title_en ?? r.title_zh) as string },
        level: r.level as Level,
        rank: Number(r.rank ?? 50),
        versions: new Map(),
        fields: [],
        golden: new Map(),
      });
    }
    const golden = new Map<string, Golden[]>();
    for (const f of fields) {
      const meta = classes.get(f.class);
      if (!meta) continue;
      const field: FieldRef = {
        position: f.position,
        name: f.name,
        title: { zh: f.title_zh, en: f.title_en ?? f.title_zh },
        type: f.type,
        format: f.format,
        unit: f.unit,
        protection: f.protection,
        role: f.fact_role,
      };
      let list = meta.versions.get(f.version);
      if (!list) {
        list = [];
        meta.versions.set(f.version, list);
      }
      list.push(field);
      if (f.golden) meta.golden.set(f.name, f.golden);
      if (f.golden) golden.set(f.golden, [...(golden.get(f.golden) ?? []), { class: meta, field }]);
    }
    for (const meta of classes.values()) {
      const shown = new Map<string, FieldRef>();
      for (const [, list] of [...meta.versions].sort((a, b) => b[0] - a[0])) {
        for (const f of list) if (!shown.has(f.name)) shown.set(f.name, f);
      }
      meta.fields = [...shown.values()];
    }
    return { classes, golden };
  }

  /** All classes by number. */
  async classes(): Promise<Map<number, ClassMeta>> {
    return (await this.#load()).classes;
  }

  /** One class; a number not known yet is looked for again, at most once in two seconds. */
  async class(number: number): Promise<ClassMeta> {
    let found = (await this.#load()).classes.get(number);
    if (!found && performance.now() - this.#loadedAt > 2000) {
      this.invalidate();
      found = (await this.#load()).classes.get(number);
    }
    if (!found) throw new Problem(classUnknown, { class: number });
    return found;
  }

  /** Classes of a category, in order of number. */
  async ofCategory(wanted: Category): Promise<ClassMeta[]> {
    return [...(await this.classes()).values()].filter((c) => c.category === wanted).sort((a, b) => a.class - b.class);
  }

  /** Learns by which declaration versions runs were cleaned, of runs not known yet. */
  async learnRuns(runs: Iterable<number>): Promise<void> {
    const unknown = [...new Set(runs)].filter((r) => Number.isInteger(r) && !this.#versions.has(r));
    if (unknown.length === 0) return;
    if (this.#versions.size > 50_000) this.#versions.clear();
    const rows = await this.#lake.query<{ run: number; version: number }>(
      `SELECT run, version FROM v.refined_run_v1 WHERE run IN (${unknown.join(', ')})`,
    );
    for (const r of rows) this.#versions.set(r.run, r.version);
  }

  /** The fields that a payload of this run has (after `learnRuns`); the newest when the run is not known. */
  fieldsOf(meta: ClassMeta, run: number): FieldRef[] {
    const version = this.#versions.get(run);
    return (version === undefined ? undefined : meta.versions.get(version)) ?? newest(meta);
  }

  /** How an attribute of the golden record is protected; the class that gave the value decides level and owner. */
  async guard(attribute: string, from?: number | null): Promise<Guarded & { format: string | null }> {
    const { golden, classes } = await this.#load();
    const speakers = golden.get(attribute) ?? [];
    let protection: Protection = FLOOR[attribute] ?? 'public';
    for (const { field } of speakers) {
      if (protections.indexOf(field.protection) > protections.indexOf(protection)) protection = field.protection;
    }
    const best = [...speakers].sort((a, b) => a.class.rank - b.class.rank)[0];
    const meta = (from ? classes.get(from) : undefined) ?? best?.class;
    const format = best?.field.format ?? (attribute === 'legal-representative' ? 'person-name' : null);
    return { level: meta?.level ?? 'important', owner: meta?.owner ?? '', protection, format };
  }
}

function newest(meta: ClassMeta): FieldRef[] {
  return meta.versions.get(Math.max(...meta.versions.keys())) ?? [];
}

/** The guard of one field of a class. */
export const guardOf = (meta: ClassMeta, field: Pick<FieldRef, 'protection'>): Guarded => ({
  level: meta.level,
  owner: meta.owner,
  protection: field.protection,
});

/** A class as it is referred to in answers. */
export const refOf = (meta: ClassMeta) => ({
  class: meta.class,
  source: meta.source,
  owner: meta.owner,
  category: meta.category,
  title: meta.title,
});

/** A class with the fields of its newest version. */
export const withFields = (meta: ClassMeta) => ({ ...refOf(meta), level: meta.level, fields: meta.fields });
