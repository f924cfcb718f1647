/**
 * Lets go of received rows: a row about the person alone leaves its table whole, of any other the person's fields are emptied. The leaf
 * stays in either case, so that the tree of the run still has its root. What a law makes the city keep is locked in `ex.erased.held`.
 */
import type { SourceDeclaration } from '../../catalogue/index.ts';
import { ident, type Lake, type LakeSession, literal } from '../../platform/lake/index.ts';
import { lane, rawTable } from '../names.ts';
import { groupsOf } from './locate.ts';

/** What is done with a source's rows. */
export type RowAction = 'delete' | 'keep';

/** What a row becomes in quarantine. */
const GONE_REASON = 'personal-data-erased';

/**
 * Lets go of the rows that the temporary table `going (run, row, place, whole, fields, erasure, action)` names, of one source, in the
 * session's transaction. Rows that went before are passed over.
 */
export async function releaseRows(
  s: LakeSession,
  d: SourceDeclaration,
  at: Date,
): Promise<{ accepted: number; quarantined: number }> {
  const table = rawTable(d.id);
  const source = literal(d.id);
  const personal = d.fields.filter((f) => f.protection === 'personal' || f.protection === 'sensitive');
  const all = d.fields.map((f) => `${literal(f.name)}, r.${ident(f.name)}`).join(', ');
  const some = personal.length
    ? `json_merge_patch(${personal.map((f) => `CASE WHEN list_contains(g.fields, ${literal(f.name)}) THEN json_object(${literal(f.name)}, r.${ident(f.name)}) ELSE '{}'::JSON END`).join(', ')}, '{}'::JSON)`
    : "'{}'::JSON";
  await s.run(
    `DELETE FROM going WHERE EXISTS (SELECT 1 FROM ex.erased x WHERE x.run = going.run AND x.row = going.row AND x.erasure = going.erasure)`,
  );
  const kept = await s.run(
    `INSERT INTO ex.erased SELECT g.run, g.row, ${source}, 'accepted', r._leaf, g.erasure, g.whole, g.fields,
       CASE WHEN g.action = 'keep' THEN CASE WHEN g.whole THEN json_object('_op', r._op, '_ts', r._ts::VARCHAR, ${all}) ELSE ${some} END END, $at::TIMESTAMP
     FROM going g JOIN ${table} r ON r._run = g.run AND r._row = g.row WHERE g.place = 'accepted' ORDER BY g.run, g.row`,
    { at },
  );
  if (kept > 0) {
    await s.run(
      `DELETE FROM ex.extra WHERE EXISTS (SELECT 1 FROM going g WHERE g.place = 'accepted' AND g.run = ex.extra.run AND g.row = ex.extra.row)`,
    );
    await s.run(
      `DELETE FROM ${table} WHERE EXISTS (SELECT 1 FROM going g WHERE g.place = 'accepted' AND g.whole AND g.run = ${table}._run AND g.row = ${table}._row)`,
    );
    if (personal.length > 0)
      await s.run(
        `UPDATE ${table} SET ${personal.map((f) => `${ident(f.name)} = CASE WHEN list_contains(g.fields, ${literal(f.name)}) THEN '' ELSE ${table}.${ident(f.name)} END`).join(', ')}
         FROM going g WHERE g.place = 'accepted' AND NOT g.whole AND g.run = ${table}._run AND g.row = ${table}._row`,
      );
  }
  const quarantined = await s.run(
    `INSERT INTO ex.erased SELECT g.run, g.row, ${source}, 'quarantined', q.leaf, g.erasure, g.whole, g.fields,
       CASE WHEN g.action = 'keep' THEN json_object('cells', q.cells, 'mended', q.mended) END, $at::TIMESTAMP
     FROM going g JOIN ex.quarantine q ON q.run = g.run AND q.row = g.row WHERE g.place = 'quarantined' ORDER BY g.run, g.row`,
    { at },
  );
  if (quarantined > 0) {
    const empty = personal
      .map(
        (f) =>
          `CASE WHEN list_contains(g.fields, ${literal(f.name)}) THEN json_object(${literal(f.name)}, '') ELSE '{}'::JSON END`,
      )
      .join(', ');
    const patched = (column: string) =>
      personal.length > 0
        ? `CASE WHEN g.whole OR ex.quarantine.${column} IS NULL THEN NULL ELSE json_merge_patch(ex.quarantine.${column}, ${empty}, '{}'::JSON) END`
        : 'NULL';
    await s.run(
      `UPDATE ex.quarantine SET cells = ${patched('cells')}, mended = ${patched('mended')}, raw = NULL, params = '{}',
         status = CASE WHEN g.whole AND status = 'open' THEN 'dropped' ELSE status END,
         decided_at = CASE WHEN g.whole AND status = 'open' THEN $at::TIMESTAMP ELSE decided_at END,
         reason = CASE WHEN g.whole AND status = 'open' THEN ${literal(GONE_REASON)} ELSE reason END
       FROM going g WHERE g.place = 'quarantined' AND g.run = ex.quarantine.run AND g.row = ex.quarantine.row`,
      { at },
    );
  }
  return { accepted: kept, quarantined };
}

/** Lets go of the rows of one source that an order found; one transaction. */
export function eraseSource(
  lake: Lake,
  d: SourceDeclaration,
  order: { erasure: number; action: RowAction; at: Date },
): Promise<{ accepted: number; quarantined: number }> {
  return lake.write(lane(d.id), async (s) => {
    await s.run(
      `CREATE OR REPLACE TEMP TABLE going AS SELECT run, row, place, whole, fields, erasure, ${literal(order.action)} AS action FROM ex.subject_row
       WHERE erasure = $e AND source = $source`,
      { e: order.erasure, source: d.id },
    );
    const done = await releaseRows(s, d, order.at);
    await s.run('DROP TABLE going');
    return done;
  });
}

/**
 * Applies the standing orders to a run that is being committed, in its transaction: rows of a person who was erased, known by the number or by
 * being the same row, go before anything is derived from them. Answers how many went.
 */
export async function forgetInRun(
  lake: Lake,
  s: LakeSession,
  d: SourceDeclaration,
  run: number,
  at: Date,
): Promise<number> {
  const standing = await s.first('SELECT 1 AS one FROM ex.forgotten LIMIT 1');
  if (!standing || !d.fields.some((f) => f.protection === 'personal' || f.protection === 'sensitive')) return 0;
  const table = rawTable(d.id);
  await s.run(
    'CREATE OR REPLACE TEMP TABLE came (run INTEGER, row INTEGER, place VARCHAR, whole BOOLEAN, fields VARCHAR[], erasure INTEGER)',
  );
  const groups = groupsOf(lake, d);
  for (const g of groups) {
    if (g.id === null) continue;
    const fields = `[${g.fields.map(literal).join(', ')}]::VARCHAR[]`;
    await s.run(
      `INSERT INTO came SELECT r._run, r._row, 'accepted', ${g.whole}, ${fields}, f.erasure FROM ${table} r
       JOIN v.identity_v1 i ON i.token = r.${ident(g.id)} JOIN ex.forgotten f ON f.norm = i.norm WHERE r._run = $run`,
      { run },
    );
    await s.run(
      `INSERT INTO came SELECT q.run, q.row, 'quarantined', ${g.whole}, ${fields}, f.erasure FROM ex.quarantine q
       JOIN v.identity_v1 i ON i.token = json_extract_string(q.cells, ${literal(`$.${g.id}`)}) JOIN ex.forgotten f ON f.norm = i.norm WHERE q.run = $run`,
      { run },
    );
  }
  // The same row as one that went: also where it names nobody by number.
  await s.run(
    `INSERT INTO came SELECT r._run, r._row, 'accepted', true, [], e.erasure FROM ${table} r
     JOIN ex.erased e ON e.leaf = r._leaf AND e.source = $source AND e.whole AND e.place = 'accepted' WHERE r._run = $run`,
    { run, source: d.id },
  );
  await s.run(
    `CREATE OR REPLACE TEMP TABLE going AS SELECT c.run, c.row, c.place, c.whole, c.fields, c.erasure,
       coalesce((SELECT any_value(k.action) FROM ex.forgotten_class k WHERE k.erasure = c.erasure AND k.source = $source), 'delete') AS action
     FROM (SELECT run, row, place, bool_or(whole) AS whole, list_sort(list_distinct(flatten(list(fields)))) AS fields, max(erasure) AS erasure
       FROM came GROUP BY run, row, place) c`,
    { source: d.id },
  );
  const { accepted, quarantined } = await releaseRows(s, d, at);
  await s.run('DROP TABLE going; DROP TABLE came');
  return accepted + quarantined;
}
