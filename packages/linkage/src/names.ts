/** Names of clusters that outlive runs, and the history of what happened to them. */
import { literal } from './dialect.ts';
import type { Engine, Pipeline } from './engine.ts';
import type { Grouping, Sizes } from './groups.ts';
import type { Model, RecordRef } from './model.ts';

/** What happened to a cluster in a run. */
export interface ClusterEvent {
  run: number;
  /** When: ISO 8601, UTC. */
  at: string;
  /** What the run was for: a first or full `run`, `records` that came, changed or vanished, `labels` of people. */
  cause: 'run' | 'records' | 'labels';
  /**
   * `new`: all its records are new; `grown`: records joined; `merged`: `other` went into it; `split`: some of its records left for `other`; `shrunk`: some of its
   * records vanished; `gone`: all of them did.
   */
  event: 'new' | 'grown' | 'merged' | 'split' | 'shrunk' | 'gone';
  cluster: string;
  other: string | null;
  /** Records concerned. */
  records: number;
  /**
   * Why: the pair of records, one from each side, that speaks most strongly for one entity, with its bits: what brought a cluster `grown` or `merged`
   * together, and what was not enough to hold one that `split`. Null where no pair was compared.
   */
  left: RecordRef | null;
  right: RecordRef | null;
  bits: number | null;
}

/** SQL of a table's name by its number. */
export function tableName(model: Model, src: string): string {
  return `CASE ${src} ${model.tables.map((t, i) => `WHEN ${i} THEN ${literal(t.name)}`).join(' ')} END`;
}

/** Makes the tables of clusters and their history where they are not there yet. */
export async function clusterTables(p: Pipeline, s: string): Promise<void> {
  await p.run(
    'history of clusters',
    `CREATE TABLE IF NOT EXISTS ${s}.history (run INTEGER, moment VARCHAR, cause VARCHAR, event VARCHAR, cluster VARCHAR, other VARCHAR, records INTEGER, l_src INTEGER, l_uid VARCHAR, r_src INTEGER, r_uid VARCHAR, bits DOUBLE)`,
  );
  await p.run(
    'clusters',
    `CREATE TABLE IF NOT EXISTS ${s}.clusters (rid INTEGER, src INTEGER, uid VARCHAR, cluster VARCHAR)`,
  );
}

/** What a run means for the history. */
export interface Occasion {
  at: Date;
  cause: ClusterEvent['cause'];
  /** A relation of the record numbers (rid) of before that are not there any more; only with part of the clusters. */
  gone?: string;
  /** A relation of the scored pairs among the records concerned, where it is smaller than all. */
  scored?: string;
}

/**
 * Brings `${s}.clusters(rid, src, uid, cluster)` up to date with a grouping of all records, or of the records of some components (`part`), and writes what
 * happened into `${s}.history`. A cluster that was there before keeps its name in the group that holds most of its records; a group with several such names
 * takes that of most records. A new cluster is named after its first record in the order of tables and ids, so that names do not depend on the order of rows.
 * Answers what the clusters of before were (of the part).
 */
export async function nameClusters(
  p: Pipeline,
  s: string,
  model: Model,
  g: Grouping,
  part: boolean,
  occasion: Occasion,
): Promise<Sizes> {
  await p.time('groups of records', '', () =>
    p.engine.create(`${s}.groups`, [
      { name: 'rid', type: 'INTEGER', values: g.rid },
      { name: 'first', type: 'INTEGER', values: g.first },
    ]),
  );
  await clusterTables(p, s);
  const { n: run } = await p.one<{ n: number }>(
    'number of this run',
    `SELECT coalesce(max(run), 0) + 1 AS n FROM ${s}.history`,
  );
  const stamp = `${run}, ${literal(occasion.at.toISOString())}, ${literal(occasion.cause)}`;
  const { n: before } = await p.one<{ n: number }>('clusters of before', `SELECT count(*) AS n FROM ${s}.clusters`);
  const several = model.tables.length > 1;
  const nameOf = (r: string) => (several ? `${tableName(model, `${r}.src`)} || ':' || ${r}.uid` : `${r}.uid`);
  if (before === 0) {
    // A first run: nothing to keep. Records of one table are numbered by their ids, so that the first record has the smallest.
    const first = several
      ? `(SELECT g.first AS rid, min(${nameOf('r')}) AS name FROM ${s}.groups AS g JOIN ${s}.rec AS r ON r.rid = g.rid GROUP BY g.first)`
      : `(SELECT rid, uid AS name FROM ${s}.rec)`;
    await p.run(
      'names of clusters',
      `CREATE OR REPLACE TABLE ${s}.clusters AS SELECT r.rid, r.src, r.uid, f.name AS cluster FROM ${s}.groups AS g JOIN ${s}.rec AS r ON r.rid = g.rid JOIN ${first} AS f ON f.rid = g.first`,
    );
    await p.run(
      'what happened to clusters',
      `INSERT INTO ${s}.history SELECT ${stamp}, 'new', cluster, NULL, CAST(count(*) AS INTEGER), NULL, NULL, NULL, NULL, NULL FROM ${s}.clusters GROUP BY cluster`,
    );
    return {};
  }
  const touched = `rid IN (SELECT rid FROM ${s}.groups)${occasion.gone ? ` OR rid IN (SELECT rid FROM ${occasion.gone})` : ''}`;
  const was = part ? `${s}.was` : `${s}.clusters`;
  if (part)
    await p.run('clusters of before', `CREATE OR REPLACE TABLE ${was} AS SELECT * FROM ${s}.clusters WHERE ${touched}`);
  const had = await p.rows<{ n: number; clusters: number }>(
    'sizes of clusters of before',
    `SELECT n, count(*) AS clusters FROM (SELECT count(*) AS n FROM ${was} GROUP BY cluster) GROUP BY n`,
  );
  const sizes: Sizes = Object.fromEntries(had.map((r) => [r.n, r.clusters]));
  await p.run(
    'clusters that stay',
    `CREATE OR REPLACE TABLE ${s}.kept AS WITH overlap AS (
       SELECT g.first, c.cluster, count(*) AS n FROM ${s}.groups AS g JOIN ${s}.rec AS r ON r.rid = g.rid JOIN ${was} AS c ON c.src = r.src AND c.uid = r.uid GROUP BY g.first, c.cluster
     ), home AS (SELECT first, cluster, n FROM (SELECT *, row_number() OVER (PARTITION BY cluster ORDER BY n DESC, first) AS k FROM overlap) WHERE k = 1)
     SELECT first, cluster FROM (SELECT *, row_number() OVER (PARTITION BY first ORDER BY n DESC, cluster) AS k FROM home) WHERE k = 1`,
  );
  const now = `${s}.clusters_now`;
  await p.run(
    'names for new clusters',
    `CREATE OR REPLACE TABLE ${s}.fresh_names AS SELECT g.first, min(${nameOf('f')}) AS name FROM ${s}.groups AS g JOIN ${s}.rec AS f ON f.rid = g.rid WHERE g.first NOT IN (SELECT first FROM ${s}.kept) GROUP BY g.first`,
  );
  // A name that was given once is not given to another cluster.
  await p.run(
    'names given already',
    `CREATE OR REPLACE TABLE ${s}.taken AS SELECT cluster FROM ${s}.history WHERE event = 'new' AND cluster IN (SELECT name FROM ${s}.fresh_names) UNION SELECT cluster FROM ${s}.clusters WHERE cluster IN (SELECT name FROM ${s}.fresh_names)`,
  );
  await p.run(
    'names of clusters',
    `CREATE OR REPLACE TABLE ${now} AS SELECT r.rid, r.src, r.uid, coalesce(k.cluster, CASE WHEN n.name IN (SELECT cluster FROM ${s}.taken) THEN n.name || '~' || ${run} ELSE n.name END) AS cluster FROM ${s}.groups AS g JOIN ${s}.rec AS r ON r.rid = g.rid LEFT JOIN ${s}.kept AS k ON k.first = g.first LEFT JOIN ${s}.fresh_names AS n ON n.first = g.first`,
  );
  // Records of before and now by what identifies them; one that changed has another number.
  const joined = `${now} AS b LEFT JOIN ${was} AS a ON a.src = b.src AND a.uid = b.uid`;
  const lost = `${was} AS a LEFT JOIN ${now} AS b ON a.src = b.src AND a.uid = b.uid WHERE b.uid IS NULL`;
  await p.run(
    'events',
    `CREATE OR REPLACE TABLE ${s}.events AS
       SELECT CASE WHEN count(a.cluster) = 0 THEN 'new' ELSE 'grown' END AS event, b.cluster, CAST(NULL AS VARCHAR) AS other, CAST(sum(CASE WHEN a.cluster IS NULL THEN 1 ELSE 0 END) AS INTEGER) AS n FROM ${joined} GROUP BY b.cluster HAVING sum(CASE WHEN a.cluster IS NULL THEN 1 ELSE 0 END) > 0
       UNION ALL SELECT 'merged', b.cluster, a.cluster, CAST(count(*) AS INTEGER) FROM ${joined} WHERE a.cluster <> b.cluster AND a.cluster NOT IN (SELECT cluster FROM ${now}) GROUP BY b.cluster, a.cluster
       UNION ALL SELECT 'split', a.cluster, b.cluster, CAST(count(*) AS INTEGER) FROM ${joined} WHERE a.cluster <> b.cluster AND a.cluster IN (SELECT cluster FROM ${now}) GROUP BY a.cluster, b.cluster
       UNION ALL SELECT CASE WHEN a.cluster IN (SELECT cluster FROM ${now}) OR a.cluster IN (SELECT a.cluster FROM ${joined} WHERE a.cluster IS NOT NULL) THEN 'shrunk' ELSE 'gone' END, a.cluster, NULL, CAST(count(*) AS INTEGER) FROM ${lost} GROUP BY 1, a.cluster`,
  );
  await p.run(
    'pairs across clusters',
    `CREATE OR REPLACE TABLE ${s}.crossed AS SELECT x.w, l.cluster AS cl, r.cluster AS cr, wl.cluster AS al, wr.cluster AS ar, l.src AS l_src, l.uid AS l_uid, r.src AS r_src, r.uid AS r_uid
     FROM ${occasion.scored ?? `${s}.scored`} AS x JOIN ${now} AS l ON l.rid = x.l JOIN ${now} AS r ON r.rid = x.r LEFT JOIN ${was} AS wl ON wl.src = l.src AND wl.uid = l.uid LEFT JOIN ${was} AS wr ON wr.src = r.src AND wr.uid = r.uid
     WHERE (l.cluster = r.cluster AND coalesce(wl.cluster, '') <> coalesce(wr.cluster, '')) OR (l.cluster <> r.cluster AND wl.cluster = wr.cluster)`,
  );
  await p.run(
    'history',
    `INSERT INTO ${s}.history SELECT ${stamp}, e.event, e.cluster, e.other, e.n, w.l_src, w.l_uid, w.r_src, w.r_uid, w.w FROM ${s}.events AS e LEFT JOIN (${reasons(`${s}.crossed`)}) AS w ON w.event = e.event AND w.cluster = e.cluster AND coalesce(w.other, '') = coalesce(e.other, '')`,
  );
  if (part) {
    await p.run('clusters of before', `DELETE FROM ${s}.clusters WHERE ${touched}`);
    await p.run('clusters of now', `INSERT INTO ${s}.clusters SELECT * FROM ${now}`);
    await p.run('drop clusters of before', `DROP TABLE ${was}`);
    await p.run('drop clusters of now', `DROP TABLE ${now}`);
  } else {
    await p.run('clusters of before', `DROP TABLE ${s}.clusters`);
    await p.run('clusters of now', `ALTER TABLE ${now} RENAME TO clusters`);
  }
  for (const t of ['kept', 'events', 'crossed', 'taken', 'fresh_names'])
    await p.run(`drop ${t}`, `DROP TABLE ${s}.${t}`);
  return sizes;
}

/**
 * SQL of the strongest pair across the two sides of each event that has two: inside one cluster of now whose sides were elsewhere before, or inside one
 * cluster of before whose sides parted.
 */
function reasons(crossed: string): string {
  const out = 'w, l_src, l_uid, r_src, r_uid';
  return `SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY event, cluster, other ORDER BY w DESC, l_uid, r_uid) AS k FROM (
      SELECT 'grown' AS event, cl AS cluster, CAST(NULL AS VARCHAR) AS other, ${out} FROM ${crossed} WHERE cl = cr AND (al IS NULL) <> (ar IS NULL)
      UNION ALL SELECT 'merged', cl, CASE WHEN al = cl THEN ar ELSE al END, ${out} FROM ${crossed} WHERE cl = cr AND al <> ar
      UNION ALL SELECT 'split', al, CASE WHEN cl = al THEN cr ELSE cl END, ${out} FROM ${crossed} WHERE al = ar AND cl <> cr
    )) WHERE k = 1`;
}

/** Events of the history, ordered by run; of one `cluster` those of all that it came out of or went into, too. */
export async function historyOf(
  engine: Engine,
  s: string,
  model: Model,
  where: string,
  cluster?: string,
): Promise<ClusterEvent[]> {
  if (cluster !== undefined) {
    const name = literal(cluster);
    // Names that hang together by merges and splits.
    const kin = `WITH RECURSIVE kin(name) AS (SELECT ${name} UNION SELECT CASE WHEN h.cluster = k.name THEN h.other ELSE h.cluster END FROM ${s}.history AS h JOIN kin AS k ON (h.cluster = k.name OR h.other = k.name) WHERE h.other IS NOT NULL) SELECT name FROM kin`;
    const names = (await engine.rows<{ name: string }>(kin)).map((r) => literal(r.name)).join(', ');
    where = `${where} AND (cluster IN (${names}) OR other IN (${names}))`;
  }
  const rows = await engine.rows<Record<string, string | number | null>>(
    `SELECT run, moment, cause, event, cluster, other, records, l_src, l_uid, r_src, r_uid, bits FROM ${s}.history WHERE ${where} ORDER BY run, event, cluster, other`,
  );
  const several = model.tables.length > 1;
  const ref = (src: unknown, uid: unknown): RecordRef | null =>
    uid === null ? null : { id: String(uid), ...(several ? { table: model.tables[Number(src)]!.name } : {}) };
  return rows.map((r) => ({
    run: r.run as number,
    at: r.moment as string,
    cause: r.cause as ClusterEvent['cause'],
    event: r.event as ClusterEvent['event'],
    cluster: r.cluster as string,
    other: r.other as string | null,
    records: r.records as number,
    left: ref(r.l_src, r.l_uid),
    right: ref(r.r_src, r.r_uid),
    bits: r.bits as number | null,
  }));
}
