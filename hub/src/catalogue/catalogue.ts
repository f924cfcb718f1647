/** The catalogue of a running hub: what is declared, in which version, and the views by which other rooms know it. */
import type { Clock } from '../platform/clock.ts';
import type { Lake } from '../platform/lake/index.ts';
import type { Problem } from '../platform/problem.ts';
import { type LoadedSource, loadSources, type SampleCheck } from './check.ts';
import type { SourceDeclaration } from './declaration.ts';
import { type Organisation, readOrganisations } from './organisations.ts';

/** Tables (schema `cat`) and views of the catalogue. */
export const catalogueTables: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS cat',
  'CREATE SCHEMA IF NOT EXISTS v',
  `CREATE TABLE IF NOT EXISTS cat.declaration (
     source VARCHAR, version INTEGER, sha256 VARCHAR, recorded TIMESTAMP, declaration JSON)`,
  // The text of the mapping as it was in that version.
  'ALTER TABLE cat.declaration ADD COLUMN IF NOT EXISTS mapping VARCHAR',
  `CREATE TABLE IF NOT EXISTS cat.class (
     class SMALLINT, source VARCHAR, owner VARCHAR, category VARCHAR, title_zh VARCHAR, title_en VARCHAR, level VARCHAR,
     subject VARCHAR, rank SMALLINT, version INTEGER)`,
  `CREATE TABLE IF NOT EXISTS cat.class_field (
     class SMALLINT, version INTEGER, position SMALLINT, name VARCHAR, title_zh VARCHAR, title_en VARCHAR, type VARCHAR,
     format VARCHAR, unit VARCHAR, protection VARCHAR, fact_role VARCHAR, golden VARCHAR)`,
  `CREATE OR REPLACE VIEW v.class_v1 AS
     SELECT class, source, owner, category, title_zh, title_en, level, subject, rank FROM cat.class`,
  `CREATE OR REPLACE VIEW v.class_field_v1 AS
     SELECT class, version, position, name, title_zh, title_en, type, format, unit, protection, fact_role, golden
     FROM cat.class_field`,
  // Every version that a run may have been collected under: what a fact's payload means depends on it.
  'CREATE OR REPLACE VIEW v.declaration_v1 AS SELECT source, version, declaration FROM cat.declaration',
];

/** A source of the catalogue with the version of its declaration. */
export interface CataloguedSource extends LoadedSource {
  version: number;
}

/** What is declared. */
export class Catalogue {
  #sources: ReadonlyMap<string, CataloguedSource>;
  #organisations: ReadonlyMap<string, Organisation> = new Map();
  /** What is wrong with declarations that were left out. */
  readonly problems: readonly Problem[];

  constructor(sources: CataloguedSource[], organisations: Organisation[], problems: Problem[]) {
    this.#sources = new Map(sources.map((s) => [s.declaration.id, s]));
    this.replaceOrganisations(organisations);
    this.problems = problems;
  }

  get sources(): ReadonlyMap<string, CataloguedSource> {
    return this.#sources;
  }

  get organisations(): ReadonlyMap<string, Organisation> {
    return this.#organisations;
  }

  /** Takes organisations as they are now: some were renamed, founded or ended while the hub runs. */
  replaceOrganisations(organisations: readonly Organisation[]): void {
    this.#organisations = new Map(organisations.map((o) => [o.id, o]));
  }

  /** Takes other sources in, after they were recorded: a source was declared while the hub runs (declared.ts). */
  replace(sources: readonly CataloguedSource[]): void {
    this.#sources = new Map(sources.map((s) => [s.declaration.id, s]));
  }

  /** Declarations in order of owner and number. */
  declarations(): SourceDeclaration[] {
    return [...this.sources.values()].map((s) => s.declaration);
  }
}

/** Reads the folders and records new versions in the lake. Sources with mistakes are left out and told of. */
export async function openCatalogue(
  lake: Lake,
  clock: Clock,
  folders: { sources: string; cities: string; city: string },
  sample?: SampleCheck,
  /** Sources that stand in no folder, given those that do. */
  more: (folders: readonly LoadedSource[]) => Promise<LoadedSource[]> = async () => [],
  /** Organisations as a running hub has them. */
  now: (declared: Organisation[]) => Organisation[] = (declared) => declared,
): Promise<Catalogue> {
  const { organisations: declared, problems } = readOrganisations(folders.cities, folders.city);
  const organisations = now(declared);
  const loaded = await loadSources(folders.sources, {
    lake,
    organisations: new Set(organisations.map((o) => o.id)),
    ...(sample ? { sample } : {}),
  });
  const sources = await record(lake, clock, [...loaded.sources, ...(await more(loaded.sources))]);
  return new Catalogue(sources, organisations, [...problems, ...loaded.problems]);
}

/** Records declarations that changed as new versions, and what the views show of the present ones. */
export async function record(lake: Lake, clock: Clock, sources: LoadedSource[]): Promise<CataloguedSource[]> {
  return lake.write('catalogue', async (s) => {
    const held = await s.query<{ source: string; version: number; sha256: string }>(
      'SELECT source, max(version) AS version, max_by(sha256, version) AS sha256 FROM cat.declaration GROUP BY source',
    );
    const last = new Map(held.map((h) => [h.source, h]));
    const out: CataloguedSource[] = [];
    const changed: CataloguedSource[] = [];
    for (const source of sources) {
      const before = last.get(source.declaration.id);
      const same = before?.sha256 === source.sha256;
      const own = { ...source, version: same ? before.version : (before?.version ?? 0) + 1 };
      out.push(own);
      if (!same) changed.push(own);
    }
    if (changed.length) {
      const now = clock.now();
      await s.append(
        'cat.declaration',
        changed.map(({ declaration: { mappingText, ...d }, version, sha256 }) => [
          ...[d.id, version, sha256, now, JSON.stringify(d), mappingText ?? null],
        ]),
      );
      await s.append('cat.class_field', changed.flatMap(fieldRows));
    }
    const classes = out.map(({ declaration: d, version }) => [
      ...[d.number, d.id, d.owner, d.category, d.title.zh, d.title.en, d.level, d.subject, d.rank, version],
    ]);
    await s.run('DELETE FROM cat.class');
    await s.append('cat.class', classes);
    return out;
  });
}

function fieldRows({ declaration: d, version }: CataloguedSource): (string | number | null)[][] {
  return d.fields.map((f, i) => [
    ...[d.number, version, i + 1, f.name, f.title.zh, f.title.en, f.type],
    ...[f.format ?? null, f.unit ?? null, f.protection, f.fact ?? null, f.golden ?? null],
  ]);
}
