/**
 * Entries of the catalogue under the names that CKAN's clients know them by: packages with UUIDs and names of small letters,
 * organisations, groups (项 of the guide's classification), tags. Light: what it takes to search and sort; whole packages are made
 * only of those that are answered.
 */
import { createHash } from 'node:crypto';
import { type Audience, catalogueOf, classOf, entriesOf, toldEntries } from '../../catalogue/index.ts';
import type { Bilingual } from '../../platform/i18n/index.ts';
import type { Deps } from '../../platform/room.ts';
import type { Searched } from './query.ts';

export type CkanPorts = Pick<Deps, 'db' | 'lake' | 'config'>;
export type Entry = ReturnType<typeof toldEntries>[number];

/** A UUID of a name (RFC 9562, version 5): the same hub gives the same thing the same id for ever. */
export function uuidOf(space: string, name: string): string {
  const hash = createHash('sha1').update(`urn:jingwei:ckan:${space}\n${name}`).digest();
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

/** An instant as CKAN writes it: UTC without a zone, to the microsecond. */
export const ckanTime = (at: Date): string => at.toISOString().replace('Z', '000');

/** A tag that CKAN accepts (2 to 100 letters, digits, spaces, `-`, `_`, `.`); null where nothing is left of it. */
export function tagOf(text: string): string | null {
  const tag = text
    .replace(/[^\p{L}\p{N} ._-]+/gu, ' ')
    .trim()
    .slice(0, 100);
  return [...tag].length >= 2 ? tag : null;
}

export interface Organisation {
  id: string;
  name: string;
  title: Bilingual;
  code: string | null;
  packages: number;
}
export interface Group {
  id: string;
  name: string;
  title: Bilingual;
  packages: number;
}

/** A package as it is searched. */
export interface PackageDoc extends Searched {
  entry: Entry;
  id: string;
  name: string;
  title: string;
  organisation: string;
  group: Group | null;
  tags: readonly string[];
  formats: readonly string[];
  created: string;
  modified: string;
}

/** Licences of open data, as CKAN lists them. */
export const licence = {
  id: 'cn-open-government',
  title: '公共数据开放许可（注明来源）',
  url: '',
  status: 'active',
  is_generic: false,
  maintainer: '',
  family: '',
  domain_content: false,
  domain_data: true,
  domain_software: false,
  od_conformance: 'not reviewed',
  osd_conformance: 'not reviewed',
} as const;

/** Everything that one audience may find, as of one state of the catalogue. */
export class CkanBook {
  readonly docs: readonly PackageDoc[];
  readonly organisations: ReadonlyMap<string, Organisation>;
  readonly groups: ReadonlyMap<string, Group>;
  readonly tags: ReadonlyMap<string, number>;
  readonly #byName = new Map<string, PackageDoc>();

  constructor(ports: CkanPorts, audience: Audience) {
    const { city } = ports.config;
    const known = catalogueOf(ports.lake).organisations;
    const organisations = new Map<string, Organisation>();
    const groups = new Map<string, Group>();
    const tags = new Map<string, number>();
    this.docs = toldEntries(ports.db, audience).map((entry) => {
      const content = entry.published!.content;
      const own = known.get(entry.provider);
      const organisation = organisations.get(entry.provider) ?? {
        ...{ id: uuidOf(city, `organisation/${entry.provider}`), name: entry.provider, packages: 0 },
        ...{ title: own?.name ?? { zh: entry.provider, en: entry.provider }, code: own?.code ?? null },
      };
      organisation.packages++;
      organisations.set(entry.provider, organisation);
      const part = content.classification.slice(0, 3);
      const words = classOf(content.classification);
      const group = groups.get(part) ?? {
        ...{ id: uuidOf(city, `group/${part}`), name: `theme-${part.toLowerCase()}`, packages: 0 },
        title: 'words' in words ? words.words[1]! : { zh: part, en: part },
      };
      group.packages++;
      groups.set(part, group);
      const doc = new Doc(city, entry, organisation, group);
      for (const tag of doc.tags) tags.set(tag, (tags.get(tag) ?? 0) + 1);
      this.#byName.set(doc.id, doc);
      this.#byName.set(doc.name, doc);
      return doc;
    });
    this.organisations = organisations;
    this.groups = groups;
    this.tags = tags;
  }

  /** By id or name; the entry's own id is a name too. */
  get(name: string): PackageDoc | undefined {
    return this.#byName.get(name.toLowerCase()) ?? this.#byName.get(packageName(name));
  }

  organisation(name: string): Organisation | undefined {
    return this.organisations.get(name) ?? [...this.organisations.values()].find((o) => o.id === name);
  }

  group(name: string): Group | undefined {
    return [...this.groups.values()].find((g) => g.name === name || g.id === name);
  }
}

/** `scjg.permit` as a CKAN name: what stands before the dot has neither `-` nor `_`, so no two ids become one name. */
export const packageName = (id: string): string => id.replace('.', '-').toLowerCase();

class Doc implements PackageDoc {
  readonly entry: Entry;
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly organisation: string;
  readonly group: Group;
  readonly tags: readonly string[];
  readonly formats: readonly string[];
  readonly created: string;
  readonly modified: string;
  readonly #organisation: Organisation;
  #text: string | undefined;

  constructor(city: string, entry: Entry, organisation: Organisation, group: Group) {
    const { content, decided_at } = entry.published!;
    this.entry = entry;
    this.id = uuidOf(city, `package/${entry.id}`);
    this.name = packageName(entry.id);
    this.title = content.title.zh;
    this.organisation = entry.provider;
    this.#organisation = organisation;
    this.group = group;
    this.tags = [...new Set(content.tags.map(tagOf).filter((t) => t !== null))];
    this.formats = content.format ? [content.format.toUpperCase()] : [];
    this.created = ckanTime(entry.createdAt);
    this.modified = ckanTime(decided_at ?? entry.createdAt);
  }

  get text(): string {
    if (this.#text === undefined) {
      const { content: c } = this.entry.published!;
      const own = [this.name, this.entry.id, c.title.zh, c.title.en, c.abstract.zh, c.abstract.en];
      const { title } = this.#organisation;
      this.#text = [...own, title.zh, title.en, ...c.tags, ...c.items.map((i) => i.title.zh)].join('\n').toLowerCase();
    }
    return this.#text;
  }

  values(field: string): readonly string[] | null {
    const { content: c } = this.entry.published!;
    const low = (list: readonly string[]) => list.map((v) => v.toLowerCase());
    switch (field) {
      case 'id':
      case 'entity_id':
        return [this.id];
      case 'name':
        return [this.name];
      case 'title':
      case 'title_string':
      case 'title_ngram':
        return low([c.title.zh, c.title.en]);
      case 'notes':
        return low([c.abstract.zh, c.abstract.en]);
      case 'text':
        return [this.text];
      case 'organization':
        return [this.organisation];
      case 'owner_org':
        return [this.#organisation.id];
      case 'author':
        return low([this.#organisation.title.zh]);
      case 'groups':
        return [this.group.name];
      case 'tags':
        return low(this.tags);
      case 'res_format':
        return low(this.formats);
      case 'license_id':
        return c.open.open ? [licence.id] : [];
      case 'metadata_created':
        return [this.created.toLowerCase()];
      case 'metadata_modified':
        return [this.modified.toLowerCase()];
      case 'type':
      case 'dataset_type':
        return ['dataset'];
      case 'state':
        return ['active'];
      case 'private':
        return ['false'];
      case 'capacity':
        return ['public'];
      case 'extras_sharing':
      case 'sharing':
        return c.sharing.type ? [c.sharing.type] : [];
      case 'extras_level':
        return c.level ? [c.level] : [];
      case 'extras_update_cycle':
      case 'frequency':
        return c.cycle ? [c.cycle] : [];
      default:
        return null;
    }
  }
}

const books = new WeakMap<Deps['db'], Map<Audience, { change: number; book: CkanBook }>>();

/** The book of an audience, made anew when the catalogue changed. */
export function bookFor(ports: CkanPorts, audience: Audience): CkanBook {
  const { change } = entriesOf(ports.db);
  const own = books.get(ports.db) ?? new Map();
  books.set(ports.db, own);
  const held = own.get(audience);
  if (held?.change === change) return held.book;
  const book = new CkanBook(ports, audience);
  own.set(audience, { change, book });
  return book;
}
