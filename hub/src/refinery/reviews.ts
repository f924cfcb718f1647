/** What a person must decide, and the decisions. A decision is about an identification as written; it stands over rebuilds. */
import type { Clock } from '../platform/clock.ts';
import type { Lake, LakeRow } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import type { DecisionBody, ReviewQuery, ReviewView } from './api.ts';
import { entityNeeded, entityNotWanted, nameNeeded, unknownEntity, unknownReview } from './problems.ts';

interface ReviewRow extends LakeRow {
  review: string;
  reason: ReviewView['reason'];
  class: number;
  fact: string;
  rows: number;
  candidates: string;
  uscc: string | null;
  orgcode: string | null;
  regno: string | null;
  name: string | null;
  former: string | null;
  decision: ReviewView['decision'];
  decided_entity: number | null;
  by_user: string | null;
  decided_at: string | null;
  comment: string | null;
}

const columns = `r.review::VARCHAR AS review, r.reason, r.class, r.fact::VARCHAR AS fact, r.rows, r.candidates, r.uscc, r.orgcode, r.regno, r.name,
  r.former, r.decision, r.decided_entity, r.by_user, r.decided_at, r.comment`;

const given = (text: string | null) =>
  text === null || text === '' ? null : text.startsWith('\x18') ? text.slice(1) : text;

async function dress(lake: Pick<Lake, 'query'>, rows: readonly ReviewRow[]): Promise<ReviewView[]> {
  const candidates = rows.map(
    (r) => JSON.parse(r.candidates) as { entity: number; score: number; evidence: string[] }[],
  );
  const ids = [...new Set(candidates.flat().map((c) => c.entity))];
  const known = ids.length
    ? await lake.query<{ entity: number; name: string | null; uscc: string | null }>(
        `SELECT entity, name, uscc FROM v.entity_v1 WHERE list_contains($ids, entity)`,
        { ids },
      )
    : [];
  const byId = new Map(known.map((k) => [k.entity, k]));
  return rows.map((r, i) => ({
    review: r.review,
    reason: r.reason,
    class: r.class,
    fact: r.fact,
    rows: r.rows,
    given: {
      uscc: given(r.uscc),
      orgcode: given(r.orgcode),
      regno: given(r.regno),
      name: given(r.name),
      former: given(r.former),
    },
    candidates: candidates[i]!.map((c) => ({
      ...c,
      name: byId.get(c.entity)?.name ?? null,
      uscc: byId.get(c.entity)?.uscc ?? null,
    })),
    decision: r.decision,
    entity: r.decided_entity,
    by: r.by_user,
    at: r.decided_at,
    comment: r.comment,
  }));
}

/** One page of reviews; what concerns most rows comes first. */
export async function reviews(
  lake: Pick<Lake, 'query' | 'first'>,
  query: ReviewQuery,
): Promise<{ items: ReviewView[]; total: number }> {
  const where = [
    query.state === 'open' ? 'r.decision IS NULL' : query.state === 'decided' ? 'r.decision IS NOT NULL' : 'true',
    query.reason ? 'r.reason = $reason' : 'true',
    query.source ? 'r.class = (SELECT class FROM v.class_v1 WHERE source = $source)' : 'true',
    query.search ? "contains(concat_ws(' ', r.uscc, r.orgcode, r.regno, r.name, r.former), $search)" : 'true',
  ].join(' AND ');
  const params = {
    ...(query.reason ? { reason: query.reason } : {}),
    ...(query.source ? { source: query.source } : {}),
    ...(query.search ? { search: query.search } : {}),
  };
  const total = await lake.first<{ n: number }>(`SELECT count(*) AS n FROM v.link_review_v1 r WHERE ${where}`, params);
  const rows = await lake.query<ReviewRow>(
    `SELECT ${columns} FROM v.link_review_v1 r WHERE ${where} ORDER BY r.rows DESC, r.review LIMIT ${query.size} OFFSET ${(query.page - 1) * query.size}`,
    params,
  );
  return { items: await dress(lake, rows), total: total?.n ?? 0 };
}

/** One review. */
export async function reviewOf(lake: Pick<Lake, 'query'>, review: string): Promise<ReviewView> {
  const rows = await lake.query<ReviewRow>(
    `SELECT ${columns} FROM v.link_review_v1 r WHERE r.review = $review::UBIGINT`,
    { review },
  );
  const [view] = await dress(lake, rows);
  if (!view) throw new Problem(unknownReview, { review });
  return view;
}

/**
 * Keeps a decision. `link` names a legal person that is known; `new` makes one of the identification's own; `none` says that
 * it is nobody known. Facts follow at the next integration.
 */
export async function decide(
  lake: Lake,
  clock: Clock,
  review: string,
  body: DecisionBody,
  by: string,
): Promise<ReviewView> {
  const view = await reviewOf(lake, review);
  if (body.decision === 'link' && body.entity === undefined) throw new Problem(entityNeeded);
  if (body.decision !== 'link' && body.entity !== undefined) throw new Problem(entityNotWanted);
  if (body.decision === 'new' && view.given.name === null) throw new Problem(nameNeeded);
  await lake.write('libraries', async (s) => {
    let entity = body.entity ?? null;
    if (body.decision === 'link') {
      if (!(await s.first('SELECT 1 AS one FROM rf.entity WHERE entity = $entity', { entity })))
        throw new Problem(unknownEntity, { entity });
    }
    if (body.decision === 'new') {
      const key = `D:${review}`;
      const known = await s.first<{ entity: number }>('SELECT entity FROM rf.entity WHERE key = $key', { key });
      entity =
        known?.entity ?? (await s.first<{ n: number }>('SELECT coalesce(max(entity), 0) + 1 AS n FROM rf.entity'))!.n;
      if (!known) {
        await s.run(
          `INSERT INTO rf.entity SELECT $entity, $key, k_uscc, k_regno, k_orgcode, clean_name, r.class, p.fact, 0
           FROM rf.pair p LEFT JOIN rf.review r ON r.pair = p.pair WHERE p.pair = $review::UBIGINT`,
          { entity, key, review },
        );
      }
    }
    await s.run(
      'INSERT INTO rf.decision SELECT review, pair, fact, $decision, $entity, $by, $at, $comment FROM rf.review WHERE review = $review::UBIGINT',
      {
        decision: body.decision,
        entity,
        by,
        at: clock.now(),
        comment: body.comment ?? null,
        review,
      },
    );
  });
  return reviewOf(lake, review);
}
