/** Why two records are one, or are not, or are never compared: any row and any entity, or two of either. */
import { barsOf } from '@jingwei/linkage';
import type { z } from 'zod';
import type { Lake, LakeSession } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { LibraryPlan } from '../base/index.ts';
import type { explainAnswer } from './api.ts';
import type { LoadedLinkage } from './declaration.ts';
import { textsOf } from './open.ts';
import { noVersion, unknownEntity, unknownRow } from './problems.ts';
import { score } from './propose.ts';
import { type Cells, sidesOf, titleOf } from './show.ts';
import { keysSql } from './texts.ts';
import { inForce } from './versions.ts';

/** Rows that stand for a record: a row itself, or the current register rows of an entity. */
async function rowsOf(
  s: LakeSession,
  library: LibraryPlan,
  record: string,
): Promise<{ source: number; fact: string }[]> {
  const n = library.number;
  const [kind, a, b] = record.split(':');
  if (kind === 'row') {
    const there = await s.first(
      `SELECT 1 AS one FROM lib.base_mention WHERE library = ${n} AND source = $source AND fact = $fact::BIGINT`,
      { source: Number(a), fact: b! },
    );
    if (!there) throw new Problem(unknownRow);
    return [{ source: Number(a), fact: b! }];
  }
  const rows = await s.query<{ source: number; fact: string }>(
    `SELECT source, fact::VARCHAR AS fact FROM lib.base_link WHERE library = ${n} AND entity = $entity AND method = 'register' ORDER BY closed_run IS NOT NULL, fact DESC LIMIT 5`,
    { entity: Number(a) },
  );
  if (rows.length === 0) throw new Problem(unknownEntity, { entity: a });
  return rows;
}

/** Weighs two records with the version in force; of an entity's register rows the one that resembles most counts. */
export async function explainPair(
  lake: Lake,
  library: LibraryPlan,
  linkage: LoadedLinkage,
  shower: Cells,
  left: string,
  right: string,
): Promise<z.input<typeof explainAnswer>> {
  return lake.session(async (s) => {
    const v = await inForce(s, library.number);
    if (!v) throw new Problem(noVersion);
    const [l, r] = [await rowsOf(s, library, left), await rowsOf(s, library, right)];
    const texts = await textsOf(s, library, linkage, [...l, ...r]);
    const put = async (table: string, rows: typeof l) => {
      await s.run(`CREATE OR REPLACE TEMP TABLE ${table} (source SMALLINT, fact BIGINT, t VARCHAR[])`);
      await s.run(
        `INSERT INTO ${table} SELECT source, fact, t FROM lk_text WHERE ${rows.map((x) => `(source = ${x.source} AND fact = ${BigInt(x.fact)})`).join(' OR ')}`,
      );
    };
    await put('lk_left', l);
    await put('lk_right', r);
    await score(
      s,
      library.number,
      v,
      'lk_left',
      'lk_right',
      'SELECT a.id AS l, b.id AS r FROM lk_rows a CROSS JOIN lk_known b',
    );
    const best = (await s.first<{ l: string; r: string; pat: number; w: number }>(
      `SELECT l, r, pat, w FROM temp.paired ORDER BY w DESC, l, r LIMIT 1`,
    ))!;
    const d = v.declaration;
    const blocking: z.input<typeof explainAnswer>['blocking'] = [];
    for (const rule of d.blocking) {
      const of = { ...d, blocking: [rule] };
      const found = (await s.first<{ a: number; b: number; shared: number; large: number }>(
        `WITH a AS (${keysSql(of, 'lk_left')}), b AS (${keysSql(of, 'lk_right')}), c AS (SELECT k FROM a INTERSECT SELECT k FROM b)
         SELECT (SELECT count(*) FROM a) AS a, (SELECT count(*) FROM b) AS b, (SELECT count(*) FROM c) AS shared, 0 AS large`,
      ))!;
      blocking.push({
        rule: rule.join(' + '),
        shared: found.shared > 0,
        reason: found.shared > 0 ? 'shared' : found.a === 0 || found.b === 0 ? 'missing' : 'different',
      });
    }
    const bars = barsOf(v.frozen, best.pat).map((b) => ({
      ...b,
      title: linkage.declaration.columns[b.name] ? titleOf(linkage, b.name) : null,
    }));
    const { thresholds } = d;
    const compared = blocking.some((b) => b.shared);
    return {
      version: v.version,
      left,
      right,
      columns: sidesOf(shower, linkage, texts.get(best.l.slice(1)) ?? [], texts.get(best.r.slice(1)) ?? []),
      bars,
      bits: best.w,
      probability: 1 / (1 + 2 ** -best.w),
      blocking,
      outcome: !compared
        ? 'not-compared'
        : best.w >= thresholds.link
          ? 'link'
          : best.w >= thresholds.review
            ? 'review'
            : 'open',
      thresholds,
    };
  });
}
