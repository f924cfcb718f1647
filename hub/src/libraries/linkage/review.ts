/** Clerical review (人工复核): blind pairs, verdicts, disagreements and who settles them. */
import type { z } from 'zod';
import type { Principal } from '../../platform/auth/principal.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Lake, LakeSession } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { disputeAnswer, nextAnswer, progress, settleBody, verdictBody } from './api.ts';
import type { LoadedLinkage } from './declaration.ts';
import { judgedAlready, notDisputed, ownVerdict, pairFull, pairGone, unknownPair } from './problems.ts';
import { type Cells, sidesOf, waterfall } from './show.ts';
import { verdictSql } from './tables.ts';
import { versionsOf } from './versions.ts';

type Asks = Pick<LakeSession, 'query' | 'first'>;
type Texts = (string | null)[];

/** Pairs that wait for people, with what was said of them: SQL of (pair, source, fact, entity, w, pat, says, known, state, n, mine). */
const waiting = (linkage: LoadedLinkage, where = "state = 'review'"): string => {
  const n = linkage.library.number;
  return `SELECT p.*, coalesce(v.state, 'new') AS judged, coalesce(v.n, 0) AS n, m.verdict AS mine
    FROM (FROM lib.linkage_pair WHERE library = ${n} AND ${where}) p LEFT JOIN (${verdictSql(n, linkage.declaration.review.second)}) v ON v.pair = p.pair
    LEFT JOIN (SELECT pair, arg_max(verdict, (judged_at, rowid)) AS verdict FROM lib.linkage_label WHERE library = ${n} AND by_user = $user AND NOT settles GROUP BY pair) m ON m.pair = p.pair`;
};

/** How far the review is. */
export async function progressOf(lake: Asks, linkage: LoadedLinkage, user: string): Promise<z.input<typeof progress>> {
  const row = await lake.first<z.input<typeof progress>>(
    `SELECT count(*) FILTER (judged NOT IN ('agreed', 'settled')) + any_value(d.n) AS pairs, any_value(d.n) AS decided, count(*) FILTER (judged = 'waiting') AS half,
       count(*) FILTER (judged = 'disagreed') AS disputed, any_value(o.n) AS mine, count(*) FILTER (w.pair IS NOT NULL AND mine IS NULL AND judged IN ('new', 'waiting')) AS "left"
     FROM (SELECT count(*) AS n FROM (${verdictSql(linkage.library.number, linkage.declaration.review.second)}) WHERE verdict IS NOT NULL) d
     CROSS JOIN (SELECT count(DISTINCT pair) AS n FROM lib.linkage_label WHERE library = ${linkage.library.number} AND by_user = $user AND NOT settles) o
     LEFT JOIN (${waiting(linkage)}) w ON true`,
    { user },
  );
  return row!;
}

/**
 * The next pairs for a reviewer, those from which the model learns most first: how uncertain it is, times how many pairs show the same pattern. Blind: no weight, no other
 * verdict, not which side is the register's, nor from whom the row came.
 */
export async function nextPairs(
  lake: Asks,
  linkage: LoadedLinkage,
  shower: Cells,
  user: string,
  limit: number,
): Promise<z.input<typeof nextAnswer>> {
  const p = '(1 / (1 + power(2, -w)))';
  const rows = await lake.query<{ pair: string; says: Texts; known: Texts; swap: boolean }>(
    `SELECT pair, says, known, hash(pair || 'side') % 2 = 1 AS swap FROM (${waiting(linkage)}) WHERE mine IS NULL AND judged IN ('new', 'waiting')
     ORDER BY ${p} * (1 - ${p}) * (1 + log2(count(*) OVER (PARTITION BY pat))) DESC, pair LIMIT ${limit}`,
    { user },
  );
  return {
    pairs: rows.map((r) => ({
      pair: r.pair,
      columns: sidesOf(shower, linkage, r.says, r.known, r.swap),
      verdict: null,
    })),
    progress: await progressOf(lake, linkage, user),
  };
}

interface Standing {
  [key: string]: unknown;
  source: number;
  fact: bigint;
  entity: number;
  says: Texts;
  known: Texts;
  state: string;
  judged: string;
  mine: string | null;
}

async function standing(s: Asks, linkage: LoadedLinkage, pair: string, user: string): Promise<Standing> {
  const n = linkage.library.number;
  const row = await s.first<Standing>(
    `SELECT p.source, p.fact, p.entity, p.says, p.known, p.state, p.judged, p.mine FROM (${waiting(linkage, 'true')}) p WHERE p.pair = $pair`,
    { pair, user },
  );
  const judged = await s.first('SELECT 1 AS one FROM lib.linkage_label WHERE library = $n AND pair = $pair LIMIT 1', {
    n,
    pair,
  });
  if (!row) throw new Problem(judged ? pairGone : unknownPair, { pair });
  return row;
}

/** Keeps a verdict. A pair that vanished, a second verdict of one person, a pair that needs no more: each is told. */
export async function judge(
  lake: Lake,
  clock: Clock,
  linkage: LoadedLinkage,
  pair: string,
  body: z.output<typeof verdictBody>,
  who: Pick<Principal, 'userId' | 'name'>,
): Promise<void> {
  await lake.write('linkage', async (s) => {
    const row = await standing(s, linkage, pair, who.userId);
    if (row.state !== 'review') throw new Problem(pairGone, { pair });
    if (row.mine !== null && !body.revise) throw new Problem(judgedAlready);
    if (row.mine !== null ? row.judged === 'settled' : !['new', 'waiting'].includes(row.judged))
      throw new Problem(row.mine !== null ? judgedAlready : pairFull);
    await label(s, clock, linkage, pair, row, body.verdict, false, who, body.comment);
  });
}

async function label(
  s: LakeSession,
  clock: Clock,
  linkage: LoadedLinkage,
  pair: string,
  row: Standing,
  verdict: string,
  settles: boolean,
  who: Pick<Principal, 'userId' | 'name'>,
  comment: string | undefined,
): Promise<void> {
  const n = linkage.library.number;
  const source = linkage.library.sources[row.source - 1];
  await s.run(
    `INSERT INTO lib.linkage_label SELECT ${n}, $pair, $source, fact, entity, $verdict, ${settles}, $by, $name, $at, $comment, $columns, says, known
     FROM lib.linkage_pair WHERE library = ${n} AND pair = $pair`,
    {
      pair,
      source: source ? `${source.source} ${source.mention}` : '',
      verdict,
      by: who.userId,
      name: who.name,
      at: clock.now(),
      comment: comment ?? null,
      columns: Object.keys(linkage.declaration.columns),
    },
  );
  await s.run("INSERT INTO lib.linkage_due VALUES ($n, 'verdict')", { n });
}

/** A third person, a steward, settles what two judged differently. */
export async function settle(
  lake: Lake,
  clock: Clock,
  linkage: LoadedLinkage,
  pair: string,
  body: z.output<typeof settleBody>,
  who: Pick<Principal, 'userId' | 'name'>,
): Promise<void> {
  await lake.write('linkage', async (s) => {
    const row = await standing(s, linkage, pair, who.userId);
    if (row.mine !== null) throw new Problem(ownVerdict);
    const contradicted = (await contradictions(s, linkage)).some((c) => c.pair === pair);
    if (row.judged !== 'disagreed' && !contradicted) throw new Problem(notDisputed);
    await label(s, clock, linkage, pair, row, body.verdict, true, who, body.comment);
  });
}

/** Pairs whose verdicts say that one row is two entities. */
async function contradictions(lake: Asks, linkage: LoadedLinkage): Promise<{ pair: string }[]> {
  return lake.query<{ pair: string }>(
    `SELECT pair FROM (${verdictSql(linkage.library.number, linkage.declaration.review.second)}) WHERE verdict = 'same'
     QUALIFY count(*) OVER (PARTITION BY source, fact) > 1`,
  );
}

/** What reviewers disagree about, and how far they agree in all. */
export async function disputes(
  lake: Asks,
  linkage: LoadedLinkage,
  shower: Cells,
): Promise<z.input<typeof disputeAnswer>> {
  const n = linkage.library.number;
  const versions = await versionsOf(lake, n);
  const contradicting = new Set((await contradictions(lake, linkage)).map((c) => c.pair));
  const rows = await lake.query<{
    pair: string;
    source: string;
    fact: string;
    entity: number;
    says: Texts;
    known: Texts;
    w: number | null;
    pat: number | null;
    version: number | null;
  }>(
    `SELECT v.pair, v.source, v.fact::VARCHAR AS fact, v.entity, l.says, l.known, p.w, p.pat, p.version FROM (${verdictSql(n, linkage.declaration.review.second)}) v
     JOIN (FROM lib.linkage_label WHERE library = ${n} QUALIFY row_number() OVER (PARTITION BY pair ORDER BY judged_at DESC, rowid DESC) = 1) l ON l.pair = v.pair
     JOIN (FROM lib.linkage_pair WHERE library = ${n}) p ON p.pair = v.pair
     WHERE v.state = 'disagreed' OR list_contains($contradicting, v.pair) ORDER BY l.judged_at LIMIT 200`,
    { contradicting: [...contradicting, ''] },
  );
  const said = await lake.query<{ pair: string; by_name: string; verdict: string; at: string; comment: string | null }>(
    `SELECT pair, by_name, verdict, judged_at AS at, comment FROM lib.linkage_label WHERE library = ${n} AND list_contains($pairs, pair) ORDER BY judged_at`,
    { pairs: [...rows.map((r) => r.pair), ''] },
  );
  const { kappa, doubled } = await agreement(lake, n);
  return {
    kappa,
    doubled,
    items: rows.map((r) => {
      const v = versions.find((x) => x.version === r.version);
      return {
        pair: r.pair,
        state: contradicting.has(r.pair) ? ('contradiction' as const) : ('disagreed' as const),
        columns: sidesOf(shower, linkage, r.says, r.known),
        verdicts: said
          .filter((x) => x.pair === r.pair)
          .map((x) => ({ by: x.by_name, verdict: x.verdict, at: x.at, comment: x.comment })),
        bits: r.w,
        bars: v && r.pat !== null ? waterfall(linkage, v, r.pat) : [],
        entity: r.entity,
        source: r.source,
        fact: r.fact,
      };
    }),
  };
}

/** Cohen's kappa of the two people who judged a pair first: (observed − expected) / (1 − expected) agreement, over the three verdicts. */
async function agreement(lake: Asks, library: number): Promise<{ kappa: number | null; doubled: number }> {
  const rows = await lake.query<{ a: string; b: string; n: number }>(
    `SELECT a, b, count(*) AS n FROM (SELECT pair, list(verdict ORDER BY first, by_user) AS v, v[1] AS a, v[2] AS b FROM (
       SELECT pair, by_user, arg_max(verdict, (judged_at, rowid)) AS verdict, min(judged_at) AS first FROM lib.linkage_label WHERE library = ${library} AND NOT settles GROUP BY pair, by_user
     ) GROUP BY pair HAVING count(*) >= 2) GROUP BY a, b`,
  );
  return kappaOf(rows);
}

/** Kappa out of a table of verdicts; null before two judged a pair, 1 where both always said one and the same. */
export function kappaOf(rows: readonly { a: string; b: string; n: number }[]): {
  kappa: number | null;
  doubled: number;
} {
  const doubled = rows.reduce((x, r) => x + r.n, 0);
  if (doubled === 0) return { kappa: null, doubled };
  const observed = rows.filter((r) => r.a === r.b).reduce((x, r) => x + r.n, 0) / doubled;
  const share = (side: 'a' | 'b', v: string) =>
    rows.filter((r) => r[side] === v).reduce((x, r) => x + r.n, 0) / doubled;
  const expected = ['same', 'different', 'unsure'].reduce((x, v) => x + share('a', v) * share('b', v), 0);
  return { kappa: expected >= 1 ? 1 : (observed - expected) / (1 - expected), doubled };
}
