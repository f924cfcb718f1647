/** Packages, resources, organisations and groups as CKAN writes them. */
import { type DcatDataset, type DcatDistribution, datasets } from '../../catalogue/index.ts';
import type { Deps } from '../../platform/room.ts';
import {
  type CkanBook,
  type CkanPorts,
  ckanTime,
  type Group,
  licence,
  type Organisation,
  type PackageDoc,
  uuidOf,
} from './book.ts';

type Json = Record<string, unknown>;

/** What answers are made with. */
export interface Making {
  ports: CkanPorts & Pick<Deps, 'http'>;
  book: CkanBook;
  /** Open datasets of an entry whose rows may be asked for. */
  rows: (entry: string) => readonly { id: string; title: string }[];
}

export const baseOf = (m: Pick<Making, 'ports'>): string => m.ports.http.url().replace(/\/+$/, '');

/** An organisation; `more` adds what its own page tells. */
export const organisationOf = (o: Organisation, more: Json = {}): Json => ({
  ...{ id: o.id, name: o.name, title: o.title.zh, type: 'organization', description: o.title.en, image_url: '' },
  ...{ created: '2026-01-01T00:00:00.000000', is_organization: true, approval_status: 'approved', state: 'active' },
  ...more,
});

/** A group: 项 of the classification. */
export const groupOf = (g: Group, more: Json = {}): Json => ({
  ...{ id: g.id, name: g.name, title: g.title.zh, display_name: g.title.zh, description: g.title.en },
  ...{ image_display_url: '', ...more },
});

export const tagDict = (name: string, city: string): Json => ({
  ...{ id: uuidOf(city, `tag/${name}`), name, display_name: name, state: 'active', vocabulary_id: null },
});

/** Id of the resource in which the rows of an open dataset are asked for. */
export const rowsResource = (city: string, dataset: string): string => uuidOf(city, `rows/${dataset}`);

const sharing = { unconditional: '无条件共享', conditional: '有条件共享', refused: '不予共享' } as const;

/** Packages of documents, in their order. */
export async function packagesOf(m: Making, docs: readonly PackageDoc[]): Promise<Json[]> {
  const made = await datasets(
    m.ports,
    docs.map((d) => d.entry),
  );
  return docs.map((doc, i) => packageOf(m, doc, made[i]!));
}

function packageOf(m: Making, doc: PackageDoc, d: DcatDataset): Json {
  const { city } = m.ports.config;
  const base = baseOf(m);
  const organisation = m.book.organisations.get(doc.organisation)!;
  const resources = resourcesOf(m, doc, d);
  const open = d.open.open;
  const extra = (key: string, value: string | null | undefined) => (value ? [{ key, value }] : []);
  return {
    ...{ id: doc.id, name: doc.name, title: d.title.zh, notes: d.abstract.zh, type: 'dataset', state: 'active' },
    ...{ private: false, url: `${base}/catalogue/entries/${encodeURIComponent(d.id)}`, version: String(d.version) },
    ...{ author: d.publisher.name.zh, author_email: null, maintainer: d.publisher.name.zh, maintainer_email: null },
    ...{
      license_id: open ? licence.id : 'notspecified',
      license_title: open ? licence.title : 'License not specified',
    },
    ...{ isopen: false, creator_user_id: null, metadata_created: doc.created, metadata_modified: doc.modified },
    ...{ owner_org: organisation.id, organization: organisationOf(organisation) },
    ...{ num_resources: resources.length, num_tags: doc.tags.length, resources },
    tags: doc.tags.map((t) => tagDict(t, city)),
    groups: doc.group ? [groupOf(doc.group)] : [],
    extras: [
      ...extra('code', d.code),
      ...extra('entry', d.id),
      ...extra('title_en', d.title.en === d.title.zh ? null : d.title.en),
      ...extra('notes_en', d.abstract.en === d.abstract.zh ? null : d.abstract.en),
      ...extra('sharing', d.sharing.type),
      ...extra('sharing_title', sharing[d.sharing.type]),
      ...extra('sharing_condition', d.sharing.condition),
      ...extra('sharing_ground', d.sharing.ground),
      ...extra('level', d.level),
      ...extra('update_cycle', d.cycle),
      ...extra('publisher_code', d.publisher.code),
      ...extra('issued', ckanTime(d.issued)),
      ...extra('items', d.items.map((i) => i.title.zh).join('、')),
      ...extra('uri', `${base}/dcat/datasets/${encodeURIComponent(d.id)}`),
    ],
    ...{ relationships_as_subject: [], relationships_as_object: [] },
  };
}

/** Resources of a package: files of open data, its rows, else the way to ask for it. */
export function resourcesOf(m: Making, doc: PackageDoc, d: DcatDataset): Json[] {
  const { city } = m.ports.config;
  const base = baseOf(m);
  const common = { package_id: doc.id, state: 'active', created: doc.created, url_type: null, resource_type: null };
  const url = (own: string) => (own.startsWith('/') ? base + own : own);
  const file = (way: DcatDistribution, position: number): Json => ({
    ...common,
    ...{ id: uuidOf(city, `resource/${d.id}/${way.id}`), name: way.title.zh, description: way.title.en, position },
    ...{ url: url(way.downloadUrl ?? way.accessUrl), format: way.format.toUpperCase(), size: way.bytes ?? null },
    ...{ mimetype: null, mimetype_inner: null, cache_url: null, cache_last_updated: null, datastore_active: false },
    ...{ hash: way.sha256 ? `sha256:${way.sha256}` : '', last_modified: way.modified ? ckanTime(way.modified) : null },
    metadata_modified: way.modified ? ckanTime(way.modified) : doc.modified,
  });
  const out = d.distributions.map(file);
  for (const open of m.rows(d.id)) {
    const id = rowsResource(city, open.id);
    out.push({
      ...common,
      ...{ id, name: `${open.title}（数据行）`, description: 'Rows by datastore_search', position: out.length },
      ...{
        url: `${base}/api/3/action/datastore_search?resource_id=${id}`,
        format: 'JSON',
        mimetype: 'application/json',
      },
      ...{ mimetype_inner: null, cache_url: null, cache_last_updated: null, hash: '', last_modified: doc.modified },
      ...{ size: null, datastore_active: true, metadata_modified: doc.modified },
    });
  }
  if (!out.length && d.sharing.type !== 'refused')
    out.push({
      ...common,
      ...{ id: uuidOf(city, `resource/${d.id}/request`), name: '申请共享', description: 'On request', position: 0 },
      ...{ url: `${base}/catalogue/entries/${encodeURIComponent(d.id)}`, format: 'HTML', mimetype: 'text/html' },
      ...{ mimetype_inner: null, cache_url: null, cache_last_updated: null, hash: '', last_modified: null, size: null },
      ...{ datastore_active: false, metadata_modified: doc.modified },
    });
  return out;
}
