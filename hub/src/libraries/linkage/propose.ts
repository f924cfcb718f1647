/**
 * The linkage engine as the proposer of an integration: open rows meet register rows under blocking keys, pairs are weighed with the version in force, frozen, and
 * what is above the threshold with one clear candidate is linked. Only open rows whose keys a register row of this integration shares are decided
 * again, so that a day costs what came with it; the answer depends on current rows, version and decisions only.
 */
import { scorePairs } from '@jingwei/linkage';
import { fewKeys, type LakeSession, literal } from '../../platform/lake/index.ts';
import type { BaseStep, LibraryPlan, News, Proposer } from '../base/index.ts';
import type { LoadedLinkage } from './declaration.ts';
import { LakeEngine, SCHEMA } from './engine.ts';
import { verdictSql } from './tables.ts';
import { keysSql, sourceNameSql, textStep } from './texts.ts';
import { inForce, useFrequencies, type Version } from './versions.ts';

/** Candidates that are kept of a row at most. */
const KEPT = 5;
/** Bits below the threshold of reviewing down to which candidates are kept, to tell why a row was not linked. */
const BELOW = 12;

/** A proposer by the declared linkages. */
export function proposer(linkages: readonly LoadedLinkage[]): Proposer {
  const of = (library: LibraryPlan) => linkages.find((l) => l.library.number === library.number);
  return {
    stir: (library, news) => [
      { name: 'nothing is asked yet', sql: 'CREATE OR REPLACE TEMP TABLE b_asked (source SMALLINT, fact BIGINT)' },
      ...(of(library) ? stirSteps(library, news, of(library)!) : []),
    ],
    propose: (library) => (of(library) ? proposeSteps(library, of(library)!) : []),
  };
}

function stirSteps(library: LibraryPlan, news: News, linkage: LoadedLinkage): BaseStep[] {
  const n = library.number;
  return [
    {
      name: 'open rows that news may concern',
      work: async (s) => {
        const v = await inForce(s, n);
        const made = await s.first<{ version: number; sha256: string }>(
          'SELECT version, sha256 FROM lib.linkage_made WHERE library = $n',
          { n },
        );
        const whole = news.first || made?.version !== v?.version || made?.sha256 !== library.sha256;
        if (whole) {
          for (const t of ['made', 'anchor', 'open', 'pair'])
            await s.run(`DELETE FROM lib.linkage_${t} WHERE library = ${n}`);
          if (v)
            await s.run('INSERT INTO lib.linkage_made VALUES ($n, $v, $sha)', { n, v: v.version, sha: library.sha256 });
          await s.run(
            `INSERT INTO b_asked SELECT source, fact FROM lib.base_link WHERE library = ${n} AND (entity IS NULL OR method LIKE 'model %' OR method = 'decided')`,
          );
        }
        if (v) {
          const came = whole ? `lib.base_mention WHERE library = ${n} AND anchor` : 'b_said WHERE anchor';
          await s.run(`CREATE OR REPLACE TEMP TABLE lk_need AS SELECT source, fact FROM ${came}`);
          await texts(s, library, v, 'lk_anchor_text', whole);
          await s.run(
            `CREATE OR REPLACE TEMP TABLE lk_stirred AS SELECT k FROM lib.linkage_anchor WHERE library = ${n}
               AND fact IN (SELECT fact FROM b_over UNION SELECT fact FROM b_gone);
             DELETE FROM lib.linkage_anchor WHERE library = ${n} AND fact IN (SELECT fact FROM b_gone)`,
          );
          await s.run(
            `CREATE OR REPLACE TEMP TABLE lk_key AS ${keysSql(v.declaration, 'lk_anchor_text')};
             INSERT INTO lib.linkage_anchor SELECT ${n}, source, fact, k FROM lk_key;
             INSERT INTO lk_stirred SELECT k FROM lk_key;
             INSERT INTO b_asked SELECT DISTINCT source, fact FROM lib.linkage_open WHERE library = ${n} AND k IN (SELECT k FROM lk_stirred)`,
          );
        }
        // What people said is few: it is looked at again every time.
        await s.run(
          `CREATE OR REPLACE TEMP TABLE lk_decided AS SELECT source, fact, arg_max(decision, (judged_at, rowid)) AS decision, arg_max(entity, (judged_at, rowid)) AS entity FROM lib.linkage_decision WHERE library = ${n} GROUP BY source, fact;
           CREATE OR REPLACE TEMP TABLE lk_verdict AS SELECT source, fact, entity, verdict FROM (${verdictSql(n, linkage.declaration.review.second)}) WHERE verdict IS NOT NULL;
           INSERT INTO b_asked SELECT m.source, m.fact FROM lib.base_mention m WHERE m.library = ${n} AND m.fact IN (SELECT fact FROM lk_decided UNION SELECT fact FROM lk_verdict);
           DELETE FROM lib.linkage_due WHERE library = ${n}`,
        );
      },
    },
  ];
}

/** Texts of what is in `lk_need`. Few are looked up by their numbers, all are read through. */
async function texts(s: LakeSession, library: LibraryPlan, v: Version, into: string, whole = false): Promise<void> {
  const step = textStep(library, v.declaration, 'lk_need', into);
  await s.run(whole ? step.sql : `${fewKeys.begin}; ${step.sql}; ${fewKeys.end}`);
}

function proposeSteps(library: LibraryPlan, linkage: LoadedLinkage): BaseStep[] {
  const n = library.number;
  return [
    {
      name: 'open rows are compared',
      work: async (s) => {
        await s.run(
          `DELETE FROM lib.linkage_open WHERE library = ${n} AND (source, fact) IN (SELECT (source, fact) FROM b_affected);
           DELETE FROM lib.linkage_pair WHERE library = ${n} AND (source, fact) IN (SELECT (source, fact) FROM b_affected)`,
        );
        const v = await inForce(s, n);
        if (v && (await s.first('SELECT 1 AS one FROM b_open LIMIT 1'))) await compare(s, library, v);
        await follow(s, library, linkage);
      },
    },
  ];
}

/** SQL of a pair's name, which stands over rebuilds. */
export const pairName = (library: number, source: string, fact: string, entity: string): string =>
  `left(md5(concat_ws('|', '${library}', ${source}, ${fact}, ${entity})), 20)`;

/** Weighs the open rows' candidates and links what is clear. */
async function compare(s: LakeSession, library: LibraryPlan, v: Version): Promise<void> {
  const n = library.number;
  const { thresholds, largestBlock } = v.declaration;
  await s.run('CREATE OR REPLACE TEMP TABLE lk_need AS SELECT source, fact FROM b_open');
  await texts(s, library, v, 'lk_open_text');
  await s.run(
    `CREATE OR REPLACE TEMP TABLE lk_key AS ${keysSql(v.declaration, 'lk_open_text')};
     INSERT INTO lib.linkage_open SELECT ${n}, source, fact, k FROM lk_key;
     CREATE OR REPLACE TEMP TABLE lk_near AS SELECT a.source, a.fact, a.k FROM lib.linkage_anchor a
       WHERE a.library = ${n} AND a.k IN (SELECT k FROM lk_key) AND a.fact NOT IN (SELECT fact FROM b_ended);
     CREATE OR REPLACE TEMP TABLE lk_pairs AS SELECT DISTINCT o.source, o.fact, a.source AS anchor_source, a.fact AS anchor FROM lk_key o
       JOIN (FROM lk_near QUALIFY count(*) OVER (PARTITION BY k) <= ${largestBlock}) a ON a.k = o.k;
     CREATE OR REPLACE TEMP TABLE lk_open_said AS FROM lk_open_text WHERE (source, fact) IN (SELECT (source, fact) FROM lk_pairs);
     CREATE OR REPLACE TEMP TABLE lk_need AS SELECT DISTINCT anchor_source AS source, anchor AS fact FROM lk_pairs`,
  );
  if (!(await s.first('SELECT 1 AS one FROM lk_pairs LIMIT 1'))) return;
  await texts(s, library, v, 'lk_near_text');
  await score(
    s,
    n,
    v,
    'lk_open_said',
    'lk_near_text',
    `SELECT 'r' || source || '.' || fact AS l, 'k' || anchor_source || '.' || anchor AS r FROM lk_pairs`,
  );
  const cannot = `(SELECT source, fact, entity FROM lk_verdict WHERE verdict = 'different')`;
  const name = sourceNameSql(library, 'b.source');
  await s.run(
    `CREATE OR REPLACE TEMP TABLE lk_best AS
       SELECT p.source, p.fact, e.entity, max(x.w) AS w, arg_max({'source': p.anchor_source, 'fact': p.anchor, 'pat': x.pat}, (x.w, -p.anchor)) AS by
       FROM lk_pairs p JOIN ${SCHEMA}.paired x ON x.l = 'r' || p.source || '.' || p.fact AND x.r = 'k' || p.anchor_source || '.' || p.anchor
       JOIN lib.base_mention m ON m.library = ${n} AND m.source = p.anchor_source AND m.fact = p.anchor
       JOIN lib.base_entity e ON e.library = ${n} AND e."key" = m.keys[1] GROUP BY p.source, p.fact, e.entity;
     CREATE OR REPLACE TEMP TABLE lk_ranked AS
       SELECT b.*, row_number() OVER (PARTITION BY b.source, b.fact ORDER BY b.w DESC, k."key") AS place, lead(b.w) OVER (PARTITION BY b.source, b.fact ORDER BY b.w DESC, k."key") AS next
       FROM lk_best b JOIN lib.base_entity k ON k.library = ${n} AND k.entity = b.entity
       WHERE b.w >= ${thresholds.review - BELOW} AND NOT EXISTS (SELECT 1 FROM ${cannot} c WHERE c.source = ${name} AND c.fact = b.fact AND c.entity = b.entity);
     CREATE OR REPLACE TEMP TABLE lk_clear AS SELECT source, fact, entity, w FROM lk_ranked
       WHERE place = 1 AND w >= ${thresholds.link} AND (next IS NULL OR w - next >= ${thresholds.lead});
     CREATE OR REPLACE TEMP TABLE lk_waits AS SELECT source, fact, list(entity ORDER BY entity) AS entities FROM lk_ranked b
       WHERE w >= ${thresholds.review} AND place <= ${KEPT} AND (source, fact) NOT IN (SELECT (source, fact) FROM lk_clear) GROUP BY source, fact;
     INSERT INTO lib.linkage_pair SELECT ${n}, ${pairName(n, name, 'b.fact', 'b.entity')}, b.source, b.fact, b.entity, b."by".source, b."by".fact, b.w, b."by".pat, ${v.version}, b.place,
         CASE WHEN c.fact IS NOT NULL THEN CASE WHEN b.place = 1 THEN 'linked' ELSE 'behind' END WHEN b.w >= ${thresholds.review} THEN 'review' ELSE 'below' END, l.t, r.t
       FROM lk_ranked b JOIN lk_open_said l ON l.source = b.source AND l.fact = b.fact JOIN lk_near_text r ON r.source = b."by".source AND r.fact = b."by".fact
       LEFT JOIN lk_clear c ON c.source = b.source AND c.fact = b.fact WHERE b.place <= ${KEPT};
     DELETE FROM b_linked WHERE (source, fact) IN (SELECT (source, fact) FROM lk_clear UNION ALL SELECT (source, fact) FROM lk_waits);
     INSERT INTO b_linked SELECT source, fact, entity, 'model ${v.version} ' || printf('%.1f', w), NULL FROM lk_clear UNION ALL SELECT source, fact, NULL, 'review', entities FROM lk_waits`,
  );
}

/** Weighs pairs of texts: fills `temp.paired`. `pairs`: SQL of l, r, where a row is r<source>.<fact> and a register row k<source>.<fact>. */
export async function score(
  s: LakeSession,
  library: number,
  v: Version,
  rows: string,
  known: string,
  pairs: string,
): Promise<void> {
  const columns = Object.keys(v.declaration.columns).map((c, i) => `t[${i + 1}] AS ${c}`);
  await s.run(
    `CREATE OR REPLACE TEMP TABLE lk_rows AS SELECT 'r' || source || '.' || fact AS id, ${columns.join(', ')} FROM ${rows};
     CREATE OR REPLACE TEMP TABLE lk_known AS SELECT 'k' || source || '.' || fact AS id, ${columns.join(', ')} FROM ${known}`,
  );
  await useFrequencies(s, library, v);
  await scorePairs(new LakeEngine(s), SCHEMA, v.frozen, pairs);
}

/**
 * What people decided stands above rules and the model, never above a register's row or a valid number. Two verdicts that contradict each other are followed by
 * none: the row waits, and the list of disagreements names it.
 */
async function follow(s: LakeSession, library: LibraryPlan, _linkage: LoadedLinkage): Promise<void> {
  const n = library.number;
  const name = sourceNameSql(library, 'a.source');
  const keyed = "(method = 'register' OR method LIKE 'key %' OR method = 'unknown-key')";
  await s.run(
    `CREATE OR REPLACE TEMP TABLE lk_said AS
       SELECT a.source, a.fact, d.decision, CASE WHEN d.decision = 'link' THEN d.entity END AS entity, false AS contradicts FROM b_affected a JOIN lk_decided d ON d.source = ${name} AND d.fact = a.fact WHERE d.decision IN ('link', 'none')
       UNION ALL SELECT a.source, a.fact, 'link', CASE WHEN count(DISTINCT x.entity) = 1 THEN any_value(x.entity) END, count(DISTINCT x.entity) > 1 FROM b_affected a JOIN lk_verdict x ON x.source = ${name} AND x.fact = a.fact
         WHERE x.verdict = 'same' AND NOT EXISTS (SELECT 1 FROM lk_decided d WHERE d.source = x.source AND d.fact = x.fact AND d.decision IN ('link', 'none')) GROUP BY a.source, a.fact;
     DELETE FROM lk_said WHERE (source, fact) IN (SELECT (source, fact) FROM b_linked WHERE ${keyed}) OR entity IS NOT NULL AND entity NOT IN (SELECT entity FROM lib.base_entity WHERE library = ${n});
     CREATE OR REPLACE TEMP TABLE lk_not AS SELECT b.source, b.fact FROM b_linked b JOIN (SELECT a.source, a.fact, x.entity FROM b_affected a JOIN lk_verdict x ON x.source = ${name} AND x.fact = a.fact WHERE x.verdict = 'different') c
         ON c.source = b.source AND c.fact = b.fact AND c.entity = b.entity WHERE NOT ${keyed};
     DELETE FROM b_linked WHERE (source, fact) IN (SELECT (source, fact) FROM lk_said UNION ALL SELECT (source, fact) FROM lk_not);
     INSERT INTO b_linked SELECT source, fact, NULL, 'refused', NULL FROM lk_not WHERE (source, fact) NOT IN (SELECT (source, fact) FROM lk_said);
     INSERT INTO b_linked SELECT source, fact, entity, CASE WHEN contradicts THEN ${literal('contradicted')} WHEN decision = 'none' THEN 'refused' ELSE 'decided' END, NULL FROM lk_said;
     UPDATE lib.linkage_pair SET state = 'decided' WHERE library = ${n} AND state <> 'decided' AND (source, fact) IN (SELECT (source, fact) FROM lk_said)`,
  );
}
