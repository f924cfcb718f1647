/** The read actions of CKAN's API, version 3. Answers are those of CKAN 2.10; what writes does not exist here. */
import type { Audience } from '../../catalogue/index.ts';
import type { Deps } from '../../platform/room.ts';
import { bookFor, type CkanBook, licence, type PackageDoc } from './book.ts';
import { type OpenDataPort, searchRows } from './datastore.ts';
import { badRequest, denied, notFound } from './errors.ts';
import { baseOf, groupOf, type Making, organisationOf, packagesOf, tagDict } from './packages.ts';
import type { Parameters } from './parameters.ts';
import { ROWS, searchPackages } from './search.ts';

/** What actions stand on. */
export interface CkanDeps extends Pick<Deps, 'db' | 'lake' | 'config' | 'http' | 'clock'> {
  /** Name of the hub's city, which is the site's title. */
  title: { zh: string; en: string };
  version: string;
  open: OpenDataPort | undefined;
}
interface Asked {
  deps: CkanDeps;
  p: Parameters;
  audience: Audience;
  book: CkanBook;
  making(): Promise<Making>;
}
type Action = { help: string; run(asked: Asked): Promise<unknown> | unknown };

const MAX = 1_000_000;
const byName = <T extends { name: string }>(list: Iterable<T>): T[] =>
  [...list].sort((a, b) => (a.name < b.name ? -1 : 1));

async function packageOfName({ book, p, making }: Asked): Promise<unknown> {
  const doc = book.get(p.needed('id', 'name_or_id'));
  if (!doc) throw notFound();
  return (await packagesOf(await making(), [doc]))[0];
}

/** A page of names or of whole things, as every `*_list` has it. */
function paged<T>(p: Parameters, all: readonly T[]): T[] {
  const offset = p.whole('offset', 0, MAX);
  return all.slice(offset, offset + p.whole('limit', MAX, MAX));
}

function chosen<T extends { name: string }>(p: Parameters, names: string, all: readonly T[]): T[] {
  const only = p.list(names, 1000);
  return only.length ? all.filter((o) => only.includes(o.name)) : [...all];
}

async function members(asked: Asked, of: (d: PackageDoc) => boolean): Promise<unknown[]> {
  if (!asked.p.yes('include_datasets')) return [];
  return packagesOf(await asked.making(), asked.book.docs.filter(of).slice(0, ROWS));
}

async function resourceOfId({ book, p, making }: Asked): Promise<unknown> {
  const id = p.needed('id');
  const m = await making();
  // Ids of resources are made of entries and ways, so they are looked for slice by slice.
  for (let at = 0; at < book.docs.length; at += 200) {
    const list = await packagesOf(m, book.docs.slice(at, at + 200));
    for (const own of list)
      for (const resource of own.resources as { id: string }[]) if (resource.id === id) return resource;
  }
  throw notFound();
}

const organisations: Action['run'] = ({ book, p }) => {
  const list = paged(p, chosen(p, 'organizations', byName(book.organisations.values())));
  if (!p.yes('all_fields')) return list.map((o) => o.name);
  return list.map((o) => organisationOf(o, { display_name: o.title.zh, package_count: o.packages, num_followers: 0 }));
};
const groups: Action['run'] = ({ book, p }) => {
  const list = paged(p, chosen(p, 'groups', byName(book.groups.values())));
  if (!p.yes('all_fields')) return list.map((g) => g.name);
  return list.map((g) =>
    groupOf(g, { package_count: g.packages, type: 'group', state: 'active', is_organization: false }),
  );
};

/** Every action, by its name. */
export const actions: Readonly<Record<string, Action>> = {
  status_show: {
    help: 'The version of this site and what it has.',
    run: ({ deps }) => ({
      ...{ ckan_version: '2.10.4', site_url: baseOf({ ports: deps }), site_title: `${deps.title.zh}政务数据目录` },
      ...{ site_description: deps.title.en, locale_default: 'zh_Hans_CN', error_emails_to: null },
      ...{ extensions: ['jingwei', 'datastore'], jingwei_version: deps.version },
    }),
  },
  site_read: { help: 'Whether this site may be read.', run: () => true },
  package_list: {
    help: 'Names of packages.',
    run: ({ book, p }) =>
      paged(
        p,
        byName(book.docs).map((d) => d.name),
      ),
  },
  current_package_list_with_resources: {
    help: 'Packages with their resources, those changed last first.',
    async run({ book, p, making }) {
      const limit = p.whole('limit', 100, ROWS);
      const offset = p.whole('offset', (p.whole('page', 1, MAX, 1) - 1) * limit, MAX);
      const docs = [...book.docs].sort((a, b) =>
        a.modified === b.modified ? (a.id < b.id ? -1 : 1) : a.modified < b.modified ? 1 : -1,
      );
      return packagesOf(await making(), docs.slice(offset, offset + limit));
    },
  },
  package_show: { help: 'One package, by its id or name.', run: packageOfName },
  package_search: {
    help: 'Packages by q, fq, sort, rows (1000 at most), start and facet.field. include_private is passed over: there are none.',
    async run({ deps, book, p, making }) {
      const found = searchPackages(book, p, deps.clock.now().getTime());
      return {
        ...{ count: found.count, sort: found.sort, facets: found.facets, search_facets: found.searchFacets },
        results: await packagesOf(await making(), found.docs),
      };
    },
  },
  package_autocomplete: {
    help: 'Packages whose name or title begins with or has q.',
    run({ book, p }) {
      const q = p.text('q', 200)?.toLowerCase() ?? '';
      const hits = book.docs.filter((d) => d.name.includes(q) || d.title.toLowerCase().includes(q));
      return hits.slice(0, p.whole('limit', 10, 100)).map((d) => ({
        ...{
          name: d.name,
          title: d.title,
          match_field: d.name.includes(q) ? 'name' : 'title',
          match_displayed: d.title,
        },
      }));
    },
  },
  resource_show: { help: 'One resource.', run: resourceOfId },
  resource_search: {
    help: 'Resources by query=field:value (name, format, url, description, hash).',
    async run({ book, p, making }) {
      const wanted = (p.list('query', 10).length ? p.list('query', 10) : []).map((part) => {
        const at = part.indexOf(':');
        const field = part.slice(0, at);
        if (at < 1 || !['name', 'format', 'url', 'description', 'hash', 'mimetype'].includes(field))
          throw badRequest(`Cannot search on field "${part.slice(0, 60)}"`);
        return { field, value: part.slice(at + 1).toLowerCase() };
      });
      if (!wanted.length) p.needed('query');
      const [offset, limit] = [p.whole('offset', 0, MAX), p.whole('limit', 100, ROWS)];
      const results: unknown[] = [];
      let count = 0;
      const m = await making();
      for (let at = 0; at < book.docs.length; at += 200)
        for (const own of await packagesOf(m, book.docs.slice(at, at + 200)))
          for (const resource of own.resources as Record<string, unknown>[])
            if (
              wanted.every((w) =>
                String(resource[w.field] ?? '')
                  .toLowerCase()
                  .includes(w.value),
              )
            ) {
              if (count >= offset && results.length < limit) results.push(resource);
              count++;
            }
      return { count, results };
    },
  },
  organization_list: { help: 'Departments that provide packages; all_fields tells of each.', run: organisations },
  organization_list_for_user: { help: 'Organisations that a user may write to: none.', run: () => [] },
  organization_show: {
    help: 'One department, by its name or id.',
    async run(asked) {
      const found = asked.book.organisation(asked.p.needed('id'));
      if (!found) throw notFound();
      const packages = await members(asked, (d) => d.organisation === found.name);
      return organisationOf(found, {
        ...{ display_name: found.title.zh, package_count: found.packages, packages, num_followers: 0 },
        ...{ extras: found.code ? [{ key: 'code', value: found.code }] : [], users: [], groups: [], tags: [] },
      });
    },
  },
  group_list: { help: 'Groups: parts of the classification of government resources.', run: groups },
  group_show: {
    help: 'One group.',
    async run(asked) {
      const found = asked.book.group(asked.p.needed('id'));
      if (!found) throw notFound();
      const packages = await members(asked, (d) => d.group === found);
      return groupOf(found, {
        ...{ package_count: found.packages, packages, type: 'group', state: 'active', is_organization: false },
        ...{ extras: [], users: [], groups: [], tags: [] },
      });
    },
  },
  tag_list: {
    help: 'Tags in use; query narrows them, all_fields tells of each.',
    run({ deps, book, p }) {
      if (p.text('vocabulary_id')) throw notFound('could not find vocabulary');
      const query = p.text('query', 200)?.toLowerCase() ?? '';
      const names = [...book.tags.keys()].filter((t) => t.toLowerCase().includes(query)).sort();
      return p.yes('all_fields') ? names.map((t) => tagDict(t, deps.config.city)) : names;
    },
  },
  tag_show: {
    help: 'One tag.',
    run({ deps, book, p }) {
      const name = p.needed('id');
      if (!book.tags.has(name)) throw notFound();
      return tagDict(name, deps.config.city);
    },
  },
  license_list: { help: 'Licences of packages.', run: () => [licence] },
  vocabulary_list: { help: 'Vocabularies of tags: none.', run: () => [] },
  datastore_search: {
    help: 'Rows of a resource whose datastore_active is true: filters, q, fields, sort, limit, offset.',
    run: ({ deps, book, p }) => searchRows(deps, book, deps.open, p),
  },
  datastore_search_sql: {
    help: 'Refused: this site answers no SQL.',
    run: () => {
      throw denied('datastore_search_sql is not offered by this site');
    },
  },
  help_show: {
    help: 'What an action does.',
    run({ p }) {
      const found = actions[p.needed('name')];
      if (!found) throw notFound();
      return found.help;
    },
  },
};

/** Runs an action for an audience. */
export async function runAction(deps: CkanDeps, name: string, p: Parameters, audience: Audience): Promise<unknown> {
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (!action) throw badRequest(`Action name not known: ${name}`);
  const book = bookFor(deps, audience);
  const making = async (): Promise<Making> => {
    const open = await deps.open?.open();
    return { ports: deps, book, rows: (entry) => open?.get(entry) ?? [] };
  };
  return action.run({ deps, p, audience, book, making });
}
