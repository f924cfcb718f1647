/** Open data as CKAN and DCAT-AP tell of it: its files as ways of having an entry, its rows as datastore_search. */
import { addDistributions, type DcatDistribution } from '../../catalogue/index.ts';
import type { Deps } from '../../platform/room.ts';
import { type OpenDataset, openDatasets, openRows, ROWS } from '../rows.ts';
import { licence } from './book.ts';
import type { OpenDataPort } from './datastore.ts';

type Ports = Pick<Deps, 'db' | 'lake'>;

const page = (d: OpenDataset): string => `/open/datasets/${encodeURIComponent(d.id)}`;
const API = '/open/api/v1/datasets';

/** CKAN's names of column types, which are PostgreSQL's. */
const types: Readonly<Record<string, string>> = {
  ...{ integer: 'int8', decimal: 'numeric', date: 'date', boolean: 'bool', text: 'text' },
};

/** Tells DCAT-AP and CKAN of the files of open datasets. */
export function tellOfFiles(ports: Ports): void {
  addDistributions(ports.db, async (entries) => {
    const wanted = new Set(entries.map((e) => e.id));
    const out = new Map<string, DcatDistribution[]>();
    for (const d of await openDatasets(ports)) {
      if (!wanted.has(d.entry)) continue;
      const ways = d.files.map(
        (f): DcatDistribution => ({
          ...{ id: `${d.id}-${f.format}`, format: f.format, accessUrl: page(d), bytes: f.bytes, sha256: f.sha256 },
          downloadUrl: `${API}/${encodeURIComponent(d.id)}/files/${f.format}`,
          title: {
            zh: `${d.title.zh}（${f.format.toUpperCase()}）`,
            en: `${d.title.en || d.title.zh} (${f.format.toUpperCase()})`,
          },
          licence: {
            url: 'urn:jingwei:licence:cn-open-government',
            title: { zh: licence.title, en: 'Open data licence' },
          },
          ...{ modified: d.updated, service: 'ckan' },
        }),
      );
      out.set(d.entry, [...(out.get(d.entry) ?? []), ...ways]);
    }
    return out;
  });
}

/** Rows of open datasets for datastore_search. */
export function openData(ports: Ports): OpenDataPort {
  return {
    async open() {
      const out = new Map<string, { id: string; title: string; dataset: OpenDataset }[]>();
      for (const d of await openDatasets(ports))
        out.set(d.entry, [...(out.get(d.entry) ?? []), { id: d.id, title: d.title.zh, dataset: d }]);
      return out;
    },
    most: ROWS.limit,
    async rows(dataset, q) {
      const found = await openRows(ports, dataset as OpenDataset, {
        ...(q.fields ? { fields: q.fields } : {}),
        ...(q.q ? { q: q.q } : {}),
        filters: Object.entries(q.filters).map(([item, values]) => ({
          ...{ item, is: values.length === 1 ? ('eq' as const) : ('in' as const), values },
        })),
        sort: q.sort.map((s) => ({ item: s.field, descending: s.desc })),
        ...{ limit: q.limit, offset: q.offset },
      });
      return {
        fields: found.fields.map((f) => ({ id: f.name, type: types[f.type] ?? 'text', info: { label: f.title.zh } })),
        rows: found.rows,
        total: found.total,
      };
    },
  };
}
