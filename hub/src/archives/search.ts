/** Archives found: by words in everything that one may see, by facets, page by page. */
import { type RawBuilder, sql } from 'kysely';
import type { Principal } from '../platform/auth/principal.ts';
import { isArchivist } from './access.ts';
import type { ArchiveDeps } from './deps.ts';
import type { Metadata } from './metadata.ts';
import { pairsOf, type State } from './store.ts';

/** What is asked. */
export interface SearchQuery {
  q?: string | undefined;
  year?: number[] | undefined;
  organisation?: string[] | undefined;
  category?: string[] | undefined;
  retention?: string[] | undefined;
  state?: State[] | undefined;
  condition?: 'damaged' | undefined;
  page: number;
  size: number;
}

/** An archive as it is listed. What somebody sees the title of only has no more than that. */
export interface Hit {
  id: number;
  state: State;
  condition: 'unknown' | 'sound' | 'damaged';
  organisation: string;
  package: boolean;
  metadata: Metadata;
  reference: string | null;
  personal: boolean;
  created_at: Date;
  archived_at: Date | null;
  files: number;
  bytes: number;
  whole: boolean;
}

/** Words of one question at most. */
const WORDS = 8;

const like = (word: string): string => `%${word.replace(/[\\%_]/g, (c) => `\\${c}`)}%`;

/** Whose archives somebody sees wholly, and which of others by title. */
function sightOf(principal: Principal): { whole: RawBuilder<boolean>; title: RawBuilder<boolean> } {
  const whole = isArchivist(principal)
    ? sql<boolean>`true`
    : sql<boolean>`(a.organisation = ${principal.organisation ?? ''})`;
  return { whole, title: sql<boolean>`(a.state IN ('archived', 'preserved', 'destroyed') AND NOT a.controlled)` };
}

function conditions(query: SearchQuery, principal: Principal): RawBuilder<boolean> {
  const { whole, title } = sightOf(principal);
  const parts: RawBuilder<boolean>[] = [sql`(${whole} OR ${title})`];
  for (const word of (query.q ?? '').toLowerCase().split(/\s+/u).filter(Boolean).slice(0, WORDS)) {
    // The pairs find candidates by their index, the text decides; of others' archives only code and title are searched.
    const seen = sql`lower(coalesce(a.reference, '') || ' ' || coalesce(a.metadata->>'title', '')) LIKE ${like(word)}`;
    parts.push(sql`(a.tokens @> ${pairsOf(word)}::text[] AND a.haystack LIKE ${like(word)} AND (${whole} OR ${seen}))`);
  }
  const among = (column: RawBuilder<unknown>, values: readonly (string | number)[] | undefined) => {
    if (values && values.length > 0) parts.push(sql`${column} = ANY(${values.map(String)}::text[])`);
  };
  among(sql`a.metadata->>'year'`, query.year);
  among(sql`a.organisation`, query.organisation);
  among(sql`a.metadata->>'category'`, query.category);
  among(sql`a.metadata->>'retention'`, query.retention);
  among(sql`a.state`, query.state);
  if (query.condition) parts.push(sql`a.condition = ${query.condition}`);
  return sql`${sql.join(parts, sql` AND `)}`;
}

export const facetNames = ['year', 'organisation', 'category', 'retention', 'state'] as const;
export type FacetName = (typeof facetNames)[number];

/** A page of what is found, and how many there are by each facet. */
export async function search(
  deps: Pick<ArchiveDeps, 'db'>,
  principal: Principal,
  query: SearchQuery,
): Promise<{ items: Hit[]; total: number; facets: Record<FacetName, { value: string; count: number }[]> }> {
  const where = conditions(query, principal);
  const { whole } = sightOf(principal);
  const items = await sql<Hit>`
    SELECT a.id, a.state, a.condition, a.organisation, a.package, a.metadata, a.reference, a.personal, a.created_at,
      a.archived_at, ${whole} AS whole,
      (SELECT count(*) FROM archives.file f WHERE f.archive = a.id) AS files,
      (SELECT coalesce(sum(f.bytes), 0)::bigint FROM archives.file f WHERE f.archive = a.id) AS bytes
    FROM archives.archive a WHERE ${where}
    ORDER BY coalesce(a.archived_at, a.created_at) DESC, a.id DESC
    LIMIT ${query.size} OFFSET ${(query.page - 1) * query.size}`.execute(deps.db.kysely);
  const counted = await sql<Record<FacetName, string | null> & { count: number; place: number }>`
    SELECT year, organisation, category, retention, state, count(*) AS count,
      grouping(year, organisation, category, retention, state) AS place
    FROM (SELECT a.metadata->>'year' AS year, a.organisation, a.metadata->>'category' AS category,
        a.metadata->>'retention' AS retention, a.state FROM archives.archive a WHERE ${where}) found
    GROUP BY GROUPING SETS ((year), (organisation), (category), (retention), (state), ())`.execute(deps.db.kysely);
  const facets = Object.fromEntries(
    facetNames.map((name) => [name, [] as { value: string; count: number }[]]),
  ) as Record<FacetName, { value: string; count: number }[]>;
  let total = 0;
  for (const row of counted.rows) {
    // grouping() has a bit for each column that is not grouped by, the first column's the highest.
    const at = facetNames.findIndex((_, i) => row.place === (0b11111 ^ (1 << (4 - i))));
    if (at < 0) total = row.count;
    else {
      const value = row[facetNames[at]!];
      if (value !== null) facets[facetNames[at]!].push({ value, count: row.count });
    }
  }
  for (const name of facetNames)
    facets[name].sort((a, b) =>
      name === 'year' ? b.value.localeCompare(a.value) : b.count - a.count || a.value.localeCompare(b.value),
    );
  return { items: items.rows, total, facets };
}
