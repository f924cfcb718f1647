/** Feeds of what was opened and renewed (Atom, RFC 4287): of everything, and of one dataset. */
import { sql } from 'kysely';
import { xmlText } from '../../platform/sheet/index.ts';
import type { PublishingPorts } from '../ports.ts';
import { API } from './cors.ts';

interface Row {
  slug: string;
  title: { zh: string; en: string };
  number: number;
  rows: number;
  changes: { added: number; removed: number } | null;
  opened_at: Date;
}

/** The feed as XML. `dataset`: only of that one (its number and name). */
export async function feed(
  ports: PublishingPorts,
  dataset: { number: number; id: string; title: { zh: string } } | null,
): Promise<string> {
  const found =
    await sql<Row>`SELECT d.slug, d.title, e.number, e.rows, e.changes, e.opened_at FROM publishing.edition e
    JOIN publishing.dataset d ON d.id = e.dataset
    WHERE e.state = 'open' AND d.state = 'open' AND (${dataset?.number ?? null}::int IS NULL OR d.id = ${dataset?.number ?? null})
    ORDER BY e.opened_at DESC LIMIT 50`.execute(ports.db.kysely);
  const base = ports.url();
  const self = `${base}${API}${dataset ? `/datasets/${dataset.id}` : ''}/feed.atom`;
  const updated = (found.rows[0]?.opened_at ?? new Date(0)).toISOString();
  const entries = found.rows.map((r) => {
    const page = `${base}/open/${r.slug}`;
    const told = r.changes ? `新增 ${r.changes.added} 行，减少 ${r.changes.removed} 行。` : '';
    return `<entry><id>${xml(`${page}#${r.number}`)}</id><title>${xml(`${r.title.zh} 第 ${r.number} 版`)}</title>
<updated>${r.opened_at.toISOString()}</updated><link rel="alternate" href="${xml(page)}"/>
<summary>${xml(`共 ${r.rows} 行。${told}`)}</summary></entry>`;
  });
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-CN"><id>${xml(self)}</id>
<title>${xml(dataset ? `${dataset.title.zh}：更新` : '公共数据开放：更新')}</title><updated>${updated}</updated>
<author><name>公共数据开放</name></author><link rel="self" href="${xml(self)}"/>
${entries.join('\n')}
</feed>
`;
}

const xml = (t: string): string => xmlText(t).replaceAll('"', '&quot;');
