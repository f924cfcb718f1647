/** What the open API says of a dataset. */
import { sql } from 'kysely';
import type { z } from 'zod';
import { ident } from '../../platform/lake/index.ts';
import { cityDay } from '../../platform/law/index.ts';
import { type EditionFile, editionsOf, tableOf } from '../editions.ts';
import type { PublishingPorts } from '../ports.ts';
import { guarded, openDataset } from '../rows.ts';
import type { datasetAnswer, listAnswer } from './api.ts';
import { API } from './cors.ts';
import type { Known } from './find.ts';
import { ratingsOf } from './messages.ts';

type Summary = z.input<typeof listAnswer>['items'][number];
type Detail = z.input<typeof datasetAnswer>;

/** A dataset in a list. */
export const summaryOf = ({ dataset: d, provider, theme }: Known): Summary => ({
  ...{ id: d.id, title: d.title, abstract: d.abstract, provider: { id: d.provider, name: provider }, theme },
  ...{ cycle: d.plan.cycle, licence: d.plan.licence, formats: d.files.map((f) => f.format), keywords: d.plan.keywords },
  ...{ items: d.items.length, rows: d.rows, edition: d.edition.number },
  ...{ opened: d.opened.toISOString(), updated: d.updated.toISOString(), kind: d.plan.aggregate ? 'counts' : 'rows' },
});

const certificates = new WeakMap<object, Map<number, string>>();

/** Number of the certificate of a seal; null while it is being signed. Once signed it stays. */
async function certificateOf(ports: PublishingPorts, seal: number): Promise<string | null> {
  const held = certificates.get(ports) ?? new Map<number, string>();
  certificates.set(ports, held);
  const known = held.get(seal);
  if (known) return known;
  const found = await ports.seal.get(seal);
  if (found?.state !== 'sealed') return null;
  held.set(seal, found.reference);
  return found.reference;
}

const fileViews = (ports: PublishingPorts, id: string, edition: number | null, files: readonly EditionFile[]) =>
  Promise.all(
    files.map(async (f) => ({
      ...{ format: f.format, sha256: f.sha256, bytes: f.bytes, certificate: await certificateOf(ports, f.seal) },
      url: `${API}/datasets/${id}/files/${f.format}${edition === null ? '' : `?edition=${edition}`}`,
    })),
  );

const filled = new WeakMap<object, Map<number, Detail['filled']>>();

/** How complete each column of an edition is; reckoned once, since an edition does not change. */
async function filledOf(
  ports: PublishingPorts,
  edition: number,
  names: readonly string[],
  rows: number,
): Promise<Detail['filled']> {
  const held = filled.get(ports) ?? new Map<number, Detail['filled']>();
  filled.set(ports, held);
  const known = held.get(edition);
  if (known) return known;
  const counts = names.map((n, i) => `count(${ident(n)}) AS c${i}`).join(', ');
  const [row] = await guarded(ports, (query) => query(`SELECT ${counts} FROM ${tableOf(edition)}`));
  const made = names.map((name, i) => ({
    name,
    percent: rows ? Math.round((1000 * Number(row![`c${i}`])) / rows) / 10 : 100,
  }));
  if (held.size > 5_000) held.clear();
  held.set(edition, made);
  return made;
}

/** Everything of one. */
export async function detailOf(ports: PublishingPorts, known: Known): Promise<Detail> {
  const d = await openDataset(ports, known.dataset.id);
  const versions = (await editionsOf(ports.db.kysely, d.number, 'open', 24)).filter((e) => e.opened_at !== null);
  const uses = await sql<{
    kind: 'view' | 'download' | 'call';
    n: number;
  }>`SELECT kind, sum(times)::int AS n FROM publishing.use
    WHERE dataset = ${d.number} GROUP BY kind`.execute(ports.db.kysely);
  const times = (kind: string) => uses.rows.find((u) => u.kind === kind)?.n ?? 0;
  const next = await sql<{
    day: string | null;
  }>`SELECT next_day::text AS day FROM publishing.dataset WHERE id = ${d.number}`.execute(ports.db.kysely);
  const day = cityDay(d.updated);
  const at = `${ports.url()}/open/${d.id}`;
  return {
    ...summaryOf({ ...known, dataset: d }),
    ...{
      entry: { id: d.entry, code: known.code },
      ground: d.plan.ground,
      fields: d.items,
      next: next.rows[0]?.day ?? null,
    },
    files: await fileViews(ports, d.id, null, d.files),
    filled: await filledOf(
      ports,
      d.edition.id,
      d.items.map((i) => i.name),
      d.rows,
    ),
    versions: await Promise.all(
      versions.map(async (e) => ({
        ...{ number: e.number, opened: e.opened_at!.toISOString(), rows: e.rows ?? 0 },
        ...{ added: e.changes?.added ?? null, removed: e.changes?.removed ?? null },
        files: await fileViews(ports, d.id, e.number, e.files),
      })),
    ),
    rating: await ratingsOf(ports, d.number).then((r) => ({
      ...r,
      said: r.said.map((s) => ({ ...s, at: s.at.toISOString() })),
    })),
    use: { view: times('view'), download: times('download'), call: times('call') },
    citation: {
      zh: `${known.provider.zh}：《${d.title.zh}》（第 ${d.edition.number} 版，${day}）[数据集]．${at}`,
      en: `${known.provider.en}: ${d.title.en} (edition ${d.edition.number}, ${day}) [data set]. ${at}`,
    },
  };
}
