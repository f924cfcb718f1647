/**
 * The views that may be queried, and of each column what it is called, how it is protected and where that is said: sources' records and
 * declared libraries by their declarations, legal persons by the strictest source that speaks of an attribute, rooms' views by curated.ts.
 * A view or a column that is in none of these is not offered.
 */
import { catalogueOf, goldenAttribute, type SourceDeclaration } from '../catalogue/index.ts';
import { baseLibraries, type LibraryDeclaration, legalGuard, recordView } from '../libraries/index.ts';
import type { Permission } from '../platform/auth/principal.ts';
import type { Guarded, Level, Protection } from '../platform/auth/protection.ts';
import type { Bilingual } from '../platform/i18n/index.ts';
import type { Deps } from '../platform/room.ts';
import { curatedViews } from './curated.ts';
import { columnTitle } from './titles.ts';

/** One column of a view. */
export interface ContractColumn {
  name: string;
  title: Bilingual;
  protection: Protection;
  format?: string;
  /** Whose value it is, where that is not the view's owner. */
  guard?: { level: Level; owner: string };
  unit?: string;
  /** The value is one of an attribute named in the column `attribute`: each attribute has its own protection. */
  byAttribute?: true;
}

/** One view. */
export interface ViewContract {
  /** Without its schema. */
  name: string;
  title: Bilingual;
  /** Where it comes from: a source, a declared library, a room. */
  from: { kind: 'source' | 'library' | 'room'; id: string; title: Bilingual };
  owner: string;
  level: Level;
  needs: readonly Permission[];
  /** About natural persons: their permission and the session's purpose are needed. */
  people: boolean;
  columns: readonly ContractColumn[];
  rows?: string;
  rowsWithoutPersons?: string;
}

const plain = (name: string): ContractColumn => ({ name, title: columnTitle(name), protection: 'internal' });
const OWN = new Set(['entity', 'day', 'fact', 'amount']);
const strict: readonly Protection[] = ['public', 'internal', 'personal', 'sensitive'];
const strictest = (all: readonly Protection[]): Protection =>
  strict[Math.max(1, ...all.map((p) => strict.indexOf(p)))]!;

const columnsOfRecords = (d: SourceDeclaration): ContractColumn[] => {
  // The day and the amount of a fact are a field's values: as closed as that field.
  const of = (role: string) => strictest(d.fields.filter((f) => f.fact === role).map((f) => f.protection));
  return [
    plain('entity'),
    { ...plain('day'), protection: of('date') },
    plain('fact'),
    { ...plain('amount'), protection: of('amount') },
    ...d.fields.map((f) => ({
      name: OWN.has(f.name) ? `${f.name}_` : f.name,
      ...{ title: f.title, protection: f.protection },
      ...(f.format ? { format: f.format } : {}),
      ...(f.unit ? { unit: f.unit } : {}),
    })),
  ];
};

const ofSource = (d: SourceDeclaration): ViewContract => ({
  ...{ name: recordView(d.id), title: d.title, owner: d.owner, level: d.level, columns: columnsOfRecords(d) },
  from: { kind: 'source', id: d.id, title: d.title },
  ...{ needs: ['library.read'], people: d.subject === 'natural-person' },
});

const column = (name: string) => name.replaceAll('-', '_');

function ofLibrary(d: LibraryDeclaration, sources: ReadonlyMap<string, SourceDeclaration>): ViewContract[] {
  const key = d.keys[0]!;
  const keyName = key.form === 'citizen-id' ? 'id_token' : column(key.name);
  const columns: ContractColumn[] = [
    plain('entity'),
    { ...plain(keyName), protection: key.form === 'citizen-id' ? 'sensitive' : strictest([key.protection]) },
    ...d.attributes
      // An attribute named like the key stands behind it under another name: not offered rather than guessed.
      .filter((a) => column(a.name) !== keyName)
      .map((a) => ({
        ...{ name: column(a.name), title: a.title, protection: a.protection },
        ...(a.format ? { format: a.format } : {}),
      })),
    ...d.relations
      .filter((r) => r.single && r.to !== 'legal-person')
      .map((r) => ({ ...plain(column(r.kind)), title: r.title })),
  ];
  const had = new Set(columns.map((c) => c.name));
  const more = ['min_lon', 'min_lat', 'max_lon', 'max_lat', 'lon', 'lat', 'area', 'length'];
  const last = ['facts', 'sources', 'contradictions', 'quality', 'first_run', 'last_run'];
  const from = { kind: 'library' as const, id: d.library, title: d.title };
  const shared = { owner: d.owner, level: d.level, needs: ['library.read' as const] };
  const own: ViewContract = {
    ...{ name: `${column(d.library)}_v1`, title: d.title, from, ...shared, people: d.personal },
    columns: [...columns, ...[...more, ...last].filter((c) => !had.has(c)).map(plain)],
  };
  const records = [...new Set(d.sources.map((s) => s.source))].flatMap((id): ViewContract[] => {
    const source = sources.get(id);
    if (!source) return [];
    const view = ofSource(source);
    return [
      {
        ...view,
        name: `${column(d.library)}_record_${id.replace(/[^a-z0-9]+/g, '_')}_v1`,
        title: { zh: `${d.title.zh}：${source.title.zh}`, en: `${d.title.en}: ${source.title.en}` },
        people: view.people || d.personal,
      },
    ];
  });
  return [own, ...records];
}

/** Attributes of legal persons, by the names that the libraries give them. */
const attributeNames = goldenAttribute.options;

const legalTitle = { zh: '法人库', en: 'Legal persons' };

function ofLegalPersons(declarations: readonly SourceDeclaration[]): ViewContract[] {
  const guarded = (attribute: string, name = column(attribute)): ContractColumn => {
    const { declaration, field, title } = legalGuard(declarations, attribute);
    return {
      ...{ name, title, protection: field.protection, guard: { level: declaration.level, owner: declaration.owner } },
      ...(field.format ? { format: field.format } : {}),
    };
  };
  const view = (name: string, zh: string, en: string, columns: ContractColumn[]): ViewContract => ({
    ...{ name, title: { zh, en }, from: { kind: 'library', id: 'legal-person', title: legalTitle }, owner: '' },
    ...{ level: 'general', needs: ['library.read'], people: false, columns },
  });
  const value: ContractColumn = { ...plain('value'), byAttribute: true };
  return [
    view('legal_person_v1', '法人', 'Legal persons', [
      plain('entity'),
      ...attributeNames.map((a) => guarded(a)),
      ...'facts sources contradictions quality first_run last_run recorded_at'.split(' ').map(plain),
    ]),
    view('legal_person_alias_v1', '法人曾用名', 'Former names of legal persons', [
      plain('entity'),
      guarded('name'),
      ...['kind', 'first_seen', 'last_seen', 'fact'].map(plain),
    ]),
    view('legal_person_relation_v1', '法人关系', 'Relations of legal persons', [
      ...['entity', 'kind'].map(plain),
      { ...plain('person_name'), protection: 'personal', format: 'person-name', guard: { level: 'core', owner: '' } },
      ...'other_entity other_name position amount share valid_from valid_to class fact'.split(' ').map(plain),
    ]),
    view('legal_person_history_v1', '法人属性历史', 'History of attributes', [
      ...['entity', 'attribute'].map(plain),
      value,
      ...['valid_from', 'valid_to', 'recorded_at', 'superseded_at', 'class', 'fact'].map(plain),
    ]),
    view('legal_person_contradiction_v1', '法人属性矛盾', 'Contradictions', [
      ...['entity', 'attribute'].map(plain),
      value,
      ...['class', 'rank', 'day', 'fact', 'chosen'].map(plain),
    ]),
    view(
      'legal_person_fact_v1',
      '法人事实（不含内容）',
      'Facts of legal persons (without contents)',
      ['entity', 'class', 'day', 'fact', 'run', 'row'].map(plain),
    ),
  ];
}

/** What may be queried. */
export interface Contract {
  /** By name, without schema. */
  views: ReadonlyMap<string, ViewContract>;
  /** Attributes of legal persons with what guards their values. */
  attributes: readonly { name: string; guard: Guarded }[];
}

/** The contract of a hub as it is declared now. */
export function contractOf(deps: Pick<Deps, 'lake' | 'folders'>): Contract {
  const declarations = catalogueOf(deps.lake).declarations();
  const sources = new Map(declarations.map((d) => [d.id, d]));
  const libraries = baseLibraries(deps.lake, deps.folders).libraries.map((l) => l.declaration);
  const all: ViewContract[] = [
    ...ofLegalPersons(declarations),
    ...libraries.flatMap((d) => ofLibrary(d, sources)),
    ...declarations.map(ofSource),
    ...curatedViews.map(
      (c): ViewContract => ({
        ...{ name: c.name, title: { zh: c.zh, en: c.en }, owner: '', level: 'general', needs: c.needs },
        from: { kind: 'room', id: c.room, title: { zh: c.zh, en: c.en } },
        ...{ people: c.people ?? false, columns: c.columns.map(plain) },
        ...(c.rows ? { rows: c.rows } : {}),
        ...(c.rowsWithoutPersons ? { rowsWithoutPersons: c.rowsWithoutPersons } : {}),
      }),
    ),
  ];
  const attributes = attributeNames.map((name) => {
    const { declaration, field } = legalGuard(declarations, name);
    return { name, guard: { level: declaration.level, owner: declaration.owner, protection: field.protection } };
  });
  return { views: new Map(all.map((v) => [v.name, v])), attributes };
}
