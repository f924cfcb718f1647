/** Names of clusters that outlive runs, and the history of what happened to them. */
import { literal } from './dialect.ts';
import type { Pipeline } from './engine.ts';
import type { Model } from './model.ts';

/** What happened to a cluster in a run. */
export interface ClusterEvent {
  run: number;
  /** `new`: all its records are new; `grown`: records joined; `merged`: `other` went into it; `split`: its records left for `other`. */
  event: 'new' | 'grown' | 'merged' | 'split';
  cluster: string;
  other: string | null;
  /** Records concerned. */
  records: number;
}

/** SQL of a table's name by its number. */
export function tableName(model: Model, src: string): string {
  return `CASE ${src} ${model.tables.map((t, i) => `WHEN ${i} THEN ${literal(t.name)}`).join(' ')} END`;
}

/**
 * Fills `${s}.clusters(rid, src, uid, cluster)` from `${s}.groups`. A cluster that was there before keeps its name in the group that holds most of its
 * records; a group with several such names takes that of most records. A new cluster is named after its first record in the order of tables
 * and ids, so that names do not depend on the order of rows.
 */
export async function nameClusters(p: Pipeline, s: string, model: Model): Promise<void> {
  await p.run(
    'history of clusters',
    `CREATE TABLE IF NOT EXISTS ${s}.history (run INTEGER, event VARCHAR, cluster VARCHAR, other VARCHAR, records INTEGER)`,
  );
  await p.run(
    'clusters of before',
    `CREATE TABLE IF NOT EXISTS ${s}.clusters (rid INTEGER, src INTEGER, uid VARCHAR, cluster VARCHAR)`,
  );
  const { n: before } = await p.one<{ n: number }>('clusters of before', `SELECT count(*) AS n FROM ${s}.clusters`);
  if (before === 0 && model.tables.length === 1) {
    // A first run: nothing to keep, and records are numbered by their ids, so that the first record has the smallest.
    await p.run(
      'names of clusters',
      `CREATE OR REPLACE TABLE ${s}.clusters AS SELECT r.rid, r.src, r.uid, f.uid AS cluster FROM ${s}.groups AS g JOIN ${s}.rec AS r ON r.rid = g.rid JOIN ${s}.rec AS f ON f.rid = g.first`,
    );
    await p.run(
      'what happened to clusters',
      `INSERT INTO ${s}.history SELECT (SELECT coalesce(max(run), 0) + 1 FROM ${s}.history), 'new', cluster, NULL, CAST(count(*) AS INTEGER) FROM ${s}.clusters GROUP BY cluster`,
    );
    return;
  }
  await p.run(
    'clusters that stay',
    `CREATE OR REPLACE TABLE ${s}.kept AS WITH overlap AS (
       SELECT g.first, c.cluster, count(*) AS n FROM ${s}.groups AS g JOIN ${s}.rec AS r ON r.rid = g.rid JOIN ${s}.clusters AS c ON c.src = r.src AND c.uid = r.uid GROUP BY g.first, c.cluster
     ), home AS (SELECT first, cluster, n FROM (SELECT *, row_number() OVER (PARTITION BY cluster ORDER BY n DESC, first) AS k FROM overlap) WHERE k = 1)
     SELECT first, cluster FROM (SELECT *, row_number() OVER (PARTITION BY first ORDER BY n DESC, cluster) AS k FROM home) WHERE k = 1`,
  );
  const several = model.tables.length > 1;
  const name = several ? `${tableName(model, 'f.src')} || ':' || f.uid` : 'f.uid';
  const run = `(SELECT coalesce(max(run), 0) + 1 FROM ${s}.history)`;
  await p.run(
    'names of clusters',
    `CREATE OR REPLACE TABLE ${s}.clusters_now AS SELECT r.rid, r.src, r.uid, coalesce(k.cluster, n.name) AS cluster FROM ${s}.groups AS g JOIN ${s}.rec AS r ON r.rid = g.rid LEFT JOIN ${s}.kept AS k ON k.first = g.first
     LEFT JOIN (SELECT first, CASE WHEN x.name IN (SELECT cluster FROM ${s}.clusters) THEN x.name || '~' || ${run} ELSE x.name END AS name
       FROM (SELECT f.first, min(f.name) AS name FROM (SELECT g.first, ${name} AS name FROM ${s}.groups AS g JOIN ${s}.rec AS f ON f.rid = g.rid) AS f GROUP BY f.first) AS x) AS n ON n.first = g.first`,
  );
  const joined = `${s}.clusters_now AS b LEFT JOIN ${s}.clusters AS a ON a.src = b.src AND a.uid = b.uid`;
  await p.run(
    'what happened to clusters',
    `INSERT INTO ${s}.history SELECT ${run} AS run, event, cluster, other, n FROM (
       SELECT CASE WHEN count(a.cluster) = 0 THEN 'new' ELSE 'grown' END AS event, b.cluster, CAST(NULL AS VARCHAR) AS other, CAST(sum(CASE WHEN a.cluster IS NULL THEN 1 ELSE 0 END) AS INTEGER) AS n FROM ${joined} GROUP BY b.cluster HAVING sum(CASE WHEN a.cluster IS NULL THEN 1 ELSE 0 END) > 0
       UNION ALL SELECT 'merged', b.cluster, a.cluster, CAST(count(*) AS INTEGER) FROM ${joined} WHERE a.cluster <> b.cluster AND a.cluster NOT IN (SELECT cluster FROM ${s}.clusters_now) GROUP BY b.cluster, a.cluster
       UNION ALL SELECT 'split', a.cluster, b.cluster, CAST(count(*) AS INTEGER) FROM ${joined} WHERE a.cluster <> b.cluster AND a.cluster IN (SELECT cluster FROM ${s}.clusters_now) GROUP BY a.cluster, b.cluster)`,
  );
  await p.run('clusters of before', `DROP TABLE ${s}.clusters`);
  await p.run('clusters of now', `ALTER TABLE ${s}.clusters_now RENAME TO clusters`);
}
