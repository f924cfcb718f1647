/** Open rows of a library and what stewards decide of them. */
import type { z } from 'zod';
import type { Principal } from '../../platform/auth/principal.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Lake, LakeSession } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { LibraryPlan } from '../base/index.ts';
import type { decideBody, openAnswer, openQuery } from './api.ts';
import type { LoadedLinkage } from './declaration.ts';
import { contradiction, entityNeeded, unknownEntity, unknownRow } from './problems.ts';
import { type Cells, cellOf, sidesOf, titleOf, waterfall } from './show.ts';
import { verdictSql } from './tables.ts';
import { sourceName, textStep } from './texts.ts';
import { versionsOf } from './versions.ts';

type Texts = (string | null)[];
const states: Record<z.output<typeof openQuery>['state'], string> = {
  open: "entity IS NULL AND method <> 'refused'",
  linked: "method LIKE 'model %'",
  decided: "method IN ('decided', 'refused', 'contradicted')",
};

/** Texts of some rows by `source.fact`. */
export async function textsOf(
  s: LakeSession,
  library: LibraryPlan,
  linkage: LoadedLinkage,
  rows: readonly { source: number; fact: string }[],
): Promise<Map<string, Texts>> {
  await s.run('CREATE OR REPLACE TEMP TABLE lk_need (source SMALLINT, fact BIGINT)');
  await s.append(
    'lk_need',
    rows.map((r) => [r.source, BigInt(r.fact)]),
  );
  await s.run(textStep(library, linkage.declaration, 'lk_need', 'lk_text').sql);
  const found = await s.query<{ id: string; t: Texts }>("SELECT source || '.' || fact AS id, t FROM lk_text");
  return new Map(found.map((f) => [f.id, f.t]));
}

/** One page of open rows (or of those that the model linked, or people decided), each with its candidates. `titles`: of sources. */
export async function openRows(
  lake: Lake,
  library: LibraryPlan,
  linkage: LoadedLinkage,
  shower: Cells,
  query: z.output<typeof openQuery>,
  titles: ReadonlyMap<string, { zh: string; en: string }>,
): Promise<z.input<typeof openAnswer>> {
  const n = library.number;
  const d = library.declaration;
  const base = `library = ${n} AND fact > 0 AND ${states[query.state]}`;
  const where = `${base}${query.reason ? " AND split_part(method, ' ', 1) = $reason" : ''}${query.source ? ` AND source = ${query.source}` : ''}`;
  const params: Record<string, string> = query.reason ? { reason: query.reason } : {};
  const total = await lake.first<{ n: number }>(`SELECT count(*) AS n FROM lib.base_link WHERE ${where}`, params);
  const reasons = await lake.query<{ reason: string; rows: number }>(
    `SELECT split_part(method, ' ', 1) AS reason, count(*) AS rows FROM lib.base_link WHERE ${base} GROUP BY 1 ORDER BY rows DESC`,
  );
  const bySource = await lake.query<{ source: number; rows: number }>(
    `SELECT source, count(*) AS rows FROM lib.base_link WHERE ${base} GROUP BY source ORDER BY source`,
  );
  type Row = {
    source: number;
    fact: string;
    method: string;
    entity: number | null;
    over: boolean;
    candidates: number[] | null;
  };
  const rows = await lake.query<Row>(
    `SELECT source, fact::VARCHAR AS fact, method, entity, closed_run IS NOT NULL AS over, candidates FROM lib.base_link WHERE ${where}
     ORDER BY method IN ('review', 'ambiguous') DESC, fact DESC LIMIT ${query.size} OFFSET ${(query.page - 1) * query.size}`,
    params,
  );
  const facts = rows.map((r) => r.fact);
  const texts = await lake.session((s) => textsOf(s, library, linkage, rows));
  type Pair = {
    source: number;
    fact: string;
    entity: number;
    w: number;
    pat: number;
    version: number;
    state: string;
    says: Texts;
    known: Texts;
  };
  const pairs = facts.length
    ? await lake.query<Pair>(
        `SELECT source, fact::VARCHAR AS fact, entity, w, pat, version, state, says, known FROM lib.linkage_pair WHERE library = ${n} AND fact IN (${facts.join(', ')}) ORDER BY place`,
      )
    : [];
  const label = d.attributes.findIndex((a) => a.name === d.label) + 1;
  const shown = [
    ...new Set([
      ...rows.flatMap((r) => [...(r.candidates ?? []), ...(r.entity === null ? [] : [r.entity])]),
      ...pairs.map((p) => p.entity),
      0,
    ]),
  ];
  const names = new Map(
    (
      await lake.query<{ entity: number; value: string }>(
        `SELECT entity, value FROM lib.base_value WHERE library = ${n} AND attribute = ${label} AND entity IN (${shown.join(', ')})`,
      )
    ).map((x) => [x.entity, x.value]),
  );
  const attribute = d.attributes[label - 1]!;
  const nameCell = (entity: number) =>
    shower.cell(
      { level: d.level, owner: d.owner },
      { protection: attribute.protection, ...(attribute.format ? { format: attribute.format } : {}) },
      names.get(entity) ?? null,
    );
  const decisions = await lake.query<{
    source: string;
    fact: string;
    decision: 'link' | 'none';
    entity: number | null;
    by: string;
    at: string;
    comment: string | null;
  }>(
    `SELECT source, fact::VARCHAR AS fact, decision, entity, by_name AS by, judged_at AS at, comment FROM lib.linkage_decision WHERE library = ${n}
       AND fact IN (${[...facts, '0'].join(', ')}) QUALIFY row_number() OVER (PARTITION BY source, fact ORDER BY judged_at DESC, rowid DESC) = 1`,
  );
  const versions = await versionsOf(lake, n);
  const nameOf = (source: number) => sourceName(d.sources[source - 1]!);
  const titleOfSource = (source: number) => titles.get(d.sources[source - 1]?.source ?? '') ?? { zh: '', en: '' };
  return {
    total: total?.n ?? 0,
    reasons,
    sources: bySource.map((x) => ({
      ...x,
      title: titleOfSource(x.source),
      mention: d.sources[x.source - 1]?.title ?? null,
    })),
    items: rows.map((r) => {
      const says = texts.get(`${r.source}.${r.fact}`) ?? [];
      const own = pairs.filter((p) => p.source === r.source && p.fact === r.fact);
      const others = (r.candidates ?? []).filter((e) => own.every((p) => p.entity !== e));
      const { source, fact, decision, entity, by, at, comment } =
        decisions.find((x) => x.fact === r.fact && x.source === nameOf(r.source)) ?? {};
      void source;
      void fact;
      return {
        source: r.source,
        title: titleOfSource(r.source),
        fact: r.fact,
        run: Number(BigInt(r.fact) >> 32n),
        row: Number(BigInt(r.fact) & 0xffffffffn),
        reason: r.method.split(' ')[0]!,
        entity: r.entity,
        over: r.over,
        said: Object.keys(linkage.declaration.columns).map((column, i) => ({
          column,
          title: titleOf(linkage, column),
          value: cellOf(shower, linkage, column, says[i] ?? null),
        })),
        candidates: [
          ...own.map((p) => {
            const v = versions.find((x) => x.version === p.version);
            return {
              entity: p.entity,
              label: nameCell(p.entity),
              columns: sidesOf(shower, linkage, p.says, p.known),
              bits: p.w,
              state: p.state,
              bars: v ? waterfall(linkage, v, p.pat) : [],
            };
          }),
          ...others.map((e) => ({ entity: e, label: nameCell(e), columns: [], bits: null, state: 'rule', bars: [] })),
        ],
        decision: decision ? { decision, entity: entity ?? null, by: by!, at: at!, comment: comment ?? null } : null,
      };
    }),
  };
}

/** Keeps a decision about an open row; it stands over rebuilds. What reviewers agreed on is not swept aside in silence. */
export async function decideRow(
  lake: Lake,
  clock: Clock,
  linkage: LoadedLinkage,
  at: { source: number; fact: string },
  body: z.output<typeof decideBody>,
  who: Pick<Principal, 'userId' | 'name'>,
): Promise<void> {
  const d = linkage.library;
  const n = d.number;
  if ((body.decision === 'link') !== (body.entity !== undefined)) throw new Problem(entityNeeded);
  const row = await lake.first<{ method: string }>(
    `SELECT method FROM lib.base_link WHERE library = ${n} AND source = $source AND fact = $fact::BIGINT AND (entity IS NULL OR method LIKE 'model %' OR method = 'decided')`,
    { source: at.source, fact: at.fact },
  );
  if (!row || row.method === 'unknown-key') throw new Problem(unknownRow);
  if (body.entity !== undefined) {
    const there = await lake.first(`SELECT 1 AS one FROM lib.base_entity WHERE library = ${n} AND entity = $entity`, {
      entity: body.entity,
    });
    if (!there) throw new Problem(unknownEntity, { entity: body.entity });
  }
  const source = sourceName(d.sources[at.source - 1]!);
  const judged = await lake.query<{ entity: number; verdict: string; by: string }>(
    `SELECT v.entity, v.verdict, (SELECT string_agg(DISTINCT by_name, '、') FROM lib.linkage_label l WHERE l.library = ${n} AND l.pair = v.pair) AS by
     FROM (${verdictSql(n, linkage.declaration.review.second)}) v WHERE v.source = $source AND v.fact = $fact::BIGINT AND v.verdict IS NOT NULL`,
    { source, fact: at.fact },
  );
  const against = judged.find(
    (j) =>
      (j.verdict === 'same') !== (j.entity === (body.entity ?? -1)) &&
      (j.verdict === 'same' || j.entity === body.entity),
  );
  if (against && !body.override) throw new Problem(contradiction, { by: against.by, entity: against.entity });
  await lake.write('linkage', async (s) => {
    await s.run(
      `INSERT INTO lib.linkage_decision VALUES (${n}, $source, $fact::BIGINT, $decision, $entity, $by, $name, $at, $comment)`,
      {
        source,
        fact: at.fact,
        decision: body.decision,
        entity: body.entity ?? null,
        by: who.userId,
        name: who.name,
        at: clock.now(),
        comment: body.comment ?? null,
      },
    );
    await s.run("INSERT INTO lib.linkage_due VALUES ($n, 'decision')", { n });
  });
}
