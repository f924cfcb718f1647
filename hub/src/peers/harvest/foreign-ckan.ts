/** A CKAN catalogue of others, read as datasets. */
import { z } from 'zod';
import type { ForeignDataset } from '../../catalogue/index.ts';
import { Problem } from '../../platform/problem.ts';
import { garbled } from '../problems.ts';

const text = z.string().nullish();
const dataset = z.object({
  id: z.string().min(1).max(200),
  name: z.string().max(200),
  title: text,
  notes: text,
  version: text,
  metadata_created: text,
  metadata_modified: text,
  license_id: text,
  organization: z.object({ title: text, name: z.string() }).nullish(),
  tags: z.array(z.object({ name: z.string() })).nullish(),
  groups: z.array(z.object({ title: text, name: z.string() })).nullish(),
  resources: z.array(z.object({ name: text, format: text, url: text })).nullish(),
});
const answer = z.object({
  success: z.literal(true),
  result: z.object({ count: z.number().int().nonnegative(), results: z.array(z.unknown()).max(1000) }),
});

/** Rows of a page. */
export const CKAN_ROWS = 200;

/** Address of a page of a CKAN catalogue. */
export function ckanPage(base: string, start: number): URL {
  const url = new URL(`${base.replace(/\/+$/, '')}/api/3/action/package_search`);
  url.search = new URLSearchParams({ rows: String(CKAN_ROWS), start: String(start), sort: 'id asc' }).toString();
  return url;
}

const web = (url: string | null | undefined): string | null =>
  url && url.length <= 2000 && /^https?:\/\/[^\s"<>]+$/i.test(url) ? url : null;
const cut = (s: string | null | undefined, most: number): string => [...(s ?? '').trim()].slice(0, most).join('');

/** The datasets of a page; packages that are none are passed over and counted. */
export function readCkanPage(
  base: string,
  bytes: Uint8Array,
): { count: number; given: number; datasets: ForeignDataset[] } {
  let found: unknown;
  try {
    found = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    throw new Problem(garbled, { reason: 'JSON' });
  }
  const page = answer.safeParse(found);
  if (!page.success) throw new Problem(garbled, { reason: 'package_search' });
  const { count, results } = page.data.result;
  const datasets = results.flatMap((given): ForeignDataset[] => {
    const read = dataset.safeParse(given);
    if (!read.success) return [];
    const d = read.data;
    const title = cut(d.title, 400) || d.name;
    const description = cut(d.notes, 4000);
    return [
      {
        ...{ uri: `${base.replace(/\/+$/, '')}/dataset/${encodeURIComponent(d.id)}`, identifiers: [d.id], entry: null },
        ...{ title: { zh: title, en: title }, description: { zh: description, en: description } },
        publisher: d.organization
          ? { name: cut(d.organization.title, 200) || d.organization.name, id: null, code: null }
          : null,
        themes: (d.groups ?? []).slice(0, 50).map((g) => cut(g.title, 100) || g.name),
        keywords: (d.tags ?? []).slice(0, 50).map((t) => cut(t.name, 100)),
        ...{
          access: 'PUBLIC',
          sharing: null,
          condition: null,
          level: null,
          subject: null,
          classification: null,
          cycle: null,
        },
        version: cut(d.version, 40) || null,
        ...{ issued: d.metadata_created ?? null, modified: d.metadata_modified ?? null },
        landingPage: `${base.replace(/\/+$/, '')}/dataset/${encodeURIComponent(d.name)}`,
        ...{ collected: false, items: [] },
        distributions: (d.resources ?? []).slice(0, 50).map((r) => ({
          ...{
            title: cut(r.name, 400),
            format: cut(r.format, 40) || null,
            accessUrl: web(r.url),
            downloadUrl: web(r.url),
          },
        })),
      },
    ];
  });
  return { count, given: results.length, datasets };
}
